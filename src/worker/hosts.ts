// Which host answers for what.

import { EstimatorHost } from './estimatorHost.js';
import { ModelHost } from './modelHost.js';
import type { HostApi, Kind, Listener } from './protocol.js';

/** What answers for a model, or an estimator. */
export function hostOf(kind: Kind, listener: Listener): HostApi {
  return kind === 'MLP' ? new ModelHost(listener) : new EstimatorHost(kind, listener);
}

// What runs in the worker: the host of a model or an estimator, asked over the worker's own channel.

import type { Endpoint, Remote } from 'comlink';
import { expose, wrap } from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { isNode, nodeModule } from '../platform.js';
import { hostOf } from './hosts.js';
import type { AnyFitRequest, CallRequest, HostApi, Listener, Opening } from './protocol.js';

/** All that the worker can be asked. */
export interface WorkerApi extends HostApi {
  holdLock(name: string): Promise<void>;
}

/** Asks the host that the opening names. */
class WorkerHost implements WorkerApi {
  private host: HostApi | undefined;

  constructor(private readonly listener: Listener) {}

  open(opening: Opening) {
    this.host = hostOf(opening.kind, this.listener);
    return this.host.open(opening);
  }
  call(request: CallRequest) {
    return this.host!.call(request);
  }
  fit(request: AnyFitRequest) {
    return this.host!.fit(request);
  }
  abort(id: number) {
    this.host?.abort(id);
  }

  /** Resolves when the lock is held; it stays so until the worker ends. */
  holdLock(name: string): Promise<void> {
    return new Promise((resolve) => {
      void navigator.locks.request(name, () => {
        resolve();
        return new Promise(() => {});
      });
    });
  }
}

function serve(endpoint: Endpoint): void {
  const listener: Remote<Listener> = wrap<Listener>(endpoint);
  expose(new WorkerHost(listener as unknown as Listener), endpoint);
}

/** Answers what is asked over this worker's own channel, in Node or on the web. */
export function serveWorker(): void {
  if (isNode()) void nodeModule('node:worker_threads').then(({ parentPort }) => serve(nodeEndpoint(parentPort!)));
  else serve(globalThis as unknown as Endpoint);
}

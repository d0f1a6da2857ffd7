// The network before its last activation, as a model of its own.

import type { ActivationName } from '../plan/activations.js';
import type { LayerSpec } from '../plan/layers.js';
import { copyTensors } from '../training/state.js';
import type { Model } from './model.js';
import { trainerOf } from './stepLoop.js';

/** A network with the weights that `model` has now, which ends before the last activation. */
export function beforeActivation(model: Model): Model {
  const { layers } = model.plan.options;
  const activation: ActivationName = 'identity';
  const last = { ...layers[layers.length - 1]!, activation } as LayerSpec;
  const { loss: _, metrics: __, ...options } = model.plan.options;
  const bare = model.sibling({ ...options, layers: [...layers.slice(0, -1), last] });
  copyTensors(trainerOf(bare).backend, trainerOf(model).backend);
  return bare;
}

// A preset's nets, and the share of a linear model, as one plain model.

import type { Model } from '../model/model.js';
import type { Judge } from './judge.js';
import { merge, type Member, type Straight } from './members.js';
import { networkOptions, type EstimatorOptions } from './options.js';

/** One network that is the mean of nets shaped `like` one of them. It learns on, where it is asked to, as a plain one. */
export function mergedModel<Head>(
  like: Model,
  members: readonly Pick<Member, 'tensors'>[],
  options: EstimatorOptions & { readonly labelSmoothing?: number },
  judge: Pick<Judge<Head>, 'createModel' | 'network'>,
  head: Head,
  {
    temperature = 1,
    oneHot = 0,
    straight,
  }: { readonly temperature?: number; readonly oneHot?: number; readonly straight?: Straight } = {},
): Model {
  const { layers, tensors, inputs } = merge(like.plan, members, temperature, oneHot, straight);
  const { output, loss } = judge.network(head, options.labelSmoothing ?? 0);
  const { seed, deterministic } = options;
  const plain = {
    hiddenLayers: layers.slice(0, -1),
    ...(seed === undefined ? {} : { seed }),
    ...(deterministic === undefined ? {} : { deterministic }),
  };
  const model = judge.createModel(networkOptions(plain, inputs, output, loss), true);
  for (const parameter of model.parameters()) parameter.set(tensors.get(parameter.name)!);
  return model;
}

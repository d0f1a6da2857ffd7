// The probability of the first of two classes. The network's one output is sigmoid(z), that of the second; 1 - sigmoid(z) is 0 as soon as
// float32 rounds sigmoid(z) to 1, from z = 17 on, where sigmoid(-z) still tells 4e-8 from 1e-30. So the first class is read from a copy
// of the network whose output layer is negated.

import type { Matrix, MatrixLike } from '../data/matrix.js';
import type { Model } from '../model/model.js';
import type { LayerSpec } from '../plan/layers.js';
import type { MLPOptions } from '../plan/network.js';

/** Reads sigmoid(-z) from a model whose output is sigmoid(z). */
export class OppositeClass {
  private source: Model | undefined;
  private copy: Model | undefined;

  constructor(private readonly createModel: (options: MLPOptions) => Model) {}

  /** sigmoid(-z) of each row, with the weights that `model` predicts with now. */
  predict(model: Model, rows: MatrixLike): Matrix {
    const { options, tensors, averages } = model.state();
    if (this.source !== model) this.copy = undefined;
    this.source = model;
    this.copy ??= this.createModel({
      ...options,
      layers: options.layers.map(ofAnySign),
      optimizer: 'gd',
      weightAveraging: undefined,
      metrics: [],
    });
    const output = model.plan.layers[model.plan.layers.length - 1]!.tensors;
    for (const [i, parameter] of this.copy.parameters().entries()) {
      const values = averages[i]?.length ? averages[i]! : tensors[i]!;
      parameter.set(i === output.weight || i === output.bias ? values.map((w) => -w) : values);
    }
    return this.copy.predict(rows);
  }
}

/** A layer whose weights may be negated. */
function ofAnySign(layer: LayerSpec): LayerSpec {
  if (layer.type !== 'dense') return layer;
  const { signs: _, ...rest } = layer;
  return rest;
}

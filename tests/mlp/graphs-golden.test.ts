// Graphs of layers and masks against PyTorch, which puts sources side by side with torch.cat and multiplies weights by masks.

import { describe, expect, test } from 'vitest';
import { MLP as Plain } from '../../src/baseline/mlp.js';
import { hessianVectorProduct } from '../../src/entries/index.js';
import { MLP } from '../../src/mlp/mlp.js';
import type { ActivationName } from '../../src/plan/activations.js';
import { dense } from '../../src/plan/layers.js';
import { fixture } from '../support/fixtures.js';

type Call = [name: string, units: number, activation: ActivationName, from: string[], mask: number[][] | null];

type Rows = number[][];
const golden = fixture<{
  x: Rows;
  cases: {
    title: string;
    layers: Call[];
    initial: Record<string, number[] | Rows>;
    y: Rows;
    outputs: Rows;
    gradients: Record<string, number[] | Rows>;
    inputGradient: Rows;
    vectors: Rows;
    products: Rows;
    losses: number[];
    trained: Record<string, number[] | Rows>;
  }[];
}>('graphs.json');

describe('graphs of layers in PyTorch', () => {
  test.each(golden.cases)('$title', (wanted) => {
    const layers = wanted.layers.map(([name, units, activation, from, mask]) =>
      dense(units, { name, activation, from, ...(mask === null ? {} : { mask }) }),
    );
    const options = { inputs: 3, layers, optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0.9 } } as const;
    // answers of the float64 network are given in float32
    for (const [model, digits] of [
      [new Plain(options, { precision: 'float64' }), 6],
      [new MLP(options), 4],
    ] as const) {
      const close = (got: ArrayLike<number>, want: readonly (number | readonly number[])[]) => {
        const flat = want.flat();
        expect(got.length).toBe(flat.length);
        flat.forEach((value, k) => expect(got[k]).toBeCloseTo(value, digits));
      };
      for (const parameter of model.parameters()) parameter.set(wanted.initial[parameter.name]!.flat());
      close(model.predict(golden.x).data, wanted.outputs);
      close(model.inputGradient(golden.x).data, wanted.inputGradient);
      close(hessianVectorProduct(model, golden.x, wanted.vectors).data, wanted.products);
      model.zeroGrad();
      model.forward(golden.x, { training: true });
      model.loss(wanted.y);
      model.backward();
      for (const { name, values } of model.gradients()) close(values, wanted.gradients[name]!);
      for (const loss of wanted.losses) expect(model.trainStep(golden.x, wanted.y)).toBeCloseTo(loss, digits);
      for (const { name, values } of model.parameters()) close(values, wanted.trained[name]!);
    }
  });
});

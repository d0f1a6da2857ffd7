// Nets that become one network, with a share of a linear model: what its answers must be.

import { expect } from 'vitest';
import type { Random } from '../../src/data/random.js';
import { merge } from '../../src/estimators/members.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activation, dense, embedding, type LayerSpec } from '../../src/plan/layers.js';

/** A net of 4 inputs whose every parameter is drawn. */
export function drawnNet(layers: readonly LayerSpec[], random: Random, seed?: number): MLP {
  const net = new MLP({ inputs: 4, layers: [...layers], ...(seed !== undefined && { seed }) });
  for (const parameter of net.parameters()) parameter.set(Array.from(parameter.values, () => random.normal()));
  return net;
}

/** Rows of a number, a category of 3, a number and a category of 4; -1 where a category is missing. */
export const rowsWithCategories = (rows: number, random: Random): number[][] =>
  Array.from({ length: rows }, () => [random.normal(), random.below(4) - 1, random.normal(), random.below(5) - 1]);

/** Expects the nets merged with 0.4 of a drawn linear model to answer as their mean and that model do, with indicators for columns of at most `oneHot` categories. */
export function expectMergedMean(nets: readonly MLP[], X: number[][], oneHot: number, random: Random, tolerance: number): void {
  const indicators = (value: number, categories: number) =>
    categories <= oneHot ? Array.from({ length: categories }, (_, c) => (c === value ? 1 : 0)) : [value];
  const spread = X.map(([a, b, c, d]) => [a!, ...indicators(b!, 3), c!, ...indicators(d!, 4)]);
  const parts = nets.map((net) => ({ tensors: net.parameters().map(({ values }) => values) }));
  const columns = [embedding({ column: 3, categories: 4, size: 1 }), embedding({ column: 1, categories: 3, size: 1 })];
  const linear = drawnNet([...columns, activation('tanh'), dense(2)], random);
  const straight = { plan: linear.plan, tensors: linear.parameters().map(({ values }) => values), share: 0.4 };
  const { layers, tensors, inputs } = merge(nets[0]!.plan, parts, 1, oneHot, straight);
  const model = new MLP({ inputs, layers });
  for (const parameter of model.parameters()) parameter.set(tensors.get(parameter.name)!);
  const [each, own] = [nets.map((net) => net.predict(X).data), linear.predict(X).data];
  model.predict(spread).data.forEach((value, k) => {
    const mean = 0.6 * (each.reduce((sum, data) => sum + data[k]!, 0) / nets.length) + 0.4 * own[k]!;
    expect(Math.abs(value - mean)).toBeLessThan(tolerance * (1 + Math.abs(mean)));
  });
}

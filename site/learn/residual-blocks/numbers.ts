// Blocks x + F(x) beside blocks F(x): what reaches the first layer, and what stands where widths differ.

import { dense, MLP, residual, Random, type LayerSpec } from 'feedforward/baseline';

const width = 8;
const random = new Random(2, 'data');
const X = Array.from({ length: 16 }, () => Array.from({ length: width }, () => random.normal()));
const y = X.map((row) => [Math.sin(row[0]!)]);

/** F: two layers with tanh between, weights of that size. */
function inner(scale: number): LayerSpec[] {
  const weightInit = { name: 'normal', deviation: scale / Math.sqrt(width) } as const;
  return [dense(width, { activation: 'tanh', weightInit }), dense(width, { weightInit })];
}

function modelOf(blocks: number, scale: number, skip: boolean): MLP {
  const layers = Array.from({ length: blocks }, () => (skip ? [residual(inner(scale))] : inner(scale))).flat();
  return new MLP({ inputs: width, layers: [...layers, dense(1)], seed: 5 }, { precision: 'float64' });
}

/** Root mean square of d loss / d weight in the first layer of each block. */
export function gradientsOf(blocks: number, scale: number, skip: boolean): number[] {
  const model = modelOf(blocks, scale, skip);
  model.zeroGrad();
  model.forward(X, { training: true });
  model.loss(y);
  model.backward();
  return model
    .gradients()
    .filter(({ name }) => name.endsWith('weight'))
    .map(({ values }) => Math.sqrt(values.reduce((sum, g) => sum + g * g, 0) / values.length))
    .slice(0, -1)
    .filter((_, i) => i % 2 === 1);
}

/** The Jacobian of one block with weights of that size, at a row: its diagonal. */
export function diagonalOf(scale: number, skip: boolean): number[] {
  const model = new MLP(
    { inputs: width, layers: skip ? [residual(inner(scale))] : inner(scale), seed: 5 },
    { precision: 'float64' },
  );
  return Array.from({ length: width }, (_, i) => model.inputGradient([X[0]!], i).data[i]!);
}

/** Names and shapes of the weights of a block from `inputs` to `outputs`. */
export function tensorsOf(inputs: number, outputs: number): { name: string; shape: readonly number[] }[] {
  const model = new MLP({ inputs, layers: [residual([dense(5, { activation: 'relu' }), dense(outputs)])], seed: 1 });
  return model.parameters().map(({ name, shape }) => ({ name, shape }));
}

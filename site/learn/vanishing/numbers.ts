// How large a gradient is in each layer of a deep network, at the start of training.

import { activation, batchNorm, datasets, dense, MLP, residual, type LayerSpec } from 'feedforward';

export const kinds = ['sigmoid', 'tanh', 'relu', 'sigmoid, batch norm', 'sigmoid, residual'] as const;
export type Kind = (typeof kinds)[number];

const width = 16;
const { X, y } = datasets.moons({ samples: 64, noise: 0.15, seed: 1 });

function layersOf(kind: Kind, depth: number, scale: number): LayerSpec[] {
  const weightInit = scale === 1 ? undefined : ({ name: 'normal', deviation: scale * Math.sqrt(2 / width) } as const);
  const layer = (name: 'identity' | 'sigmoid' | 'tanh' | 'relu') =>
    dense(width, { activation: name, ...(weightInit === undefined ? {} : { weightInit }) });
  if (kind === 'sigmoid, batch norm')
    return Array.from({ length: depth }, () => [layer('identity'), batchNorm(), activation('sigmoid')]).flat();
  if (kind === 'sigmoid, residual')
    return Array.from({ length: depth }, (_, i) => (i === 0 ? layer('sigmoid') : residual([layer('sigmoid')])));
  return Array.from({ length: depth }, () => layer(kind));
}

export function modelOf(kind: Kind, depth: number, scale = 1): MLP {
  return new MLP({
    inputs: 2,
    layers: [...layersOf(kind, depth, scale), dense(1, { activation: 'sigmoid' })],
    loss: 'binaryCrossEntropy',
    seed: 1,
  });
}

/** Root mean square of the gradient of a weight, by layer with weights, the first layer first. */
export function gradientsOf(model: MLP): number[] {
  model.zeroGrad();
  model.forward(X, { training: true });
  model.loss(y);
  model.backward();
  return model
    .gradients()
    .filter(({ name }) => name.endsWith('weight'))
    .map(({ values }) => Math.sqrt(values.reduce((sum, g) => sum + g * g, 0) / values.length));
}

export const diagnosisOf = (model: MLP): string => model.diagnose(X, y).verdict;

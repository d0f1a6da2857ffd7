// Ten ReLU layers whose first weights are too large: the loss of gradient descent, bare, with a penalty, and with the gradient's norm clipped.

import { datasets, dense, FeedforwardError, MLP, sgd } from 'feedforward';

export const cures = ['nothing', 'L2', 'clipping'] as const;
export type Cure = (typeof cures)[number];

const { X, y } = datasets.moons({ samples: 100, noise: 0.15, seed: 1 });
export const epochs = 60;

export interface Run {
  /** Before each step. */
  readonly losses: readonly number[];
  /** The norm of the first gradient. */
  readonly norm: number;
  /** The error's code where training diverged. */
  readonly code: string | undefined;
}

/** Trains 2-16-…-16-1 from normal weights of that deviation. */
export function run(cure: Cure, deviation: number, rate: number): Run {
  const weightInit = { name: 'normal', deviation } as const;
  const model = new MLP({
    inputs: 2,
    layers: [...Array.from({ length: 10 }, () => dense(16, { activation: 'relu', weightInit })), dense(1)],
    optimizer: sgd({ learningRate: rate }),
    seed: 1,
    ...(cure === 'L2' ? { l2: 0.1 } : cure === 'clipping' ? { clip: { globalNorm: 1 } } : {}),
  });
  model.zeroGrad();
  model.forward(X, { training: true });
  model.loss(y);
  model.backward();
  const norm = Math.hypot(...model.gradients().map(({ values }) => Math.sqrt(values.reduce((sum, g) => sum + g * g, 0))));
  const losses: number[] = [];
  try {
    model.fitSync(X, y, {
      ...{ epochs, batchSize: 100, reportMetrics: false },
      onEpochEnd: ({ loss }) => {
        losses.push(loss);
      },
    });
  } catch (error) {
    if (!(error instanceof FeedforwardError) || error.code !== 'ERR_DIVERGED') throw error;
    return { losses, norm, code: error.code };
  }
  return { losses, norm, code: undefined };
}

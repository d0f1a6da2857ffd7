// Every derivative of the baseline against central differences in float64, by enumeration of the tables: a new activation,
// loss or layer is covered as soon as it is in its table.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import { Random } from '../../src/data/random.js';
import { FeedforwardError } from '../../src/errors.js';
import { activationNames, activations, type ActivationLike } from '../../src/plan/activations.js';
import {
  activation,
  batchNorm,
  dense,
  dropout,
  embedding,
  layerNorm,
  noise,
  rescale,
  residual,
  type LayerSpec,
} from '../../src/plan/layers.js';
import { lossNames, losses, type LossLike, type LossSpec } from '../../src/plan/losses.js';
import { resolveNetwork, type MLPOptions, type NetworkPlan } from '../../src/plan/network.js';
import { randomState, worstDisagreement } from '../support/differences.js';

const trainable = activationNames.filter((name) => !('flat' in activations[name]));
const smooth = trainable.filter((name) => !/relu|hardSigmoid|selu/i.test(name));

/** Parameters off their defaults, so that they matter. */
const withParameters: Partial<Record<string, ActivationLike>> = {
  linear: { name: 'linear', scale: -1.5, shift: 0.25 },
  leakyRelu: { name: 'leakyRelu', slope: 0.2 },
  prelu: { name: 'prelu', shared: false },
  elu: { name: 'elu', alpha: 0.7 },
  celu: { name: 'celu', alpha: 1.3 },
};

/** Every way to write a loss: by name, from logits, with label smoothing, with another delta. */
const lossSpecs: LossLike[] = lossNames.flatMap((name) => {
  const { options = {} } = losses[name] as { options?: object };
  const logits = 'fromLogits' in options;
  const specs: Record<string, unknown>[] = [{ name }];
  if (logits) specs.push({ name, fromLogits: true });
  for (const parameter of Object.keys(options).filter((option) => option !== 'fromLogits'))
    specs.push({ name, [parameter]: 0.3 }, ...(logits ? [{ name, fromLogits: true, [parameter]: 0.3 }] : []));
  return specs as unknown as LossSpec[];
});

/** The plan, or undefined for a combination the library refuses. */
function planOf(options: MLPOptions): NetworkPlan | undefined {
  try {
    return resolveNetwork(options);
  } catch (error) {
    if (error instanceof FeedforwardError && error.code === 'ERR_OPTION') return undefined;
    throw error;
  }
}

function check(plan: NetworkPlan, rows: number, seed: number, training: boolean, weighted: boolean, what: string): void {
  const backend = new PlainBackend(plan, { precision: 'float64' });
  randomState(backend, rows, seed);
  const { ratio, where } = worstDisagreement(backend, rows, training, weighted);
  expect(ratio, `${what}: ${where} is off by ${ratio} times the tolerance`).toBeLessThanOrEqual(1);
}

describe.each(lossSpecs.map((loss) => [JSON.stringify(loss), loss] as const))('%s', (_, loss) => {
  test('has the gradient of its value behind every activation that may stand before it', () => {
    let checked = 0;
    for (const name of trainable) {
      const output = withParameters[name] ?? name;
      const outputs = (loss as LossSpec).name === 'gaussianNll' ? 4 : 3; // two for each target
      const plan = planOf({
        inputs: 2,
        layers: [dense(3, { activation: 'tanh' }), dense(outputs, { activation: output })],
        loss,
      });
      if (plan === undefined) continue;
      // The logarithm of a negative rate is NaN: Poisson is for positive outputs.
      if (plan.loss.targets === 'count' && !['sigmoid', 'hardSigmoid', 'softplus', 'softmax'].includes(name)) continue;
      checked++;
      check(plan, 3, 11, true, true, name);
      // As a layer of its own, fused or not, on a single row.
      const apart = planOf({ inputs: 2, layers: [dense(outputs, { bias: false }), activation(output)], loss })!;
      check(apart, 1, 12, true, false, `activation(${name}), one row`);
    }
    expect(checked).toBeGreaterThan(0);
  });

  test('reaches every activation further down', () => {
    const rows: Record<string, string> = {
      unit: 'sigmoid',
      simplex: 'softmax',
      class: 'softmax',
      count: 'softplus',
      real: 'identity',
      sign: 'tanh',
    };
    const { name, fromLogits } = loss as { name: keyof typeof losses; fromLogits?: boolean };
    const output = fromLogits ? 'identity' : rows[losses[name].targets]!;
    for (const hidden of trainable) {
      const layers = [dense(4, { activation: withParameters[hidden] ?? hidden }), dense(2, { activation: output as 'tanh' })];
      check(resolveNetwork({ inputs: 3, layers, loss }), 3, 13, true, false, hidden);
    }
  });
});

describe('layers', () => {
  const kinds: Record<string, LayerSpec[]> = {
    'dense without bias': [dense(3, { bias: false }), dense(2)],
    'a shared PReLU slope': [dense(4, { activation: { name: 'prelu', shared: true } }), dense(2)],
    'activations as layers': [
      dense(4),
      activation('silu'),
      activation({ name: 'prelu', shared: false }),
      dense(2),
      activation('tanh'),
    ],
    'batch norm': [dense(4), batchNorm(), activation('tanh'), dense(2), batchNorm({ momentum: 0.3, epsilon: 1e-2 })],
    'batch norm first': [batchNorm(), dense(2)],
    'layer norm': [layerNorm(), dense(4), layerNorm({ epsilon: 1e-2 }), activation('gelu'), dense(2)],
    'rescale, trained and not': [
      rescale({ center: [0.5, -1, 2], scale: [2, 0.5, -3], gain: [1, 2, -0.5], trainable: true }),
      dense(4, { activation: 'tanh' }),
      rescale({ center: 0.3, scale: 0.7 }),
      dense(2),
      rescale({ scale: [2, 0.25], trainable: true }),
    ],
    'embeddings, chained': [
      embedding({ column: 2, categories: 3, size: 5 }),
      embedding({ column: 0, categories: 1, size: 2 }),
      dense(4, { activation: 'tanh' }),
      dense(2),
    ],
    'rescale first, not trained': [rescale({ center: 0.5, scale: 2 }), dense(2)],
    dropout: [dropout(0.2), dense(5, { activation: 'tanh' }), dropout(0.5), dense(2), dropout(0.3)],
    noise: [noise(0.5), dense(4, { activation: 'mish' }), noise(0.1), dense(2)],
    'residual, identity': [residual([dense(3, { activation: 'tanh' })]), dense(2)],
    'residual, projected': [residual([dense(5, { activation: 'tanh' }), dense(4)]), dense(2)],
    'residual, projected though widths agree': [residual([dense(3, { activation: 'tanh' })], { projection: true }), dense(2)],
    'residual last': [dense(2, { activation: 'tanh' }), residual([dense(2)])],
    'residual without parameters inside': [dense(3), residual([activation('tanh')]), dense(2)],
    'residual around dropout alone': [residual([dropout(0.5)]), dense(2)],
    'residual nested': [
      residual([
        residual([dense(3, { activation: 'silu' })]),
        residual([dense(4, { activation: 'tanh' }), residual([residual([dense(4)])]), dense(3)]),
      ]),
      dense(2),
    ],
    'residual nested, inner block at either end, projected': [
      residual([
        residual([dense(5, { activation: 'tanh' })]),
        dense(4),
        residual([batchNorm(), activation('softplus'), dense(3)]),
      ]),
      dense(2),
    ],
    'everything at once': [
      noise(0.1),
      dense(5),
      batchNorm(),
      activation('elu'),
      residual([
        layerNorm(),
        dense(6, { activation: 'gelu' }),
        dropout(0.3),
        residual([dense(6, { activation: 'softsign' })]),
        dense(4),
      ]),
      dropout(0.2),
      dense(2),
    ],
  };

  test.each(Object.entries(kinds))('%s: parameters and inputs, in training and in prediction', (what, layers) => {
    const plan = resolveNetwork({ inputs: 3, layers, inputNoise: 0.1 });
    check(plan, 5, 21, true, true, what);
    check(plan, 5, 22, false, false, `${what}, predicting`);
    if (!plan.usesBatchStatistics) check(plan, 1, 23, true, false, `${what}, one row`);
  });

  test('500 random nets of all layer kinds, odd widths, batches of 1 to 5, nested residual blocks', () => {
    const random = new Random(7, 'random nets');
    const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!;
    const width = () => pick([1, 2, 3, 5, 7]);
    const layer = (depth: number): LayerSpec => {
      const kind = random.below(depth > 2 ? 8 : 11);
      if (kind < 3)
        return dense(width(), { activation: withParameters[pick(trainable)] ?? pick(trainable), bias: random.uniform() < 0.7 });
      if (kind === 3) return activation(pick(smooth));
      if (kind === 4) return random.uniform() < 0.5 ? batchNorm({ epsilon: 0.1 }) : layerNorm({ epsilon: 0.1 });
      if (kind === 5) return dropout(pick([0.1, 0.5, 0.8]));
      if (kind === 6) return noise(0.2);
      if (kind === 7) return rescale({ center: pick([0, -0.7]), scale: pick([1, 0.5, -2]), trainable: random.uniform() < 0.5 });
      return residual(layersOf(depth + 1), { projection: random.uniform() < 0.3 ? true : 'auto' });
    };
    const layersOf = (depth: number): LayerSpec[] => Array.from({ length: 1 + random.below(3) }, () => layer(depth));
    for (let net = 0; net < 500; net++) {
      const loss = pick(['meanSquaredError', 'huber', 'logCosh'] as const);
      const plan = resolveNetwork({ inputs: width(), layers: [...layersOf(0), dense(width())], loss, seed: net });
      const rows = plan.usesBatchStatistics ? 2 + random.below(4) : 1 + random.below(5);
      check(
        plan,
        rows,
        100 + net,
        random.uniform() < 0.8,
        random.uniform() < 0.5,
        `net ${net}: ${JSON.stringify(plan.options.layers)}`,
      );
    }
  });
});

// Code that the playground prints: run where its language is installed, it prints the losses that the page promised. Needs a build in dist.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { codeOf } from '../../site/play/code/index.js';
import { dataOf, defaults, type Experiment, faultOf, withData } from '../../site/play/experiment.js';
import type { Language } from '../../site/play/messages.js';
import { Session } from '../../site/play/session.js';
import { root } from '../support/tarball.js';

const python = '/usr/bin/python3';
const has = (name: string) => spawnSync(python, ['-c', `import ${name}`]).status === 0;

const folder = mkdtempSync(join(tmpdir(), 'listings-'));
afterAll(() => rmSync(folder, { recursive: true }));

const spirals: Experiment = { ...defaults, data: { ...defaults.data, samples: 120 } };
const kinds: readonly (readonly [name: string, experiment: Experiment, epochs: number])[] = [
  ['spirals with Adam', spirals, 8],
  [
    'three classes, momentum, L2',
    { ...withData(spirals, { ...dataOf('three'), samples: 120 }), optimizer: 'momentum', l2: 0.01, batch: 15 },
    6,
  ],
  [
    'a curve, nesterov',
    { ...withData(spirals, { ...dataOf('curve'), samples: 80 }), optimizer: 'nesterov', rate: 0.02, batch: 20 },
    5,
  ],
  [
    'a surface, Adam, one layer',
    { ...withData(spirals, { ...dataOf('surface'), samples: 80 }), layers: [{ units: 7, activation: 'relu' }] },
    5,
  ],
];
const wide: readonly (readonly [name: string, experiment: Experiment, epochs: number])[] = [
  [
    'batch norm, residual, gelu, a last row alone',
    {
      ...spirals,
      data: { ...spirals.data, samples: 108 },
      layers: [
        { units: 6, activation: 'gelu', batchNorm: true },
        { units: 6, activation: 'silu', residual: true },
      ],
    },
    5,
  ],
  [
    'no hidden layer, all features, L1',
    { ...spirals, layers: [], features: ['x', 'y', 'x²', 'y²', 'xy', 'sin x', 'sin y'], l1: 0.01 },
    5,
  ],
  ['Lion, cosine', { ...spirals, optimizer: 'lion', rate: 0.001, schedule: 'cosine' }, 5],
  [
    'rmsprop, steps, selu',
    { ...spirals, optimizer: 'rmsprop', rate: 0.003, schedule: 'step', layers: [{ units: 5, activation: 'selu' }] },
    5,
  ],
  [
    'adagrad, mish and softplus',
    {
      ...spirals,
      optimizer: 'adagrad',
      layers: [
        { units: 5, activation: 'mish' },
        { units: 5, activation: 'softplus' },
      ],
    },
    5,
  ],
  [
    'nadam, leaky ReLU and ELU',
    {
      ...spirals,
      optimizer: 'nadam',
      layers: [
        { units: 5, activation: 'leakyRelu' },
        { units: 5, activation: 'elu' },
      ],
    },
    5,
  ],
  ['AdamW, squared error of classes', { ...spirals, optimizer: 'adamw', loss: 'meanSquaredError' }, 5],
  [
    'absolute error, sigmoid',
    {
      ...withData(spirals, { ...dataOf('surface'), samples: 80 }),
      loss: 'meanAbsoluteError',
      optimizer: 'sgd',
      layers: [{ units: 5, activation: 'sigmoid' }],
    },
    5,
  ],
  ['Huber', { ...withData(spirals, { ...dataOf('curve'), samples: 80 }), loss: 'huber', optimizer: 'sgd' }, 5],
];

async function listing(
  language: Language,
  experiment: Experiment,
  epochs: number,
): Promise<{ text: string; losses: readonly number[] }> {
  expect(faultOf(experiment)).toBeUndefined();
  const session = new Session(experiment);
  session.train(epochs);
  const told = await codeOf(language, experiment, session, '0.1.0');
  if ('refused' in told) throw new Error(`${experiment.optimizer} ${experiment.loss}: ${told.refused}`);
  const { loss, testLoss } = session.figures();
  return { text: told.text, losses: [loss, testLoss] };
}

const numbersOf = (printed: string) => printed.trim().split(/\s+/).map(Number);

describe('TypeScript', () => {
  test.each([...kinds, ...wide])('%s: the same losses to the last digit', async (name, experiment, epochs) => {
    const { text, losses } = await listing('typescript', experiment, epochs);
    const file = join(folder, `${name.replace(/\W+/g, '-')}.mjs`);
    writeFileSync(file, text.replace("from 'feedforward'", `from '${join(root, 'dist/index.js')}'`));
    expect(numbersOf(execFileSync(process.execPath, [file], { encoding: 'utf8' }))).toEqual(losses);
  });
});

describe.skipIf(!has('torch'))('PyTorch (Debian: python3-torch)', () => {
  test('every listing prints its losses to 1e-4', { timeout: 300_000 }, async () => {
    for (const [name, experiment, epochs] of [...kinds, ...wide]) {
      const { text, losses } = await listing('pytorch', experiment, epochs);
      const printed = execFileSync(python, ['-'], { input: text, encoding: 'utf8' });
      expect.soft(Math.max(...numbersOf(printed).map((value, i) => Math.abs(value / losses[i]! - 1))), name).toBeLessThan(1e-4);
    }
  });
});

describe.skipIf(!has('sklearn'))('scikit-learn (Debian: python3-sklearn)', () => {
  test('every listing prints its losses to 1e-4', { timeout: 300_000 }, async () => {
    for (const [name, experiment, epochs] of kinds) {
      const { text, losses } = await listing('scikit-learn', experiment, epochs);
      const printed = execFileSync(python, ['-W', 'ignore', '-'], { input: text, encoding: 'utf8' });
      expect.soft(Math.max(...numbersOf(printed).map((value, i) => Math.abs(value / losses[i]! - 1))), name).toBeLessThan(1e-4);
    }
  });
});

describe('what cannot keep the promise is refused, and says why', () => {
  const refusal = async (language: Language, change: Partial<Experiment>, epochs = 2) => {
    const experiment = { ...spirals, ...change };
    const session = new Session(experiment);
    session.train(epochs);
    const told = await codeOf(language, experiment, session, '0.1.0');
    return 'refused' in told ? told.refused : '';
  };
  test('dropout, in every other library', async () => {
    for (const language of ['pytorch', 'scikit-learn', 'keras'] as const)
      expect(await refusal(language, { layers: [{ units: 8, activation: 'tanh', dropout: 0.2 }] })).toContain('dropout');
  });
  test('scikit-learn: what its MLP has not', async () => {
    expect(await refusal('scikit-learn', { layers: [{ units: 8, activation: 'gelu' }] })).toContain('tanh, relu');
    expect(await refusal('scikit-learn', { optimizer: 'lion', rate: 0.001 })).toContain('adam and sgd');
    expect(await refusal('scikit-learn', { l1: 0.1 })).toContain('L1');
    expect(await refusal('scikit-learn', { schedule: 'cosine' })).toContain('schedule');
    expect(await refusal('scikit-learn', { l2: 0.1, batch: 7 })).toContain('divides L2');
  });
  test('Keras: batch norm and other rules', async () => {
    expect(await refusal('keras', { layers: [{ units: 8, activation: 'tanh', batchNorm: true }] })).toContain('running variance');
    expect(await refusal('keras', { optimizer: 'rmsprop' })).toContain('another rule');
  });
  test('chaos: many epochs at a large rate', async () => {
    expect(await refusal('pytorch', { rate: 0.1, optimizer: 'adam' }, 400)).toMatch(
      /roundings have grown .* Travel back in time to epoch \d+/,
    );
  });
  test('a network that broke', async () => {
    expect(await refusal('typescript', { ...withData(spirals, dataOf('surface')), optimizer: 'sgd', rate: 100 }, 50)).toContain(
      'broke',
    );
  });
});

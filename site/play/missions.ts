// Something to reach. Each mission looks at what the page shows, and nothing else.

import { dataOf, defaults, type Experiment, unitsOf, withData } from './experiment';
import type { LaneState } from './messages';

export interface Mission {
  readonly name: string;
  readonly title: string;
  readonly task: string;
  readonly hint: string;
  /** Where it begins. */
  readonly start: Experiment;
  /** Whether it is done. */
  done(experiment: Experiment, state: LaneState): boolean;
}

const unchanged = (a: Experiment, b: Experiment, ...keys: (keyof Experiment)[]) =>
  keys.every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key]));

const line: Experiment = { ...defaults, data: dataOf('circles'), layers: [], features: ['x', 'y'] };
const tiny: Experiment = { ...defaults, layers: [{ units: 4, activation: 'tanh' }] };
const deep: Experiment = {
  ...defaults,
  data: dataOf('moons'),
  layers: Array.from({ length: 8 }, () => ({ units: 6, activation: 'sigmoid' as const })),
  optimizer: 'sgd',
  rate: 0.1,
};
const loud: Experiment = {
  ...defaults,
  data: { ...dataOf('moons'), samples: 60, noise: 0.4 },
  layers: [
    { units: 32, activation: 'tanh' },
    { units: 32, activation: 'tanh' },
  ],
};
const digits: Experiment = {
  ...withData(defaults, { ...dataOf('digits'), samples: 200 }),
  layers: [{ units: 8, activation: 'sigmoid' }],
};
const wave: Experiment = {
  ...defaults,
  data: dataOf('curve'),
  features: ['x'],
  loss: 'meanSquaredError',
  layers: [{ units: 2, activation: 'tanh' }],
};

export const missions: readonly Mission[] = [
  {
    name: 'bend',
    title: 'No hidden layer',
    task: 'Get 99 % of the held out circles right without any hidden layer.',
    hint: 'A line cannot go around. Which features make a circle a straight thing?',
    start: line,
    done: (e, { figures }) =>
      e.data.kind === 'circles' && e.layers.length === 0 && figures.testScore >= 0.99 && figures.epoch > 0,
  },
  {
    name: 'spirals',
    title: 'Spirals, 12 units',
    task: 'Get 97 % of the held out spirals right with at most 12 hidden units, from x and y alone.',
    hint: 'Two layers do more than one of the same size. Give it time, and let the rate fall.',
    start: tiny,
    done: (e, { figures }) =>
      e.data.kind === 'spirals' && unchanged(e, tiny, 'features', 'data') && unitsOf(e) <= 12 && figures.testScore >= 0.97,
  },
  {
    name: 'linear',
    title: 'Beat the linear model',
    task: 'Without a hidden layer this is a linear model, right on some 85 % of the rows held out. Be right on 97 % of them.',
    hint: 'What may the boundary be, if it is not a line? A few bends are enough.',
    start: { ...defaults, data: { ...dataOf('moons'), samples: 600 }, layers: [] },
    done: (e, { figures }) =>
      e.data.kind === 'moons' &&
      e.data.samples === 600 &&
      e.data.noise === dataOf('moons').noise &&
      unchanged(e, defaults, 'features', 'heldOut') &&
      figures.testScore >= 0.97,
  },
  {
    name: 'break',
    title: 'Break it',
    task: 'Make the numbers break, then read why.',
    hint: 'How long may a step be?',
    start: { ...defaults, data: dataOf('surface'), loss: 'meanSquaredError', optimizer: 'sgd' },
    done: (_, { broken }) => broken !== undefined,
  },
  {
    name: 'deep',
    title: 'Wake the deep one',
    task: 'Eight layers of sigmoids do not learn. Ask for a diagnosis, and get 90 % right with all eight layers.',
    hint: 'The button below the verdict does what it says; you may also change activations, or add batch norm.',
    start: deep,
    done: (e, { figures }) => e.data.kind === 'moons' && e.layers.length >= 8 && figures.testScore >= 0.9,
  },
  {
    name: 'overfit',
    title: 'Learnt by heart',
    task: 'This net learns 30 noisy rows by heart. Keep its size, and have a held out loss below 0.45 after 300 epochs.',
    hint: 'Small weights make smooth boundaries; dropout keeps units from relying on each other.',
    start: { ...loud, heldOut: 0.5 },
    done: (e, { figures }) =>
      unchanged(e, { ...loud, heldOut: 0.5 }, 'data', 'heldOut', 'seed') &&
      unitsOf(e) >= 64 &&
      figures.testLoss < 0.45 &&
      figures.epoch >= 300,
  },
  {
    name: 'digits',
    title: 'Read digits',
    task: 'Read 95 % of the held out digits with at most 16 hidden units.',
    hint: 'More rows teach more; dropout, L2 and patience help where the net learns by heart. Then draw one yourself.',
    start: digits,
    done: (e, { figures }) =>
      e.data.kind === 'digits' && unchanged(e, digits, 'heldOut', 'seed') && unitsOf(e) <= 16 && figures.testScore >= 0.95,
  },
  {
    name: 'wave',
    title: 'Follow the wave',
    task: 'Follow the curve to R² 0.98 on held out rows with at most 6 hidden units.',
    hint: 'Each unit bends the line once. How many bends has the curve?',
    start: wave,
    done: (e, { figures }) =>
      e.data.kind === 'curve' && unchanged(e, wave, 'data') && unitsOf(e) <= 6 && figures.testScore >= 0.98,
  },
];

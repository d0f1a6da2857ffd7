// What a training step costs, as ratios within one run: against forward passes, with batch norm and dropout, on the
// deterministic build, with subnormal numbers, and as batch, width and depth grow.

import {
  MLP,
  Random,
  activation,
  adam,
  batchNorm,
  dense,
  dropout,
  embedding,
  engineInfo,
  polynomial,
  rescale,
  sgd,
} from '../../dist/index.js';
import { MLP as PlainMLP } from '../../dist/baseline.js';
import { dataOf, nets, optionsOf } from '../support/nets.js';
import { medians, microseconds, table } from '../support/report.js';

const rate = 1e-6; // a step that hardly moves the weights: thousands of them time the same work

/** Median microseconds of a step of each model on the same rows. */
function steps(models, X, y, more = {}) {
  const tasks = Object.fromEntries(Object.entries(models).map(([name, model]) => [name, () => model.trainStep(X, y)]));
  return medians({ ...tasks, ...more });
}

/**
 * The same, the models taking turns step by step. A model alone just fits into a second-level cache or just does not, by where its
 * pages happen to lie: up to a third of a step, where a few per cent are looked for.
 */
function inTurns(models, X, y, turns = 600) {
  const samples = Object.fromEntries(Object.keys(models).map((name) => [name, []]));
  for (let turn = -turns / 4; turn < turns; turn++)
    for (const [name, model] of Object.entries(models)) {
      const started = performance.now();
      model.trainStep(X, y);
      if (turn >= 0) samples[name].push(1000 * (performance.now() - started));
    }
  return Object.fromEntries(Object.entries(samples).map(([name, of]) => [name, of.sort((a, b) => a - b)[turns >> 1]]));
}

const ratio = (a, b) => (a / b).toFixed(2);

async function againstForward() {
  const rows = [['step / forward', 'forward, us', 'sgd', 'adam']];
  const figures = {};
  for (const name of Object.keys(nets))
    for (const batch of [32, 256]) {
      const { X, y } = dataOf(name, batch);
      const made = (optimizer) => new MLP({ ...optionsOf(name, false), optimizer });
      const out = new Float32Array(batch * nets[name].widths.at(-1));
      const model = made(sgd({ learningRate: rate }));
      const models = { sgd: model, adam: made(adam({ learningRate: rate })) };
      const times = await steps(models, X, y, { forward: () => model.predictInto(X.data, out) });
      rows.push([
        `${name}, batch ${batch}`,
        microseconds(times.forward),
        ratio(times.sgd, times.forward),
        ratio(times.adam, times.forward),
      ]);
      figures[`step ${name} ${batch}`] = times;
    }
  console.log(`\n${table(rows)}`);
  return figures;
}

const digits = (layers, optimizer, deterministic = false) =>
  new MLP({
    inputs: 784,
    layers: [...layers, dense(10, { activation: 'softmax' })],
    loss: 'sparseCategoricalCrossEntropy',
    optimizer,
    seed: 1,
    deterministic,
  });
const hidden = [dense(128, { activation: 'relu' })];
const columns = Array.from({ length: 784 }, (_, j) => j);
const normalised = [dense(128, { bias: false }), batchNorm(), activation('relu')];

/** Polynomial units, weight decay by a schedule and penalties on biases, on the core and on the plain-JavaScript baseline. */
async function options() {
  const rows = [['784-128-10, batch 32', 'core, us', 'baseline, us', 'baseline / core']];
  const figures = {};
  const { X, y } = dataOf('784-128-10', 32);
  const fading = { schedule: 'inverseTime', rate: 1e-6, per: 'step' };
  const kinds = {
    plain: {},
    polynomial: { hidden: dense(128, { activation: polynomial([0, 0.5, 0.1]) }) },
    'scheduled decay': { optimizer: sgd({ learningRate: rate, momentum: 0.9, weightDecay: fading }) },
    'penalties on biases': { biasL1: 1e-6, biasL2: 1e-6 },
  };
  for (const [name, { hidden: first = hidden[0], ...more }] of Object.entries(kinds)) {
    const made = (Class) =>
      new Class({
        inputs: 784,
        layers: [first, dense(10, { activation: 'softmax' })],
        loss: 'sparseCategoricalCrossEntropy',
        optimizer: sgd({ learningRate: rate, momentum: 0.9 }),
        seed: 1,
        ...more,
      });
    const times = inTurns({ core: made(MLP), baseline: made(PlainMLP) }, X, y, 40);
    rows.push([name, microseconds(times.core), microseconds(times.baseline), ratio(times.baseline, times.core)]);
    figures[`options ${name}`] = times;
  }
  console.log(`\n${table(rows)}`);
  return figures;
}

async function extras() {
  const rows = [
    ['784-128-10, batch 32', 'step, us', '+ batchNorm', '+ dropout', '+ both', '+ rescale', '+ embedding', 'deterministic'],
  ];
  const figures = {};
  const { X, y } = dataOf('784-128-10', 32);
  for (const [name, optimizer] of Object.entries({ sgd: sgd({ learningRate: rate }), adam: adam({ learningRate: rate }) })) {
    const models = {
      plain: digits(hidden, optimizer),
      batchNorm: digits(normalised, optimizer),
      dropout: digits([...hidden, dropout(0.5)], optimizer),
      both: digits([...normalised, dropout(0.5)], optimizer),
      rescale: digits([rescale({ center: columns.map((j) => j / 784), scale: 2 }), ...hidden], optimizer),
      embedding: digits([embedding({ column: 0, categories: 5000, size: 8 }), ...hidden], optimizer),
      deterministic: digits(hidden, optimizer, true),
    };
    const times = inTurns(models, X, y);
    const more = (of) => `${times[of] < times.plain ? '' : '+'}${Math.round(100 * (times[of] / times.plain - 1))} %`;
    rows.push([
      name,
      microseconds(times.plain),
      ...['batchNorm', 'dropout', 'both', 'rescale', 'embedding', 'deterministic'].map(more),
    ]);
    figures[`extras ${name}`] = times;
  }
  console.log(`\n${table(rows)}`);
  return figures;
}

/** Weights, inputs or the optimizer's averages below 2^-126, against numbers of the usual size. Some processors take microcode for them. */
async function subnormals() {
  const { X, y } = dataOf('784-128-10', 32);
  const tiny = 1e-30;
  const scaled = (scale) => {
    const model = digits(hidden, sgd({ learningRate: tiny }));
    for (const p of model.parameters()) p.set(p.values.map((value) => value * scale));
    return model;
  };
  const small = { data: X.data.map((value) => value * 1e-39), shape: X.shape };
  const times = await steps({ normal: scaled(1), weights: scaled(1e-39), 'smallest weights': scaled(1e-43) }, X, y);
  const model = scaled(1);
  times.inputs = (await medians({ step: () => model.trainStep(small, y) })).step;
  Object.assign(times, averages());
  const rows = [['subnormal / normal', 'weights', 'smallest weights', 'inputs', "Adam's m", "Adam's m and v"]];
  rows.push([
    '784-128-10 step, batch 32',
    ...['weights', 'smallest weights', 'inputs'].map((name) => ratio(times[name], times.normal)),
    ...['m', 'm and v'].map((name) => ratio(times[name], times['normal averages'])),
  ]);
  console.log(`\n${table(rows)}`);
  return { subnormals: times };
}

/** Adam's averages change with every step, so they are set again after every fourth. Zero inputs leave most gradients zero. */
function averages() {
  const { y } = dataOf('784-128-10', 32);
  const X = { data: new Float32Array(32 * 784), shape: [32, 784] };
  const model = digits(hidden, adam({ learningRate: 1e-30 }));
  model.trainStep(X, y);
  const state = model.state();
  const measure = (m, v) => {
    const start = { ...state, slots: [m, v].map((value, s) => state.slots[s].map((tensor) => tensor.map(() => value))) };
    const samples = [];
    for (let turn = 0; turn < 200; turn++) {
      if (turn % 4 === 0) model.restoreState(start);
      const started = performance.now();
      model.trainStep(X, y);
      samples.push(1000 * (performance.now() - started));
    }
    return samples.sort((a, b) => a - b)[samples.length >> 1];
  };
  measure(1e-3, 1e-6); // warm-up
  return { 'normal averages': measure(1e-3, 1e-6), m: measure(6e-45, 1e-6), 'm and v': measure(6e-45, 1e-42) };
}

/** Each doubling of batch, width or depth, and what it does to the step: 1 is no change, 2 doubling, 4 for the square of the width. */
async function growth() {
  const figures = {};
  const random = new Random(1, 'growth');
  const run = async (title, values, optionsFor) => {
    const models = {};
    const tasks = {};
    for (const value of values) {
      const { batch, width, depth } = optionsFor(value);
      const X = { data: Float32Array.from({ length: batch * width }, () => random.uniform()), shape: [batch, width] };
      const y = { data: Float32Array.from({ length: batch }, () => random.uniform()), shape: [batch, 1] };
      const layers = [...Array.from({ length: depth }, () => dense(width, { activation: 'relu' })), dense(1)];
      models[value] = new MLP({ inputs: width, layers, optimizer: sgd({ learningRate: rate }), seed: 1 });
      tasks[value] = () => models[value].trainStep(X, y);
    }
    const times = await medians(tasks);
    figures[title] = times;
    const head = [title, ...values.map(String)];
    const perDoubling = values.map((value, i) => (i === 0 ? '' : (times[value] / times[values[i - 1]]).toFixed(2)));
    console.log(
      `\n${table([head, ['step, us', ...values.map((value) => microseconds(times[value]))], ['times the last', ...perDoubling]])}`,
    );
  };
  await run('batch, 128 wide, 2 deep', [1, 2, 4, 8, 16, 32, 64, 128, 256, 512], (batch) => ({ batch, width: 128, depth: 2 }));
  await run('width, batch 32, 2 deep', [8, 16, 32, 64, 128, 256, 512], (width) => ({ batch: 32, width, depth: 2 }));
  await run('depth, batch 32, 64 wide', [1, 2, 4, 8, 16, 32, 64], (depth) => ({ batch: 32, width: 64, depth }));
  return figures;
}

export async function course() {
  console.log(`\nratios within this run, the ${engineInfo().build} build`);
  return { ...(await againstForward()), ...(await extras()), ...(await options()), ...(await subnormals()), ...(await growth()) };
}

// Models of whole numbers beside float32: microseconds of a row by each build, sizes of files, and what it costs in accuracy on MNIST or, where a
// folder of tables is given, on those of classes instead of all else.
//
//   npm run bench -- int8 [--tables FOLDER] [--only none,quick,default,best]    CSV files, and of which presets the networks are

import { MLP, MLPClassifier, QuantizedModel, Random, adam, dense, metrics, quantize } from '../../dist/index.js';
import { loadMnist } from '../../examples/support/mnist.js';
import { medians, microseconds, table } from '../support/report.js';
import { classTables, splitRows } from '../support/tables.js';

const nets = {
  '512-512': [512, 512],
  '1024-1024': [1024, 1024],
  '2048-2048': [2048, 2048],
  '784-128-10': [784, 128, 10],
  '784-512-512-10': [784, 512, 512, 10],
};

const layersOf = (widths, last) =>
  widths.slice(1).map((units, i) => dense(units, { activation: last !== undefined && i === widths.length - 2 ? last : 'relu' }));

const builds = ['relaxed', 'simd', 'javascript'];

/** The models that there are: float32 as MLP runs it, and whole numbers by each build. */
function integersOf(file) {
  const made = {};
  for (const build of builds)
    try {
      made[build] = QuantizedModel.load(file, { build });
    } catch (error) {
      if (error.code !== 'ERR_UNSUPPORTED') throw error;
    }
  return made;
}

async function speed() {
  const rows = [['a row, us', 'float32', ...builds, 'relaxed', 'simd', 'file']];
  const figures = {};
  for (const [name, widths] of Object.entries(nets)) {
    const random = new Random(1, name);
    const normal = (count) => Float32Array.from({ length: count }, () => random.normal());
    const model = new MLP({ inputs: widths[0], layers: layersOf(widths), seed: 1 });
    const X = { data: normal(64 * widths[0]), shape: [64, widths[0]] };
    const small = quantize(model, X, { maxLoss: 1, bits: 7 });
    const x = X.data.slice(0, widths[0]);
    const out = new Float32Array(widths.at(-1));
    const models = { float32: model, ...integersOf(small.save()) };
    const times = await medians(
      Object.fromEntries(Object.entries(models).map(([build, own]) => [build, () => own.predictInto(x, out)])),
    );
    const cell = (build) => (times[build] === undefined ? '-' : microseconds(times[build]));
    const factor = (build) => (times[build] === undefined ? '-' : `${(times.float32 / times[build]).toFixed(1)}x`);
    const { bytesBefore, bytesAfter } = small.report;
    rows.push([
      name,
      ...['float32', ...builds].map(cell),
      factor('relaxed'),
      factor('simd'),
      `${Math.round(bytesBefore / 1000)} to ${Math.round(bytesAfter / 1000)} kB`,
    ]);
    figures[name] = { ...times, bytesBefore, bytesAfter };
  }
  console.log(`\n${table(rows)}`);
  return figures;
}

/** Trained for an epoch or two, calibrated on training images, judged on the 10,000 others. */
async function digits() {
  const { XTrain, yTrain, XTest, yTest } = loadMnist();
  const accuracy = (model) => {
    const { data } = model.predict(XTest);
    let right = 0;
    for (let i = 0; i < XTest.shape[0]; i++) {
      const row = data.subarray(10 * i, 10 * i + 10);
      right += Number(row.indexOf(Math.max(...row)) === yTest.data[i]);
    }
    return right / XTest.shape[0];
  };
  const rows = [['MNIST, accuracy', 'float32', 'whole numbers', 'lost, points', 'file']];
  const figures = {};
  for (const name of ['784-128-10', '784-512-512-10']) {
    const model = new MLP({
      inputs: 784,
      layers: layersOf(nets[name], 'softmax'),
      loss: 'sparseCategoricalCrossEntropy',
      optimizer: adam({ learningRate: 1e-3 }),
      seed: 0,
    });
    await model.fit(XTrain, yTrain, { epochs: 2, batchSize: 64, copy: false });
    const calibration = { data: XTrain.data.subarray(0, 784 * 1000), shape: [1000, 784] };
    const small = quantize(model, calibration);
    const [before, after] = [accuracy(model), accuracy(small)];
    rows.push([
      name,
      before.toFixed(4),
      after.toFixed(4),
      (100 * (before - after)).toFixed(2),
      `${Math.round(small.report.bytesBefore / 1000)} to ${Math.round(small.byteLength / 1000)} kB`,
    ]);
    figures[name] = { before, after };
  }
  console.log(`\n${table(rows)}`);
  return figures;
}

const SPLITS = [0, 1, 2];
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Accuracy on the test rows of one split, before and after; calibrated on the training rows, as few users have others. */
async function judged({ table: rows, target }, preset, split) {
  const [train, test] = splitRows(rows, split);
  const model = new MLPClassifier({ preset, seed: split, onWarning: false });
  await model.fit(train, target);
  const small = quantize(model, train.drop([target]), { maxLoss: 1 });
  const inputs = test.drop([target]);
  const truth = test.labels(target);
  const [own, theirs] = [model.predict(inputs), small.predict(model.encoder.transform64(inputs))];
  return {
    before: metrics.accuracy(truth, own),
    after: metrics.accuracy(truth, theirs),
    otherwise: mean(own.map((label, i) => Number(label !== theirs[i]))),
    rows: test.rows,
    bits: small.report.bits,
    size: small.byteLength / small.report.bytesBefore,
  };
}

/** Means over three splits of every table of classes, of networks of each preset. */
async function tables(folder, presets) {
  const lines = [
    [
      'tables of classes',
      'preset',
      'float32',
      'whole numbers',
      'lost, points',
      'answered otherwise',
      'test rows',
      'bits',
      'file',
    ],
  ];
  const figures = {};
  for (const one of classTables(folder))
    for (const preset of presets) {
      const runs = [];
      for (const split of SPLITS) runs.push(await judged(one, preset, split));
      const of = (figure) => mean(runs.map((run) => run[figure]));
      lines.push([
        one.name,
        preset,
        of('before').toFixed(4),
        of('after').toFixed(4),
        (100 * (of('before') - of('after'))).toFixed(2),
        `${(100 * of('otherwise')).toFixed(2)} %`,
        String(runs.reduce((sum, run) => sum + run.rows, 0)),
        runs[0].bits.join(' '),
        `${(100 * of('size')).toFixed(0)} %`,
      ]);
      console.log(lines.at(-1).join('  '));
      figures[`${one.name} ${preset}`] = runs;
    }
  console.log(`\n${table(lines)}`);
  return figures;
}

export async function int8({ tables: folder, only = 'none,quick,default,best' }) {
  if (folder !== undefined) return { tables: await tables(folder, only.split(',')) };
  return { speed: await speed(), mnist: await digits() };
}

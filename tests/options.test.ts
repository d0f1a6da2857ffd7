// Whoever mistypes an option is told so, by the name of the option and the nearest there is, wherever options are taken.

import { describe, expect, test } from 'vitest';
import {
  datasets,
  dense,
  FeedforwardError,
  findLearningRate,
  formatCsv,
  ema,
  gradientCheck,
  init,
  kFold,
  metrics,
  MinMaxScaler,
  MLP,
  MLPClassifier,
  MLPRegressor,
  OneHotEncoder,
  parseCsv,
  parseJsonLines,
  Perceptron,
  PolynomialFeatures,
  readParquet,
  RobustScaler,
  SimpleImputer,
  sobol,
  splitIndices,
  StandardScaler,
  stratifiedKFold,
  TableEncoder,
  trainTestSplit,
  workOf,
} from '../src/entries/index.js';
import { exportOnnx } from '../src/entries/onnx.js';
import { exportModule, exportWasm } from '../src/entries/standalone.js';
import { fromPyTorch } from '../src/entries/safetensors.js';
import { WorkerMLP } from '../src/entries/worker.js';

const X = [
  [0, 1],
  [1, 0],
  [1, 1],
  [0, 0],
];
const y = [0, 1, 1, 0];
const net = { inputs: 2, layers: [dense(1)] };
const model = new MLP(net);
const fitted = new MLPClassifier({ epochs: 1, onWarning: false }).fitSync(X, y);
const any = (options: object) => options as never;

/** Everything that takes options: a call with one of them mistyped, and one with a value of the wrong kind. */
const calls: Record<string, [right: string, call: (options: object) => unknown, wrong: object]> = {
  MLPClassifier: ['hiddenLayers', (o) => new MLPClassifier(any(o)), { batchNorm: 'yes' }],
  MLPRegressor: ['scaleTargets', (o) => new MLPRegressor(any(o)), { scaleTargets: 1 }],
  'earlyStopping of an estimator': ['patience', (o) => new MLPClassifier({ earlyStopping: any(o) }), { patience: 0 }],
  'fit of an estimator': ['verbose', (o) => fitted.clone().fitSync(X, y, any(o)), { onEpochEnd: 1 }],
  'partialFit of an estimator': ['classes', (o) => fitted.clone().partialFit(X, y, any(o)), { sampleWeight: [-1, 1, 1, 1] }],
  'score of an estimator': ['sampleWeight', (o) => fitted.score(X, y, any(o)), { sampleWeight: [-1, 1, 1, 1] }],
  workOf: ['rows', (o) => workOf(model, any(o)), { rows: 1.5 }],
  sobol: ['scramble', (o) => sobol(4, 2, any(o)), { scramble: 'owen' }],
  ema: ['biasCorrection', (o) => ema([1, 2], any(o)), { start: 'second' }],
  chooseThreshold: ['costs', (o) => fitted.chooseThreshold(X, y, any(o)), { metric: 'auc' }],
  'costs of chooseThreshold': [
    'falsePositive',
    (o) => fitted.chooseThreshold(X, y, { costs: any(o) }),
    { falseNegative: 'much' },
  ],
  predictSet: ['confidence', (o) => fitted.predictSet(X, any(o)), { method: 'raps' }],
  predictInterval: ['confidence', (o) => new MLPRegressor().predictInterval(X, any(o)), { confidence: 1 }],
  'load of an estimator': ['onWarning', (o) => MLPClassifier.load(fitted.save(), any(o)), { onWarning: 1 }],
  Perceptron: ['learningRate', (o) => new Perceptron(any(o)), { seed: 0.5 }],
  'fit of Perceptron': [
    'separator',
    (o) => new Perceptron().fitSync(X, y, any(o)),
    { separator: { weights: [1, 1], bias: '1' } },
  ],
  'separator of Perceptron': [
    'weights',
    (o) => new Perceptron().fitSync(X, y, { separator: any(o) }),
    { bias: '1', weights: [1, 1] },
  ],
  'start of Perceptron': ['weights', (o) => new Perceptron().fitSync(X, y, { start: any(o) }), { bias: '1', weights: [1, 1] }],
  StandardScaler: ['withMean', (o) => new StandardScaler(any(o)), { withStd: 1 }],
  MinMaxScaler: ['range', (o) => new MinMaxScaler(any(o)), { range: [1, 0] }],
  RobustScaler: ['quantileRange', (o) => new RobustScaler(any(o)), { withScaling: 'no' }],
  SimpleImputer: ['strategy', (o) => new SimpleImputer(any(o)), { strategy: 'mode' }],
  OneHotEncoder: ['handleUnknown', (o) => new OneHotEncoder(any(o)), { drop: 'last' }],
  PolynomialFeatures: ['degree', (o) => new PolynomialFeatures(any(o)), { degree: 1.5 }],
  TableEncoder: ['maxCategories', (o) => new TableEncoder(any(o)), { keep: 'id' }],
  parseCsv: ['delimiter', (o) => parseCsv('a,b\n1,2\n', any(o)), { header: 1 }],
  formatCsv: ['escapeFormulas', (o) => formatCsv(['a'], [[1]], any(o)), { delimiter: 1 }],
  parseJsonLines: ['source', (o) => parseJsonLines('{"a":1}', any(o)), { source: 1 }],
  trainTestSplit: ['stratify', (o) => trainTestSplit(X, y, any(o)), { shuffle: 1 }],
  splitIndices: ['testSize', (o) => splitIndices(4, any(o)), { testSize: 2.5 }],
  kFold: ['folds', (o) => kFold(4, any(o)), { folds: 1 }],
  stratifiedKFold: ['shuffle', (o) => stratifiedKFold(y, any(o)), { seed: 'a' }],
  'metrics.accuracy': ['sampleWeight', (o) => metrics.accuracy(y, y, any(o)), { sampleWeight: [-1, 1, 1, 1] }],
  'metrics.meanSquaredError': ['sampleWeight', (o) => metrics.meanSquaredError(y, y, any(o)), { sampleWeight: [-1, 1, 1, 1] }],
  'metrics.f1': ['average', (o) => metrics.f1(y, y, any(o)), { zeroDivision: 2 }],
  'metrics.classificationReport': [
    'zeroDivision',
    (o) => metrics.classificationReport(y, y, any(o)),
    { zeroDivision: Number.NaN },
  ],
  'metrics.confusionMatrix': ['normalize', (o) => metrics.confusionMatrix(y, y, any(o)), { normalize: 'rows' }],
  'metrics.brierScore': ['positive', (o) => metrics.brierScore(y, y, any(o)), { sampleWeight: [-1, 1, 1, 1] }],
  'metrics.calibrationTable': ['strategy', (o) => metrics.calibrationTable(y, y, any(o)), { bins: 0 }],
  'metrics.rocAuc': ['multiclass', (o) => metrics.rocAuc(y, y, any(o)), { average: 'micro' }],
  'metrics.topKAccuracy': ['classes', (o) => metrics.topKAccuracy(y, y, any(o)), { k: 0 }],
  'datasets.moons': ['samples', (o) => datasets.moons(any(o)), { noise: -1 }],
  'datasets.circles': ['factor', (o) => datasets.circles(any(o)), { factor: 1 }],
  'datasets.spirals': ['turns', (o) => datasets.spirals(any(o)), { turns: 0 }],
  'datasets.gaussians': ['centers', (o) => datasets.gaussians(any(o)), { deviation: -1 }],
  'datasets.functionSamples': ['domain', (o) => datasets.functionSamples((x) => x, any(o)), { grid: 1 }],
  'datasets.blackScholes': ['volatility', (o) => datasets.blackScholes(any(o)), { spot: [0, 1] }],
  gradientCheck: ['tolerance', (o) => gradientCheck(model, X, [[0], [1], [1], [0]], any(o)), { samples: 0 }],
  findLearningRate: ['batchSize', (o) => findLearningRate(model, X, [[0], [1], [1], [0]], any(o)), { to: 1e-7 }],
  exportOnnx: ['foldBatchNorm', (o) => exportOnnx(model, any(o)), { inputName: 'a b' }],
  exportModule: ['featureNames', (o) => exportModule(model, any(o)), { labels: 'a' }],
  exportWasm: ['targetScaler', (o) => exportWasm(model, any(o)), { labels: 'a' }],
  fromPyTorch: ['sharedModules', (o) => fromPyTorch(new Uint8Array(), any(o)), { sharedModules: true }],
  'settings of WorkerMLP': ['fallback', (o) => new WorkerMLP(net, any(o)), { fallback: 1 }],
};

function refusal(call: () => unknown): FeedforwardError {
  try {
    call();
  } catch (error) {
    expect(error).toBeInstanceOf(FeedforwardError);
    return error as FeedforwardError;
  }
  throw new Error('Nothing was refused.');
}

describe.each(Object.entries(calls))('%s', (_, [right, call, wrong]) => {
  test('refuses an option that is mistyped, and names the one that was meant', () => {
    const typo = `${right.slice(0, -1)}_`;
    const { code, message } = refusal(() => call({ [typo]: 1 }));
    expect(code).toBe('ERR_OPTION');
    expect(message).toContain(JSON.stringify(typo));
    expect(message).toContain(`Did you mean "${right}"?`);
  });

  test('refuses a value out of range by the name of its option', () => {
    const { code, message } = refusal(() => call(wrong));
    expect(code).toBe('ERR_OPTION');
    expect(message).toContain(Object.keys(wrong)[0]!);
  });

  test('takes what is undefined as not given', () => {
    const [name] = Object.keys(wrong) as [string];
    let message = '';
    try {
      call({ ...wrong, [name]: undefined });
    } catch (error) {
      message = (error as Error).message; // there may be other reasons
    }
    expect(message).not.toContain(`${name}: expected`);
  });
});

describe('promises', () => {
  test.each([
    ['init', () => init({ thread: 2 } as never), 'threads'],
    ['init', () => init({ threads: 0 }), 'threads'],
    ['init', () => init({ revectorize: 1 } as never), 'revectorize'],
    ['readParquet', () => readParquet(new Uint8Array(), { column: ['a'] } as never), 'columns'],
    ['readParquet', () => readParquet(new Uint8Array(), { columns: 'a' } as never), 'columns'],
  ])('%s rejects what is no option, or no value of one', async (_, call, name) => {
    await expect(call()).rejects.toMatchObject({ code: 'ERR_OPTION', message: expect.stringContaining(name) });
  });
});

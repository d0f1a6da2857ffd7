// What must not compile: each line below a @ts-expect-error is a mistake that users make, and the compiler has to say so.
// Checked against the built declarations, as a program that installed the package sees them.

import {
  activation,
  adam,
  cosineDecay,
  dense,
  ema,
  gradientCheck,
  huber,
  init,
  leakyRelu,
  metrics,
  MinMaxScaler,
  MLP,
  MLPClassifier,
  MLPRegressor,
  parseCsv,
  Perceptron,
  polynomial,
  sgd,
  SimpleImputer,
  TableEncoder,
  trainTestSplit,
  warmup,
  type EvaluateOptions,
  type FitOptions,
  type MLPOptions,
} from 'feedforward';
import { MLP as PlainMLP } from 'feedforward/baseline';
import { WorkerMLP } from 'feedforward/worker';

const net = { inputs: 2, layers: [dense(1)] };
const X = [[0, 1]];
const y = [[1]];

// Options of an optimizer: misspelt, of another rule, of the wrong type.
// @ts-expect-error learningRate is misspelt
new MLP({ ...net, optimizer: { name: 'adam', lernRate: 1 } });
// @ts-expect-error beta1 is an option of adam
new MLP({ ...net, optimizer: { name: 'sgd', beta1: 0.9 } });
// @ts-expect-error momentum is an option of sgd and rmsprop
new MLP({ ...net, optimizer: { name: 'adam', momentum: 0.9 } });
// @ts-expect-error decay is a number
new MLP({ ...net, optimizer: { name: 'adamw', weightDecay: '0.01' } });
// @ts-expect-error there are three forms
new MLP({ ...net, optimizer: { name: 'sgd', form: 'keras' } });
// @ts-expect-error there is no such optimizer
new MLP({ ...net, optimizer: 'adamm' });
// @ts-expect-error there is no such optimizer
new MLP({ ...net, optimizer: { name: 'adamm' } });
// @ts-expect-error learningRate is misspelt
adam({ learninRate: 1e-3 });
// @ts-expect-error adam has no momentum
adam({ momentum: 0.9 });
// @ts-expect-error true or false
sgd({ nesterov: 1 });

// Schedules.
// @ts-expect-error over is missing
cosineDecay(0.1, { end: 0 });
// @ts-expect-error misspelt
cosineDecay(0.1, { over: 10, ends: 0 });
// @ts-expect-error a cosine has no factor
adam({ learningRate: { schedule: 'cosine', rate: 0.1, over: 10, factor: 0.5 } });
// @ts-expect-error the rate is missing
adam({ learningRate: { schedule: 'step', every: 10 } });
// @ts-expect-error there is no such schedule
adam({ learningRate: { schedule: 'cosin', rate: 0.1, over: 10 } });
// @ts-expect-error steps are missing
warmup(0.1, { startFactor: 0 });

// Activations, losses, initializers.
// @ts-expect-error misspelt
dense(4, { activation: 'rleu' });
// @ts-expect-error slope is an option of leakyRelu
dense(4, { activation: { name: 'elu', slope: 0.1 } });
// @ts-expect-error misspelt
leakyRelu({ slop: 0.1 });
// @ts-expect-error misspelt
activation('sigmod');
// @ts-expect-error huber's only option is delta
new MLP({ ...net, loss: { name: 'huber', fromLogits: true } });
// @ts-expect-error misspelt
huber({ dleta: 1 });
// @ts-expect-error misspelt
new MLP({ ...net, loss: 'meanSquarredError' });
// @ts-expect-error the uniform initializer has low and high
dense(4, { weightInit: { name: 'uniform', mean: 0 } });
// @ts-expect-error misspelt
dense(4, { weightInit: 'heNormall' });
// @ts-expect-error a list of names
dense(4, { from: 'input' });
// @ts-expect-error misspelt
dense(4, { biass: false });

// Metrics, and what is read by their names.
// @ts-expect-error misspelt
new MLP({ ...net, metrics: ['acuracy'] });
// @ts-expect-error a misspelt name among right ones
new MLP({ ...net, metrics: ['r2', 'acuracy'] });
// @ts-expect-error misspelt
new PlainMLP({ ...net, metrics: ['acuracy'] });
// @ts-expect-error misspelt
new WorkerMLP({ ...net, metrics: ['acuracy'] });

const model = new MLP({ ...net, metrics: ['accuracy', 'mse'] });
// @ts-expect-error misspelt
model.evaluate(X, y).acuracy;
// @ts-expect-error this model does not measure r2
model.evaluate(X, y).r2;
// @ts-expect-error its figure is called meanSquaredError
model.evaluate(X, y).mse;
// @ts-expect-error misspelt
model.fitSync(X, y).last?.valAcuracy;
// @ts-expect-error misspelt
model.fitSync(X, y).values('valAcuracy');
// @ts-expect-error misspelt
model.clone().evaluate(X, y).acuracy;
// @ts-expect-error misspelt: a model read from a file may measure anything, but this is no metric
MLP.load(new Uint8Array()).evaluate(X, y).acuracy;
// @ts-expect-error misspelt, in a callback
model.fitSync(X, y, { onEpochEnd: (log) => log.valAcuracy });

// @ts-expect-error a polynomial is a list of coefficients
dense(3, { activation: polynomial(2) });
// @ts-expect-error it needs a derivative
dense(3, { activation: { name: 'sine', value: Math.sin } });
// @ts-expect-error a flag never changes
sgd({ nesterov: (step: number) => step > 3 });
// @ts-expect-error there is no such schedule
adam({ beta1: { schedule: 'cosines', rate: 0.9, over: 3 } });
// @ts-expect-error biases are penalised by biasL1 and biasL2
dense(3, { l1Bias: 0.1 });

// Options of fit and of the estimators.
// @ts-expect-error misspelt
model.fitSync(X, y, { epoch: 3 });
// @ts-expect-error misspelt
model.fit(X, y, { earlyStopping: { patence: 3 } });
// @ts-expect-error misspelt
model.evaluate(X, y, { batchsize: 3 } satisfies EvaluateOptions);
// @ts-expect-error misspelt
const options: FitOptions = { bachSize: 3 };
// @ts-expect-error misspelt
const other: MLPOptions = { ...net, optimiser: 'adam' };
// @ts-expect-error misspelt
new MLPClassifier({ hiddenLayer: [4] });
// @ts-expect-error there is no such scaler
new MLPRegressor({ scale: 'standrad' });
// @ts-expect-error of another optimizer
new MLPClassifier({ optimizer: { name: 'lion', epsilon: 1e-8 } });

// Options of what prepares and judges data.
// @ts-expect-error misspelt
new Perceptron({ learninRate: 1 });
// @ts-expect-error there is no such start
ema([1, 2], { start: 'second' });
// @ts-expect-error there are no such differences
gradientCheck(model, X, y, { differences: 'backward' });
// @ts-expect-error misspelt
new MinMaxScaler({ ranges: [0, 1] });
// @ts-expect-error a range has two ends
new MinMaxScaler({ range: [0] });
// @ts-expect-error there is no such strategy
new SimpleImputer({ strategy: 'mode' });
// @ts-expect-error there is no such feature
new TableEncoder({ dateFeatures: ['day'] });
// @ts-expect-error misspelt
parseCsv('a\n1\n', { seperator: ';' });
// @ts-expect-error a mark, not a word
parseCsv('a\n1\n', { decimal: 'comma' });
// @ts-expect-error misspelt
trainTestSplit(X, y, { testsize: 0.5 });
// @ts-expect-error there is no such average
metrics.f1([0], [0], { average: 'mean' });
// @ts-expect-error misspelt
init({ thread: 2 });

// What only the library makes.
// @ts-expect-error a model takes its options and nothing else
new MLP(net, model.plan);
// @ts-expect-error and in the baseline its settings
new PlainMLP(net, {}, model.plan);

export { options, other };

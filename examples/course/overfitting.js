// Overfitting, and what each regulariser does about it: sixty noisy points, a network with ten thousand weights.
//
//   npx feedforward course overfitting
//
// Without help the network learns the noise by heart: the training loss goes to nothing while the test loss grows past that of
// guessing (ln 2 = 0.69). Two thousand fresh points are the test; all figures are means over three draws of the data. The
// strengths of the regularisers are common values, not tuned. Early stopping watches sixty more points and keeps its best weights.

import { MLP, activation, adam, adamw, batchNorm, binaryCrossEntropy, datasets, dense, dropout } from 'feedforward';
import { say, show, table } from './support/page.js';

const units = 100;
const epochs = 400;
const draws = 3;
const learningRate = 3e-3;

const hidden = () => dense(units, { activation: 'relu' });
const output = () => dense(1, { activation: 'sigmoid' });
const plain = () => [hidden(), hidden(), output()];
const normalised = () => [dense(units, { bias: false }), batchNorm(), activation('relu')];

/** Options of the model, and of fit, for each way of training. */
const ways = {
  nothing: [{ layers: plain() }],
  'L1, 0.001': [{ layers: plain(), l1: 1e-3 }],
  'L2, 0.01': [{ layers: plain(), l2: 1e-2 }],
  'weight decay, 0.5': [{ layers: plain(), optimizer: adamw({ learningRate, weightDecay: 0.5 }) }],
  'dropout, half': [{ layers: [hidden(), dropout(0.5), hidden(), dropout(0.5), output()] }],
  'input noise, 0.3': [{ layers: plain(), inputNoise: 0.3 }],
  'max-norm, 0.5': [{ layers: plain(), maxNorm: 0.5 }],
  'label smoothing, 0.1': [{ layers: plain(), loss: binaryCrossEntropy({ labelSmoothing: 0.1 }) }],
  'batch norm': [{ layers: [...normalised(), ...normalised(), output()] }],
  // Steps a tenth as long, or the best moment is passed in two of them.
  'early stopping': [
    { layers: plain(), optimizer: adam({ learningRate: learningRate / 10 }) },
    { epochs: 4000, earlyStopping: { patience: 40 } },
  ],
};
/** Epochs after which the loss of the test points is looked at, for the picture. */
const marks = [...new Set(Array.from({ length: 26 }, (_, i) => Math.round(epochs ** (i / 25))))];

/** The ways whose test loss is drawn. */
const drawn = ['nothing', 'L1, 0.001', 'L2, 0.01', 'dropout, half', 'input noise, 0.3', 'max-norm, 0.5', 'batch norm'];

const facts = {};
const rows = [['60 points, 2-100-100-1', 'training loss', 'test loss', 'test error']];
const curves = {};
const stops = [];
for (const [name, [network, fit = {}]] of Object.entries(ways)) {
  const mean = { trainLoss: 0, testLoss: 0, testError: 0 };
  curves[name] = marks.map((epoch) => [epoch, 0, 0]);
  for (let seed = 0; seed < draws; seed++) {
    const train = datasets.moons({ samples: 60, noise: 0.3, seed });
    const held = datasets.moons({ samples: 60, noise: 0.3, seed: 500 + seed }); // what early stopping looks at
    const test = datasets.moons({ samples: 2000, noise: 0.3, seed: 1000 + seed });
    const common = { inputs: 2, loss: 'binaryCrossEntropy', metrics: ['accuracy'], optimizer: adam({ learningRate }), seed };
    const model = new MLP({ ...common, ...network });
    const judge = new MLP({ ...common, layers: network.layers }); // the same weights with the same loss for all
    const judged = ({ X, y }) => {
      for (const [i, parameter] of judge.parameters().entries()) parameter.set(model.parameters()[i].values);
      return judge.evaluate(X, y);
    };
    const history = model.fitSync(train.X, train.y, {
      ...{ epochs, batchSize: 20, reportMetrics: false, ...fit },
      ...(fit.earlyStopping && { validationData: [held.X, held.y] }),
      onEpochEnd: ({ epoch }) => {
        const point = drawn.includes(name) && curves[name].find(([at]) => at === epoch);
        if (!point) return;
        point[1] += judged(train).loss / draws;
        point[2] += judged(test).loss / draws;
      },
    });
    if (fit.earlyStopping) stops.push({ best: history.bestEpoch, epochs: history.epochs.length, history });
    const after = judged(test);
    mean.trainLoss += judged(train).loss / draws;
    mean.testLoss += after.loss / draws;
    mean.testError += (1 - after.accuracy) / draws;
  }
  facts[name] = mean;
  rows.push([name, mean.trainLoss.toFixed(3), mean.testLoss.toFixed(3), `${(100 * mean.testError).toFixed(1)} %`]);
}
say(table(rows));
facts['early stopping'].stops = stops.map(({ best, epochs }) => ({ best, epochs }));
say(
  `\nEarly stopping ended after ${stops.map(({ epochs }) => epochs).join(', ')} epochs and went back to epoch ${stops.map(({ best }) => best).join(', ')}.`,
);

const lossesOf = (name, column) => curves[name].map((point) => [point[0], point[column]]);
const [{ history, best }] = stops;
const stopped = (figure) => history.epochs.map((log) => [log.epoch, log[figure]]);
await show(
  [
    {
      title: 'Learning the noise by heart',
      x: { label: 'epoch', log: true },
      y: { label: 'loss', log: true },
      rules: [{ y: Math.LN2, label: 'guessing: ln 2' }],
      series: [
        { name: 'nothing: training', points: lossesOf('nothing', 1) },
        { name: 'nothing: test', points: lossesOf('nothing', 2) },
        { name: 'L2: training', points: lossesOf('L2, 0.01', 1), dashed: true },
        { name: 'L2: test', points: lossesOf('L2, 0.01', 2), dashed: true },
      ],
    },
    {
      title: 'Test loss with each regulariser',
      x: { label: 'epoch', log: true },
      y: { label: 'test loss' },
      series: drawn.map((name) => ({ name, points: lossesOf(name, 2) })),
    },
    {
      title: 'Early stopping, the first draw',
      x: { label: 'epoch' },
      y: { label: 'loss' },
      rules: [{ x: best, label: `best: epoch ${best}` }],
      series: [
        { name: 'training', points: stopped('loss') },
        { name: 'the 60 points it watches', points: stopped('valLoss') },
      ],
    },
  ],
  facts,
);

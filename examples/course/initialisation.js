// How to start: the spread of the activations through thirty layers, for different first weights.
//
//   npx feedforward course initialisation
//
// A layer of n inputs with weights of variance v makes outputs of variance n v E[x^2]. ReLU throws half of that away, so He's
// v = 2 / n keeps the level; Glorot's 1 / n loses a factor sqrt 2 of the spread in every layer, and a fixed 0.01 or 0.25 lets the
// signal die or explode. Equal weights are worse: equal units get equal gradients, and stay equal for ever.
// See: Glorot & Bengio 2010; He et al. 2015, https://arxiv.org/abs/1502.01852

import { MLP, Random, dense } from 'feedforward';
import { say, show, slope, table } from './support/page.js';

const [depth, width] = [30, 128];
const random = new Random(1, 'data');
const X = Array.from({ length: 64 }, () => Array.from({ length: width }, () => random.normal()));
const y = X.map(() => [random.normal()]);

const starts = {
  'He: 2 / n': ['heNormal', 1],
  'Glorot: 1 / n': [{ name: 'normal', deviation: Math.sqrt(1 / width) }, Math.SQRT1_2],
  'normal 0.01': [{ name: 'normal', deviation: 0.01 }, 0.01 * Math.sqrt(width / 2)],
  'normal 0.25': [{ name: 'normal', deviation: 0.25 }, 0.25 * Math.sqrt(width / 2)],
};

const facts = {};
const rows = [['weights', 'spread after 30 layers', 'factor per layer', 'theory', 'verdict']];
const series = Object.entries(starts).map(([name, [weightInit, theory]]) => {
  const layers = Array.from({ length: depth }, () => dense(width, { activation: 'relu', weightInit }));
  const diagnosis = new MLP({ inputs: width, layers: [...layers, dense(1)], seed: 3 }).diagnose(X, y);
  // Mean square: what the next layer multiplies.
  const points = diagnosis.layers
    .slice(0, depth)
    .map(({ activationMean, activationDeviation }, i) => [i + 1, Math.hypot(activationMean, activationDeviation)]);
  const measured = Math.exp(slope(points.map(([i, spread]) => [i, Math.log(spread)])));
  facts[name] = { measured, theory, last: points.at(-1)[1], problems: diagnosis.problems.map(({ kind }) => kind) };
  rows.push([
    name,
    points.at(-1)[1].toExponential(1),
    measured.toFixed(3),
    theory.toFixed(3),
    diagnosis.problems[0]?.kind ?? 'healthy',
  ]);
  return { name, points };
});
say(table(rows));

// Equal weights: after training, how many different units are there?
const distinct = (weightInit) => {
  const model = new MLP({
    inputs: 2,
    layers: [dense(8, { activation: 'tanh', weightInit, biasInit: 'zeros' }), dense(1, { weightInit })],
    seed: 1,
  });
  const corners = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  model.fitSync(corners, [[0], [1], [1], [0]], { epochs: 1500, batchSize: 4 });
  const { values } = model.parameters()[0];
  const units = new Set(Array.from({ length: 8 }, (_, j) => `${values[j]} ${values[8 + j]}`));
  return { units: units.size, loss: model.evaluate(corners, [[0], [1], [1], [0]]).loss };
};
facts.equal = distinct({ name: 'constant', value: 0.5 });
facts.random = distinct('glorotUniform');
say(
  `\nExclusive or, 2-8-1: weights all 0.5 end with ${facts.equal.units} different unit${facts.equal.units === 1 ? '' : 's'} and a loss of ${facts.equal.loss.toFixed(3)}; random ones with ${facts.random.units} and ${facts.random.loss.toFixed(3)}.`,
);

await show(
  [{ title: 'Signal through 30 ReLU layers', x: { label: 'layer' }, y: { label: 'root mean square', log: true }, series }],
  facts,
);

// Too small, good and too large learning rates, and where descent turns into divergence: at 2 / L.
//
//   npx feedforward course learning-rate
//
// Along an axis of curvature lambda a step of rate h multiplies the error by 1 - h lambda: it falls while h < 2 / lambda, so the
// largest curvature L decides. A network is no quadratic, but near a minimum it is one: findLearningRate looks for the rate.

import { MLP, datasets, dense, findLearningRate, sgd } from 'feedforward';
import { say, show, table } from './support/page.js';

const [mu, L] = [1, 10];
const rows = 2;
const X = [
  [Math.sqrt((rows * mu) / 2), 0],
  [0, Math.sqrt((rows * L) / 2)],
];
const y = [[X[0][0]], [X[1][1]]];

/** Loss after each of `steps` steps; stops where it is out of hand. */
function descend(rate, steps) {
  const model = new MLP({
    inputs: 2,
    layers: [dense(1, { bias: false, weightInit: 'zeros' })],
    optimizer: sgd({ learningRate: rate }),
  });
  const points = [];
  for (let k = 0; k < steps && !(points.at(-1)?.[1] > 1e6); k++) points.push([k, model.trainStep(X, y)]);
  return points;
}

const rates = { 'too small': 0.1 / L, good: 2 / (L + mu), 'nearly too large': 1.96 / L, 'too large': 2.06 / L };
const found = [['rate', 'times L', 'loss after 60 steps']];
const facts = { losses: {} };
const series = Object.entries(rates).map(([name, rate]) => {
  const points = descend(rate, 61);
  const last = points.at(-1)[1];
  facts.losses[name] = last;
  found.push([name, (rate * L).toFixed(2), last.toExponential(1)]);
  return { name, points };
});
say(`A quadratic with curvatures ${mu} and ${L}\n${table(found)}`);

// The border, by bisection: does the loss fall over 2000 steps?
let [falls, grows] = [1 / L, 4 / L];
for (let i = 0; i < 30; i++) {
  const middle = (falls + grows) / 2;
  const points = descend(middle, 2000);
  if (points.at(-1)[1] < points[0][1]) falls = middle;
  else grows = middle;
}
facts.border = { measured: falls, theory: 2 / L };
say(`\nDescent turns into divergence at ${falls.toFixed(5)}; 2 / L is ${(2 / L).toFixed(5)}.`);

// A network: the range test, and what training says when the rate is far too large.
const data = datasets.moons({ samples: 400, noise: 0.15, seed: 1 });
const network = (learningRate) => ({
  inputs: 2,
  layers: [dense(32, { activation: 'relu' }), dense(32, { activation: 'relu' }), dense(1)],
  loss: 'meanSquaredError',
  optimizer: sgd({ learningRate }),
  seed: 1,
});
const test = findLearningRate(new MLP(network(0.01)), data.X, data.y);
facts.suggestion = test.suggestion;
say(`\nThe range test on a 2-32-32-1 network suggests ${test.suggestion}.\n`);
const trained = [['rate', 'loss after 30 epochs']];
facts.network = {};
for (const rate of [test.suggestion / 100, test.suggestion, 20]) {
  let outcome;
  try {
    outcome = new MLP(network(rate)).fitSync(data.X, data.y, { epochs: 30 }).last.loss;
  } catch (error) {
    outcome = error.code;
    facts.message = error.message;
  }
  facts.network[rate] = outcome;
  trained.push([rate, typeof outcome === 'number' ? outcome.toFixed(4) : outcome]);
}
say(table(trained));
if (facts.message !== undefined) say(`\n${facts.message}`);

await show(
  [
    {
      title: `Rates on curvatures ${mu} and ${L}`,
      x: { label: 'step' },
      y: { label: 'loss', log: true },
      series,
    },
    {
      title: 'Range test of a 2-32-32-1 network',
      x: { label: 'learning rate', log: true },
      y: { label: 'loss', from: 0, to: 2 * test.losses[0] },
      rules: [{ x: test.suggestion, label: `suggested: ${test.suggestion}` }],
      series: [{ name: '', points: Array.from(test.rates, (rate, i) => [rate, test.losses[i]]) }],
    },
  ],
  facts,
);

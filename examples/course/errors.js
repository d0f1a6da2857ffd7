// Three errors: what the network cannot say, what so few rows cannot tell, and what training did not find.
//
//   npx feedforward course errors
//
// The error of a trained network over that of the truth is approximation (its best weights, all of the distribution seen) + estimation (the
// best weights for the rows there are) + optimisation (training stopped short). Wider networks have less of the first and more of the second.
// See: Bottou & Bousquet 2007.

import { MLP, Random, dense, lbfgs } from 'feedforward';
import { say, show, table } from './support/page.js';

const f = (x) => Math.sin(3 * x) + 0.3 * x;
const noise = 0.2;
const random = new Random(3, 'data');
const sample = (rows, deviation) => {
  const X = Array.from({ length: rows }, () => [random.between(-2, 2)]);
  return { X, y: X.map(([x]) => [f(x) + deviation * random.normal()]) };
};
const grid = Array.from({ length: 801 }, (_, i) => [-2 + i / 200]);
const truth = grid.map(([x]) => [f(x)]);
const few = sample(30, noise);
const test = sample(4000, noise);
const facts = { threeErrors: {}, fits: {} };

const network = (units, seed) =>
  new MLP({ inputs: 1, layers: [dense(units, { activation: 'tanh' }), dense(1)], optimizer: lbfgs(), seed });

/** Of several starts the one with the least loss on its rows. */
function fitted(units, { X, y }, epochs, starts = 6) {
  const models = Array.from({ length: starts }, (_, seed) => {
    const model = network(units, seed);
    model.fitSync(X, y, { epochs, reportMetrics: false });
    return { model, loss: model.evaluate(X, y).loss };
  });
  return models.reduce((best, one) => (one.loss < best.loss ? one : best)).model;
}
/** Mean squared distance from f itself. */
const fromTruth = (model) => model.evaluate(grid, truth).loss;

const rows = [['hidden units', 'approximation', '+ estimation, 30 rows', '+ optimisation, 8 steps']];
for (const units of [1, 3, 10]) {
  const all = fromTruth(fitted(units, { X: grid, y: truth }, 400));
  const finite = fromTruth(fitted(units, few, 400));
  const early = fromTruth(fitted(units, few, 8, 1));
  facts.threeErrors[units] = { approximation: all, estimation: finite - all, optimisation: early - finite };
  rows.push([units, ...[all, finite - all, early - finite].map((v) => v.toExponential(1))]);
}
say(`Mean squared distance from f, in parts\n${table(rows)}\n`);

const pictures = [];
const roots = [['hidden units', 'training', 'test', '']];
for (const [units, verdict] of [
  [1, 'underfits'],
  [4, 'fits'],
  [60, 'overfits'],
]) {
  const model = fitted(units, few, units === 60 ? 3000 : 600, units === 60 ? 1 : 6);
  const train = Math.sqrt(model.evaluate(few.X, few.y).loss);
  const held = Math.sqrt(model.evaluate(test.X, test.y).loss);
  facts.fits[units] = { train, test: held };
  roots.push([units, train.toFixed(3), held.toFixed(3), verdict]);
  const drawn = model.predict(grid).data;
  pictures.push({
    title: `${units} hidden unit${units === 1 ? '' : 's'}: ${verdict}`,
    x: { label: 'x' },
    y: { label: 'y', from: -2.2, to: 2.2 },
    series: [
      { name: '30 rows', points: few.X.map(([x], i) => [x, few.y[i][0]]), dots: true },
      { name: 'learnt', points: grid.map(([x], i) => [x, drawn[i]]) },
      { name: 'f', points: grid.map(([x]) => [x, f(x)]), dashed: true },
    ],
  });
}
say(`Root mean squared errors; the noise alone makes ${noise}\n${table(roots)}`);
await show(pictures, facts);

// Exclusive or: what one neuron ends in, four networks of two hidden neurons that do it exactly, and how often training finds one.
//
//   npx feedforward course xor
//
// The best a line can do is say 1/2 everywhere: there the gradient of the squared error is 0 and the loss 1/4. Two ReLUs do it exactly, and
// so does every D W1, D^-1 w2 with a positive diagonal D, since relu(d z) = d relu(z). Gradient descent finds such weights from
// some starts and ends in a local minimum or on a plateau from others.

import { MLP, Perceptron, adam, dense, gd } from 'feedforward';
import { say, show, table } from './support/page.js';
import { surface } from './support/surface.js';

const X = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const y = [[0], [1], [1], [0]];
const facts = {};

// ---- one neuron --------------------------------------------------------------------------------------------------------

const line = new MLP({ inputs: 2, layers: [dense(1)], optimizer: gd({ learningRate: 0.5 }), seed: 1 });
const lineLosses = line.fitSync(X, y, { epochs: 300 }).values('loss');
const [w1, w2, b] = line.getVector();
line.setVector([0, 0, 0.5]);
line.zeroGrad();
line.forward(X, { training: true });
line.loss(y);
line.backward();
facts.line = {
  weights: [w1, w2],
  bias: b,
  loss: lineLosses.at(-1),
  gradient: line.gradients().flatMap(({ values }) => [...values]),
};
say(
  `One neuron, gradient descent from a random start: w = ${w1.toExponential(0)}, ${w2.toExponential(0)}, b = ${b.toFixed(4)}, loss ${facts.line.loss.toFixed(4)}`,
);
say(`The gradient at w = 0, b = 1/2: ${facts.line.gradient.map((g) => Math.abs(g)).join(', ')}`);

const rosenblatt = new Perceptron({ epochs: 1 });
facts.perceptron = Array.from({ length: 6 }, () => {
  rosenblatt.partialFit(X, [0, 1, 1, 0]);
  return { weights: [...rosenblatt.weights, rosenblatt.bias], mistakes: rosenblatt.mistakes };
});
const passes = facts.perceptron.map(({ weights, mistakes }) => `${mistakes} (${weights.join(' ')})`).join(', ');
say(`The perceptron's mistakes so far, and w1 w2 b, after passes 1 to 6: ${passes}: round and round.\n`);

// ---- two hidden neurons, by hand ---------------------------------------------------------------------------------------

const network = (activation, options = {}) => new MLP({ inputs: 2, layers: [dense(2, { activation }), dense(1)], ...options });
/** Weights of 2-2-1 in the order of the vector: W1 by input, b1, w2, b2. */
const solutions = {
  'W1 = (1 -1; -1 1)': [1, -1, -1, 1, 0, 0, 1, 1, 0],
  'W1 = (-1 1; 1 -1)': [-1, 1, 1, -1, 0, 0, 1, 1, 0],
  'D W1, D^-1 w2, D = diag(3, 1/4)': [3, -0.25, -3, 0.25, 0, 0, 1 / 3, 4, 0],
  'b1 = (1, -1), b2 = 1, w2 = (-1, -1)': [-1, 1, -1, 1, 1, -1, -1, -1, 1],
};
const rows = [['2-2-1, ReLU', 'at 00, 01, 10, 11', 'loss', 'right']];
facts.solutions = {};
for (const [name, weights] of Object.entries(solutions)) {
  const model = network('relu', { metrics: ['accuracy'] });
  model.setVector(weights);
  const outputs = [...model.predict(X).data];
  const { loss } = model.evaluate(X, y);
  const right = outputs.filter((f, i) => Number(f > 0.5) === y[i][0]).length;
  facts.solutions[name] = { outputs, loss, right };
  rows.push([name, outputs.map((v) => Number(v.toFixed(6))).join(' '), loss.toExponential(0), `${right} of 4`]);
}
say(`${table(rows)}\n`);

// ---- found by training -------------------------------------------------------------------------------------------------

const starts = 60;
const found = [['60 starts of 2-2-1, Adam', 'solved', 'where the others stop']];
facts.trained = {};
let watched;
for (const activation of ['relu', 'tanh', 'sigmoid']) {
  const ends = Array.from({ length: starts }, (_, seed) => {
    const model = network(activation, { optimizer: adam({ learningRate: 0.05 }), seed });
    const history = model.fitSync(X, y, { epochs: 1500, batchSize: 4, reportMetrics: false });
    const loss = history.last.loss;
    if (activation === 'tanh' && loss < 1e-2) watched ??= { seed, losses: history.values('loss') };
    return loss;
  });
  const stuck = ends.filter((loss) => loss >= 0.01);
  const levels = [...new Set(stuck.map((loss) => loss.toFixed(3)))].sort().slice(0, 4);
  facts.trained[activation] = { solved: starts - stuck.length, levels: levels.map(Number) };
  found.push([activation, `${starts - stuck.length} of ${starts}`, levels.join(', ')]);
}
say(table(found));

/** What 2-2-1 has learnt after so many epochs. */
function frame(epochs) {
  const model = network('tanh', { optimizer: adam({ learningRate: 0.05 }), seed: watched.seed });
  if (epochs > 0) model.fitSync(X, y, { epochs, batchSize: 4, reportMetrics: false });
  const corners = (value) => X.filter((_, i) => y[i][0] === value);
  return {
    title: `After ${epochs} epochs`,
    x: { label: 'x1' },
    y: { label: 'x2' },
    surface: surface((points) => model.predict(points).data, { x: [-0.5, 1.5], y: [-0.5, 1.5], levels: [0.5], sides: true }),
    series: [
      { name: '0', points: corners(0), dots: true },
      { name: '1', points: corners(1), dots: true },
    ],
  };
}

await show(
  [
    {
      title: 'One neuron stays at 1/4',
      x: { label: 'epoch', log: true },
      y: { label: 'mean squared error', log: true, from: 1e-9 },
      series: [
        { name: 'one neuron', points: lineLosses.map((loss, i) => [i + 1, loss]) },
        { name: '2-2-1, tanh', points: watched.losses.slice(0, 300).map((loss, i) => [i + 1, loss]) },
      ],
    },
    frame(0),
    frame(40),
    frame(300),
  ],
  facts,
);

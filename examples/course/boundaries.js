// What separates: a line, features of degree 2, a quadratic support vector machine, one to four hidden neurons.
//
//   npx feedforward course boundaries
//
// A neuron is a line; AND and OR need one, exclusive or two. Features of degree 2 make circles of lines: a linear model on them with the
// hinge loss and l2 = 1 / (C n) is the support vector machine with the kernel (x z + 1)^2 whose features they are. A network learns its
// features: each hidden ReLU neuron is a line, and a triangle of three encloses a circle.
// The package libsvm-js, where it is installed, trains the machine by its dual as the oracle.

import { MLP, MLPClassifier, PolynomialFeatures, adam, cosineDecay, datasets, dense } from 'feedforward';
import { say, show, table } from './support/page.js';
import { surface } from './support/surface.js';

const facts = {};

// ---- gates -----------------------------------------------------------------------------------------------------------------

const corners = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
/** Neurons of McCulloch and Pitts: weights given, a step at 0. */
const gate = (w1, w2, b) => {
  const model = new MLP({ inputs: 2, layers: [dense(1, { activation: 'step' })] });
  model.setVector([w1, w2, b]);
  return model;
};
const both = new MLP({ inputs: 2, layers: [dense(2, { activation: 'step' }), dense(1, { activation: 'step' })] });
both.setVector([1, 1, 1, 1, -0.5, -1.5, 1, -1, -0.5]); // OR and not AND
const gates = { AND: gate(1, 1, -1.5), OR: gate(1, 1, -0.5), 'XOR, two layers': both };
facts.gates = Object.fromEntries(Object.entries(gates).map(([name, model]) => [name, [...model.predict(corners).data]]));
say(
  `At 00, 01, 10, 11: ${Object.entries(facts.gates)
    .map(([name, outputs]) => `${name} ${outputs.join(' ')}`)
    .join('; ')}\n`,
);

// ---- two circles -----------------------------------------------------------------------------------------------------------

const { X, y } = datasets.circles({ samples: 200, noise: 0.08, factor: 0.5, seed: 1 });
const points = X.toArray();
const signs = [...y.data].map((id) => (id > 0.5 ? 1 : -1));
const features = new PolynomialFeatures({ degree: 2, includeBias: false });
const squares = features.fitTransform(points); // x1, x2, x1^2, x1 x2, x2^2
const right = (answers) => answers.filter((answer, i) => Math.sign(answer) === signs[i]).length / signs.length;
const logistic = (data) => {
  const model = new MLPClassifier({ hiddenLayers: [], epochs: 300, learningRate: 0.05, l2: 0, seed: 1, onWarning: false });
  return model.fitSync(data, [...y.data]).score(data, [...y.data]);
};
facts.raw = logistic(points);
facts.degree2 = logistic(squares.toArray());

// The machine, by its primal: mean hinge + |w|^2 / (2 C n), on the features of (x z + 1)^2.
const C = 1;
const root = Math.SQRT2;
const lifted = ([a, b]) => [root * a, root * b, a * a, root * a * b, b * b];
const epochs = 3000;
const machine = new MLP({
  inputs: 5,
  layers: [dense(1)],
  loss: 'hinge',
  l2: 1 / (C * signs.length),
  optimizer: adam({ learningRate: cosineDecay(0.05, { over: epochs, per: 'epoch' }) }),
  seed: 1,
});
const targets = signs.map((s) => [s]);
machine.fitSync(points.map(lifted), targets, { epochs, batchSize: signs.length, reportMetrics: false });
const decide = (rows) => [...machine.predict(rows.map(lifted)).data];
/** Mean hinge loss + |w|^2 / (2 C n) of weights and bias. */
const objective = (w) => {
  const hinge = points.map(lifted).reduce((sum, row, i) => {
    const answer = row.reduce((at, value, j) => at + value * w[j], w[5]);
    return sum + Math.max(0, 1 - signs[i] * answer);
  }, 0);
  return hinge / signs.length + w.slice(0, 5).reduce((sum, v) => sum + v * v, 0) / (2 * C * signs.length);
};
const weights = [...machine.getVector()];
facts.svm = { weights, objective: objective(weights), right: right(decide(points)) };
const oracle = await libsvm();
if (oracle !== undefined) facts.libsvm = { weights: oracle, objective: objective(oracle) };

/** Its weights and bias by libsvm, which solves the dual: the sum of its vectors' features. undefined where it is not installed. */
async function libsvm() {
  const { default: SVM } = await import('libsvm-js/asm.js').catch(() => ({}));
  if (SVM === undefined) return undefined;
  const kernel = { kernel: SVM.KERNEL_TYPES.POLYNOMIAL, degree: 2, gamma: 1, coef0: 1 };
  const svm = new SVM({ type: SVM.SVM_TYPES.C_SVC, ...kernel, cost: C, quiet: true, tolerance: 1e-6 });
  svm.train(points, signs);
  const text = svm.serializeModel();
  svm.free();
  const first = Number(/^label (-?1)/m.exec(text)[1]); // the class that counts as +
  const w = [0, 0, 0, 0, 0];
  for (const [, coefficient, a, b] of text.matchAll(/^(\S+) 1:(\S+) 2:(\S+)/gm))
    lifted([Number(a), Number(b)]).forEach((value, j) => {
      w[j] += first * Number(coefficient) * value;
    });
  return [...w, -first * Number(/^rho (\S+)/m.exec(text)[1])];
}

// ---- hidden neurons ----------------------------------------------------------------------------------------------------------

/** The best of several starts. */
function learnt(units) {
  const starts = Array.from({ length: 8 }, (_, seed) => {
    const model = new MLP({
      ...{ inputs: 2, layers: [dense(units, { activation: 'relu' }), dense(1, { activation: 'sigmoid' })], seed },
      ...{ loss: 'binaryCrossEntropy', metrics: ['accuracy'], optimizer: adam({ learningRate: 0.03 }) },
    });
    model.fitSync(X, y, { epochs: 250, batchSize: 50, reportMetrics: false });
    return { model, accuracy: model.evaluate(X, y).accuracy };
  });
  return starts.reduce((best, one) => (one.accuracy > best.accuracy ? one : best));
}
const nets = [1, 2, 3, 4].map(learnt);
facts.hidden = nets.map(({ accuracy }) => accuracy);
say(
  table([
    ['two circles, 200 points', 'right'],
    ['a line', facts.raw.toFixed(3)],
    ['a line on features of degree 2', facts.degree2.toFixed(3)],
    ['SVM, quadratic kernel', facts.svm.right.toFixed(3)],
    ...facts.hidden.map((accuracy, i) => [`${i + 1} hidden neuron${i === 0 ? '' : 's'}`, accuracy.toFixed(3)]),
  ]),
);
const numbers = ({ weights, objective }) => [...weights.map((w) => w.toFixed(3)), objective.toFixed(5)];
say(
  `\n${table([
    ['the machine: weights of', 'x1', 'x2', 'x1^2', 'x1 x2', 'x2^2', 'bias', 'objective'],
    ['here, by its primal', ...numbers(facts.svm)],
    ...(facts.libsvm === undefined ? [] : [['libsvm, by its dual', ...numbers(facts.libsvm)]]),
  ])}`,
);
if (facts.libsvm === undefined) say('npm install libsvm-js, and the page compares with it.');

const cloud = (sign) => points.filter((_, i) => signs[i] === sign);
const circle = (title, f, level) => ({
  title,
  x: { label: 'x1' },
  y: { label: 'x2' },
  surface: surface(f, { x: [-1.3, 1.3], y: [-1.3, 1.3], levels: [level], sides: true }),
  series: [
    { name: 'outer', points: cloud(-1), dots: true },
    { name: 'inner', points: cloud(1), dots: true },
  ],
});
const square = (title, model) => ({
  title,
  x: { label: 'x1' },
  y: { label: 'x2' },
  surface: surface((rows) => model.predict(rows).data, { x: [-0.5, 1.5], y: [-0.5, 1.5], levels: [0.5], sides: true }),
  series: [0, 1].map((value) => ({
    name: String(value),
    points: corners.filter((_, i) => facts.gates[title][i] === value),
    dots: true,
  })),
});
await show(
  [
    ...Object.entries(gates).map(([title, model]) => square(title, model)),
    circle('SVM, quadratic kernel', decide, 0),
    ...[1, 2].map((i) => circle(`${i + 1} hidden neurons`, (rows) => nets[i].model.predict(rows).data, 0.5)),
  ],
  facts,
);

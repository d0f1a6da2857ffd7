// Layers without activations are one layer: W = W1 W2 … WK, and powers of matrices explain what depth does to signals and gradients.
//
//   npx feedforward course linear-collapse
//
// A dense layer is x W + b with W [inputs, units] (the transpose of the W in W x + b). Without activations a network of K of them is affine: its
// matrix is their product, its Jacobian the same at every x. With W = P diag(l1, l2) P^-1 in each of k layers that is P diag(l1^k, l2^k) P^-1:
// what lies along an eigenvector grows or vanishes like the power of its eigenvalue.

import { MLP, activation, dense, linear } from 'feedforward';
import { say, show, table } from './support/page.js';

const facts = {};
const product = (A, B) => A.map((row) => B[0].map((_, j) => row.reduce((sum, a, k) => sum + a * B[k][j], 0)));
/** A parameter as rows. */
const rowsOf = ({ values, shape: [rows, columns] }) =>
  Array.from({ length: rows }, (_, i) => [...values.slice(i * columns, (i + 1) * columns)]);
const largest = (numbers) => numbers.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

// ---- 5-7-4-2 -----------------------------------------------------------------------------------------------------------

const widths = [7, 4, 2];
const X = Array.from({ length: 20 }, (_, r) => Array.from({ length: 5 }, (_, j) => Math.sin(3 * r + 7 * j)));
const networkOf = (name) =>
  new MLP({
    inputs: 5,
    layers: widths.map((units) => dense(units, { activation: name, biasInit: { name: 'normal', deviation: 0.5 } })),
    seed: 3,
  });

/** How far the network is from the affine map that its weights alone make, relative to its outputs. */
function apart(model) {
  const tensors = model.parameters();
  let [W, c] = [undefined, [[0, 0, 0, 0, 0]]];
  for (let layer = 0; layer < tensors.length; layer += 2) {
    const own = rowsOf(tensors[layer]);
    c =
      W === undefined
        ? [[...tensors[layer + 1].values]]
        : product(c, own).map((row) => row.map((v, j) => v + tensors[layer + 1].values[j]));
    W = W === undefined ? own : product(W, own);
  }
  const affine = product(X, W).flatMap((row) => row.map((v, j) => v + c[0][j]));
  const outputs = model.predict(X).data;
  const jacobian = [0, 1].map((output) => model.inputGradient(X, output).toArray());
  return {
    affine: largest(affine.map((v, i) => v - outputs[i])) / largest(affine),
    jacobian: largest(jacobian.flatMap((rows, k) => rows.flatMap((row) => row.map((slope, j) => slope - W[j][k])))),
  };
}
const plain = networkOf('identity');
const shapes = plain.parameters().map(({ shape }) => `[${shape.join(', ')}]`);
facts.parameters = plain
  .parameters()
  .filter((_, i) => i % 2 === 0)
  .map(({ shape: [inputs, units] }) => inputs * units + units);
say(`5-7-4-2: W1 ${shapes[0]}, b1 ${shapes[1]}, W2 ${shapes[2]}, …: ${facts.parameters.join(' + ')} parameters`);
const rows = [['activations', 'outputs from x W1 W2 W3 + c', 'Jacobian from W1 W2 W3']];
for (const name of ['identity', 'tanh']) {
  facts[name] = apart(networkOf(name));
  rows.push([name, facts[name].affine.toExponential(0), facts[name].jacobian.toExponential(0)]);
}
say(`${table(rows)}\n`);

const scaled = new MLP({ inputs: 1, layers: [activation(linear({ scale: 3, shift: -2 }))] });
facts.linear = [...scaled.predict([[-1], [0], [2]]).data];
say(`The linear activation 3 z - 2 at -1, 0, 2: ${facts.linear.join(', ')}\n`);

// ---- powers of a matrix ------------------------------------------------------------------------------------------------

const [l1, l2, depth] = [1.2, 0.5, 30];
const P = [
  [1, 1],
  [1, 2],
];
const inverse = [
  [2, -1],
  [-1, 1],
];
const W = product(
  product(P, [
    [l1, 0],
    [0, l2],
  ]),
  inverse,
);
const deep = (layers) => {
  const model = new MLP({ inputs: 2, layers: Array.from({ length: layers }, () => dense(2, { bias: false })) });
  for (const parameter of model.parameters()) parameter.set(W);
  return model;
};
const trace = [0, 1].reduce(
  (sum, k) =>
    sum +
    deep(depth)
      .inputGradient([[1, 1]], k)
      .row(0)[k],
  0,
);
facts.trace = { measured: trace, theory: l1 ** depth + l2 ** depth };
say(
  `W = P diag(${l1}, ${l2}) P^-1 in ${depth} layers: the trace of the Jacobian is ${trace.toFixed(3)}; ${l1}^${depth} + ${l2}^${depth} = ${facts.trace.theory.toFixed(3)}`,
);

/** Length of what an eigenvector (a row of P^-1) becomes. */
const along = (vector) =>
  Array.from({ length: depth }, (_, k) => [k + 1, Math.hypot(...deep(k + 1).predict([vector]).data) / Math.hypot(...vector)]);
const powers = [along(inverse[0]), along(inverse[1])];
facts.powers = powers.map((points) => points.at(-1)[1]);
await show(
  [
    {
      title: 'What comes out of k layers',
      x: { label: 'layers' },
      y: { label: 'length, relative', log: true },
      series: [
        { name: `along the eigenvector of ${l1}`, points: powers[0] },
        { name: `of ${l2}`, points: powers[1].filter(([, length]) => length > 1e-9) },
      ],
    },
  ],
  facts,
);

// Rosenblatt's perceptron on the gates of logic: AND, OR and NOT it learns, XOR no perceptron can, and it says so.
//
//   node examples/perceptron.js

import { Perceptron, Random } from '../dist/index.js';

const square = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const gates = {
  AND: [square, [0, 0, 0, 1]],
  OR: [square, [0, 1, 1, 1]],
  NOT: [
    [[0], [1]],
    [1, 0],
  ],
  XOR: [square, [0, 1, 1, 0]],
};

for (const [name, [X, y]] of Object.entries(gates)) {
  const perceptron = await new Perceptron().fit(X, y);
  const plane = [...perceptron.weights].map((w, j) => `${w} x${j + 1}`).join(' + ');
  console.log(`${name.padEnd(4)} ${perceptron.verdict}`);
  if (perceptron.converged)
    console.log(`     1 where ${plane} ${perceptron.bias < 0 ? '-' : '+'} ${Math.abs(perceptron.bias)} >= 0`);
  else if (perceptron.separable === false) {
    const { rows, shares } = perceptron.separability.proof;
    console.log(
      `     the proof: y (x, 1) / |(x, 1)| of rows ${[...rows].join(', ')} in shares ${[...shares].map((s) => s.toFixed(3)).join(', ')} cancel out`,
    );
  }
}

// The bound at work: the narrower the gap between two clouds, the more mistakes it may make.
console.log('\n   gap   mistakes      bound');
for (const gap of [1, 0.3, 0.1, 0.03]) {
  const random = new Random(5);
  const X = [];
  const y = [];
  while (X.length < 200) {
    const x = [random.between(-1, 1), random.between(-1, 1)];
    const distance = (x[0] + x[1]) / Math.SQRT2;
    if (Math.abs(distance) < gap / 2) continue;
    X.push(x);
    y.push(distance > 0);
  }
  const perceptron = new Perceptron({ epochs: 100_000 }).fitSync(X, y, { separator: { weights: [1, 1] } });
  console.log(
    `${String(gap).padStart(6)}${String(perceptron.mistakes).padStart(11)}${Math.floor(perceptron.bound).toString().padStart(11)}`,
  );
}

// Rows, targets and names that all parts of the script take, and how what they come to is hashed.

/** What is trained on: 96 rows of five numbers, three classes, and the same targets in every form that a loss takes. */
export function makeRows({ Random, StandardScaler, trainTestSplit }) {
  const random = new Random(11, 'rows');
  const rows = Array.from({ length: 96 }, () => Array.from({ length: 5 }, () => 3 * random.normal() + 1));
  const scaled = new StandardScaler().fitTransform(rows);
  const classes = rows.map(([a, b]) => [Number(a > 1) + Number(b > 1)]);
  const { XTrain, yTrain } = trainTestSplit(scaled, classes, { testSize: 0.25, seed: 3 });
  // A column of signs, or one column per class.
  const signs = classes.map(([c]) => [c > 0 ? 1 : 0]);
  const shares = classes.map(([c]) => [0, 1, 2].map((k) => (k === c ? 0.8 : 0.1)));
  const oneHot = classes.map(([c]) => [0, 1, 2].map((k) => Number(k === c)));
  return { random, rows, scaled, classes, XTrain, yTrain, signs, shares, oneHot };
}

/** Digests of a model's weights, of lists of numbers, and of digests by their names. */
export function hashesBy(sha256) {
  const digest = (model) => digestOf(model.parameters().map(({ values }) => values));
  async function digestOf(arrays) {
    const bytes = arrays.map((values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const all = new Uint8Array(bytes.reduce((n, b) => n + b.length, 0));
    let at = 0;
    for (const b of bytes) {
      all.set(b, at);
      at += b.length;
    }
    return sha256(all);
  }
  function digestOfParts(hashes) {
    return sha256(new TextEncoder().encode(Object.values(hashes).join('')));
  }
  return { digest, digestOf, digestOfParts };
}

export const hidden = [
  'sigmoid',
  'tanh',
  'relu',
  'leakyRelu',
  'prelu',
  'elu',
  'celu',
  'selu',
  'gelu',
  'geluTanh',
  'silu',
  'softplus',
  'softsign',
  'mish',
  'hardSigmoid',
  'softmax',
  'logSoftmax',
  { name: 'linear', scale: 0.5, shift: 0.1 },
  { name: 'prelu', shared: false },
  'identity',
  'sign',
  'step',
];

export const optimizers = [
  'gd',
  'sgd',
  { name: 'sgd', momentum: 0.9, nesterov: true },
  { name: 'sgd', momentum: 0.9, form: 'velocity' },
  { name: 'sgd', momentum: 0.9, form: 'ema', biasCorrection: true },
  'adagrad',
  'adadelta',
  'rmsprop',
  { name: 'rmsprop', centered: true, momentum: 0.5 },
  'adam',
  { name: 'adam', amsgrad: true, weightDecay: 0.01 },
  'adamw',
  'adamax',
  'nadam',
  'lion',
  'lbfgs',
  { name: 'rmsprop', epsilonInside: true },
  { name: 'sgd', momentum: 0.9, form: 'velocity', nesterov: true },
];

export const inits = [
  'glorotUniform',
  'glorotNormal',
  'heUniform',
  'heNormal',
  'lecunUniform',
  'lecunNormal',
  'orthogonal',
  'normal',
  'uniform',
  'fanInUniform',
  'zeros',
  'ones',
  { name: 'constant', value: 0.1 },
];

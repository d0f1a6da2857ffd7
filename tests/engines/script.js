// The fixed script every engine runs: it reaches every layer, activation, loss, optimizer and the data pipeline, with
// deterministic: true, and hashes all weights. One digest, whatever the engine.

/** Runs the script with `library` (the package's exports); returns { digest, parts }. Two thousand steps in all. */
export async function runScript(library, { sha256, threads = 1 } = {}) {
  const {
    MLP,
    Random,
    StandardScaler,
    activation,
    batchNorm,
    dense,
    dropout,
    init,
    layerNorm,
    noise,
    residual,
    trainTestSplit,
    warmup,
    cosineDecay,
  } = library;
  if (threads > 1) await init({ threads });
  const parts = {};

  const random = new Random(11, 'rows');
  const rows = Array.from({ length: 96 }, () => Array.from({ length: 5 }, () => 3 * random.normal() + 1));
  const scaled = new StandardScaler().fitTransform(rows);
  const classes = rows.map(([a, b]) => [Number(a > 1) + Number(b > 1)]);
  const { XTrain, yTrain } = trainTestSplit(scaled, classes, { testSize: 0.25, seed: 3 });

  const hidden = [
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
  ];
  const optimizers = [
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
  ];
  const inits = [
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
  ];

  async function digest(model) {
    const bytes = [];
    for (const { values } of model.parameters()) bytes.push(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const all = new Uint8Array(bytes.reduce((n, b) => n + b.length, 0));
    let at = 0;
    for (const b of bytes) {
      all.set(b, at);
      at += b.length;
    }
    return sha256(all);
  }

  for (let i = 0; i < hidden.length; i++) {
    const model = new MLP({
      inputs: 5,
      layers: [dense(9, { activation: hidden[i], weightInit: inits[i % inits.length] }), dense(3, { activation: 'softmax' })],
      loss: 'sparseCategoricalCrossEntropy',
      optimizer: optimizers[i % optimizers.length],
      seed: i,
      deterministic: true,
    });
    const fullBatch = optimizers[i % optimizers.length] === 'gd';
    model.fitSync(XTrain, yTrain, { epochs: 15, ...(fullBatch ? {} : { batchSize: 20 }) });
    parts[`${i} ${JSON.stringify(hidden[i])}`] = await digest(model);
  }

  const losses = [
    'meanSquaredError',
    'meanAbsoluteError',
    'huber',
    'logCosh',
    'hinge',
    'squaredHinge',
    'perceptron',
    { name: 'binaryCrossEntropy', fromLogits: true },
    'poisson',
  ];
  const signs = classes.map(([c]) => [c > 0 ? 1 : 0]);
  for (let i = 0; i < losses.length; i++) {
    const model = new MLP({
      inputs: 5,
      layers: [dense(7, { activation: 'tanh' }), dense(1, { activation: losses[i] === 'poisson' ? 'softplus' : 'identity' })],
      loss: losses[i],
      optimizer: {
        ...(typeof optimizers[i + 5] === 'string' ? { name: optimizers[i + 5] } : optimizers[i + 5]),
        learningRate: warmup(cosineDecay(0.02, { over: 10 }), { steps: 5 }),
      },
      l1: 1e-3,
      l2: 1e-2,
      clip: { globalNorm: 1 },
      seed: i,
      deterministic: true,
    });
    model.fitSync(scaled, signs, { epochs: 15, batchSize: 7 });
    parts[`loss ${i}`] = await digest(model);
  }

  const deep = {
    inputs: 5,
    layers: [
      noise(0.1),
      dense(24),
      batchNorm(),
      activation('relu'),
      dropout(0.2),
      residual([dense(24, { activation: 'gelu' }), layerNorm(), residual([dense(17, { activation: 'mish' })])]),
      residual([dense(11, { activation: 'selu' })]),
      dense(3, { activation: 'softmax' }),
    ],
    loss: 'sparseCategoricalCrossEntropy',
    optimizer: 'adamw',
    maxNorm: 3,
    weightAveraging: { decay: 0.9 },
    seed: 5,
    deterministic: true,
  };
  const model = new MLP(deep);
  model.fitSync(XTrain, yTrain, { epochs: 20, batchSize: 16 });
  const state = model.state();
  const resumed = new MLP(deep);
  resumed.restoreState(state);
  resumed.fitSync(XTrain, yTrain, { epochs: 20, batchSize: 16 });
  parts['every layer, with a resume'] = await digest(resumed);

  // Large enough for threads to share.
  const wide = new MLP({
    inputs: 64,
    layers: [
      dense(257, { activation: 'relu' }),
      batchNorm(),
      dense(129, { activation: 'tanh' }),
      dense(3, { activation: 'softmax' }),
    ],
    loss: 'sparseCategoricalCrossEntropy',
    seed: 9,
    deterministic: true,
  });
  const many = { data: Float32Array.from({ length: 200 * 64 }, () => random.normal()), shape: [200, 64] };
  const labels = { data: Float32Array.from({ length: 200 }, () => random.below(3)), shape: [200, 1] };
  for (let s = 0; s < 20; s++) wide.trainStep(many, labels);
  parts['wide'] = await digest(wide);
  if (threads > 1) await init({ threads: 1 });

  const text = new TextEncoder().encode(Object.values(parts).join(''));
  return { digest: await sha256(text), parts };
}

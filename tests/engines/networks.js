// Networks of every activation, initializer, optimizer, loss and schedule, one of every layer, and that one broken off and gone on with.

import { hidden, inits, optimizers } from './material.js';

export async function networkParts(library, { XTrain, yTrain, scaled, classes, signs, shares, oneHot }, { digest, digestOf }) {
  const { MLP, activation, batchNorm, dense, dropout, layerNorm, noise, residual } = library;
  const parts = {};
  for (let i = 0; i < hidden.length; i++) {
    const optimizer = optimizers[i % optimizers.length];
    const flat = hidden[i] === 'sign' || hidden[i] === 'step'; // no gradient passes: they only predict
    const model = new MLP({
      inputs: 5,
      layers: [
        dense(9, { activation: hidden[i], weightInit: inits[i % inits.length], biasInit: inits[(i + 3) % inits.length] }),
        dense(3, { activation: 'softmax' }),
      ],
      loss: 'sparseCategoricalCrossEntropy',
      optimizer,
      seed: i,
      deterministic: true,
    });
    const fullBatch = optimizer === 'gd' || optimizer === 'lbfgs';
    if (!flat) model.fitSync(XTrain, yTrain, { epochs: 15, ...(fullBatch ? {} : { batchSize: 20 }) });
    parts[`${i} ${JSON.stringify(hidden[i])}`] = flat ? await digestOf([model.predict(XTrain).data]) : await digest(model);
  }

  const { cosineDecay, cosineRestarts, exponentialDecay, inverseTimeDecay } = library;
  const { oneCycle, polynomialDecay, reduceOnPlateau, stepDecay, warmup } = library;
  const schedules = [
    warmup(cosineDecay(0.02, { over: 10 }), { steps: 5 }),
    cosineRestarts(0.02, { first: 3, factor: 2 }),
    exponentialDecay(0.02, { factor: 0.9 }),
    inverseTimeDecay(0.02, { decay: 0.5, per: 'step' }),
    polynomialDecay(0.02, { over: 12, power: 2.5, end: 0.001 }),
    oneCycle(0.05, { over: 15 }),
    stepDecay(0.02, { every: 5, factor: 0.5 }),
    reduceOnPlateau(0.02, { patience: 1, factor: 0.5 }),
  ];
  const squares = (yTrue, yPred) => {
    const difference = Float32Array.from(yPred.data, (p, i) => p - yTrue.data[i]);
    const value = difference.reduce((sum, d) => sum + d * d, 0) / yPred.shape[0];
    return { value, gradient: { data: difference.map((d) => (2 * d) / yPred.shape[0]), shape: yPred.shape } };
  };
  const losses = [
    ['meanSquaredError', dense(1), signs],
    ['meanAbsoluteError', dense(1), signs],
    [{ name: 'huber', delta: 0.5 }, dense(1), signs],
    ['logCosh', dense(1), signs],
    ['hinge', dense(1), signs],
    ['squaredHinge', dense(1, { activation: 'tanh' }), signs],
    ['perceptron', dense(1), signs],
    [{ name: 'binaryCrossEntropy', fromLogits: true }, dense(1), signs],
    ['binaryCrossEntropy', dense(1, { activation: 'sigmoid' }), signs],
    [{ name: 'binaryCrossEntropy', labelSmoothing: 0.1 }, dense(1, { activation: 'hardSigmoid' }), signs],
    ['poisson', dense(1, { activation: 'softplus' }), signs],
    [{ name: 'categoricalCrossEntropy', labelSmoothing: 0.1 }, dense(3, { activation: 'softmax' }), oneHot],
    [{ name: 'categoricalCrossEntropy', fromLogits: true }, dense(3), shares],
    ['sparseCategoricalCrossEntropy', dense(3, { activation: 'logSoftmax' }), classes],
    ['klDivergence', dense(3, { activation: 'softmax' }), shares],
    [squares, dense(1), signs],
  ];
  const stepwise = optimizers.filter((o) => o !== 'gd' && o !== 'lbfgs');
  for (let i = 0; i < losses.length; i++) {
    const [loss, last, targets] = losses[i];
    const optimizer = stepwise[(i + 4) % stepwise.length];
    const model = new MLP({
      inputs: 5,
      layers: [dense(7, { activation: 'tanh', biasInit: 'zeros' }), last],
      loss,
      optimizer: {
        ...(typeof optimizer === 'string' ? { name: optimizer } : optimizer),
        learningRate: schedules[i % schedules.length],
      },
      l1: 1e-3,
      l2: 1e-2,
      clip: [{ globalNorm: 1 }, { norm: 0.5 }, { value: 0.1 }][i % 3],
      inputNoise: 0.01,
      seed: i,
      deterministic: true,
    });
    const fit = { epochs: 10, batchSize: 7, sampleWeight: classes.map(([c]) => 1 + c) };
    model.fitSync(scaled, targets, typeof loss === 'function' ? { ...fit, sampleWeight: undefined } : fit);
    parts[`loss ${i}`] = await digestOf([...model.parameters().map((p) => p.values), model.predict(scaled).data]);
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
  const fit = { epochs: 20, batchSize: 16, validationSplit: 0.2, earlyStopping: { patience: 30 } };
  const model = new MLP(deep);
  model.fitSync(XTrain, yTrain, fit);
  parts['every layer'] = await digest(model);

  // The same, broken off in the middle of an epoch, saved as a file and gone on with.
  const stop = new AbortController();
  const broken = new MLP(deep);
  let steps = 0;
  const onBatchEnd = () => void (++steps === 37 && stop.abort());
  await broken.fit(XTrain, yTrain, { ...fit, signal: stop.signal, callbacks: [{ onBatchEnd }] }).catch((error) => {
    if (error.name !== 'AbortError') throw error;
  });
  const resumed = MLP.load(broken.save({ optimizer: true }));
  resumed.fitSync(XTrain, yTrain, { ...fit, epochs: 20 - resumed.epoch });
  parts['every layer, broken off and resumed'] = await digest(resumed);
  if (steps !== 37 || parts['every layer'] !== parts['every layer, broken off and resumed'])
    throw new Error(`a training broken off at step 37 (${steps}) and resumed went another way than one that never stopped`);
  return { parts, losses: losses.map(([loss]) => loss) };
}

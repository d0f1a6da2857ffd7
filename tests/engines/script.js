// The fixed script every engine runs: it reaches every layer, activation, loss, optimizer, initializer and schedule, the data
// pipeline, every register tile, and a checkpoint in the middle, with deterministic: true, and hashes all weights. One
// digest, whatever the engine. tests/engine/engines.test.ts checks that no name of the tables is left out.

/**
 * Runs the script with `library` (the package's exports); returns { digest, parts, later }. Four thousand steps in all. What the
 * library learnt after its first digest was published has one of its own, later.digest of later.parts, so that the first stays.
 */
export async function runScript(library, { sha256, threads = 1 } = {}) {
  const {
    MLP,
    MLPClassifier,
    MinMaxScaler,
    OneHotEncoder,
    PolynomialFeatures,
    QuantizedModel,
    Random,
    RobustScaler,
    SimpleImputer,
    StandardScaler,
    TableEncoder,
    activation,
    batchNorm,
    datasets,
    dense,
    dropout,
    embedding,
    hessianVectorProduct,
    init,
    kFold,
    layerNorm,
    metrics,
    noise,
    parseCsv,
    quantize,
    rescale,
    residual,
    stratifiedKFold,
    trainTestSplit,
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
    'sign',
    'step',
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
    'lbfgs',
    { name: 'rmsprop', epsilonInside: true },
    { name: 'sgd', momentum: 0.9, form: 'velocity', nesterov: true },
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
    'zeros',
    'ones',
    { name: 'constant', value: 0.1 },
  ];
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
  // Loss, last layer, targets: a column of signs, of class ids, or one column per class.
  const signs = classes.map(([c]) => [c > 0 ? 1 : 0]);
  const shares = classes.map(([c]) => [0, 1, 2].map((k) => (k === c ? 0.8 : 0.1)));
  const oneHot = classes.map(([c]) => [0, 1, 2].map((k) => Number(k === c)));
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

  // Large enough for threads to share.
  const many = { data: Float32Array.from({ length: 200 * 64 }, () => random.normal()), shape: [200, 64] };
  const labels = { data: Float32Array.from({ length: 200 }, () => random.below(3)), shape: [200, 1] };
  const wide = async () => {
    const model = new MLP({
      inputs: 64,
      layers: [
        dense(257, { activation: 'relu' }),
        batchNorm(),
        dense(129, { activation: 'tanh', biasInit: 'zeros' }),
        dense(3, { activation: 'softmax' }),
      ],
      loss: 'sparseCategoricalCrossEntropy',
      seed: 9,
      deterministic: true,
    });
    for (let s = 0; s < 20; s++) model.trainStep(many, labels);
    return digest(model);
  };
  parts['wide'] = await wide();
  for (let tile = 0; tile < 7; tile++) {
    const part = `wide, tile ${tile}`;
    parts[part] = await withTile(tile, wide);
    if (parts[part] !== parts['wide']) throw new Error(`tile ${tile} gave other weights than the tile in use`);
  }
  const dropping = new MLP({
    inputs: 64,
    layers: [
      dense(257, { activation: 'relu', dropConnect: 0.3 }),
      dropout(0.1),
      dense(129, { activation: 'tanh', biasInit: 'zeros', sparse: 0.5, dropConnect: 0.5 }),
      dense(3, { activation: 'softmax' }),
    ],
    loss: 'sparseCategoricalCrossEntropy',
    seed: 9,
    deterministic: true,
  });
  dropping.fitSync(many, labels, { epochs: 4, batchSize: 50, accumulate: 2 });
  const droppedConnections = await digest(dropping);
  if (threads > 1) await init({ threads: 1 });

  // The data pipeline, from text to an estimator's probabilities.
  const words = ['red', 'green', 'blue'];
  const csv = [
    'size,colour,day,answer',
    ...rows.map(
      ([a, b, c], i) => `${i % 9 === 4 ? '' : a},${words[i % 3]},2024-0${1 + (i % 9)}-1${i % 10},${b + c > 2 ? 'yes' : 'no'}`,
    ),
  ].join('\n');
  const table = parseCsv(csv);
  const classifier = new MLPClassifier({ hiddenLayers: [8], epochs: 12, seed: 2, deterministic: true });
  await classifier.fit(table, 'answer');
  const proba = classifier.predictProba(table);
  const pipeline = [
    ...[new MinMaxScaler(), new RobustScaler(), new PolynomialFeatures({ degree: 3 })].map(
      (step) => step.fitTransform(rows).data,
    ),
    new OneHotEncoder().fitTransform(table.labels('colour').map((word) => [word])).data,
    new SimpleImputer({ strategy: 'median' }).fitTransform(
      rows.map((row, i) => (i % 5 === 0 ? [Number.NaN, ...row.slice(1)] : row)),
    ).data,
    new TableEncoder().fit(table).transform(table).data,
    ...[...kFold(96, { folds: 4, seed: 1 }), ...stratifiedKFold(table.labels('answer'), { folds: 3, seed: 1 })].map(({ test }) =>
      Float64Array.from(test),
    ),
    ...[datasets.moons, datasets.circles, datasets.spirals, datasets.gaussians, datasets.blackScholes].map(
      (make) => make({ samples: 60, seed: 4 }).X.data,
    ),
    proba.data,
    Float64Array.of(
      metrics.accuracy(table.labels('answer'), classifier.predict(table)),
      metrics.logLoss(table.labels('answer'), proba, { classes: classifier.classes }),
    ),
  ];
  for (const [i, data] of pipeline.entries()) parts[`data ${i}`] = await digestOf([data]);

  const later = {};
  later['rescale'] = await digest(rescaled());
  later['recipe of tables'] = await digest(recipe('coslog4', 'selu'));
  later['recipe of tables, flat cosine'] = await digest(recipe('flatCosine', 'mish'));
  const swished = new MLP({
    inputs: 5,
    layers: [dense(9, { activation: 'hardSwish' }), dense(3, { activation: 'softmax' })],
    loss: 'sparseCategoricalCrossEntropy',
    seed: 1,
    deterministic: true,
  });
  swished.fitSync(XTrain, yTrain, { epochs: 15, batchSize: 20 });
  later['hardSwish'] = await digest(swished);
  const signed = new MLP({
    inputs: 5,
    layers: [
      dense(9, {
        activation: 'tanh',
        biasInit: 'zeros',
        signs: {
          inputs: [1, 1, 3],
          units: [4, 5],
          signs: [
            [1, -1],
            [-1, null],
            [0, 0],
          ],
        },
      }),
      dense(18, {
        activation: 'softplus',
        signs: {
          inputs: [4, 5],
          units: [9, 9],
          signs: [
            [1, -1],
            [-1, 1],
          ],
        },
      }),
      dense(3, { signs: { inputs: [9, 9], signs: [[1], [-1]] } }),
    ],
    weightAveraging: { decay: 0.9 },
    maxNorm: 2,
    seed: 1,
    deterministic: true,
  });
  signed.fitSync(scaled, { data: scaled.data.slice(0, 96 * 3), shape: [96, 3] }, { epochs: 10, batchSize: 16 });
  later['signs of weights'] = await digest(signed);
  const sparse = new MLP({
    inputs: 5,
    layers: [
      dense(19, {
        activation: 'tanh',
        biasInit: 'zeros',
        mask: Array.from({ length: 5 }, (_, i) => Array.from({ length: 19 }, (_, j) => Number((i + j) % 3 > 0))),
      }),
      dense(9, { activation: 'softplus', sparse: 0.3 }),
      dense(3, { activation: 'softmax' }),
    ],
    loss: 'sparseCategoricalCrossEntropy',
    clip: { globalNorm: 0.5 },
    seed: 2,
    deterministic: true,
  });
  sparse.fitSync(XTrain, yTrain, { epochs: 10, batchSize: 20 });
  later['connections left out'] = await digest(sparse);
  later['connections dropped'] = droppedConnections;
  const branching = new MLP({
    inputs: 5,
    layers: [
      dense(9, { activation: 'tanh', biasInit: 'zeros', name: 'a' }),
      batchNorm({ name: 'b' }),
      dense(7, { activation: 'softplus', from: ['input', 'a'], name: 'c' }),
      residual([dense(6, { activation: 'gelu' })], { from: ['c', 'b'], name: 'd' }),
      dropout(0.2, { from: ['d', 'input'], name: 'e' }),
      dense(3, { activation: 'softmax', from: ['e', 'a'] }),
    ],
    loss: 'sparseCategoricalCrossEntropy',
    seed: 3,
    deterministic: true,
  });
  branching.fitSync(XTrain, yTrain, { epochs: 10, batchSize: 20 });
  later['layers that read others by name'] = await digestOf([
    ...branching.parameters().map(({ values }) => values),
    branching.inputGradient(XTrain, 1).data,
  ]);
  /** Models of whole numbers, of every activation: their outputs, by each build that runs here and in JavaScript, which have the same bits. */
  async function integers() {
    const outputs = [];
    for (const name of hidden)
      for (const bits of [7, 14]) {
        const model = new MLP({
          inputs: 5,
          layers: [
            rescale({ center: 1, scale: 2 }),
            dense(19, { activation: name }),
            batchNorm(),
            residual([dense(8, { activation: name }), layerNorm()]),
            dense(3, { activation: name }),
          ],
          deterministic: true,
          seed: 3,
        });
        const file = quantize(model, rows, { maxLoss: 1, bits }).save();
        let first;
        for (const build of ['javascript', 'simd', 'relaxed']) {
          let data;
          try {
            ({ data } = QuantizedModel.load(file, { build }).predict(rows));
          } catch (error) {
            if (error.code !== 'ERR_UNSUPPORTED') throw error;
            continue; // this engine lacks it
          }
          first ??= data;
          const wrong = data.findIndex((value, i) => !Object.is(value, first[i]));
          if (wrong >= 0) throw new Error(`whole numbers, ${JSON.stringify(name)}, ${build}: ${data[wrong]} for ${first[wrong]}`);
        }
        outputs.push(first);
      }
    return digestOf(outputs);
  }

  // Whatever name the tables have gained since, in a network that takes it.
  const reached = JSON.stringify([
    hidden,
    optimizers,
    losses.map(([loss]) => loss),
    Object.keys(later),
    'swish',
    'mse',
    'mae',
    'zeroOne',
  ]);
  for (const option of ['activation', 'loss', 'optimizer'])
    for (const name of namesOf(option).filter((name) => !reached.includes(`"${name}"`)))
      later[`${option} ${name}`] = await digest(trainedWith(option, name));
  const wrong = networkWith('loss', 'zeroOne', dense(1)).evaluate(scaled, signs, { sampleWeight: classes.map(([c]) => 1 + c) });
  later['loss zeroOne'] = await digestOf([Float64Array.of(wrong.loss)]); // it is evaluated, not trained
  const searching = new MLP({
    inputs: 5,
    layers: [dense(7, { activation: { name: 'polynomial', coefficients: [0.1, 1, 0.2, -0.1] } }), dense(1)],
    optimizer: { name: 'gd', lineSearch: 'armijo' },
    l2: 1e-3,
    seed: 2,
    deterministic: true,
  });
  searching.fitSync(scaled, signs, { epochs: 12, gradientTolerance: 1e-9 });
  later['line search'] = await digest(searching);
  later['constants that change'] = await digest(changing());
  later['embedding'] = await digest(embedded());
  later['outputs in order'] = await digest(ordered());
  const twins = [
    'elu',
    'celu',
    'selu',
    'gelu',
    'geluTanh',
    'silu',
    'softplus',
    'softsign',
    'mish',
    'hardSwish',
    'sigmoid',
    'tanh',
  ];
  for (const [i, name] of twins.entries()) {
    const { model, products } = differential(name, twins[(i + 5) % twins.length]);
    later[`derivatives through ${name}`] = await digest(model);
    later[`Hessians through ${name}`] = await digestOf([products.data]);
  }

  later['whole numbers'] = await integers();

  return { digest: await digestOfParts(parts), parts, later: { digest: await digestOfParts(later), parts: later } };

  /** Trained on values and input gradients: two outputs, a residual block, rows that count differently. */
  function differential(first, second) {
    const model = new MLP({
      inputs: 5,
      layers: [
        rescale({ center: 0.5, scale: [1, 2, 0.5, 1, 3] }),
        dense(9, { activation: first }),
        residual([dense(7, { activation: second })], { projection: true }),
        activation(second),
        dense(2, { activation: first }),
      ],
      optimizer: 'adam',
      seed: 1,
      deterministic: true,
    });
    const targets = { data: scaled.data.slice(0, 96 * 2), shape: [96, 2] };
    const inputGradients = {
      data: Float32Array.from({ length: 960 }, (_, k) => scaled.data[k % 480] / (1 + (k % 7))),
      shape: [96, 10],
    };
    const sampleWeight = Array.from({ length: 96 }, (_, i) => i % 3);
    model.fitSync(scaled, targets, { epochs: 4, batchSize: 17, inputGradients, derivativeWeight: 'balanced', sampleWeight });
    return { model, products: hessianVectorProduct(model, scaled, scaled, 1) };
  }

  function digestOfParts(hashes) {
    return sha256(new TextEncoder().encode(Object.values(hashes).join('')));
  }

  /** A network that `option` makes of some name, not trained yet. */
  function networkWith(option, name, last = dense(3, { activation: 'softmax' })) {
    const own = option === 'activation' ? {} : { [option]: name };
    return new MLP({
      inputs: 5,
      layers: [dense(9, { activation: option === 'activation' ? name : 'tanh' }), last],
      loss: 'sparseCategoricalCrossEntropy',
      seed: 1,
      deterministic: true,
      ...own,
    });
  }

  /** The names that an option knows: the message that refuses another lists them. */
  function namesOf(option) {
    try {
      networkWith(option, '?');
    } catch ({ message }) {
      return message.slice(message.indexOf('one of: ') + 8, -1).split(', ');
    }
    throw new Error(`${option}: "?" was taken for a name`);
  }

  /** Trained for a while; a loss with the first outputs and targets of these that it takes. */
  function trainedWith(option, name) {
    const ends = [
      [dense(1), signs],
      [dense(2), signs],
      [dense(1, { activation: 'sigmoid' }), signs],
      [dense(1, { activation: 'softplus' }), signs],
      [dense(3, { activation: 'softmax' }), shares],
      [dense(3, { activation: 'softmax' }), classes],
    ];
    for (const [last, targets] of option === 'loss' ? ends : ends.slice(-1)) {
      try {
        const model = networkWith(option, name, last);
        model.fitSync(scaled, targets, { epochs: 10 });
        return model;
      } catch (error) {
        if (!['ERR_OPTION', 'ERR_LABEL', 'ERR_SHAPE'].includes(error.code)) throw error;
      }
    }
    throw new Error(`no network here takes the ${option} "${name}"`);
  }

  /** Rates of their own for weights and biases, random biases, and the last of equally good epochs. */
  function recipe(schedule, hidden) {
    const ntk = { parametrization: 'ntk', biasLearningRateScale: 0.1 };
    const model = new MLP({
      inputs: 5,
      layers: [
        rescale({}, { trainable: true, learningRateScale: 6 }),
        dense(9, { activation: hidden, biasInit: { name: 'normal', deviation: 1 }, ...ntk }),
        dense(3, { activation: 'softmax', weightInit: 'zeros', ...ntk }),
      ],
      loss: 'sparseCategoricalCrossEntropy',
      optimizer: { name: 'adam', beta2: 0.95, learningRate: { schedule, rate: 0.04, over: 60, per: 'step' } },
      metrics: ['accuracy'],
      deterministic: true,
    });
    const watched = { validationSplit: 0.25, earlyStopping: { monitor: 'valAccuracy', ties: 'last' } };
    model.fitSync(scaled, classes, { epochs: 10, batchSize: 16, ...watched });
    return model;
  }

  /** Three quantiles of each of two targets, in order by a matrix that does not train. */
  function ordered() {
    const model = new MLP({
      inputs: 5,
      layers: [
        dense(9, { activation: 'tanh', biasInit: 'zeros' }),
        dense(8, { activation: 'softplus' }),
        dense(6, { bias: false, trainable: false, weightInit: 'cumulative' }),
      ],
      loss: { name: 'pinball', levels: [0.1, 0.5, 0.9] },
      deterministic: true,
    });
    model.fitSync(rows, { data: scaled.data.slice(0, 96 * 2), shape: [96, 2] }, { epochs: 10, batchSize: 16 });
    return model;
  }

  /** Momentum, rho, epsilon and weight decay by schedules, and penalties on biases. */
  function changing() {
    const rising = (start, end) => ({ schedule: 'cosine', rate: start, end, over: 40, per: 'step' });
    const model = new MLP({
      inputs: 5,
      layers: [dense(9, { activation: 'tanh', biasL1: 1e-3 }), dense(3, { activation: 'softmax' })],
      loss: 'sparseCategoricalCrossEntropy',
      optimizer: {
        name: 'rmsprop',
        momentum: rising(0.5, 0.95),
        rho: rising(0.8, 0.99),
        epsilon: rising(1e-3, 1e-6),
        weightDecay: { schedule: 'inverseTime', rate: 0.1 },
      },
      biasL2: 0.01,
      deterministic: true,
    });
    model.fitSync(rows, classes, { epochs: 10, batchSize: 16 });
    return model;
  }

  /** Categories in two columns, some of them unknown. */
  function embedded() {
    const model = new MLP({
      inputs: 5,
      layers: [
        embedding({ column: 4, categories: 3, size: 5, learningRateScale: 2 }),
        embedding({ column: 1, categories: 4, size: 18 }),
        dense(9, { activation: 'tanh', biasInit: 'fanInUniform' }),
        dense(3, { activation: 'softmax' }),
      ],
      loss: 'sparseCategoricalCrossEntropy',
      weightAveraging: { decay: 0.9 },
      l2: 1e-3,
      deterministic: true,
    });
    model.fitSync(rows, classes, { epochs: 10, batchSize: 16 });
    return model;
  }

  /** Seconds since 1970 and numbers around 0, rescaled in front (in float64) and in the middle, with gains that train. */
  function rescaled() {
    const X = { data: Float64Array.from(rows.flat(), (v, k) => (k % 5 === 0 ? 1.7e9 + 60 * v : v)), shape: [96, 5] };
    const center = [1.7e9 + 60.5, 1, 1, 1, 1];
    const model = new MLP({
      inputs: 5,
      layers: [
        rescale({ center, scale: [180, 3, 3, 3, 3], trainable: true }),
        dense(9, { activation: 'tanh', biasInit: 'zeros' }),
        rescale({ center: 0.1, scale: 0.7 }),
        dense(3, { activation: 'softmax' }),
      ],
      loss: 'sparseCategoricalCrossEntropy',
      weightAveraging: { decay: 0.9 },
      deterministic: true,
    });
    model.fitSync(X, classes, { epochs: 10, batchSize: 16 });
    return model;
  }
}

/** What `work` gives while every instance made uses one register tile, whatever was measured. */
async function withTile(tile, work) {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class {
    constructor(module, imports) {
      const { exports } = new Instance(module, imports);
      const chooseTiles = () => exports.chooseTiles(tile, tile);
      this.exports = exports.chooseTiles === undefined ? exports : { ...exports, chooseTiles };
      if (exports.chooseTiles !== undefined) chooseTiles();
    }
  };
  try {
    return await work();
  } finally {
    WebAssembly.Instance = Instance;
  }
}

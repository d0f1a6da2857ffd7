// What the library learnt after the first digest was published: layers, options and losses since, and every name that its tables have gained.

import { hidden, optimizers } from './material.js';

/** `losses`: those that networks.js trains with. `dropped`: the digest of connections dropped, which wide networks have. */
export async function laterParts(library, material, { digest, digestOf }, { losses, dropped }) {
  const { MLP, QuantizedModel, activation, batchNorm, dense, dropout, embedding, hessianVectorProduct } = library;
  const { layerNorm, quantize, rescale, residual } = library;
  const { rows, scaled, classes, XTrain, yTrain, signs, shares } = material;
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
  later['connections dropped'] = dropped;
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

  // Whatever name the tables have gained since, in a network that takes it.
  const reached = JSON.stringify([hidden, optimizers, losses, Object.keys(later), 'swish', 'mse', 'mae', 'zeroOne']);
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
  return later;

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

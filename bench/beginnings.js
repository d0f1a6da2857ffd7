// How initial weights and biases start a training: toy problems on raw inputs, networks of one to eight hidden layers of 32 units, by activation,
// with the library's own initialisation and those of PyTorch, Keras and scikit-learn. Adam, rate 0.01, 100 epochs of batches of 32.
//
//   node bench/beginnings.js [--seeds 3] [--activations tanh,relu]
//
// Two tables. Of each activation: how many of 100 trainings never started (errors above nine tenths of what a constant answer errs), and the
// geometric mean over all of them of the error left on the training rows, in hundredths of the constant's, one added. And of each problem and
// activation: that error, without the one, mean over the seeds, of 1, 2, 4 and 8 hidden layers.

import { parseArgs } from 'node:util';
import { adam, datasets, dense, MLP, Random } from '../dist/index.js';
import { machine } from './support/report.js';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '3' },
    activations: { type: 'string', default: 'tanh,softsign,sigmoid,relu,selu,silu,gelu,mish' },
  },
});

const layers = (init) => ({ hidden: init, output: init });
const glorot = (factor) => layers({ weightInit: { name: 'glorotUniform', factor }, biasInit: { name: 'glorotUniform', factor } });

/**
 * Weights and biases of hidden layers and of the output layer, by activation. PyTorch: torch.nn.Linear.reset_parameters. Keras: keras.layers.Dense,
 * glorot_uniform and zeros. scikit-learn: MLPClassifier._init_coef, whose bound for logistic nets is smaller.
 */
const beginnings = {
  feedforward: () => layers({}),
  'biases of 0': () => layers({ biasInit: 'zeros' }),
  'uniform biases': () => ({ hidden: { biasInit: 'fanInUniform' }, output: { biasInit: 'zeros' } }),
  'normal biases, 0.5': () => ({ hidden: { biasInit: { name: 'normal', deviation: 0.5 } }, output: { biasInit: 'zeros' } }),
  PyTorch: () => layers({ weightInit: 'fanInUniform', biasInit: 'fanInUniform' }),
  Keras: () => layers({ weightInit: 'glorotUniform', biasInit: 'zeros' }),
  'scikit-learn': (activation) => glorot(activation === 'sigmoid' ? 2 : 6),
};

const numbers = new Random(1, 'numbers');
const cube = Array.from({ length: 400 }, () => Array.from({ length: 5 }, () => numbers.between(0, 1)));
const problems = {
  spirals: classes(datasets.spirals({ samples: 400, noise: 0.1, seed: 1 })),
  moons: classes(datasets.moons({ samples: 400, noise: 0.1, seed: 1 })),
  circles: classes(datasets.circles({ samples: 400, noise: 0.05, seed: 1 })),
  sine: { X: cube.map(([x]) => [x]), y: cube.map(([x]) => [Math.sin(12 * x)]) },
  friedman: {
    X: cube,
    y: cube.map(([a, b, c, d, e]) => [(10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d + 5 * e - 14.4) / 4.9]),
  },
};

function classes({ X, y }) {
  return { X, y, classes: true };
}

/** Error on the training rows in shares of what a constant answer errs. */
function errorLeft(problem, activation, depth, beginning, seed) {
  const { hidden, output } = beginning(activation);
  const model = new MLP({
    inputs: problem.X.shape?.[1] ?? problem.X[0].length,
    layers: [
      ...Array.from({ length: depth }, () => dense(32, { activation, ...hidden })),
      dense(1, { activation: problem.classes ? 'sigmoid' : 'identity', ...output }),
    ],
    loss: problem.classes ? 'binaryCrossEntropy' : 'meanSquaredError',
    optimizer: adam({ learningRate: 0.01 }),
    metrics: problem.classes ? ['accuracy'] : [],
    seed,
  });
  try {
    model.fitSync(problem.X, problem.y, { epochs: 100, batchSize: 32, earlyStopping: false });
  } catch (error) {
    if (error.code !== 'ERR_DIVERGED') throw error;
    return 1;
  }
  const { loss, accuracy } = model.evaluate(problem.X, problem.y);
  if (problem.classes) return Math.min(1, (1 - accuracy) / 0.5);
  const targets = problem.y.map(([y]) => y);
  const mean = targets.reduce((sum, y) => sum + y, 0) / targets.length;
  return Math.min(1, Math.sqrt(loss / (targets.reduce((sum, y) => sum + (y - mean) ** 2, 0) / targets.length)));
}

const depths = [1, 2, 4, 8];
const { processor, runtime, date } = machine();
console.log(`${processor}, ${runtime}, ${date}; ${options.seeds} seeds\n`);
const names = options.activations.split(',');
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const left = {};
console.log(`| weights and biases | ${names.join(' | ')} |\n|---|${names.map(() => '---:|').join('')}`);
for (const [start, beginning] of Object.entries(beginnings)) {
  const cells = names.map((activation) => {
    const all = Object.entries(problems).flatMap(([name, problem]) =>
      depths.map((depth) => {
        const errors = Array.from({ length: Number(options.seeds) }, (_, seed) =>
          errorLeft(problem, activation, depth, beginning, seed),
        );
        left[[name, activation, depth, start]] = mean(errors);
        return errors;
      }),
    );
    const stuck = mean(all.flat().map((error) => 100 * Number(error > 0.9)));
    return `${Math.round(stuck)}, ${Math.exp(mean(all.flat().map((error) => Math.log(1 + 100 * error)))).toFixed(1)}`;
  });
  console.log(`| ${start} | ${cells.join(' | ')} |`);
}
const shown = ['feedforward', 'PyTorch', 'Keras', 'scikit-learn'];
console.log(`\n| problem, activation | ${shown.join(' | ')} |\n|---|${shown.map(() => '---:|').join('')}`);
for (const name of Object.keys(problems))
  for (const activation of names) {
    const cells = shown.map((start) =>
      depths.map((depth) => Math.round(100 * left[[name, activation, depth, start]])).join(' · '),
    );
    console.log(`| ${name}, ${activation} | ${cells.join(' | ')} |`);
  }

// Networks that do not learn: dead ReLUs, gradients that explode, weights that hardly move; what diagnose says, and what helps.
//
//   npx feedforward course trouble
//
// A ReLU whose net input is below 0 for every row has gradient 0 and never comes back. In deep networks with large weights the gradient explodes:
// penalties do not stop it, clipping its norm does. Thirty ReLU layers started with 1 / n lose half of the signal in each and stand still
// under SGD. model.diagnose trains a copy, says what came of it, and proposes a change that it tried.

import { MLP, datasets, dense, residual, sgd } from 'feedforward';
import { say, show, table } from './support/page.js';

const facts = {};
const { X, y } = datasets.moons({ samples: 300, noise: 0.15, seed: 1 });
const common = { inputs: 2, loss: 'binaryCrossEntropy', metrics: ['accuracy'], seed: 1 };
const relu = (options) => dense(32, { activation: 'relu', ...options });
const output = () => dense(1, { activation: 'sigmoid' });

// ---- dying ReLU ------------------------------------------------------------------------------------------------------------

const dead = new MLP({
  ...common,
  layers: [relu({ biasInit: { name: 'constant', value: -100 } }), output()],
  optimizer: sgd({ learningRate: 0.1 }),
});
const [weights] = dead.parameters();
const report = dead.diagnose(X, y);
dead.fitSync(X, y, { epochs: 20, reportMetrics: false });
facts.dead = {
  kinds: report.problems.map(({ kind }) => kind),
  share: report.layers[0].dead,
  moved: dead.parameters()[0].values.some((w, i) => w !== weights.values[i]),
};
say(`Biases of -100: ${report.verdict}\nAfter 20 epochs the first weights have moved: ${facts.dead.moved}\n`);

// ---- explosion -------------------------------------------------------------------------------------------------------------

const losses = {};
const rows = [['ten layers, weights twice too large, SGD 0.1', 'loss after 150 epochs']];
facts.explosion = {};
for (const [name, options] of Object.entries({
  bare: {},
  'l2 0.1': { l2: 0.1 },
  'clip.globalNorm 1': { clip: { globalNorm: 1 } },
})) {
  const layers = Array.from({ length: 10 }, () => relu({ weightInit: { name: 'normal', deviation: 0.5 } }));
  const model = new MLP({
    ...common,
    loss: 'meanSquaredError',
    layers: [...layers, dense(1)],
    optimizer: sgd({ learningRate: 0.1 }),
    ...options,
  });
  losses[name] = [];
  try {
    model.fitSync(X, y, {
      epochs: 150,
      batchSize: 300,
      reportMetrics: false,
      onEpochEnd: ({ epoch, loss }) => losses[name].push([epoch, loss]),
    });
    facts.explosion[name] = losses[name].at(-1)[1];
  } catch (error) {
    facts.explosion[name] = error.code;
  }
  rows.push([name, typeof facts.explosion[name] === 'string' ? facts.explosion[name] : facts.explosion[name].toExponential(1)]);
}
say(`${table(rows)}\n`);

// ---- standing still --------------------------------------------------------------------------------------------------------

const still = (weightInit) =>
  new MLP({
    ...common,
    layers: [...Array.from({ length: 30 }, () => relu({ weightInit })), output()],
    optimizer: sgd({ learningRate: 0.05 }),
  });
const small = { name: 'normal', deviation: Math.sqrt(1 / 32) };
facts.still = {};
const curves = Object.entries({ '1 / n': small, "He's 2 / n": 'heNormal' }).map(([name, weightInit]) => {
  const model = still(weightInit);
  const diagnosis = still(weightInit).diagnose(X, y);
  const first = model.parameters()[0].values;
  const history = model.fitSync(X, y, { epochs: 100, batchSize: 30, reportMetrics: false });
  const moved = Math.hypot(...model.parameters()[0].values.map((w, i) => w - first[i])) / Math.hypot(...first);
  facts.still[name] = { healthy: diagnosis.healthy, moved, loss: history.last.loss };
  say(
    `Thirty ReLU layers from ${name}: loss ${history.last.loss.toFixed(3)}, first weights moved by ${(100 * moved).toFixed(3)} %, healthy: ${diagnosis.healthy}`,
  );
  return { name: `thirty layers from ${name}`, points: history.values('loss').map((loss, i) => [i + 1, loss]) };
});

// ---- a skip where widths differ --------------------------------------------------------------------------------------------

const block = new MLP({ inputs: 3, layers: [residual([dense(5, { activation: 'relu' }), dense(4)])], seed: 1 });
facts.projection = block.parameters().map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
say(`\nA residual block from 3 to 4: ${facts.projection.join(', ')}`);

await show(
  [
    {
      title: 'Ten layers, clipped',
      x: { label: 'epoch' },
      y: { label: 'loss', log: true },
      series: Object.entries(losses)
        .filter(([, points]) => points.length > 1)
        .map(([name, points]) => ({ name, points })),
    },
    { title: 'Thirty layers', x: { label: 'epoch' }, y: { label: 'loss' }, series: curves },
  ],
  facts,
);

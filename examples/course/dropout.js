// Dropout: what it does to activations, to one unit and to all of them; and the network that is left.
//
//   npx feedforward course dropout
//
// In training each activation is set to 0 with probability p, the others are multiplied by 1 / (1 - p), so that what the next layer expects
// stays the same; predictions are untouched. A network trained so cannot lean on one unit: cutting any of them costs little.
// See: Srivastava et al. 2014.

import { MLP, adam, datasets, dense, draw, dropout, dropped } from 'feedforward';
import { say, show, table } from './support/page.js';

const facts = {};
const p = 0.3;

// ---- the layer -------------------------------------------------------------------------------------------------------------

const alone = new MLP({ inputs: 1000, layers: [dropout(p), dense(1)], seed: 1 });
const ones = Array.from({ length: 20 }, () => new Array(1000).fill(1));
alone.zeroGrad();
alone.forward(ones, { training: true });
alone.loss(ones.map(() => [0]));
alone.backward();
const seen = alone.activations(ones)[0].activations.data;
const kept = seen.filter((v) => v !== 0);
facts.share = {
  zeros: 1 - kept.length / seen.length,
  others: kept[0],
  mean: seen.reduce((a, b) => a + b) / seen.length,
};
const before = alone.predict(ones).data[0];
facts.untouched = before === alone.predict(ones).data[7];
say(
  `dropout(${p}) on 20,000 activations of 1: ${facts.share.zeros.toFixed(3)} are 0, the others ${facts.share.others.toFixed(4)}, their mean ${facts.share.mean.toFixed(3)}; predictions are untouched: ${facts.untouched}\n`,
);

// ---- no unit that everything hangs on ------------------------------------------------------------------------------------------

const { X, y } = datasets.moons({ samples: 400, noise: 0.2, seed: 2 });
const trained = (rate) => {
  const model = new MLP({
    inputs: 2,
    layers: [dense(16, { activation: 'tanh' }), ...(rate > 0 ? [dropout(rate)] : []), dense(1, { activation: 'sigmoid' })],
    ...{ loss: 'binaryCrossEntropy', optimizer: adam({ learningRate: 0.01 }), seed: 1 },
  });
  model.fitSync(X, y, { epochs: 100, batchSize: 50, reportMetrics: false });
  return model;
};
/** By how much the loss rises where one hidden unit is cut: its weight to the output set to 0. */
function cuts(model) {
  const whole = model.evaluate(X, y).loss;
  const out = model.parameters().find(({ shape }) => shape[0] === 16);
  const losses = Array.from({ length: 16 }, (_, unit) => {
    out.set([...out.values].map((w, i) => (i === unit ? 0 : w)));
    return model.evaluate(X, y).loss - whole;
  });
  out.set([...out.values]);
  return { whole, losses: losses.sort((a, b) => b - a) };
}
const [without, withIt] = [0, 0.5].map((rate) => cuts(trained(rate)));
facts.cuts = { without: without.losses[0], with: withIt.losses[0] };
say(
  table([
    ['2-16-1', 'loss', 'most that cutting one unit adds', 'median'],
    ...Object.entries({ 'without dropout': without, 'dropout, half': withIt }).map(([name, { whole, losses }]) => [
      name,
      whole.toFixed(3),
      losses[0].toFixed(3),
      losses[8].toFixed(3),
    ]),
  ]),
);

// ---- the network that is left --------------------------------------------------------------------------------------------------

const small = new MLP({
  inputs: 3,
  layers: [dense(4, { activation: 'tanh' }), dropout(0.5), dense(2, { dropConnect: 0.5 })],
  seed: 2,
});
const lines = (options) => draw(small, options).match(/<(line|path)\b/g).length;
const whole = lines();
small.trainStep([[1, 1, 1]], [[0, 0]]);
facts.what = dropped(small, { rows: 1 });
facts.drawn = { lines: whole, left: lines({ dropped: 0 }) };
say(
  `\n3-4-2 drawn by draw(model): ${whole} lines, one for each weight; what dropout of units and of connections left in one step: ${facts.drawn.left}`,
);

const bars = (list) => list.map((v, i) => [i + 1, v]);
await show(
  [
    {
      title: 'Loss added by cutting one unit',
      x: { label: 'units, the most missed first' },
      y: { label: 'loss added' },
      series: [
        { name: 'without dropout', points: bars(without.losses) },
        { name: 'dropout, half', points: bars(withIt.losses) },
      ],
    },
  ],
  facts,
);

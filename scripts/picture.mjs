// Draws the README's picture: two spirals, the boundary a small network finds between them, and its loss on the way.
// `npm run build && node scripts/picture.mjs` writes docs/pictures/spirals.svg.

import { writeFileSync } from 'node:fs';
import { MLP, StandardScaler, adam, cosineDecay, datasets, dense } from 'feedforward';
import { loadPlot, svg } from '../examples/course/support/picture.js';
import { surface } from '../examples/course/support/surface.js';

const { X, y } = datasets.spirals({ samples: 400, noise: 0.03, seed: 1 });
const scaler = new StandardScaler();
const XScaled = scaler.fitTransform(X);
const model = new MLP({
  inputs: 2,
  layers: [dense(32, { activation: 'gelu' }), dense(32, { activation: 'gelu' }), dense(1, { activation: 'sigmoid' })],
  loss: 'binaryCrossEntropy',
  optimizer: adam({ learningRate: cosineDecay(0.02, { over: 400 }) }),
  metrics: ['accuracy'],
  seed: 1,
  deterministic: true,
});
const history = model.fitSync(XScaled, y, { epochs: 400, batchSize: 32 });
const { accuracy } = model.evaluate(XScaled, y);

const points = (spiral) => X.toArray().filter((_, i) => y.data[i] === spiral);
const reach = 1.1 * X.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
const charts = [
  {
    title: 'Two spirals, 2-32-32-1',
    x: { label: 'x1' },
    y: { label: 'x2' },
    surface: surface((rows) => model.predict(scaler.transform(rows)).data, {
      ...{ x: [-reach, reach], y: [-reach, reach], levels: [0.5], sides: true, cells: 90 },
    }),
    series: [0, 1].map((spiral) => ({ name: `spiral ${spiral + 1}`, points: points(spiral), dots: true })),
  },
  {
    title: 'Its loss, Adam',
    x: { label: 'epoch' },
    y: { label: 'binary cross-entropy', log: true },
    series: [{ name: '', points: history.epochs.map(({ epoch, loss }) => [epoch, loss]) }],
  },
];
writeFileSync(new URL('../docs/pictures/spirals.svg', import.meta.url), svg(charts, await loadPlot()));
console.log(`docs/pictures/spirals.svg: accuracy ${accuracy}, loss ${history.last.loss}`);

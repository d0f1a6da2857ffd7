// Draws the README's picture: two spirals, the boundary a small network finds between them, and its loss on the way.
// `npm run build && node scripts/picture.mjs` writes docs/pictures/spirals.svg.

import { writeFileSync } from 'node:fs';
import { MLP, StandardScaler, adam, cosineDecay, datasets, dense } from '../dist/index.js';

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
});
const started = performance.now();
const history = model.fitSync(XScaled, y, { epochs: 400, batchSize: 32 });
const seconds = (performance.now() - started) / 1000;
const { accuracy } = model.evaluate(XScaled, y);

const data = X.data;
let reach = 0;
for (const value of data) reach = Math.max(reach, Math.abs(value));
reach *= 1.1;
const cells = 72;
const size = 360;
const side = size / cells;
const grid = Array.from({ length: cells * cells }, (_, i) => {
  const [row, column] = [Math.floor(i / cells), i % cells];
  return [((column + 0.5) / cells) * 2 * reach - reach, reach - ((row + 0.5) / cells) * 2 * reach];
});
const field = model.predict(scaler.transform(grid)).data;
const mix = (a, b, t) => Math.round(a + (b - a) * t);
const colour = (p) => `rgb(${mix(214, 250, p)},${mix(228, 224, p)},${mix(250, 205, p)})`;
const parts = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 ${size + 40}" font-family="system-ui, sans-serif" font-size="13">`,
  `<rect width="760" height="${size + 40}" fill="white"/>`,
];
// Runs of equal colour become one rectangle.
for (let r = 0; r < cells; r++)
  for (let c = 0; c < cells; ) {
    const fill = colour(Math.round(field[r * cells + c] * 12) / 12);
    let end = c + 1;
    while (end < cells && colour(Math.round(field[r * cells + end] * 12) / 12) === fill) end++;
    parts.push(
      `<rect x="${(c * side).toFixed(1)}" y="${(r * side).toFixed(1)}" width="${((end - c) * side + 0.3).toFixed(1)}" height="${(side + 0.3).toFixed(1)}" fill="${fill}"/>`,
    );
    c = end;
  }
for (let i = 0; i < y.shape[0]; i++) {
  const px = ((data[2 * i] + reach) / (2 * reach)) * size;
  const py = ((reach - data[2 * i + 1]) / (2 * reach)) * size;
  parts.push(
    `<circle cx="${px.toFixed(1)}" cy="${py.toFixed(1)}" r="2.6" fill="${y.data[i] > 0.5 ? '#d9622b' : '#2b62d9'}" stroke="white" stroke-width="0.7"/>`,
  );
}
const losses = history.epochs.map((e) => e.loss);
const top = Math.max(...losses);
const points = losses.map(
  (loss, i) => `${(400 + (i / (losses.length - 1)) * 330).toFixed(1)},${(size - 20 - (loss / top) * (size - 60)).toFixed(1)}`,
);
parts.push(
  `<line x1="400" y1="${size - 20}" x2="735" y2="${size - 20}" stroke="#888"/><line x1="400" y1="30" x2="400" y2="${size - 20}" stroke="#888"/>`,
);
parts.push(`<polyline fill="none" stroke="#333" stroke-width="1.6" points="${points.join(' ')}"/>`);
parts.push(
  `<text x="408" y="40">loss ${losses[0].toFixed(2)} to ${losses.at(-1).toFixed(4)}</text><text x="665" y="${size - 4}">${losses.length} epochs</text>`,
);
parts.push(
  `<text x="0" y="${size + 26}" fill="#333">Two spirals, 2-32-32-1, Adam: ${(100 * accuracy).toFixed(1)} % of 400 points, ${losses.length} epochs in ${seconds.toFixed(1)} s.</text></svg>`,
);
writeFileSync(new URL('../docs/pictures/spirals.svg', import.meta.url), parts.join('\n'));
console.log(`docs/pictures/spirals.svg: accuracy ${accuracy}, ${seconds.toFixed(2)} s`);

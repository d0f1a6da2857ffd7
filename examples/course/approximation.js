// Universal approximation by hand: steps out of sigmoids, triangles out of ReLUs, and any continuous function out of either.
//
//   npx feedforward course approximation
//
// Two sigmoids with weights 1000, biases 0 and -1000 and output weights 1, -1 are 1 between 0 and 1 and 0 elsewhere; three ReLUs
// with biases 1, 0, -1 and output weights 1, -2, 1 are the triangle over [-1, 1]. n of them, moved and scaled, follow a function:
// steps to within half its slope / n, triangles to within its curvature / (8 n^2). Nothing is trained here.
// See: Cybenko 1989; Hornik 1991.

import { MLP, dense } from 'feedforward';
import { say, show, slope, table } from './support/page.js';

/** A network of one hidden layer with the weights given: y = sum of output[i] f(weight[i] x + bias[i]) + shift. */
function byHand(activation, weight, bias, output, shift = 0) {
  const model = new MLP({ inputs: 1, layers: [dense(weight.length, { activation }), dense(1)] });
  const values = { 'layers.0.weight': weight, 'layers.0.bias': bias, 'layers.1.weight': output, 'layers.1.bias': [shift] };
  for (const parameter of model.parameters()) parameter.set(Float32Array.from(values[parameter.name]));
  return model;
}

const at = (model, points) => model.predict(points.map((x) => [x])).data;
const grid = (from, to, count) => Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count);

// ---- the closed forms --------------------------------------------------------------------------------------------------

const step = byHand('sigmoid', [1000, 1000], [0, -1000], [1, -1]);
const triangle = byHand('relu', [1, 1, 1], [1, 0, -1], [1, -2, 1]);
const xor = new MLP({ inputs: 2, layers: [dense(2, { activation: 'relu' }), dense(1)] });
const exact = { 'layers.0.weight': [1, -1, -1, 1], 'layers.0.bias': [0, 0], 'layers.1.weight': [1, 1], 'layers.1.bias': [0] };
for (const parameter of xor.parameters()) parameter.set(Float32Array.from(exact[parameter.name]));
const corners = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const facts = {
  xor: [...xor.predict(corners).data],
  step: [...at(step, [-0.5, 0.5, 1.5])],
  triangle: [...at(triangle, [-2, -1, -0.5, 0, 0.5, 1, 2])],
};
say(`step at -0.5, 0.5, 1.5: ${facts.step.join(', ')}`);
say(`triangle at -2, -1, -0.5, 0, 0.5, 1, 2: ${facts.triangle.join(', ')}`);
say(`exclusive or at 00, 01, 10, 11: ${facts.xor.join(', ')}\n`);

// ---- any function --------------------------------------------------------------------------------------------------------

const f = (x) => Math.sin(2 * Math.PI * x) + 0.5 * Math.sin(6 * Math.PI * x);
const dense1000 = grid(0, 1, 2000);
const steepest = Math.max(
  ...dense1000.map((x) => Math.abs(2 * Math.PI * Math.cos(2 * Math.PI * x) + 3 * Math.PI * Math.cos(6 * Math.PI * x))),
);
const sharpest = Math.max(
  ...dense1000.map((x) => Math.abs(4 * Math.PI ** 2 * Math.sin(2 * Math.PI * x) + 18 * Math.PI ** 2 * Math.sin(6 * Math.PI * x))),
);

/** n steps of width 1 / n, each at the height of f in its middle: n sigmoids that each climb from one height to the next. */
function staircase(n) {
  const sharpness = 2000 * n;
  const heights = Array.from({ length: n }, (_, i) => f((i + 0.5) / n));
  const edges = Array.from({ length: n - 1 }, (_, i) => (i + 1) / n);
  return byHand(
    'sigmoid',
    edges.map(() => sharpness),
    edges.map((edge) => -sharpness * edge),
    edges.map((_, i) => heights[i + 1] - heights[i]),
    heights[0],
  );
}

/** The polygon through f at 0, 1 / n, …, 1: one ReLU for each change of slope. */
function polygon(n) {
  const knots = grid(0, 1, n);
  const slopes = knots.slice(1).map((x, i) => (f(x) - f(knots[i])) * n);
  return byHand(
    'relu',
    slopes.map(() => 1),
    slopes.map((_, i) => -knots[i]),
    slopes.map((s, i) => s - (slopes[i - 1] ?? 0)),
    f(0),
  );
}

/** The largest error, away from the cliffs of the stairs, which are 1 / (100 n) wide. */
function errorOf(model, n) {
  const points = dense1000.filter((x) => Math.abs(x * n - Math.round(x * n)) > 0.01 || n > 200);
  const values = at(model, points);
  return points.reduce((most, x, i) => Math.max(most, Math.abs(values[i] - f(x))), 0);
}

const counts = [4, 8, 16, 32, 64, 128];
const rows = [['pieces', 'steps: largest error', 'bound', 'triangles', 'bound']];
const errors = { steps: [], triangles: [] };
for (const n of counts) {
  errors.steps.push([n, errorOf(staircase(n), n)]);
  errors.triangles.push([n, errorOf(polygon(n), n)]);
  const bounds = [steepest / (2 * n), sharpest / (8 * n * n)];
  rows.push([
    n,
    errors.steps.at(-1)[1].toFixed(4),
    bounds[0].toFixed(4),
    errors.triangles.at(-1)[1].toFixed(5),
    bounds[1].toFixed(5),
  ]);
}
say(table(rows));
for (const [name, points] of Object.entries(errors)) {
  facts[`${name} order`] = slope(points.slice(1).map(([n, e]) => [Math.log(n), Math.log(e)]));
  say(`error of ${name}: n to the power ${facts[`${name} order`].toFixed(2)}`);
}
facts.bounds = { steepest, sharpest };
facts.errors = errors;

const xs = grid(0, 1, 2000);
const curve = (model) => [...at(model, xs)].map((value, i) => [xs[i], value]);
await show(
  [
    {
      title: '15 sigmoids, 16 ReLUs',
      x: { label: 'x' },
      y: { label: 'y' },
      series: [
        { name: '16 steps', points: curve(staircase(16)) },
        { name: 'polygon', points: curve(polygon(16)) },
        { name: 'f', points: xs.map((x) => [x, f(x)]), dashed: true },
      ],
    },
    {
      title: 'Largest error by number of pieces',
      x: { label: 'steps or sides', log: true },
      y: { label: 'error', log: true },
      series: [
        { name: 'steps, order -1', points: errors.steps },
        { name: 'polygon, order -2', points: errors.triangles },
      ],
    },
  ],
  facts,
);

// Every activation and its derivative: values at a few points, the derivative against a difference, and pictures.
//
//   npx feedforward course activations
//
// Backpropagation multiplies by f'(z) at every unit. Where f is flat the unit learns nothing: sigmoid and tanh far from 0, ReLU
// below it. sign and step are flat everywhere, so no network trains through them.

import { MLP, activation } from 'feedforward';
import { say, show, table } from './support/page.js';

const names = [
  'identity',
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
];
const kinks = { relu: [0], leakyRelu: [0], prelu: [0], selu: [0], hardSigmoid: [-3, 3] };

/** f and f' at the points: the network is the activation alone. */
function evaluate(name, points) {
  const model = new MLP({ inputs: 1, layers: [activation(name)] });
  const X = points.map((z) => [z]);
  return { f: [...model.predict(X).data], slope: [...model.inputGradient(X).data] };
}

const at = [-3, -1, 0, 1, 3];
const step = 1 / 256; // exact in float32
const range = Array.from({ length: 161 }, (_, i) => -4 + i / 20);
const facts = {};
const rows = [['', ...at.map((z) => `f(${z})`), ...at.map((z) => `f'(${z})`), 'steepest']];
const series = { f: [], slope: [] };
for (const name of names) {
  const { f, slope } = evaluate(name, at);
  const all = evaluate(name, range);
  const [above, below] = [step, -step].map(
    (shift) =>
      evaluate(
        name,
        range.map((z) => z + shift),
      ).f,
  );
  // A central difference is off by f''' step^2 / 6, by the rounding of f over 2 step, and by f'' step / 2 where f' has a kink.
  const worst = range.reduce((most, z, i) => {
    if (kinks[name]?.some((kink) => Math.abs(z - kink) <= step)) return most;
    return Math.max(most, Math.abs((above[i] - below[i]) / (2 * step) - all.slope[i]));
  }, 0);
  facts[name] = { worst, steepest: Math.max(...all.slope) };
  rows.push([name, ...[...f, ...slope, facts[name].steepest].map((value) => value.toFixed(3))]);
  if (['sigmoid', 'tanh', 'relu', 'gelu', 'elu', 'mish'].includes(name)) {
    series.f.push({ name, points: range.map((z, i) => [z, all.f[i]]) });
    series.slope.push({ name, points: range.map((z, i) => [z, all.slope[i]]) });
  }
}
say(table(rows));
say(
  `\nLargest difference between a derivative and (f(z + h) - f(z - h)) / 2h: ${Math.max(...Object.values(facts).map(({ worst }) => worst)).toExponential(1)}`,
);
const unit = new MLP({ inputs: 1, layers: [activation('step')] }).predict(range.map((z) => [z])).data;
facts['unit step'] = [-3, 0, 3].map((z) => unit[range.indexOf(z)]);
say(`\nThe unit step at -3, 0, 3: ${facts['unit step'].join(', ')}`);
series.f.push({ name: 'step', points: range.map((z, i) => [z, unit[i]]), dashed: true });
for (const name of ['sign', 'step']) {
  try {
    new MLP({ inputs: 1, layers: [activation(name)] }).inputGradient([[1]]);
  } catch (error) {
    facts[name] = error.code;
    say(`${name}: ${error.message}`);
  }
}

await show(
  [
    { title: 'Activations', x: { label: 'z' }, y: { label: 'f(z)' }, series: series.f },
    { title: 'Their derivatives', x: { label: 'z' }, y: { label: "f'(z)" }, series: series.slope },
  ],
  facts,
);

// What momentum buys: steps until a quadratic's loss has fallen to a millionth, by condition number.
//
//   npx feedforward course momentum
//
// With curvatures between mu and L, kappa = L / mu, the best rates leave of the error, each step,
//   gradient descent    (kappa - 1) / (kappa + 1)                    h = 2 / (L + mu)
//   heavy ball          (sqrt kappa - 1) / (sqrt kappa + 1)          h = 4 / (sqrt L + sqrt mu)^2, m = that factor squared
//   Nesterov            sqrt (1 - 1 / sqrt kappa)                    h = 1 / L, m = (sqrt kappa - 1) / (sqrt kappa + 1)
// The loss goes with the square. Nesterov's factor is a guarantee for every strongly convex function; on a quadratic it does
// better. The heavy ball's carries a factor k, which fades slowly from what is measured.
// See: Polyak 1964; Nesterov 2004, section 2.2; Lessard, Recht & Packard 2016, https://arxiv.org/abs/1408.3595, table 1.

import { MLP, dense, sgd } from 'feedforward';
import { say, show, slope, table } from './support/page.js';

const axes = 12;
const target = 1e-6;

/** Loss above the minimum, relative to where it started, after each step until `target` and some further. */
function descend(kappa, optimizer) {
  const curvatures = Array.from({ length: axes }, (_, i) => kappa ** (i / (axes - 1)));
  const X = curvatures.map((lambda, i) => curvatures.map((_, j) => (i === j ? Math.sqrt((axes * lambda) / 2) : 0)));
  const y = X.map((row, i) => [row[i]]);
  const model = new MLP({ inputs: axes, layers: [dense(1, { bias: false, weightInit: 'zeros' })], optimizer });
  const gap = () => {
    const { values } = model.parameters()[0];
    return curvatures.reduce((sum, lambda, i) => sum + (lambda * (values[i] - 1) ** 2) / 2, 0);
  };
  const start = gap();
  const points = [[0, 1]];
  while (points.at(-1)[1] > target / 100 && points.length < 20_000) {
    model.trainStep(X, y);
    points.push([points.length, gap() / start]);
  }
  return points;
}

function methods(kappa) {
  const root = Math.sqrt(kappa);
  const ratio = (root - 1) / (root + 1);
  return {
    'gradient descent': { optimizer: sgd({ learningRate: 2 / (kappa + 1) }), factor: (kappa - 1) / (kappa + 1) },
    'heavy ball': {
      optimizer: sgd({ learningRate: 4 / (root + 1) ** 2, momentum: ratio ** 2, form: 'velocity' }),
      factor: ratio,
    },
    Nesterov: {
      optimizer: sgd({ learningRate: 1 / kappa, momentum: ratio, form: 'velocity', nesterov: true }),
      factor: Math.sqrt(1 - 1 / root),
    },
  };
}

const facts = {};
const rows = [['condition number', 'method', 'steps to 1e-6', 'factor per step', 'theory']];
const bySteps = {};
let picture;
for (const kappa of [10, 100, 1000]) {
  facts[kappa] = {};
  const series = Object.entries(methods(kappa)).map(([name, { optimizer, factor }]) => {
    const points = descend(kappa, optimizer);
    const steps = points.findIndex(([, gap]) => gap <= target);
    const tail = points.slice(points.length >> 2).map(([k, gap]) => [k, Math.log(gap) / 2]);
    const measured = Math.exp(slope(tail));
    facts[kappa][name] = { steps, measured, theory: factor };
    rows.push([kappa, name, steps, measured.toFixed(4), `${name === 'Nesterov' ? '<= ' : ''}${factor.toFixed(4)}`]);
    bySteps[name] = [...(bySteps[name] ?? []), [kappa, steps]];
    return { name, points };
  });
  if (kappa === 100) picture = series;
}
say(table(rows));
const gains = [10, 100, 1000].map((kappa) =>
  (facts[kappa]['gradient descent'].steps / facts[kappa]['heavy ball'].steps).toFixed(1),
);
say(`\nSteps grow with kappa without momentum, with its root with it: the heavy ball needs ${gains.join(', ')} times fewer.`);

await show(
  [
    {
      title: 'Condition number 100',
      x: { label: 'step' },
      y: { label: 'loss, relative', log: true, from: 1e-8 },
      series: picture,
    },
    {
      title: 'Steps to a millionth',
      x: { label: 'condition number', log: true },
      y: { label: 'steps', log: true },
      series: Object.entries(bySteps).map(([name, points]) => ({ name, points })),
    },
  ],
  facts,
);

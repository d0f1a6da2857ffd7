// What is wrong with polynomials: Runge's points, Gibbs's overshoot, and the activation that must not be one.
//
//   npx feedforward course polynomials
//
// The polynomial through 1 / (1 + 25 x^2) at n + 1 equal steps swings wilder the higher its degree; at Chebyshev's points it converges. A
// sum of n sines overshoots a jump by 8.949 % of it, whatever n. One hidden layer approximates everything if and only if its activation is no
// polynomial: of degree 2 its outputs are polynomials of degree 2, however many units there are.
// See: Runge 1901; Leshno, Lin, Pinkus & Schocken 1993. The sums are float64, where float32 would not do (feedforward/baseline).

import { MLP, PolynomialFeatures, dense, lbfgs, polynomial } from 'feedforward';
import { MLP as PlainMLP } from 'feedforward/baseline';
import { say, show, table } from './support/page.js';

const facts = { runge: {}, gibbs: {} };
const f = (x) => 1 / (1 + 25 * x * x);
const fine = Array.from({ length: 2001 }, (_, i) => -1 + i / 1000);

// ---- Runge -------------------------------------------------------------------------------------------------------------------

/** Chebyshev's polynomials at x: features as good as powers, and far better numbers. */
const chebyshev = (x, degree) => {
  const T = [1, x];
  while (T.length <= degree) T.push(2 * x * T.at(-1) - T.at(-2));
  return T.slice(0, degree + 1);
};
/** One neuron on features, with the weights of the polynomial through the points: a system of linear equations. */
function through(nodes) {
  const degree = nodes.length - 1;
  const model = new PlainMLP({ inputs: degree + 1, layers: [dense(1, { bias: false })] }, { precision: 'float64' });
  model.parameters()[0].set(
    solved(
      nodes.map((x) => chebyshev(x, degree)),
      nodes.map(f),
    ),
  );
  return (xs) => [...model.predict(xs.map((x) => chebyshev(x, degree))).data];
}
/** A w = b by elimination with pivots. */
function solved(A, b) {
  const rows = A.map((row, i) => [...row, b[i]]);
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows.slice(k).reduce((at, row, i) => (Math.abs(row[k]) > Math.abs(rows[at][k]) ? k + i : at), k);
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = k + 1; i < rows.length; i++) {
      const share = rows[i][k] / rows[k][k];
      for (let j = k; j <= rows.length; j++) rows[i][j] -= share * rows[k][j];
    }
  }
  const w = [];
  for (let k = rows.length - 1; k >= 0; k--)
    w[k] = (rows[k].at(-1) - w.slice(k + 1).reduce((sum, v, j) => sum + v * rows[k][k + 1 + j], 0)) / rows[k][k];
  return w;
}
/** Lagrange's formula, as the oracle. */
const lagrange = (nodes, x) =>
  nodes.reduce(
    (sum, node, i) => sum + f(node) * nodes.reduce((p, other, j) => (j === i ? p : (p * (x - other)) / (node - other)), 1),
    0,
  );
const equal = (n) => Array.from({ length: n + 1 }, (_, i) => -1 + (2 * i) / n);
const cosines = (n) => Array.from({ length: n + 1 }, (_, i) => Math.cos((Math.PI * (i + 0.5)) / (n + 1)));
const worst = (values) => values.reduce((most, v, i) => Math.max(most, Math.abs(v - f(fine[i]))), 0);
const degrees = [2, 4, 6, 8, 10, 12, 14, 16, 18, 20];
const errors = { equal: [], cosines: [] };
for (const n of degrees) {
  errors.equal.push([n, worst(through(equal(n))(fine))]);
  errors.cosines.push([n, worst(through(cosines(n))(fine))]);
}
facts.runge = {
  equal: Object.fromEntries(errors.equal),
  chebyshev: Object.fromEntries(errors.cosines),
  lagrange20: worst(fine.map((x) => lagrange(equal(20), x))),
};

// The obvious way, powers and a trained neuron in float32, does not reach the polynomial through the points: it says so by its loss.
const powers = new PolynomialFeatures({ degree: 20, includeBias: false });
const trained = new MLP({ inputs: 20, layers: [dense(1)], optimizer: lbfgs(), seed: 1 });
const nodes = equal(20).map((x) => [x]);
trained.fitSync(
  powers.fitTransform(nodes),
  nodes.map(([x]) => [f(x)]),
  { epochs: 500, reportMetrics: false },
);
facts.trained = {
  error: worst(trained.predict(powers.transform(fine.map((x) => [x]))).data),
  residual: Math.sqrt(
    trained.evaluate(
      powers.transform(nodes),
      nodes.map(([x]) => [f(x)]),
    ).loss,
  ),
};

// A network of the same 21 numbers and a few more.
const net = new MLP({ inputs: 1, layers: [dense(20, { activation: 'tanh' }), dense(1)], optimizer: lbfgs(), seed: 1 });
net.fitSync(
  nodes,
  nodes.map(([x]) => [f(x)]),
  { epochs: 300, reportMetrics: false },
);
const netValues = [...net.predict(fine.map((x) => [x])).data];
facts.network = worst(netValues);
say(
  `Largest error of polynomials through 1 / (1 + 25 x^2)\n${table([
    ['degree', 'equal steps', "Chebyshev's points"],
    ...degrees
      .filter((n) => n % 5 === 0 || n < 5)
      .map((n) => [n, facts.runge.equal[n].toFixed(3), facts.runge.chebyshev[n].toFixed(3)]),
  ])}\nLagrange's formula at degree 20: ${facts.runge.lagrange20.toFixed(3)}; a network of 20 tanh on the same 21 points: ${facts.network.toFixed(3)}`,
);
say(
  `Powers in float32 and a trained neuron stop at ${facts.trained.residual.toExponential(0)} from the points and never see it: error ${facts.trained.error.toFixed(2)}\n`,
);

// ---- only if ------------------------------------------------------------------------------------------------------------------

const middles = Array.from({ length: 200 }, (_, i) => -1 + (i + 0.5) / 100);
/** Root mean square distance from sin 3x of one hidden layer, the best of three starts. */
function closest(activation, units) {
  const X = middles.map((x) => [x]);
  const wave = X.map(([x]) => [Math.sin(3 * x)]);
  const losses = [0, 1, 2].map((seed) => {
    const one = new MLP({ inputs: 1, layers: [dense(units, { activation }), dense(1)], optimizer: lbfgs(), seed });
    return one.fitSync(X, wave, { epochs: 200, reportMetrics: false }).last.loss;
  });
  return Math.sqrt(Math.min(...losses));
}
/** The best polynomial of degree 2, or 3: Legendre's, whose coefficients are integrals. */
const legendre = [() => 1, (x) => x, (x) => (3 * x * x - 1) / 2, (x) => (5 * x ** 3 - 3 * x) / 2];
const mean = (g) => middles.reduce((sum, x) => sum + g(x), 0) / middles.length;
const bestOf = (degree) => {
  const parts = legendre.slice(0, degree + 1).map((P, k) => (2 * k + 1) * mean((x) => P(x) * Math.sin(3 * x)));
  return Math.sqrt(mean((x) => (Math.sin(3 * x) - parts.reduce((sum, c, k) => sum + c * legendre[k](x), 0)) ** 2));
};
const kinds = { 'polynomial 1 + z + z^2': polynomial([1, 1, 1]), 'polynomial z + z^3': polynomial([0, 1, 0, 1]), tanh: 'tanh' };
facts.onlyIf = { best: { 2: bestOf(2), 3: bestOf(3) } };
const wider = [['one hidden layer, sin 3x', '2 units', '8 units', '32 units', 'best polynomial']];
Object.entries(kinds).forEach(([name, activation], i) => {
  facts.onlyIf[name] = [2, 8, 32].map((units) => closest(activation, units));
  wider.push([name, ...facts.onlyIf[name].map((v) => v.toFixed(4)), i < 2 ? facts.onlyIf.best[i + 2].toFixed(4) : '-']);
});
say(`${table(wider)}\n`);

// ---- Gibbs -------------------------------------------------------------------------------------------------------------------

/** One neuron on sines: the square wave's first n odd harmonics. */
const wave = (n) => {
  const model = new PlainMLP({ inputs: n, layers: [dense(1, { bias: false })] }, { precision: 'float64' });
  model.parameters()[0].set(Array.from({ length: n }, (_, k) => 4 / (Math.PI * (2 * k + 1))));
  return (xs) => [...model.predict(xs.map((x) => Array.from({ length: n }, (_, k) => Math.sin((2 * k + 1) * x)))).data];
};
const near = Array.from({ length: 4001 }, (_, i) => -0.2 + i / 4000);
const rows = [['sines', 'overshoot, share of the jump', 'where']];
for (const n of [5, 20, 80]) {
  const values = wave(n)(near);
  const top = Math.max(...values);
  facts.gibbs[n] = (top - 1) / 2;
  rows.push([n, `${(100 * facts.gibbs[n]).toFixed(2)} %`, near[values.indexOf(top)].toFixed(4)]);
}
/** The limit: (2 / pi) Si(pi) - 1 over 2. */
const si = Array.from({ length: 20_000 }, (_, i) => ((i + 0.5) * Math.PI) / 20_000).reduce(
  (sum, t) => sum + (Math.sin(t) / t) * (Math.PI / 20_000),
  0,
);
facts.gibbs.theory = ((2 / Math.PI) * si - 1) / 2;
say(`A jump from -1 to 1 in sines\n${table(rows)}\nTheory: ${(100 * facts.gibbs.theory).toFixed(3)} %`);

await show(
  [
    {
      title: 'Polynomials through equal steps',
      x: { label: 'x' },
      y: { label: 'y', from: -1, to: 2 },
      series: [
        ...[6, 10, 20].map((n) => ({ name: `degree ${n}`, points: through(equal(n))(fine).map((v, i) => [fine[i], v]) })),
        { name: 'f', points: fine.map((x) => [x, f(x)]), dashed: true },
      ],
    },
    {
      title: 'Largest error by degree',
      x: { label: 'degree' },
      y: { label: 'error', log: true },
      series: [
        { name: 'equal steps', points: errors.equal },
        { name: "Chebyshev's points", points: errors.cosines },
      ],
    },
    {
      title: 'A jump in sines',
      x: { label: 'x' },
      y: { label: 'y' },
      rules: [{ y: 1 + 2 * facts.gibbs.theory, label: '8.949 % of the jump above it' }],
      series: [5, 20, 80].map((n) => ({ name: `${n} sines`, points: wave(n)(near).map((v, i) => [near[i], v]) })),
    },
  ],
  facts,
);

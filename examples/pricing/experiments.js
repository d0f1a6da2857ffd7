// What the report shows, as figures: a call learnt from values and from derivatives, networks in place of four costly functions, joules.

import {
  MLP,
  Random,
  adam,
  approximate,
  cosineDecay,
  dense,
  inputHessian,
  measureEnergy,
  rescale,
  sobol,
} from '../../dist/index.js';
import { MLP as PlainMLP } from '../../dist/baseline.js';
import { blackScholes, callOnGrid } from './blackScholes.js';
import { cases } from './functions.js';
import { europeanByMonteCarlo } from './monteCarlo.js';

/** Moneyness, maturity, volatility, rate. */
export const LOW = [0.5, 0.05, 0.05, 0];
export const HIGH = [1.5, 2, 0.6, 0.08];
const within = (u) => Array.from(u, (x, j) => LOW[j] + (HIGH[j] - LOW[j]) * x);

/** Points of a Sobol sequence with price and gradient. */
function samplesOf(rows, seed) {
  const X = sobol(rows, 4, { seed }).toArray().map(within);
  const answers = X.map(callOnGrid);
  return { X, prices: answers.map(({ value }) => value), gradients: answers.map(({ gradient }) => gradient) };
}

/** Points drawn for tests alone, at random. */
export function testOf(rows) {
  const random = new Random(77, 'test');
  const X = Array.from({ length: rows }, () => within([0, 1, 2, 3].map(() => random.uniform())));
  const exact = X.map(([spot, maturity, volatility, rate]) => blackScholes({ spot, strike: 1, maturity, volatility, rate }));
  return { X, exact };
}

/** A 4-64-64-1 network of prices, from values alone or from derivatives too. */
export async function learnCall({ rows, epochs, seed, derivatives, batchSize = 64 }) {
  const { X, prices, gradients } = samplesOf(rows, seed);
  const mean = prices.reduce((a, b) => a + b, 0) / rows;
  const deviation = Math.sqrt(prices.reduce((sum, p) => sum + (p - mean) ** 2, 0) / rows);
  const layers = [
    rescale({ center: LOW.map((low, j) => (low + HIGH[j]) / 2), scale: LOW.map((low, j) => (HIGH[j] - low) / 2) }),
    dense(64, { activation: 'silu' }),
    dense(64, { activation: 'silu' }),
    dense(1),
  ];
  const optimizer = adam({ learningRate: cosineDecay(1e-2, { over: epochs }) });
  const model = new MLP({ inputs: 4, layers, optimizer, seed });
  const began = performance.now();
  await model.fit(
    X,
    prices.map((price) => [(price - mean) / deviation]),
    {
      ...{ epochs, batchSize },
      ...(derivatives ? { inputGradients: gradients.map((row) => row.map((value) => value / deviation)) } : {}),
    },
  );
  const seconds = (performance.now() - began) / 1000;
  // In units of the strike: the same weights, and a layer that scales back.
  const back = rescale({ center: -mean / deviation, gain: deviation });
  const priced = new MLP({ inputs: 4, layers: [...layers, back], seed });
  priced.setVector(model.getVector());
  return { model: priced, seconds };
}

const rootMeanSquare = (values) => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

/** Errors of price and delta on points of their own; of gamma its sign and how it swings along lines. */
export function judgeCall(model, { X, exact }) {
  const prices = model.predict(X).data;
  const slopes = model.inputGradient(X).data;
  return {
    price: rootMeanSquare(exact.map(({ price }, i) => price - prices[i])),
    largest: exact.reduce((most, { price }, i) => Math.max(most, Math.abs(price - prices[i])), 0),
    delta: rootMeanSquare(exact.map(({ delta }, i) => delta - slopes[4 * i])),
  };
}

/** Price, delta and gamma along moneyness, and what a network makes of them. */
export function alongMoneyness(model, { maturity = 0.5, volatility = 0.25, rate = 0.03, points = 101 } = {}) {
  const X = Array.from({ length: points }, (_, i) => [0.5 + i / (points - 1), maturity, volatility, rate]);
  const exact = X.map(([spot]) => blackScholes({ spot, strike: 1, maturity, volatility, rate }));
  const prices = model.predict(X).data;
  const slopes = model.inputGradient(X).data;
  const curvatures = inputHessian(model, X).map((hessian) => hessian.data[0]);
  return X.map(([moneyness], i) => ({
    moneyness,
    exact: exact[i],
    network: { price: prices[i], delta: slopes[4 * i], gamma: curvatures[i] },
  }));
}

/**
 * Whether gamma has the right sign and is smooth: the most negative value as a share of the largest, and how often the curve turns between up and down
 * where it is above a twentieth of its peak (once, for the exact one).
 */
export function judgeGamma(curve) {
  const gammas = curve.map(({ network }) => network.gamma);
  const peak = Math.max(...gammas);
  const high = gammas.filter((gamma) => gamma > peak / 20);
  let turns = 0;
  for (let i = 2; i < high.length; i++) if (Math.sign(high[i] - high[i - 1]) !== Math.sign(high[i - 1] - high[i - 2])) turns++;
  const off = rootMeanSquare(curve.map(({ exact, network }) => exact.gamma - network.gamma));
  return {
    lowest: Math.min(...gammas) / peak,
    turns,
    rootMeanSquare: off,
    peak: Math.max(...curve.map(({ exact }) => exact.gamma)),
  };
}

/** Mean |error| of the price over maturity and rate, in cells of moneyness and volatility. */
export function errorCells(model, columns = 25, rows = 22) {
  const random = new Random(5, 'map');
  const cells = [];
  for (let i = 0; i < columns; i++)
    for (let j = 0; j < rows; j++) {
      const moneyness = 0.5 + (i + 0.5) / columns;
      const volatility = 0.05 + (0.55 * (j + 0.5)) / rows;
      const X = Array.from({ length: 40 }, () => [moneyness, random.between(0.05, 2), volatility, random.between(0, 0.08)]);
      const prices = model.predict(X).data;
      const off = X.map((point, k) => Math.abs(callOnGrid(point).value - prices[k]));
      cells.push({ x: moneyness, y: volatility, value: Math.max(off.reduce((a, b) => a + b) / off.length, 1e-7) });
    }
  return { cells, steps: [1 / columns, 0.55 / rows] };
}

/** Errors against the number of samples, from values and from derivatives, with as many steps for each. */
export async function convergenceOf(sizes, steps, test) {
  const figures = [];
  for (const rows of sizes) {
    const epochs = Math.max(1, Math.round((steps * 64) / rows));
    const values = judgeCall((await learnCall({ rows, epochs, seed: 1, derivatives: false })).model, test);
    const derivatives = judgeCall((await learnCall({ rows, epochs, seed: 1, derivatives: true })).model, test);
    figures.push({ rows, values, derivatives });
  }
  return figures;
}

/** A network in place of each costly function, by worker threads. */
export async function replaceAll(names, options, say) {
  const out = {};
  for (const name of names) {
    const { domain, tolerance } = cases[name];
    const module = new URL('./functions.js', import.meta.url);
    const approximation = await approximate({ module, name }, { domain, tolerance, seed: 1, ...options });
    say(`\n${cases[name].title}\n${approximation}`);
    out[name] = approximation;
  }
  return out;
}

/** Joules, and microseconds, for a million prices, by each means: European calls, a thousand at a time for the networks. `quantize`: where the library has it. */
export async function energyOf(model, seconds, quantize) {
  const { X } = testOf(1000);
  const options = X.map(([spot, maturity, volatility, rate]) => ({ spot, strike: 1, maturity, volatility, rate }));
  const plain = PlainMLP.load(model.save());
  const closed = () => {
    let sum = 0;
    for (const option of options) sum += blackScholes(option).price;
    return sum;
  };
  const means = {
    'closed form': [1000, closed],
    'Monte Carlo, 10,000 paths': [1, () => europeanByMonteCarlo(options[0], { paths: 10_000 })],
    'network 4-64-64-1, plain JavaScript': [1000, () => plain.predict(X)],
    'network 4-64-64-1, WebAssembly': [1000, () => model.predict(X)],
  };
  if (quantize !== undefined) {
    const small = quantize(model, X);
    means['network 4-64-64-1, int8'] = [1000, () => small.predict(X)];
  }
  const rows = [];
  for (const [name, [prices, work]] of Object.entries(means)) {
    const { joules, seconds: took, method, note } = await measureEnergy(work, { seconds });
    rows.push({ name, joulesPerMillion: (1e6 * joules) / prices, microsecondsPerPrice: (1e6 * took) / prices, method, note });
  }
  return rows;
}

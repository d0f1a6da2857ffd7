// Rows of an experiment, made by the library's own generators from the seed: the same on every machine.

import { datasets, type Matrix, matrix, Random, StandardScaler } from 'feedforward';
import { Parser } from 'expr-eval-fork';
import { digitRows } from './digits';
import { classesOf, coordinatesOf, type DataChoice, type Experiment, type FeatureName, isClasses } from './experiment';

/** Rows to train on and rows held out. */
interface Rows {
  readonly points: Float32Array;
  readonly X: Matrix;
  readonly y: Matrix;
}

export interface Made {
  readonly train: Rows;
  readonly test: Rows;
  /** The square or stretch that the pictures show: low and high of both coordinates. */
  readonly range: readonly [low: number, high: number];
  /** Least and greatest target, for numbers. */
  readonly targets: readonly [low: number, high: number];
  /** Mean and deviation of every feature over the training rows. */
  readonly center: number[];
  readonly scale: number[];
}

const parser = new Parser({ operators: { assignment: false, fndef: false } as never });
Object.assign(parser.consts, { pi: Math.PI, e: Math.E });
delete (parser.functions as Record<string, unknown>)['random']; // a formula that answers otherwise each time is none

/** A formula as a function of its inputs, x or x and y. @throws in words. */
function parse(formula: string, inputs: readonly string[]): (x: number, y: number) => number {
  const named = formula.length > 40 ? `${formula.slice(0, 40)}…` : formula;
  const words = inputs.join(' and ');
  if (formula.trim() === '') throw new Error(`Type a formula of ${words}, such as sin(3 * x).`);
  let expression: ReturnType<Parser['parse']>;
  try {
    expression = parser.parse(formula);
  } catch {
    throw new Error(`"${named}" cannot be read: write products as 2 * x, powers as x ^ 2, and close every parenthesis.`);
  }
  const unknown = expression.variables().filter((name) => !inputs.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `"${named}" holds ${unknown.join(', ')}: it may hold ${words}, pi, e, and functions such as sin, exp and abs.`,
    );
  return (x, y) => {
    const value = Number(expression.evaluate({ x, y }));
    if (!Number.isFinite(value))
      throw new Error(
        `"${named}" is ${value} at x = ${x.toFixed(3)}${inputs.length > 1 ? `, y = ${y.toFixed(3)}` : ''}: it must be a number wherever ${words} lie${inputs.length > 1 ? '' : 's'} between -1 and 1.`,
      );
    return Math.round(value * 2 ** 20) / 2 ** 20; // engines differ in the last bit of sin and exp, and a link must not
  };
}

/** Coordinates and targets of all rows. */
function draw(data: DataChoice, seed: number): { points: Float32Array; y: Float32Array } {
  const { kind, samples, noise } = data;
  const flat = ({ X, y }: { X: Matrix; y: Matrix }) => ({ points: X.data, y: y.data });
  switch (kind) {
    case 'moons':
      return flat(datasets.moons({ samples, noise, seed }));
    case 'circles':
      return flat(datasets.circles({ samples, noise, seed }));
    case 'spirals':
      return flat(datasets.spirals({ samples, noise, seed }));
    case 'three':
      return flat(datasets.spirals({ samples, noise, seed, classes: 3, turns: 0.75 }));
    case 'gaussians':
      return flat(
        datasets.gaussians({
          samples,
          deviation: noise,
          seed,
          centers: [
            [-1, -1],
            [1, 1],
          ],
        }),
      );
    case 'xor': {
      const random = new Random(seed, 'xor');
      const points = new Float32Array(2 * samples);
      const y = new Float32Array(samples);
      for (let i = 0; i < samples; i++) {
        const a = 2 * random.uniform() - 1;
        const b = 2 * random.uniform() - 1;
        y[i] = a * b < 0 ? 1 : 0;
        points[2 * i] = a + Math.sign(a) * 0.05 + noise * random.normal();
        points[2 * i + 1] = b + Math.sign(b) * 0.05 + noise * random.normal();
      }
      return { points, y };
    }
    case 'curve': {
      const f = parse(data.formula ?? 'x', ['x']);
      return flat(datasets.functionSamples((x) => f(x, 0), { samples, noise, seed }));
    }
    case 'surface': {
      const f = parse(data.formula ?? 'x', ['x', 'y']);
      return flat(datasets.functionSamples((x, y) => f(x, y), { samples, noise, seed, inputs: 2 }));
    }
    case 'digits':
      throw new Error('Digits have no places.'); // see digits.ts
    case 'points':
    case 'values': {
      const points = data.points ?? [];
      return {
        points: Float32Array.from({ length: 2 * points.length }, (_, k) => points[k >> 1]![k & 1]!),
        y: Float32Array.from(points, ([, , label]) => label),
      };
    }
  }
}

const features: Record<FeatureName, (x: number, y: number) => number> = {
  x: (x) => x,
  y: (_, y) => y,
  'x²': (x) => x * x,
  'y²': (_, y) => y * y,
  xy: (x, y) => x * y,
  'sin x': (x) => Math.fround(sine(x)),
  'sin y': (_, y) => Math.fround(sine(y)),
  pixels: () => Number.NaN, // pictures have no place on the map
};

/** sin(pi x) by its own series: Math.sin differs between engines in the last bit, and a link must not. */
function sine(x: number): number {
  const turn = x - 2 * Math.round(x / 2);
  const z = (Math.abs(turn) > 0.5 ? Math.sign(turn) - turn : turn) * Math.PI;
  let term = z;
  let sum = z;
  for (let k = 1; k < 12; k++) {
    term *= (-z * z) / (2 * k * (2 * k + 1));
    sum += term;
  }
  return sum;
}

/** Columns of an experiment for points. */
export function columnsOf(names: readonly FeatureName[], points: Float32Array, coordinates: 1 | 2): Matrix {
  const rows = points.length / coordinates;
  const data = new Float32Array(rows * names.length);
  for (let i = 0; i < rows; i++) {
    const x = points[coordinates * i]!;
    const y = coordinates === 2 ? points[2 * i + 1]! : 0;
    for (const [j, name] of names.entries()) data[i * names.length + j] = features[name](x, y);
  }
  return matrix({ data, shape: [rows, names.length] });
}

/** All rows of an experiment. @throws in words, where they cannot be made. */
export function makeData(experiment: Experiment): Made {
  const { data, seed, heldOut } = experiment;
  if (data.kind === 'digits') return digitRows(experiment);
  const { points, y } = draw(data, seed);
  const rows = y.length;
  if (rows < 4) throw new Error(`Draw at least 4 points, of two classes; there ${rows === 1 ? 'is' : 'are'} ${rows}.`);
  if (isClasses(data) && new Set(y).size < 2) throw new Error('Draw points of at least two classes.');
  const coordinates = coordinatesOf(data);
  const order = new Random(seed, 'heldOut').permutation(rows);
  const cut = Math.max(2, Math.min(rows - 1, Math.round(rows * (1 - heldOut))));
  const take = (ids: ArrayLike<number>): Rows => {
    const own = Float32Array.from(
      { length: ids.length * coordinates },
      (_, k) => points[ids[Math.floor(k / coordinates)]! * coordinates + (k % coordinates)]!,
    );
    return {
      points: own,
      X: columnsOf(experiment.features, own, coordinates),
      y: matrix({ data: Float32Array.from(ids, (i) => y[i]!), shape: [ids.length, 1] }),
    };
  };
  const train = take(order.slice(0, cut));
  const test = take(order.slice(cut));
  const greatest = Math.max(...points.map(Math.abs));
  const half =
    coordinates === 1 || data.kind === 'surface' || data.kind === 'points' || data.kind === 'values'
      ? 1
      : Math.ceil(greatest * 11) / 10;
  const scaler = new StandardScaler().fit(train.X);
  const center = Array.from(scaler.mean, Math.fround);
  const scale = Array.from(scaler.scale, (value) => Math.fround(value) || 1);
  return {
    train,
    test,
    range: [-Math.max(1, half), Math.max(1, half)],
    targets: [Math.min(...y), Math.max(...y)],
    center,
    scale,
  };
}

/** Classes, or outputs, of an experiment. */
export const outputsOf = ({ data }: Experiment): number => (isClasses(data) && classesOf(data) > 2 ? classesOf(data) : 1);

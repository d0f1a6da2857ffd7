// Initial values of parameters, from one seed. Each tensor draws from a stream of its own (keyed by its name), so
// adding a layer leaves the others' values alone.

import { doubles, floats, sizeOf } from '../data/allocate.js';
import { Random, type Key } from '../data/random.js';
import { fail, show } from '../errors.js';
import { float32, given, has, number, readOptions, unknownName, type Given, type Option, type Read } from '../options.js';

export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
  /** Of a weight: its rows and columns. */
  readonly shape?: readonly [rows: number, columns: number];
}

type OptionRows = Readonly<Record<string, Option<number>>>;

interface InitializerRow<O extends OptionRows = OptionRows> {
  readonly options?: O;
  fill(values: Float32Array, random: Random, fans: Fans, options: Read<O>): void;
}

/** A row whose rule knows the names of its options. */
const row = <O extends OptionRows>(row: InitializerRow<O> & { readonly options: O }) => row;

// Normal numbers reach nine deviations: a tenth of what float32 holds keeps every weight finite.
const most = float32.max / 10;
const any = (preset: number) => number({ min: -most, max: most, default: preset });

function uniform(values: Float32Array, random: Random, bound: number): void {
  for (let i = 0; i < values.length; i++) values[i] = random.between(-bound, bound);
}

function normal(values: Float32Array, random: Random, deviation: number): void {
  for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
}

const table = {
  zeros: { fill: (v: Float32Array) => v.fill(0) },
  ones: { fill: (v: Float32Array) => v.fill(1) },
  constant: row({
    options: {
      /** What every number is, default 0. */
      value: any(0),
    },
    fill: (v, _r, _f, { value }) => v.fill(value),
  }),
  uniform: row({
    options: {
      /** The lowest value, default -0.05. */
      low: any(-0.05),
      /** The highest value, at least `low`, default 0.05. */
      high: any(0.05),
    },
    fill: (v, r, _f, { low, high }) => {
      for (let i = 0; i < v.length; i++) v[i] = r.between(low, high);
    },
  }),
  normal: row({
    options: {
      /** Mean, default 0. */
      mean: any(0),
      /** Standard deviation, >= 0, default 0.05. */
      deviation: number({ min: 0, max: most / 10, default: 0.05 }),
    },
    fill: (v, r, _f, { mean, deviation }) => {
      for (let i = 0; i < v.length; i++) v[i] = mean + deviation * r.normal();
    },
  }),
  /** Variance 2 / (in + out). See: Glorot & Bengio 2010. `factor` is 6 as there; scikit-learn takes 2 for logistic nets. */
  glorotUniform: row({
    options: {
      /** > 0, default 6: weights lie within +-sqrt(factor / (in + out)). */
      factor: number({ min: 0, minExclusive: true, max: most, default: 6 }),
    },
    fill: (v, r, f, { factor }) => uniform(v, r, Math.sqrt(factor / (f.fanIn + f.fanOut))),
  }),
  glorotNormal: { fill: (v, r, f) => normal(v, r, Math.sqrt(2 / (f.fanIn + f.fanOut))) },
  /**
   * No start but a fixed map, for layers that do not train: of n + 1 inputs each group of n outputs adds up the first, less the second, plus those
   * that follow, one more for each output. There are as many groups as there are more inputs than outputs.
   */
  cumulative: { fill: cumulative },
  /** Variance 2 / in. See: https://arxiv.org/abs/1502.01852 */
  heUniform: { fill: (v, r, f) => uniform(v, r, Math.sqrt(6 / f.fanIn)) },
  heNormal: { fill: (v, r, f) => normal(v, r, Math.sqrt(2 / f.fanIn)) },
  /** Variance 1 / in. See: LeCun et al., Efficient BackProp, 1998. */
  lecunUniform: { fill: (v, r, f) => uniform(v, r, Math.sqrt(3 / f.fanIn)) },
  lecunNormal: { fill: (v, r, f) => normal(v, r, Math.sqrt(1 / f.fanIn)) },
  /** U(-1/sqrt(in), 1/sqrt(in)): what PyTorch gives the weights and biases of a Linear. */
  fanInUniform: { fill: (v, r, f) => uniform(v, r, 1 / Math.sqrt(f.fanIn)) },
  /** Orthonormal rows or columns, whichever are fewer, times gain. See: https://arxiv.org/abs/1312.6120 */
  orthogonal: row({
    options: {
      /** What the orthonormal matrix is multiplied by, default 1. */
      gain: any(1),
    },
    fill: (v, r, f, { gain }) => orthogonal(v, r, f, gain),
  }),
} satisfies Record<string, InitializerRow>;

type Table = typeof table;

/** The names of the initializers. */
export type InitializerName = keyof Table;

type OptionsOf<Name extends InitializerName> = Table[Name] extends { readonly options: infer Rows extends OptionRows }
  ? Given<Rows>
  : unknown;

/** An initializer with its numbers, as plain data: `{ name: 'uniform', low: -1, high: 1 }`. */
export type InitializerSpec = {
  [Name in InitializerName]: {
    /** Which initializer. */
    readonly name: Name;
  } & OptionsOf<Name>;
}[InitializerName];

/** A name where the defaults do, or an object with its numbers. */
export type InitializerLike = InitializerName | InitializerSpec;

export const initializerNames = Object.keys(table) as InitializerName[];

export interface ResolvedInitializer {
  readonly name: InitializerName;
  readonly options: Readonly<Record<string, number>>;
  /** The very values, where a layer was given them. */
  readonly values?: ArrayLike<number>;
}

/** @throws ERR_OPTION for an unknown name or option. */
export function resolveInitializer(value: unknown, path: string): ResolvedInitializer {
  const asked: unknown = typeof value === 'string' ? { name: value } : value;
  if (typeof asked !== 'object' || asked === null)
    fail('ERR_OPTION', `${path}: expected the name of an initializer, got ${show(value)}.`);
  const called = (asked as { name?: unknown }).name;
  if (!has(table, called)) unknownName(called, initializerNames, path, 'initializer');
  const row: InitializerRow = table[called];
  const { name: _, ...read } = readOptions({ name: given<string>(), ...row.options }, asked, path, `${path}.`);
  const options = read as Record<string, number>;
  if (called === 'uniform' && options['low']! > options['high']!)
    fail('ERR_OPTION', `${path}: low ${options['low']} is above high ${options['high']}.`);
  return { name: called, options };
}

/** The initial values of the tensor called `name`: the same for the same key, name and shape, on every engine. */
export function initialValues(
  initializer: ResolvedInitializer,
  shape: readonly number[],
  fans: Omit<Fans, 'shape'> & { readonly density: number },
  key: Key,
  name: string,
): Float32Array {
  const values = floats(sizeOf(shape), name);
  if (initializer.values !== undefined) {
    values.set(initializer.values);
    return values;
  }
  const row: InitializerRow = table[initializer.name];
  row.fill(
    values,
    new Random(key, name),
    shape.length === 2
      ? { fanIn: shape[0]! * fans.density, fanOut: shape[1]! * fans.density, shape: [shape[0]!, shape[1]!] }
      : fans,
    initializer.options,
  );
  return values;
}

/** values is [fanIn][fanOut]. @throws ERR_SHAPE for widths that are not of that kind. */
function cumulative(values: Float32Array, _: Random, { shape: [fanIn, fanOut] = [0, 0] }: Fans): void {
  const groups = fanIn - fanOut;
  const columns = fanOut / groups;
  if (!(groups >= 1 && Number.isInteger(columns) && values.length === fanIn * fanOut))
    fail('ERR_SHAPE', `weightInit: 'cumulative' is for n + 1 inputs for each n outputs, got ${fanIn} and ${fanOut}.`);
  for (let g = 0; g < groups; g++)
    for (let j = 0; j < columns; j++)
      for (let i = 0; i <= columns; i++)
        values[(g * (columns + 1) + i) * fanOut + g * columns + j] = i === 0 ? 1 : i === 1 ? -1 : i <= j + 1 ? 1 : 0;
}

/** Modified Gram-Schmidt, twice, in float64, on min(fanIn, fanOut) normal vectors; values is [fanIn][fanOut]. */
function orthogonal(values: Float32Array, random: Random, { shape: [fanIn, fanOut] = [0, 0] }: Fans, gain: number): void {
  if (values.length !== fanIn * fanOut) {
    values.fill(0); // a bias or a slope has no directions to be orthogonal
    return;
  }
  const count = Math.min(fanIn, fanOut);
  const length = Math.max(fanIn, fanOut);
  const vectors: Float64Array[] = [];
  for (let i = 0; i < count; i++) {
    const v = doubles(length, 'orthogonal');
    for (let k = 0; k < length; k++) v[k] = random.normal();
    for (let pass = 0; pass < 2; pass++)
      for (const u of vectors) {
        let dot = 0;
        for (let k = 0; k < length; k++) dot += u[k]! * v[k]!;
        for (let k = 0; k < length; k++) v[k] = v[k]! - dot * u[k]!;
      }
    let norm = 0;
    for (let k = 0; k < length; k++) norm += v[k]! * v[k]!;
    norm = Math.sqrt(norm);
    for (let k = 0; k < length; k++) v[k] = v[k]! / norm;
    vectors.push(v);
  }
  for (let i = 0; i < fanIn; i++)
    for (let j = 0; j < fanOut; j++) values[i * fanOut + j] = gain * (fanIn <= fanOut ? vectors[i]![j]! : vectors[j]![i]!);
}

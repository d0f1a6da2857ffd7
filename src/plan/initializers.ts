// Initial values of parameters, from one seed. Each tensor draws from a stream of its own (keyed by its name), so
// adding a layer leaves the others' values alone.

import { doubles, floats, sizeOf } from '../data/allocate.js';
import { Random, type Key } from '../data/random.js';
import { fail, show } from '../errors.js';
import { checkKeys, checkNumber, float32, has, unknownName, type Range } from '../options.js';

export type InitializerName =
  | 'zeros'
  | 'ones'
  | 'constant'
  | 'uniform'
  | 'normal'
  | 'glorotUniform'
  | 'glorotNormal'
  | 'heUniform'
  | 'heNormal'
  | 'lecunUniform'
  | 'lecunNormal'
  | 'fanInUniform'
  | 'orthogonal';

export interface InitializerSpec {
  readonly name: InitializerName;
  readonly [option: string]: unknown;
}

/** A name where the defaults do, or an object with its numbers. */
export type InitializerLike = InitializerName | InitializerSpec;

export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

interface InitializerRow {
  readonly defaults: Readonly<Record<string, number>>;
  readonly fill: (values: Float32Array, random: Random, fans: Fans, o: Readonly<Record<string, number>>) => void;
}

function uniform(values: Float32Array, random: Random, bound: number): void {
  for (let i = 0; i < values.length; i++) values[i] = random.between(-bound, bound);
}

function normal(values: Float32Array, random: Random, deviation: number): void {
  for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
}

const table = {
  zeros: { defaults: {}, fill: (v) => v.fill(0) },
  ones: { defaults: {}, fill: (v) => v.fill(1) },
  constant: { defaults: { value: 0 }, fill: (v, _r, _f, o) => v.fill(o['value']!) },
  uniform: {
    defaults: { low: -0.05, high: 0.05 },
    fill: (v, r, _f, o) => {
      for (let i = 0; i < v.length; i++) v[i] = r.between(o['low']!, o['high']!);
    },
  },
  normal: {
    defaults: { mean: 0, deviation: 0.05 },
    fill: (v, r, _f, o) => {
      for (let i = 0; i < v.length; i++) v[i] = o['mean']! + o['deviation']! * r.normal();
    },
  },
  /** Variance 2 / (in + out). See: Glorot & Bengio 2010. `factor` is 6 as there; scikit-learn takes 2 for logistic nets. */
  glorotUniform: { defaults: { factor: 6 }, fill: (v, r, f, o) => uniform(v, r, Math.sqrt(o['factor']! / (f.fanIn + f.fanOut))) },
  glorotNormal: { defaults: {}, fill: (v, r, f) => normal(v, r, Math.sqrt(2 / (f.fanIn + f.fanOut))) },
  /** Variance 2 / in. See: https://arxiv.org/abs/1502.01852 */
  heUniform: { defaults: {}, fill: (v, r, f) => uniform(v, r, Math.sqrt(6 / f.fanIn)) },
  heNormal: { defaults: {}, fill: (v, r, f) => normal(v, r, Math.sqrt(2 / f.fanIn)) },
  /** Variance 1 / in. See: LeCun et al., Efficient BackProp, 1998. */
  lecunUniform: { defaults: {}, fill: (v, r, f) => uniform(v, r, Math.sqrt(3 / f.fanIn)) },
  lecunNormal: { defaults: {}, fill: (v, r, f) => normal(v, r, Math.sqrt(1 / f.fanIn)) },
  /** U(-1/sqrt(in), 1/sqrt(in)): what PyTorch gives the weights and biases of a Linear. */
  fanInUniform: { defaults: {}, fill: (v, r, f) => uniform(v, r, 1 / Math.sqrt(f.fanIn)) },
  /** Orthonormal rows or columns, whichever are fewer, times gain. See: https://arxiv.org/abs/1312.6120 */
  orthogonal: { defaults: { gain: 1 }, fill: (v, r, f, o) => orthogonal(v, r, f, o['gain']!) },
} satisfies Record<InitializerName, InitializerRow>;

export const initializerNames = Object.keys(table) as InitializerName[];

export interface ResolvedInitializer {
  readonly name: InitializerName;
  readonly options: Readonly<Record<string, number>>;
}

/** @throws ERR_OPTION for an unknown name or option. */
export function resolveInitializer(value: unknown, path: string): ResolvedInitializer {
  const given: unknown = typeof value === 'string' ? { name: value } : value;
  if (typeof given !== 'object' || given === null)
    fail('ERR_OPTION', `${path}: expected the name of an initializer, got ${show(value)}.`);
  const name = (given as { name?: unknown }).name;
  if (!has(table, name)) unknownName(name, initializerNames, path, 'initializer');
  const row: InitializerRow = table[name];
  const options = checkKeys(given, ['name', ...Object.keys(row.defaults)], path);
  const checked: Record<string, number> = {};
  // Normal numbers reach nine deviations: a tenth of what float32 holds keeps every weight finite.
  const most = float32.max / 10;
  const rangeOf: Record<string, Range> = {
    deviation: { min: 0, max: most / 10 },
    factor: { min: 0, minExclusive: true, max: most },
  };
  for (const [key, preset] of Object.entries(row.defaults))
    checked[key] = checkNumber(options[key] ?? preset, `${path}.${key}`, rangeOf[key] ?? { min: -most, max: most });
  if (name === 'uniform' && checked['low']! > checked['high']!)
    fail('ERR_OPTION', `${path}: low ${checked['low']} is above high ${checked['high']}.`);
  return { name, options: checked };
}

/** As plain data again. */
export function initializerSpec(initializer: ResolvedInitializer): InitializerLike {
  return Object.keys(initializer.options).length === 0 ? initializer.name : { name: initializer.name, ...initializer.options };
}

/** The initial values of the tensor called `name`: the same for the same key, name and shape, on every engine. */
export function initialValues(
  initializer: ResolvedInitializer,
  shape: readonly number[],
  fans: Fans,
  key: Key,
  name: string,
): Float32Array {
  const values = floats(sizeOf(shape), name);
  const row: InitializerRow = table[initializer.name];
  row.fill(
    values,
    new Random(key, name),
    shape.length === 2 ? { fanIn: shape[0]!, fanOut: shape[1]! } : fans,
    initializer.options,
  );
  return values;
}

/** Modified Gram-Schmidt, twice, in float64, on min(fanIn, fanOut) normal vectors; values is [fanIn][fanOut]. */
function orthogonal(values: Float32Array, random: Random, { fanIn, fanOut }: Fans, gain: number): void {
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

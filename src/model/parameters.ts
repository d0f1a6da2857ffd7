// Parameters as users see them: by name, in their public shape, copies both ways.

import { doubles, floats, sizeOf, type Floats } from '../data/allocate.js';
import { fail, nearest, show } from '../errors.js';
import type { NetworkPlan, TensorPlan } from '../plan/network.js';
import { checkSigns } from '../plan/signs.js';
import type { Trainer } from '../training/trainer.js';

/** One named tensor of a model. */
export interface ParameterView {
  /** 'layers.0.weight', 'layers.2.projection.weight', … */
  readonly name: string;
  /** [inputs, outputs], or [outputs]. */
  readonly shape: readonly number[];
  /** Whether an optimizer changes it: false for running statistics and for frozen layers. */
  readonly trainable: boolean;
  /** Its values when the view was made (or last set), row-major: a copy. Of a model in float64 it is a Float64Array. */
  readonly values: Float32Array;
  /**
   * Overwrites it with as many finite numbers: a flat list, rows, or { data, shape }.
   * @throws ERR_SHAPE, ERR_TYPE, ERR_NONFINITE; ERR_RANGE beyond float32, or for a sign that the layer's `signs` exclude; ERR_BUSY while the model trains.
   */
  set(values: ParameterValues): void;
}

/** Values for a parameter: a flat list (row-major), rows, or { data, shape }. */
export type ParameterValues =
  | ArrayLike<number>
  | readonly ArrayLike<number>[]
  | {
      /** The numbers, row-major. */
      readonly data: ArrayLike<number>;
      /** That of the parameter, where it is given. */
      readonly shape?: readonly number[];
    };

export function parameterViews(trainer: Trainer): ParameterView[] {
  return trainer.plan.tensors.map(
    (tensor, i) => new Parameter(trainer, i, tensor, tensor.trainable && !trainer.rules[i]!.frozen),
  );
}

class Parameter implements ParameterView {
  readonly name: string;
  readonly shape: readonly number[];
  values: Float32Array;

  constructor(
    private readonly trainer: Trainer,
    private readonly index: number,
    tensor: TensorPlan,
    readonly trainable: boolean,
  ) {
    this.name = tensor.name;
    this.shape = tensor.shape;
    this.values = trainer.backend.readTensor(index) as Float32Array;
  }

  set(values: ParameterValues): void {
    const { trainer, index } = this;
    trainer.refuseBusy(`${this.name}.set`);
    trainer.stage = 'none';
    const { backend, plan } = trainer;
    const checked = readValues(values, this.name, this.shape, (this.values as Floats) instanceof Float64Array);
    checkSigns(checked, plan.tensors[index]!.signs, this.name);
    // An average of weights that are no more would go on predicting. It goes first: it may need memory.
    if (plan.averagingDecay > 0 && plan.tensors[index]!.trainable) backend.writeAverage(index, checked);
    backend.writeTensor(index, checked);
    this.values = checked as Float32Array;
  }
}

/** The accumulated gradients, as views that cannot be set. */
export function gradientViews(trainer: Trainer): ParameterView[] {
  return trainer.plan.tensors.map(({ name, shape, trainable }, i) => ({
    name,
    shape,
    trainable: trainable && !trainer.rules[i]!.frozen,
    values: trainable ? (trainer.backend.readGradient(i) as Float32Array) : floats(sizeOf(shape), name),
    set: () => fail('ERR_UNSUPPORTED', `${name}: gradients are computed, not set. zeroGrad() clears them.`),
  }));
}

/** The values of all trainable tensors, one after the other. */
export function readVector({ backend, plan }: Trainer): Float32Array {
  const tensors = plan.tensors.flatMap((tensor, i) => (tensor.trainable ? [backend.readTensor(i)] : []));
  const make = backend.x instanceof Float64Array ? doubles : floats;
  const vector = make(plan.parameterCount, 'getVector');
  let at = 0;
  for (const values of tensors) {
    vector.set(values, at);
    at += values.length;
  }
  return vector as Float32Array;
}

/** Sets them, once all are checked. */
export function writeVector(trainer: Trainer, values: ArrayLike<number>): void {
  trainer.refuseBusy('setVector');
  const { backend, plan } = trainer;
  const views = parameterViews(trainer).filter((_, i) => plan.tensors[i]!.trainable);
  const checked = readValues(values, 'setVector', [plan.parameterCount], backend.x instanceof Float64Array);
  let at = 0;
  for (const { name, shape, signs } of plan.tensors.filter(({ trainable }) => trainable)) {
    checkSigns(checked.subarray(at, at + sizeOf(shape)), signs, name);
    at += sizeOf(shape);
  }
  at = 0;
  for (const view of views) {
    view.set(checked.subarray(at, at + view.values.length));
    at += view.values.length;
  }
}

/** Values for a tensor, flat, checked. @throws ERR_SHAPE, ERR_TYPE, ERR_NONFINITE, ERR_RANGE. */
export function readValues(values: unknown, name: string, shape: readonly number[], double: false): Float32Array;
export function readValues(values: unknown, name: string, shape: readonly number[], double: boolean): Floats;
export function readValues(values: unknown, name: string, shape: readonly number[], double: boolean): Floats {
  const size = sizeOf(shape);
  const flat = flatten(values, name, shape);
  if (flat.length !== size) refuseShape(name, shape, `${flat.length} numbers`);
  const out = double ? doubles(size, name) : floats(size, name);
  for (let k = 0; k < size; k++) {
    const value = flat[k] as unknown;
    if (typeof value !== 'number') fail('ERR_TYPE', `${name}: value ${k} is ${show(value)}, not a number.`, { index: k, value });
    out[k] = value;
    if (Number.isFinite(out[k])) continue;
    if (Number.isFinite(value))
      fail('ERR_RANGE', `${name}: value ${k} is ${value}, beyond the largest float32 (3.4e38).`, { index: k, value });
    fail('ERR_NONFINITE', `${name}: value ${k} is ${value}; parameters are finite.`, { index: k, value });
  }
  return out;
}

function flatten(values: unknown, name: string, shape: readonly number[]): ArrayLike<unknown> {
  if (ArrayBuffer.isView(values) && 'length' in values) return values as unknown as ArrayLike<unknown>;
  if (Array.isArray(values)) {
    if (!values.some((row) => Array.isArray(row) || ArrayBuffer.isView(row))) return values;
    const [rows, columns] = shape;
    if (columns === undefined || values.length !== rows) refuseShape(name, shape, `${values.length} rows`);
    const out: unknown[] = [];
    for (const [i, row] of (values as ArrayLike<unknown>[]).entries()) {
      if (!(Array.isArray(row) || ArrayBuffer.isView(row)) || row.length !== columns)
        refuseShape(name, shape, `row ${i}: ${show(row)}`);
      for (let j = 0; j < columns; j++) out.push(row[j]);
    }
    return out;
  }
  if (typeof values === 'object' && values !== null && 'data' in values) {
    const given = (values as { shape?: unknown }).shape;
    if (Array.isArray(given) && (given.length !== shape.length || shape.some((n, i) => given[i] !== n)))
      refuseShape(name, shape, `shape [${Array.from(given.slice(0, 8), show).join(', ')}]`);
    const { data } = values as { data: unknown };
    if (Array.isArray(data) || ArrayBuffer.isView(data)) return flatten(data, name, shape);
  }
  return fail('ERR_TYPE', `${name}: expected numbers, got ${show(values)}.`);
}

function refuseShape(name: string, shape: readonly number[], got: string): never {
  return fail('ERR_SHAPE', `${name}: expected ${shape.join(' x ')} numbers, got ${got}.`, { expected: shape });
}

/** Indices of the trainable tensors of a layer (or all): those named by the prefix. @throws ERR_OPTION when none is. */
export function tensorsOf(plan: NetworkPlan, prefix: unknown): number[] {
  const names = plan.tensors.map((tensor) => tensor.name);
  if (prefix === undefined) return names.map((_, i) => i);
  const found = names.flatMap((name, i) =>
    name === prefix || (typeof prefix === 'string' && name.startsWith(`${prefix}.`)) ? [i] : [],
  );
  if (found.length > 0) return found;
  const known = [...new Set([...plan.layers.map((layer) => layer.path), ...names])];
  const near = typeof prefix === 'string' ? nearest(prefix, known) : undefined;
  return fail(
    'ERR_OPTION',
    `No parameter is called ${show(prefix)}.${near === undefined ? '' : ` Did you mean "${near}"?`} Names: ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}.`,
  );
}

// What stands around the core in an exported module, as code of its own: rows as the caller has them are scaled in float64, by the operations of
// src/data/scalers/maps.ts, rounded once and put where the network reads them; outputs go out in the units of the targets.

import { type MinMaxScaler, type RobustScaler, StandardScaler } from '../../data/scalers/index.js';
import type { PlainScaler } from '../../formats/affine.js';
import { call, type Code, f32, f64, FunctionBuilder, get, i32, loop, select, set, Type } from './assembler.js';
import type { Image } from './image.js';

/** What happens to rows on their way in, and to outputs on their way out. */
export interface Around {
  readonly scaler: PlainScaler | undefined;
  /** What is subtracted, after the scaler, as float64 from each column that the network reads. */
  readonly center: Float64Array | undefined;
  readonly targetScaler: PlainScaler | undefined;
  readonly inputs: number;
  readonly outputs: number;
}

/** Whether rows come as float64: what is to be scaled must not be rounded before. */
export const readsDoubles = ({ scaler, center }: Around): boolean => scaler !== undefined || center !== undefined;
/** Whether answers are float64: outputs in the units of targets are not rounded to float32 again. */
export const writesDoubles = ({ targetScaler }: Around): boolean => targetScaler !== undefined;

/** A function of the module. */
export interface Made {
  readonly type: readonly number[];
  readonly code: readonly number[];
}

/** Puts constants into memory; returns their address. */
type Put = (values: Float64Array) => number;

/** The indices of functions that the glue calls. */
export interface Callees {
  readonly forward: number;
  readonly inputGradient: number;
  /** `load` of this file. */
  readonly load: number;
}

/** load(x, rows): rows at x into the network's inputs. */
export function loadFunction(image: Image, around: Around, put: Put): Made {
  const f = new FunctionBuilder(2);
  const [x, rows, row, to, k] = [0, 1, f.local(Type.i32), f.local(Type.i32), f.local(Type.i32)];
  const v = f.local(Type.f64);
  const double = readsDoubles(around);
  const constant = constantsAt(k, put);
  const given = double ? f64.load(i32.add(get(x), i32.shl(get(k), i32.const(1)))) : f64.ofF32(f32.load(i32.add(get(x), get(k))));
  const scaled = scale(around.scaler, given, constant);
  const { center } = around;
  // What a rescale layer subtracts from is what a scaler left, in float32.
  const value =
    center === undefined
      ? scaled
      : f64.sub(around.scaler === undefined ? scaled : f64.ofF32(f32.ofF64(scaled)), constant(center));
  const body = [
    ...set(to, i32.const(image.inputs)),
    ...loop(row, get(rows), 1, [
      ...loop(k, i32.const(4 * around.inputs), 4, [...set(v, value), ...f32.store(i32.add(get(to), get(k)), f32.ofF64(get(v)))]),
      ...set(x, i32.add(get(x), i32.const((double ? 8 : 4) * around.inputs))),
      ...set(to, i32.add(get(to), i32.const(4 * image.inputStride))),
    ]),
  ];
  return { type: f.type, code: f.encode(body) };
}

/** predict(x, y, rows). */
export function predictFunction(image: Image, around: Around, callees: Callees, put: Put): Made {
  const f = new FunctionBuilder(3);
  const [x, y, rows] = [0, 1, 2];
  const [done, count, row, from, k] = [
    f.local(Type.i32),
    f.local(Type.i32),
    f.local(Type.i32),
    f.local(Type.i32),
    f.local(Type.i32),
  ];
  const double = writesDoubles(around);
  const output = f64.ofF32(f32.load(i32.add(get(from), get(k))));
  const answer = unscale(around.targetScaler, output, constantsAt(k, put));
  const store = double
    ? f64.store(i32.add(get(y), i32.shl(get(k), i32.const(1))), answer)
    : f32.store(i32.add(get(y), get(k)), f32.ofF64(answer));
  const body = loop(done, get(rows), image.rows, [
    ...set(count, least(i32.sub(get(rows), get(done)), image.rows)),
    ...call(callees.load, get(x), get(count)),
    ...call(callees.forward, get(count)),
    ...set(from, i32.const(image.outputs)),
    ...loop(row, get(count), 1, [
      ...loop(k, i32.const(4 * around.outputs), 4, store),
      ...set(y, i32.add(get(y), i32.const((double ? 8 : 4) * around.outputs))),
      ...set(from, i32.add(get(from), i32.const(4 * image.outputStride))),
    ]),
    ...set(x, i32.add(get(x), i32.mul(get(count), i32.const((readsDoubles(around) ? 8 : 4) * around.inputs)))),
  ]);
  return { type: f.type, code: f.encode(body) };
}

/** inputGradient(x, g, rows, output): float32 numbers at g, one for each input of each row. */
export function gradientFunction(image: Image, around: Around, callees: Callees, put: Put): Made {
  const f = new FunctionBuilder(4);
  const [x, g, rows, output] = [0, 1, 2, 3];
  const [done, count, row, from, k] = [
    f.local(Type.i32),
    f.local(Type.i32),
    f.local(Type.i32),
    f.local(Type.i32),
    f.local(Type.i32),
  ];
  const v = f.local(Type.f64);
  const constant = constantsAt(k, put);
  const unit = put(unitsOf(around));
  const double = readsDoubles(around);
  const given = double ? f64.load(i32.add(get(x), i32.shl(get(k), i32.const(1)))) : f64.ofF32(f32.load(i32.add(get(x), get(k))));
  const outputUnit = f64.load(i32.shl(get(output), i32.const(3)), unit);
  const factor = f64.mul(outputUnit, slope(around.scaler, get(v), constant));
  const body = loop(done, get(rows), image.rows, [
    ...set(count, least(i32.sub(get(rows), get(done)), image.rows)),
    ...call(callees.load, get(x), get(count)),
    ...call(callees.forward, get(count)),
    // 1 in the output that is asked for, 0 in the others.
    ...set(from, i32.const(image.outputGradient)),
    ...loop(row, get(count), 1, [
      ...loop(k, i32.const(4 * image.outputStride), 4, f32.store(i32.add(get(from), get(k)), f32.ofF64(f64.const(0)))),
      ...f32.store(i32.add(get(from), i32.shl(get(output), i32.const(2))), f32.ofF64(f64.const(1))),
      ...set(from, i32.add(get(from), i32.const(4 * image.outputStride))),
    ]),
    ...call(callees.inputGradient),
    ...set(from, i32.const(image.inputGradients)),
    ...loop(row, get(count), 1, [
      ...loop(k, i32.const(4 * around.inputs), 4, [
        ...set(v, given),
        ...f32.store(i32.add(get(g), get(k)), f32.ofF64(f64.mul(f64.ofF32(f32.load(i32.add(get(from), get(k)))), factor))),
      ]),
      ...set(x, i32.add(get(x), i32.const((double ? 8 : 4) * around.inputs))),
      ...set(g, i32.add(get(g), i32.const(4 * around.inputs))),
      ...set(from, i32.add(get(from), i32.const(4 * image.inputStride))),
    ]),
  ]);
  return { type: f.type, code: f.encode(body) };
}

/** The number of `values` that belongs to the column in hand; `k` counts its bytes as float32. */
function constantsAt(k: number, put: Put): (values: Float64Array) => Code {
  return (values) => f64.load(i32.shl(get(k), i32.const(1)), put(values));
}

const least = (value: Code, most: number): Code => select(i32.ltU(value, i32.const(most)), value, i32.const(most));

type Constant = (values: Float64Array) => Code;

/** What the scaler makes of a value. */
function scale(scaler: PlainScaler | undefined, x: Code, constant: Constant): Code {
  if (scaler === undefined) return x;
  if ('range' in scaler) return held(scaler, f64.add(f64.mul(x, constant(scaler.scale)), constant(scaler.min)));
  const { center, divisor } = linear(scaler);
  const shifted = center === undefined ? x : f64.sub(x, constant(center));
  return divisor === undefined ? shifted : f64.div(shifted, constant(divisor));
}

function held({ clip, range: [low, high] }: MinMaxScaler, x: Code): Code {
  return clip ? f64.min(f64.const(high), f64.max(f64.const(low), x)) : x;
}

/** Its way back. */
function unscale(scaler: PlainScaler | undefined, y: Code, constant: Constant): Code {
  if (scaler === undefined) return y;
  if ('range' in scaler) return f64.div(f64.sub(y, constant(scaler.min)), constant(scaler.scale));
  const { center, divisor } = linear(scaler);
  const stretched = divisor === undefined ? y : f64.mul(y, constant(divisor));
  return center === undefined ? stretched : f64.add(stretched, constant(center));
}

/** The derivative of `scale` at x, which is read twice. */
function slope(scaler: PlainScaler | undefined, x: Code, constant: Constant): Code {
  if (scaler === undefined) return f64.const(1);
  if (!('range' in scaler)) {
    const { divisor } = linear(scaler);
    return divisor === undefined ? f64.const(1) : constant(divisor.map((d) => 1 / d));
  }
  const factor = constant(scaler.scale);
  if (!scaler.clip) return factor;
  const y = f64.add(f64.mul(x, factor), constant(scaler.min));
  const [low, high] = scaler.range;
  const inside = i32.and(f64.gt(y, f64.const(low)), f64.lt(y, f64.const(high)));
  return select(inside, factor, f64.const(0));
}

/** What a derivative of each output is multiplied by for the units of the targets. */
function unitsOf({ targetScaler, outputs }: Around): Float64Array {
  const units = new Float64Array(outputs).fill(1);
  if (targetScaler === undefined) return units;
  const slopes = 'range' in targetScaler ? targetScaler.scale : linear(targetScaler).divisor?.map((d) => 1 / d);
  return units.map((_, j) => 1 / (slopes?.[j] ?? 1));
}

/** (x - center) / divisor; what is undefined is left out. */
function linear(scaler: StandardScaler | RobustScaler): { center: Float64Array | undefined; divisor: Float64Array | undefined } {
  return scaler instanceof StandardScaler
    ? { center: scaler.withMean ? scaler.mean : undefined, divisor: scaler.withStd ? scaler.scale : undefined }
    : { center: scaler.withCentering ? scaler.center : undefined, divisor: scaler.withScaling ? scaler.scale : undefined };
}

// Signs that the weights of a dense layer keep: how they are written, and what they make of values.

import { fail, show } from '../errors.js';

/** Which sign weights keep: 1 never negative, -1 never positive, 0 either, null no weight at all (it stays 0). */
export type WeightSign = 1 | -1 | 0 | null;

/** Signs by blocks of neighbouring inputs and units. */
export interface SignBlocks {
  /** How many inputs are in each block; they add up to the layer's inputs (default: all of them one block). */
  readonly inputs?: readonly number[];
  /** How many units are in each block; they add up to the layer's units (default: all of them one block). */
  readonly units?: readonly number[];
  /** The sign of the weights from each block of inputs (a row) to each block of units (a column). */
  readonly signs: readonly (readonly WeightSign[])[];
}

/** No weight, among the numbers that a backend reads. */
export const NO_WEIGHT = 2;

/** A number for each weight [inputs][units]: 1, -1, 0, or 2 for none. @throws ERR_OPTION, ERR_SHAPE. */
export function resolveSigns(value: unknown, inputs: number, units: number, where: string): Int8Array | undefined {
  if (value === undefined || value === 0) return undefined;
  const out = new Int8Array(inputs * units);
  if (typeof value !== 'object' || value === null) return out.fill(codeOf(value, where));
  const { inputs: rows = [inputs], units: columns = [units], signs } = value as Partial<Record<keyof SignBlocks, unknown>>;
  const starts = [startsOf(rows, inputs, `${where}.inputs`), startsOf(columns, units, `${where}.units`)] as const;
  const blocks = (list: unknown, count: number, name: string): readonly unknown[] => {
    if (!Array.isArray(list) || list.length !== count)
      fail('ERR_SHAPE', `${name}: expected a list of ${count}, got ${show(list)}.`);
    return list;
  };
  blocks(signs, starts[0].length - 1, `${where}.signs`).forEach((row, r) =>
    blocks(row, starts[1].length - 1, `${where}.signs[${r}]`).forEach((sign, c) => {
      const code = codeOf(sign, `${where}.signs[${r}][${c}]`);
      for (let i = starts[0][r]!; i < starts[0][r + 1]!; i++)
        out.fill(code, i * units + starts[1][c]!, i * units + starts[1][c + 1]!);
    }),
  );
  return out;
}

function codeOf(sign: unknown, where: string): number {
  if (sign === null) return NO_WEIGHT;
  if (sign === 1 || sign === -1 || sign === 0) return sign;
  return fail('ERR_OPTION', `${where}: expected 1, -1, 0, null or { inputs, units, signs }, got ${show(sign)}.`);
}

function startsOf(sizes: unknown, total: number, where: string): number[] {
  const starts = [0];
  for (const size of Array.isArray(sizes) ? (sizes as unknown[]) : []) {
    if (!(typeof size === 'number' && Number.isInteger(size) && size >= 0))
      fail('ERR_OPTION', `${where}: expected whole numbers from 0, got ${show(size)}.`);
    starts.push(starts[starts.length - 1]! + size);
  }
  if (starts[starts.length - 1] !== total)
    fail('ERR_SHAPE', `${where}: expected sizes that add up to ${total}, got ${show(sizes)}.`);
  return starts;
}

/** Values as a tensor of these signs starts with: of the right sign each, as large as they are. */
export function turnSigns(values: Float32Array, signs: Int8Array | undefined): Float32Array {
  signs?.forEach((sign, k) => {
    if (sign === NO_WEIGHT) values[k] = 0;
    else if (sign !== 0) values[k] = sign * Math.abs(values[k]!);
  });
  return values;
}

/** Values after a step: 0 where their sign is not theirs. */
export function keepSigns(values: Float32Array | Float64Array, signs: Int8Array): void {
  for (let k = 0; k < values.length; k++) if (isWrong(values[k]!, signs[k]!)) values[k] = 0;
}

/** Gradients of weights that are not there become 0. */
export function dropMissing(gradient: Float32Array | Float64Array, signs: Int8Array): void {
  for (let k = 0; k < gradient.length; k++) if (signs[k] === NO_WEIGHT) gradient[k] = 0;
}

function isWrong(value: number, sign: number): boolean {
  return sign === NO_WEIGHT ? value !== 0 && value === value : value * sign < 0;
}

/** @throws ERR_RANGE for values of a sign that they may not have. */
export function checkSigns(values: ArrayLike<number>, signs: Int8Array | undefined, name: string): void {
  const wrong = signs?.findIndex((sign, k) => isWrong(values[k]!, sign)) ?? -1;
  if (wrong >= 0)
    fail(
      'ERR_RANGE',
      `${name}: value ${wrong} is ${values[wrong]}, but the layer's ${signs![wrong] === NO_WEIGHT ? 'mask, sparse or signs say that there is no such connection: it is 0' : `signs say that it is ${signs![wrong] === 1 ? 'not negative' : 'not positive'}`}.`,
      { index: wrong, value: values[wrong] },
    );
}

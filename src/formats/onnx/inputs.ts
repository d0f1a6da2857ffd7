// How the input of a graph may be read: which of its axes counts the rows, and how many numbers a row has. A free axis stands for
// any number of rows; the graph is read with a prime of them that is nowhere in the file, so that where it goes, the rows went.

import { fail, show } from '../../errors.js';
import type { Node } from './graph.js';
import type { ModelMessage, TensorMessage, ValueMessage } from './messages.js';
import { DataType, isFloat } from './tensors.js';
import type { Rows } from './values.js';

export interface Interpretation {
  readonly dims: readonly number[];
  /** The axis of rows, -1 where all of the input is one row. */
  readonly axis: number;
  readonly rows: number;
  /** Whether any number of rows may come. */
  readonly free: boolean;
  readonly type: Rows['type'];
}

/** The ways to read the input, the likeliest first. @throws ERR_UNSUPPORTED when it is no rows of features. */
export function interpretations(
  model: ModelMessage,
  { name, dims, dataType }: ValueMessage,
  nodes: readonly Node[],
): Interpretation[] {
  if (dataType === DataType.String || dataType === DataType.Bool)
    fail('ERR_UNSUPPORTED', `importOnnx: the input ${show(name)} is of data type ${dataType}; expected numbers.`);
  const type = isFloat(dataType) || dataType === 0 ? 'numbers' : 'whole';
  const given = dims.length === 0 ? ['', ''] : dims;
  const free = given.flatMap((n, i) => (typeof n === 'number' && n > 0 ? [] : [i]));
  const prime = unusedPrime(model);
  const rows = (axis: number, sizes: readonly (number | string)[]): Interpretation => ({
    dims: sizes.map((n, i) => (i === axis ? prime : (n as number))),
    axis,
    rows: prime,
    free: true,
    type,
  });
  if (free.length === 0) {
    const sizes = given as number[];
    const single: Interpretation = { dims: sizes, axis: -1, rows: 1, free: false, type };
    if (sizes.length === 1 || sizes[0] === 1) return [single];
    const batch: Interpretation = { dims: sizes, axis: 0, rows: sizes[0]!, free: false, type };
    // Numbers below each other may also be one row, of which W x makes another.
    return sizes.slice(1).every((n) => n === 1) ? [batch, single] : [batch];
  }
  const found: Interpretation[] = [];
  if (free.includes(0)) {
    const others = free.filter((i) => i !== 0);
    const known = given.reduce<number>((product, n, i) => (free.includes(i) ? product : product * (n as number)), 1);
    const width = others.length === 0 ? known : (widthOf(name, nodes, model.initializers) ?? 0) / known;
    if (others.length <= 1 && Number.isInteger(width) && width > 0)
      found.push(
        rows(
          0,
          given.map((n, i) => (others.includes(i) ? width : n)),
        ),
      );
  } else if (free.length === 1) {
    const [axis] = free as [number];
    const sizes = given as (number | string)[];
    found.push(rows(axis, sizes));
    const known = sizes.reduce<number>((product, n, i) => (i === axis ? product : product * (n as number)), 1);
    const width = (widthOf(name, nodes, model.initializers) ?? 0) / known;
    if (sizes[0] === 1 && Number.isInteger(width) && width > 0)
      found.push({ dims: sizes.map((n, i) => (i === axis ? width : (n as number))), axis: -1, rows: 1, free: false, type });
  }
  if (found.length > 0) return found;
  return fail(
    'ERR_UNSUPPORTED',
    `importOnnx: the input ${show(name)} has the shape [${given.map((n) => (n === '' ? '?' : n)).join(', ')}]; expected rows of a known number of features.`,
  );
}

/** Numbers a row has, as the first operator that says so needs them. */
function widthOf(input: string, nodes: readonly Node[], initializers: readonly TensorMessage[]): number | undefined {
  const shapes = new Map(initializers.map(({ name, dims }) => [name, dims]));
  for (const node of nodes)
    if (node.op === 'Constant') {
      const value = node.attributes.get('value');
      if (typeof value === 'object' && !Array.isArray(value) && node.outputs[0] !== undefined)
        shapes.set(node.outputs[0], value.dims);
    }
  const same = new Set([input]);
  for (const { op, inputs, outputs, attributes } of nodes) {
    const variable = inputs.findIndex((name) => same.has(name));
    if (variable < 0) continue;
    const [, second] = inputs.map((name) => shapes.get(name));
    if (op === 'MatMul' && variable === 0 && second !== undefined) return second[Math.max(0, second.length - 2)];
    if (op === 'Gemm' && variable === 0 && second?.length === 2) return second[attributes.get('transB') === 1 ? 1 : 0];
    if (op === 'BatchNormalization' && second !== undefined) return second[0];
    const longest = Math.max(1, ...inputs.map((name) => shapes.get(name)?.at(-1) ?? 1));
    if (longest > 1 && ['Add', 'Sub', 'Mul', 'Div', 'PRelu', 'LayerNormalization'].includes(op)) return longest;
    for (const name of outputs) same.add(name);
  }
  return undefined;
}

/** A prime that is no size and no whole number in the file. */
function unusedPrime({ nodes, initializers, inputs }: ModelMessage): number {
  const used = new Set<number>();
  const add = ({ dims, values, dataType }: TensorMessage) => {
    for (const n of dims) used.add(n);
    if (!isFloat(dataType) && values.length <= 1000) for (let i = 0; i < values.length; i++) used.add(Math.abs(values[i]!));
  };
  for (const tensor of initializers) add(tensor);
  for (const { dims } of inputs) for (const n of dims) if (typeof n === 'number') used.add(n);
  for (const { attributes } of nodes)
    for (const value of attributes.values()) {
      if (typeof value === 'number') used.add(Math.abs(value));
      else if (Array.isArray(value)) for (const n of value) if (typeof n === 'number') used.add(Math.abs(n));
      if (typeof value === 'object' && !Array.isArray(value)) add(value);
    }
  const isPrime = (n: number) => {
    for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
    return true;
  };
  let n = 1009;
  while (!isPrime(n) || used.has(n)) n++;
  return n;
}

// Products with matrices: rows times a constant matrix, or a constant matrix times what stands below each other, as dense layers.

import { fold, lineIn, numberByNumber, rowsIn } from './arithmetic.js';
import { isExpression } from './expressions.js';
import { describe, type Node, numberOf, refuse, unsupported } from './graph.js';
import { addition } from './rules.js';
import { beside, type Constant, constant, numbersIn, product, type Reading, type Rows, type Value } from './values.js';

export function transposed(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, k) => values[(k % rows) * columns + Math.floor(k / rows)]!);
}

function matrixIn(node: Node, value: Constant): { rows: number; columns: number; values: ArrayLike<number> } {
  const { dims, values } = value;
  const [rows, columns] = dims.slice(-2);
  if (dims.length < 2 || product(dims.slice(0, -2)) !== 1) unsupported(node, `its weights have the shape [${dims.join(', ')}]`);
  return { rows: rows!, columns: columns!, values };
}

function misfit(node: Node, { dims }: Rows | Constant, other: Rows | Constant): never {
  return refuse(`the layers do not fit each other: ${describe(node)} gets [${dims.join(', ')}] and [${other.dims.join(', ')}]`);
}

/** x W, the last axis of x being its row. */
function timesMatrix(node: Node, x: Rows, matrix: Constant, reading: Reading): Rows {
  const vector = matrix.dims.length === 1;
  const { rows, columns, values } = vector
    ? { rows: matrix.dims[0]!, columns: 1, values: matrix.values }
    : matrixIn(node, matrix);
  const last = x.dims.length - 1;
  if (x.dims[last] !== rows && last !== x.axis) misfit(node, x, matrix);
  lineIn(node, x, last, 'it multiplies');
  if (x.dims[last] !== rows) misfit(node, x, matrix);
  const lead = Math.max(0, matrix.dims.length - 2 - (x.dims.length - 2));
  const dims = [
    ...(x.dims.length > 1 ? new Array<number>(lead).fill(1) : []),
    ...x.dims.slice(0, -1),
    ...(vector ? [] : [columns]),
  ];
  const axis = x.axis < 0 ? -1 : x.axis + (x.dims.length > 1 ? lead : 0);
  reading.spend(values.length);
  return { kind: 'rows', dims, axis, type: 'numbers', expression: reading.make.dense(node, x.expression, values) };
}

/** W x, the last axis but one of x being its row. */
function matrixTimes(node: Node, matrix: Constant, x: Rows, reading: Reading): Rows {
  const vector = x.dims.length === 1;
  const along = vector ? 0 : x.dims.length - 2;
  if (matrix.dims.length === 1) {
    const { values } = matrix;
    if (x.dims[along] !== values.length && along !== x.axis) misfit(node, matrix, x);
    lineIn(node, x, along, 'it multiplies');
    const dims = x.dims.filter((_, i) => i !== along);
    const axis = x.axis > along ? x.axis - 1 : x.axis;
    return { kind: 'rows', dims, axis, type: 'numbers', expression: reading.make.dense(node, x.expression, values) };
  }
  const { rows, columns, values } = matrixIn(node, matrix);
  if (x.dims[along] !== columns && along !== x.axis) misfit(node, matrix, x);
  lineIn(node, x, along, 'it multiplies');
  if (x.dims[along] !== columns) misfit(node, matrix, x);
  if (matrix.dims.length > Math.max(2, x.dims.length))
    unsupported(node, `its weights have the shape [${matrix.dims.join(', ')}]`);
  const dims = x.dims.map((n, i) => (i === along ? rows : n));
  return {
    kind: 'rows',
    dims,
    axis: x.axis,
    type: 'numbers',
    expression: reading.make.dense(node, x.expression, transposed(values, rows, columns)),
  };
}

/** A B, one of them constant. */
export function multiply(node: Node, a: Value | undefined, b: Value | undefined, reading: Reading): Rows | Constant {
  if (a?.kind === 'constant' && b?.kind === 'constant') return multiplyConstants(node, a, b, reading);
  if (a?.kind === 'rows' && b?.kind === 'constant')
    return timesMatrix(node, rowsIn(node, a), numbersIn(node, b, 'its matrix'), reading);
  if (a?.kind === 'constant' && b?.kind === 'rows')
    return matrixTimes(node, numbersIn(node, a, 'its matrix'), rowsIn(node, b), reading);
  return unsupported(node, 'none of its matrices is constant');
}

function multiplyConstants(node: Node, a: Constant, b: Constant, reading: Reading): Constant {
  const [left, right] = [numbersIn(node, a, 'its matrix'), numbersIn(node, b, 'its matrix')];
  if (left.dims.length !== 2 || right.dims.length !== 2) return unsupported(node, 'it multiplies constants that are no matrices');
  const [m, k] = left.dims as [number, number];
  const n = right.dims[1]!;
  if (right.dims[0] !== k) misfit(node, a, b);
  reading.spend(m * n * Math.max(1, k));
  const values = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      for (let l = 0; l < k; l++) values[i * n + j]! += left.values[i * k + l]! * right.values[l * n + j]!;
  return constant(values, [m, n], a.dataType);
}

function turned(node: Node, value: Value | undefined): Value | undefined {
  if (value?.kind !== 'constant' && value?.kind !== 'rows') return value;
  if (value.dims.length !== 2) unsupported(node, 'it transposes what is no matrix');
  const [rows, columns] = value.dims as [number, number];
  if (value.kind === 'constant') return { ...value, dims: [columns, rows], values: transposed(value.values, rows, columns) };
  return { ...value, dims: [columns, rows], axis: value.axis < 0 ? -1 : 1 - value.axis };
}

const scaledBy = (value: Constant, factor: number): Constant =>
  factor === 1 ? value : { ...value, values: Float64Array.from(value.values, (v) => v * factor) };

/** alpha A B + beta C */
export function gemm(node: Node, inputs: readonly (Value | undefined)[], reading: Reading): Value[] {
  const factor = (name: string) => numberOf(node, name, 1);
  const side = (input: number, name: string) => (numberOf(node, name, 0) !== 0 ? turned(node, inputs[input]) : inputs[input]);
  let [a, b] = [side(0, 'transA'), side(1, 'transB')];
  for (const value of [a, b])
    if ((value?.kind === 'rows' || value?.kind === 'constant') && value.dims.length !== 2)
      unsupported(node, `it multiplies what has ${value.dims.length} dimensions`);
  if (b?.kind === 'constant') b = scaledBy(b, factor('alpha'));
  else if (a?.kind === 'constant') a = scaledBy(a, factor('alpha'));
  const result = multiply(node, a, b, reading);
  const shift = inputs[2];
  if (shift === undefined) return [result];
  const beta = factor('beta');
  if (result.kind === 'constant') {
    const added = scaledBy(numbersIn(node, shift, 'its bias'), beta);
    return [fold(node, addition, [result, added], reading)];
  }
  if (shift.kind === 'rows') {
    if (beta !== 1) unsupported(node, 'it adds a multiple of rows');
    if (shift.dims.length !== 2 && reading.freeRows) unsupported(node, 'what it adds has other dimensions');
    return [numberByNumber(node, addition, [result, shift], reading)];
  }
  const bias = scaledBy(numbersIn(node, shift, 'its bias'), beta);
  if (bias.dims.length > 2) unsupported(node, `its bias has ${bias.dims.length} dimensions`);
  const { args, dims } = beside(reading, node, [result, bias]);
  if (dims.join() !== result.dims.join()) misfit(node, result, bias);
  const [, added] = args;
  const { expression } = result;
  if (expression.kind !== 'dense' || added === undefined || isExpression(added)) return unsupported(node);
  const values = Float64Array.from({ length: expression.width }, (_, j) => added.values[added.values.length === 1 ? 0 : j]!);
  return [{ ...result, expression: reading.make.dense(node, expression.x, expression.weight, values) }];
}

// Operators that only arrange numbers: other shapes, other orders, parts, pieces side by side. On constants they are carried out;
// on rows they must leave every row to itself, and become a choice of columns.

import { axisOf, describe, type Node, numberOf, numbersOf, refuse, tensorOf, unsupported } from './graph.js';
import { DataType } from './tensors.js';
import {
  broadcast,
  type Constant,
  constant,
  innerOf,
  numbersIn,
  product,
  type Reading,
  repeated,
  type Rows,
  type Value,
  walk,
} from './values.js';

type Source = Constant | Rows;
type LayoutRule = (node: Node, inputs: readonly (Value | undefined)[], reading: Reading) => Value[];

function source(node: Node, value: Value | undefined): Source {
  if (value?.kind === 'rows' || value?.kind === 'constant') return value;
  return unsupported(node, 'what it reads is not there');
}

/** Whole numbers that an operator takes as an attribute in older versions, as an input in newer ones. */
function listOf(
  node: Node,
  inputs: readonly (Value | undefined)[],
  input: number,
  attribute: string,
): readonly number[] | undefined {
  const value = inputs[input];
  if (value === undefined) return numbersOf(node, attribute);
  if (value.kind !== 'constant') return unsupported(node, `its ${attribute} is not constant`);
  return Array.from(value.values);
}

const withDims = (value: Source, dims: readonly number[], axis: number): Source =>
  value.kind === 'constant' ? { ...value, dims } : { ...value, dims, axis };

/** The numbers of `value` at the given places of a row (of a constant), as another shape; `dims` has 1 at the axis of rows. */
function choose(
  node: Node,
  value: Source,
  list: readonly number[],
  dims: readonly number[],
  axis: number,
  reading: Reading,
): Source {
  reading.spend(list.length);
  if (value.kind === 'rows') {
    if (list.length === 0) unsupported(node, 'nothing is left of the rows');
    return {
      ...value,
      dims: dims.map((n, i) => (i === axis ? reading.rows : n)),
      axis,
      expression: reading.make.columns(node, value.expression, list),
    };
  }
  const { values, strings } = value;
  return {
    ...value,
    dims,
    values: strings.length > 0 ? values : Float64Array.from(list, (from) => values[from]!),
    strings: strings.length > 0 ? list.map((from) => strings[from]!) : strings,
  };
}

function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length).fill(1);
  for (let i = dims.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * dims[i + 1]!;
  return strides;
}

/** Some indices of one axis. */
function take(node: Node, value: Source, axis: number, indices: readonly number[], reading: Reading): Source {
  const at = value.kind === 'rows' ? value.axis : -1;
  if (axis === at) {
    if (indices.length === reading.rows && !reading.freeRows && indices.every((index, i) => index === i)) return value;
    unsupported(node, 'it takes some of the rows');
  }
  const inner = innerOf({ dims: value.dims, axis: at });
  const strides = stridesOf(inner);
  const dims = inner.map((n, i) => (i === axis ? indices.length : n));
  reading.spend(product(dims));
  const before = product(inner.slice(0, axis));
  const block = strides[axis]!;
  const list: number[] = [];
  for (let b = 0; b < before; b++)
    for (const index of indices) for (let k = 0; k < block; k++) list.push(b * block * inner[axis]! + index * block + k);
  return choose(node, value, list, dims, at, reading);
}

/** The numbers in another shape: the rows must stay where they are among them. */
function reshape(node: Node, value: Source, dims: readonly number[]): Source {
  if (product(dims) !== product(value.dims))
    refuse(`the layers do not fit each other: ${describe(node)} makes [${value.dims.join(', ')}] to [${dims.join(', ')}]`);
  if (value.kind === 'constant') return { ...value, dims };
  if (value.axis < 0) return { ...value, dims };
  const before = product(value.dims.slice(0, value.axis));
  const rows = value.dims[value.axis]!;
  const axis = dims.findIndex((n, i) => n === rows && product(dims.slice(0, i)) === before);
  return axis < 0 ? unsupported(node, 'it mixes rows') : { ...value, dims, axis };
}

const one =
  (rule: (node: Node, value: Source, inputs: readonly (Value | undefined)[], reading: Reading) => Source): LayoutRule =>
  (node, inputs, reading) => [rule(node, source(node, inputs[0]), inputs, reading)];

function axesOf(node: Node, inputs: readonly (Value | undefined)[], rank: number): number[] | undefined {
  return listOf(node, inputs, 1, 'axes')?.map((axis) => axisOf(node, axis, rank));
}

export const layoutRules: Readonly<Record<string, LayoutRule>> = {
  Identity: one((_, value) => value),
  Reshape: one((node, value, inputs) => {
    const wanted = listOf(node, inputs, 1, 'shape') ?? unsupported(node, 'it has no shape');
    const zero = numberOf(node, 'allowzero', 0) !== 0;
    const dims = wanted.map((n, i) => (n === 0 && !zero ? (value.dims[i] ?? 0) : n));
    const rest = dims.reduce((a, b) => (b === -1 ? a : a * b), 1);
    const whole = dims.map((n) => (n === -1 ? product(value.dims) / rest : n));
    if (whole.some((n) => !Number.isInteger(n) || n < 0)) {
      // The number of rows is a stand-in: what it does not divide into may be right for another one.
      if (value.kind === 'rows' && value.axis >= 0)
        unsupported(node, `it makes rows of [${value.dims.slice(1).join(', ')}] to [${wanted.join(', ')}]`);
      refuse(`${describe(node)} makes ${product(value.dims)} numbers to [${wanted.join(', ')}]`);
    }
    if (product(whole) !== product(value.dims) && value.kind === 'rows')
      unsupported(node, `it makes rows of [${value.dims.slice(1).join(', ')}] to [${wanted.join(', ')}]`);
    return reshape(node, value, whole);
  }),
  Flatten: one((node, value) => {
    const given = numberOf(node, 'axis', 1);
    const axis = given === value.dims.length ? given : axisOf(node, given, value.dims.length);
    return reshape(node, value, [product(value.dims.slice(0, axis)), product(value.dims.slice(axis))]);
  }),
  Squeeze: one((node, value, inputs) => {
    const axes = axesOf(node, inputs, value.dims.length) ?? value.dims.flatMap((n, i) => (n === 1 ? [i] : []));
    if (value.kind === 'rows' && axes.includes(value.axis)) unsupported(node, 'it takes away the axis of rows');
    const wrong = axes.find((axis) => value.dims[axis] !== 1);
    if (wrong !== undefined) refuse(`${describe(node)} takes away axis ${wrong}, which has ${value.dims[wrong]}`);
    return reshape(
      node,
      value,
      value.dims.filter((_, i) => !axes.includes(i)),
    );
  }),
  Unsqueeze: one((node, value, inputs) => {
    const count = listOf(node, inputs, 1, 'axes')?.length ?? unsupported(node, 'it has no axes');
    const rank = value.dims.length + count;
    const axes = axesOf(node, inputs, rank)!;
    const old = [...value.dims];
    return reshape(
      node,
      value,
      Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : (old.shift() ?? 1))),
    );
  }),
  Transpose: one((node, value, _, reading) => {
    const rank = value.dims.length;
    const perm = numbersOf(node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
    if (perm.length !== rank || [...perm].sort((a, b) => a - b).some((n, i) => n !== i))
      refuse(`${describe(node)} orders ${rank} axes as [${perm.join(', ')}]`);
    const at = value.kind === 'rows' ? value.axis : -1;
    const inner = innerOf({ dims: value.dims, axis: at });
    const strides = stridesOf(inner);
    const dims = perm.map((from) => inner[from]!);
    const long = perm.filter((from) => inner[from]! > 1);
    if (long.every((from, i) => i === 0 || from > long[i - 1]!))
      return withDims(
        value,
        perm.map((from) => value.dims[from]!),
        at < 0 ? -1 : perm.indexOf(at),
      );
    reading.spend(product(dims));
    return choose(
      node,
      value,
      walk(
        dims,
        perm.map((from) => strides[from]!),
      ),
      dims,
      at < 0 ? -1 : perm.indexOf(at),
      reading,
    );
  }),
  Expand: one((node, value, inputs, reading) => {
    const wanted = listOf(node, inputs, 1, 'shape') ?? unsupported(node, 'it has no shape');
    const dims = broadcast(node, [value.dims, wanted]);
    const axis = value.kind === 'rows' && value.axis >= 0 ? value.axis + dims.length - value.dims.length : -1;
    if (value.kind === 'rows' && axis < 0 && reading.freeRows) unsupported(node, 'it repeats rows');
    const inner = innerOf({ dims, axis });
    reading.spend(product(inner));
    const from = innerOf({ dims: value.dims, axis: value.kind === 'rows' ? value.axis : -1 });
    const list = repeated(from, inner);
    return list === undefined ? withDims(value, dims, axis) : choose(node, value, list, inner, axis, reading);
  }),
  Slice: one((node, value, inputs, reading) => {
    const old = node.opset < 10;
    const starts = (old ? numbersOf(node, 'starts') : listOf(node, inputs, 1, 'starts')) ?? unsupported(node, 'it has no starts');
    const ends = (old ? numbersOf(node, 'ends') : listOf(node, inputs, 2, 'ends')) ?? unsupported(node, 'it has no ends');
    const axes = (old ? numbersOf(node, 'axes') : listOf(node, inputs, 3, 'axes')) ?? starts.map((_, i) => i);
    const steps = old ? [] : (listOf(node, inputs, 4, 'steps') ?? []);
    return axes.reduce<Source>((now, given, k) => {
      const axis = axisOf(node, given, now.dims.length);
      const n = now.dims[axis]!;
      const step = steps[k] ?? 1;
      const clamp = (v: number, low: number, high: number) => Math.max(low, Math.min(high, v < 0 ? v + n : v));
      if (!Number.isInteger(step) || step === 0) refuse(`${describe(node)} goes in steps of ${step}`);
      const [from, to] =
        step > 0
          ? [clamp(starts[k]!, 0, n), clamp(ends[k]!, 0, n)]
          : [clamp(starts[k]!, 0, n - 1), ends[k]! < -n ? -1 : clamp(ends[k]!, -1, n - 1)];
      if (from === 0 && step === 1 && ends[k]! >= n && (now.kind === 'constant' || axis !== now.axis || ends[k]! >= 2 ** 31 - 1))
        return now;
      const indices: number[] = [];
      for (let i = from; step > 0 ? i < to : i > to; i += step) indices.push(i);
      return take(node, now, axis, indices, reading);
    }, value);
  }),
  Gather: (node, inputs, reading) => {
    const value = source(node, inputs[0]);
    const axis = axisOf(node, numberOf(node, 'axis', 0), value.dims.length);
    const { values, dims } = inputs[1]?.kind === 'constant' ? inputs[1] : unsupported(node, 'its indices are not constant');
    const n = value.dims[axis]!;
    const indices = Array.from(values, (i) => (i < 0 ? i + n : i));
    if (indices.some((i) => !(i >= 0 && i < n))) unsupported(node, `it takes places that are not among ${n}`);
    const taken = take(node, value, axis, indices, reading);
    if (dims.length === 1) return [taken];
    const shape = [...taken.dims.slice(0, axis), ...dims, ...taken.dims.slice(axis + 1)];
    return [reshape(node, taken, shape)];
  },
  Split: (node, inputs, reading) => {
    const value = source(node, inputs[0]);
    const axis = axisOf(node, numberOf(node, 'axis', 0), value.dims.length);
    const n = value.dims[axis]!;
    const count = node.outputs.length;
    const share = Math.ceil(n / numberOf(node, 'num_outputs', count));
    const sizes =
      listOf(node, inputs, 1, 'split') ?? Array.from({ length: count }, (_, i) => Math.min(share, Math.max(0, n - i * share)));
    if (sizes.length !== count || sizes.reduce((a, b) => a + b, 0) !== n || sizes.some((size) => size < 0))
      refuse(`${describe(node)} splits ${n} into ${sizes.join(' + ')}`);
    let from = 0;
    return sizes.map((size) => {
      const start = from;
      from += size;
      return take(
        node,
        value,
        axis,
        Array.from({ length: size }, (_, i) => start + i),
        reading,
      );
    });
  },
  Concat: (node, inputs, reading) => {
    const parts = inputs.map((input) => source(node, input));
    const [first] = parts;
    if (first === undefined) return unsupported(node, 'it has no inputs');
    const rank = first.dims.length;
    const axis = axisOf(node, numberOf(node, 'axis', 1), rank);
    const others = (dims: readonly number[]) => dims.filter((_, i) => i !== axis).join();
    if (parts.some(({ dims }) => dims.length !== rank || others(dims) !== others(first.dims)))
      refuse(
        `the layers do not fit each other: ${describe(node)} joins ${parts.map(({ dims }) => `[${dims.join(', ')}]`).join(' and ')}`,
      );
    const at = first.kind === 'rows' ? first.axis : -1;
    if (parts.some((part) => part.kind !== first.kind || (part.kind === 'rows' && part.axis !== at)))
      unsupported(node, 'it joins what the rows become with what is constant');
    if (axis === at) unsupported(node, 'it joins rows');
    const inner = innerOf({ dims: first.dims, axis: at });
    const dims = inner.map((n, i) => (i === axis ? parts.reduce((sum, part) => sum + part.dims[axis]!, 0) : n));
    reading.spend(product(dims));
    // Piece after piece, then in the order of the joined shape.
    const block = product(inner.slice(axis + 1));
    const before = product(inner.slice(0, axis));
    const list: number[] = [];
    const starts = [0];
    for (const part of parts) starts.push(starts[starts.length - 1]! + before * part.dims[axis]! * block);
    for (let b = 0; b < before; b++)
      parts.forEach((part, p) => {
        const size = part.dims[axis]! * block;
        for (let k = 0; k < size; k++) list.push(starts[p]! + b * size + k);
      });
    if (first.kind === 'constant') {
      const all = parts as Constant[];
      const joined: Constant = {
        ...first,
        dims: [list.length],
        values: all.flatMap(({ values }) => Array.from(values)),
        strings: all.flatMap(({ strings }) => strings),
        counted: all.some(({ counted }) => counted),
      };
      return [choose(node, joined, list, dims, -1, reading)];
    }
    const rows = parts as Rows[];
    const joined = reading.make.concat(
      node,
      rows.map(({ expression }) => expression),
    );
    return [choose(node, { ...(first as Rows), expression: joined }, list, dims, at, reading)];
  },
  Shape: (node, inputs, reading) => {
    const value = source(node, inputs[0]);
    const rank = value.dims.length;
    const clamp = (v: number) => Math.max(0, Math.min(rank, v < 0 ? v + rank : v));
    const dims = value.dims.slice(clamp(numberOf(node, 'start', 0)), clamp(numberOf(node, 'end', rank)));
    const counted = value.kind === 'rows' ? reading.freeRows : value.counted;
    return [constant(dims, [dims.length], DataType.Int64, counted)];
  },
  ConstantOfShape: (node, inputs, reading) => {
    const shape = inputs[0];
    if (shape?.kind !== 'constant') return unsupported(node, 'its shape is not constant');
    const dims = Array.from(shape.values);
    const count = product(dims);
    if (dims.some((n) => !(n >= 0))) refuse(`${describe(node)} makes the shape [${dims.join(', ')}]`);
    reading.spend(count);
    const { values, dataType } = tensorOf(node, 'value') ?? { values: [0], dataType: DataType.Float };
    return [constant(new Float64Array(count).fill(values[0] ?? 0), dims, dataType)];
  },
  /** Columns of rows, as indices say; of class names what ArgMax picked. */
  'ai.onnx.ml.ArrayFeatureExtractor': (node, inputs, reading) => {
    const value = source(node, inputs[0]);
    const { values } = numbersIn(node, inputs[1], 'what it picks');
    const lines = value.dims.length === 1 ? reshape(node, value, [1, value.dims[0]!]) : value;
    const axis = lines.dims.length - 1;
    const n = lines.dims[axis]!;
    if (values.length === 0 || Array.from(values).some((i) => !(i >= 0 && i < n)))
      unsupported(node, `it picks places that are not among ${n}`);
    return [take(node, lines, axis, Array.from(values), reading)];
  },
};

// The graph of an ONNX model: its operators in an order in which every value is made before it is used, and their attributes,
// read strictly: runtimes refuse an attribute an operator does not have, so it is refused here instead of passed over.

import { fail, show } from '../../errors.js';
import { has } from '../../options.js';
import { AttributeType, type AttributeValue, type NodeMessage, type TensorMessage } from './messages.js';

export interface Node extends NodeMessage {
  /** Version of the operator set that the operator is of. */
  readonly opset: number;
}

/** What messages call an operator. */
export function describe(node: NodeMessage): string {
  return `${node.op}${node.name === '' ? '' : ` (${show(node.name)})`}`;
}

export function unsupported(node: NodeMessage, why = 'no layer stands for it'): never {
  const domain = node.domain === '' ? '' : `${node.domain}.`;
  return fail('ERR_UNSUPPORTED', `importOnnx: the operator ${domain}${describe(node)} is not supported: ${why}.`, {
    op: node.op,
  });
}

/** What no runtime takes for a graph either. */
export function refuse(problem: string): never {
  return fail('ERR_FORMAT', `Not a valid ONNX graph: ${problem}.`);
}

/** The operators so that each comes after those it reads from. @throws ERR_FORMAT for values from nowhere, made twice or in a circle. */
export function inOrder(nodes: readonly NodeMessage[], known: ReadonlySet<string>, opsets: ReadonlyMap<string, number>): Node[] {
  const made = new Set<string>();
  for (const { outputs } of nodes)
    for (const name of outputs) {
      if (name === '') continue;
      if (made.has(name) || known.has(name)) refuse(`two operators make ${show(name)}`);
      made.add(name);
    }
  const readers = new Map<string, number[]>();
  const missing = nodes.map((node, i) => {
    const names = new Set(node.inputs.filter((name) => name !== '' && !known.has(name)));
    for (const name of names) {
      if (!made.has(name)) refuse(`${describe(node)} reads ${show(name)}, which nothing makes`);
      const list = readers.get(name);
      if (list === undefined) readers.set(name, [i]);
      else list.push(i);
    }
    return names.size;
  });
  const ready = missing.flatMap((count, i) => (count === 0 ? [i] : []));
  const order: Node[] = [];
  for (let next = 0; next < ready.length; next++) {
    const node = nodes[ready[next]!]!;
    order.push({ ...node, opset: opsets.get(node.domain) ?? 1 });
    for (const name of node.outputs)
      for (const reader of readers.get(name) ?? []) if (--missing[reader]! === 0) ready.push(reader);
  }
  if (order.length < nodes.length)
    refuse(`${describe(nodes[missing.findIndex((count) => count > 0)]!)} reads what is made from it`);
  return order;
}

// ---- attributes -----------------------------------------------------------------------------------------------------------------

const F = AttributeType.Float;
const I = AttributeType.Int;
const S = AttributeType.String;
const FS = AttributeType.Floats;
const IS = AttributeType.Ints;
const SS = AttributeType.Strings;
const T = AttributeType.Tensor;

const old = { broadcast: I, axis: I, consumed_inputs: IS } as const;
const reduce = { axes: IS, keepdims: I, noop_with_empty_axes: I } as const;

/** The attributes that operators have, of all their versions: a runtime refuses others. */
const attributesOf: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Add: old,
  And: old,
  ArgMax: { axis: I, keepdims: I, select_last_index: I },
  ArgMin: { axis: I, keepdims: I, select_last_index: I },
  BatchNormalization: { epsilon: F, momentum: F, training_mode: I, spatial: I, is_test: I, consumed_inputs: IS },
  Cast: { to: I, saturate: I, round_mode: S },
  Celu: { alpha: F },
  Clip: { min: F, max: F, consumed_inputs: IS },
  Concat: { axis: I },
  Constant: {
    value: T,
    sparse_value: AttributeType.Sparse,
    value_float: F,
    value_floats: FS,
    value_int: I,
    value_ints: IS,
    value_string: S,
    value_strings: SS,
  },
  ConstantOfShape: { value: T },
  Div: old,
  Dropout: { ratio: F, is_test: I, seed: I, consumed_inputs: IS },
  Elu: { alpha: F, consumed_inputs: IS },
  Equal: old,
  Flatten: { axis: I },
  Gather: { axis: I },
  Gelu: { approximate: S },
  Gemm: { alpha: F, beta: F, transA: I, transB: I, broadcast: I },
  Greater: old,
  HardSigmoid: { alpha: F, beta: F, consumed_inputs: IS },
  LayerNormalization: { axis: I, epsilon: F, stash_type: I },
  LeakyRelu: { alpha: F, consumed_inputs: IS },
  Less: old,
  LogSoftmax: { axis: I },
  Mul: old,
  Or: old,
  PRelu: { consumed_inputs: IS },
  Pow: old,
  ReduceMean: reduce,
  ReduceSum: reduce,
  Reshape: { allowzero: I, shape: IS, consumed_inputs: IS },
  Selu: { alpha: F, gamma: F, consumed_inputs: IS },
  Shape: { start: I, end: I },
  Slice: { starts: IS, ends: IS, axes: IS },
  Softmax: { axis: I },
  Split: { axis: I, split: IS, num_outputs: I },
  Squeeze: { axes: IS },
  Sub: old,
  Swish: { alpha: F },
  ThresholdedRelu: { alpha: F },
  Transpose: { perm: IS },
  Unsqueeze: { axes: IS },
  Xor: old,
  'ai.onnx.ml.Normalizer': { norm: S },
  'ai.onnx.ml.Scaler': { offset: FS, scale: FS },
  'ai.onnx.ml.ZipMap': { classlabels_strings: SS, classlabels_int64s: IS },
  'ai.onnx.ml.LabelEncoder': {
    classes_strings: SS,
    default_int64: I,
    default_string: S,
    default_float: F,
    default_tensor: T,
    keys_strings: SS,
    keys_int64s: IS,
    keys_floats: FS,
    keys_tensor: T,
    values_strings: SS,
    values_int64s: IS,
    values_floats: FS,
    values_tensor: T,
  },
  'ai.onnx.ml.LinearClassifier': {
    classlabels_ints: IS,
    classlabels_strings: SS,
    coefficients: FS,
    intercepts: FS,
    multi_class: I,
    post_transform: S,
  },
  'ai.onnx.ml.LinearRegressor': { coefficients: FS, intercepts: FS, post_transform: S, targets: I },
};

/** The last operator set in which an operator has an attribute, where a later one has not. */
const lastOpset: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Greater', 'Less', 'Equal', 'And', 'Or', 'Xor'].flatMap((op) => [
      [`${op}.broadcast`, 6],
      [`${op}.axis`, 6],
    ]),
  ),
  'BatchNormalization.is_test': 6,
  'BatchNormalization.spatial': 8,
  'Clip.max': 10,
  'Clip.min': 10,
  'Dropout.is_test': 6,
  'Dropout.ratio': 11,
  'Gemm.broadcast': 6,
  'ReduceMean.axes': 17,
  'ReduceSum.axes': 12,
  'Reshape.shape': 4,
  'Slice.axes': 9,
  'Slice.ends': 9,
  'Slice.starts': 9,
  'Split.split': 12,
  'Squeeze.axes': 12,
  'Unsqueeze.axes': 12,
};

/** Operators with attributes of their own that no layer stands for, whatever these say. */
const beyond = new Set(
  ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Min', 'Prod', 'SumSquare'].map((reduction) => `Reduce${reduction}`),
);

/** @throws ERR_UNSUPPORTED for an attribute that the operator does not have, or of another kind. */
export function checkAttributes(node: Node): void {
  const name = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  const known = has(attributesOf, name) ? attributesOf[name]! : {};
  if (node.domain === '' && beyond.has(node.op)) unsupported(node);
  for (const [attribute] of node.attributes) {
    if (!has(known, attribute))
      unsupported(node, `it has no attribute ${show(attribute)} (${Object.keys(known).join(', ') || 'nor any other'})`);
    const last = node.domain === '' ? lastOpset[`${node.op}.${attribute}`] : undefined;
    if (last !== undefined && node.opset > last)
      unsupported(node, `it has no attribute ${show(attribute)} since operator set ${last + 1}`);
    const kind = node.kinds?.get(attribute);
    if (kind !== undefined && kind !== known[attribute])
      unsupported(node, `its attribute ${show(attribute)} is of kind ${kind}, not ${known[attribute]}`);
  }
}

export function numberOf(node: Node, name: string, preset: number): number {
  const value: AttributeValue = node.attributes.get(name) ?? preset;
  return typeof value === 'number' ? value : unsupported(node, `its ${name} is ${show(value)}`);
}

export function textOf(node: Node, name: string, preset: string): string {
  const value: AttributeValue = node.attributes.get(name) ?? preset;
  return typeof value === 'string' ? value : unsupported(node, `its ${name} is ${show(value)}`);
}

export function numbersOf(node: Node, name: string): readonly number[] | undefined {
  const value = node.attributes.get(name);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) return unsupported(node, `its ${name} is ${show(value)}`);
  return value.every((v) => typeof v === 'number') ? (value as number[]) : unsupported(node, `its ${name} holds text`);
}

export function tensorOf(node: Node, name: string): TensorMessage | undefined {
  const value = node.attributes.get(name);
  if (value === undefined) return undefined;
  return typeof value === 'object' && !Array.isArray(value) ? value : unsupported(node, `its ${name} is ${show(value)}`);
}

/** An attribute as people write it: 0.2, not the nearest float32. */
export const short = (value: number): number => Number(Math.fround(value).toPrecision(7));

/** An axis counted from the front. */
export function axisOf(node: Node, axis: number, rank: number): number {
  const counted = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(counted) || counted < 0 || counted >= Math.max(rank, 1))
    return refuse(`${describe(node)} works on axis ${axis} of ${rank}`);
  return counted;
}

// Operators that compute, by name: on constants at once (folding), on rows as expressions. An operator that no expression stands for
// is refused by name; the refusal counts only if the output needs it.

import { lineIn, numberByNumber, rowsIn } from './arithmetic.js';
import { axisOf, type Node, numberOf, numbersOf, short, tensorOf, textOf, unsupported } from './graph.js';
import { layoutRules } from './layout.js';
import { gemm, multiply, transposed } from './matrices.js';
import { missingOf, ruleOf } from './rules.js';
import { castTo, DataType, isFloat, type TensorMessage } from './tensors.js';
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
  vectorIn,
} from './values.js';

type OperatorRule = (node: Node, inputs: readonly (Value | undefined)[], reading: Reading) => Value[];

// ---- norms, softmax -------------------------------------------------------------------------------------------------------------------

const batchNorm: OperatorRule = (node, inputs, reading) => {
  const old = node.opset < 7 && numberOf(node, 'is_test', 0) === 0;
  if (old || numberOf(node, 'training_mode', 0) !== 0) unsupported(node, 'it is in training mode');
  if (node.opset < 9 && numberOf(node, 'spatial', 1) === 0) unsupported(node, 'it normalises each place of its own');
  const rows = rowsIn(node, inputs[0]);
  if (rows.dims.length < 2) unsupported(node, 'it normalises one axis');
  const x = lineIn(node, rows, 1, 'it normalises');
  const { width } = x.expression;
  const [gamma, beta, mean, variance] = ['scale', 'bias', 'mean', 'variance'].map((what, i) =>
    vectorIn(node, inputs[i + 1], what, width),
  );
  const numbers = { gamma: gamma!, beta: beta!, mean: mean!, variance: variance! };
  const epsilon = short(numberOf(node, 'epsilon', 1e-5));
  const momentum = short(1 - numberOf(node, 'momentum', 0.9)); // ONNX counts the share that is kept
  return [{ ...x, expression: reading.make.batchNorm(node, x.expression, { ...numbers, epsilon, momentum }) }];
};

const layerNorm: OperatorRule = (node, inputs, reading) => {
  const x = rowsIn(node, inputs[0]);
  const axis = axisOf(node, numberOf(node, 'axis', -1), x.dims.length);
  const { width } = x.expression;
  if (axis <= x.axis || product(x.dims.slice(axis)) !== width)
    unsupported(node, `it normalises a part of each row ([${innerOf(x).join(', ')}])`);
  const across = (value: Value | undefined, what: string) => {
    const given = numbersIn(node, value, what);
    const list = repeated(given.dims, broadcast(node, [x.dims.slice(axis), given.dims]));
    if (product(given.dims) > width) unsupported(node, `its ${what} differs from row to row`);
    return list === undefined ? given.values : Float64Array.from(list, (from) => given.values[from]!);
  };
  const gamma = across(inputs[1], 'scale');
  const beta = inputs[2] === undefined ? new Float64Array(width) : across(inputs[2], 'bias');
  const numbers = { gamma, beta, epsilon: short(numberOf(node, 'epsilon', 1e-5)) };
  return [{ ...x, expression: reading.make.layerNorm(node, x.expression, numbers) }];
};

const overRow =
  (kind: 'softmax' | 'logSoftmax'): OperatorRule =>
  (node, inputs, reading) => {
    const x = rowsIn(node, inputs[0]);
    const rank = x.dims.length;
    const axis = axisOf(node, numberOf(node, 'axis', node.opset < 13 ? 1 : -1), rank);
    // Up to opset 12 everything from the axis on is one row.
    const covered = node.opset < 13 ? x.dims.slice(axis) : [x.dims[axis]!];
    const rowsToo = x.axis >= 0 && (node.opset < 13 ? x.axis >= axis : x.axis === axis);
    if (rowsToo || product(covered) !== x.expression.width)
      unsupported(node, `its axis is ${axis} of [${x.dims.map((n, i) => (i === x.axis ? 'rows' : n)).join(', ')}], not the row`);
    return [{ ...x, expression: reading.make.wholeRow(node, kind, x.expression) }];
  };

const mean: OperatorRule = (node, inputs, reading) => {
  const value = inputs[0];
  if (value?.kind === 'constant') return unsupported(node, 'all it reads is constant');
  const x = rowsIn(node, value);
  const given = inputs[1] === undefined ? numbersOf(node, 'axes') : Array.from(numbersIn(node, inputs[1], 'its axes').values);
  if (given === undefined || given.length === 0) return unsupported(node, 'it has no axes');
  const axes = given.map((axis) => axisOf(node, axis, x.dims.length));
  if (axes.includes(x.axis) || product(axes.map((axis) => x.dims[axis]!)) !== x.expression.width)
    unsupported(node, 'it reads rows, or a part of each');
  const keep = numberOf(node, 'keepdims', 1) !== 0;
  const expression = reading.make.wholeRow(node, 'mean', x.expression);
  if (keep) return [{ ...x, dims: x.dims.map((n, i) => (axes.includes(i) ? 1 : n)), expression }];
  const axis = x.axis < 0 ? -1 : x.axis - axes.filter((gone) => gone < x.axis).length;
  return [{ ...x, dims: x.dims.filter((_, i) => !axes.includes(i)), axis, expression }];
};

// ---- others ------------------------------------------------------------------------------------------------------------------------------

const dropout: OperatorRule = (node, inputs) => {
  const [x, , training] = inputs;
  const on = node.opset < 7 ? numberOf(node, 'is_test', 0) === 0 : false;
  if (on || (training !== undefined && !(training.kind === 'constant' && training.values[0] === 0)))
    unsupported(node, 'it is in training mode');
  return [x ?? unsupported(node, 'it reads nothing')];
};

const cast: OperatorRule = (node, inputs, reading) => {
  const value = inputs[0] ?? unsupported(node, 'it reads nothing');
  const to = numberOf(node, 'to', DataType.Float);
  const convert = castTo(to) ?? unsupported(node, `it makes numbers to data type ${to}`);
  if (value.kind === 'constant') {
    if (value.strings.length > 0) return unsupported(node, 'it makes numbers of text');
    reading.spend(value.values.length);
    return [{ ...value, dataType: to, values: Float64Array.from(value.values, convert) }];
  }
  const rows = value.kind === 'rows' ? value : unsupported(node);
  if (to === DataType.Float || to === DataType.Double) return [{ ...rows, type: 'numbers' }];
  if (rows.type === 'truth') return [{ ...rows, type: to === DataType.Bool ? 'truth' : isFloat(to) ? 'numbers' : 'whole' }];
  if (rows.type === 'whole' && !isFloat(to) && to !== DataType.Bool) return [rows];
  return unsupported(node, isFloat(to) ? 'it rounds to 16 bits' : 'it rounds to whole numbers');
};

const fromTensor = ({ dataType, dims, values, strings }: TensorMessage): Constant => ({
  kind: 'constant',
  dataType,
  dims,
  values,
  strings,
  counted: false,
});

const constantOf: OperatorRule = (node) => {
  const tensor = tensorOf(node, node.attributes.has('value') ? 'value' : 'sparse_value');
  if (tensor !== undefined) return [fromTensor(tensor)];
  const [[name, value] = []] = node.attributes;
  const dataType = name === 'value_int' || name === 'value_ints' ? DataType.Int64 : DataType.Float;
  if (typeof value === 'number') return [constant([value], [], dataType)];
  const list = Array.isArray(value) ? value : unsupported(node, 'it holds no numbers');
  if (list.every((v) => typeof v === 'number')) return [constant(list as number[], [list.length], dataType)];
  return [{ ...constant([], [list.length], DataType.String), strings: list as string[] }];
};

const scaler: OperatorRule = (node, inputs, reading) => {
  const x = rowsIn(node, inputs[0]);
  const { width } = x.expression;
  const listed = (name: string, preset: number) => {
    const values = numbersOf(node, name) ?? [preset];
    if (values.length !== 1 && (values.length !== width || x.dims[x.dims.length - 1] !== width))
      unsupported(node, `its ${name} has ${values.length} numbers for rows of [${innerOf(x).join(', ')}]`);
    return constant(values);
  };
  const sub = ruleOf({ ...node, op: 'Sub', domain: '' }, 2)!;
  const mul = ruleOf({ ...node, op: 'Mul', domain: '' }, 2)!;
  const centred = numberByNumber(node, sub, [x, listed('offset', 0)], reading);
  return [numberByNumber(node, mul, [centred, listed('scale', 1)], reading)];
};

/** Dividing by the sum of what sums to 1: nothing. */
const normalizer: OperatorRule = (node, inputs) => {
  const x = rowsIn(node, inputs[0]);
  const { expression } = x;
  const sums = expression.kind === 'softmax' || binary(x) !== undefined;
  if (!sums || textOf(node, 'norm', 'MAX') !== 'L1') unsupported(node, 'what it normalises is no row of probabilities');
  return [x];
};

/** The probability p behind two columns, 1 - p and p. */
export function binary({ expression }: Rows): Rows['expression'] | undefined {
  if (expression.kind !== 'concat' || expression.pieces.length !== 2) return undefined;
  const [minus, p] = expression.pieces as [Rows['expression'], Rows['expression']];
  if (p.width !== 1 || p.kind !== 'map' || p.rule.op !== 'Sigmoid') return undefined;
  const [one, same] = minus.kind === 'map' && minus.rule.op === 'Sub' ? minus.args : [];
  return one?.kind === 'constant' && one.values.length === 1 && one.values[0] === 1 && same === p ? p : undefined;
}

/** scikit-learn's linear models: a matrix, by class and column, and what follows it. Gives the class and the scores. */
const linear =
  (classifier: boolean): OperatorRule =>
  (node, inputs, reading) => {
    const x = lineIn(node, inputs[0], 1, 'it multiplies');
    const coefficients = numbersOf(node, 'coefficients') ?? unsupported(node, 'it has no coefficients');
    const { width } = x.expression;
    const outputs = coefficients.length / width;
    if (!Number.isInteger(outputs) || (classifier && outputs < 2))
      unsupported(node, `it has ${coefficients.length} coefficients for ${width} columns`);
    const intercepts = numbersOf(node, 'intercepts');
    if (intercepts && intercepts.length !== outputs)
      unsupported(node, `it has ${intercepts.length} intercepts for ${outputs} outputs`);
    const dense = reading.make.dense(node, x.expression, transposed(coefficients, outputs, width), intercepts);
    const after = textOf(node, 'post_transform', 'NONE');
    const expressions = {
      NONE: () => dense,
      SOFTMAX: () => reading.make.wholeRow(node, 'softmax', dense),
      LOGISTIC: () => reading.make.map(node, ruleOf({ ...node, op: 'Sigmoid', domain: '', attributes: new Map() }, 1)!, [dense]),
    };
    const made =
      after in expressions
        ? expressions[after as keyof typeof expressions]()
        : unsupported(node, `its post_transform is ${after}`);
    const scores: Rows = { ...x, dims: x.dims.map((n, i) => (i === 1 ? outputs : n)), expression: made };
    return classifier ? [{ kind: 'answer', node }, scores] : [scores];
  };

const answer: OperatorRule = (node) => [{ kind: 'answer', node }];

const rules: Readonly<Record<string, OperatorRule>> = {
  ...layoutRules,
  Gemm: gemm,
  MatMul: (node, inputs, reading) => [multiply(node, inputs[0], inputs[1], reading)],
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  Softmax: overRow('softmax'),
  LogSoftmax: overRow('logSoftmax'),
  ReduceMean: mean,
  Dropout: dropout,
  Cast: cast,
  Constant: constantOf,
  ArgMax: (node, inputs) => answer(node, [rowsIn(node, inputs[0])], undefined as never),
  'ai.onnx.ml.Scaler': scaler,
  'ai.onnx.ml.Normalizer': normalizer,
  'ai.onnx.ml.ZipMap': (node, inputs) => [rowsIn(node, inputs[0])],
  'ai.onnx.ml.LinearClassifier': linear(true),
  'ai.onnx.ml.LinearRegressor': linear(false),
};

/** What becomes of a class that was picked: still a class. */
const answering = new Set([
  'Identity',
  'Cast',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
  'Gather',
  'ai.onnx.ml.ArrayFeatureExtractor',
  'ai.onnx.ml.LabelEncoder',
]);

/** The outputs of an operator. @throws ERR_UNSUPPORTED naming it, when no layer stands for it; ERR_FORMAT when shapes do not fit. */
export function compute(node: Node, inputs: readonly (Value | undefined)[], reading: Reading): Value[] {
  const name = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  const picked = inputs.some((input) => input?.kind === 'answer');
  if (picked)
    return answering.has(name) ? answer(node, inputs, reading) : unsupported(node, 'it computes with the class that was picked');
  if (Object.hasOwn(rules, name)) return rules[name]!(node, inputs, reading);
  if (node.op === 'Clip' && node.opset < 11 && node.domain === '') {
    const bounds = [numberOf(node, 'min', -Infinity), numberOf(node, 'max', Infinity)].map((bound) => constant([bound], []));
    return [numberByNumber(node, ruleOf({ ...node, attributes: new Map() }, 3)!, [inputs[0], ...bounds], reading)];
  }
  const rule = ruleOf(node, Math.max(inputs.length, missingOf(node.op).length));
  if (rule === undefined) return unsupported(node);
  if (node.op === 'PRelu') checkSlope(node, inputs);
  return [numberByNumber(node, rule, inputs, reading)];
}

/** A slope must not stretch what it bends; in old operator sets one slope a channel stands along axis 1. */
function checkSlope(node: Node, [x, slope]: readonly (Value | undefined)[]): void {
  if (x?.kind !== 'rows' || slope?.kind !== 'constant') return;
  if (node.opset < 7 && slope.values.length > 1 && x.dims.length !== 2) unsupported(node, 'its slopes stand along axis 1');
  if (slope.dims.length > x.dims.length || slope.values.length > x.expression.width)
    unsupported(node, 'its slopes stretch the rows');
}

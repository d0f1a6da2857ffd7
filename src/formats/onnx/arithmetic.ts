// Operators that work number by number, on rows and constants as broadcasting puts them side by side. Of constants they are folded.

import { axisOf, type Node, unsupported } from './graph.js';
import { missingOf, type Rule } from './rules.js';
import { DataType, isFloat } from './tensors.js';
import {
  beside,
  broadcast,
  type Constant,
  constant,
  innerOf,
  product,
  type Reading,
  repeated,
  type Rows,
  type Value,
} from './values.js';

/** An input that is rows of numbers. */
export function rowsIn(node: Node, value: Value | undefined): Rows {
  if (value?.kind !== 'rows') return unsupported(node, 'all it reads is constant');
  if (value.type === 'whole') unsupported(node, 'it computes with whole numbers');
  return value;
}

/** Rows of numbers whose row lies along one axis, every other having length 1: that axis. */
export function lineIn(node: Node, value: Value | undefined, axis: number, what: string): Rows {
  const rows = rowsIn(node, value);
  if (rows.dims[axis] !== rows.expression.width || axis === rows.axis)
    unsupported(node, `${what} a part of each row ([${innerOf(rows).join(', ')}])`);
  return rows;
}

/** An operand of old operators that stretch only when told: `axis` says where its dimensions go. */
function stretched(node: Node, value: Value | undefined, other: Value | undefined): Value | undefined {
  const axis = node.attributes.get('axis');
  if (node.opset >= 7 || typeof axis !== 'number' || value?.kind !== 'constant' || other?.kind !== 'rows') return value;
  const trailing = other.dims.length - axisOf(node, axis, other.dims.length) - value.dims.length;
  return trailing > 0 ? { ...value, dims: [...value.dims, ...new Array<number>(trailing).fill(1)] } : value;
}

/** A rule over rows and constants; over constants alone it is carried out. */
export function numberByNumber(node: Node, rule: Rule, given: readonly (Value | undefined)[], reading: Reading): Value {
  const missing = missingOf(node.op);
  const inputs = Array.from({ length: Math.max(given.length, missing.length) }, (_, i) => {
    const preset = missing[i];
    const value = i === 1 ? stretched(node, given[i], given[0]) : given[i];
    const input = value ?? (preset === undefined ? unsupported(node, 'an input is missing') : constant([preset], []));
    if (input.kind !== 'rows' && input.kind !== 'constant') return unsupported(node);
    if (input.kind === 'constant' && input.strings.length > 0) return unsupported(node, 'it computes with text');
    const wanted = rule.takes === 'truth' || (rule.takes === 'choice' && i === 0) ? 'truth' : 'numbers';
    if (input.kind === 'rows' && input.type !== wanted)
      unsupported(node, input.type === 'whole' ? 'it computes with whole numbers' : `it computes with ${input.type}`);
    return input;
  });
  if (inputs.every((input) => input.kind === 'constant')) return fold(node, rule, inputs as Constant[], reading);
  const { args, dims, axis } = beside(reading, node, inputs);
  return { kind: 'rows', dims, axis, type: rule.gives, expression: reading.make.map(node, rule, args) };
}

export function fold(node: Node, rule: Rule, inputs: readonly Constant[], reading: Reading): Constant {
  const dims = broadcast(
    node,
    inputs.map((input) => input.dims),
  );
  const size = product(dims);
  reading.spend(size * inputs.length);
  const lists = inputs.map((input) => repeated(input.dims, dims));
  const [first] = inputs;
  const dataType = rule.gives === 'truth' ? DataType.Bool : (rule.takes === 'choice' ? inputs[1]! : first!).dataType;
  const whole = !isFloat(dataType) && rule.gives === 'numbers';
  const values = new Float64Array(size);
  const operands = new Array<number>(inputs.length);
  for (let i = 0; i < size; i++) {
    inputs.forEach((input, k) => {
      const list = lists[k];
      operands[k] = input.values[list === undefined ? i : list[i]!]!;
    });
    const value = rule.apply(...operands);
    values[i] = whole ? Math.trunc(value) : value;
  }
  return constant(
    values,
    dims,
    dataType,
    inputs.some(({ counted }) => counted),
  );
}

// Operators that work number by number: what each computes, where it may change its form (its comparisons), and which number it
// came from (its inverse). Constants are folded with these rules, and functions that graphs compose are recognised by them.

import { has } from '../../options.js';
import { type ElementwiseActivation, formulas, stableFormulas } from '../../plan/activations.js';
import { evaluate } from '../expression/evaluate.js';
import { type Node, numberOf, textOf, unsupported } from './graph.js';

/** An argument against another, or against a number: where they cross, the rule may change its form. */
type Comparison = readonly [argument: number, against: { readonly argument: number } | { readonly number: number }];

export interface Rule {
  readonly op: string;
  /** Two rules with one key are the same function. */
  readonly key: string;
  readonly apply: (...operands: number[]) => number;
  readonly comparisons: readonly Comparison[];
  /** The argument `k` for which the rule gives y, the others being the given numbers; NaN where there is none. */
  readonly inverse?: (y: number, k: number, operands: readonly number[]) => number;
  /** Whether of straight functions it can make a straight one. */
  readonly straight: boolean;
  /** What it takes and gives: numbers, or truth (0 and 1). */
  readonly takes: 'numbers' | 'truth' | 'choice';
  readonly gives: 'numbers' | 'truth';
  /** The operator's numbers, by name. */
  readonly numbers: Readonly<Record<string, number | string>>;
}

interface Row {
  readonly arguments: number | 'any';
  readonly apply: (numbers: Readonly<Record<string, number>>) => (...operands: number[]) => number;
  readonly comparisons?: (numbers: Readonly<Record<string, number>>, count: number) => Comparison[];
  readonly inverse?: Rule['inverse'];
  readonly takes?: Rule['takes'];
  readonly gives?: Rule['gives'];
  /** Attributes and their defaults. */
  readonly numbers?: Readonly<Record<string, number>>;
  /** Arguments that may be left out are these. */
  readonly missing?: readonly (number | undefined)[];
}

const at =
  (...numbers: number[]) =>
  (): Comparison[] =>
    numbers.map((number) => [0, { number }]);
const pairs = (_: unknown, count: number): Comparison[] =>
  Array.from({ length: count }, (_, i) =>
    Array.from({ length: count - i - 1 }, (_, k): Comparison => [i, { argument: i + k + 1 }]),
  ).flat();
const truth = (value: boolean): number => (value ? 1 : 0);
const row = (count: Row['arguments'], apply: (...operands: number[]) => number, more: Partial<Row> = {}): Row => ({
  arguments: count,
  apply: () => apply,
  ...more,
});
const compare = (apply: (a: number, b: number) => number): Row =>
  row(2, (a, b) => apply(a!, b!), { comparisons: pairs, gives: 'truth' });
const logic = (count: number, apply: (...operands: number[]) => number): Row =>
  row(count, apply, { takes: 'truth', gives: 'truth' });

/** An activation's formula as a function. */
const formula = (name: ElementwiseActivation): ((x?: number) => number) => {
  const expression = (stableFormulas[name] ?? formulas[name])(0, 0);
  return (x) => evaluate(expression, x!);
};
const erf = (x?: number): number => evaluate({ operation: 'erf', x: { operation: 'z' } }, x!);
const sigmoid = formula('sigmoid');
const elu = (x: number, alpha: number): number => (x >= 0 ? x : alpha * Math.expm1(x));

const table: Readonly<Record<string, Row>> = {
  Add: row(2, (a, b) => a! + b!, { inverse: (y, k, operands) => y - operands[1 - k]! }),
  Sub: row(2, (a, b) => a! - b!, { inverse: (y, k, operands) => (k === 0 ? y + operands[1]! : operands[0]! - y) }),
  Mul: row(2, (a, b) => a! * b!, { inverse: (y, k, operands) => y / operands[1 - k]! }),
  Div: row(2, (a, b) => a! / b!, {
    comparisons: () => [[1, { number: 0 }]],
    inverse: (y, k, operands) => (k === 0 ? y * operands[1]! : operands[0]! / y),
  }),
  Pow: row(2, (a, b) => a! ** b!, { comparisons: at(0) }),
  Neg: row(1, (x) => -x!, { inverse: (y) => -y }),
  Abs: row(1, (x) => Math.abs(x!), { comparisons: at(0) }),
  Reciprocal: row(1, (x) => 1 / x!, { comparisons: at(0), inverse: (y) => 1 / y }),
  Sqrt: row(1, (x) => Math.sqrt(x!), { comparisons: at(0), inverse: (y) => (y >= 0 ? y * y : Number.NaN) }),
  Exp: row(1, (x) => Math.exp(x!), { inverse: (y) => Math.log(y) }),
  Log: row(1, (x) => Math.log(x!), { comparisons: at(0), inverse: (y) => Math.exp(y) }),
  Erf: row(1, erf),
  Tanh: row(1, (x) => Math.tanh(x!), { inverse: (y) => Math.atanh(y) }),
  Sigmoid: row(1, sigmoid, { inverse: (y) => Math.log(y / (1 - y)) }),
  Relu: row(1, (x) => Math.max(x!, 0), { comparisons: at(0) }),
  Softplus: row(1, formula('softplus'), { inverse: (y) => Math.log(Math.expm1(y)) }),
  Softsign: row(1, formula('softsign'), { comparisons: at(0), inverse: (y) => y / (1 - Math.abs(y)) }),
  Sign: row(1, (x) => Math.sign(x!), { comparisons: at(0) }),
  Mish: row(1, formula('mish')),
  HardSwish: row(1, (x) => (x! * Math.min(Math.max(x! + 3, 0), 6)) / 6, { comparisons: at(-3, 3) }),
  Min: row('any', (...x) => Math.min(...x), { comparisons: pairs }),
  Max: row('any', (...x) => Math.max(...x), { comparisons: pairs }),
  Sum: row('any', (...x) => x.reduce((a, b) => a + b)),
  Greater: compare((a, b) => truth(a > b)),
  GreaterOrEqual: compare((a, b) => truth(a >= b)),
  Less: compare((a, b) => truth(a < b)),
  LessOrEqual: compare((a, b) => truth(a <= b)),
  Equal: compare((a, b) => truth(a === b)),
  Not: logic(1, (x) => 1 - x!),
  And: logic(2, (a, b) => a! * b!),
  Or: logic(2, (a, b) => Math.max(a!, b!)),
  Xor: logic(2, (a, b) => Math.abs(a! - b!)),
  Where: row(3, (c, a, b) => (c ? a! : b!), { takes: 'choice' }),
  PRelu: row(2, (x, slope) => (x! >= 0 ? x! : slope! * x!), { comparisons: at(0) }),
  Elu: {
    arguments: 1,
    numbers: { alpha: 1 },
    apply:
      ({ alpha }) =>
      (x) =>
        elu(x!, alpha!),
    comparisons: at(0),
  },
  Celu: {
    arguments: 1,
    numbers: { alpha: 1 },
    apply:
      ({ alpha }) =>
      (x) =>
        x! >= 0 ? x! : alpha! * Math.expm1(x! / alpha!),
    comparisons: at(0),
  },
  Selu: {
    arguments: 1,
    numbers: { alpha: 1.6732631921768188, gamma: 1.0507010221481323 },
    apply:
      ({ alpha, gamma }) =>
      (x) =>
        gamma! * elu(x!, alpha!),
    comparisons: at(0),
  },
  LeakyRelu: {
    arguments: 1,
    numbers: { alpha: 0.01 },
    apply:
      ({ alpha }) =>
      (x) =>
        x! >= 0 ? x! : alpha! * x!,
    comparisons: at(0),
  },
  ThresholdedRelu: {
    arguments: 1,
    numbers: { alpha: 1 },
    apply:
      ({ alpha }) =>
      (x) =>
        x! > alpha! ? x! : 0,
    comparisons: ({ alpha }) => [[0, { number: alpha! }]],
  },
  HardSigmoid: {
    arguments: 1,
    numbers: { alpha: 0.2, beta: 0.5 },
    apply:
      ({ alpha, beta }) =>
      (x) =>
        Math.max(0, Math.min(1, alpha! * x! + beta!)),
    comparisons: ({ alpha, beta }) => [0, 1].map((y): Comparison => [0, { number: (y - beta!) / alpha! }]),
  },
  Swish: {
    arguments: 1,
    numbers: { alpha: 1 },
    apply:
      ({ alpha }) =>
      (x) =>
        x! * sigmoid(alpha! * x!),
  },
  Gelu: row(1, formula('gelu')),
  Clip: row(3, (x, low, high) => Math.min(high!, Math.max(low!, x!)), {
    comparisons: () => [
      [0, { argument: 1 }],
      [0, { argument: 2 }],
    ],
    missing: [undefined, -Infinity, Infinity],
  }),
};

const straight: ReadonlySet<string> = new Set(
  (
    'Add Sub Mul Div Neg Abs Relu LeakyRelu PRelu Sign Min Max Sum Greater GreaterOrEqual Less LessOrEqual Equal Not And Or Xor Where ' +
    'ThresholdedRelu HardSigmoid Clip'
  ).split(' '),
);

/** The rule of an operator that works number by number, undefined for others; `count` arguments are there. */
export function ruleOf(node: Node, count: number): Rule | undefined {
  if (node.domain !== '' || !has(table, node.op)) return undefined;
  const entry = table[node.op]!;
  if (entry.arguments !== 'any' && entry.arguments !== count)
    unsupported(node, `it has ${count} inputs, but needs ${entry.arguments}`);
  const numbers: Record<string, number> = {};
  for (const [name, preset] of Object.entries(entry.numbers ?? {})) numbers[name] = numberOf(node, name, preset);
  const tanh = node.op === 'Gelu' && textOf(node, 'approximate', 'none') === 'tanh';
  return {
    op: node.op,
    key: `${node.op}${JSON.stringify(numbers)}${tanh ? 'tanh' : ''}`,
    apply: tanh ? formula('geluTanh') : entry.apply(numbers),
    comparisons: entry.comparisons?.(numbers, count) ?? [],
    ...(entry.inverse ? { inverse: entry.inverse } : {}),
    takes: entry.takes ?? 'numbers',
    gives: entry.gives ?? 'numbers',
    straight: straight.has(node.op),
    numbers: tanh ? { approximate: 'tanh' } : numbers,
  };
}

/** What stands for the arguments that an operator may leave out. */
export function missingOf(op: string): readonly (number | undefined)[] {
  return has(table, op) ? (table[op]!.missing ?? []) : [];
}

/** Adding, for what operators add on their way (a Gemm's third matrix). */
export const addition: Rule = {
  op: 'Add',
  key: 'Add{}',
  apply: (a, b) => a! + b!,
  comparisons: [],
  inverse: table['Add']!.inverse!,
  takes: 'numbers',
  gives: 'numbers',
  straight: true,
  numbers: {},
};

// What each activation computes, as a small expression in z, the weighted input of a unit. From it the exporters write
// JavaScript, WebAssembly and ONNX (src/formats/expression), and what an ONNX graph computes is recognised. The core and the
// baseline, where weights are learned, have functions of their own beside their derivatives; tests compare them with these.
// Nothing on the way to MLP imports this file.

import type { ActivationName } from './activations.js';

/** Functions of one number that every target has, each in the form that suits it. */
export type UnaryOperation =
  | 'abs'
  | 'sign'
  | 'expm1' // e^x - 1
  | 'sigmoid' // 1 / (1 + e^-x)
  | 'tanh'
  | 'softplus' // ln(1 + e^x)
  | 'erf'
  | 'normalCdf'; // the normal distribution function, (1 + erf(x / sqrt 2)) / 2, accurate in its lower tail

export type BinaryOperation = 'add' | 'mul' | 'div' | 'min' | 'max';

export type Expression =
  /** The weighted input. */
  | { readonly operation: 'z' }
  /** PReLU's learned slope, where each unit has its own. */
  | { readonly operation: 'unitSlope' }
  | { readonly operation: 'number'; readonly value: number }
  | { readonly operation: UnaryOperation; readonly x: Expression }
  | { readonly operation: BinaryOperation; readonly x: Expression; readonly y: Expression }
  /** `above` where x >= 0, else `below`. */
  | { readonly operation: 'choose'; readonly x: Expression; readonly above: Expression; readonly below: Expression };

type Operand = Expression | number;

const expression = (operand: Operand): Expression =>
  typeof operand === 'number' ? { operation: 'number', value: operand } : operand;
const unary =
  (operation: UnaryOperation) =>
  (x: Operand): Expression => ({ operation, x: expression(x) });
const binary =
  (operation: BinaryOperation) =>
  (x: Operand, y: Operand): Expression => ({ operation, x: expression(x), y: expression(y) });

const z: Expression = { operation: 'z' };
const abs = unary('abs');
const sign = unary('sign');
const expm1 = unary('expm1');
const sigmoid = unary('sigmoid');
const tanh = unary('tanh');
const softplus = unary('softplus');
const erf = unary('erf');
const normalCdf = unary('normalCdf');
const add = binary('add');
const mul = binary('mul');
const div = binary('div');
const min = binary('min');
const max = binary('max');
const choose = (x: Expression, above: Operand, below: Operand): Expression => ({
  operation: 'choose',
  x,
  above: expression(above),
  below: expression(below),
});

/** PReLU's slope where each unit has its own: `formulas.prelu(unitSlope)`. */
export const unitSlope: Expression = { operation: 'unitSlope' };

/** Activations that work number by number: all but those that read a whole row. */
export type ElementwiseActivation = Exclude<ActivationName, 'softmax' | 'logSoftmax'>;

/** The formula of an activation, given its parameters in the order of its row in plan/activations.ts (PReLU's is its slope). */
export type Formula = (first: Operand, second: Operand) => Expression;

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const GELU_RATE = Math.sqrt(8 / Math.PI); // tanh(u) = 2 sigmoid(2 u) - 1 takes sqrt(2 / pi) to this

// biome-ignore format: a table, one row per activation
export const formulas: Readonly<Record<ElementwiseActivation, Formula>> = {
  identity:    () => z,
  linear:      (scale, shift) => add(mul(scale, z), shift),
  sign:        () => sign(z),
  step:        () => choose(z, 1, 0),
  sigmoid:     () => sigmoid(z),
  tanh:        () => tanh(z),
  relu:        () => max(z, 0),
  leakyRelu:   (slope) => choose(z, z, mul(slope, z)),
  prelu:       (slope) => choose(z, z, mul(slope, z)),
  elu:         (alpha) => choose(z, z, mul(alpha, expm1(z))),
  celu:        (alpha) => choose(z, z, mul(alpha, expm1(div(z, alpha)))),
  selu:        () => mul(SELU_SCALE, choose(z, z, mul(SELU_ALPHA, expm1(z)))),
  gelu:        () => mul(mul(add(erf(mul(z, Math.SQRT1_2)), 1), z), 0.5),
  geluTanh:    () => mul(sigmoid(mul(add(mul(mul(z, z), 0.044715 * GELU_RATE), GELU_RATE), z)), z),
  silu:        () => mul(sigmoid(z), z),
  softplus:    () => softplus(z),
  softsign:    () => div(z, add(1, abs(z))),
  mish:        () => mul(tanh(softplus(z)), z),
  hardSigmoid: () => div(min(6, max(0, add(z, 3))), 6),
  hardSwish:   () => mul(div(min(6, max(0, add(z, 3))), 6), z),
};

/**
 * The form to compute with, where the formula loses digits: 1 + erf cancels far below 0. A target that knows a formula as a
 * whole (ONNX runtimes do gelu's) keeps the formula.
 */
export const stableFormulas: Readonly<Partial<Record<ElementwiseActivation, Formula>>> = {
  gelu: () => mul(normalCdf(z), z),
};

/** Whether an activation has a formula: softmax and logSoftmax have none, nor has a name that only a forged plan has. */
export function isElementwise(name: ActivationName): name is ElementwiseActivation {
  return Object.hasOwn(formulas, name);
}

/** The formula to compute an activation with; undefined for a name that is not one of them, as a forged plan may have. */
export function formulaToCompute(name: ActivationName): Formula | undefined {
  return isElementwise(name) ? (stableFormulas[name] ?? formulas[name]) : undefined;
}

/** Where a formula changes: between these points, in ascending order, it is smooth. */
export const breakpoints: Readonly<Record<ElementwiseActivation, readonly number[]>> = {
  identity: [],
  linear: [],
  sign: [0],
  step: [0],
  sigmoid: [],
  tanh: [],
  relu: [0],
  leakyRelu: [0],
  prelu: [0],
  elu: [0],
  celu: [0],
  selu: [0],
  gelu: [],
  geluTanh: [],
  silu: [],
  softplus: [],
  softsign: [0],
  mish: [],
  hardSigmoid: [-3, 3],
  hardSwish: [-3, 3],
};

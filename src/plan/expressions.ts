// Small expressions in z, the weighted input of a unit: the language in which activations.ts says what each activation computes.
// src/formats/expression prints them as JavaScript and ONNX, and evaluates them.

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

export type Operand = Expression | number;

const expression = (operand: Operand): Expression =>
  typeof operand === 'number' ? { operation: 'number', value: operand } : operand;
const unary = (operation: UnaryOperation, x: Operand): Expression => ({ operation, x: expression(x) });
const binary = (operation: BinaryOperation, x: Operand, y: Operand): Expression => ({
  operation,
  x: expression(x),
  y: expression(y),
});

export const z: Expression = { operation: 'z' };
/** PReLU's slope where each unit has its own: `formulas.prelu(unitSlope)`. */
export const unitSlope: Expression = { operation: 'unitSlope' };
export const abs = (x: Operand) => unary('abs', x);
export const sign = (x: Operand) => unary('sign', x);
export const expm1 = (x: Operand) => unary('expm1', x);
export const sigmoid = (x: Operand) => unary('sigmoid', x);
export const tanh = (x: Operand) => unary('tanh', x);
export const softplus = (x: Operand) => unary('softplus', x);
export const erf = (x: Operand) => unary('erf', x);
export const normalCdf = (x: Operand) => unary('normalCdf', x);
export const add = (x: Operand, y: Operand) => binary('add', x, y);
export const mul = (x: Operand, y: Operand) => binary('mul', x, y);
export const div = (x: Operand, y: Operand) => binary('div', x, y);
export const min = (x: Operand, y: Operand) => binary('min', x, y);
export const max = (x: Operand, y: Operand) => binary('max', x, y);
export const choose = (x: Expression, above: Operand, below: Operand): Expression => ({
  operation: 'choose',
  x,
  above: expression(above),
  below: expression(below),
});

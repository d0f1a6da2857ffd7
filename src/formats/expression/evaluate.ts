// The value of an expression (src/plan/expressions.ts) at one z, in float64: the slow reference that printed code is compared
// with, and what the ONNX importer compares graphs with.

import { erf, normalDistribution, sigmoid, softplus } from '../../data/special.js';
import type { BinaryOperation, Expression, UnaryOperation } from '../../plan/expressions.js';

/** What the operations of one number are computed by. */
export type UnaryFunctions = Readonly<Record<UnaryOperation, (x: number) => number>>;

const unary: UnaryFunctions = {
  abs: Math.abs,
  sign: Math.sign,
  expm1: Math.expm1,
  sigmoid,
  tanh: Math.tanh,
  softplus,
  erf,
  normalCdf: normalDistribution,
};

const binary: Readonly<Record<BinaryOperation, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  min: Math.min,
  max: Math.max,
};

/**
 * The value of an expression at z, every operation rounded to float64. `slope` is read where the expression has a slope per unit.
 * evaluate(formulas.leakyRelu(0.1, 0), -2) is -0.2. `functions` may stand in for the usual ones of Math.
 */
export function evaluate(expression: Expression, z: number, slope = NaN, functions = unary): number {
  switch (expression.operation) {
    case 'z':
      return z;
    case 'unitSlope':
      return slope;
    case 'number':
      return expression.value;
    case 'choose':
      return of(of(expression.x) >= 0 ? expression.above : expression.below);
    default:
      return 'y' in expression
        ? binary[expression.operation](of(expression.x), of(expression.y))
        : functions[expression.operation](of(expression.x));
  }
  function of(part: Expression): number {
    return evaluate(part, z, slope, functions);
  }
}

// The value of an expression (src/plan/expressions.ts) at one z, in float64: the slow reference that printed code is compared
// with, and what the ONNX importer compares graphs with.

import { erf, normalDistribution, sigmoid, softplus } from '../../data/special.js';
import type { BinaryOperation, Expression, UnaryOperation } from '../../plan/expressions.js';

const unary: Readonly<Record<UnaryOperation, (x: number) => number>> = {
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
 * evaluate(formulas.leakyRelu(0.1, 0), -2) is -0.2.
 */
export function evaluate(expression: Expression, z: number, slope = NaN): number {
  switch (expression.operation) {
    case 'z':
      return z;
    case 'unitSlope':
      return slope;
    case 'number':
      return expression.value;
    case 'choose':
      return evaluate(evaluate(expression.x, z, slope) >= 0 ? expression.above : expression.below, z, slope);
    default:
      return 'y' in expression
        ? binary[expression.operation](evaluate(expression.x, z, slope), evaluate(expression.y, z, slope))
        : unary[expression.operation](evaluate(expression.x, z, slope));
  }
}

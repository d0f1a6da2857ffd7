// The derivative of an expression in z, as an expression. At a kink it is that of the side below, as the core has it: 0 of max(z, 0) at 0.

import {
  add,
  choose,
  div,
  expm1,
  type Expression,
  mul,
  type Operand,
  sigmoid,
  sign,
  type UnaryOperation,
} from '../../plan/expressions.js';

const number = (value: number): Expression => ({ operation: 'number', value });
const zero = number(0);
const one = number(1);
const is = (e: Expression, value: number) => e.operation === 'number' && e.value === value;

/** Sums and products without terms that change nothing. */
const sum = (x: Expression, y: Expression): Expression => (is(x, 0) ? y : is(y, 0) ? x : add(x, y));
const product = (x: Expression, y: Expression): Expression =>
  is(x, 0) || is(y, 0) ? zero : is(x, 1) ? y : is(y, 1) ? x : mul(x, y);
const negative = (x: Expression): Expression => product(number(-1), x);
const less = (x: Operand, y: Expression): Expression => add(x, negative(y));
const exp = (x: Expression): Expression => add(expm1(x), 1);

/** f'(x) of each function, f being the expression itself. */
const outer: Readonly<Record<UnaryOperation, (x: Expression, f: Expression) => Expression>> = {
  abs: (x) => sign(x),
  sign: () => zero,
  expm1: (_, f) => add(f, 1),
  sigmoid: (_, f) => mul(f, less(1, f)),
  tanh: (_, f) => less(1, mul(f, f)),
  softplus: (x) => sigmoid(x),
  erf: (x) => mul(exp(negative(mul(x, x))), 2 / Math.sqrt(Math.PI)),
  normalCdf: (x) => mul(exp(mul(mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI)),
};

/** The derivative in z: derivative(mul(z, z)) is z + z. */
export function derivative(e: Expression): Expression {
  switch (e.operation) {
    case 'z':
      return one;
    case 'number':
    case 'unitSlope':
      return zero;
    case 'choose': {
      const [above, below] = [derivative(e.above), derivative(e.below)];
      return choose(negative(e.x), below, above);
    }
    case 'add':
      return sum(derivative(e.x), derivative(e.y));
    case 'mul':
      return sum(product(derivative(e.x), e.y), product(e.x, derivative(e.y)));
    case 'div': {
      const [dx, dy] = [derivative(e.x), derivative(e.y)];
      if (is(dy, 0)) return is(dx, 0) ? zero : div(dx, e.y);
      return div(less(product(dx, e.y), product(e.x, dy)), mul(e.y, e.y));
    }
    case 'min':
      return flatter(e.x, e.y, less(e.y, e.x));
    case 'max':
      return flatter(e.x, e.y, less(e.x, e.y));
    default: {
      const inner = derivative(e.x);
      return is(inner, 0) ? zero : product(outer[e.operation](e.x, e), inner);
    }
  }
}

/** The derivative of whichever of x and y counts: x where `xCounts` is above 0. Where both are equal that of the one that is constant. */
function flatter(x: Expression, y: Expression, xCounts: Expression): Expression {
  const [dx, dy] = [derivative(x), derivative(y)];
  return is(dx, 0) ? choose(xCounts, dx, dy) : choose(negative(xCounts), dy, dx);
}

// An expression (src/plan/expressions.ts) as JavaScript, with no more brackets than its order of operations needs.

import type { BinaryOperation, Expression, UnaryOperation } from '../../plan/expressions.js';

export interface PrintedJavaScript {
  /** An expression in the variable `z`. */
  readonly code: string;
  /** Which of javascriptFunctions it calls. */
  readonly needs: ReadonlySet<keyof typeof javascriptFunctions>;
}

/** How tightly the last operation of a piece of code binds. */
enum Binding {
  Choice,
  Sum,
  Product,
  Value,
}

interface Piece {
  readonly code: string;
  readonly binding: Binding;
}

const piece = (code: string, binding = Binding.Value): Piece => ({ code, binding });
const bracketed = ({ code, binding }: Piece, least: Binding): string => (binding < least ? `(${code})` : code);

/** 1 + e^-x: what sigmoid divides by. */
const sigmoidDivisor = (x: Piece): string =>
  `(1 + Math.exp(-${x.code.startsWith('-') ? `(${x.code})` : bracketed(x, Binding.Value)}))`;

const unary: Readonly<Record<UnaryOperation, (x: Piece) => Piece>> = {
  abs: (x) => piece(`Math.abs(${x.code})`),
  sign: (x) => piece(`Math.sign(${x.code})`),
  expm1: (x) => piece(`Math.expm1(${x.code})`),
  sigmoid: (x) => piece(`1 / ${sigmoidDivisor(x)}`, Binding.Product),
  tanh: (x) => piece(`Math.tanh(${x.code})`),
  softplus: (x) => piece(`softplus(${x.code})`),
  erf: (x) => piece(`2 * normalCdf(${bracketed(x, Binding.Product)} * Math.SQRT2) - 1`, Binding.Sum),
  normalCdf: (x) => piece(`normalCdf(${x.code})`),
};

// The right side of an operation keeps its brackets: sums and products of rounded numbers depend on their order.
const infix = (sign: string, own: Binding, left: Piece, right: Piece): Piece =>
  piece(`${bracketed(left, own)} ${sign} ${bracketed(right, own + 1)}`, own);

const binary: Readonly<Record<BinaryOperation, (x: Piece, y: Piece) => Piece>> = {
  add: (x, y) => infix('+', Binding.Sum, x, y),
  mul: (x, y) => infix('*', Binding.Product, x, y),
  div: (x, y) => infix('/', Binding.Product, x, y),
  min: (x, y) => piece(`Math.min(${x.code}, ${y.code})`),
  max: (x, y) => piece(`Math.max(${x.code}, ${y.code})`),
};

const functionsOf: Readonly<Partial<Record<UnaryOperation, keyof typeof javascriptFunctions>>> = {
  softplus: 'softplus',
  erf: 'normalCdf',
  normalCdf: 'normalCdf',
};

/** `unitSlope`: the code that reads a unit's slope, where the expression has one. */
export function printJavaScript(expression: Expression, unitSlope = 'slope'): PrintedJavaScript {
  const needs = new Set<keyof typeof javascriptFunctions>();
  const print = (e: Expression): Piece => {
    switch (e.operation) {
      case 'z':
        return piece('z');
      case 'unitSlope':
        return piece(unitSlope);
      case 'number':
        return piece(Object.is(e.value, -0) ? '-0' : String(e.value));
      case 'choose': {
        const [x, above, below] = [print(e.x), print(e.above), print(e.below)];
        return piece(
          `${bracketed(x, Binding.Sum)} >= 0 ? ${bracketed(above, Binding.Sum)} : ${bracketed(below, Binding.Sum)}`,
          Binding.Choice,
        );
      }
      default: {
        if (!('y' in e)) {
          const needed = functionsOf[e.operation];
          if (needed !== undefined) needs.add(needed);
          return unary[e.operation](print(e.x));
        }
        // x sigmoid(u) is one division.
        if (e.operation === 'mul' && e.x.operation === 'sigmoid')
          return piece(`${bracketed(print(e.y), Binding.Product)} / ${sigmoidDivisor(print(e.x.x))}`, Binding.Product);
        return binary[e.operation](print(e.x), print(e.y));
      }
    }
  };
  return { code: print(expression).code, needs };
}

/**
 * erfc(d) = t exp(-d^2 + c0 + c1 t + c2 t^2 + …), t = 2 / (2 + d), d >= 0: a Chebyshev fit with a relative error below 1.2e-7.
 * See: Press et al., Numerical Recipes, section 6.2.
 */
export const erfcFit = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
] as const;

/** Functions of one number that Math lacks, as exported code has them. */
export const javascriptFunctions = {
  softplus: `
function softplus(z) {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}`,
  normalCdf: `
/** The normal distribution function. Relative error below 1.2e-7. */
function normalCdf(z) {
  const d = Math.abs(z) * Math.SQRT1_2;
  const t = 2 / (2 + d);
  const fit = [${erfcFit.join(', ')}];
  const tail = (t / 2) * Math.exp(fit.reduceRight((sum, c) => sum * t + c, 0) - d * d);
  return z < 0 ? tail : 1 - tail;
}`,
} as const;

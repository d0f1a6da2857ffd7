// An expression (src/plan/expressions.ts) as WebAssembly on doubles, and the functions of one double it calls.

import type { BinaryOperation, Expression, UnaryOperation } from '../../plan/expressions.js';
import { erfcFit } from './javascript.js';
import { type Code, call, f64, FunctionBuilder, get, i64, type ModuleFunction, select, set, Type } from './assembler.js';

/** The functions of one double that a module needs, each compiled once, when first asked for. */
export class MathFunctions {
  readonly functions: ModuleFunction[] = [];
  private readonly known = new Map<string, number>();

  /** Error about 1e-15. */
  exp(x: Code): Code {
    return call(this.define('exp', expBody), x);
  }

  /** For x >= 1. Error about 1e-15. */
  log(x: Code): Code {
    return call(this.define('log', logBody), x);
  }

  normalCdf(x: Code): Code {
    return call(
      this.define('normalCdf', (builder) => normalCdfBody(builder, this)),
      x,
    );
  }

  /** An expression in z as a function of its own. */
  apply(expression: Expression, z: Code): Code {
    return call(
      this.define(JSON.stringify(expression), () => printWasm(expression, get(0), this)),
      z,
    );
  }

  /** The index of the function called `name`, made now unless it is known. Its parameter is local 0. */
  define(name: string, body: (builder: FunctionBuilder) => Code): number {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const builder = new FunctionBuilder([Type.f64], Type.f64);
    const code = body(builder); // may define others first
    this.functions.push({ builder, body: code });
    this.known.set(name, this.functions.length - 1);
    return this.functions.length - 1;
  }
}

const zero = f64.const(0);
const one = f64.const(1);
const two = f64.const(2);

const unary: Readonly<Record<UnaryOperation, (x: Code, math: MathFunctions) => Code>> = {
  abs: f64.abs,
  sign: (x) => f64.sub(f64.ofI32(f64.gt(x, zero)), f64.ofI32(f64.lt(x, zero))),
  expm1: (x, math) => f64.sub(math.exp(x), one),
  sigmoid: (x, math) => f64.div(one, f64.add(one, math.exp(f64.neg(x)))),
  tanh: (x, math) => f64.sub(one, f64.div(two, f64.add(math.exp(f64.mul(two, x)), one))),
  softplus: (x, math) => f64.add(f64.max(x, zero), math.log(f64.add(one, math.exp(f64.neg(f64.abs(x)))))),
  erf: (x, math) => f64.sub(f64.mul(two, math.normalCdf(f64.mul(x, f64.const(Math.SQRT2)))), one),
  normalCdf: (x, math) => math.normalCdf(x),
};

/** Operations whose code reads its argument twice: called as functions, unless the argument is at hand. */
const readsTwice: ReadonlySet<UnaryOperation> = new Set(['sign', 'softplus']);

const binary: Readonly<Record<BinaryOperation, (x: Code, y: Code) => Code>> = {
  add: f64.add,
  mul: f64.mul,
  div: f64.div,
  min: f64.min,
  max: f64.max,
};

/** The code of an expression, a double. `z` and `unitSlope` are the code that reads them, and may be repeated. */
export function printWasm(expression: Expression, z: Code, math: MathFunctions, unitSlope: Code = f64.const(NaN)): Code {
  const print = (e: Expression): Code => {
    switch (e.operation) {
      case 'z':
        return z;
      case 'unitSlope':
        return unitSlope;
      case 'number':
        return f64.const(e.value);
      case 'choose':
        return select(f64.ge(print(e.x), zero), print(e.above), print(e.below));
      default:
        if ('y' in e) return binary[e.operation](print(e.x), print(e.y));
        if (readsTwice.has(e.operation) && e.x.operation !== 'z')
          return math.apply({ operation: e.operation, x: { operation: 'z' } }, print(e.x));
        return unary[e.operation](print(e.x), math);
    }
  };
  return print(expression);
}

// ---- functions of one double ----------------------------------------------------------------------------------------------------

/** c0 + x (c1 + x (c2 + …)). */
function horner(x: Code, coefficients: readonly number[]): Code {
  return coefficients
    .slice(0, -1)
    .reduceRight<Code>((sum, c) => f64.add(f64.const(c), f64.mul(x, sum)), f64.const(coefficients[coefficients.length - 1]!));
}

/** e^x = 2^n e^r, n the nearest whole number to x / ln 2, |r| <= ln 2 / 2, e^r by its Taylor series. */
function expBody(builder: FunctionBuilder): Code {
  const n = builder.local(Type.f64);
  const r = builder.local(Type.f64);
  const taylor = [1];
  for (let k = 1; k <= 12; k++) taylor.push(taylor[k - 1]! / k);
  return [
    ...set(0, f64.min(f64.max(get(0), f64.const(-708)), f64.const(709))),
    ...set(n, f64.nearest(f64.mul(get(0), f64.const(Math.LOG2E)))),
    // ln 2 in two parts: n times the first is exact.
    ...set(
      r,
      f64.sub(
        f64.sub(get(0), f64.mul(get(n), f64.const(0.6931471803691238))),
        f64.mul(get(n), f64.const(1.9082149292705877e-10)),
      ),
    ),
    ...f64.mul(horner(get(r), taylor), f64.ofBits(i64.shl(i64.add(i64.truncate(get(n)), i64.const(1023n)), i64.const(52n)))),
  ];
}

/** ln(2^e m) = e ln 2 + 2 artanh s, s = (m - 1) / (m + 1), m in [sqrt 1/2, sqrt 2]. */
function logBody(builder: FunctionBuilder): Code {
  const e = builder.local(Type.f64);
  const m = builder.local(Type.f64);
  const s = builder.local(Type.f64);
  const large = f64.gt(get(m), f64.const(Math.SQRT2));
  return [
    ...set(e, f64.ofI64(i64.add(i64.shrU(i64.bits(get(0)), i64.const(52n)), i64.const(-1023n)))),
    ...set(m, f64.ofBits(i64.or(i64.and(i64.bits(get(0)), i64.const(0xfffffffffffffn)), i64.const(0x3ff0000000000000n)))),
    ...set(e, f64.add(get(e), f64.ofI32(large))),
    ...set(m, select(large, f64.mul(get(m), f64.const(0.5)), get(m))),
    ...set(s, f64.div(f64.sub(get(m), f64.const(1)), f64.add(get(m), f64.const(1)))),
    ...f64.add(
      f64.mul(get(e), f64.const(Math.LN2)),
      f64.mul(
        f64.mul(f64.const(2), get(s)),
        horner(
          f64.mul(get(s), get(s)),
          Array.from({ length: 10 }, (_, k) => 1 / (2 * k + 1)),
        ),
      ),
    ),
  ];
}

/** The normal distribution function: relative error below 1.2e-7. */
function normalCdfBody(builder: FunctionBuilder, math: MathFunctions): Code {
  const d = builder.local(Type.f64);
  const t = builder.local(Type.f64);
  return [
    ...set(d, f64.mul(f64.const(Math.SQRT1_2), f64.abs(get(0)))),
    ...set(t, f64.div(two, f64.add(two, get(d)))),
    ...set(t, f64.mul(f64.mul(f64.const(0.5), get(t)), math.exp(f64.sub(horner(get(t), erfcFit), f64.mul(get(d), get(d)))))),
    ...select(f64.lt(get(0), zero), get(t), f64.sub(one, get(t))),
  ];
}

// Activations: one small class per rule, its value and its derivative side by side; sweeps.ts runs them over matrices. NaN in,
// NaN out, for every rule. Softmax, log-softmax and PReLU are no rules of one number: they are in sweeps.ts.

import { Activation } from '../abi';
import { mulAdd, select } from '../kernels/lanes';
import { exp, expm1, gelu, geluTanh, log, millsRatio, mish, sigmoid, silu, softplus, tanh, tanhEights } from '../kernels/math';
import { Layer } from '../memory/model';

// value(z, a, b) is f(z). derivative(s, a, b) is f'(z), where s is z for the rules of needsInput, else y = f(z). second(s, slope,
// a, b) is f''(z), from the same s and slope = f'(z): 0 where there is none.
// a and b are the rule's parameters, one value in all lanes. `this` is the layer, where a rule has more of them. eights(y, z, bytes), where a rule
// has it: value() of the numbers in so many bytes at z, a multiple of eight numbers, to y.
export interface Rule {
  value(z: v128, a: v128, b: v128): v128;
  derivative(s: v128, a: v128, b: v128): v128;
  second(s: v128, slope: v128, a: v128, b: v128): v128;
}

/** y = z. */
@unmanaged
@final
export class Identity {
  value(z: v128, a: v128, b: v128): v128 {
    return z;
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return f32x4.splat(1);
  }
  second(s: v128, slope: v128, a: v128, b: v128): v128 {
    return f32x4.splat(0);
  }
}

/** y = a z + b. */
@unmanaged
@final
export class Linear {
  value(z: v128, a: v128, b: v128): v128 {
    return mulAdd(a, z, b);
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return a;
  }
  second(s: v128, slope: v128, a: v128, b: v128): v128 {
    return f32x4.splat(0);
  }
}

/** -1, 0 or 1; sign(0) = 0. Forward only: the derivative is 0. */
@unmanaged
@final
export class Sign {
  value(z: v128, a: v128, b: v128): v128 {
    const zero = f32x4.splat(0);
    const negative = select(f32x4.lt(z, zero), f32x4.splat(-1), z);
    return select(f32x4.gt(z, zero), f32x4.splat(1), negative);
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return f32x4.splat(0);
  }
  second(s: v128, slope: v128, a: v128, b: v128): v128 {
    return f32x4.splat(0);
  }
}

/** 1 where z >= 0, else 0: the perceptron's threshold, so step(0) = 1. Forward only: the derivative is 0. */
@unmanaged
@final
export class Step {
  value(z: v128, a: v128, b: v128): v128 {
    const zero = f32x4.splat(0);
    return select(f32x4.lt(z, zero), zero, select(f32x4.ge(z, zero), f32x4.splat(1), z));
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return f32x4.splat(0);
  }
  second(s: v128, slope: v128, a: v128, b: v128): v128 {
    return f32x4.splat(0);
  }
}

/** y = 1 / (1 + e^-z). */
@unmanaged
@final
export class Sigmoid {
  value(z: v128, a: v128, b: v128): v128 {
    return sigmoid(z);
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return f32x4.mul(y, f32x4.sub(f32x4.splat(1), y));
  }
  second(y: v128, slope: v128, a: v128, b: v128): v128 {
    return f32x4.mul(slope, f32x4.sub(f32x4.sub(f32x4.splat(1), y), y));
  }
}

@unmanaged
@final
export class Tanh {
  eights(y: usize, z: usize, bytes: usize): void {
    tanhEights(y, z, bytes);
  }
  value(z: v128, a: v128, b: v128): v128 {
    return tanh(z);
  }
  // (1 - y)(1 + y), not 1 - y^2: 1 - y is exact where it matters.
  // @ts-ignore: decorator
  @inline
  derivative(y: v128, a: v128, b: v128): v128 {
    return f32x4.mul(f32x4.sub(f32x4.splat(1), y), f32x4.add(f32x4.splat(1), y));
  }
  second(y: v128, slope: v128, a: v128, b: v128): v128 {
    return f32x4.mul(f32x4.mul(y, f32x4.splat(-2)), slope);
  }
}

/** y = max(z, 0). The derivative at 0 is 0. */
@unmanaged
@final
export class Relu {
  value(z: v128, a: v128, b: v128): v128 {
    return f32x4.pmax(z, f32x4.splat(0));
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(1));
  }
  second(s: v128, slope: v128, a: v128, b: v128): v128 {
    return f32x4.splat(0);
  }
}

/** y = z for z >= 0, a z below; slope a >= 0. The derivative at 0 is a. */
@unmanaged
@final
export class LeakyRelu {
  value(z: v128, a: v128, b: v128): v128 {
    return select(f32x4.ge(z, f32x4.splat(0)), z, f32x4.mul(a, z));
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return select(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(1), a);
  }
  second(s: v128, slope: v128, a: v128, b: v128): v128 {
    return f32x4.splat(0);
  }
}

/** y = z for z >= 0, a (e^z - 1) below; a >= 0. See: https://arxiv.org/abs/1511.07289 */
@unmanaged
@final
export class Elu {
  value(z: v128, a: v128, b: v128): v128 {
    return select(f32x4.ge(z, f32x4.splat(0)), z, f32x4.mul(a, expm1(z)));
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return select(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(1), f32x4.add(y, a));
  }
  second(y: v128, slope: v128, a: v128, b: v128): v128 {
    return v128.andnot(slope, f32x4.gt(y, f32x4.splat(0)));
  }
}

/** y = z for z >= 0, a (e^(z / a) - 1) below; a > 0. See: https://arxiv.org/abs/1704.07483 */
@unmanaged
@final
export class Celu {
  value(z: v128, a: v128, b: v128): v128 {
    return select(f32x4.ge(z, f32x4.splat(0)), z, f32x4.mul(a, expm1(f32x4.div(z, a))));
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return select(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(1), f32x4.add(f32x4.div(y, a), f32x4.splat(1)));
  }
  second(y: v128, slope: v128, a: v128, b: v128): v128 {
    return v128.andnot(f32x4.div(slope, a), f32x4.gt(y, f32x4.splat(0)));
  }
}

const SELU_SCALE: f32 = 1.05070102;
const SELU_BELOW: f32 = 1.75809932; // scale times alpha = 1.67326324

/** y = scale z for z >= 0, scale alpha (e^z - 1) below. See: https://arxiv.org/abs/1706.02515 */
@unmanaged
@final
export class Selu {
  value(z: v128, a: v128, b: v128): v128 {
    const below = f32x4.mul(expm1(z), f32x4.splat(SELU_BELOW));
    return select(f32x4.ge(z, f32x4.splat(0)), f32x4.mul(z, f32x4.splat(SELU_SCALE)), below);
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    const below = f32x4.add(y, f32x4.splat(SELU_BELOW));
    return select(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(SELU_SCALE), below);
  }
  second(y: v128, slope: v128, a: v128, b: v128): v128 {
    return v128.andnot(slope, f32x4.gt(y, f32x4.splat(0)));
  }
}

/** y = z Phi(z), Phi the normal distribution function. y' = Phi(z) + z phi(z). See: https://arxiv.org/abs/1606.08415 */
@unmanaged
@final
export class Gelu {
  value(z: v128, a: v128, b: v128): v128 {
    return gelu(z);
  }
  derivative(z: v128, a: v128, b: v128): v128 {
    const distance = f32x4.pmin(f32x4.abs(z), f32x4.splat(15));
    const density = exp(f32x4.mul(f32x4.mul(distance, distance), f32x4.splat(-0.5))); // times sqrt(2 pi)
    const ratio = f32x4.sub(millsRatio(distance), f32x4.mul(distance, f32x4.splat(0.39894228)));
    const below = f32x4.mul(density, ratio); // the derivative at -|z|
    return select(f32x4.lt(z, f32x4.splat(0)), below, f32x4.sub(f32x4.splat(1), below));
  }
  // phi(z) (2 - z^2)
  second(z: v128, slope: v128, a: v128, b: v128): v128 {
    const distance = f32x4.pmin(f32x4.abs(z), f32x4.splat(15));
    const square = f32x4.mul(distance, distance);
    const density = f32x4.mul(exp(f32x4.mul(square, f32x4.splat(-0.5))), f32x4.splat(0.39894228));
    return f32x4.mul(density, f32x4.sub(f32x4.splat(2), square));
  }
}

/** y = z sigmoid(u(z)), u = 2 sqrt(2 / pi) (z + 0.044715 z^3): gelu's tanh form. y' = s (1 + z (1 - s) u'). */
@unmanaged
@final
export class GeluTanh {
  value(z: v128, a: v128, b: v128): v128 {
    return geluTanh(z);
  }
  derivative(z: v128, a: v128, b: v128): v128 {
    const c = f32x4.pmin(f32x4.pmax(z, f32x4.splat(-12)), f32x4.splat(12)); // the limits 0 and 1 are reached long before
    const square = f32x4.mul(c, c);
    const u = f32x4.mul(c, mulAdd(square, f32x4.splat(0.0713548163), f32x4.splat(1.59576912)));
    const slope = mulAdd(square, f32x4.splat(0.214064449), f32x4.splat(1.59576912));
    return gateSlope(u, f32x4.mul(c, slope));
  }
  // s (1 - s) (2 u' + z u'' + z u'^2 (1 - 2 s))
  second(z: v128, slope: v128, a: v128, b: v128): v128 {
    const c = f32x4.pmin(f32x4.pmax(z, f32x4.splat(-12)), f32x4.splat(12));
    const square = f32x4.mul(c, c);
    const u = f32x4.mul(c, mulAdd(square, f32x4.splat(0.0713548163), f32x4.splat(1.59576912)));
    const steep = mulAdd(square, f32x4.splat(0.214064449), f32x4.splat(1.59576912));
    const straight = mulAdd(steep, f32x4.splat(2), f32x4.mul(square, f32x4.splat(0.428128898)));
    return gateCurve(u, straight, f32x4.mul(f32x4.mul(c, steep), steep));
  }
}

/** y = z sigmoid(z). y' = s (1 + z (1 - s)). See: https://arxiv.org/abs/1702.03118 */
@unmanaged
@final
export class Silu {
  value(z: v128, a: v128, b: v128): v128 {
    return silu(z);
  }
  derivative(z: v128, a: v128, b: v128): v128 {
    const c = f32x4.pmin(f32x4.pmax(z, f32x4.splat(-120)), f32x4.splat(120)); // so that infinity times 0 never happens
    return gateSlope(c, c);
  }
  // s (1 - s) (2 + z (1 - 2 s))
  second(z: v128, slope: v128, a: v128, b: v128): v128 {
    const c = f32x4.pmin(f32x4.pmax(z, f32x4.splat(-120)), f32x4.splat(120));
    return gateCurve(c, f32x4.splat(2), c);
  }
}

/** s + x s (1 - s), s = sigmoid(u); 1 - s never by subtraction. */
function gateSlope(u: v128, x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(u)));
  const share = f32x4.div(f32x4.splat(1), f32x4.add(e, f32x4.splat(1)));
  const rest = f32x4.mul(e, share);
  const s = select(f32x4.lt(u, f32x4.splat(0)), rest, share);
  return mulAdd(f32x4.mul(x, rest), share, s);
}

/** s (1 - s) (straight + x (1 - 2 s)), s = sigmoid(u); 1 - s never by subtraction. */
function gateCurve(u: v128, straight: v128, x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(u)));
  const share = f32x4.div(f32x4.splat(1), f32x4.add(e, f32x4.splat(1)));
  const rest = f32x4.mul(e, share);
  const far = f32x4.sub(rest, share); // 1 - 2 s for u >= 0
  const tilt = select(f32x4.lt(u, f32x4.splat(0)), f32x4.neg(far), far);
  return f32x4.mul(f32x4.mul(rest, share), mulAdd(x, tilt, straight));
}

/** y = log(1 + e^z). y' = sigmoid(z) = 1 - e^-y. */
@unmanaged
@final
export class Softplus {
  value(z: v128, a: v128, b: v128): v128 {
    return softplus(z);
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return f32x4.neg(expm1(f32x4.neg(y)));
  }
  second(y: v128, slope: v128, a: v128, b: v128): v128 {
    return f32x4.mul(slope, f32x4.sub(f32x4.splat(1), slope));
  }
}

/** y = z / (1 + |z|). y' = (1 - |y|)^2. */
@unmanaged
@final
export class Softsign {
  value(z: v128, a: v128, b: v128): v128 {
    const c = f32x4.pmin(f32x4.pmax(z, f32x4.splat(-f32.MAX_VALUE)), f32x4.splat(f32.MAX_VALUE)); // +-1 at infinity
    return f32x4.div(c, f32x4.add(f32x4.abs(c), f32x4.splat(1)));
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    const rest = f32x4.sub(f32x4.splat(1), f32x4.abs(y));
    return f32x4.mul(rest, rest);
  }
  // -2 (1 - |y|)^3, with the sign of z; 0 at 0, where it jumps
  second(y: v128, slope: v128, a: v128, b: v128): v128 {
    const rest = f32x4.sub(f32x4.splat(1), f32x4.abs(y));
    const size = f32x4.mul(f32x4.mul(slope, rest), f32x4.splat(2));
    const sign = v128.andnot(f32x4.splat(-0.0), y); // the bit that y has not
    return v128.and(v128.xor(size, sign), f32x4.ne(y, f32x4.splat(0)));
  }
}

/** y = z tanh(log(1 + e^z)). See: https://arxiv.org/abs/1908.08681 */
@unmanaged
@final
export class Mish {
  value(z: v128, a: v128, b: v128): v128 {
    return mish(z);
  }
  // With e = e^-|z| and d the denominator in kernels/math.ts: y' = t + z t', t = tanh(log(1 + e^z)),
  // t' = 4 e (1 + e) / d^2 for z < 0, 4 e^2 (1 + e) / d^2 for z >= 0.
  derivative(z: v128, a: v128, b: v128): v128 {
    const one = f32x4.splat(1);
    const distance = f32x4.pmin(f32x4.abs(z), f32x4.splat(120));
    const negative = f32x4.lt(z, f32x4.splat(0));
    const e = exp(f32x4.neg(distance));
    const e2 = f32x4.mul(e, e);
    const linear = f32x4.add(one, e);
    const numerator = f32x4.add(e2, select(negative, e, e2));
    const d = f32x4.add(numerator, f32x4.add(linear, select(negative, one, e)));
    const t = f32x4.mul(select(negative, e, one), f32x4.sub(one, f32x4.div(numerator, d)));
    const top = f32x4.mul(f32x4.mul(select(negative, e, e2), linear), f32x4.splat(4));
    const slope = f32x4.div(top, f32x4.mul(d, d));
    return mulAdd(select(negative, f32x4.neg(distance), distance), slope, t);
  }
  // t' (2 + z ((1 - s) - 2 t s)), s = sigmoid(z)
  second(z: v128, slope: v128, a: v128, b: v128): v128 {
    const one = f32x4.splat(1);
    const distance = f32x4.pmin(f32x4.abs(z), f32x4.splat(120));
    const negative = f32x4.lt(z, f32x4.splat(0));
    const e = exp(f32x4.neg(distance));
    const e2 = f32x4.mul(e, e);
    const linear = f32x4.add(one, e);
    const numerator = f32x4.add(e2, select(negative, e, e2));
    const d = f32x4.add(numerator, f32x4.add(linear, select(negative, one, e)));
    const t = f32x4.mul(select(negative, e, one), f32x4.sub(one, f32x4.div(numerator, d)));
    const top = f32x4.mul(f32x4.mul(select(negative, e, e2), linear), f32x4.splat(4));
    const rise = f32x4.div(top, f32x4.mul(d, d));
    const share = f32x4.div(one, linear);
    const rest = f32x4.mul(e, share);
    const s = select(negative, rest, share);
    const bend = f32x4.sub(select(negative, share, rest), f32x4.mul(f32x4.mul(t, s), f32x4.splat(2)));
    const c = select(negative, f32x4.neg(distance), distance);
    return f32x4.mul(rise, mulAdd(c, bend, f32x4.splat(2)));
  }
}

/** y = z / 6 + 1 / 2 between 0 and 1 (PyTorch's and Keras 3's form). The derivative at +-3 is 0. */
@unmanaged
@final
export class HardSigmoid {
  value(z: v128, a: v128, b: v128): v128 {
    const six = f32x4.splat(6);
    const shifted = f32x4.add(z, f32x4.splat(3)); // (z + 3) / 6: nothing cancels near -3
    return f32x4.mul(f32x4.pmin(f32x4.pmax(shifted, f32x4.splat(0)), six), f32x4.splat(0.16666667));
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    const inside = v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.lt(y, f32x4.splat(1)));
    return v128.and(inside, f32x4.splat(0.16666667));
  }
  second(s: v128, slope: v128, a: v128, b: v128): v128 {
    return f32x4.splat(0);
  }
}

/** y = z hardSigmoid(z): z / 6 (z + 3) between -3 and 3. y' = z / 3 + 1 / 2 there, at -3 too, 0 below and 1 from 3 on (PyTorch's choice). See: https://arxiv.org/abs/1905.02244 */
@unmanaged
@final
export class HardSwish {
  value(z: v128, a: v128, b: v128): v128 {
    const c = f32x4.pmax(z, f32x4.splat(-3)); // 0 from there down, minus infinity included
    const share = f32x4.mul(f32x4.pmin(f32x4.add(c, f32x4.splat(3)), f32x4.splat(6)), f32x4.splat(0.16666667));
    return f32x4.mul(c, share);
  }
  derivative(z: v128, a: v128, b: v128): v128 {
    const inside = mulAdd(z, f32x4.splat(0.33333334), f32x4.splat(0.5));
    const above = select(f32x4.ge(z, f32x4.splat(3)), f32x4.splat(1), inside);
    return select(f32x4.lt(z, f32x4.splat(-3)), f32x4.splat(0), above);
  }
  second(z: v128, slope: v128, a: v128, b: v128): v128 {
    return v128.and(f32x4.lt(f32x4.abs(z), f32x4.splat(3)), f32x4.splat(0.33333334));
  }
}

/** Where the coefficients of a layer's polynomial are: of z^0, z^1, … */
export function coefficientsOf(layer: Layer): usize {
  return changetype<usize>(layer) + offsetof<Layer>('coefficient0');
}

/** y = c0 + c1 z + c2 z^2 + …, a the degree, by Horner's rule. */
@unmanaged
@final
export class Polynomial {
  private coefficient(k: i32): f32 {
    return load<f32>(coefficientsOf(changetype<Layer>(this)) + ((k as usize) << 2));
  }
  value(z: v128, a: v128, b: v128): v128 {
    let k = f32x4.extract_lane(a, 0) as i32;
    let y = f32x4.splat(this.coefficient(k));
    while (k-- > 0) y = mulAdd(y, z, f32x4.splat(this.coefficient(k)));
    return y;
  }
  derivative(z: v128, a: v128, b: v128): v128 {
    let k = f32x4.extract_lane(a, 0) as i32;
    let y = f32x4.splat((k as f32) * this.coefficient(k));
    while (k-- > 1) y = mulAdd(y, z, f32x4.splat((k as f32) * this.coefficient(k)));
    return y;
  }
  second(z: v128, slope: v128, a: v128, b: v128): v128 {
    let k = f32x4.extract_lane(a, 0) as i32;
    let y = f32x4.splat(((k * (k - 1)) as f32) * this.coefficient(k));
    while (k-- > 2) y = mulAdd(y, z, f32x4.splat(((k * (k - 1)) as f32) * this.coefficient(k)));
    return y;
  }
}

/** What is done with a rule over some rows: it reads `source`, and `second` where it has two, and writes `at`. */
@unmanaged
export class Sweep {
  over<R extends Rule>(at: usize, source: usize, second: usize, rows: i32): void {}
}

/** Hands the sweep the rule of an id: the only list of the rules by id. An id that is none of them traps, in every build. */
export function sweepRule<S extends Sweep>(id: Activation, sweep: S, at: usize, source: usize, second: usize, rows: i32): void {
  switch (id) {
    case Activation.Identity:
      sweep.over<Identity>(at, source, second, rows);
      break;
    case Activation.Linear:
      sweep.over<Linear>(at, source, second, rows);
      break;
    case Activation.Sign:
      sweep.over<Sign>(at, source, second, rows);
      break;
    case Activation.Step:
      sweep.over<Step>(at, source, second, rows);
      break;
    case Activation.Sigmoid:
      sweep.over<Sigmoid>(at, source, second, rows);
      break;
    case Activation.Tanh:
      sweep.over<Tanh>(at, source, second, rows);
      break;
    case Activation.Relu:
      sweep.over<Relu>(at, source, second, rows);
      break;
    case Activation.LeakyRelu:
      sweep.over<LeakyRelu>(at, source, second, rows);
      break;
    case Activation.Elu:
      sweep.over<Elu>(at, source, second, rows);
      break;
    case Activation.Celu:
      sweep.over<Celu>(at, source, second, rows);
      break;
    case Activation.Selu:
      sweep.over<Selu>(at, source, second, rows);
      break;
    case Activation.Gelu:
      sweep.over<Gelu>(at, source, second, rows);
      break;
    case Activation.GeluTanh:
      sweep.over<GeluTanh>(at, source, second, rows);
      break;
    case Activation.Silu:
      sweep.over<Silu>(at, source, second, rows);
      break;
    case Activation.Softplus:
      sweep.over<Softplus>(at, source, second, rows);
      break;
    case Activation.Softsign:
      sweep.over<Softsign>(at, source, second, rows);
      break;
    case Activation.Mish:
      sweep.over<Mish>(at, source, second, rows);
      break;
    case Activation.HardSigmoid:
      sweep.over<HardSigmoid>(at, source, second, rows);
      break;
    case Activation.HardSwish:
      sweep.over<HardSwish>(at, source, second, rows);
      break;
    case Activation.Polynomial:
      sweep.over<Polynomial>(at, source, second, rows);
      break;
    default:
      unreachable();
  }
}

/** Whether the derivative reads z. Where it does not, it reads y alone, and y may overwrite z. */
export function needsInput(id: i32): bool {
  switch (id) {
    case Activation.Prelu:
    case Activation.Gelu:
    case Activation.GeluTanh:
    case Activation.Silu:
    case Activation.Mish:
    case Activation.HardSwish:
    case Activation.Polynomial:
      return true;
    default:
      return false;
  }
}

// Activations that are z times a share of it that grows with z: gelu, silu, mish. Their derivatives need z.

import { mulAdd, select } from '../../kernels/lanes';
import { exp, gelu, geluTanh, millsRatio, mish, silu } from '../../kernels/math';

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

// Losses of how far an output lies from a number: squares, absolute values, what is between them, quantiles.

import { select } from '../../kernels/lanes';
import { expm1, log1p } from '../../kernels/math';
import { tanh } from '../../kernels/tanh';

/** (y - t)^2. */
@unmanaged
@final
export class MeanSquaredError {
  value(y: v128, t: v128, a: v128): v128 {
    const d = f32x4.sub(y, t);
    return f32x4.mul(d, d);
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return f32x4.mul(f32x4.sub(y, t), f32x4.splat(2));
  }
}

/** |y - t|. The gradient at y = t is 0. */
@unmanaged
@final
export class MeanAbsoluteError {
  value(y: v128, t: v128, a: v128): v128 {
    return f32x4.abs(f32x4.sub(y, t));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    const above = v128.and(f32x4.gt(y, t), f32x4.splat(1));
    return f32x4.sub(above, v128.and(f32x4.lt(y, t), f32x4.splat(1)));
  }
}

/** d^2 / 2 for |d| <= a, a (|d| - a / 2) beyond, d = y - t: with c = d clamped to +-a both are c (d - c / 2). */
@unmanaged
@final
export class Huber {
  value(y: v128, t: v128, a: v128): v128 {
    const d = f32x4.sub(y, t);
    const c = f32x4.pmin(f32x4.pmax(d, f32x4.neg(a)), a);
    return f32x4.mul(c, f32x4.sub(d, f32x4.mul(c, f32x4.splat(0.5))));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return f32x4.pmin(f32x4.pmax(f32x4.sub(y, t), f32x4.neg(a)), a);
  }
}

/** log(cosh(y - t)). */
@unmanaged
@final
export class LogCosh {
  value(y: v128, t: v128, a: v128): v128 {
    // With m = e^-|d| - 1: log(1 + m^2 / (2 (1 + m))) near 0, |d| - log 2 + log(1 + e^-2|d|) from 1 on; neither cancels.
    const d = f32x4.abs(f32x4.sub(y, t));
    const m = expm1(f32x4.neg(d));
    const e = f32x4.add(m, f32x4.splat(1));
    const far = f32x4.ge(d, f32x4.splat(1));
    const near = f32x4.div(f32x4.mul(m, m), f32x4.add(e, e));
    const straight = v128.and(far, f32x4.sub(d, f32x4.splat(0.693147181)));
    return f32x4.add(straight, log1p(select(far, f32x4.mul(e, e), near)));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return tanh(f32x4.sub(y, t));
  }
}

/** max(a d, (a - 1) d), d = t - y: of the a-quantile. The gradient at y = t is 0. */
@unmanaged
@final
export class Pinball {
  value(y: v128, t: v128, a: v128): v128 {
    const d = f32x4.sub(t, y);
    return f32x4.pmax(f32x4.mul(a, d), f32x4.mul(f32x4.sub(a, f32x4.splat(1)), d));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    const over = v128.and(f32x4.gt(y, t), f32x4.sub(f32x4.splat(1), a));
    return f32x4.sub(over, v128.and(f32x4.lt(y, t), a));
  }
}

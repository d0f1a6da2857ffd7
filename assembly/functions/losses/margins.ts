// Losses of how far an output lies on the right side of 0, for targets -1 and 1.

import { select } from '../../kernels/lanes';

/** max(0, 1 - t y), t = -1 or 1. The gradient at the hinge is 0. */
@unmanaged
@final
export class Hinge {
  value(y: v128, t: v128, a: v128): v128 {
    return f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return v128.and(f32x4.lt(f32x4.mul(t, y), f32x4.splat(1)), f32x4.neg(t));
  }
}

/** max(0, 1 - t y)^2, t = -1 or 1. */
@unmanaged
@final
export class SquaredHinge {
  value(y: v128, t: v128, a: v128): v128 {
    const rest = f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
    return f32x4.mul(rest, rest);
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    const rest = f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
    return f32x4.mul(f32x4.mul(rest, t), f32x4.splat(-2));
  }
}

/** max(0, 1 - t y)^2 where t y >= -1, -4 t y below, t = -1 or 1: with c = min(r, 2) of the rest r both are c (2 r - c). */
@unmanaged
@final
export class ModifiedHuber {
  value(y: v128, t: v128, a: v128): v128 {
    const rest = f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
    const near = f32x4.pmin(rest, f32x4.splat(2));
    return f32x4.mul(near, f32x4.sub(f32x4.add(rest, rest), near));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    const rest = f32x4.pmax(f32x4.sub(f32x4.splat(1), f32x4.mul(t, y)), f32x4.splat(0));
    return f32x4.mul(f32x4.mul(f32x4.pmin(rest, f32x4.splat(2)), t), f32x4.splat(-2));
  }
}

/** 1 where y > 0 and t > 0 disagree, else 0, t = -1 or 1; NaN stays NaN. The gradient is 0. */
@unmanaged
@final
export class ZeroOne {
  value(y: v128, t: v128, a: v128): v128 {
    const zero = f32x4.splat(0);
    const wrong = v128.xor(f32x4.gt(y, zero), f32x4.gt(t, zero));
    return select(f32x4.eq(y, y), v128.and(wrong, f32x4.splat(1)), y);
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return f32x4.splat(0);
  }
}

/** max(0, -t y), t = -1 or 1. At y = 0 the gradient is -t, Rosenblatt's rule, so that zero weights learn. */
@unmanaged
@final
export class Perceptron {
  value(y: v128, t: v128, a: v128): v128 {
    return f32x4.pmax(f32x4.neg(f32x4.mul(t, y)), f32x4.splat(0));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return v128.and(f32x4.le(f32x4.mul(t, y), f32x4.splat(0)), f32x4.neg(t));
  }
}

// Activations between two bounds: sigmoid, tanh, softsign. Their derivatives follow from y.

import { sigmoid } from '../../kernels/math';
import { tanh, tanhEights } from '../../kernels/tanh';

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

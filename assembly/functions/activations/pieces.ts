// Activations of straight and polynomial pieces: their derivatives are steps, lines or polynomials again.

import { mulAdd, select } from '../../kernels/lanes';
import { Layer } from '../../memory/model';

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

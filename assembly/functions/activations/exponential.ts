// Activations that are an exponential below and a line above. Their derivatives follow from y.

import { select } from '../../kernels/lanes';
import { expm1, softplus } from '../../kernels/math';

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

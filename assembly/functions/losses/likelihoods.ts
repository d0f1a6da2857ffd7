// Losses of probabilities and counts: minus the logarithm of how likely the target is.

import { mulAdd } from '../../kernels/lanes';
import { exp, log, log1p, sigmoid } from '../../kernels/math';

const CLOSE: f32 = 1e-7; // probabilities stay this far from 0 and 1 (Keras's epsilon)

/** -t log p - (1 - t) log(1 - p), p = y. p and 1 - p are taken as at least 1e-7, in the gradient too: it never vanishes. */
@unmanaged
@final
export class BinaryCrossEntropy {
  value(y: v128, t: v128, a: v128): v128 {
    const one = f32x4.splat(1);
    const target = smoothed(t, a);
    const yes = f32x4.mul(target, log(f32x4.pmax(y, f32x4.splat(CLOSE))));
    const no = f32x4.mul(f32x4.sub(one, target), log(f32x4.pmax(f32x4.sub(one, y), f32x4.splat(CLOSE))));
    return f32x4.neg(f32x4.add(yes, no));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    const one = f32x4.splat(1);
    const target = smoothed(t, a);
    const yes = f32x4.div(target, f32x4.pmax(y, f32x4.splat(CLOSE)));
    const no = f32x4.div(f32x4.sub(one, target), f32x4.pmax(f32x4.sub(one, y), f32x4.splat(CLOSE)));
    return f32x4.sub(no, yes);
  }
}

/** The same of p = sigmoid(z): max(z, 0) - z t + log(1 + e^-|z|), with gradient sigmoid(z) - t. */
@unmanaged
@final
export class BinaryCrossEntropyLogits {
  value(z: v128, t: v128, a: v128): v128 {
    const straight = f32x4.sub(f32x4.pmax(z, f32x4.splat(0)), f32x4.mul(z, smoothed(t, a)));
    return f32x4.add(straight, log1p(exp(f32x4.neg(f32x4.abs(z)))));
  }
  gradient(z: v128, t: v128, a: v128): v128 {
    return f32x4.sub(sigmoid(z), smoothed(t, a));
  }
}

/** Label smoothing for two classes: t (1 - s) + s / 2. */
function smoothed(t: v128, s: v128): v128 {
  return mulAdd(t, f32x4.sub(f32x4.splat(1), s), f32x4.mul(s, f32x4.splat(0.5)));
}

/** y - t log(y + 1e-7), y >= 0 (Keras's form). */
@unmanaged
@final
export class Poisson {
  value(y: v128, t: v128, a: v128): v128 {
    return f32x4.sub(y, f32x4.mul(t, log(f32x4.add(y, f32x4.splat(CLOSE)))));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return f32x4.sub(f32x4.splat(1), f32x4.div(t, f32x4.add(y, f32x4.splat(CLOSE))));
  }
}

/** t log(t / y), both taken as between 1e-7 and 1 (Keras's form), in the gradient too. Summed over the outputs. */
@unmanaged
@final
export class KlDivergence {
  value(y: v128, t: v128, a: v128): v128 {
    const target = probability(t);
    return f32x4.mul(target, log(f32x4.div(target, probability(y))));
  }
  gradient(y: v128, t: v128, a: v128): v128 {
    return f32x4.neg(f32x4.div(probability(t), probability(y)));
  }
}

function probability(y: v128): v128 {
  return f32x4.pmin(f32x4.pmax(y, f32x4.splat(CLOSE)), f32x4.splat(1));
}

// Activations: one small class per rule, its value and its derivative side by side, and the sweeps over matrices.
// Rows are `stride` floats apart, a multiple of 4; sweeps work on whole vectors, so they also read and write the padding
// lanes up to the next multiple of 4 columns. What they leave there: f(padding) going forward (0 for softmax),
// 0 going back. NaN in, NaN out, for every rule.

import { Activation } from '../abi';
import { firstLanes, maxLanes, mulAdd, padded, select, sumLanes } from '../kernels/lanes';
import { exp, expm1, gelu, geluTanh, log, millsRatio, mish, prepareMath, sigmoid, silu, softplus, tanh } from '../kernels/math';

// value(z, a, b) is f(z). derivative(s, a, b) is f'(z), where s is z for the rules of needsInput, else y = f(z).
// a and b are the rule's parameters, one value in all lanes.

/** y = z. */
@unmanaged @final class Identity {
  value(z: v128, a: v128, b: v128): v128 { return z; }
  derivative(y: v128, a: v128, b: v128): v128 { return f32x4.splat(1); }
}

/** y = a z + b. */
@unmanaged @final class Linear {
  value(z: v128, a: v128, b: v128): v128 { return mulAdd(a, z, b); }
  derivative(y: v128, a: v128, b: v128): v128 { return a; }
}

/** -1, 0 or 1; sign(0) = 0. Forward only: the derivative is 0. */
@unmanaged @final class Sign {
  value(z: v128, a: v128, b: v128): v128 {
    const zero = f32x4.splat(0);
    const negative = select(f32x4.lt(z, zero), f32x4.splat(-1), z);
    return select(f32x4.gt(z, zero), f32x4.splat(1), negative);
  }
  derivative(y: v128, a: v128, b: v128): v128 { return f32x4.splat(0); }
}

/** 1 where z >= 0, else 0: the perceptron's threshold, so step(0) = 1. Forward only: the derivative is 0. */
@unmanaged @final class Step {
  value(z: v128, a: v128, b: v128): v128 {
    const zero = f32x4.splat(0);
    return select(f32x4.lt(z, zero), zero, select(f32x4.ge(z, zero), f32x4.splat(1), z));
  }
  derivative(y: v128, a: v128, b: v128): v128 { return f32x4.splat(0); }
}

/** y = 1 / (1 + e^-z). */
@unmanaged @final class Sigmoid {
  value(z: v128, a: v128, b: v128): v128 { return sigmoid(z); }
  derivative(y: v128, a: v128, b: v128): v128 { return f32x4.mul(y, f32x4.sub(f32x4.splat(1), y)); }
}

@unmanaged @final class Tanh {
  value(z: v128, a: v128, b: v128): v128 { return tanh(z); }
  // (1 - y)(1 + y), not 1 - y^2: 1 - y is exact where it matters.
  derivative(y: v128, a: v128, b: v128): v128 {
    return f32x4.mul(f32x4.sub(f32x4.splat(1), y), f32x4.add(f32x4.splat(1), y));
  }
}

/** y = max(z, 0). The derivative at 0 is 0. */
@unmanaged @final class Relu {
  value(z: v128, a: v128, b: v128): v128 { return f32x4.pmax(z, f32x4.splat(0)); }
  derivative(y: v128, a: v128, b: v128): v128 { return v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(1)); }
}

/** y = z for z >= 0, a z below; slope a >= 0. The derivative at 0 is a. */
@unmanaged @final class LeakyRelu {
  value(z: v128, a: v128, b: v128): v128 { return select(f32x4.ge(z, f32x4.splat(0)), z, f32x4.mul(a, z)); }
  derivative(y: v128, a: v128, b: v128): v128 { return select(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(1), a); }
}

/** y = z for z >= 0, a (e^z - 1) below; a >= 0. See: https://arxiv.org/abs/1511.07289 */
@unmanaged @final class Elu {
  value(z: v128, a: v128, b: v128): v128 { return select(f32x4.ge(z, f32x4.splat(0)), z, f32x4.mul(a, expm1(z))); }
  derivative(y: v128, a: v128, b: v128): v128 {
    return select(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(1), f32x4.add(y, a));
  }
}

/** y = z for z >= 0, a (e^(z / a) - 1) below; a > 0. See: https://arxiv.org/abs/1704.07483 */
@unmanaged @final class Celu {
  value(z: v128, a: v128, b: v128): v128 {
    return select(f32x4.ge(z, f32x4.splat(0)), z, f32x4.mul(a, expm1(f32x4.div(z, a))));
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    return select(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(1), f32x4.add(f32x4.div(y, a), f32x4.splat(1)));
  }
}

const SELU_SCALE: f32 = 1.05070102;
const SELU_BELOW: f32 = 1.75809932; // scale times alpha = 1.67326324

/** y = scale z for z >= 0, scale alpha (e^z - 1) below. See: https://arxiv.org/abs/1706.02515 */
@unmanaged @final class Selu {
  value(z: v128, a: v128, b: v128): v128 {
    const below = f32x4.mul(expm1(z), f32x4.splat(SELU_BELOW));
    return select(f32x4.ge(z, f32x4.splat(0)), f32x4.mul(z, f32x4.splat(SELU_SCALE)), below);
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    const below = f32x4.add(y, f32x4.splat(SELU_BELOW));
    return select(f32x4.gt(y, f32x4.splat(0)), f32x4.splat(SELU_SCALE), below);
  }
}

/** y = z Phi(z), Phi the normal distribution function. y' = Phi(z) + z phi(z). See: https://arxiv.org/abs/1606.08415 */
@unmanaged @final class Gelu {
  value(z: v128, a: v128, b: v128): v128 { return gelu(z); }
  derivative(z: v128, a: v128, b: v128): v128 {
    const distance = f32x4.pmin(f32x4.abs(z), f32x4.splat(15));
    const density = exp(f32x4.mul(f32x4.mul(distance, distance), f32x4.splat(-0.5))); // times sqrt(2 pi)
    const ratio = f32x4.sub(millsRatio(distance), f32x4.mul(distance, f32x4.splat(0.39894228)));
    const below = f32x4.mul(density, ratio); // the derivative at -|z|
    return select(f32x4.lt(z, f32x4.splat(0)), below, f32x4.sub(f32x4.splat(1), below));
  }
}

/** y = z sigmoid(u(z)), u = 2 sqrt(2 / pi) (z + 0.044715 z^3): gelu's tanh form. y' = s (1 + z (1 - s) u'). */
@unmanaged @final class GeluTanh {
  value(z: v128, a: v128, b: v128): v128 { return geluTanh(z); }
  derivative(z: v128, a: v128, b: v128): v128 {
    const c = f32x4.pmin(f32x4.pmax(z, f32x4.splat(-12)), f32x4.splat(12)); // the limits 0 and 1 are reached long before
    const square = f32x4.mul(c, c);
    const u = f32x4.mul(c, mulAdd(square, f32x4.splat(0.0713548163), f32x4.splat(1.59576912)));
    const slope = mulAdd(square, f32x4.splat(0.214064449), f32x4.splat(1.59576912));
    return gateSlope(u, f32x4.mul(c, slope));
  }
}

/** y = z sigmoid(z). y' = s (1 + z (1 - s)). See: https://arxiv.org/abs/1702.03118 */
@unmanaged @final class Silu {
  value(z: v128, a: v128, b: v128): v128 { return silu(z); }
  derivative(z: v128, a: v128, b: v128): v128 {
    const c = f32x4.pmin(f32x4.pmax(z, f32x4.splat(-120)), f32x4.splat(120)); // so that infinity times 0 never happens
    return gateSlope(c, c);
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

/** y = log(1 + e^z). y' = sigmoid(z) = 1 - e^-y. */
@unmanaged @final class Softplus {
  value(z: v128, a: v128, b: v128): v128 { return softplus(z); }
  derivative(y: v128, a: v128, b: v128): v128 { return f32x4.neg(expm1(f32x4.neg(y))); }
}

/** y = z / (1 + |z|). y' = (1 - |y|)^2. */
@unmanaged @final class Softsign {
  value(z: v128, a: v128, b: v128): v128 {
    const c = f32x4.pmin(f32x4.pmax(z, f32x4.splat(-f32.MAX_VALUE)), f32x4.splat(f32.MAX_VALUE)); // +-1 at infinity
    return f32x4.div(c, f32x4.add(f32x4.abs(c), f32x4.splat(1)));
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    const rest = f32x4.sub(f32x4.splat(1), f32x4.abs(y));
    return f32x4.mul(rest, rest);
  }
}

/** y = z tanh(log(1 + e^z)). See: https://arxiv.org/abs/1908.08681 */
@unmanaged @final class Mish {
  value(z: v128, a: v128, b: v128): v128 { return mish(z); }
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
}

/** y = z / 6 + 1 / 2 between 0 and 1 (PyTorch's and Keras 3's form). The derivative at +-3 is 0. */
@unmanaged @final class HardSigmoid {
  value(z: v128, a: v128, b: v128): v128 {
    const six = f32x4.splat(6);
    const shifted = f32x4.add(z, f32x4.splat(3)); // (z + 3) / 6: nothing cancels near -3
    return f32x4.mul(f32x4.pmin(f32x4.pmax(shifted, f32x4.splat(0)), six), f32x4.splat(0.16666667));
  }
  derivative(y: v128, a: v128, b: v128): v128 {
    const inside = v128.and(f32x4.gt(y, f32x4.splat(0)), f32x4.lt(y, f32x4.splat(1)));
    return v128.and(inside, f32x4.splat(0.16666667));
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
      return true;
    default:
      return false;
  }
}

/** y[rows][width] = f(z[rows][width]); y may be z. Every rule but PReLU, whose slopes are parameters (see preluForward). */
export function activate(id: i32, y: usize, z: usize, stride: i32, rows: i32, width: i32, a: f32, b: f32): void {
  prepareMath();
  switch (id) {
    case Activation.Identity: if (y != z) forward<Identity>(y, z, stride, rows, width, a, b); break;
    case Activation.Linear: forward<Linear>(y, z, stride, rows, width, a, b); break;
    case Activation.Sign: forward<Sign>(y, z, stride, rows, width, a, b); break;
    case Activation.Step: forward<Step>(y, z, stride, rows, width, a, b); break;
    case Activation.Sigmoid: forward<Sigmoid>(y, z, stride, rows, width, a, b); break;
    case Activation.Tanh: forward<Tanh>(y, z, stride, rows, width, a, b); break;
    case Activation.Relu: forward<Relu>(y, z, stride, rows, width, a, b); break;
    case Activation.LeakyRelu: forward<LeakyRelu>(y, z, stride, rows, width, a, b); break;
    case Activation.Elu: forward<Elu>(y, z, stride, rows, width, a, b); break;
    case Activation.Celu: forward<Celu>(y, z, stride, rows, width, a, b); break;
    case Activation.Selu: forward<Selu>(y, z, stride, rows, width, a, b); break;
    case Activation.Gelu: forward<Gelu>(y, z, stride, rows, width, a, b); break;
    case Activation.GeluTanh: forward<GeluTanh>(y, z, stride, rows, width, a, b); break;
    case Activation.Silu: forward<Silu>(y, z, stride, rows, width, a, b); break;
    case Activation.Softplus: forward<Softplus>(y, z, stride, rows, width, a, b); break;
    case Activation.Softsign: forward<Softsign>(y, z, stride, rows, width, a, b); break;
    case Activation.Mish: forward<Mish>(y, z, stride, rows, width, a, b); break;
    case Activation.HardSigmoid: forward<HardSigmoid>(y, z, stride, rows, width, a, b); break;
    case Activation.Softmax: softmax(y, z, stride, rows, width); break;
    case Activation.LogSoftmax: logSoftmax(y, z, stride, rows, width); break;
    default: assert(false, 'activate: not an activation without parameters of its own');
  }
}

/**
 * dz[rows][width] = dy[rows][width] f'(z); dz may be dy. z is read where needsInput(id), else y is, and the other may be 0.
 * y and z have `stride`, dz and dy have `deltaStride`. Padding lanes of dz come out 0.
 */
export function activateBackward(
  id: i32, dz: usize, dy: usize, z: usize, y: usize, stride: i32, deltaStride: i32, rows: i32, width: i32, a: f32, b: f32,
): void {
  prepareMath();
  switch (id) {
    case Activation.Identity: backward<Identity>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Linear: backward<Linear>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Sign: backward<Sign>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Step: backward<Step>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Sigmoid: backward<Sigmoid>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Tanh: backward<Tanh>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Relu: backward<Relu>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.LeakyRelu: backward<LeakyRelu>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Elu: backward<Elu>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Celu: backward<Celu>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Selu: backward<Selu>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Gelu: backward<Gelu>(dz, dy, z, stride, deltaStride, rows, width, a, b); break;
    case Activation.GeluTanh: backward<GeluTanh>(dz, dy, z, stride, deltaStride, rows, width, a, b); break;
    case Activation.Silu: backward<Silu>(dz, dy, z, stride, deltaStride, rows, width, a, b); break;
    case Activation.Softplus: backward<Softplus>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Softsign: backward<Softsign>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Mish: backward<Mish>(dz, dy, z, stride, deltaStride, rows, width, a, b); break;
    case Activation.HardSigmoid: backward<HardSigmoid>(dz, dy, y, stride, deltaStride, rows, width, a, b); break;
    case Activation.Softmax: softmaxBackward(dz, dy, y, stride, deltaStride, rows, width); break;
    case Activation.LogSoftmax: logSoftmaxBackward(dz, dy, y, stride, deltaStride, rows, width); break;
    default: assert(false, 'activateBackward: not an activation without parameters of its own');
  }
  clearPadding(dz, deltaStride, rows, width);
}

function forward<A>(y: usize, z: usize, stride: i32, rows: i32, width: i32, a: f32, b: f32): void {
  assert(stride % 4 == 0 && stride >= width, 'activate: stride must be a multiple of 4 lanes and hold a row');
  const rule = changetype<A>(0);
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  const rowBytes = <usize>padded(width) << 2;
  const strideBytes = <usize>stride << 2;
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < rowBytes; j += 16) v128.store(y + j, rule.value(v128.load(z + j), va, vb));
    y += strideBytes;
    z += strideBytes;
  }
}

function backward<A>(
  dz: usize, dy: usize, source: usize, stride: i32, deltaStride: i32, rows: i32, width: i32, a: f32, b: f32,
): void {
  assert(stride % 4 == 0 && stride >= width, 'activateBackward: stride must be a multiple of 4 lanes and hold a row');
  assert(deltaStride % 4 == 0 && deltaStride >= width, 'activateBackward: deltaStride must be a multiple of 4 lanes and hold a row');
  const rule = changetype<A>(0);
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  const rowBytes = <usize>padded(width) << 2;
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < rowBytes; j += 16) {
      const slope = rule.derivative(v128.load(source + j), va, vb);
      v128.store(dz + j, f32x4.mul(v128.load(dy + j), slope));
    }
    source += <usize>stride << 2;
    dz += <usize>deltaStride << 2;
    dy += <usize>deltaStride << 2;
  }
}

/** Zeroes the lanes of each row's last vector that lie beyond `width`: dy = 0 there, but 0 times a stray NaN is NaN. */
function clearPadding(dz: usize, stride: i32, rows: i32, width: i32): void {
  if (!(width & 3)) return;
  const mask = firstLanes(width & 3);
  dz += <usize>(width & ~3) << 2;
  for (let r = 0; r < rows; r++) {
    v128.store(dz, v128.and(v128.load(dz), mask));
    dz += <usize>stride << 2;
  }
}

// Row-wise rules. Maxima and sums run over whole vectors in ascending order, then over lanes in the order of sumLanes, so
// a row's result does not depend on its neighbours.

/** The lanes of row z from column j on, those beyond `width` replaced by -Infinity. */
export function maskedLogits(z: usize, j: i32, width: i32): v128 {
  const v = v128.load(z + (<usize>j << 2));
  if (j + 4 <= width) return v;
  return select(firstLanes(width - j), v, f32x4.splat(-Infinity));
}

/** The largest of the first `width` elements; NaN if any is. */
export function rowMax(z: usize, width: i32): f32 {
  let largest = f32x4.splat(-Infinity);
  for (let j = 0; j < width; j += 4) largest = f32x4.max(largest, maskedLogits(z, j, width));
  return maxLanes(largest);
}

/** y = softmax(z), row by row; padding lanes 0. Shifted by the row's maximum, so any finite logits are fine. */
export function softmax(y: usize, z: usize, stride: i32, rows: i32, width: i32): void {
  const strideBytes = <usize>stride << 2;
  for (let r = 0; r < rows; r++) {
    const top = f32x4.splat(rowMax(z, width));
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) {
      const e = exp(f32x4.sub(maskedLogits(z, j, width), top));
      sums = f32x4.add(sums, e);
      v128.store(y + (<usize>j << 2), e);
    }
    const sum = f32x4.splat(sumLanes(sums));
    for (let j = 0; j < width; j += 4) {
      const at = y + (<usize>j << 2);
      v128.store(at, f32x4.div(v128.load(at), sum));
    }
    y += strideBytes;
    z += strideBytes;
  }
  clearPadding(y - strideBytes * rows, stride, rows, width);
}

/** y = log(softmax(z)), row by row; padding lanes 0. */
export function logSoftmax(y: usize, z: usize, stride: i32, rows: i32, width: i32): void {
  const strideBytes = <usize>stride << 2;
  for (let r = 0; r < rows; r++) {
    const top = f32x4.splat(rowMax(z, width));
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) sums = f32x4.add(sums, exp(f32x4.sub(maskedLogits(z, j, width), top)));
    const logSum = log(f32x4.splat(sumLanes(sums)));
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      v128.store(y + at, f32x4.sub(f32x4.sub(v128.load(z + at), top), logSum));
    }
    y += strideBytes;
    z += strideBytes;
  }
  clearPadding(y - strideBytes * rows, stride, rows, width);
}

/** dz = y (dy - sum over the row of y dy). */
function softmaxBackward(dz: usize, dy: usize, y: usize, stride: i32, deltaStride: i32, rows: i32, width: i32): void {
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      sums = mulAdd(v128.load(y + at), v128.load(dy + at), sums);
    }
    const sum = f32x4.splat(sumLanes(sums));
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      v128.store(dz + at, f32x4.mul(v128.load(y + at), f32x4.sub(v128.load(dy + at), sum)));
    }
    y += <usize>stride << 2;
    dz += <usize>deltaStride << 2;
    dy += <usize>deltaStride << 2;
  }
}

/** dz = dy - e^y times the sum of dy over the row. */
function logSoftmaxBackward(dz: usize, dy: usize, y: usize, stride: i32, deltaStride: i32, rows: i32, width: i32): void {
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) sums = f32x4.add(sums, v128.load(dy + (<usize>j << 2)));
    const sum = f32x4.splat(sumLanes(sums));
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      v128.store(dz + at, f32x4.sub(v128.load(dy + at), f32x4.mul(exp(v128.load(y + at)), sum)));
    }
    y += <usize>stride << 2;
    dz += <usize>deltaStride << 2;
    dy += <usize>deltaStride << 2;
  }
}

// PReLU: leaky ReLU whose slope is learned, one for the layer (`shared`: a single float) or one per column (padded to
// whole vectors, padding 0). See: https://arxiv.org/abs/1502.01852

/** y = z for z >= 0, slope z below; y may be z. */
export function preluForward(
  y: usize, z: usize, stride: i32, rows: i32, width: i32, slopes: usize, shared: bool,
): void {
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      const v = v128.load(z + at);
      const slope = shared ? v128.load32_splat(slopes) : v128.load(slopes + at);
      v128.store(y + at, select(f32x4.ge(v, f32x4.splat(0)), v, f32x4.mul(slope, v)));
    }
    y += <usize>stride << 2;
    z += <usize>stride << 2;
  }
}

/** dz = dy for z > 0, slope dy elsewhere; dz may be dy. Padding lanes of dz come out 0. */
export function preluBackward(
  dz: usize, dy: usize, z: usize, stride: i32, deltaStride: i32, rows: i32, width: i32, slopes: usize, shared: bool,
): void {
  const first = dz;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      const delta = v128.load(dy + at);
      const slope = shared ? v128.load32_splat(slopes) : v128.load(slopes + at);
      v128.store(dz + at, select(f32x4.gt(v128.load(z + at), f32x4.splat(0)), delta, f32x4.mul(slope, delta)));
    }
    z += <usize>stride << 2;
    dz += <usize>deltaStride << 2;
    dy += <usize>deltaStride << 2;
  }
  clearPadding(first, deltaStride, rows, width);
}

/** dSlopes += the sum over rows, ascending (and over columns when shared), of dy z where z <= 0. */
export function preluSlopeGradient(
  dSlopes: usize, dy: usize, z: usize, stride: i32, deltaStride: i32, rows: i32, width: i32, shared: bool,
): void {
  let sums = f32x4.splat(0);
  for (let j = 0; j < width; j += 4) {
    const mask = firstLanes(width - j);
    let column = dy + (<usize>j << 2);
    let source = z + (<usize>j << 2);
    if (!shared) sums = v128.load(dSlopes + (<usize>j << 2));
    for (let r = 0; r < rows; r++) {
      const v = v128.load(source);
      const positive = f32x4.gt(v, f32x4.splat(0));
      const term = v128.andnot(f32x4.mul(v128.load(column), v), positive);
      sums = f32x4.add(sums, v128.and(term, mask));
      column += <usize>deltaStride << 2;
      source += <usize>stride << 2;
    }
    if (!shared) v128.store(dSlopes + (<usize>j << 2), sums);
  }
  if (shared) store<f32>(dSlopes, load<f32>(dSlopes) + sumLanes(sums));
}

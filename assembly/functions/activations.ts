// Activations: one small class per rule, its value and its derivative side by side, and the sweeps over matrices.
// A layer says where its rows are (z, y, delta, `stride` floats apart) and what the rule is; rows [from, to) are one thread's
// share. Sweeps work on whole vectors, so they also read and write the padding lanes up to the next multiple of 4 columns.
// What they leave there: f(padding) going forward (0 for softmax), 0 going back. NaN in, NaN out, for every rule.

import { Activation } from '../abi';
import { firstLanes, maxLanes, mulAdd, padded, select, sumLanes } from '../kernels/lanes';
import { Layer } from '../memory/model';
import { exp, expm1, gelu, geluTanh, log, millsRatio, mish, prepareMath, sigmoid, silu, softplus, tanh } from '../kernels/math';

// value(z, a, b) is f(z). derivative(s, a, b) is f'(z), where s is z for the rules of needsInput, else y = f(z).
// a and b are the rule's parameters, one value in all lanes.
interface Rule {
  value(z: v128, a: v128, b: v128): v128;
  derivative(s: v128, a: v128, b: v128): v128;
}

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

/** y = f(z) for rows [from, to); y may be z. `base`: where the parameters are, for PReLU's slopes. */
export function activate(layer: Layer, base: usize, from: i32, to: i32): void {
  prepareMath();
  const first = <usize>(from * layer.stride) << 2;
  const y = layer.y + first;
  const z = layer.z + first;
  const rows = to - from;
  switch (layer.activation) {
    case Activation.Identity: if (y != z) forward<Identity>(layer, y, z, rows); break;
    case Activation.Linear: forward<Linear>(layer, y, z, rows); break;
    case Activation.Sign: forward<Sign>(layer, y, z, rows); break;
    case Activation.Step: forward<Step>(layer, y, z, rows); break;
    case Activation.Sigmoid: forward<Sigmoid>(layer, y, z, rows); break;
    case Activation.Tanh: forward<Tanh>(layer, y, z, rows); break;
    case Activation.Relu: forward<Relu>(layer, y, z, rows); break;
    case Activation.LeakyRelu: forward<LeakyRelu>(layer, y, z, rows); break;
    case Activation.Elu: forward<Elu>(layer, y, z, rows); break;
    case Activation.Celu: forward<Celu>(layer, y, z, rows); break;
    case Activation.Selu: forward<Selu>(layer, y, z, rows); break;
    case Activation.Gelu: forward<Gelu>(layer, y, z, rows); break;
    case Activation.GeluTanh: forward<GeluTanh>(layer, y, z, rows); break;
    case Activation.Silu: forward<Silu>(layer, y, z, rows); break;
    case Activation.Softplus: forward<Softplus>(layer, y, z, rows); break;
    case Activation.Softsign: forward<Softsign>(layer, y, z, rows); break;
    case Activation.Mish: forward<Mish>(layer, y, z, rows); break;
    case Activation.HardSigmoid: forward<HardSigmoid>(layer, y, z, rows); break;
    case Activation.Prelu: preluForward(layer, y, z, base + layer.slope, rows); break;
    case Activation.Softmax: softmax(layer, y, z, rows); break;
    case Activation.LogSoftmax: logSoftmax(layer, y, z, rows); break;
    default: unreachable(); // an id that this build does not know
  }
}

/**
 * dz = delta f'(z) for rows [from, to); dz may be the layer's own delta. Reads z where needsInput(id), else y. Padding lanes
 * of dz come out 0. `base`: where the parameters are, for PReLU's slopes.
 */
export function activateBackward(layer: Layer, dz: usize, base: usize, from: i32, to: i32): void {
  prepareMath();
  const first = <usize>(from * layer.stride) << 2;
  const dy = layer.delta + first;
  const y = layer.y + first;
  const z = layer.z + first;
  const rows = to - from;
  dz += first;
  switch (layer.activation) {
    case Activation.Identity:
      if (dz == dy) return;
      backward<Identity>(layer, dz, dy, y, rows);
      break;
    case Activation.Linear: backward<Linear>(layer, dz, dy, y, rows); break;
    case Activation.Sign: backward<Sign>(layer, dz, dy, y, rows); break;
    case Activation.Step: backward<Step>(layer, dz, dy, y, rows); break;
    case Activation.Sigmoid: backward<Sigmoid>(layer, dz, dy, y, rows); break;
    case Activation.Tanh: backward<Tanh>(layer, dz, dy, y, rows); break;
    case Activation.Relu: backward<Relu>(layer, dz, dy, y, rows); break;
    case Activation.LeakyRelu: backward<LeakyRelu>(layer, dz, dy, y, rows); break;
    case Activation.Elu: backward<Elu>(layer, dz, dy, y, rows); break;
    case Activation.Celu: backward<Celu>(layer, dz, dy, y, rows); break;
    case Activation.Selu: backward<Selu>(layer, dz, dy, y, rows); break;
    case Activation.Gelu: backward<Gelu>(layer, dz, dy, z, rows); break;
    case Activation.GeluTanh: backward<GeluTanh>(layer, dz, dy, z, rows); break;
    case Activation.Silu: backward<Silu>(layer, dz, dy, z, rows); break;
    case Activation.Softplus: backward<Softplus>(layer, dz, dy, y, rows); break;
    case Activation.Softsign: backward<Softsign>(layer, dz, dy, y, rows); break;
    case Activation.Mish: backward<Mish>(layer, dz, dy, z, rows); break;
    case Activation.HardSigmoid: backward<HardSigmoid>(layer, dz, dy, y, rows); break;
    case Activation.Prelu: preluBackward(layer, dz, dy, z, base + layer.slope, rows); break;
    case Activation.Softmax: softmaxBackward(layer, dz, dy, y, rows); break;
    case Activation.LogSoftmax: logSoftmaxBackward(layer, dz, dy, y, rows); break;
    default: unreachable(); // an id that this build does not know
  }
  clearPadding(layer, dz, rows);
}

function forward<A extends Rule>(layer: Layer, y: usize, z: usize, rows: i32): void {
  const rule = changetype<A>(0);
  const a = f32x4.splat(layer.activationA);
  const b = f32x4.splat(layer.activationB);
  const rowBytes = <usize>padded(layer.outputs) << 2;
  const stride = <usize>layer.stride << 2;
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < rowBytes; j += 16) v128.store(y + j, rule.value(v128.load(z + j), a, b));
    y += stride;
    z += stride;
  }
}

function backward<A extends Rule>(layer: Layer, dz: usize, dy: usize, source: usize, rows: i32): void {
  const rule = changetype<A>(0);
  const a = f32x4.splat(layer.activationA);
  const b = f32x4.splat(layer.activationB);
  const rowBytes = <usize>padded(layer.outputs) << 2;
  const stride = <usize>layer.stride << 2;
  for (let r = 0; r < rows; r++) {
    for (let j: usize = 0; j < rowBytes; j += 16) {
      const slope = rule.derivative(v128.load(source + j), a, b);
      v128.store(dz + j, f32x4.mul(v128.load(dy + j), slope));
    }
    source += stride;
    dz += stride;
    dy += stride;
  }
}

/** Zeroes the lanes of each row's last vector that lie beyond `width`: dy = 0 there, but 0 times a stray NaN is NaN. */
function clearPadding(layer: Layer, dz: usize, rows: i32): void {
  const width = layer.outputs;
  if (!(width & 3)) return;
  const mask = firstLanes(width & 3);
  dz += <usize>(width & ~3) << 2;
  for (let r = 0; r < rows; r++) {
    v128.store(dz, v128.and(v128.load(dz), mask));
    dz += <usize>layer.stride << 2;
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
function softmax(layer: Layer, y: usize, z: usize, rows: i32): void {
  const width = layer.outputs;
  const stride = <usize>layer.stride << 2;
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
    y += stride;
    z += stride;
  }
  clearPadding(layer, y - stride * rows, rows);
}

/** y = log(softmax(z)), row by row; padding lanes 0. */
function logSoftmax(layer: Layer, y: usize, z: usize, rows: i32): void {
  const width = layer.outputs;
  const stride = <usize>layer.stride << 2;
  for (let r = 0; r < rows; r++) {
    const top = f32x4.splat(rowMax(z, width));
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) sums = f32x4.add(sums, exp(f32x4.sub(maskedLogits(z, j, width), top)));
    const logSum = log(f32x4.splat(sumLanes(sums)));
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      v128.store(y + at, f32x4.sub(f32x4.sub(v128.load(z + at), top), logSum));
    }
    y += stride;
    z += stride;
  }
  clearPadding(layer, y - stride * rows, rows);
}

/** dz = y (dy - sum over the row of y dy). */
function softmaxBackward(layer: Layer, dz: usize, dy: usize, y: usize, rows: i32): void {
  const width = layer.outputs;
  const stride = <usize>layer.stride << 2;
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
    y += stride;
    dz += stride;
    dy += stride;
  }
}

/** dz = dy - e^y times the sum of dy over the row. */
function logSoftmaxBackward(layer: Layer, dz: usize, dy: usize, y: usize, rows: i32): void {
  const width = layer.outputs;
  const stride = <usize>layer.stride << 2;
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) sums = f32x4.add(sums, v128.load(dy + (<usize>j << 2)));
    const sum = f32x4.splat(sumLanes(sums));
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      v128.store(dz + at, f32x4.sub(v128.load(dy + at), f32x4.mul(exp(v128.load(y + at)), sum)));
    }
    y += stride;
    dz += stride;
    dy += stride;
  }
}

// PReLU: leaky ReLU whose slope is learned, one for the layer (`shared`: a single float) or one per column (padded to
// whole vectors, padding 0). See: https://arxiv.org/abs/1502.01852

/** y = z for z >= 0, slope z below; y may be z. */
function preluForward(layer: Layer, y: usize, z: usize, slopes: usize, rows: i32): void {
  const stride = <usize>layer.stride << 2;
  const width = layer.outputs;
  const shared = layer.sharesSlope;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      const v = v128.load(z + at);
      const slope = shared ? v128.load32_splat(slopes) : v128.load(slopes + at);
      v128.store(y + at, select(f32x4.ge(v, f32x4.splat(0)), v, f32x4.mul(slope, v)));
    }
    y += stride;
    z += stride;
  }
}

/** dz = dy for z > 0, slope dy elsewhere; dz may be dy. */
function preluBackward(layer: Layer, dz: usize, dy: usize, z: usize, slopes: usize, rows: i32): void {
  const stride = <usize>layer.stride << 2;
  const width = layer.outputs;
  const shared = layer.sharesSlope;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < width; j += 4) {
      const at = <usize>j << 2;
      const delta = v128.load(dy + at);
      const slope = shared ? v128.load32_splat(slopes) : v128.load(slopes + at);
      v128.store(dz + at, select(f32x4.gt(v128.load(z + at), f32x4.splat(0)), delta, f32x4.mul(slope, delta)));
    }
    z += stride;
    dz += stride;
    dy += stride;
  }
}

/** dSlopes += the sum over the batch's rows, ascending (and over columns when shared), of delta z where z <= 0. */
export function preluSlopeGradient(layer: Layer, dSlopes: usize, rows: i32): void {
  const stride = <usize>layer.stride << 2;
  const width = layer.outputs;
  const shared = layer.sharesSlope;
  let sums = f32x4.splat(0);
  for (let j = 0; j < width; j += 4) {
    const mask = firstLanes(width - j);
    let column = layer.delta + (<usize>j << 2);
    let source = layer.z + (<usize>j << 2);
    if (!shared) sums = v128.load(dSlopes + (<usize>j << 2));
    for (let r = 0; r < rows; r++) {
      const v = v128.load(source);
      const positive = f32x4.gt(v, f32x4.splat(0));
      const term = v128.andnot(f32x4.mul(v128.load(column), v), positive);
      sums = f32x4.add(sums, v128.and(term, mask));
      column += stride;
      source += stride;
    }
    if (!shared) v128.store(dSlopes + (<usize>j << 2), sums);
  }
  if (shared) store<f32>(dSlopes, load<f32>(dSlopes) + sumLanes(sums));
}

// Activations over the rows of a layer, forward and back. A layer says where its rows are (z, y, delta, `stride` floats apart)
// and what the rule is; rows [from, to) are one thread's share. Sweeps work on whole vectors, so they also read and write the
// padding lanes up to the next multiple of 4 columns. What they leave there: f(padding) going forward (0 for softmax), 0 going
// back.

import { Activation } from '../abi';
import { TRAINS } from '../build';
import { firstLanes, maxLanes, mulAdd, padded, select, sumLanes } from '../kernels/lanes';
import { exp, log, prepareMath } from '../kernels/math';
import { Layer } from '../memory/model';
import { needsInput, sweepRule } from './activations';
import { Rule } from './activations/rule';

/** y = f(z) for rows [from, to); y may be z. `base`: where the parameters are, for PReLU's slopes. */
export function activate(layer: Layer, base: usize, from: i32, to: i32): void {
  prepareMath();
  const first = (<usize>(from * layer.stride)) << 2;
  const y = layer.y + first;
  const z = layer.z + first;
  const rows = to - from;
  switch (layer.activation) {
    case Activation.Prelu:
      preluForward(layer, y, z, base + layer.slope, rows);
      break;
    case Activation.Softmax:
      softmax(layer, y, z, rows);
      break;
    case Activation.LogSoftmax:
      logSoftmax(layer, y, z, rows);
      break;
    default:
      if (y == z && layer.activation == Activation.Identity) return;
      if (TRAINS) sweepRule<Forward>(layer.activation, changetype<Forward>(layer), y, z, 0, rows);
      else {
        // The loop over rows stands here once, not in each of the rules.
        const stride = (<usize>layer.stride) << 2;
        for (let at: usize = 0, end = stride * rows; at < end; at += stride)
          sweepRule<Forward>(layer.activation, changetype<Forward>(layer), y + at, z + at, 0, 1);
      }
  }
}

/**
 * dz = delta f'(z) for rows [from, to); dz may be the layer's own delta. Reads z where needsInput(id), else y. Padding lanes
 * of dz come out 0. `base`: where the parameters are, for PReLU's slopes.
 */
export function activateBackward(layer: Layer, dz: usize, base: usize, from: i32, to: i32): void {
  prepareMath();
  const first = (<usize>(from * layer.stride)) << 2;
  const dy = layer.delta + first;
  const y = layer.y + first;
  const z = layer.z + first;
  const rows = to - from;
  dz += first;
  switch (layer.activation) {
    case Activation.Prelu:
      preluBackward(layer, dz, dy, z, base + layer.slope, rows);
      break;
    case Activation.Softmax:
      softmaxBackward(layer, dz, dy, y, rows);
      break;
    case Activation.LogSoftmax:
      logSoftmaxBackward(layer, dz, dy, y, rows);
      break;
    default:
      if (dz == dy && layer.activation == Activation.Identity) return;
      const source = needsInput(layer.activation) ? z : y;
      if (TRAINS) sweepRule<Backward>(layer.activation, changetype<Backward>(layer), dz, source, dy, rows);
      else {
        const stride = (<usize>layer.stride) << 2;
        for (let at: usize = 0, end = stride * rows; at < end; at += stride)
          sweepRule<Backward>(layer.activation, changetype<Backward>(layer), dz + at, source + at, dy + at, 1);
      }
  }
  clearPadding(layer, dz, rows);
}

/** A layer, seen as the sweep y = f(z) over its rows: one of them where nothing trains. */
@unmanaged
@final
class Forward {
  over<R extends Rule>(y: usize, z: usize, second: usize, rows: i32): void {
    const layer = changetype<Layer>(this);
    const rule = changetype<R>(changetype<usize>(layer));
    const a = f32x4.splat(layer.activationA);
    const b = f32x4.splat(layer.activationB);
    let rowBytes = (<usize>padded(layer.outputs)) << 2;
    const stride = (<usize>layer.stride) << 2;
    // @ts-ignore: only some rules have it
    if (TRAINS && isDefined(rule.eights) && rowBytes == stride) {
      rowBytes *= rows; // rows without a gap are one long row
      rows = 1;
    }
    for (let r = 0; r < rows; r++) {
      let j: usize = 0;
      // @ts-ignore: only some rules have it
      if (TRAINS && isDefined(rule.eights)) {
        j = rowBytes & ~31;
        // @ts-ignore: the same
        rule.eights(y, z, j);
      }
      for (; j < rowBytes; j += 16) v128.store(y + j, rule.value(v128.load(z + j), a, b));
      if (!TRAINS) break;
      y += stride;
      z += stride;
    }
  }
}

/** A layer, seen as the sweep dz = delta f'(z) over its rows: one of them where nothing trains. */
@unmanaged
@final
class Backward {
  over<R extends Rule>(dz: usize, source: usize, dy: usize, rows: i32): void {
    const layer = changetype<Layer>(this);
    const rule = changetype<R>(changetype<usize>(layer));
    const a = f32x4.splat(layer.activationA);
    const b = f32x4.splat(layer.activationB);
    let rowBytes = (<usize>padded(layer.outputs)) << 2;
    const stride = (<usize>layer.stride) << 2;
    // @ts-ignore: only some rules have it
    if (TRAINS && isDefined(rule.eights) && rowBytes == stride) {
      rowBytes *= rows;
      rows = 1;
    }
    for (let r = 0; r < rows; r++) {
      let j: usize = 0;
      // @ts-ignore: only some rules have it
      if (TRAINS && isDefined(rule.eights))
        for (; j + 16 < rowBytes; j += 32) {
          const s0 = v128.load(source + j),
            s1 = v128.load(source + j, 16);
          const d0 = v128.load(dy + j),
            d1 = v128.load(dy + j, 16);
          v128.store(dz + j, f32x4.mul(d0, rule.derivative(s0, a, b)));
          v128.store(dz + j, f32x4.mul(d1, rule.derivative(s1, a, b)), 16);
        }
      for (; j < rowBytes; j += 16) {
        const slope = rule.derivative(v128.load(source + j), a, b);
        v128.store(dz + j, f32x4.mul(v128.load(dy + j), slope));
      }
      if (!TRAINS) break;
      source += stride;
      dz += stride;
      dy += stride;
    }
  }
}

/** Zeroes the lanes of each row's last vector that lie beyond `width`: dy = 0 there, but 0 times a stray NaN is NaN. */
export function clearPadding(layer: Layer, dz: usize, rows: i32): void {
  const width = layer.outputs;
  if (!(width & 3)) return;
  const mask = firstLanes(width & 3);
  dz += (<usize>(width & ~3)) << 2;
  for (let r = 0; r < rows; r++) {
    v128.store(dz, v128.and(v128.load(dz), mask));
    dz += (<usize>layer.stride) << 2;
  }
}

// Row-wise rules. Maxima and sums run over whole vectors in ascending order, then over lanes in the order of sumLanes, so
// a row's result does not depend on its neighbours.

/** The lanes of row z from column j on, those beyond `width` replaced by -Infinity. */
export function maskedLogits(z: usize, j: i32, width: i32): v128 {
  const v = v128.load(z + ((<usize>j) << 2));
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
  const stride = (<usize>layer.stride) << 2;
  for (let r = 0; r < rows; r++) {
    const top = f32x4.splat(rowMax(z, width));
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) {
      const e = exp(f32x4.sub(maskedLogits(z, j, width), top));
      sums = f32x4.add(sums, e);
      v128.store(y + ((<usize>j) << 2), e);
    }
    const sum = f32x4.splat(sumLanes(sums));
    for (let j = 0; j < width; j += 4) {
      const at = y + ((<usize>j) << 2);
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
  const stride = (<usize>layer.stride) << 2;
  for (let r = 0; r < rows; r++) {
    const top = f32x4.splat(rowMax(z, width));
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) sums = f32x4.add(sums, exp(f32x4.sub(maskedLogits(z, j, width), top)));
    const logSum = log(f32x4.splat(sumLanes(sums)));
    for (let j = 0; j < width; j += 4) {
      const at = (<usize>j) << 2;
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
  const stride = (<usize>layer.stride) << 2;
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) {
      const at = (<usize>j) << 2;
      sums = mulAdd(v128.load(y + at), v128.load(dy + at), sums);
    }
    const sum = f32x4.splat(sumLanes(sums));
    for (let j = 0; j < width; j += 4) {
      const at = (<usize>j) << 2;
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
  const stride = (<usize>layer.stride) << 2;
  for (let r = 0; r < rows; r++) {
    let sums = f32x4.splat(0);
    for (let j = 0; j < width; j += 4) sums = f32x4.add(sums, v128.load(dy + ((<usize>j) << 2)));
    const sum = f32x4.splat(sumLanes(sums));
    for (let j = 0; j < width; j += 4) {
      const at = (<usize>j) << 2;
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
  const stride = (<usize>layer.stride) << 2;
  const width = layer.outputs;
  const shared = layer.sharesSlope;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < width; j += 4) {
      const at = (<usize>j) << 2;
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
  const stride = (<usize>layer.stride) << 2;
  const width = layer.outputs;
  const shared = layer.sharesSlope;
  for (let r = 0; r < rows; r++) {
    for (let j = 0; j < width; j += 4) {
      const at = (<usize>j) << 2;
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
  const stride = (<usize>layer.stride) << 2;
  const width = layer.outputs;
  const shared = layer.sharesSlope;
  let sums = f32x4.splat(0);
  for (let j = 0; j < width; j += 4) {
    const mask = firstLanes(width - j);
    let column = layer.delta + ((<usize>j) << 2);
    let source = layer.z + ((<usize>j) << 2);
    if (!shared) sums = v128.load(dSlopes + ((<usize>j) << 2));
    for (let r = 0; r < rows; r++) {
      const v = v128.load(source);
      const positive = f32x4.gt(v, f32x4.splat(0));
      const term = v128.andnot(f32x4.mul(v128.load(column), v), positive);
      sums = f32x4.add(sums, v128.and(term, mask));
      column += stride;
      source += stride;
    }
    if (!shared) v128.store(dSlopes + ((<usize>j) << 2), sums);
  }
  if (shared) store<f32>(dSlopes, load<f32>(dSlopes) + sumLanes(sums));
}

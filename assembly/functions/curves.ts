// First and second derivatives of activations over the rows of a layer, for the passes over input gradients
// (network/derivatives.ts). Both are made once for a batch; all that follows multiplies by them.

import { mulAdd, padded } from '../kernels/lanes';
import { prepareMath } from '../kernels/math';
import { Layer } from '../memory/model';
import { needsInput, sweepRule } from './activations';
import { Rule } from './activations/rule';
import { clearPadding } from './sweeps';

/** f'(z) and f''(z) of the batch's rows; padding lanes 0. Of activations of one number; those of whole rows trap. */
export function findCurves(layer: Layer, rows: i32): void {
  prepareMath();
  const source = needsInput(layer.activation) ? layer.z : layer.y;
  sweepRule<Curves>(layer.activation, changetype<Curves>(layer), layer.slopes, source, layer.curves, rows);
  clearPadding(layer, layer.slopes, rows);
  clearPadding(layer, layer.curves, rows);
}

/** A layer, seen as the sweep over its rows that finds both derivatives. */
@unmanaged
@final
class Curves {
  over<R extends Rule>(slopes: usize, source: usize, curves: usize, rows: i32): void {
    const layer = changetype<Layer>(this);
    const rule = changetype<R>(changetype<usize>(layer));
    const a = f32x4.splat(layer.activationA);
    const b = f32x4.splat(layer.activationB);
    const rowBytes = (<usize>padded(layer.outputs)) << 2;
    const stride = (<usize>layer.stride) << 2;
    for (let r = 0, row: usize = 0; r < rows; r++, row += stride) {
      for (let at = row; at < row + rowBytes; at += 16) {
        const s = v128.load(source + at);
        const slope = rule.derivative(s, a, b);
        v128.store(slopes + at, slope);
        v128.store(curves + at, rule.second(s, slope, a, b));
      }
    }
  }
}

/** With d output / d y where delta is: bend = f''(z) delta, then into `out`, which may be delta, d output / d z = f'(z) delta. */
export function bendAdjoint(layer: Layer, out: usize, rows: i32): void {
  const rowBytes = (<usize>padded(layer.outputs)) << 2;
  const stride = (<usize>layer.stride) << 2;
  for (let r = 0, row: usize = 0; r < rows; r++, row += stride)
    for (let at = row; at < row + rowBytes; at += 16) {
      const dy = v128.load(layer.delta + at);
      v128.store(layer.bend + at, f32x4.mul(v128.load(layer.curves + at), dy));
      v128.store(out + at, f32x4.mul(v128.load(layer.slopes + at), dy));
    }
}

/** From the tangent t of z, which may be where y's is to be: turned = bend t, or with `adds` += it; the tangent of y = f'(z) t. */
export function turnTangent(layer: Layer, t: usize, adds: bool, rows: i32): void {
  const rowBytes = (<usize>padded(layer.outputs)) << 2;
  const stride = (<usize>layer.stride) << 2;
  for (let r = 0, row: usize = 0; r < rows; r++, row += stride)
    for (let at = row; at < row + rowBytes; at += 16) {
      const dz = v128.load(t + at);
      const turned = f32x4.mul(v128.load(layer.bend + at), dz);
      v128.store(layer.turned + at, adds ? f32x4.add(v128.load(layer.turned + at), turned) : turned);
      v128.store(layer.tangent + at, f32x4.mul(v128.load(layer.slopes + at), dz));
    }
}

/** out = f'(z) delta + turned, or delta + turned where delta `skips` the activation; out may be delta. */
export function turnDelta(layer: Layer, out: usize, skips: bool, rows: i32): void {
  const rowBytes = (<usize>padded(layer.outputs)) << 2;
  const stride = (<usize>layer.stride) << 2;
  for (let r = 0, row: usize = 0; r < rows; r++, row += stride)
    for (let at = row; at < row + rowBytes; at += 16) {
      const slope = skips ? f32x4.splat(1) : v128.load(layer.slopes + at);
      v128.store(out + at, mulAdd(slope, v128.load(layer.delta + at), v128.load(layer.turned + at)));
    }
}

// Numbers as coloured pixels, painted in the worker.

import type { Palette, Picture } from './messages';

const mix = (from: number, to: number, share: number) => from + (to - from) * share;

function paint(pixels: Uint8ClampedArray, k: number, { ground, classes }: Palette, which: number, strength: number): void {
  const colour = classes[which]!;
  const share = Math.min(1, Math.max(0, strength));
  pixels[4 * k] = mix(ground[0], colour[0], share);
  pixels[4 * k + 1] = mix(ground[1], colour[1], share);
  pixels[4 * k + 2] = mix(ground[2], colour[2], share);
  pixels[4 * k + 3] = 255;
}

/** Answers between -1 and 1, `step` numbers apart, from column `column` on: one colour below 0, the other above. */
export function signedPicture(
  values: ArrayLike<number>,
  side: number,
  palette: Palette,
  column = 0,
  step = 1,
  scale = 1,
): Picture {
  const pixels = new Uint8ClampedArray(4 * side * side);
  for (let k = 0; k < side * side; k++) {
    const value = values[k * step + column]! * scale;
    paint(pixels, k, palette, value > 0 ? 1 : 0, Math.abs(value));
  }
  return { width: side, height: side, pixels };
}

/** Probabilities of one class of two, or of each of several. */
export function classPicture(values: Float32Array, side: number, outputs: number, palette: Palette): Picture {
  const pixels = new Uint8ClampedArray(4 * side * side);
  for (let k = 0; k < side * side; k++) {
    if (outputs === 1) {
      const p = values[k]!;
      paint(pixels, k, palette, p > 0.5 ? 1 : 0, 0.12 + 0.66 * Math.abs(2 * p - 1));
      continue;
    }
    let best = 0;
    for (let c = 1; c < outputs; c++) if (values[k * outputs + c]! > values[k * outputs + best]!) best = c;
    const sure = (values[k * outputs + best]! - 1 / outputs) / (1 - 1 / outputs);
    paint(pixels, k, palette, best, 0.12 + 0.66 * sure);
  }
  return { width: side, height: side, pixels };
}

/** A line through values between -1 and 1. */
export function linePicture(
  values: ArrayLike<number>,
  side: number,
  palette: Palette,
  column: number,
  step: number,
  scale: number,
): Picture {
  const pixels = new Uint8ClampedArray(4 * side * side);
  for (let k = 0; k < side * side; k++) paint(pixels, k, palette, 0, 0);
  for (let i = 0, before = 0; i < side; i++) {
    const value = values[i * step + column]! * scale;
    const row = Math.min(side - 1, Math.max(0, Math.round(((1 - value) / 2) * (side - 1))));
    const from = i === 0 ? row : before;
    for (let r = Math.min(from, row); r <= Math.max(from, row); r++) paint(pixels, r * side + i, palette, value > 0 ? 1 : 0, 0.9);
    before = row;
  }
  return { width: side, height: side, pixels };
}

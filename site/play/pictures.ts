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

/** Colours of many values between -reach and reach, as whole pixels: a look-up for each pixel is all that a large picture can afford. */
class Ramp {
  private readonly colours: Uint32Array;

  constructor(
    palette: Palette,
    private readonly reach: number,
    strength: (value: number) => number,
  ) {
    const bytes = new Uint8ClampedArray(4 * (steps + 1));
    for (let k = 0; k <= steps; k++) {
      const value = reach * ((2 * k) / steps - 1);
      paint(bytes, k, palette, value > 0 ? 1 : 0, strength(value));
    }
    this.colours = new Uint32Array(bytes.buffer);
  }

  paint(values: Float32Array, scale: number, side: number): Picture {
    const pixels = new Uint32Array(side * side);
    const { colours } = this;
    const factor = (steps / 2 / this.reach) * scale;
    for (let k = 0; k < pixels.length; k++) {
      const place = values[k]! * factor + steps / 2;
      pixels[k] = colours[place > 0 ? (place < steps ? place : steps) | 0 : 0]!;
    }
    return { width: side, height: side, pixels: new Uint8ClampedArray(pixels.buffer) };
  }
}

const steps = 2048;

/** One ramp for each palette. */
function ramps(reach: number, strength: (value: number) => number): (palette: Palette) => Ramp {
  let made: { palette: Palette; ramp: Ramp } | undefined;
  return (palette) => {
    if (made?.palette !== palette) made = { palette, ramp: new Ramp(palette, reach, strength) };
    return made.ramp;
  };
}

const sure = (share: number) => 0.12 + 0.66 * share;
const logits = ramps(12, (z) => sure(Math.abs(Math.tanh(z / 2))));
const probabilities = ramps(1, (p) => sure(Math.abs(p)));
const numbers = ramps(1, Math.abs);

/** Answers of one class of two: its probability, or the number that becomes one through a sigmoid. */
export function answerPicture(values: Float32Array, side: number, palette: Palette, unbent: boolean): Picture {
  if (unbent) return logits(palette).paint(values, 1, side);
  return probabilities(palette).paint(
    values.map((p) => 2 * p - 1),
    1,
    side,
  );
}

/** Numbers, whose full colours are at -1 / scale and 1 / scale. */
export const numberPicture = (values: Float32Array, side: number, palette: Palette, scale: number): Picture =>
  numbers(palette).paint(values, scale, side);

/** Probabilities of several classes: the likeliest. */
export function classPicture(values: Float32Array, side: number, outputs: number, palette: Palette): Picture {
  const pixels = new Uint8ClampedArray(4 * side * side);
  for (let k = 0; k < side * side; k++) {
    let best = 0;
    for (let c = 1; c < outputs; c++) if (values[k * outputs + c]! > values[k * outputs + best]!) best = c;
    const share = (values[k * outputs + best]! - 1 / outputs) / (1 - 1 / outputs);
    paint(pixels, k, palette, best, sure(share));
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

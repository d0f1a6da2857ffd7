// Numbers as coloured pixels, painted in the worker. A picture has tens of thousands of them thirty times a second, so that a look-up for
// each is all it can afford.

import type { Palette, Picture } from './messages';

/** Colours between two of a ramp's ends. */
const steps = 2048;
const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** A pixel of a class, whose colour stands out of the ground by `strength`, 0 to 1. */
function pixelOf({ ground, classes }: Palette, which: number, strength: number): number {
  const share = Math.min(1, Math.max(0, strength));
  const [red, green, blue] = classes[which]!.map((to, k) => Math.round(ground[k]! + (to - ground[k]!) * share)) as [
    number,
    number,
    number,
  ];
  const pixel = isLittleEndian
    ? 0xff000000 | (blue << 16) | (green << 8) | red
    : (red << 24) | (green << 16) | (blue << 8) | 0xff;
  return pixel >>> 0;
}

const pictureOf = (pixels: Uint32Array<ArrayBuffer>, side: number): Picture => ({
  width: side,
  height: side,
  pixels: new Uint8ClampedArray(pixels.buffer),
});

/** Colours of values between -reach and reach: those of class 0 below 0, those of class 1 above. */
class Ramp {
  private readonly colours: Uint32Array;

  constructor(
    palette: Palette,
    private readonly reach: number,
    strength: (value: number) => number,
  ) {
    this.colours = Uint32Array.from({ length: steps + 1 }, (_, k) => {
      const value = reach * ((2 * k) / steps - 1);
      return pixelOf(palette, value > 0 ? 1 : 0, strength(value));
    });
  }

  /** Values `step` numbers apart, from number `first` on, times `scale`. */
  paint(values: Float32Array, side: number, scale: number, first = 0, step = 1): Picture {
    const pixels = new Uint32Array(side * side);
    const { colours } = this;
    const factor = (steps / 2 / this.reach) * scale;
    for (let k = 0, at = first; k < pixels.length; k++, at += step) {
      const place = values[at]! * factor + steps / 2;
      pixels[k] = colours[place > 0 ? (place < steps ? place : steps) | 0 : 0]!;
    }
    return pictureOf(pixels, side);
  }
}

/** What was made of the palette before. */
function remembered<T>(make: (palette: Palette) => T): (palette: Palette) => T {
  let last: { palette: Palette; made: T } | undefined;
  return (palette) => {
    if (last?.palette !== palette) last = { palette, made: make(palette) };
    return last.made;
  };
}

const sure = (share: number) => 0.12 + 0.66 * share;
const logits = remembered((palette) => new Ramp(palette, 12, (z) => sure(Math.abs(Math.tanh(z / 2)))));
const probabilities = remembered((palette) => new Ramp(palette, 1, (p) => sure(Math.abs(p))));
const numbers = remembered((palette) => new Ramp(palette, 1, Math.abs));

/** Answers of one class of two: its probability, or the number that becomes one through a sigmoid. */
export function answerPicture(values: Float32Array, side: number, palette: Palette, unbent: boolean): Picture {
  if (unbent) return logits(palette).paint(values, side, 1);
  return probabilities(palette).paint(
    values.map((p) => 2 * p - 1),
    side,
    1,
  );
}

/** Numbers whose full colours are at -1 / scale and 1 / scale: every `step`th, from number `first` on. */
export const numberPicture = (
  values: Float32Array,
  side: number,
  palette: Palette,
  scale: number,
  first = 0,
  step = 1,
): Picture => numbers(palette).paint(values, side, scale, first, step);

/** Colours of each class from the palest to the full one. */
const classRamps = remembered((palette) =>
  palette.classes.map((_, which) => Uint32Array.from({ length: steps + 1 }, (_, k) => pixelOf(palette, which, sure(k / steps)))),
);

/** Probabilities of several classes: the likeliest. */
export function classPicture(values: Float32Array, side: number, outputs: number, palette: Palette): Picture {
  const pixels = new Uint32Array(side * side);
  const ramps = classRamps(palette);
  for (let k = 0; k < pixels.length; k++) {
    let best = 0;
    for (let c = 1; c < outputs; c++) if (values[k * outputs + c]! > values[k * outputs + best]!) best = c;
    const share = (values[k * outputs + best]! - 1 / outputs) / (1 - 1 / outputs);
    pixels[k] = ramps[best]![share > 0 ? (share * steps) | 0 : 0]!;
  }
  return pictureOf(pixels, side);
}

/** A line through values between -1 / scale and 1 / scale: every `step`th, from number `first` on. */
export function linePicture(
  values: Float32Array,
  side: number,
  palette: Palette,
  scale: number,
  first: number,
  step: number,
): Picture {
  const pixels = new Uint32Array(side * side).fill(pixelOf(palette, 0, 0));
  const line = [pixelOf(palette, 0, 0.9), pixelOf(palette, 1, 0.9)] as const;
  for (let i = 0, before = 0; i < side; i++) {
    const value = values[first + i * step]! * scale;
    const row = Math.min(side - 1, Math.max(0, Math.round(((1 - value) / 2) * (side - 1))));
    const from = i === 0 ? row : before;
    for (let r = Math.min(from, row); r <= Math.max(from, row); r++) pixels[r * side + i] = line[value > 0 ? 1 : 0];
    before = row;
  }
  return pictureOf(pixels, side);
}

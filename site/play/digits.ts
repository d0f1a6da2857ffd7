// Handwritten digits: 1,797 pictures of 8 x 8 pixels (E. Alpaydin and C. Kaynak, UCI, CC BY 4.0). They come with the first experiment
// that asks for them.

import { matrix, Random } from 'feedforward';
import type { Made } from './data';
import type { Experiment } from './experiment';
import { digitSide } from './strokes';

const size = digitSide * digitSide;
/** Mean and deviation of all pixels, which lie between 0 (paper) and 1 (ink). */
const center = Math.fround(0.305);
const scale = Math.fround(0.376);

let lines: readonly string[] | undefined;

/** Hands over the text of the digits: for each a line of the digit and its pixels as letters. */
export function useDigits(text: string): void {
  lines = text.trim().split('\n');
}

/** The rows of an experiment on digits. @throws in words, where they are not there yet. */
export function digitRows({ data, heldOut, seed }: Experiment): Made {
  if (lines === undefined) throw new Error('The digits are still on their way.');
  const order = new Random(seed, 'digits').permutation(lines.length).slice(0, data.samples);
  const cut = Math.max(2, Math.min(order.length - 1, Math.round(order.length * (1 - heldOut))));
  const take = (ids: ArrayLike<number>) => {
    const chosen = Array.from(ids, (id) => lines![id]!);
    return {
      points: new Float32Array(0),
      X: matrix({
        data: Float32Array.from(
          { length: chosen.length * size },
          (_, k) => (chosen[Math.floor(k / size)]!.charCodeAt(1 + (k % size)) - 65) / 16,
        ),
        shape: [chosen.length, size],
      }),
      y: matrix({ data: Float32Array.from(chosen, (line) => Number(line[0])), shape: [chosen.length, 1] }),
    };
  };
  return {
    train: take(order.slice(0, cut)),
    test: take(order.slice(cut)),
    range: [-1, 1],
    targets: [0, 9],
    center: new Array(size).fill(center),
    scale: new Array(size).fill(scale),
  };
}

// A drawing as a picture of the digits' kind.

/** Pixels of a digit along one side. */
export const digitSide = 8;

/** Lines that were drawn, each of points between 0 and 1, downwards. */
export type Strokes = readonly (readonly (readonly [x: number, y: number])[])[];

/** Ink of the data: the height of a digit and the width of its lines on 32 x 32 places, of which 4 x 4 become one pixel. */
const fine = 32;
const tall = 26;
const wide = 4.6;

/** A drawing as a digit of the data: scaled to their height, in the middle, with lines as wide as theirs. */
export function pixelsOf(strokes: Strokes): Float32Array<ArrayBuffer> {
  const points = strokes.flat();
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const factor = tall / Math.max(bottom - top, right - left, 0.05);
  const canvas = Object.assign(document.createElement('canvas'), { width: fine, height: fine });
  const context = canvas.getContext('2d')!;
  context.translate(fine / 2, fine / 2);
  context.lineWidth = wide;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const stroke of strokes) {
    context.beginPath();
    for (const [i, [x, y]] of stroke.entries()) {
      const place = [(x - (left + right) / 2) * factor, (y - (top + bottom) / 2) * factor] as const;
      if (i === 0) context.moveTo(...place);
      context.lineTo(...place);
    }
    context.stroke();
  }
  const ink = context.getImageData(0, 0, fine, fine).data;
  const pixels = new Float32Array(digitSide * digitSide);
  const step = fine / digitSide;
  for (let y = 0; y < fine; y++)
    for (let x = 0; x < fine; x++)
      pixels[Math.floor(y / step) * digitSide + Math.floor(x / step)]! += ink[4 * (y * fine + x) + 3]! / 255 / step ** 2;
  return pixels.map((value) => Math.round(16 * value) / 16);
}

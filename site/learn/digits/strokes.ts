// Strokes as the small grey images that the network was trained on: scaled into a box, drawn with a soft pen, centred by their mass, halved.

/** Points of one stroke, 0 to 1 from the top left. */
export type Stroke = readonly (readonly [number, number])[];

const full = 28;
const box = 20;
/** Of the pen, in pixels of the full image. */
const radius = 1.3;

/** Distance from a point to the part of a line between two others. */
function distance(x: number, y: number, [ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): number {
  const [dx, dy] = [bx - ax, by - ay];
  const size = dx * dx + dy * dy;
  const t = size === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / size));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
}

/** The strokes as `side` x `side` values from 0 to 1, row by row; all 0 where there are none. */
export function seen(strokes: readonly Stroke[], side: number): Float32Array {
  const all = strokes.flat();
  const out = new Float32Array(side * side);
  if (all.length === 0) return out;
  const xs = all.map(([x]) => x);
  const ys = all.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const size = Math.max(Math.max(...xs) - left, Math.max(...ys) - top, 0.02);
  const scale = (box - 2 * radius) / size;
  let [shiftX, shiftY] = [0, 0];
  const ink = new Float32Array(full * full);
  // First as it comes, to find its mass; then with that in the middle.
  for (let round = 0; round < 2; round++) {
    const placed = strokes.map((stroke) =>
      stroke.map(([x, y]) => [(x - left) * scale + 4 + radius + shiftX, (y - top) * scale + 4 + radius + shiftY] as const),
    );
    let [mass, sumX, sumY] = [0, 0, 0];
    for (let r = 0; r < full; r++)
      for (let c = 0; c < full; c++) {
        let nearest = Infinity;
        for (const points of placed)
          for (let i = 0; i < points.length; i++)
            nearest = Math.min(nearest, distance(c + 0.5, r + 0.5, points[Math.max(0, i - 1)]!, points[i]!));
        const value = Math.min(1, Math.max(0, radius + 0.5 - nearest));
        ink[r * full + c] = value;
        mass += value;
        sumX += value * (c + 0.5);
        sumY += value * (r + 0.5);
      }
    if (round === 0 && mass > 0) [shiftX, shiftY] = [full / 2 - sumX / mass, full / 2 - sumY / mass];
  }
  const step = full / side;
  for (let r = 0; r < full; r++)
    for (let c = 0; c < full; c++) {
      const at = Math.floor(r / step) * side + Math.floor(c / step);
      out[at] = out[at]! + ink[r * full + c]! / (step * step);
    }
  return out;
}

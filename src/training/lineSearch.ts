// Step lengths along a direction: one that satisfies the strong Wolfe conditions, or, by halving, Armijo's alone.
// See: Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 3.5 and 3.6; interpolation formula 3.59.

import type { Work } from './slices.js';

/** The function along the line at one step length. */
export interface LinePoint {
  readonly step: number;
  readonly value: number;
  /** Derivative along the direction. */
  readonly slope: number;
}

/** Enough decrease, and a slope gone flat enough. */
const decrease = 1e-4;
const flatness = 0.9;
/** Relative size of the rounding in float32 losses: below it values cannot be told apart, and slopes decide alone. */
const noise = 1e-7;

/**
 * From `start` (step 0, slope < 0), trying `first` first, at most `most` evaluations. Returns the accepted point, or the
 * best with a lower value than the start's, or undefined when there is none.
 */
export function* strongWolfe<Point extends LinePoint>(
  evaluate: (step: number) => Work<Point>,
  start: LinePoint,
  first: number,
  most: number,
): Work<Point | undefined> {
  let best: Point | undefined;
  let calls = 0;
  const at = function* (step: number): Work<Point> {
    calls++;
    const point = yield* evaluate(step);
    if (Number.isFinite(point.slope) && point.value < (best?.value ?? start.value)) best = point;
    return point;
  };
  const tooHigh = (point: LinePoint) =>
    !(point.value <= start.value + decrease * point.step * start.slope) && !levelled(point, start);
  const flat = (point: LinePoint) => Math.abs(point.slope) <= -flatness * start.slope;

  let low: LinePoint = start;
  let high: LinePoint | undefined;
  let step = first;
  let before: LinePoint = start;
  while (high === undefined && calls < most) {
    const point = yield* at(step);
    if (
      !Number.isFinite(point.value + point.slope) ||
      tooHigh(point) ||
      (calls > 1 && point.value >= before.value && !levelled(point, start))
    ) {
      low = before;
      high = point;
    } else if (flat(point)) return point;
    else if (point.slope >= 0) {
      low = point;
      high = before;
    } else {
      const longer = cubicMinimum(before, point, 2 * step, 10 * step, 4 * step);
      before = point;
      step = longer;
    }
  }
  while (high !== undefined && calls < most) {
    const width = high.step - low.step;
    if (Math.abs(width) <= 1e-12 * Math.max(Math.abs(low.step), Math.abs(high.step))) break;
    const from = low.step + 0.1 * width;
    const to = low.step + 0.9 * width;
    const point = yield* at(cubicMinimum(low, high, Math.min(from, to), Math.max(from, to), low.step + 0.5 * width));
    if (!Number.isFinite(point.value + point.slope) || tooHigh(point) || (point.value >= low.value && !levelled(point, start)))
      high = point;
    else {
      if (flat(point)) return point;
      if (point.slope * width >= 0) high = low;
      low = point;
    }
  }
  return best;
}

/**
 * From `start` (step 0, slope < 0): `first`, halved until the value is finite and at most start.value + 1e-4 step start.slope, in at most `most`
 * evaluations; undefined when none is. See: Armijo 1966; Nocedal & Wright, algorithm 3.1.
 */
export function* armijo<Point extends LinePoint>(
  evaluate: (step: number) => Work<Point>,
  start: LinePoint,
  first: number,
  most: number,
): Work<Point | undefined> {
  let step = first;
  for (let call = 0; call < most; call++, step /= 2) {
    const point = yield* evaluate(step);
    if (Number.isFinite(point.slope) && point.value <= start.value + decrease * step * start.slope) return point;
  }
  return undefined;
}

/** As high as the start up to rounding, and not steeper than near a minimum. See: Hager & Zhang 2005, approximate Wolfe. */
function levelled(point: LinePoint, start: LinePoint): boolean {
  return Math.abs(point.value - start.value) <= noise * Math.abs(start.value) && point.slope <= (2 * decrease - 1) * start.slope;
}

/** Where the cubic through two points and their slopes is least, kept within [from, to]; `otherwise` when it has no minimum. */
function cubicMinimum(a: LinePoint, b: LinePoint, from: number, to: number, otherwise: number): number {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.step - b.step);
  const d2 = Math.sign(b.step - a.step) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  const step = b.step - (b.step - a.step) * ((b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2));
  return Number.isFinite(step) ? Math.min(to, Math.max(from, step)) : otherwise;
}

// Contours of a quadratic loss, a path of steps over them, and where it starts, to be dragged.

import { Dots, Handle, Line, type Shape, type Tone } from '../kit';
import type { Point, Valley } from './valley';

/** Second derivatives. */
export interface Curvature {
  readonly aa: number;
  readonly ab: number;
  readonly bb: number;
}

export function curvatureOf({ curvatures: [flat, steep], angle = 0 }: Valley): Curvature {
  const [c, s] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
  return { aa: flat * c * c + steep * s * s, ab: (flat - steep) * c * s, bb: flat * s * s + steep * c * c };
}

/** Curves of equal loss around its least, at `levels` above it. */
export function Contours({
  of: { aa, ab, bb },
  center = [0, 0],
  levels,
}: {
  of: Curvature;
  center?: Point;
  levels: readonly number[];
}) {
  // Eigenvectors of the matrix of second derivatives.
  const turn = 0.5 * Math.atan2(2 * ab, aa - bb);
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const along = aa * c * c + 2 * ab * c * s + bb * s * s;
  const across = aa * s * s - 2 * ab * c * s + bb * c * c;
  const ring = (level: number) =>
    Array.from({ length: 73 }, (_, i): Point => {
      const [p, q] = [
        Math.sqrt((2 * level) / along) * Math.cos((i * Math.PI) / 36),
        Math.sqrt((2 * level) / across) * Math.sin((i * Math.PI) / 36),
      ];
      return [center[0] + p * c - q * s, center[1] + p * s + q * c];
    });
  return (
    <g class="contours">
      {levels.map((level) => (
        <Line key={level} points={ring(level)} tone="soft" thin />
      ))}
      <Dots points={[center]} shape="cross" tone="soft" size={5} />
    </g>
  );
}

/** Where each step led, joined by a line. */
export function Path({
  points,
  tone = 0,
  shape = 'circle',
  dashed = false,
  size = 3,
}: {
  points: readonly Point[];
  tone?: Tone;
  shape?: Shape;
  dashed?: boolean;
  size?: number;
}) {
  return (
    <>
      <Line {...{ points, tone, dashed }} />
      {size > 0 && <Dots points={points.slice(1)} {...{ tone, shape, size }} />}
    </>
  );
}

/** The first weights. */
export function Start({
  at,
  set,
  within,
}: {
  at: Point;
  set: (at: Point) => void;
  within: readonly [readonly [number, number], readonly [number, number]];
}) {
  return <Handle {...{ at, set, within }} label="start" step={0.25} size={8} />;
}

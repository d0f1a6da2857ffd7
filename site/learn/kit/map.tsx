// Values over a rectangle as colours: one colour where they are below a level, another above, paler near it.

import type { CSSProperties } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { themeColour } from '../../theme';
import { theme } from './theme';

export interface MapOf {
  /** Row by row, from the top left: of `gridPoints`, say. */
  readonly values: ArrayLike<number>;
  readonly columns: number;
  /** Where one colour becomes the other (default 0). */
  readonly level?: number;
  /** A value so far from the level has the full colour (default 1). */
  readonly scale?: number;
  /** Two colours without shades. */
  readonly flat?: boolean;
}

/** Points of a grid over [left, right] x [bottom, top], row by row from the top left: what ValueMap's values belong to. */
export function gridPoints(
  columns: number,
  [left, right]: readonly [number, number],
  [bottom, top]: readonly [number, number],
  rows = columns,
): number[][] {
  const points: number[][] = [];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      points.push([left + ((c + 0.5) / columns) * (right - left), top - ((r + 0.5) / rows) * (top - bottom)]);
  return points;
}

export function ValueCanvas({ of, style }: { of: MapOf; style?: CSSProperties }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const now = theme.value; // colours differ by theme
  const { values, columns, level = 0, scale = 1, flat = false } = of;
  const rows = values.length / columns;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const ground = themeColour('--card');
    const tones = [themeColour('--class0'), themeColour('--class1')] as const;
    const pixels = new Uint8ClampedArray(4 * values.length);
    for (let k = 0; k < values.length; k++) {
      const above = values[k]! - level;
      const share = flat ? 0.35 : 0.1 + 0.5 * Math.min(1, Math.abs(above) / scale);
      const tone = tones[above > 0 ? 1 : 0];
      for (let j = 0; j < 3; j++) pixels[4 * k + j] = ground[j]! + (tone[j]! - ground[j]!) * share;
      pixels[4 * k + 3] = 255;
    }
    context.putImageData(new ImageData(pixels, columns, rows), 0, 0);
  }, [values, columns, rows, level, scale, flat, now]);
  return <canvas ref={canvas} class="values" width={columns} height={rows} style={style} aria-hidden="true" />;
}

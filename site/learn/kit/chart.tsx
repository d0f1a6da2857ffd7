// Curves with names: the usual picture of numbers against numbers.

import type { ComponentChildren } from 'preact';
import { Axes, type Axis, Dots, Line, Mark, type Point, type Shape, type Tone, toneClass } from './axes';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  readonly tone?: Tone;
  readonly dashed?: boolean;
  /** Marks in place of a curve. */
  readonly dots?: Shape;
  /** Left out of the legend. */
  readonly quiet?: boolean;
}

/** Curves and dots between axes, with a legend. `children`: further marks. */
export function Chart({
  x,
  y,
  series,
  label,
  ratio,
  most,
  children,
}: {
  x: Axis;
  y: Axis;
  series: readonly Series[];
  label: string;
  ratio?: number;
  most?: number;
  children?: ComponentChildren;
}) {
  const toned = series.map((one, i) => ({ tone: (i % 4) as Tone, ...one }));
  return (
    <figure class="chart">
      <Axes {...{ x, y, label, ratio, most }}>
        {toned.map(({ name, points, tone, dashed, dots }) =>
          dots === undefined ? (
            <Line key={name} {...{ points, tone, dashed }} />
          ) : (
            <Dots key={name} {...{ points, tone }} shape={dots} size={4} />
          ),
        )}
        {children}
      </Axes>
      <Legend of={toned.filter(({ quiet }) => !quiet)} />
    </figure>
  );
}

/** What each curve or mark is. */
export const Legend = ({ of }: { of: readonly { name: string; tone?: Tone; dashed?: boolean; dots?: Shape }[] }) => (
  <ul class="legend">
    {of.map(({ name, tone = 0, dashed, dots }) => (
      <li key={name}>
        <svg width="24" height="12" aria-hidden="true">
          {dots === undefined ? (
            <line class={`curve ${toneClass(tone)}${dashed ? ' dashed' : ''}`} x1="1" x2="23" y1="6" y2="6" />
          ) : (
            <Mark cx={12} cy={6} shape={dots} tone={tone} size={4.5} />
          )}
        </svg>
        {name}
      </li>
    ))}
  </ul>
);

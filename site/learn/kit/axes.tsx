// Two axes with names and ticks, and what is drawn between them: lines, dots, maps of values, things to drag. SVG over a canvas; ticks and curves by d3.

import { tickIncrement, ticks } from 'd3-array';
import { line } from 'd3-shape';
import { type ComponentChildren, createContext } from 'preact';
import { useContext, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type MapOf, ValueCanvas } from './map';
import { withMinus } from './numbers';

export interface Axis {
  readonly label: string;
  readonly from: number;
  readonly to: number;
  /** Powers of ten at equal distances; from and to must be above 0. */
  readonly log?: boolean;
  /** About how many ticks (default 5), or which, or none. */
  readonly ticks?: number | readonly number[];
}

export type Point = readonly [number, number];

interface Scale {
  (value: number): number;
  invert(pixel: number): number;
}

/** Where values of the axes lie in the SVG, in pixels. */
export interface Place {
  readonly x: Scale;
  readonly y: Scale;
  /** The rectangle between the axes. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const PlaceOf = createContext<Place | undefined>(undefined);

/** For marks of one's own: where values lie. */
export function usePlace(): Place {
  const place = useContext(PlaceOf);
  if (place === undefined) throw new Error('A mark stands outside of Axes.');
  return place;
}

const superscript = (power: number) =>
  String(power)
    .split('')
    .map((digit) => (digit === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]))
    .join('');

const logTicks = ({ from, to }: Axis) => {
  const [low, high] = [Math.ceil(Math.log10(from) - 1e-9), Math.floor(Math.log10(to) + 1e-9)];
  const every = Math.max(1, Math.ceil((high - low) / 6));
  return Array.from({ length: Math.max(0, Math.floor((high - low) / every) + 1) }, (_, i) => low + i * every);
};

/** Values to pixels, evenly or by their logarithms; and where the ticks are. */
function scaleOf(axis: Axis, [start, end]: [number, number]) {
  const bend = axis.log === true ? Math.log10 : (value: number) => value;
  const [from, to] = [bend(axis.from), bend(axis.to)];
  const scale: Scale = Object.assign((value: number) => start + ((bend(value) - from) / (to - from)) * (end - start), {
    invert: (pixel: number) => {
      const value = from + ((pixel - start) / (end - start)) * (to - from);
      return axis.log === true ? 10 ** value : value;
    },
  });
  if (axis.log === true && typeof axis.ticks === 'object')
    return { scale, ticks: axis.ticks.map((value) => ({ at: scale(value), text: String(value) })) };
  if (axis.log === true)
    return {
      scale,
      ticks: logTicks(axis).map((power) => ({ at: scale(10 ** power), text: power === 0 ? '1' : `10${superscript(power)}` })),
    };
  const count = typeof axis.ticks === 'number' ? axis.ticks : 5;
  const values = typeof axis.ticks === 'object' ? axis.ticks : count === 0 ? [] : ticks(axis.from, axis.to, count);
  // A step of 0.25 has two digits; d3 gives steps below 1 as their inverse, negative.
  const step = tickIncrement(axis.from, axis.to, count);
  const digits = step < 0 ? Math.ceil(Math.log10(-step) - 1e-9) : 0;
  const words = (value: number) => (typeof axis.ticks === 'object' ? String(value) : value.toFixed(digits)).replace('-', '−');
  return { scale, ticks: values.map((value) => ({ at: scale(value), text: words(value) })) };
}

/** The width that an element has, as it changes. */
function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current!;
    setWidth(element.clientWidth);
    const watch = new ResizeObserver(() => setWidth(element.clientWidth));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return { ref, width };
}

/**
 * Axes around what stands inside. `label` says what is seen now, for those who do not see it. `ratio` is height over width of the part
 * between the axes (1: a square), `most` the pixels that it is wide at most. `map`: values painted below everything.
 */
export function Axes({
  x,
  y,
  label,
  ratio = 0.6,
  most = 640,
  map,
  children,
}: {
  x: Axis;
  y: Axis;
  label: string;
  ratio?: number;
  most?: number;
  map?: MapOf | undefined;
  children?: ComponentChildren;
}) {
  const { ref, width: room } = useWidth();
  const clip = useId();
  // Room for the longest label between the name of the axis and the axis.
  const longest = Math.max(0, ...scaleOf(y, [1, 0]).ticks.map(({ text }) => text.length));
  const [left, right, top, bottom] = [y.ticks === 0 ? 24 : Math.max(50, 29 + 7 * longest), 14, 10, x.ticks === 0 ? 24 : 42];
  const width = Math.max(10, Math.min(room - left - right, most));
  const height = Math.round(width * ratio);
  const across = scaleOf(x, [left, left + width]);
  const up = scaleOf(y, [top + height, top]);
  const place: Place = { x: across.scale, y: up.scale, ...{ left, top, width, height } };
  return (
    <div class="axes" ref={ref}>
      {room > 0 && (
        <div class="plot" style={{ width: `${left + width + right}px`, height: `${top + height + bottom}px` }}>
          {map !== undefined && (
            <ValueCanvas of={map} style={{ left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` }} />
          )}
          <svg width={left + width + right} height={top + height + bottom} role="group" aria-label={label}>
            <clipPath id={clip}>
              <rect x={left} y={top} {...{ width, height }} />
            </clipPath>
            <g role="img" aria-label={label}>
              {across.ticks.map(({ at, text }) => (
                <g key={text} class="tick">
                  <line x1={at} x2={at} y1={top} y2={top + height} />
                  <text x={at} y={top + height + 16} text-anchor="middle">
                    {text}
                  </text>
                </g>
              ))}
              {up.ticks.map(({ at, text }) => (
                <g key={text} class="tick">
                  <line x1={left} x2={left + width} y1={at} y2={at} />
                  <text x={left - 6} y={at} dy="0.32em" text-anchor="end">
                    {text}
                  </text>
                </g>
              ))}
              <rect class="frame" x={left} y={top} {...{ width, height }} />
              <text class="name" x={left + width / 2} y={top + height + bottom - 7} text-anchor="middle">
                {x.label}
              </text>
              <text class="name" transform={`translate(12 ${top + height / 2}) rotate(-90)`} text-anchor="middle">
                {y.label}
              </text>
            </g>
            <PlaceOf.Provider value={place}>
              <g clip-path={`url(#${clip})`}>{children}</g>
            </PlaceOf.Provider>
          </svg>
        </div>
      )}
    </div>
  );
}

/** 0 to 3 are the four colours, told apart by those who are colour-blind; 'ink' and 'soft' those of text. */
export type Tone = 0 | 1 | 2 | 3 | 'ink' | 'soft';
export const toneClass = (tone: Tone) => `tone-${tone}`;

/** A curve through points; a gap where one is not finite. */
export function Line({
  points,
  tone = 0,
  dashed = false,
  thin = false,
}: {
  points: readonly Point[];
  tone?: Tone;
  dashed?: boolean;
  thin?: boolean;
}) {
  const { x, y } = usePlace();
  const path = line<Point>()
    .defined(([a, b]) => Number.isFinite(x(a)) && Number.isFinite(y(b)))
    .x(([a]) => x(a))
    .y(([, b]) => Math.max(-1e4, Math.min(1e4, y(b))))(points as Point[]);
  return (
    <path class={`curve ${toneClass(tone)}${dashed ? ' dashed' : ''}${thin ? ' thin' : ''}`} d={path ?? ''} aria-hidden="true" />
  );
}

/** What tells classes apart without colour. */
export type Shape = 'circle' | 'square' | 'triangle' | 'cross';

/** One mark at a place in pixels. */
export function Mark({
  cx,
  cy,
  shape = 'circle',
  tone = 0,
  size = 5,
}: {
  cx: number;
  cy: number;
  shape?: Shape;
  tone?: Tone;
  size?: number;
}) {
  const name = `mark ${toneClass(tone)}`;
  if (shape === 'circle') return <circle class={name} cx={cx} cy={cy} r={size} />;
  if (shape === 'square')
    return <rect class={name} x={cx - size * 0.9} y={cy - size * 0.9} width={size * 1.8} height={size * 1.8} />;
  if (shape === 'triangle')
    return (
      <path
        class={name}
        d={`M${cx} ${cy - size * 1.2}L${cx + size * 1.1} ${cy + size * 0.8}L${cx - size * 1.1} ${cy + size * 0.8}Z`}
      />
    );
  return (
    <path
      class={`${name} open`}
      d={`M${cx - size} ${cy - size}L${cx + size} ${cy + size}M${cx - size} ${cy + size}L${cx + size} ${cy - size}`}
    />
  );
}

export function Dots({ points, shape, tone, size }: { points: readonly Point[]; shape?: Shape; tone?: Tone; size?: number }) {
  const { x, y } = usePlace();
  return (
    <g aria-hidden="true">
      {points.map(([a, b], i) => (
        <Mark key={i} cx={x(a)} cy={y(b)} {...{ shape, tone, size }} />
      ))}
    </g>
  );
}

/** A line across the whole plot, at x or at y, with a word. */
export function Rule({ x: at, y: level, words, tone = 'soft' }: { x?: number; y?: number; words?: string; tone?: Tone }) {
  const { x, y, left, top, width, height } = usePlace();
  const [x1, x2, y1, y2] = at !== undefined ? [x(at), x(at), top, top + height] : [left, left + width, y(level!), y(level!)];
  return (
    <g aria-hidden="true">
      <line class={`rule ${toneClass(tone)}`} {...{ x1, x2, y1, y2 }} />
      {words !== undefined && (
        <text
          class="words"
          x={at !== undefined ? x1 + 5 : left + width - 5}
          y={at !== undefined ? top + 14 : y1 - 5}
          text-anchor={at !== undefined ? 'start' : 'end'}
        >
          {withMinus(words)}
        </text>
      )}
    </g>
  );
}

export function Words({
  at: [a, b],
  children,
  anchor = 'start',
  dx = 7,
  dy = -7,
}: {
  at: Point;
  children: ComponentChildren;
  anchor?: 'start' | 'middle' | 'end';
  dx?: number;
  dy?: number;
}) {
  const { x, y } = usePlace();
  return (
    <text class="words" x={x(a) + dx} y={y(b) + dy} text-anchor={anchor} aria-hidden="true">
      {typeof children === 'string' ? withMinus(children) : children}
    </text>
  );
}

/** An arrow between two points. */
export function Arrow({ from, to, tone = 'ink' }: { from: Point; to: Point; tone?: Tone }) {
  const { x, y } = usePlace();
  const [x1, y1, x2, y2] = [x(from[0]), y(from[1]), x(to[0]), y(to[1])];
  const length = Math.hypot(x2 - x1, y2 - y1);
  if (!(length > 1)) return null;
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const head = Math.min(9, length);
  const corner = (side: number) => `${x2 - head * ux - side * 0.5 * head * uy} ${y2 - head * uy + side * 0.5 * head * ux}`;
  return (
    <g class={`arrow ${toneClass(tone)}`} aria-hidden="true">
      <line {...{ x1, y1 }} x2={x2 - (head - 1) * ux} y2={y2 - (head - 1) * uy} />
      <path d={`M${x2} ${y2}L${corner(1)}L${corner(-1)}Z`} />
    </g>
  );
}

// What is moved by hand between axes: single points, by pointer and by arrow keys, and the whole surface.

import type { TargetedPointerEvent } from 'preact';
import { Mark, type Point, type Shape, type Tone, usePlace } from './axes';

/** Follows a pointer until it is let go. `moved` gets places in the values of the axes. */
function useFollow(moved: (at: Point, phase: 'start' | 'move' | 'end') => void) {
  const place = usePlace();
  return (event: TargetedPointerEvent<SVGElement>) => {
    if (event.button !== 0) return;
    const svg = event.currentTarget.ownerSVGElement!;
    const id = event.pointerId;
    const where = ({ clientX, clientY }: PointerEvent): Point => {
      const { left, top } = svg.getBoundingClientRect();
      return [place.x.invert(clientX - left), place.y.invert(clientY - top)];
    };
    event.preventDefault();
    event.currentTarget.focus?.({ preventScroll: true });
    const move = (next: PointerEvent) => next.pointerId === id && moved(where(next), 'move');
    const end = (next: PointerEvent) => {
      if (next.pointerId !== id) return;
      removeEventListener('pointermove', move);
      removeEventListener('pointerup', end);
      removeEventListener('pointercancel', end);
      moved(where(next), 'end');
    };
    addEventListener('pointermove', move);
    addEventListener('pointerup', end);
    addEventListener('pointercancel', end);
    moved(where(event), 'start');
  };
}

const clamp = (value: number, [least, most]: readonly [number, number]) => Math.min(most, Math.max(least, value));

/**
 * A point to drag. `set` gets where it shall be, kept within `within` (both axes, or one each). Arrow keys move it by `step`; a `fixed` axis stays.
 * `label` says what it is; where it is is told beside it.
 */
export function Handle({
  at,
  set,
  label,
  within,
  step = 0.05,
  fixed,
  tone = 'ink',
  shape = 'circle',
  size = 8,
}: {
  at: Point;
  set: (at: Point) => void;
  label: string;
  within: readonly [readonly [number, number], readonly [number, number]];
  step?: number;
  fixed?: 'x' | 'y';
  tone?: Tone;
  shape?: Shape;
  size?: number;
}) {
  const { x, y } = usePlace();
  const move = ([a, b]: Point) => set([fixed === 'x' ? at[0] : clamp(a, within[0]), fixed === 'y' ? at[1] : clamp(b, within[1])]);
  const follow = useFollow((to) => move(to));
  const keys: Record<string, Point> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] };
  const shown = (value: number) => String(Math.round(value * 100) / 100);
  const [axis, value] = fixed === 'x' ? [within[1], at[1]] : [within[0], at[0]];
  return (
    <g
      class="handle"
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={axis[0]}
      aria-valuemax={axis[1]}
      aria-valuenow={Number(shown(value))}
      aria-valuetext={fixed === 'x' ? shown(at[1]) : fixed === 'y' ? shown(at[0]) : `${shown(at[0])}, ${shown(at[1])}`}
      onPointerDown={follow}
      onKeyDown={(event) => {
        const by = keys[event.key];
        if (by === undefined) return;
        event.preventDefault();
        move([at[0] + by[0], at[1] + by[1]]);
      }}
    >
      <circle class="grip" cx={x(at[0])} cy={y(at[1])} r={18} />
      <Mark cx={x(at[0])} cy={y(at[1])} {...{ tone, shape, size }} />
    </g>
  );
}

/** The whole rectangle between the axes listens: `on` gets each place that a pressed pointer passes. Give a way by keys beside it. */
export function Surface({ on }: { on: (at: Point, phase: 'start' | 'move' | 'end') => void }) {
  const { left, top, width, height } = usePlace();
  const follow = useFollow(on);
  return <rect class="surface" x={left} y={top} {...{ width, height }} onPointerDown={follow} />;
}

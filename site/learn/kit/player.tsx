// What moves by itself: play, step, start again; by buttons and by keys.

import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { isStill } from './theme';

export interface Player {
  readonly playing: { value: boolean };
  play(): void;
  pause(): void;
  toggle(): void;
  step(): void;
  reset(): void;
}

/**
 * Calls `step` again and again while it plays, `perSecond` times a second (60 is once a frame); a step that returns false is the last.
 * `plays`: whether it plays from the start, unless people asked for pages that stand still.
 */
export function player({
  step,
  reset,
  perSecond = 60,
  plays = false,
}: {
  step: () => unknown;
  reset: () => void;
  perSecond?: number | (() => number);
  plays?: boolean;
}): Player {
  const playing = signal(false);
  let due = 0;
  let last = 0;
  const frame = (now: number) => {
    if (!playing.peek()) return;
    due += (Math.min(100, now - last) / 1000) * (typeof perSecond === 'number' ? perSecond : perSecond());
    last = now;
    for (; due >= 1 && playing.peek(); due--)
      if (step() === false) {
        playing.value = false;
        return;
      }
    requestAnimationFrame(frame);
  };
  const made: Player = {
    playing,
    play() {
      if (playing.peek()) return;
      playing.value = true;
      due = 1;
      last = performance.now();
      requestAnimationFrame(frame);
    },
    pause() {
      playing.value = false;
    },
    toggle: () => (playing.peek() ? made.pause() : made.play()),
    step() {
      playing.value = false;
      step();
    },
    reset() {
      playing.value = false;
      reset();
    },
  };
  if (plays && !isStill()) made.play();
  return made;
}

const typing = /^(INPUT|SELECT|TEXTAREA|BUTTON)$/;

/** Play or pause, step, reset. Space, arrow right and R do the same wherever nothing else takes the key. */
export function PlayButtons({ of, stepWords = 'Step' }: { of: Player; stepWords?: string }) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (target instanceof Element && (typing.test(target.tagName) || target.getAttribute('role') === 'slider')) return;
      if (event.key === ' ') {
        event.preventDefault();
        of.toggle();
      } else if (event.key === 'ArrowRight') of.step();
      else if (event.key.toLowerCase() === 'r') of.reset();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [of]);
  return (
    <div class="chips playing">
      <button type="button" class="chip play" title="Space" onClick={of.toggle}>
        {of.playing.value ? 'Pause' : 'Play'}
      </button>
      <button type="button" class="chip" title="Arrow right" onClick={of.step}>
        {stepWords}
      </button>
      <button type="button" class="chip" title="R" onClick={of.reset}>
        Reset
      </button>
    </div>
  );
}

// Controls of a picture: each changes one signal, and acts while it is dragged.

import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import * as plain from '../../play/controls';
import { withMinus } from './numbers';

/**
 * A slider for a number. `help`: what it does to the picture. `words`: how the number is written. `whole`: a logarithmic one gives whole numbers, each
 * move at least one further.
 */
export function Slider({
  label,
  help,
  of,
  min,
  max,
  step = 1,
  words = String,
  logarithmic = false,
  whole = false,
}: {
  label: string;
  help: string;
  of: Signal<number>;
  min: number;
  max: number;
  step?: number;
  words?: (value: number) => string;
  logarithmic?: boolean;
  whole?: boolean;
}) {
  /** The whole number nearest to `value`; where that is the one it had, the next one on that side. */
  const wholeNear = (value: number): number => {
    const near = Math.round(value);
    return near === of.value ? Math.min(max, Math.max(min, near + Math.sign(value - of.value))) : near;
  };
  return (
    <plain.Slider
      {...{ label, help, min, max, step, logarithmic }}
      words={(value) => withMinus(words(value))}
      value={of.value}
      set={(value) => {
        of.value = whole ? wholeNear(value) : value;
      }}
    />
  );
}

/** One of some values, side by side as buttons where they are few (at most 5), else as a list. */
export function Choice<T extends string | number>({
  label,
  help,
  of,
  options,
  words = String,
}: {
  label: string;
  help: string;
  of: Signal<T>;
  options: readonly T[];
  words?: (value: T) => string;
}) {
  const set = (value: T) => {
    of.value = value;
  };
  if (options.length > 5) return <plain.Choice {...{ label, help, options, words, set }} value={of.value} />;
  return (
    <fieldset class="choice" title={help}>
      <legend>{label}</legend>
      <div class="chips">
        {options.map((option) => (
          <plain.Chip key={option} help={help} on={of.value === option} set={() => set(option)}>
            {words(option)}
          </plain.Chip>
        ))}
      </div>
    </fieldset>
  );
}

/** Something that is on or off. */
export function Switch({ label, help, of }: { label: string; help: string; of: Signal<boolean> }) {
  return (
    <plain.Chip
      help={help}
      on={of.value}
      set={(on) => {
        of.value = on;
      }}
    >
      {label}
    </plain.Chip>
  );
}

/** A button that does one thing. */
export function Action({ act, children, help }: { act: () => void; children: ComponentChildren; help?: string }) {
  return (
    <button type="button" class="chip" title={help} onClick={act}>
      {children}
    </button>
  );
}

/** Controls in a row, which wraps where the page is narrow. */
export const Controls = ({ children }: { children: ComponentChildren }) => <div class="controls">{children}</div>;

// Small controls: each with a label, and a line of help that says what it does to the picture.

import type { ComponentChildren } from 'preact';

export function Choice<T extends string | number>({
  label,
  help,
  value,
  options,
  set,
  words = String,
}: {
  label: string;
  help: string;
  value: T;
  options: readonly T[];
  set: (value: T) => void;
  words?: (value: T) => string;
}) {
  return (
    <label class="control" title={help}>
      <span>{label}</span>
      <select
        value={String(value)}
        onChange={(event) => set(options.find((option) => String(option) === event.currentTarget.value)!)}
      >
        {options.map((option) => (
          <option key={option} value={String(option)}>
            {words(option)}
          </option>
        ))}
      </select>
    </label>
  );
}

export function Slider({
  label,
  help,
  value,
  min,
  max,
  step = 1,
  set,
  words = String,
  logarithmic = false,
}: {
  label: string;
  help: string;
  value: number;
  min: number;
  max: number;
  step?: number;
  set: (value: number) => void;
  words?: (value: number) => string;
  logarithmic?: boolean;
}) {
  // Of a logarithmic slider, min may be 0: its first place.
  const places = 60;
  const low = logarithmic && min === 0 ? max * 1e-6 : min;
  const toPlace = (v: number) =>
    v <= low * (min === 0 ? 0.999 : 1) ? 0 : 1 + ((places - 1) * Math.log(v / low)) / Math.log(max / low);
  const fromPlace = (p: number) => (p === 0 ? min : Number((low * (max / low) ** ((p - 1) / (places - 1))).toPrecision(2)));
  return (
    <label class="control slider" title={help}>
      <span>{label}</span>
      <input
        type="range"
        min={logarithmic ? 0 : min}
        max={logarithmic ? places : max}
        step={logarithmic ? 1 : step}
        value={logarithmic ? Math.round(toPlace(value)) : value}
        aria-valuetext={words(value)}
        onInput={(event) => set(logarithmic ? fromPlace(Number(event.currentTarget.value)) : Number(event.currentTarget.value))}
      />
      <output>{words(value)}</output>
    </label>
  );
}

export function Chip({
  on,
  set,
  children,
  help,
}: {
  on: boolean;
  set: (on: boolean) => void;
  children: ComponentChildren;
  help: string;
}) {
  return (
    <button type="button" class="chip" aria-pressed={on} title={help} onClick={() => set(!on)}>
      {children}
    </button>
  );
}

export function Card({
  title,
  children,
  name,
  aside,
}: {
  title: string;
  children: ComponentChildren;
  name: string;
  aside?: ComponentChildren;
}) {
  return (
    <section class={`card ${name}`} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export const percent = (share: number) =>
  Number.isFinite(share) ? `${(100 * share).toFixed(share > 0.995 && share < 1 ? 1 : 0)} %` : '–';
export const figure = (value: number) =>
  Number.isFinite(value) ? (Math.abs(value) >= 0.001 || value === 0 ? value.toFixed(3) : value.toExponential(1)) : '–';

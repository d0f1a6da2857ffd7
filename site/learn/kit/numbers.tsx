// Numbers of a picture, in figures of one width, so that nothing jitters while they change.

import type { ComponentChildren } from 'preact';

/** A number that a row of docs/course-rows.md states, or several do. */
export const Row = ({ n, name, children }: { n: number | readonly number[]; name?: string; children: ComponentChildren }) => (
  <output aria-live="off" data-row={[n].flat().join(' ')} data-name={name}>
    {children}
  </output>
);

export interface Figure {
  /** What tests call it. */
  readonly name: string;
  readonly label: string;
  readonly value: ComponentChildren;
  /** Rows of docs/course-rows.md that state it. */
  readonly row?: number | readonly number[];
  /** It stands out. */
  readonly strong?: boolean;
}

/** Read-outs beside each other: a label above each number. */
export const Numbers = ({ of }: { of: readonly Figure[] }) => (
  <dl class="numbers">
    {of.map(({ name, label, value, row, strong }) => (
      <div key={name} class={strong ? 'strong' : undefined}>
        <dt>{label}</dt>
        <dd>
          {row === undefined ? (
            <output aria-live="off" data-name={name}>
              {typeof value === 'string' ? withMinus(value) : value}
            </output>
          ) : (
            <Row n={row} name={name}>
              {typeof value === 'string' ? withMinus(value) : value}
            </Row>
          )}
        </dd>
      </div>
    ))}
  </dl>
);

/** A text with a minus before negative numbers and exponents in place of a hyphen, and no plus in exponents. */
export const withMinus = (text: string): string =>
  text.replace(/(?<![\w-])-(?=[\d.])|(?<=\de)-(?=\d)/g, '−').replace(/(?<=\de)\+(?=\d)/g, '');

/** `digits` after the point, and nothing else: what is too small to be seen reads 0.000, without a sign. */
export function fixed(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const text = value.toFixed(digits);
  return withMinus(Number(text) === 0 ? text.replace('-', '') : text);
}

/** `digits` after the point; powers of ten where that would read 0.000, or for a million and above. */
export function figure(value: number, digits = 3): string {
  const size = Math.abs(value);
  const powers = Number.isFinite(value) && size !== 0 && (size < 0.5 * 10 ** -digits || size >= 1e6);
  return powers ? scientific(value) : fixed(value, digits);
}

/** A digit, a point, a digit, and a power of ten: 2.3e−5. */
export const scientific = (value: number): string => withMinus(value.toExponential(1));

export const percent = (share: number, digits = 0) => `${(100 * share).toFixed(digits)} %`;

// Numbers as text, no longer than they must be.

/** The shortest decimal that rounds to the same float32. */
function short(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

export const list = (values: ArrayLike<number>): string => `[${Array.from(values, short).join(', ')}]`;

/** Rows of a table, as lists in a list. */
export function rows(values: ArrayLike<number>, columns: number): string {
  const count = values.length / columns;
  return `[${Array.from({ length: count }, (_, i) => list(Array.prototype.slice.call(values, i * columns, (i + 1) * columns))).join(', ')}]`;
}

/** Text in lines of about 120 letters, cut after commas. */
export const wrap = (text: string): string => text.replace(/(.{100,120}?,) /g, '$1\n');

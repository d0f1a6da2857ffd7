// Cells so far from all others that scaling by mean, deviation or range leaves the others nothing to be told apart by: 1e30 among ages.

import type { Finding } from '../data/findings.js';
import { RowReader, type MatrixLike } from '../data/matrix.js';
import { show } from '../errors.js';

/** How many times as far from the others as they from each other. */
const FAR = 1e4;
const FEW = 10;

/** `text`: a number of a column as people write it. A finding for each column with one or two such cells at an end. A column of two values has none: it may be a rare indicator. */
export function outlierFindings(X: MatrixLike, names: readonly string[], text: (x: number, column: number) => string): Finding[] {
  const reader = new RowReader(X, { name: 'X' });
  const [rows, columns] = reader.shape;
  if (rows < FEW) return [];
  const highest = new ThreeLargest(columns);
  const lowest = new ThreeLargest(columns);
  for (const { data } of reader.blocks())
    for (let k = 0, j = 0; k < data.length; k++) {
      highest.add(j, data[k]!);
      lowest.add(j, -data[k]!);
      if (++j === columns) j = 0;
    }
  return names.flatMap((name, j): Finding[] => {
    for (const [tail, other, sign] of [
      [highest, lowest, 1],
      [lowest, highest, -1],
    ] as const)
      for (const apart of [1, 2]) {
        const end = tail.at(j, apart);
        const range = end + other.at(j, 0); // of all but the ones apart
        if (range > 0 && tail.at(j, apart - 1) - end > FAR * range)
          return [
            {
              kind: 'outlier',
              column: name,
              message: `Column ${show(name)}: ${text(sign * tail.at(j, 0), j)} in ${apart === 1 ? 'one row' : 'two rows'} lies so far from the others (${text(sign < 0 ? -end : -other.at(j, 0), j)} to ${text(sign < 0 ? other.at(j, 0) : end, j)}) that scaling makes those nearly one value.`,
              fix: "Correct it, or use scale: 'smoothClip'.",
            },
          ];
      }
    return [];
  });
}

/** The three largest numbers of each column, in descending order. */
class ThreeLargest {
  private readonly values: Float64Array;

  constructor(columns: number) {
    this.values = new Float64Array(3 * columns).fill(-Infinity);
  }

  add(column: number, value: number): void {
    const { values } = this;
    const at = 3 * column;
    if (!(value > values[at + 2]!)) return;
    if (value > values[at + 1]!) {
      values[at + 2] = values[at + 1]!;
      if (value > values[at]!) {
        values[at + 1] = values[at]!;
        values[at] = value;
      } else values[at + 1] = value;
    } else values[at + 2] = value;
  }

  at(column: number, rank: number): number {
    return this.values[3 * column + rank]!;
  }
}

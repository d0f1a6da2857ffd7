import { describe, expect, test } from 'vitest';
import { countBatches, joinSmall, largestBatch, nextBatch, rowsOfBatch } from '../../src/training/batches.js';

/** Batches cut one by one, as the core does. */
function cut(rows: number, size: number, least: number): number[] {
  const out: number[] = [];
  for (let left = rows; left > 0; left -= out[out.length - 1]!) out.push(nextBatch(left, size, least));
  return out;
}

describe('where a batch is cut', () => {
  test('every row is in one batch, all have the size asked for but the last, and the count agrees, for 1 to 40 rows', () => {
    for (const least of [1, 2])
      for (let size = least; size <= 9; size++)
        for (let rows = least; rows <= 40; rows++) {
          const batches = cut(rows, size, least);
          const label = `${rows} rows in batches of ${size}, at least ${least}`;
          expect(
            batches.reduce((sum, n) => sum + n, 0),
            label,
          ).toBe(rows);
          expect(batches.length, label).toBe(countBatches(rows, size, least));
          batches.forEach((n, b) => expect(n, label).toBe(rowsOfBatch(b, batches.length, rows, size)));
          for (const n of batches.slice(0, -1)) expect(n, label).toBe(size);
          for (const n of batches) {
            expect(n, label).toBeGreaterThanOrEqual(least);
            expect(n, label).toBeLessThanOrEqual(largestBatch(size, least));
          }
        }
  });

  test('a last row alone joins the batch before it where two rows are needed, and stays alone elsewhere', () => {
    expect(cut(33, 32, 2)).toEqual([33]);
    expect(cut(33, 32, 1)).toEqual([32, 1]);
    expect(cut(65, 32, 2)).toEqual([32, 33]);
    expect(cut(1, 32, 2)).toEqual([1]);
  });

  test('batches of given sizes are joined where one has too few rows: to the one before, the first to the one after', () => {
    expect(joinSmall([1, 4, 1, 1, 5], 2)).toEqual([5 + 1 + 1, 5]);
    expect(joinSmall([1, 4, 1, 1, 5], 1)).toEqual([1, 4, 1, 1, 5]);
    expect(joinSmall([3, 1], 2)).toEqual([4]);
    expect(joinSmall([], 2)).toEqual([]);
  });
});

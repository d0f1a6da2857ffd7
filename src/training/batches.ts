// Where a batch is cut, and what becomes of a last row alone: one answer for training, windows, streams and the backends.
// A network that takes statistics over the batch (batchNorm) needs two rows in each, so a last row alone joins the batch
// before it. The core cuts by the same rule (assembly/network/training.ts); the tests hold the two against each other.

import { fail } from '../errors.js';
import type { NetworkPlan } from '../plan/network.js';

/** Rows that a batch of this network needs to be trained on: 2 where it takes statistics over the batch, else 1. */
export const leastRows = (plan: NetworkPlan): number => (plan.usesBatchStatistics ? 2 : 1);

/** Rows of the next batch when `left` are left: `size`, or all of them where fewer than `least` would remain. */
export function nextBatch(left: number, size: number, least: number): number {
  const rows = Math.min(left, size);
  return left - rows < least ? left : rows;
}

/** Batches that nextBatch cuts `rows` rows into. All have `size` rows but the last, which has what is left. */
export function countBatches(rows: number, size: number, least: number): number {
  const rest = rows % size;
  return Math.ceil(rows / size) - (rest > 0 && rest < least && rows > size ? 1 : 0);
}

/** Rows of batch `b` of `batches`. */
export const rowsOfBatch = (b: number, batches: number, rows: number, size: number): number =>
  b === batches - 1 ? rows - b * size : size;

/** Rows that the largest batch may have: room for this many is enough. */
export const largestBatch = (size: number, least: number): number => size + least - 1;

/** Batches of given sizes, in which those of fewer than `least` rows join the one before, or the one after the first. */
export function joinSmall(sizes: readonly number[], least: number): number[] {
  const out: number[] = [];
  for (const size of sizes)
    if (out.length > 0 && (size < least || out[out.length - 1]! < least)) out[out.length - 1]! += size;
    else out.push(size);
  return out;
}

/** @throws ERR_BATCH for a single row where the network takes its mean and variance: they say nothing. */
export function refuseLoneRow(plan: NetworkPlan, rows: number, where?: string): void {
  if (rows >= leastRows(plan)) return;
  if (where !== undefined)
    fail(
      'ERR_BATCH',
      `${where}: batchNorm needs at least 2 rows in a batch, got ${rows}. Join it to another, or use layerNorm().`,
    );
  fail(
    'ERR_BATCH',
    `batchNorm: training needs at least 2 rows in a batch, got ${rows}. Train on more rows at once, or use layerNorm().`,
  );
}

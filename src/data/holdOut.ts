// Which rows are held out: by number and by class, for fit as for splits. What it is given has been checked.

import type { Label } from './labels.js';
import { Random } from './random.js';

/** Row indices of one split. */
export interface Fold {
  /** Indices of the rows to train on, ascending. */
  train: Uint32Array;
  /** Indices of the rows to judge by, ascending. */
  test: Uint32Array;
}

/**
 * How many of `rows` rows a share of them is, in whole rows: rounded up or down. 0.8 of 10 is 8 and 0.07 of 100 is 7, although
 * floats multiply to 7.999… and 7.000…1: what is whole but for rounding counts as whole.
 */
export function rowsOfShare(share: number, rows: number, round: 'up' | 'down'): number {
  const exact = share * rows;
  const whole = Math.round(exact);
  if (Math.abs(exact - whole) <= 1e-9 * Math.max(1, exact)) return whole;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}

/**
 * `testRows` rows held out: each class by its share where the labels allow it (every class has two rows, and each part room
 * for all classes), else at random.
 */
export function heldOut(rows: number, testRows: number, seed: number, labels: ArrayLike<Label> | undefined): Fold {
  const random = new Random(seed, 'split');
  const members = labels === undefined ? [] : rowsByClass(labels);
  const divides = members.length <= Math.min(testRows, rows - testRows) && members.every(({ length }) => length > 1);
  return labels !== undefined && divides
    ? stratified(members, rows, testRows, random)
    : cut(random.permutation(rows), rows - testRows);
}

/** The first `kept` rows of an order to train on, the rest to judge by. */
export const cut = (order: Uint32Array, kept: number): Fold => ({ train: order.slice(0, kept), test: order.slice(kept) });

/** The rows of each class, classes in the order in which they first appear. */
export function rowsByClass(labels: ArrayLike<Label>): number[][] {
  const byClass = new Map<Label, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const group = byClass.get(labels[i]!);
    if (group === undefined) byClass.set(labels[i]!, [i]);
    else group.push(i);
  }
  return [...byClass.values()];
}

/** Each class by its share, both parts in mixed order. `members`: the rows of each class, at least two each, and each part has room for every class. */
export function stratified(members: readonly (readonly number[])[], rows: number, testRows: number, random: Random): Fold {
  const shares = members.map((group) => (group.length * testRows) / rows);
  const counts = shareOut(shares, testRows, random);
  const test = new Uint32Array(testRows);
  const train = new Uint32Array(rows - testRows);
  let [tested, trained] = [0, 0];
  members.forEach((group, c) => {
    const order = random.shuffle([...group]);
    for (let k = 0; k < order.length; k++) {
      if (k < counts[c]!) test[tested++] = order[k]!;
      else train[trained++] = order[k]!;
    }
  });
  return { train: random.shuffle(train), test: random.shuffle(test) };
}

/**
 * Whole numbers that sum to `total`, each within 1 of its share: all rounded down, the rest to classes that would have none, then to
 * the largest remainders, ties by lot.
 */
function shareOut(shares: readonly number[], total: number, random: Random): number[] {
  const counts = shares.map((share) => Math.floor(share + 1e-9)); // a share such as 2.9999999999999996 is 3
  const order = Array.from(random.permutation(shares.length)).sort((a, b) => {
    if ((counts[a] === 0) !== (counts[b] === 0)) return counts[a] === 0 ? -1 : 1;
    const difference = shares[b]! - counts[b]! - (shares[a]! - counts[a]!);
    return Math.abs(difference) < 1e-9 ? 0 : difference;
  });
  let left = total - counts.reduce((sum, count) => sum + count, 0);
  for (const c of order) if (left-- > 0) counts[c]!++;
  return counts;
}

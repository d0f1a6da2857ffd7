// A small random forest of regression trees: what stands in for a costly function of some numbers where only a few of its values are known.
// See: Breiman 2001.

import type { Random } from '../data/random.js';

/** A node: a leaf's value, or where rows go by one column. */
type Node =
  | { readonly value: number }
  | { readonly column: number; readonly limit: number; readonly below: Node; readonly above: Node };

const TREES = 64;
const DEPTH = 12;
/** Rows below which a node is not split. */
const LEAST = 4;

/** A function of a row that was learnt from rows and their values: the mean of trees, each of its own draw of the rows. */
export function forest(
  rows: readonly (readonly number[])[],
  values: readonly number[],
  random: Random,
): (row: readonly number[]) => number {
  const trees = Array.from({ length: TREES }, () => {
    const drawn = Array.from(rows, () => random.below(rows.length));
    return grow(drawn, rows, values, random, 0);
  });
  return (row) => trees.reduce((sum, tree) => sum + leafOf(tree, row), 0) / TREES;
}

function grow(
  members: readonly number[],
  rows: readonly (readonly number[])[],
  values: readonly number[],
  random: Random,
  depth: number,
): Node {
  const mean = members.reduce((sum, i) => sum + values[i]!, 0) / members.length;
  const split = depth < DEPTH && members.length >= LEAST ? bestSplit(members, rows, values, random) : undefined;
  if (split === undefined) return { value: mean };
  const { column, limit } = split;
  const [below, above] = [true, false].map((side) => members.filter((i) => rows[i]![column]! <= limit === side)) as [
    number[],
    number[],
  ];
  return {
    column,
    limit,
    below: grow(below, rows, values, random, depth + 1),
    above: grow(above, rows, values, random, depth + 1),
  };
}

/** The column and limit that leave the least squared error, of all limits between neighbours; undefined where none leaves less. */
function bestSplit(members: readonly number[], rows: readonly (readonly number[])[], values: readonly number[], random: Random) {
  const total = members.reduce((sum, i) => sum + values[i]!, 0);
  const n = members.length;
  let [best, most]: [{ column: number; limit: number } | undefined, number] = [undefined, (total * total) / n + 1e-12];
  // Columns in an order of their own, so that of equal splits no column is always the one taken.
  for (const column of random.permutation(rows[0]!.length)) {
    const sorted = [...members].sort((a, b) => rows[a]![column]! - rows[b]![column]! || a - b);
    let sum = 0;
    for (let k = 1; k < n; k++) {
      sum += values[sorted[k - 1]!]!;
      const [low, high] = [rows[sorted[k - 1]!]![column]!, rows[sorted[k]!]![column]!];
      if (low === high) continue;
      const gain = (sum * sum) / k + (total - sum) ** 2 / (n - k);
      if (gain > most) [best, most] = [{ column, limit: (low + high) / 2 }, gain];
    }
  }
  return best;
}

function leafOf(node: Node, row: readonly number[]): number {
  while (!('value' in node)) node = row[node.column]! <= node.limit ? node.below : node.above;
  return node.value;
}

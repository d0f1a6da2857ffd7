// Shapley values and interactions by their definitions, as plainly as they can be written: every subset, every marginal contribution.

export type Worth = (coalition: readonly number[]) => number;

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** All subsets of a list. */
function subsets(items: readonly number[]): number[][] {
  if (items.length === 0) return [[]];
  const rest = subsets(items.slice(1));
  return [...rest, ...rest.map((set) => [items[0]!, ...set])];
}

const others = (players: number, without: readonly number[]) =>
  Array.from({ length: players }, (_, j) => j).filter((j) => !without.includes(j));

/** phi_j = sum over S without j of |S|! (n - |S| - 1)! / n! (v(S and j) - v(S)). */
export function plainShapley(players: number, worth: Worth): number[] {
  return Array.from({ length: players }, (_, j) =>
    subsets(others(players, [j])).reduce((sum, S) => {
      const weight = (factorial(S.length) * factorial(players - S.length - 1)) / factorial(players);
      return sum + weight * (worth([...S, j]) - worth(S));
    }, 0),
  );
}

/** I_ij = sum over S without i and j of |S|! (n - |S| - 2)! / (n - 1)! (v(S, i, j) - v(S, i) - v(S, j) + v(S)). */
export function plainInteraction(players: number, worth: Worth, i: number, j: number): number {
  return subsets(others(players, [i, j])).reduce((sum, S) => {
    const weight = (factorial(S.length) * factorial(players - S.length - 2)) / factorial(players - 1);
    return sum + weight * (worth([...S, i, j]) - worth([...S, i]) - worth([...S, j]) + worth(S));
  }, 0);
}

/** Keeps what was worked out. */
function remembered(worth: Worth): Worth {
  const known = new Map<string, number>();
  return (S) => {
    const key = [...S].sort((a, b) => a - b).join();
    if (!known.has(key)) known.set(key, worth(S));
    return known.get(key)!;
  };
}

/** The mean of f over background rows in which the features of S are those of x: f at features given as groups [from, to). */
export function meanWorth(
  f: (rows: number[][]) => ArrayLike<number>,
  x: readonly number[],
  background: readonly (readonly number[])[],
  groups: readonly { from: number; to: number }[] = x.map((_, j) => ({ from: j, to: j + 1 })),
): Worth {
  return remembered((S) => {
    const known = new Set(S.flatMap((g) => x.map((_, j) => j).filter((j) => j >= groups[g]!.from && j < groups[g]!.to)));
    const answers = f(background.map((row) => row.map((value, j) => (known.has(j) ? x[j]! : value))));
    return Array.from(answers).reduce((a, b) => a + b, 0) / background.length;
  });
}

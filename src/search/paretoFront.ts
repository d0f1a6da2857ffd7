// Several objectives at once, each the less the better: who dominates whom, the fronts that leaves, and the volume that a front covers.

/** Whether losses a are nowhere worse than b, and somewhere better. */
function dominates(a: readonly number[], b: readonly number[]): boolean {
  let better = false;
  for (let i = 0; i < a.length; i++) {
    if (!(a[i]! <= b[i]!)) return false;
    if (a[i]! < b[i]!) better = true;
  }
  return better;
}

/** Which points no other dominates, in their order. Points with NaN are never among them. */
export function paretoFront(losses: readonly (readonly number[])[]): number[] {
  const whole = losses.flatMap((point, i) => (point.some(Number.isNaN) ? [] : [i]));
  return whole.filter((i) => !whole.some((j) => dominates(losses[j]!, losses[i]!)));
}

/** The front that each point belongs to, from 0: a point's front is that of those dominated by none but points of the fronts before. */
export function frontNumbers(losses: readonly (readonly number[])[]): number[] {
  const numbers = losses.map(() => -1);
  let left = losses.map((_, i) => i);
  for (let front = 0; left.length > 0; front++) {
    const own = left.filter((i) => !left.some((j) => dominates(losses[j]!, losses[i]!)));
    for (const i of own) numbers[i] = front;
    left = left.filter((i) => !own.includes(i));
  }
  return numbers;
}

/**
 * The volume between points and a reference that each of them is below: sliced along the last objective, which is exact.
 * See: Fonseca, Paquete & López-Ibáñez 2006.
 */
export function hypervolume(losses: readonly (readonly number[])[], reference: readonly number[]): number {
  if (reference.length === 1) return losses.reduce((most, [loss]) => Math.max(most, reference[0]! - loss!), 0);
  const last = reference.length - 1;
  const sorted = [...losses].sort((a, b) => a[last]! - b[last]!);
  const slices = sorted.map((point) => point.slice(0, last));
  let volume = 0;
  sorted.forEach((point, i) => {
    const next = i + 1 < sorted.length ? sorted[i + 1]![last]! : reference[last]!;
    if (next > point[last]!) volume += (next - point[last]!) * hypervolume(slices.slice(0, i + 1), reference.slice(0, last));
  });
  return volume;
}

/** A point a little beyond the worst of each objective, so that the ends of a front count too. */
function referencePoint(losses: readonly (readonly number[])[]): number[] {
  return losses[0]!.map((_, j) => {
    const worst = losses.reduce((most, point) => Math.max(most, point[j]!), Number.NEGATIVE_INFINITY);
    return Math.max(1.1 * worst, 0.9 * worst) || 1e-12;
  });
}

/**
 * The `size` points whose volume together is greatest, near enough: one after the other that adds most. Not less than 63 % of the greatest.
 * See: Guerreiro, Fonseca & Paquete 2016.
 */
export function mostVolume(losses: readonly (readonly number[])[], size: number): number[] {
  const reference = referencePoint(losses);
  const chosen: number[] = [];
  while (chosen.length < size) {
    let [best, most] = [-1, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < losses.length; i++) {
      if (chosen.includes(i)) continue;
      const volume = hypervolume(
        [...chosen, i].map((j) => losses[j]!),
        reference,
      );
      if (volume > most) [best, most] = [i, volume];
    }
    chosen.push(best);
  }
  return chosen;
}

/** How much of the points' volume would go with each, as a share of the greatest such part. */
export function volumeShares(losses: readonly (readonly number[])[]): number[] {
  if (losses.length < 2) return losses.map(() => 1);
  const reference = referencePoint(losses);
  const whole = hypervolume(losses, reference);
  const parts = losses.map(
    (_, i) =>
      whole -
      hypervolume(
        losses.filter((__, j) => j !== i),
        reference,
      ) +
      1e-12,
  );
  const most = parts.reduce((a, b) => Math.max(a, b));
  return parts.map((part) => Math.min(Math.max(part / most, 0), 1));
}

// What a network was: copies of it in the order of its epochs, and the curves of its losses. Copies stand some way apart; an epoch
// between two of them is reached by training on from the one before, which ends in the same bits.

import type { Curves, Figures } from './messages';

/** Copies and points of the curves that are kept; beyond, half of them go. */
const mostCopies = 400;
const mostPoints = 600;
/** Milliseconds between two copies while training at least, and as a multiple of what one costs. */
const apart = 100;
const apartByCost = 50;

interface Copy {
  readonly epoch: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export class Past {
  private readonly losses = { epochs: [] as number[], train: [] as number[], test: [] as number[] };
  private copies: Copy[] = [];
  /** Epochs between two copies, and between two points of the curves, at least. */
  private copiesApart = 1;
  private pointsApart = 1;
  /** When the newest copy was made, and the milliseconds it took. */
  private made = { at: Number.NEGATIVE_INFINITY, took: 0 };

  /** The last epoch that can be gone to. */
  get newest(): number {
    return this.copies.at(-1)?.epoch ?? 0;
  }

  /** The losses so far, by epoch: a copy. */
  get curves(): Curves {
    const { epochs, train, test } = this.losses;
    return { epochs: new Float64Array(epochs), train: new Float64Array(train), test: new Float64Array(test) };
  }

  /** Adds the figures of an epoch later than all others to the curves. The last point is always that of the last epoch noted. */
  note({ epoch, loss, testLoss }: Figures): void {
    const { epochs, train, test } = this.losses;
    if (epoch <= (epochs.at(-1) ?? -1)) return;
    const at = epochs.length >= 2 && epoch - epochs.at(-2)! < this.pointsApart ? epochs.length - 1 : epochs.length;
    epochs[at] = epoch;
    train[at] = loss;
    test[at] = testLoss;
    if (epochs.length <= mostPoints) return;
    this.pointsApart = (2 * epoch) / mostPoints;
    const stay = spaced(epochs, this.pointsApart);
    for (const list of [epochs, train, test]) list.splice(0, list.length, ...stay.map((k) => list[k]!));
  }

  /** Keeps a copy of an epoch later than all others, unless one was made a moment ago and this one is not asked for `surely`. */
  keep(epoch: number, copy: () => Uint8Array<ArrayBuffer>, surely: boolean): void {
    const { copies, made } = this;
    if (copies.length > 0 && epoch <= this.newest) return;
    const start = performance.now();
    const due = epoch - this.newest >= this.copiesApart && start - made.at >= Math.max(apart, apartByCost * made.took);
    if (!due && !surely) return;
    copies.push({ epoch, bytes: copy() });
    this.made = { at: performance.now(), took: performance.now() - start };
    if (copies.length <= mostCopies) return;
    this.copiesApart = (2 * epoch) / mostCopies;
    const stay = spaced(
      copies.map((each) => each.epoch),
      this.copiesApart,
    );
    this.copies = stay.map((k) => copies[k]!);
  }

  /** The last copy at an epoch or before it. */
  before(epoch: number): Copy {
    return this.copies.findLast((copy) => copy.epoch <= epoch) ?? this.copies[0]!;
  }

  /** Forgets what lay beyond an epoch: training goes on from there otherwise than it did. */
  cut(epoch: number): void {
    this.copies.length = this.copies.findLastIndex((copy) => copy.epoch <= epoch) + 1;
    const { epochs, train, test } = this.losses;
    const count = epochs.findLastIndex((e) => e <= epoch) + 1;
    for (const list of [epochs, train, test]) list.length = count;
  }
}

/** Places of rising epochs that stay: the first, the last, and between them some that are at least so far apart. */
function spaced(epochs: readonly number[], apart: number): number[] {
  let last = Number.NEGATIVE_INFINITY;
  return [...epochs.keys()].filter((k) => {
    const stays = k === epochs.length - 1 || epochs[k]! - last >= apart;
    if (stays) last = epochs[k]!;
    return stays;
  });
}

// Coalitions through a network by a module of their own (assembly/coalitions.ts), where the first layer is much of the work: its net inputs
// change by a fixed vector for each feature that comes, so no coalition needs a product there.

import { Activation } from '../../assembly/abi.js';
import type { instantiate as instantiateModule } from '../../build/coalitions.js';
import { fail } from '../errors.js';
import type { Trainer } from '../training/trainer.js';
import { chainOf, type Link } from './chain.js';
import { module as text } from './coalitions.generated.js';
import type { Coalitions } from './coalitions.js';
import type { Head } from './head.js';
import type { InputRows, Subject } from './subject.js';

type Exports = Awaited<ReturnType<typeof instantiateModule>>;

/** How the answer is made of the outputs: the enum Answer of assembly/coalitions.ts. */
const answers = { output: 0, share: 1, logOdds: 2 } as const;

/** The share of the first layer in all products from which this pays: below it the core's own products are faster. */
const leastShare = 0.3;

/** Bytes of what the features of all background rows add to the first layer, at most. */
const mostBytes = 2 ** 28;

/** Numbers that a layer of 32 coalitions may take before 16 do better: half of a first-level cache. */
const wideUnits = 128;

/** A chain where the first layer is much of the work, in float32; undefined for any other subject. */
export function shallowChain(subject: Subject): Link[] | undefined {
  const trainer = subject.network?.trainer;
  if (trainer === undefined || !subject.network!.head.compiled || trainer.backend.x instanceof Float64Array || !worthIt(trainer))
    return undefined;
  return chainOf(trainer);
}

function worthIt({ plan }: Trainer): boolean {
  const products = plan.layers.map(({ inputs, outputs, tensors }) => (tensors.weight === undefined ? 0 : inputs * outputs));
  const first = products.find((n) => n > 0) ?? 0;
  return first >= leastShare * products.reduce((sum, n) => sum + n, 0);
}

/** The coalitions of rows of X beside the background, by the kernel; undefined where it does not fit or cannot be compiled. */
export function kernelCoalitions(subject: Subject, background: InputRows): Coalitions | undefined {
  const chain = shallowChain(subject);
  if (chain === undefined || background.rows * (subject.groups.length + 1) * chain[0]!.units * 4 > mostBytes) return undefined;
  const kernel = instantiate();
  return kernel === undefined ? undefined : new KernelCoalitions(kernel, subject, chain, background);
}

let compiled: WebAssembly.Module | undefined;
/** The instance of the last call, which the next one takes over: making one costs more than explaining a row of 8 features. */
let kept: Exports | undefined;

/** Bytes of memory beyond which an instance is not kept. */
const mostKept = 2 ** 24;

/** An instance, whatever is in its memory; undefined under a policy that forbids compiling. Calls never overlap: nothing of the user's runs in one. */
function instantiate(): Exports | undefined {
  if (kept !== undefined && kept.memory.buffer.byteLength <= mostKept) return kept;
  try {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
    kept = new WebAssembly.Instance(compiled).exports as unknown as Exports;
    return kept;
  } catch {
    return undefined;
  }
}

class KernelCoalitions implements Coalitions {
  private readonly first: Link;
  private readonly head: Head;
  private readonly lowMost: number;
  /** Where in memory: the layers' records, background rows' blocks, the row's block, players, the record of a game, and its worth. */
  private readonly layers: number;
  private readonly blocks: number;
  private readonly row: number;
  private readonly players: number;
  private readonly game: number;
  private readonly worth: number;
  private top: number;
  private floats: Float32Array;
  /** The game whose coalitions are in `worth` now. */
  private open: { readonly into: Float64Array; count: number } | undefined;
  private lastRow = -1;

  constructor(
    private readonly kernel: Exports,
    private readonly subject: Subject,
    private readonly chain: readonly Link[],
    background: InputRows,
  ) {
    const { groups, network } = subject;
    this.first = chain[0]!;
    this.head = network!.head;
    const last = chain[chain.length - 1]!;
    const softmax = last.activation === Activation.Softmax;
    const answer = this.head.affine === undefined ? answers.logOdds : softmax ? answers.share : answers.output;
    const widest = chain.reduce((most, { units }) => Math.max(most, units), 0);
    this.lowMost = widest <= wideUnits ? 5 : 4;
    const { units } = this.first;
    this.top = (kernel.heap() + 63) & ~63;
    this.floats = new Float32Array(kernel.memory.buffer);
    this.layers = this.room(chain.length * 28);
    this.blocks = this.room(background.rows * (groups.length + 1) * units * 4);
    this.row = this.room(groups.length * units * 4);
    this.players = this.room(groups.length * 4);
    const low = this.room(units * 2 ** this.lowMost * 4);
    const high = this.room(32 * units * 4);
    const front = this.room(widest * 2 ** this.lowMost * 4);
    const back = this.room(widest * 2 ** this.lowMost * 4);
    const curved = this.first.activation === Activation.Tanh || this.first.activation === Activation.Sigmoid;
    const powers = curved ? this.room(units * 2 ** this.lowMost * 4) : 0;
    this.describe(softmax);
    this.game = this.room(12 * 4);
    for (let b = 0; b < background.rows; b++) {
      const at = this.blocks + b * (groups.length + 1) * units * 4;
      const start = this.contributions(background, b, at + units * 4);
      for (let u = 0; u < units; u++) this.floats[at / 4 + u] = start[u]! + this.first.bias[u]!;
    }
    this.worth = this.top;
    const record = [
      this.layers,
      chain.length,
      answer,
      this.head.column,
      this.row,
      this.players,
      low,
      high,
      front,
      back,
      this.worth,
      powers,
    ];
    new Uint32Array(kernel.memory.buffer).set(record, this.game / 4);
  }

  add(X: InputRows, i: number, _background: InputRows, b: number, players: readonly number[], into: Float64Array): void {
    const { kernel, subject, first, lowMost } = this;
    const p = players.length;
    if (p < 2) return; // nothing between the ends
    if (i !== this.lastRow) {
      this.contributions(X, i, this.row);
      this.lastRow = i;
    }
    if (this.open?.into !== into) this.begin(into, players);
    this.open!.count++;
    const block = this.blocks + b * (subject.groups.length + 1) * first.units * 4;
    kernel.play(this.game, block, p, Math.min(p, lowMost));
  }

  /** Adds what the kernel has of the game in hand to it, the two ends left out. */
  settle(): void {
    if (this.open === undefined) return;
    const { into, count } = this.open;
    const { scale, shift } = this.head.affine ?? { scale: 1, shift: 0 };
    const sums = new Float64Array(this.kernel.memory.buffer, this.worth, into.length);
    for (let S = 1; S < into.length - 1; S++) into[S]! += scale * sums[S]! + count * shift;
    this.open = undefined;
  }

  private begin(into: Float64Array, players: readonly number[]): void {
    this.settle();
    this.reserve(this.worth + into.length * 8);
    new Float64Array(this.kernel.memory.buffer, this.worth, into.length).fill(0);
    new Int32Array(this.kernel.memory.buffer, this.players, players.length).set(players);
    this.open = { into, count: 0 };
  }

  /** Bytes from here on, whole cache lines. */
  private room(bytes: number): number {
    const at = this.top;
    this.top = (at + bytes + 63) & ~63;
    this.reserve(this.top);
    return at;
  }

  private reserve(end: number): void {
    const { memory } = this.kernel;
    const missing = Math.ceil((end - memory.buffer.byteLength) / 65536);
    if (missing <= 0) return;
    try {
      memory.grow(missing);
    } catch {
      fail('ERR_MEMORY', `explain: WebAssembly memory could not grow to ${end} bytes. Pass fewer background rows.`);
    }
    this.floats = new Float32Array(memory.buffer);
  }

  /** What the inputs of each feature of a row add to the first layer's net inputs, to `at` on; returns their sum, in float64. */
  private contributions({ data }: InputRows, i: number, at: number): Float64Array {
    const { units, weights, inputs } = this.first;
    const total = new Float64Array(units);
    const part = new Float64Array(units);
    for (const [g, { from, to }] of this.subject.groups.entries()) {
      part.fill(0);
      for (let j = from; j < to; j++) {
        const x = data[i * inputs + j]!;
        if (x !== 0) for (let u = 0; u < units; u++) part[u]! += x * weights[j * units + u]!;
      }
      this.floats.set(part, at / 4 + g * units);
      for (let u = 0; u < units; u++) total[u]! += part[u]!;
    }
    return total;
  }

  /** Writes the layers' records and their weights. */
  private describe(softmax: boolean): void {
    for (const [l, { inputs, units, weights, bias, activation, a, b }] of this.chain.entries()) {
      const w = l === 0 ? 0 : this.room(weights.length * 4);
      const c = this.room(bias.length * 4);
      if (l > 0) this.floats.set(weights, w / 4);
      this.floats.set(bias, c / 4);
      const last = softmax && l === this.chain.length - 1;
      const at = this.layers / 4 + 7 * l;
      const whole = new Uint32Array(this.kernel.memory.buffer);
      whole.set([inputs, units, last ? Activation.Identity : activation], at);
      this.floats.set([a, b], at + 3);
      whole.set([w, c], at + 5);
    }
  }
}

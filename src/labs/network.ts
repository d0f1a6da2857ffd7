// Networks and rows as the labs write them: lists of numbers, small enough to read. Everything here is drawn from a seed, in steps of 2^-16, so that
// float32 and float64 hold the same number.

import { Random } from '../data/random.js';

/** The activations of the labs. */
export const activationNames = ['identity', 'sigmoid', 'tanh', 'relu'] as const;
export type ActivationName = (typeof activationNames)[number];

/** Weights W [inputs, outputs] and biases b [outputs] of a layer: of a gradient and a velocity, too. */
export interface Parameters {
  W: number[][];
  b: number[];
}

/** zeta = alpha W + b, alpha = f(zeta). */
interface Layer extends Parameters {
  activation: ActivationName;
}

/** Layers, the first one first. */
export type Network = Layer[];

/** One list of numbers for each layer. */
export type ByLayer = number[][];

/** What networks look like: units of each layer, the inputs first, and an activation for each layer. */
export interface Shape {
  readonly widths: readonly number[];
  readonly activations: readonly ActivationName[];
}

/** Numbers, networks and rows of one seed. */
export class Draw {
  private readonly random: Random;

  constructor(seed: number, purpose: string) {
    this.random = new Random(seed, `lab: ${purpose}`);
  }

  /** In [low, high), a multiple of 2^-16. */
  number(low: number, high: number): number {
    return Math.round(this.random.between(low, high) * 65_536) / 65_536;
  }

  /** A whole number from low to high. */
  whole(low: number, high: number): number {
    return low + this.random.below(high - low + 1);
  }

  list(length: number, low = -1, high = 1): number[] {
    return Array.from({ length }, () => this.number(low, high));
  }

  matrix(rows: number, columns: number, low = -1, high = 1): number[][] {
    return Array.from({ length: rows }, () => this.list(columns, low, high));
  }

  normals(length: number): number[] {
    return Array.from({ length }, () => this.random.normal());
  }

  order(rows: number): number[] {
    return [...this.random.permutation(rows)];
  }

  network({ widths, activations }: Shape): Network {
    return activations.map((activation, l) => ({
      W: this.matrix(widths[l]!, widths[l + 1]!, -1.5, 1.5),
      b: this.list(widths[l + 1]!),
      activation,
    }));
  }

  /** A shape of one to four layers, one to six units wide. */
  shape(): Shape {
    const layers = this.whole(1, 4);
    return {
      widths: Array.from({ length: layers + 1 }, () => this.whole(1, 6)),
      activations: Array.from({ length: layers }, () => activationNames[this.whole(0, 3)]!),
    };
  }
}

/**
 * The shapes that every lab looks at: square layers first, where most mistakes give a number (and so can be told from each other), then layers of all
 * kinds of widths, one unit included, then some that are drawn.
 */
export function shapes(draw: Draw): Shape[] {
  return [...fixed, ...[1, 2, 3].map(() => draw.shape())];
}

/** Those that trainings are checked on. */
export function steadyShapes(draw: Draw): Shape[] {
  return [...fixed, ...[1, 2, 3].map(() => steady(draw.shape()))];
}

const fixed: readonly Shape[] = [
  { widths: [3, 3, 3, 3], activations: ['tanh', 'sigmoid', 'tanh'] },
  { widths: [2, 4, 3, 1], activations: ['relu', 'tanh', 'identity'] },
  { widths: [1, 1], activations: ['sigmoid'] },
  { widths: [1, 1, 1], activations: ['tanh', 'identity'] },
  { widths: [5, 1, 2], activations: ['sigmoid', 'sigmoid'] },
];

/** With bounded activations, so that no rate of the labs makes it diverge. */
const steady = ({ widths, activations }: Shape): Shape => ({
  widths,
  activations: activations.map((name) => (name === 'identity' ? 'tanh' : name === 'relu' ? 'sigmoid' : name)),
});

/** "network 3-4-1 (tanh, identity)" */
export function describe({ widths, activations }: Shape): string {
  return `network ${widths.join('-')} (${activations.join(', ')})`;
}

export const copyNetwork = (network: Network): Network =>
  network.map(({ W, b, activation }) => ({ W: W.map((row) => [...row]), b: [...b], activation }));

/** A value for every parameter, made of those of others: zipped, layer by layer. */
export function combine(of: (...values: number[]) => number, ...all: readonly (readonly Parameters[])[]): Parameters[] {
  return all[0]!.map((first, l) => ({
    W: first.W.map((row, i) => row.map((_, j) => of(...all.map((one) => one[l]!.W[i]![j]!)))),
    b: first.b.map((_, j) => of(...all.map((one) => one[l]!.b[j]!))),
  }));
}

/** A network with other weights and biases. */
export const withParameters = (network: Network, parameters: readonly Parameters[]): Network =>
  network.map(({ activation }, l) => ({ W: parameters[l]!.W, b: parameters[l]!.b, activation }));

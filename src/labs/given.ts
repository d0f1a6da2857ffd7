// Functions that the labs hand to a student's, so that a lab does not hang on the one before. They look at what they are called with.

import { isMalformed, read } from './answer.js';
import { descend, meanGradient } from './descent.js';
import type { Expected } from './lab.js';
import type { Network, Parameters } from './network.js';
import type { ScaledNetwork } from './proxy.js';
import { Misuse } from './student.js';
import { backward, forward } from './textbook.js';

function demand(name: string, expected: unknown, got: unknown, what: string): void {
  const found = read(expected as Expected, got, what);
  if (isMalformed(found)) throw new Misuse(`called ${name} with something else than it takes: ${found.problem}`);
  const odd = found.find(({ value }) => !Number.isFinite(value));
  if (odd !== undefined) throw new Misuse(`called ${name} with numbers that are none: ${what}${odd.at} is ${odd.value}`);
}

/** backward of lab 2, for networks like this one. */
export function givenBackward(network: Network) {
  return (layers: unknown, x: unknown, t: unknown): { deltas: number[][]; gradient: Parameters[] } => {
    demand('backward', network, layers, 'layers');
    demand(
      'backward',
      network[0]!.W.map(() => 0),
      x,
      'x',
    );
    demand('backward', network.at(-1)!.b, t, 't');
    return backward(layers as Network, x as number[], t as number[]);
  };
}

/** gradient of lab 3, for networks like this one. */
export function givenGradient(network: Network) {
  return (layers: unknown, X: unknown, T: unknown): Parameters[] => {
    demand('gradient', network, layers, 'layers');
    if (!Array.isArray(X) || X.length === 0)
      throw new Misuse('called gradient with something else than it takes: X is no list of rows');
    demand(
      'gradient',
      X.map(() => network[0]!.W.map(() => 0)),
      X,
      'X',
    );
    demand(
      'gradient',
      X.map(() => network.at(-1)!.b),
      T,
      'T',
    );
    return meanGradient(layers as Network, X as number[][], T as number[][]);
  };
}

/** A network of one output on scaled rows: its value, and its derivatives in the inputs (BP2, one layer further down). */
export function givenNetwork(network: Network): ScaledNetwork {
  const inputs = network[0]!.W.map(() => 0);
  const rowOf = (name: string, x: unknown): number[] => {
    demand(name, inputs, x, 'x');
    return Array.from(x as number[]);
  };
  const value = (x: unknown) => forward(network, rowOf('network.value', x)).alphas.at(-1)![0]!;
  const gradient = (x: unknown) => {
    const row = rowOf('network.gradient', x);
    const { deltas } = backward(network, row, [value(row) - 1]);
    return network[0]!.W.map((weights) => weights.reduce((sum, w, j) => sum + w * deltas[0]![j]!, 0));
  };
  return { value, gradient };
}

/** Learns from rows and prices, a few steps of gradient descent from a network; answers with the proxy. */
export function givenLearner(network: Network) {
  return (X: unknown, y: unknown): ((row: number[]) => number) => {
    if (!Array.isArray(X) || X.length === 0)
      throw new Misuse('called learn with something else than it takes: X is no list of rows');
    demand(
      'learn',
      X.map(() => network[0]!.W.map(() => 0)),
      X,
      'X',
    );
    demand(
      'learn',
      X.map(() => 0),
      y,
      'y',
    );
    const T = (y as number[]).map((t) => [t]);
    const orders = Array.from({ length: 8 }, () => T.map((_, i) => i));
    const learnt = descend(network, X as number[][], T, {
      orders,
      batchSize: T.length,
      learningRate: 0.25,
      momentum: 0.5,
      lambda: 0,
    });
    return givenNetwork(learnt).value;
  };
}

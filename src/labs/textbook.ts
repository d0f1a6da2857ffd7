// Forward propagation and backpropagation as on the blackboard, one row at a time, with places where one thing at a time can be done wrongly: what classic
// mistakes give. Without a mistake it gives what the oracle gives (tests hold the two together).

import type { ActivationName, ByLayer, Network, Parameters } from './network.js';

/** The four activations and their derivatives, both of the net input. */
export const activations: Readonly<Record<ActivationName, { value(z: number): number; derivative(z: number): number }>> = {
  identity: { value: (z) => z, derivative: () => 1 },
  sigmoid: { value: sigmoid, derivative: (z) => sigmoid(z) * (1 - sigmoid(z)) },
  tanh: { value: Math.tanh, derivative: (z) => 1 - Math.tanh(z) ** 2 },
  relu: { value: (z) => Math.max(0, z), derivative: (z) => (z > 0 ? 1 : 0) },
};

function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}

export interface Passes {
  readonly zetas: ByLayer;
  readonly alphas: ByLayer;
}

/** What goes wrong on the way forward. */
export interface ForwardSlips {
  readonly transposed?: boolean;
  readonly noBias?: boolean;
  readonly biasAfterActivation?: boolean;
  readonly biasPerInput?: boolean;
  readonly firstBiasOnly?: boolean;
  readonly noActivation?: boolean;
  readonly twice?: boolean;
  /** Net inputs in place of activations go to the next layer. */
  readonly passesZeta?: boolean;
  /** Every layer reads x. */
  readonly stuckAtX?: boolean;
  /** The sum of a unit goes on from that of the unit before. */
  readonly runningSum?: boolean;
  /** The first input is left out. */
  readonly skipsFirst?: boolean;
  /** Every layer has the first one's activation. */
  readonly firstActivation?: boolean;
}

export function forward(network: Network, x: readonly number[], slip: ForwardSlips = {}): Passes {
  const zetas: ByLayer = [];
  const alphas: ByLayer = [];
  let before = x;
  for (const { W, b, activation } of network) {
    const f = activations[slip.firstActivation ? network[0]!.activation : activation].value;
    let sum = 0;
    const zeta = b.map((_, j) => {
      const bias = slip.firstBiasOnly ? b[0]! : b[j]!;
      if (!slip.runningSum) sum = 0;
      if (!slip.noBias && !slip.biasAfterActivation) sum += bias;
      for (let i = slip.skipsFirst ? 1 : 0; i < before.length; i++) {
        sum += (slip.transposed ? W[j]![i]! : W[i]![j]!) * before[i]!;
        if (slip.biasPerInput && i > 0) sum += bias;
      }
      return sum;
    });
    const alpha = zeta.map((z, j) => {
      const value = slip.noActivation ? z : slip.twice ? f(f(z)) : f(z);
      return slip.biasAfterActivation ? value + b[j]! : value;
    });
    zetas.push(zeta);
    alphas.push(alpha);
    before = slip.stuckAtX ? x : slip.passesZeta ? zeta : alpha;
  }
  return { zetas, alphas };
}

/** What goes wrong on the way back. */
export interface BackwardSlips {
  // BP1
  readonly noOutputDerivative?: boolean;
  readonly errorTurned?: boolean;
  readonly errorDoubled?: boolean;
  readonly errorOfZeta?: boolean;
  readonly meanOverOutputs?: boolean;
  // BP1 and BP2
  readonly noDerivative?: boolean;
  readonly derivativeAtAlpha?: boolean;
  // BP2
  readonly noHiddenDerivative?: boolean;
  readonly transposed?: boolean;
  /** W of the layer itself in place of the next one's. */
  readonly ownWeights?: boolean;
  /** f' of the next layer. */
  readonly nextDerivative?: boolean;
  /** The weights of the next layer are those after its step, with this learning rate. */
  readonly stepsTooEarly?: number;
  // BP3
  readonly biasIsOne?: boolean;
  readonly biasTimesBias?: boolean;
  readonly biasTimesAlpha?: boolean;
  // BP4
  readonly ownAlpha?: boolean;
  readonly zetaInput?: boolean;
  readonly weightTransposed?: boolean;
  readonly noInput?: boolean;
}

export function backward(
  network: Network,
  x: readonly number[],
  t: readonly number[],
  slip: BackwardSlips = {},
): { deltas: ByLayer; gradient: Parameters[] } {
  const { zetas, alphas } = forward(network, x);
  const last = network.length - 1;
  const deltas: ByLayer = [];
  const gradient: Parameters[] = [];
  const slopes = (l: number): number[] => {
    const f = activations[network[l]!.activation];
    if (slip.noDerivative || (slip.noOutputDerivative && l === last) || (slip.noHiddenDerivative && l < last))
      return zetas[l]!.map(() => 1);
    return (slip.derivativeAtAlpha ? alphas : zetas)[l]!.map((z) => f.derivative(z));
  };
  for (let l = last; l >= 0; l--) {
    const { b } = network[l]!;
    const slope = slopes(slip.nextDerivative && l < last ? l + 1 : l);
    deltas[l] = b.map((_, i) => {
      let error = 0;
      if (l === last) {
        const sign = slip.errorTurned ? -1 : 1;
        const factor = slip.errorDoubled ? 2 : slip.meanOverOutputs ? 1 / b.length : 1;
        error = factor * sign * ((slip.errorOfZeta ? zetas : alphas)[l]![i]! - t[i]!);
      } else {
        const { W } = network[slip.ownWeights ? l : l + 1]!;
        const rate = slip.stepsTooEarly ?? 0;
        deltas[l + 1]!.forEach((delta, j) => {
          const weight = slip.transposed ? W[j]![i]! : W[i]![j]! - rate * gradient[l + 1]!.W[i]![j]!;
          error += weight * delta;
        });
      }
      return error * slope[i]!;
    });
    const input = slip.ownAlpha ? alphas[l]! : l === 0 ? x : (slip.zetaInput ? zetas : alphas)[l - 1]!;
    const rows = network[l]!.W.length;
    gradient[l] = {
      W: Array.from({ length: rows }, (_, i) =>
        deltas[l]!.map((delta, j) =>
          slip.weightTransposed ? deltas[l]![i]! * input[j]! : slip.noInput ? delta : input[i]! * delta,
        ),
      ),
      b: deltas[l]!.map((delta, j) =>
        slip.biasIsOne ? 1 : slip.biasTimesBias ? delta * b[j]! : slip.biasTimesAlpha ? delta * input[j]! : delta,
      ),
    };
  }
  return { deltas, gradient };
}

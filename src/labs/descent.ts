// Mini-batch gradient descent with momentum and L2 as on the blackboard, with places where one thing at a time can be done wrongly. Without a mistake it gives
// what the oracle gives (tests hold the two together).

import { combine, copyNetwork, withParameters, type Network, type Parameters } from './network.js';
import { backward } from './textbook.js';

/** The settings of a training. */
export interface Settings {
  /** For each epoch the order of the rows. */
  readonly orders: readonly (readonly number[])[];
  readonly batchSize: number;
  readonly learningRate: number;
  readonly momentum: number;
  /** The penalty is lambda / 2n times the sum of the squares of the weights, n the rows of X. */
  readonly lambda: number;
}

/** What goes wrong in the gradient of a batch. */
export interface GradientSlips {
  readonly summed?: boolean;
  readonly dividedTwice?: boolean;
  readonly oneTooFew?: boolean;
  readonly lastRowOnly?: boolean;
  readonly firstRowOnly?: boolean;
  readonly lastRowOut?: boolean;
  readonly runningHalves?: boolean;
  readonly firstTarget?: boolean;
  readonly biasSummed?: boolean;
  readonly weightSummed?: boolean;
  readonly byOutputs?: boolean;
}

const add = (a: number, b: number) => a + b;
const scaled = (gradient: Parameters[], factor: number) => combine((g) => factor * g, gradient);

/** The mean gradient of some rows. */
export function meanGradient(network: Network, X: number[][], T: number[][], slip: GradientSlips = {}): Parameters[] {
  const one = (x: number[], i: number) => backward(network, x, slip.firstTarget ? T[0]! : T[i]!).gradient;
  const all = X.map(one);
  const m = all.length;
  if (slip.lastRowOnly) return all.at(-1)!;
  if (slip.firstRowOnly) return all[0]!;
  if (slip.runningHalves) return all.reduce((mean, next) => combine((a, b) => (a + b) / 2, mean, next));
  const kept = slip.lastRowOut && m > 1 ? all.slice(0, -1) : all;
  const sum = kept.reduce((a, b) => combine(add, a, b));
  const divisor = slip.summed
    ? 1
    : slip.dividedTwice
      ? m * m
      : slip.oneTooFew
        ? m - 1
        : slip.byOutputs
          ? m * network.at(-1)!.b.length
          : m;
  const mean = scaled(sum, 1 / divisor);
  return mean.map(({ W, b }, l) => ({ W: slip.weightSummed ? sum[l]!.W : W, b: slip.biasSummed ? sum[l]!.b : b }));
}

/** How a velocity and a step come from the velocity before (v), the gradient (g) and a parameter (theta). */
export interface MomentumRule {
  readonly velocity: (v: number, g: number, momentum: number, rate: number) => number;
  readonly theta: (theta: number, v: number, g: number, momentum: number, rate: number, before: number) => number;
}

/** v = momentum v + g; theta = theta - rate v. */
export const heavyBall: MomentumRule = {
  velocity: (v, g, momentum) => momentum * v + g,
  theta: (theta, v, _g, _momentum, rate) => theta - rate * v,
};

/** What goes wrong in a training. */
export interface DescentSlips {
  readonly gradient?: GradientSlips;
  readonly rule?: Partial<MomentumRule>;
  readonly biasWithoutMomentum?: boolean;
  /** The last batch, where it is smaller, is divided by batchSize all the same. */
  readonly byBatchSize?: boolean;
  readonly dropsRest?: boolean;
  readonly ignoresOrder?: boolean;
  readonly targetsByPosition?: boolean;
  readonly allAtOnce?: boolean;
  readonly rowByRow?: boolean;
  readonly firstBatchOnly?: boolean;
  readonly startGradients?: boolean;
  readonly biasesStay?: boolean;
  readonly weightsStay?: boolean;
  readonly resetEachStep?: boolean;
  readonly resetEachEpoch?: boolean;
  readonly firstOrder?: boolean;
  readonly firstEpochOnly?: boolean;
  /** The gradient is taken where momentum alone would lead. */
  readonly looksAhead?: boolean;
  readonly penalty?: PenaltySlips;
}

/** What goes wrong with a penalty's gradient, lambda / n W. */
export interface PenaltySlips {
  readonly left?: boolean;
  readonly factor?: number;
  /** lambda / rows of the batch. */
  readonly byBatch?: boolean;
  readonly withoutN?: boolean;
  readonly onBiases?: boolean;
  readonly l1?: boolean;
  /** Of the weights at the start. */
  readonly ofStart?: boolean;
  /** Weights decay beside the velocity, not within it. */
  readonly decoupled?: boolean;
  readonly firstLayerOut?: boolean;
}

export const zeros = (network: Network): Parameters[] => combine(() => 0, network);

/** batchSize positions at a time. */
export function cut(order: readonly number[], batchSize: number): number[][] {
  return Array.from({ length: Math.ceil(order.length / batchSize) }, (_, k) => order.slice(k * batchSize, (k + 1) * batchSize));
}

/** The gradient of a penalty. */
export function penaltyGradient(network: Network, lambda: number, n: number, slip: PenaltySlips = {}, batch = n): Parameters[] {
  const rate = ((slip.factor ?? 1) * lambda) / (slip.withoutN ? 1 : slip.byBatch ? batch : n);
  const of = (w: number) => rate * (slip.l1 ? Math.sign(w) : w);
  return network.map(({ W, b }, l) => {
    const none = slip.left || (slip.firstLayerOut && l === 0);
    return { W: W.map((row) => row.map((w) => (none ? 0 : of(w)))), b: b.map((w) => (slip.onBiases ? of(w) : 0)) };
  });
}

/** A training from its first row to its last. */
export function descend(start: Network, X: number[][], T: number[][], settings: Settings, slip: DescentSlips = {}): Network {
  const { orders, batchSize, learningRate: rate, momentum, lambda } = settings;
  const { velocity, theta } = { ...heavyBall, ...slip.rule };
  let network = copyNetwork(start);
  let v = zeros(network);
  for (const own of slip.firstEpochOnly ? orders.slice(0, 1) : orders) {
    const order = slip.ignoresOrder ? X.map((_, i) => i) : slip.firstOrder ? orders[0]! : own;
    if (slip.resetEachEpoch) v = zeros(network);
    let batches = cut(order, slip.allAtOnce ? order.length : slip.rowByRow ? 1 : batchSize);
    if (slip.dropsRest) batches = batches.filter(({ length }) => length === batchSize);
    if (slip.firstBatchOnly) batches = batches.slice(0, 1);
    let position = 0;
    for (const batch of batches) {
      const place = position;
      position += batch.length;
      const targets = batch.map((row, k) => T[slip.targetsByPosition ? place + k : row]!);
      const at = slip.startGradients
        ? start
        : slip.looksAhead
          ? withParameters(
              network,
              combine((w, u) => w - rate * momentum * u, network, v),
            )
          : network;
      let g = meanGradient(
        at,
        batch.map((row) => X[row]!),
        targets,
        slip.gradient,
      );
      if (slip.byBatchSize) g = scaled(g, batch.length / batchSize);
      const decay = penaltyGradient(slip.penalty?.ofStart ? start : network, lambda, X.length, slip.penalty, batch.length);
      if (slip.penalty?.decoupled)
        network = withParameters(
          network,
          combine((w, d) => w - rate * d, network, decay),
        );
      else g = combine(add, g, decay);
      const before = slip.resetEachStep ? zeros(network) : v;
      v = combine((u, gradient) => velocity(u, gradient, momentum, rate), before, g);
      if (slip.biasWithoutMomentum) v = v.map(({ W }, l) => ({ W, b: g[l]!.b }));
      const moved = combine((w, u, gradient, old) => theta(w, u, gradient, momentum, rate, old), network, v, g, before);
      network = withParameters(
        network,
        moved.map(({ W, b }, l) => ({ W: slip.weightsStay ? network[l]!.W : W, b: slip.biasesStay ? network[l]!.b : b })),
      );
    }
  }
  return network;
}

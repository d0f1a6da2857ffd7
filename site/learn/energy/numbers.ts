// What a price costs by simulation and by a network that stands in for it: counted in multiply-adds, measured in seconds, and joules as seconds
// times watts.

import { adam, cosineDecay, dense, MLP, Random, workOf } from 'feedforward';

const epochs = 150;
const hidden = () => dense(32, { activation: 'silu' });
const network = (): MLP =>
  new MLP({
    inputs: 2,
    layers: [hidden(), hidden(), dense(1)],
    optimizer: adam({ learningRate: cosineDecay(0.01, { over: epochs }) }),
    seed: 1,
  });

/** Spot and volatility with mean 0 and deviation 1. */
const scaled = ([spot, volatility]: readonly number[]): number[] => [(spot! - 1) / 0.29, (volatility! - 0.35) / 0.145];

/** Multiply-adds of one price by the network. */
export const multiplyAdds = (): number => workOf(network()).predict.multiplyAdds;

const random = new Random(3, 'paths');
const shocks = Float64Array.from({ length: 100_000 }, () => random.normal());

/** A call with strike 1 and half a year, the mean over so many ends of the spot. */
function simulate(spot: number, volatility: number, paths: number): number {
  const root = volatility * Math.sqrt(0.5);
  const drift = (0.03 - 0.5 * volatility * volatility) * 0.5;
  let sum = 0;
  for (let i = 0; i < paths; i++) sum += Math.max(spot * Math.exp(drift + root * shocks[i]!) - 1, 0);
  return (Math.exp(-0.03 * 0.5) * sum) / paths;
}

export interface Measured {
  /** Seconds. */
  readonly simulated: number;
  readonly predicted: number;
  readonly learning: number;
  /** Root mean square error of the network against simulation with all paths. */
  readonly error: number;
}

const seconds = (work: () => unknown): number => {
  const before = performance.now();
  work();
  return Math.max(performance.now() - before, 0.01) / 1000;
};

/** Prices `samples` calls by simulation, learns from them, and prices many by the network: how long each took on this machine. */
export function measure(paths: number, samples: number): Measured {
  const draw = new Random(1, 'calls');
  const X = Array.from({ length: samples }, () => [draw.between(0.5, 1.5), draw.between(0.1, 0.6)]);
  const y: number[][] = [];
  const simulating = seconds(() => {
    for (const [spot, volatility] of X) y.push([simulate(spot!, volatility!, paths)]);
  });
  const model = network();
  const training = seconds(() => {
    model.fitSync(X.map(scaled), y, { epochs, batchSize: 16, reportMetrics: false });
  });
  const many = Array.from({ length: 4096 }, () => [draw.between(0.5, 1.5), draw.between(0.1, 0.6)]);
  const rows = many.map(scaled);
  // The quickest of some: what else the machine does meanwhile is not the network's.
  const predicting = Math.min(...Array.from({ length: 4 }, () => seconds(() => model.predict(rows))));
  const some = many.slice(0, 50);
  const predicted = model.predict(some.map(scaled)).data;
  const error = Math.sqrt(some.reduce((sum, [s, v], i) => sum + (predicted[i]! - simulate(s!, v!, shocks.length)) ** 2, 0) / 50);
  return { simulated: simulating / samples, predicted: predicting / many.length, learning: simulating + training, error };
}

/** Prices after which what learning cost has been saved. */
export const breakEven = ({ simulated, predicted, learning }: Measured): number =>
  simulated > predicted ? learning / (simulated - predicted) : Number.POSITIVE_INFINITY;

// The network that learns a costly function from samples: inputs brought to [-1, 1], values to mean 0 and deviation 1, both by layers of the network, so
// that it speaks in the units of the function.

import type { Domain } from '../data/domain.js';
import type { Float64Rows } from '../data/matrix.js';
import { MLP } from '../mlp/mlp.js';
import { dense, rescale, type LayerSpec } from '../plan/layers.js';
import { adam } from '../plan/optimizers.js';
import { cosineDecay } from '../plan/schedules.js';
import type { Samples } from './samples.js';

/** Rows of a step: small ones get further in the same time. */
const BATCH = 64;
/** The learning rate that half a cosine takes to 0: of the first round, and of later ones, which go on from weights that fit already. */
const RATES = [1e-2, 5e-3] as const;

/** How values are brought to mean 0 and deviation 1: one number for each output. Fixed by the first samples. */
export interface ValueScale {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

export class Learner {
  private constructor(
    readonly domain: Domain,
    readonly widths: readonly number[],
    readonly scale: ValueScale,
    /** Weights of the layers between the two rescalings; undefined before the first round. */
    readonly weights: Float32Array | undefined,
    private readonly seed: number,
  ) {}

  static start(domain: Domain, widths: readonly number[], seed: number, samples: Samples): Learner {
    return new Learner(domain, widths, scaleOf(samples), undefined, seed);
  }

  static resume(
    domain: Domain,
    widths: readonly number[],
    seed: number,
    scale: ValueScale,
    weights: Float32Array | undefined,
  ): Learner {
    return new Learner(domain, widths, scale, weights, seed);
  }

  /** One of other widths, which has everything to learn. */
  widened(widths: readonly number[]): Learner {
    return new Learner(this.domain, widths, this.scale, undefined, this.seed);
  }

  /** One that learnt the samples for about so many steps. Rejects with an AbortError by the signal: this one is as before. */
  async learn(samples: Samples, steps: number, signal: AbortSignal | undefined): Promise<Learner> {
    const { x, y, dydx } = samples;
    const epochs = Math.max(1, Math.round((steps * BATCH) / samples.rows));
    const rate = RATES[this.weights === undefined ? 0 : 1];
    const model = this.network(adam({ learningRate: cosineDecay(rate, { over: epochs }) }), []);
    if (this.weights !== undefined) model.setVector(this.weights);
    const { mean, deviation } = this.scale;
    const outputs = mean.length;
    const targets = y.data.map((value, k) => (value - mean[k % outputs]!) / deviation[k % outputs]!);
    const slopes = dydx?.data.map((value, k) => value / deviation[Math.floor(k / x.shape[1]) % outputs]!);
    const options = {
      ...{ epochs, batchSize: BATCH },
      ...(slopes === undefined ? {} : { inputGradients: { data: slopes, shape: dydx!.shape } }),
      ...(signal === undefined ? {} : { signal }),
    };
    await model.fit(x, { data: targets, shape: y.shape }, options);
    return new Learner(this.domain, this.widths, this.scale, model.getVector(), this.seed);
  }

  /** The network in the units of the function, as it is saved. */
  finished(): MLP {
    const { mean, deviation } = this.scale;
    // gain (z - center), with center = -mean / deviation: what the scaled values came from.
    const back = rescale({ center: mean.map((m, o) => -m / deviation[o]!), gain: deviation });
    const model = this.network(adam(), [back]);
    model.setVector(this.weights!);
    return model;
  }

  private network(optimizer: ReturnType<typeof adam>, after: readonly LayerSpec[]): MLP {
    const { low, high, names } = this.domain;
    const hidden = this.widths.map((units) => dense(units, { activation: 'silu' }));
    const center = low.map((least, j) => (least + high[j]!) / 2);
    const scale = low.map((least, j) => (high[j]! - least) / 2);
    return new MLP({
      inputs: names.length,
      layers: [rescale({ center, scale }), ...hidden, dense(this.scale.mean.length), ...after],
      loss: 'meanSquaredError',
      optimizer,
      seed: this.seed,
    });
  }
}

function scaleOf({ y }: Samples): ValueScale {
  const [rows, outputs] = y.shape;
  const mean = new Float64Array(outputs);
  const deviation = new Float64Array(outputs);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < rows; i++) mean[o] = mean[o]! + y.data[i * outputs + o]! / rows;
    let squares = 0;
    for (let i = 0; i < rows; i++) squares += (y.data[i * outputs + o]! - mean[o]!) ** 2;
    deviation[o] = Math.sqrt(squares / rows) || 1; // a constant
  }
  return { mean, deviation };
}

/** Largest |error| of each row over its outputs, of what the network answers for the points. */
export function errorsOf(model: MLP, x: Float64Rows, y: Float64Rows): Float64Array {
  const [rows, outputs] = y.shape;
  const { data } = model.predict(x);
  const errors = new Float64Array(rows);
  for (let k = 0; k < rows * outputs; k++) {
    const row = Math.floor(k / outputs);
    errors[row] = Math.max(errors[row]!, Math.abs(data[k]! - y.data[k]!));
  }
  return errors;
}

// What the labs hold a student's numbers against: the plain-JavaScript baseline in float64, in the labs' notation.
//
// The labs' cost of a row is C = 1/2 sum (alpha - t)^2, as in the course; the library's meanSquaredError is the mean over the outputs of (alpha - t)^2:
// 2 / outputs times as much. Learning rates and penalties go in by that factor, gradients and deltas come out by it.

import { PlainBackend } from '../baseline/backend.js';
import { Model } from '../model/model.js';
import { dense } from '../plan/layers.js';
import { resolveNetwork } from '../plan/network.js';
import { sgd } from '../plan/optimizers.js';
import type { ByLayer, Network, Parameters } from './network.js';

/** How an oracle learns. */
export interface Descent {
  readonly learningRate: number;
  /** v = momentum v + gradient; theta = theta - learningRate v. */
  readonly momentum?: number;
  /** What the penalty on the weights is multiplied by: lambda / n of the course. */
  readonly decay?: number;
}

/** A network of the labs on the baseline. */
export class Oracle {
  private readonly backend: PlainBackend;
  private readonly model: Model;
  /** The labs' cost is so many times the library's. */
  private readonly factor: number;

  constructor(
    private readonly network: Network,
    { learningRate, momentum = 0, decay = 0 }: Descent = { learningRate: 1 },
  ) {
    const outputs = network.at(-1)!.b.length;
    this.factor = outputs / 2;
    const plan = resolveNetwork({
      inputs: network[0]!.W.length,
      layers: network.map(({ b, activation }) => dense(b.length, { activation })),
      loss: 'meanSquaredError',
      optimizer: sgd({ learningRate: this.factor * learningRate, momentum }),
      l2: decay / this.factor,
    });
    this.backend = new PlainBackend(plan, { precision: 'float64' });
    this.model = new Model(this.backend);
    const views = this.model.parameters();
    network.forEach(({ W, b }, l) => {
      views[2 * l]!.set(W);
      views[2 * l + 1]!.set(b);
    });
  }

  /** Activations of each layer on rows X: alphas[l][row][unit]. */
  activations(X: number[][]): number[][][] {
    this.model.forward(X);
    return this.network.map(({ b }, l) => rowsOf(this.backend.readActivations(l), b.length).slice(0, X.length));
  }

  /** Net inputs and activations of each layer: those of a network are the outputs of its first layers with the last activation left out. */
  forward(X: number[][]): { zetas: number[][][]; alphas: number[][][] } {
    const zetas = this.network.map(
      (layer, l) => new Oracle([...this.network.slice(0, l), { ...layer, activation: 'identity' }]).activations(X).at(-1)!,
    );
    return { zetas, alphas: this.activations(X) };
  }

  /** Deltas of each layer on one row, and the gradient of the mean cost of all rows. */
  backward(X: number[][], T: number[][]): { deltas: ByLayer; gradient: Parameters[] } {
    this.model.zeroGrad();
    this.model.forward(X);
    this.model.loss(T);
    this.model.backward();
    const { factor } = this;
    const scaled = (values: ArrayLike<number>) => Array.from(values, (value) => factor * value);
    const gradients = this.model.gradients();
    return {
      deltas: this.network.map(({ b }, l) => scaled(this.backend.readDeltas(l)).slice(0, b.length)),
      gradient: this.network.map(({ b }, l) => ({
        W: rowsOf(scaled(gradients[2 * l]!.values), b.length),
        b: scaled(gradients[2 * l + 1]!.values),
      })),
    };
  }

  /** One step on a batch. */
  step(X: number[][], T: number[][]): void {
    this.model.trainStep(X, T);
  }

  /** Weights and biases as they stand. */
  parameters(): Parameters[] {
    const views = this.model.parameters();
    return this.network.map(({ b }, l) => ({
      W: rowsOf(views[2 * l]!.values, b.length),
      b: Array.from(views[2 * l + 1]!.values),
    }));
  }
}

function rowsOf(values: ArrayLike<number>, columns: number): number[][] {
  return Array.from({ length: values.length / columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) => values[i * columns + j]!),
  );
}

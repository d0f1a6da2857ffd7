// L1 and L2 as the course writes them, lambda / (2 m) times the sum of |theta| or theta^2 over weights and biases, while a wide network learns a few
// noisy rows.

import { adam, dense, MLP } from 'feedforward';
import { drawRows, type Rows } from '../kit/noisyRows';
import { grid } from '../kit/oneLayer';

export type Penalty = 'none' | 'L1' | 'L2';
const units = 40;
export const points = grid(-2, 2, 200);
const pointRows = points.map((x) => [x]);
const fresh = drawRows(2000, 0.2, 9);

/** The library's numbers for the course's lambda: its L2 is l2 / 2 times the squares. */
const strengths = (penalty: Penalty, lambda: number, m: number): object =>
  penalty === 'L1'
    ? { l1: lambda / (2 * m), biasL1: lambda / (2 * m) }
    : penalty === 'L2'
      ? { l2: lambda / m, biasL2: lambda / m }
      : {};

export interface Look {
  readonly epochs: number;
  readonly values: readonly number[];
  /** All weights and biases, theta. */
  readonly theta: readonly number[];
  readonly training: number;
  readonly test: number;
  /** What the model adds to its loss, and the same by the formula. */
  readonly penalty: number;
  readonly byHand: number;
}

/** A network that goes on learning while its penalty changes. */
export class Learner {
  #model: MLP;
  #epochs = 0;
  readonly #rows: Rows;
  #penalty: Penalty = 'none';
  #lambda = 0;

  constructor(rows: Rows) {
    this.#rows = rows;
    this.#model = this.#make();
  }

  #make(): MLP {
    const layers = [dense(units, { activation: 'tanh' }), dense(1)];
    const m = this.#rows.X.length;
    return new MLP({
      inputs: 1,
      ...{ layers, optimizer: adam({ learningRate: 0.01 }), seed: 4 },
      ...strengths(this.#penalty, this.#lambda, m),
    });
  }

  /** Another penalty for the weights as they are. */
  change(penalty: Penalty, lambda: number): void {
    if (penalty === this.#penalty && lambda === this.#lambda) return;
    const theta = this.#model.getVector();
    [this.#penalty, this.#lambda] = [penalty, lambda];
    this.#model = this.#make();
    this.#model.setVector(theta);
  }

  /** Counts epochs from 0 again, with the weights as they are. */
  again(): void {
    this.#epochs = 0;
  }

  advance(epochs: number): Look {
    const { X, y } = this.#rows;
    const m = X.length;
    if (epochs > 0) this.#model.fitSync(X, y, { epochs, batchSize: m, reportMetrics: false });
    this.#epochs += epochs;
    const theta = [...this.#model.getVector()];
    const sum = theta.reduce((total, t) => total + (this.#penalty === 'L1' ? Math.abs(t) : t * t), 0);
    return {
      ...{ epochs: this.#epochs, theta, values: [...this.#model.predict(pointRows).data] },
      training: Math.sqrt(this.#model.evaluate(X, y).loss),
      test: Math.sqrt(this.#model.evaluate(fresh.X, fresh.y).loss),
      penalty: this.#model.penalty(),
      byHand: this.#penalty === 'none' ? 0 : (this.#lambda / (2 * m)) * sum,
    };
  }
}

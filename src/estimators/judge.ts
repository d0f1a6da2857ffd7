// What the training of a preset's nets asks of the estimator.

import type { Matrix } from '../data/matrix.js';
import type { Model } from '../model/model.js';
import type { MLPOptions } from '../plan/network.js';
import type { Network } from './targets.js';

/** What an estimator knows of its targets. */
export interface Judge<Head> {
  /** With `blank`, one that gets all its weights from somewhere: none need be drawn. */
  createModel(options: MLPOptions, blank?: boolean): Model;
  encode(head: Head, values: Float64Array, columns: number, smoothing: number): Matrix;
  network(head: Head, smoothing: number): Network;
  rate(head: Head, values: Float64Array, outputs: Matrix, weights: ArrayLike<number> | undefined): number;
}

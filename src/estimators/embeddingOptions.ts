// The option `embeddings` of estimators: its names, ranges and defaults.

import { number, type Schema, whole } from '../options.js';

/** Which columns of text become embeddings, numbers learnt for each category, and how many: option `embeddings`. */
export interface EmbeddingOptions {
  /** Columns of at least so many categories, a whole number >= 1 (default 10). Others stay one-hot. */
  readonly from?: number;
  /** Numbers for each category, a whole number from 1 to 256 (default 2). */
  readonly size?: number;
  /** What the learning rate is multiplied by for them, >= 0 (default 3). */
  readonly learningRateScale?: number;
}

/** A row for each option of `embeddings`. */
export const embeddingRows = {
  from: whole({ min: 1, default: 10 }),
  size: whole({ min: 1, max: 256, default: 2 }),
  learningRateScale: number({ min: 0, default: 3 }),
} satisfies Schema<EmbeddingOptions>;

// Categories that an estimator learns numbers for: which columns, and the layers in front of a network that stand for them.

import { embedding, type EmbeddingSpec } from '../plan/layers.js';
import type { EmbeddingOptions } from './embeddingOptions.js';
import type { InputColumns } from './inputs.js';
import type { EstimatorOptions } from './options.js';

/** The embeddings that an estimator's options come to; undefined for none. */
export function embeddingsOf(
  { embeddings }: { readonly embeddings?: boolean | EmbeddingOptions },
  preset: boolean,
): Required<EmbeddingOptions> | undefined {
  const asked = embeddings ?? preset;
  if (asked === false) return undefined;
  const { from = 10, size = 2, learningRateScale = 3 } = asked === true ? {} : asked;
  return { from, size, learningRateScale };
}

/** A layer for each numbered column, the last column first, so that the places of the others hold. */
export function embeddingLayers(
  columns: Pick<InputColumns, 'numbered'>,
  options: Omit<EmbeddingSpec, 'type' | 'column' | 'categories'>,
): EmbeddingSpec[] {
  return [...columns.numbered].reverse().map(({ column, categories }) => embedding({ column, categories, ...options }));
}

/** The options with those layers in front of the hidden ones. */
export function withEmbeddings(options: EstimatorOptions, columns: Pick<InputColumns, 'numbered'>): EstimatorOptions {
  const { size = 2, learningRateScale = 3 } = embeddingsOf(options, false) ?? {};
  const front = embeddingLayers(columns, { size, learningRateScale });
  return front.length === 0 ? options : { ...options, hiddenLayers: [...front, ...(options.hiddenLayers ?? [64])] };
}

// A model file of whole numbers as the commands use it: answers to tables, as an estimator gives them.

import type { Label } from '../data/labels.js';
import type { Matrix } from '../data/matrix.js';
import type { Rows64 } from '../data/rows64.js';
import { Table } from '../data/table.js';
import { TableEncoder } from '../data/tabular.js';
import type { Features } from '../estimators/features.js';
import { MLPRegressor } from '../estimators/regressor.js';
import type { PredictorInput } from '../predict/rows.js';
import { QuantizedModel } from '../quantize/quantizedModel.js';
import type { Model } from '../report/facts/scores.js';

/** What predict and evaluate ask. */
export type Answering = Model | IntegerModel;

export class IntegerModel {
  readonly encoder: TableEncoder;
  private readonly model: QuantizedModel;

  /** `inputs`: the part of the file about the columns. @throws ERR_FORMAT, ERR_UNSUPPORTED, ERR_NONFINITE, ERR_MEMORY. */
  constructor(bytes: Uint8Array, inputs: { readonly encoder: unknown }) {
    this.model = QuantizedModel.load(bytes);
    this.encoder = TableEncoder.fromJSON(inputs.encoder);
  }

  /** In order; undefined where it predicts numbers. */
  get classes(): readonly Label[] | undefined {
    return this.model.classes;
  }

  get report() {
    return this.model.report;
  }

  predict(X: Features): Label[] | Float64Array {
    return this.model.predict(this.rows(X)) as Label[] | Float64Array;
  }

  predictProba(X: Features): Matrix {
    return this.model.predictProba(this.rows(X));
  }

  predictQuantiles(X: Features): Rows64 {
    return this.model.predictQuantiles(this.rows(X));
  }

  predictInterval(X: Features, options: { readonly confidence: number }): Rows64 {
    return this.model.predictInterval(this.rows(X), options);
  }

  predictSet(X: Features, options: { readonly confidence: number }): Label[][] {
    return this.model.predictSet(this.rows(X), options);
  }

  private rows(X: Features): PredictorInput {
    return X instanceof Table ? this.encoder.transform64(X) : (X as PredictorInput);
  }
}

/** The classes of a classifier; undefined of a regressor. */
export function classesOf(model: Answering): readonly Label[] | undefined {
  return model instanceof MLPRegressor ? undefined : model.classes;
}

// How an answer changes with the columns it was given: derivatives by column name.

import { fail, show } from '../errors.js';
import { Rows64 } from './rows64.js';

/** Derivatives [rows, inputs] of one answer in each input, in the units of the table: what inputGradient of an estimator gives. */
export class ColumnGradients extends Rows64 {
  /** What the inputs are called: a column of numbers as in the table, of a category one name for each of its values. */
  readonly featureNames: readonly string[];

  /** A view of `data` as rows of a derivative for each of the names. */
  constructor(data: Float64Array, rows: number, featureNames: readonly string[]) {
    super(data, rows, featureNames.length);
    this.featureNames = featureNames;
  }

  /** The derivative in one input at every row, by its name (a copy). @throws ERR_OPTION for a name there is not. */
  column(name: string): Float64Array {
    const j = this.featureNames.indexOf(name);
    if (j < 0)
      fail(
        'ERR_OPTION',
        `column: there is no input ${show(name)}. Inputs: ${this.featureNames.slice(0, 20).join(', ')}${this.featureNames.length > 20 ? ', …' : ''}.`,
      );
    const [rows, columns] = this.shape;
    return Float64Array.from({ length: rows }, (_, i) => this.data[i * columns + j]!);
  }
}

// Polynomial features: products of columns up to a degree.

import { fail } from '../errors.js';
import { flag, readOptions, whole, type Schema } from '../options.js';
import { checkWidth, notFitted, SavedState } from './columns.js';
import { checkDigits, farColumns, frameOfRanges } from './digits.js';
import { Matrix, RowReader, type MatrixLike } from './matrix.js';

/** Options of PolynomialFeatures. */
export interface PolynomialFeaturesOptions {
  /** Largest sum of exponents, 0 to 30 (default 2). */
  degree?: number;
  /** Only products of different columns: x0 x1, but not x0^2 (default false). */
  interactionOnly?: boolean;
  /** Begin with a column of ones (default true). */
  includeBias?: boolean;
}

const optionRows = {
  degree: whole({ min: 0, max: 30, default: 2 }),
  interactionOnly: flag(false),
  includeBias: flag(true),
} satisfies Schema<PolynomialFeaturesOptions>;

/** A fitted PolynomialFeatures as plain JSON: what toJSON gives and PolynomialFeatures.fromJSON takes. */
export interface PolynomialFeaturesState {
  /** Always 'PolynomialFeatures'. */
  type: 'PolynomialFeatures';
  /** Largest sum of exponents, 0 to 30. */
  degree: number;
  /** Whether only products of different columns are made. */
  interactionOnly: boolean;
  /** Whether the first output is a column of ones. */
  includeBias: boolean;
  /** Columns of the fit. */
  columns: number;
}

const MOST_OUTPUTS = 1_000_000;

/**
 * All products of input columns up to a degree, in the order of scikit-learn 1.2's `PolynomialFeatures`: by degree, then by
 * column. Two columns a, b with degree 2 give 1, a, b, a^2, a b, b^2. Products are taken in float64 and rounded once.
 *
 * @example
 * new PolynomialFeatures().fitTransform([[2, 3]]).toArray();  // [[1, 2, 3, 4, 6, 9]]
 */
export class PolynomialFeatures {
  /** The largest sum of exponents, 0 to 30. */
  readonly degree: number;
  /** Whether only products of different columns are made. */
  readonly interactionOnly: boolean;
  /** Whether the first column is ones. */
  readonly includeBias: boolean;
  private state: { columns: number; terms: readonly (readonly number[])[] } | undefined;

  /** Adds products and powers of the columns up to a degree: fit, then transform. @throws ERR_OPTION for a degree that is no whole number from 0 to 30. */
  constructor(options: PolynomialFeaturesOptions = {}) {
    const { degree, interactionOnly, includeBias } = readOptions(
      optionRows,
      options,
      'PolynomialFeatures',
      'PolynomialFeatures.',
    );
    this.degree = degree;
    this.interactionOnly = interactionOnly;
    this.includeBias = includeBias;
    if (this.degree === 0 && !this.includeBias)
      fail('ERR_OPTION', 'PolynomialFeatures: degree 0 without includeBias leaves no column.');
  }

  private get fitted() {
    return this.state ?? notFitted('PolynomialFeatures');
  }
  /** Input columns. @throws ERR_STATE before fit. */
  get columns(): number {
    return this.fitted.columns;
  }
  /** Output columns. */
  get outputs(): number {
    return this.fitted.terms.length;
  }
  /** Exponents: powers[output][column]. */
  get powers(): number[][] {
    const { columns, terms } = this.fitted;
    return terms.map((term) => {
      const exponents = new Array<number>(columns).fill(0);
      for (const j of term) exponents[j]!++;
      return exponents;
    });
  }

  /** Learns the width of X [rows][columns]. @throws ERR_TYPE, ERR_SHAPE, ERR_EMPTY; ERR_MEMORY for more than a million outputs. */
  fit(X: MatrixLike): this {
    const reader = new RowReader(X, { name: 'X' });
    for (const _ of reader.blocks()); // the check of every number
    this.state = this.termsOf(reader.shape[1]);
    return this;
  }

  private termsOf(columns: number) {
    const outputs = countTerms(columns, this.degree, this.interactionOnly) - (this.includeBias ? 0 : 1);
    if (outputs > MOST_OUTPUTS)
      fail(
        'ERR_MEMORY',
        `PolynomialFeatures: degree ${this.degree} of ${columns} columns makes ${outputs} columns, more than ${MOST_OUTPUTS}.`,
      );
    const terms: number[][] = this.includeBias ? [[]] : [];
    const step = this.interactionOnly ? 1 : 0;
    for (let degree = 1; degree <= this.degree; degree++) {
      const extend = (term: number[], first: number): void => {
        if (term.length === degree) terms.push(term);
        else for (let j = first; j < columns; j++) extend([...term, j], j + step);
      };
      extend([], 0);
    }
    return { columns, terms };
  }

  /**
   * The products for each row of X [rows][columns], in float32.
   * @throws ERR_STATE, ERR_SHAPE, ERR_RANGE beyond float32 or for a column whose differences float32 would take (seconds since 1970: scale first), and
   * as `matrix`.
   */
  transform(X: MatrixLike): Matrix {
    const { columns, terms } = this.fitted;
    const reader = new RowReader(X, { name: 'X' });
    checkWidth(reader.shape[1], columns, 'PolynomialFeatures');
    const rows = reader.shape[0];
    refuseFar(reader, columns);
    const out = new Float32Array(rows * terms.length);
    for (const block of reader.blocks())
      for (let i = 0; i < block.rows; i++)
        terms.forEach((term, t) => {
          let product = 1;
          for (const j of term) product *= block.data[i * columns + j]!;
          const at = (block.first + i) * terms.length + t;
          out[at] = product;
          if (!Number.isFinite(out[at]!))
            fail(
              'ERR_RANGE',
              `PolynomialFeatures: row ${block.first + i}, ${nameOf(term, inputNames(columns))} is ${product}, beyond float32.`,
            );
        });
    return new Matrix(out, rows, terms.length);
  }

  /** fit(X), then transform(X). */
  fitTransform(X: MatrixLike): Matrix {
    return this.fit(X).transform(X);
  }

  /** Names of the output columns: "1", "x0", "x0^2", "x0 x1", with the given input names for x0, x1, …. @throws ERR_SHAPE for too few. */
  featureNames(names?: readonly string[]): string[] {
    const { columns, terms } = this.fitted;
    if (names !== undefined) checkWidth(names.length, columns, 'PolynomialFeatures.featureNames');
    return terms.map((term) => nameOf(term, names ?? inputNames(columns)));
  }

  /** The fitted state as plain JSON. @throws ERR_STATE before fit. */
  toJSON(): PolynomialFeaturesState {
    const { degree, interactionOnly, includeBias, columns } = this;
    return { type: 'PolynomialFeatures', degree, interactionOnly, includeBias, columns };
  }

  /** What toJSON described. @throws ERR_FORMAT for anything else. */
  static fromJSON(json: unknown): PolynomialFeatures {
    const saved = new SavedState(json, 'PolynomialFeatures');
    const degree = saved.count('degree');
    if (degree > 30) saved.refuse('degree', 'at most 30', degree);
    const features = new PolynomialFeatures({
      degree,
      interactionOnly: saved.boolean('interactionOnly'),
      includeBias: saved.boolean('includeBias'),
    });
    const columns = saved.count('columns');
    if (columns === 0) saved.refuse('columns', 'at least 1', columns);
    features.state = features.termsOf(columns);
    return features;
  }
}

/** @throws ERR_RANGE for a column so far from 0 that float32 would take what tells its values apart. */
function refuseFar(reader: RowReader, columns: number): void {
  const low = new Float64Array(columns).fill(Infinity);
  const high = new Float64Array(columns).fill(-Infinity);
  for (const { data } of reader.blocks())
    for (let k = 0, j = 0; k < data.length; k++) {
      low[j] = Math.min(low[j]!, data[k]!);
      high[j] = Math.max(high[j]!, data[k]!);
      if (++j === columns) j = 0;
    }
  const far = farColumns(frameOfRanges(low, high));
  if (far.length === 0) return;
  for (const { data, first } of reader.blocks())
    for (const column of far)
      checkDigits(Float32Array.from(data), data, 0, columns, column, 'PolynomialFeatures.transform', {
        first,
        wayOut: 'Scale the columns first: StandardScaler subtracts in float64.',
      });
}

/** How many products of up to `degree` of `columns` factors there are, the empty one included. */
function countTerms(columns: number, degree: number, interactionOnly: boolean): number {
  let total = 1;
  let ofDegree = 1;
  for (let d = 1; d <= degree; d++) {
    ofDegree *= (interactionOnly ? Math.max(0, columns - d + 1) : columns + d - 1) / d;
    total += Math.round(ofDegree);
  }
  return total;
}

function nameOf(term: readonly number[], names: readonly string[]): string {
  if (term.length === 0) return '1';
  const factors: string[] = [];
  for (let i = 0, end = 0; i < term.length; i = end) {
    while (end < term.length && term[end] === term[i]) end++;
    factors.push(end - i === 1 ? names[term[i]!]! : `${names[term[i]!]!}^${end - i}`);
  }
  return factors.join(' ');
}

function inputNames(columns: number): string[] {
  return Array.from({ length: columns }, (_, j) => `x${j}`);
}

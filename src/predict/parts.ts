// What of a predictor only some files and callers need. A page that loads the light one pays for the parts that it hands over and for no others; what
// needs a part that is not there is refused by its name.

import type { CellSpelling } from '../data/column.js';
import type { Domain } from '../data/domain.js';
import type { DateFeature } from '../data/calendarWidths.js';
import type { Intervals } from '../data/certainty/intervals.js';
import type { PredictionSets, SetMethod } from '../data/certainty/predictionSets.js';
import type { Spread } from '../data/certainty/spread.js';
import type { Label } from '../data/labels.js';
import type { Float64Rows, Matrix } from '../data/matrix.js';
import type { Rows64 } from '../data/rows64.js';
import type { Encoding } from '../data/encodedColumns.js';
import type { SavedState } from '../data/columns.js';
import { fail } from '../errors.js';
import type { Answers } from './answering.js';
import type { ModelFile } from './container.js';
import type { CoreBytes } from './core.js';
import type { ColumnMap } from './scaling.js';
import type { Network } from './network.js';

/** What a predictor asks of its network. */
export type Running = Pick<
  Network,
  'inputs' | 'outputs' | 'center' | 'x' | 'y' | 'xStride' | 'yStride' | 'window' | 'reserve' | 'forward' | 'forwardNegated'
> & {
  /** Takes all rows of x at once, or gives those of out, where that is a plain copy of finite numbers; else does nothing. */
  take?(x: Float32Array | Float64Array, rows: number): boolean;
  give?(out: Float32Array | Float64Array, rows: number): boolean;
};

/** Everything that a predictor needs. */
export interface Opened {
  readonly network: Running;
  readonly answers: Answers;
  readonly scaling?: ColumnMap | undefined;
  readonly encoding?: Encoding | undefined;
  readonly featureNames?: readonly string[] | undefined;
  /** The box that points must lie in; undefined where there is none. */
  readonly domain?: Domain | undefined;
  /** What kind of thing the file holds: 'model', or what the estimator is called. */
  readonly kind: string;
  readonly parts: PredictorParts;
}

/** Derivatives in the inputs. */
export interface GradientPart {
  /** @internal The core with the walk back. */
  readonly core: CoreBytes | undefined;
  /** @internal Derivatives of an answer, [rows][inputs]. `load` puts rows [first, first + count) of X where the network reads them. */
  of(
    around: { readonly network: Running; readonly answers: Answers; readonly scaling: ColumnMap | undefined },
    rows: Float64Rows,
    output: number,
    load: (first: number, count: number) => void,
  ): Float32Array;
}

/** Models of whole numbers. */
export interface IntegerPart {
  /** @internal `model`: the section of that name. */
  open(file: ModelFile, model: SavedState, parts: PredictorParts): Opened;
}

/** Columns of dates. */
export interface DatePart {
  /** @internal @throws ERR_OPTION for a text that is no format. */
  check(format: string): void;
  /** @internal Reads the days since 1970-01-01 from a cell; NaN where it is no date. */
  reader(spelling: CellSpelling | undefined): (cell: string) => number;
  /** @internal Writes the calendar's numbers for a date from `at` on. */
  write(data: Float64Array, at: number, days: number, feature: DateFeature): void;
}

/** How sure answers are. */
export interface IntervalPart {
  /** @internal @throws ERR_FORMAT. */
  readIntervals(saved: SavedState, targets: number, spread?: Spread): Intervals;
  /** @internal @throws ERR_FORMAT. */
  readSets(saved: SavedState): PredictionSets;
  /** @internal Intervals [rows][low, high] around what the network gives. */
  around(answers: Answers, outputs: () => Matrix, options: { readonly confidence?: number }): Rows64;
  /** @internal Quantiles [rows][levels]. */
  quantiles(answers: Answers, outputs: () => Matrix): Rows64;
  /** @internal For each row the labels of a set. */
  sets(answers: Answers, proba: () => Matrix, options: { readonly confidence?: number; readonly method?: SetMethod }): Label[][];
}

/** Files of approximate. */
export interface ApproximationPart {
  /** @internal What stands around the network of an approximation, of the section of that name. @throws ERR_FORMAT, ERR_UNSUPPORTED. */
  open(json: unknown, inputs: number, outputs: number, parts: PredictorParts): Omit<Opened, 'network'>;
}

/**
 * Parts of loadPredictor of feedforward/predict/light, each exported beside it under its name: what is not handed over is in no bundle.
 */
export interface PredictorParts {
  /** `inputGradient`. */
  readonly gradients?: GradientPart;
  /** `predictInterval`, `predictQuantiles` and `predictSet`. */
  readonly intervals?: IntervalPart;
  /** Files of models that quantize made. */
  readonly integers?: IntegerPart;
  /** Files of estimators that were trained on columns of dates. */
  readonly dates?: DatePart;
  /** Files that approximate made. */
  readonly approximations?: ApproximationPart;
}

/** @throws ERR_UNSUPPORTED. */
export function refusePart(name: keyof PredictorParts, what: string): never {
  return fail(
    'ERR_UNSUPPORTED',
    `${what} needs ${name} of "feedforward/predict/light": loadPredictor(bytes, { ${name} }). "feedforward/predict" reads everything.`,
  );
}

// What an estimator says of its data without being asked: notes on what it is trained on, missing cells and inputs outside the range
// of training when it predicts.

import { noteOf, type Finding } from '../data/findings.js';
import type { MatrixLike } from '../data/matrix.js';
import type { Table } from '../data/table.js';
import { show } from '../errors.js';
import type { InputColumns } from './inputs.js';
import { formatFigure } from '../training/history.js';
import { leakFindings } from './leaks.js';
import type { EstimatorOptions, Warning } from './options.js';
import { outlierFindings } from './outliers.js';
import type { Targets } from './targets.js';

/** Estimators at work that warn of nothing. */
const silent = new WeakSet<object>();

/** Does work that asks an estimator many times about rows of which it has warned already. */
export function silently<T>(estimator: object, work: () => T): T {
  silent.add(estimator);
  try {
    return work();
  } finally {
    silent.delete(estimator);
  }
}

/** The warnings of one estimator. */
export class Warnings {
  private saidRange = false;

  constructor(
    private readonly estimator: object,
    private readonly kind: string,
    private readonly onWarning: EstimatorOptions['onWarning'],
  ) {}

  warn(code: Warning['code'], message: string): void {
    if (silent.has(this.estimator)) return;
    if (this.onWarning === undefined) console.warn(`${this.kind}: ${message}`);
    else if (this.onWarning !== false) this.onWarning({ code, message });
  }

  /** Of findings, where there are any. */
  tell(findings: readonly Finding[]): void {
    if (findings.length > 0) this.warn('WARN_DATA', findings.map(noteOf).join(' '));
  }

  /** Of missing cells in columns that had none in training. */
  checkMissing(X: MatrixLike | Table, columns: InputColumns): void {
    if (this.onWarning === false) return;
    const missing = columns.missing(X);
    if (missing !== undefined) this.warn('WARN_DATA', missing);
  }

  /** Of inputs outside the range of training, once after each fit or load. */
  checkRange(X: MatrixLike | Table, rows: MatrixLike, columns: InputColumns): void {
    if (this.saidRange || this.onWarning === false) return;
    const outside = columns.outside(X, rows);
    if (outside === undefined) return;
    this.saidRange = true;
    this.warn('WARN_RANGE', `${outside} Such predictions are extrapolations.`);
  }

  /** After another fit. */
  renew(): void {
    this.saidRange = false;
  }
}

/**
 * What is worth knowing before training: columns left out (where the encoder is the fit's `own`), what an estimator says of its target, one that
 * looks like something else, inputs that tell it, and outliers unless scaling `drawsIn` such cells.
 */
export function dataFindings(
  columns: InputColumns,
  X: MatrixLike,
  { values, columns: wide, strata }: Targets<unknown>,
  {
    own,
    drawsIn,
    onTarget,
  }: { readonly own: boolean; readonly drawsIn: boolean; readonly onTarget: (what: string) => readonly Finding[] },
): Finding[] {
  const classes = strata === undefined ? undefined : new Set(values).size;
  const rows = values.length / wide;
  const findings = own ? [...(columns.encoder?.findings ?? [])] : [];
  const what = columns.target === undefined ? 'y' : show(columns.target);
  for (const one of onTarget(what)) findings.push(one);
  if (classes !== undefined && rows >= 20 && classes > rows / 10)
    findings.push({
      kind: 'manyClasses',
      message: `${what} has ${classes} classes in ${rows} rows, fewer than ten rows each.`,
      fix: 'If they are numbers, use MLPRegressor; if names, another target.',
    });
  const leaks = wide === 1 ? leakFindings(X, columns.groups, { values, classes, name: columns.target }) : [];
  for (const leak of leaks) findings.push(leak);
  if (!drawsIn)
    for (const outlier of outlierFindings(X, columns.featureNames, (x, j) => columns.text(x, j))) findings.push(outlier);
  return findings;
}

/**
 * What is said of a model, in a list of at most one finding, that errs far more on the rows it was trained on than models trained like it did on rows they had not seen: a score
 * beside it is theirs, not its own. Scores are shares right, or R^2; `rows`: how many it was trained on.
 */
export function shortfallFindings(own: number, judged: number, rows: number): Finding[] {
  if (!(1 - own > 2 * (1 - judged) + Math.max(0.05, 2 / rows))) return [];
  return [
    {
      kind: 'shortfall',
      message: `On the rows it was trained on the model scores ${formatFigure(own)}, far below ${formatFigure(judged)}, the score of models trained like it on rows they had not seen: it did not learn what they did.`,
      fix: 'Do not trust that score; try another seed, or a linear model (hiddenLayers: []).',
    },
  ];
}

const mostAsked = 2000;

/** Rows of training that a finished model is asked about: at most 2000, evenly spread. */
export function rowsAsked(rows: number): Uint32Array {
  const count = Math.min(rows, mostAsked);
  return Uint32Array.from({ length: count }, (_, i) => Math.floor((i * rows) / count));
}

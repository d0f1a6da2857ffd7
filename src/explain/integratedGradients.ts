// Integrated gradients: the gradient along the straight line from a baseline to the row, times the way each input went. In float64, with
// Gauss-Legendre nodes, on ever smaller pieces of the line until the parts add up to the change of the answer.

import { PlainBackend } from '../baseline/backend.js';
import { doubles } from '../data/allocate.js';
import { Rows64 } from '../data/rows64.js';
import { fail, show } from '../errors.js';
import type { Features } from '../estimators/features.js';
import { preciseTrainer } from '../inspect/precise.js';
import { given, number, readOptions, whole, type Schema } from '../options.js';
import type { Trainer } from '../training/trainer.js';
import type { Head } from './head.js';
import { outputRows, subjectOf, type Explainable, type InputRows, type OutputOptions, type Subject } from './subject.js';

/** Options of integratedGradients. */
export interface IntegratedGradientsOptions extends OutputOptions {
  /**
   * Where the line begins: a number for all inputs (default 0), one row, or a row for each of X. Of an estimator a number is of its scaled
   * inputs, so that 0 is the mean of the training rows, in no category; rows are as it takes them.
   */
  readonly baseline?: number | Features;
  /** Nodes on each piece of the line, 1 to 1000 (default 50). The line is one piece; pieces are halved where parts do not add up. */
  readonly steps?: number;
  /** How far the sum of the parts may be from the change of the answer, as a share of the sum of their sizes or of 1, whichever is more (default 1e-4). */
  readonly tolerance?: number;
}

/** What integratedGradients found. */
export interface IntegratedGradients {
  /** The parts [rows, features]: they add up to prediction - baseline answer, within the tolerance. */
  readonly values: Rows64;
  /** The answer at each row, in float64. */
  readonly predictions: Float64Array;
  /** The answer at each row's baseline, in float64. */
  readonly baselines: Float64Array;
  /** By how much the parts of each row miss the change of the answer. */
  readonly gaps: Float64Array;
  /** What the columns of values are called. */
  readonly featureNames: readonly string[];
}

const gradientRows = () =>
  ({
    ...outputRows(),
    baseline: given<number | Features>(),
    steps: whole({ min: 1, max: 1000, default: 50 }),
    tolerance: number({ min: 0, minExclusive: true, default: 1e-4 }),
  }) satisfies Schema<IntegratedGradientsOptions>;

const mostPieces = 1024;

/**
 * What each feature of each row of X contributes to the change of a network's answer from a baseline:
 *
 *   part_j = (x_j - b_j) integral from 0 to 1 of d f / d x_j at b + t (x - b)
 *
 * by Gauss-Legendre quadrature in float64, on as many pieces as it takes for the parts to add up (completeness): pieces in which the gradient
 * jumps, as that of relu does, are halved. Inputs of one feature, such as the categories of a column, are summed. `model` is an MLP or a fitted MLPClassifier or MLPRegressor.
 *
 * @throws ERR_UNSUPPORTED for a function; ERR_OPTION for options out of range, a network without derivatives (sign, step), or parts that do
 * not add up on 1024 pieces; ERR_STATE before fit; ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE for X and baseline.
 * See: Sundararajan, Taly & Yan 2017, https://arxiv.org/abs/1703.01365
 *
 * @example
 * const { values, predictions, baselines } = integratedGradients(model, X, { baseline: 0 });
 */
export function integratedGradients(
  model: Explainable,
  X: Features,
  options: IntegratedGradientsOptions = {},
): IntegratedGradients {
  const { baseline, steps, tolerance, ...rest } = readOptions(
    gradientRows(),
    options,
    'integratedGradients',
    'integratedGradients.',
  );
  const subject = subjectOf(model, rest as OutputOptions, X, 'integratedGradients');
  const { network, inputs, groups } = subject;
  if (network === undefined)
    fail(
      'ERR_UNSUPPORTED',
      'integratedGradients: a function has no gradient to ask for. Use explain, which needs answers alone.',
    );
  network.trainer.refuseFlat();
  const trainer = preciseTrainer(network.trainer, new PlainBackend(network.trainer.plan, { precision: 'float64' }));
  const rows = subject.read(X, 'X');
  const start = baselineOf(subject, model, baseline, rows);
  const values = doubles(rows.rows * groups.length, 'integratedGradients');
  const predictions = doubles(rows.rows, 'integratedGradients');
  const baselines = doubles(rows.rows, 'integratedGradients');
  const gaps = doubles(rows.rows, 'integratedGradients');
  const nodes = gaussLegendre(steps);
  const line = doubles(2 * inputs, 'integratedGradients');
  for (let i = 0; i < rows.rows; i++) {
    const from = (start.rows === 1 ? 0 : i) * inputs;
    for (let j = 0; j < inputs; j++) {
      line[j] = start.data[from + j]!;
      line[inputs + j] = rows.data[i * inputs + j]!;
    }
    const { parts, ends, gap } = along({ trainer, head: network.head, line, nodes }, tolerance, i);
    baselines[i] = ends[0];
    predictions[i] = ends[1];
    gaps[i] = gap;
    for (const [g, { from, to }] of groups.entries()) values[i * groups.length + g] = sumOf(parts.subarray(from, to));
  }
  return {
    values: new Rows64(values, rows.rows, groups.length),
    predictions,
    baselines,
    gaps,
    featureNames: groups.map(({ name }) => name),
  };
}

function baselineOf(subject: Subject, model: Explainable, given: number | Features | undefined, X: InputRows): InputRows {
  const baseline = given ?? 0;
  if (typeof baseline !== 'number') {
    const rows = subject.read(baseline, 'baseline');
    if (rows.rows !== 1 && rows.rows !== X.rows)
      fail('ERR_SHAPE', `baseline has ${rows.rows} rows; expected one, or one for each of the ${X.rows} rows of X.`);
    return rows;
  }
  if (!Number.isFinite(baseline))
    fail('ERR_OPTION', `integratedGradients.baseline: expected a finite number or rows, got ${show(baseline)}.`);
  const row = new Float64Array(subject.inputs).fill(baseline);
  // An estimator's inputs are scaled already; a network takes its own as they are given.
  return 'encoder' in model ? { data: row, rows: 1 } : subject.read({ data: row, shape: [1, row.length] }, 'baseline');
}

/** A line through the inputs of a network: from line[0 … inputs-1] to line[inputs …]. */
interface Line {
  readonly trainer: Trainer;
  readonly head: Head;
  readonly line: Float64Array;
  readonly nodes: Quadrature;
}

/** A piece of the line, from t = start to t = end. */
interface Piece {
  readonly start: number;
  readonly end: number;
  /** The answers there. */
  readonly first: number;
  readonly last: number;
  /** (x - b) times the gradient, integrated over the piece, by input. */
  readonly parts: Float64Array;
  /** By how much they miss the change of the answer. */
  readonly gap: number;
}

/** The parts of a whole line: pieces whose parts miss their change are halved until all of them together miss no more than is tolerated. */
function along(line: Line, tolerance: number, row: number) {
  const inputs = line.line.length / 2;
  const [first, last] = slopesAt(line.trainer, line.head, line.line, 2).answers as unknown as [number, number];
  let pieces = [pieceOf(line, { start: 0, end: 1, first, last })];
  for (;;) {
    const parts = doubles(inputs, 'integratedGradients');
    let missed = 0;
    for (const piece of pieces) {
      for (let j = 0; j < inputs; j++) parts[j]! += piece.parts[j]!;
      missed += Math.abs(piece.gap);
    }
    const allowed =
      tolerance *
      Math.max(
        1,
        parts.reduce((sum, part) => sum + Math.abs(part), 0),
      );
    const gap = last - first - sumOf(parts);
    if (missed <= allowed) return { parts, ends: [first, last] as const, gap };
    if (pieces.length >= mostPieces)
      fail(
        'ERR_OPTION',
        `integratedGradients: the parts of row ${row} miss the change of the answer, ${last - first}, by ${missed} on ${pieces.length} pieces of ${line.nodes.nodes.length} nodes. Pass a larger tolerance (now ${tolerance}) or more steps.`,
        { row, gap: missed },
      );
    const share = allowed / (2 * pieces.length);
    pieces = pieces.flatMap((piece) => (Math.abs(piece.gap) > share ? halves(line, piece) : [piece]));
  }
}

function halves(line: Line, { start, end, first, last }: Piece): Piece[] {
  const middle = (start + end) / 2;
  const before = pieceOf(line, { start, end: middle, first, last: undefined });
  return [before, pieceOf(line, { start: middle, end, first: before.last, last })];
}

function pieceOf(
  { trainer, head, line, nodes: { nodes, weights } }: Line,
  { start, end, first, last: known }: { start: number; end: number; first: number; last: number | undefined },
): Piece {
  const inputs = line.length / 2;
  const points = doubles((nodes.length + 1) * inputs, 'integratedGradients');
  for (let n = 0; n <= nodes.length; n++) {
    const t = start + (n < nodes.length ? nodes[n]! : 1) * (end - start);
    for (let j = 0; j < inputs; j++) points[n * inputs + j] = line[j]! + t * (line[inputs + j]! - line[j]!);
  }
  const { answers, gradients } = slopesAt(trainer, head, points, nodes.length + 1);
  const parts = doubles(inputs, 'integratedGradients');
  for (const [n, weight] of weights.entries()) for (let j = 0; j < inputs; j++) parts[j]! += weight * gradients[n * inputs + j]!;
  for (let j = 0; j < inputs; j++) parts[j]! *= (line[inputs + j]! - line[j]!) * (end - start);
  const last = known ?? answers[nodes.length]!;
  return { start, end, first, last, parts, gap: last - first - sumOf(parts) };
}

/** The answers at some rows of inputs, and their gradients in them. */
function slopesAt(trainer: Trainer, head: Head, points: Float64Array, rows: number) {
  const { backend, plan } = trainer;
  trainer.stage = 'none';
  trainer.roomToTrain(rows, rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < plan.inputs; j++) backend.x[i * backend.xStride + j] = points[i * plan.inputs + j]!;
  backend.forward(0, rows, false);
  const { outputs, outputStride } = backend;
  const answers = doubles(rows, 'integratedGradients');
  const slopes = doubles(rows * outputStride, 'integratedGradients');
  for (let i = 0; i < rows; i++) {
    answers[i] = head.value(outputs, i * outputStride);
    head.slopes(outputs, i * outputStride, slopes.subarray(i * outputStride, i * outputStride + plan.outputs));
  }
  backend.setOutputGradient(slopes);
  backend.backward(true, false);
  return { answers, gradients: backend.inputGradients() };
}

interface Quadrature {
  /** In (0, 1), ascending. */
  readonly nodes: Float64Array;
  /** They add up to 1. */
  readonly weights: Float64Array;
}

/**
 * The n nodes and weights on [0, 1] that integrate polynomials up to degree 2n - 1 exactly: zeros of the Legendre polynomial by Newton's
 * method from Tricomi's guess. See: Abramowitz & Stegun 25.4.29.
 */
export function gaussLegendre(n: number): Quadrature {
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    let x = -Math.cos((Math.PI * (k + 0.75)) / (n + 0.5));
    let slope = 1;
    for (let turn = 0; turn < 100; turn++) {
      let [before, value] = [1, x];
      for (let degree = 2; degree <= n; degree++)
        [before, value] = [value, ((2 * degree - 1) * x * value - (degree - 1) * before) / degree];
      slope = (n * (x * value - before)) / (x * x - 1);
      const step = value / slope;
      x -= step;
      if (Math.abs(step) < 1e-16) break;
    }
    nodes[k] = (1 + x) / 2;
    weights[k] = 1 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

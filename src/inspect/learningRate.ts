// The range test for learning rates: train a copy of the model for some steps, the rate growing from step to step, and see
// where the loss falls fastest. See: Smith, Cyclical Learning Rates for Training Neural Networks, https://arxiv.org/abs/1506.01186

import type { MatrixLike } from '../data/matrix.js';
import { Random } from '../data/random.js';
import { exp, log } from '../data/elementary.js';
import { fail } from '../errors.js';
import { checkNumber, given, number, readOptions, whole, type Schema } from '../options.js';
import { refuseLoneRow } from '../training/batches.js';
import type { TargetsLike } from '../training/feeding.js';
import { formatFigure } from '../training/history.js';
import { readRows } from '../training/rows.js';
import type { Trainer } from '../training/trainer.js';

/** Options of findLearningRate: the range of rates, and the steps through it. */
export interface LearningRateOptions {
  /** The first rate (> 0). Default 1e-6. */
  readonly from?: number;
  /** The last. Default 10. */
  readonly to?: number;
  /** Steps from one to the other, evenly on a logarithmic scale. Default 100. */
  readonly steps?: number;
  /** Rows per step. Default as in fit. */
  readonly batchSize?: number;
  /** How much each row counts, >= 0 (default 1 each). */
  readonly sampleWeight?: ArrayLike<number>;
}

const above0 = { min: 0, minExclusive: true } as const;

const optionRows = {
  from: number({ ...above0, default: 1e-6 }),
  to: number({ ...above0, default: 10 }),
  steps: whole({ min: 10, default: 100 }),
  batchSize: whole({ min: 1 }),
  sampleWeight: given<ArrayLike<number>>(),
} satisfies Schema<LearningRateOptions>;

/** What findLearningRate measured: the loss as the learning rate grows. See: https://arxiv.org/abs/1506.01186 */
export interface LearningRateTest {
  /** The rates tried, up to where the loss exploded. */
  readonly rates: Float64Array;
  /** The loss before each step, smoothed. */
  readonly losses: Float64Array;
  /** Where the loss fell fastest: a good first choice, and a good peak for oneCycle. */
  readonly suggestion: number;
  /** The curve, drawn. */
  toString(): string;
}

/** Share of the past in the smoothed loss. */
const memory = 0.9;
/** Share of the steps before the smoothed loss means anything: until then it is an average of a few batches. */
const settling = 0.1;
/** The test ends when the smoothed loss exceeds its least by this much. */
const explosion = 4;

/** Tries learning rates on `trainer`, a copy's: its weights are used up. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH for X and y; ERR_OPTION. */
export function tryLearningRates(
  trainer: Trainer,
  X: MatrixLike,
  y: TargetsLike,
  options: LearningRateOptions,
): LearningRateTest {
  const read = readOptions(optionRows, options, 'findLearningRate');
  const { from, to, steps } = read;
  checkNumber(to, 'to', { min: from, minExclusive: true });
  const { plan } = trainer;
  if (plan.optimizer.searches)
    fail('ERR_OPTION', `findLearningRate: "${plan.optimizer.name}" finds the length of each step itself.`);
  trainer.refuseUntrainable();
  const data = readRows(X, y, plan, { sampleWeight: read.sampleWeight });
  refuseLoneRow(plan, data.rows);
  const asked = read.batchSize ?? plan.defaults.batchSize(data.rows);
  const batchSize = plan.optimizer.fullBatch ? data.rows : Math.min(asked, data.rows);
  refuseLoneRow(plan, batchSize);

  const rates: number[] = [];
  const losses: number[] = [];
  let order: Uint32Array | undefined;
  let at = data.rows;
  let lap = 0;
  let average = 0;
  let best = Infinity;
  for (let i = 0; i < steps; i++) {
    if (at + batchSize > data.rows) {
      order = batchSize < data.rows ? new Random(plan.key, `learning rate ${lap++}`).permutation(data.rows) : undefined;
      at = 0;
    }
    const rate = from * exp((i / (steps - 1)) * log(to / from));
    trainer.setRate(rate);
    trainer.roomToTrain(batchSize, batchSize);
    trainer.loadRows(data, order, at, batchSize);
    const loss = trainer.stepLoaded(batchSize, data.weights !== undefined, false);
    at += batchSize;
    if (!Number.isFinite(loss)) break;
    average = memory * average + (1 - memory) * loss;
    const smooth = average / (1 - memory ** (i + 1));
    rates.push(rate);
    losses.push(smooth);
    best = Math.min(best, smooth);
    if (smooth > best + (explosion - 1) * Math.abs(best) && i > steps / 10) break;
  }
  const suggestion = steepest(rates, losses) ?? plan.optimizer.learningRate.rate({ step: 0, epoch: 0, plateau: 1 });
  return {
    rates: Float64Array.from(rates),
    losses: Float64Array.from(losses),
    suggestion,
    toString: () => draw(rates, losses, suggestion),
  };
}

/** The rate where the loss falls fastest on its way to its least, per unit of log rate, once it has settled; undefined when it never falls. */
function steepest(rates: readonly number[], losses: readonly number[]): number | undefined {
  let least = 0;
  for (let i = 1; i < losses.length; i++) if (losses[i]! < losses[least]!) least = i;
  let best: number | undefined;
  let steepestFall = 0;
  for (let i = 2 + Math.ceil(settling * losses.length); i + 2 < losses.length && i <= least; i++) {
    const fall = losses[i - 2]! - losses[i + 2]!;
    if (fall > steepestFall) {
      steepestFall = fall;
      best = rates[i];
    }
  }
  return best === undefined ? undefined : Number(best.toPrecision(2));
}

/** Loss over the logarithm of the rate, in characters. */
function draw(rates: readonly number[], losses: readonly number[], suggestion: number): string {
  const height = 12;
  const width = Math.min(60, rates.length);
  if (width === 0) return 'The loss was not finite at the first step. Check the data, or the initial weights.';
  const low = losses.reduce((least, loss) => Math.min(least, loss), Infinity);
  const early = losses.slice(0, Math.max(1, Math.floor(rates.length * 0.9)));
  const high = early.reduce((most, loss) => Math.max(most, loss), low + 1e-12);
  const grid = Array.from({ length: height }, () => new Array<string>(width).fill(' '));
  let mark = 0;
  for (let c = 0; c < width; c++) {
    const i = Math.round((c / Math.max(1, width - 1)) * (rates.length - 1));
    const share = Math.min(1, Math.max(0, (losses[i]! - low) / (high - low)));
    grid[Math.round((1 - share) * (height - 1))]![c] = '*';
    if (rates[i]! <= suggestion) mark = c;
  }
  const lines = grid.map((row, r) => {
    const label = r === 0 ? formatFigure(high) : r === height - 1 ? formatFigure(low) : '';
    return `${label.padStart(9)} | ${row.join('').trimEnd()}`;
  });
  const ends = `${formatFigure(rates[0]!)}${' '.repeat(Math.max(1, width - 12))}${formatFigure(rates[rates.length - 1]!)}`;
  return [
    ...lines,
    `${' '.repeat(12 + mark)}^ ${formatFigure(suggestion)}`,
    `${' '.repeat(12)}${ends}`,
    `Suggested learning rate: ${formatFigure(suggestion)}`,
  ].join('\n');
}

// What a diagnosis is held against: training itself, thirty epochs of fit with the model's own options, and the best constant answer
// by closed forms.

import { StandardScaler } from '../../src/data/scalers/index.js';
import { FeedforwardError } from '../../src/errors.js';
import { applyChange, type Change } from '../../src/inspect/changes.js';
import type { Diagnosis } from '../../src/inspect/diagnosis.js';
import type { Model } from '../../src/model/model.js';
import { optimizerSpec } from '../../src/plan/resolveOptimizer.js';
import type { MLPOptions } from '../../src/plan/network.js';
import type { Case } from './generator.js';

/** Loss of the last of thirty epochs as a share of the best constant's; infinite where training diverged. */
export function trained(model: Model, X: number[][], y: number[][]): number {
  let loss: number;
  try {
    loss = model.fitSync(X, y, { epochs: 30, batchSize: 32 }).last!.loss;
  } catch (error) {
    if (!(error instanceof FeedforwardError && error.code === 'ERR_DIVERGED')) throw error;
    return Infinity;
  }
  return Number.isFinite(loss) ? loss / bestConstant(model.plan.loss.name, y) : Infinity;
}

/** Mean squared error of the mean, or the entropy of the classes. */
function bestConstant(loss: string, y: number[][]): number {
  const values = y.map(([v]) => v!);
  if (loss === 'meanSquaredError') {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  }
  const shares = [...new Set(values)].map((id) => values.filter((v) => v === id).length / values.length);
  return -shares.reduce((sum, p) => sum + p * Math.log(p), 0);
}

/** The same after a change was applied as its words say it: to the options, and to the data by a StandardScaler. */
export function trainedWith(change: Change, { options, X, y }: Case, make: (options: MLPOptions) => Model): number {
  const changed = make(applyChange(options, change, optimizerSpec(make(options).plan.optimizer)));
  return trained(changed, change.scaleInputs ? scaled(X) : X, change.scaleTargets ? scaled(y) : y);
}

function scaled(rows: number[][]): number[][] {
  const matrix = new StandardScaler().fitTransform(rows);
  const columns = rows[0]!.length;
  return rows.map((_, i) => Array.from(matrix.data.subarray(i * columns, (i + 1) * columns)));
}

export interface Judgement {
  readonly name: string;
  readonly sick: boolean;
  readonly ratio: number;
  readonly diagnosed: string;
  /** Share of the constant's loss with each problem's change; NaN for a healthy one. */
  readonly healed: number;
  readonly right: boolean;
}

/** Sick: the loss stays above 0.9 of the best constant's or is not finite, or is ten times that with the proposed change. */
export function judge(net: Case, diagnosis: Diagnosis, make: (options: MLPOptions) => Model): Judgement {
  const ratio = trained(make(net.options), net.X, net.y);
  const changes = new Set(diagnosis.problems.map(({ change }) => JSON.stringify(change)));
  const healed =
    changes.size === 0 ? NaN : Math.max(...[...changes].map((change) => trainedWith(JSON.parse(change) as Change, net, make)));
  const sick = !(ratio <= 0.9) || healed <= ratio / 10;
  const diagnosed = diagnosis.problems.map(({ kind }) => kind).join(' and ') || 'healthy';
  return { name: net.name, sick, ratio, diagnosed, healed, right: sick === !diagnosis.healthy };
}

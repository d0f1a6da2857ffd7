// Tables of few rows, which every net learns whole: nets that learnt all folds but one answer to that one, so that the temperature, a linear
// model's share and the score come from rows that were not learnt.

import type { Fold } from '../data/holdOut.js';
import type { Model } from '../model/model.js';
import { pickRows } from './inputs.js';
import type { Judge } from './judge.js';
import type { LinearModels } from './linearModels.js';
import type { Member, Watched } from './members.js';
import { memberModel, recipeBatchSize, type MemberTask } from './presets.js';
import { pick, pickValues, type WatchedRows } from './run.js';
import type { TeamWork } from './teamWork.js';

/** Answers to one fold. */
export interface OutOfFold {
  readonly watched: Watched;
  readonly values: Float64Array;
  readonly rivals: Member['rivals'];
}

/** One fold after the other, while there is time. */
export function answersOutOfFold<Head>(
  { recipe, options, X, weights, targets, head }: TeamWork<Head>,
  judge: Judge<Head>,
  linear: LinearModels<Head>,
  team: {
    readonly folds: number;
    readonly smoothing: number;
    readonly deadline: number;
    foldOf(fold: number): Fold;
    held(test: Uint32Array): WatchedRows | undefined;
    task(fold: number, rows: number): MemberTask;
    answersTo(rows: WatchedRows, model: Model): Watched;
  },
): OutOfFold[] {
  return Array.from({ length: team.folds }, (_, f) => {
    const { train, test } = team.foldOf(f);
    const held = team.held(test);
    if (held === undefined || train.length === 0 || performance.now() >= team.deadline) return [];
    const model = memberModel(judge, options, recipe, team.task(f, train.length));
    model.fitSync(pickRows(X, train), judge.encode(head, pickValues(targets, train), targets.columns, team.smoothing), {
      ...{ batchSize: recipeBatchSize(options, train.length), epochs: recipe.epochs, reportMetrics: false },
      ...(options.shuffle === undefined ? {} : { shuffle: options.shuffle }),
      ...(weights === undefined ? {} : { sampleWeight: pick(weights, train) }),
    });
    return [{ watched: team.answersTo(held, model), values: held.values, rivals: linear.answers(train, held.X) }];
  }).flat();
}

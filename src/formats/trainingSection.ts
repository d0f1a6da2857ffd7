// The section "training" of a model file: the position in the data as JSON, in which NaN and infinities are strings.

import { show } from '../errors.js';
import type { NetworkPlan } from '../plan/network.js';
import { resolveRate } from '../plan/resolveRate.js';
import type { LearningRate } from '../plan/schedules.js';
import type { ProgressNumbers } from '../training/progress.js';
import type { ModelState } from '../training/state.js';
import { fieldsOf, inFile, readCount, readNumber, refuse } from './fileChecks.js';
import type { Json } from './json.js';

const counts = ['epoch', 'position', 'batches', 'steps'] as const;
const watches = ['plateauWatch', 'earlyWatch', 'stallWatch'] as const;
const watchFields = ['best', 'bestEpoch', 'bad', 'cooldown'] as const;
const shapeFields = ['rows', 'batchSize', 'accumulate', 'shuffle'] as const;

const writeNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));

function writeProgress(progress: ProgressNumbers): unknown {
  return {
    ...progress,
    lossSum: writeNumber(progress.lossSum),
    metricSums: progress.metricSums.map(writeNumber),
    ...Object.fromEntries(watches.map((name) => [name, { ...progress[name], best: writeNumber(progress[name].best) }])),
  };
}

/** What the section holds of a training that can go on. */
export function writeTraining({ progress, learningRate, best, curvature }: ModelState): unknown {
  return { progress: writeProgress(progress), learningRate, best: best !== undefined, curvature: curvature.length };
}

function readProgress(json: Json | undefined): ProgressNumbers {
  const fields = fieldsOf(json, [...counts, ...watches, 'lossSum', 'metricSums', 'shape', 'plateau'], 'progress');
  const [epoch, position, batches, steps] = counts.map((name) => readCount(fields[name], `progress.${name}`));
  const [plateauWatch, earlyWatch, stallWatch] = watches.map((name) => {
    const watch = fieldsOf(fields[name], watchFields, `progress.${name}`);
    const [, bestEpoch, bad, cooldown] = watchFields.map((field, i) =>
      i === 0 ? 0 : readCount(watch[field], `progress.${name}.${field}`),
    );
    return { best: readNumber(watch['best'], `progress.${name}.best`), bestEpoch: bestEpoch!, bad: bad!, cooldown: cooldown! };
  });
  const given = fieldsOf(fields['shape'], shapeFields, 'progress.shape');
  const [rows, batchSize, accumulate] = shapeFields.slice(0, 3).map((name) => readCount(given[name], `progress.shape.${name}`));
  const { shuffle } = given;
  const { metricSums, plateau } = fields;
  if (typeof shuffle !== 'boolean') return refuse(`progress.shape.shuffle is ${show(shuffle)}`);
  if (rows! > 0 && position! > rows!) return refuse(`progress.position is ${position} of ${rows} rows`);
  if (typeof plateau !== 'number' || !(plateau > 0)) return refuse(`progress.plateau is ${show(plateau)}`);
  if (!Array.isArray(metricSums)) return refuse(`progress.metricSums is ${show(metricSums)}`);
  return {
    epoch: epoch!,
    position: position!,
    batches: batches!,
    steps: steps!,
    plateau,
    lossSum: readNumber(fields['lossSum'], 'progress.lossSum'),
    metricSums: metricSums.map((sum: Json) => readNumber(sum, 'progress.metricSums')),
    shape: { rows: rows!, batchSize: batchSize!, accumulate: accumulate!, shuffle },
    plateauWatch: plateauWatch!,
    earlyWatch: earlyWatch!,
    stallWatch: stallWatch!,
  };
}

/** Progress and learning rate, whether there are best weights, and how many pairs of L-BFGS. @throws ERR_FORMAT */
export function readTraining(json: Json, plan: NetworkPlan) {
  const { progress, learningRate, best, curvature } = fieldsOf(
    json,
    ['progress', 'learningRate', 'best', 'curvature'],
    'training',
  );
  if (typeof best !== 'boolean') return refuse(`training.best is ${show(best)}`);
  const pairs = readCount(curvature, 'training.curvature');
  const limit = plan.optimizer.options['historySize'];
  if (pairs > (typeof limit === 'number' ? limit : 0)) refuse(`training.curvature is ${pairs}`);
  if (learningRate !== undefined) inFile(() => resolveRate(learningRate, 'training.learningRate'));
  return { progress: readProgress(progress), learningRate: learningRate as LearningRate | undefined, best, curvature: pairs };
}

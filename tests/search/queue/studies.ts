// Studies and jobs of the queue's tests, and what runs them.

import { kFold } from '../../../src/data/split.js';
import { datasets } from '../../../src/entries/index.js';
import { hashed, sha256 } from '../../../src/search/canonical.js';
import { checkpointsInMemory } from '../../../src/search/checkpoints.js';
import type { Candidate } from '../../../src/search/contract.js';
import { encodeDataSet } from '../../../src/search/dataSet.js';
import type { StudySpec } from '../../../src/search/objective.js';
import { makeJob } from '../../../src/search/rounds.js';
import type { Job, JobDeath, JobResult, Runner, Study } from '../../../src/search/runner.js';
import { readData } from '../../../src/search/trialData.js';

/** Two moons, in three folds. */
export async function moons(epochs: number, checkpointSeconds = 0.2): Promise<Study> {
  const { X, y } = datasets.moons({ samples: 120, seed: 1 });
  const bytes = encodeDataSet({ data: readData(X as never, y, true), folds: [...kFold(120, { folds: 3, seed: 1 })] });
  const data = { id: await sha256(bytes), bytes };
  const options = { epochs, hiddenLayers: [8], earlyStopping: false };
  return studyOf({ objective: { estimator: 'MLPClassifier', options }, data: data.id }, { data, checkpointSeconds });
}

/** A function of objectives.mjs, without data. */
export const functionStudy = (name: string): Promise<Study> => studyOf({ objective: { function: name }, data: null }, {});

async function studyOf(spec: Pick<StudySpec, 'objective' | 'data'>, more: Partial<Study>): Promise<Study> {
  const full: StudySpec = { format: 1, scoring: null, measures: [], seed: 1, ...spec };
  return {
    ...(await hashed(full, 'study')),
    data: undefined,
    checkpointSeconds: 5,
    module: undefined,
    local: undefined,
    ...more,
  };
}

/** Trials of learning rates (or of x) on three folds and, each fourth, on all rows; of a function on the one fold there is. */
export function jobsOf(study: Study, count: number): Promise<Job[]> {
  const job = (i: number) => {
    const candidate: Candidate = study.data === undefined ? { x: i } : { learningRate: 0.001 * (1 + i) };
    const fold = study.data === undefined ? 0 : i % 4 === 3 ? null : i % 4;
    return makeJob(study, { candidate, fold, step: 0, epochs: null }, undefined, `trial ${i}`);
  };
  return Promise.all(Array.from({ length: count }, (_, i) => job(i)));
}

/** What jobs come to, in their order. @throws for one reported twice, or not at all. */
export async function ran(
  runner: Runner,
  study: Study,
  jobs: readonly Job[],
  signal = new AbortController().signal,
  each: (result: JobResult | JobDeath) => void = () => undefined,
): Promise<(JobResult | JobDeath)[]> {
  const session = await runner.open(study, checkpointsInMemory());
  const results = new Map<string, JobResult | JobDeath>();
  try {
    await session.run(jobs, {
      signal,
      ended: async (result) => {
        if (results.has(result.id)) throw new Error(`${result.id} was reported twice`);
        results.set(result.id, result);
        each(result);
      },
    });
  } finally {
    await session.close();
  }
  return jobs.map(({ id, title }) => {
    const result = results.get(id);
    if (result === undefined) throw new Error(`${title} was not reported`);
    return result;
  });
}

/** What must be the same wherever it ran, in hexadecimal digits. */
export const same = (results: readonly (JobResult | JobDeath)[]): string[] =>
  results.map((result) => {
    if ('reason' in result) return result.reason;
    return Buffer.concat([result.outcome, result.model ?? new Uint8Array()]).toString('hex');
  });

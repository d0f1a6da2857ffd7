// The public search on this thread: what it finds, resumes, refuses and tells. Worker threads are in threads.test.ts.

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { datasets, parseCsv } from '../../src/entries/parts/data.js';
import { loadEstimator, MLPClassifier, MLPRegressor, Perceptron } from '../../src/entries/parts/estimators.js';
import {
  here,
  search,
  type Candidate,
  type ObjectiveContext,
  type Pruner,
  type SearchFindings,
  type SearchNews,
  type SearchSettings,
  type Space,
} from '../../src/entries/search.js';
import { rejection } from '../support/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'search-'));
afterAll(() => rmSync(folder, { recursive: true }));

const { X, y: ids } = datasets.gaussians({ samples: 90, classes: 3, features: 3, deviation: 2.5, seed: 4 });
const y = Array.from(ids.data, (id) => ['ash', 'birch', 'cedar'][id]!);
const data = { X, y };
const clf = new MLPClassifier({ epochs: 8, hiddenLayers: [8], earlyStopping: false, onWarning: false, seed: 3 });
const space: Space = { learningRate: { logUniform: [1e-3, 0.3] }, hiddenLayers: [[4], [8, 8]], l2: { logUniform: [1e-6, 1e-1] } };
const settings: SearchSettings = { data, folds: 3, trials: 12, roundSize: 4, seed: 5, runner: here() };

/** What must be equal, however a search was run. */
const core = ({ trials, best, endedBy }: SearchFindings) => ({
  trials: trials.map(({ seconds: _, ...trial }) => trial),
  best: [best.number, best.sha256],
  endedBy,
});

describe('search', () => {
  test('finds the best of its trials, and the model that it makes of all rows', async () => {
    const { best, trials, paretoFront, endedBy } = await search(space, clf, settings);
    expect(trials.map(({ number, round }) => [number, round])).toEqual(Array.from({ length: 12 }, (_, i) => [i, i >> 2]));
    expect(new Set(trials.map(({ state }) => state))).toEqual(new Set(['complete']));
    expect(endedBy).toBe('trials');
    const values = trials.map(({ values }) => values['score']!);
    expect(best.values['score']).toBe(Math.max(...values));
    expect(best.number).toBe(values.indexOf(Math.max(...values)));
    expect(paretoFront[0]!.number).toBe(best.number);
    const own = clf.clone({ ...(best.candidate as object) }).fitSync(X, y);
    expect(createHash('sha256').update(best.model!).digest('hex')).toBe(best.sha256);
    expect((loadEstimator(best.model!) as MLPClassifier).predictProba(X)).toEqual(own.predictProba(X));
  });

  test('scores each candidate as the loop by hand does', async () => {
    const folds = [
      { train: [...Array(60).keys()], test: [...Array(30).keys()].map((i) => i + 60) },
      { train: [...Array(60).keys()].map((i) => i + 30), test: [...Array(30).keys()] },
    ];
    const { trials } = await search(space, clf, { ...settings, folds, trials: 2, refit: false });
    for (const { candidate, scores } of trials)
      expect(scores).toEqual(
        folds.map(({ train, test }) =>
          clf
            .clone(candidate as object)
            .fitSync(
              train.map((i) => X.row(i)),
              train.map((i) => y[i]!),
            )
            .score(
              test.map((i) => X.row(i)),
              test.map((i) => y[i]!),
            ),
        ),
      );
  });

  test('takes tables, regressors and perceptrons, and errors as scores', async () => {
    const table = parseCsv(
      ['a,b,tree', ...y.map((name, i) => `${X.row(i)[0]},${X.row(i)[1]! > 0 ? 'up' : 'down'},${name}`)].join('\n'),
    );
    const some = { folds: 2, trials: 3, roundSize: 2, runner: here() };
    const first = await search(space, clf, { ...some, data: { X: table, y: 'tree' } });
    expect(loadEstimator(first.best.model!).predict(table as never)).toHaveLength(90);
    const reg = new MLPRegressor({ epochs: 8, hiddenLayers: [4], onWarning: false });
    const second = await search({ learningRate: { logUniform: [1e-5, 0.1] } }, reg, {
      ...some,
      data: { X, y: ids.data },
      scoring: 'meanSquaredError',
    });
    expect(second.best.values['score']).toBe(Math.min(...second.trials.map(({ values }) => values['score']!)));
    const two = y.map((name) => name === 'ash');
    const third = await search({ epochs: [1, 50] }, new Perceptron(), { ...some, sampler: 'grid', data: { X, y: two } });
    expect(third.trials).toHaveLength(2);
  });

  test('reaches into an option with a dot in the name', async () => {
    const { trials, best } = await search(
      { 'optimizer.name': ['sgd', 'adam'], 'optimizer.momentum': { uniform: [0.5, 0.9], when: { 'optimizer.name': ['sgd'] } } },
      clf.clone({ optimizer: 'adam' }),
      { ...settings, trials: 8, sampler: 'random' },
    );
    expect(new Set(trials.map(({ candidate }) => candidate['optimizer.name']))).toEqual(new Set(['sgd', 'adam']));
    const loaded = loadEstimator(best.model!) as MLPClassifier;
    expect((loaded.options.optimizer as { name: string }).name).toBe(best.candidate['optimizer.name']);
  });

  test('has a front of several objectives', async () => {
    const { paretoFront, trials, objectives } = await search({ hiddenLayers: [[1], [4], [16], [32, 32]] }, clf, {
      ...settings,
      sampler: 'grid',
      objectives: ['score', 'bytes', 'multiplyAdds', 'microsecondsPerRow'],
      refit: false,
    });
    expect(objectives.map(({ goal }) => goal)).toEqual(['maximize', 'minimize', 'minimize', 'minimize']);
    for (const { values } of trials) for (const value of Object.values(values)) expect(value).toBeGreaterThan(0);
    expect(trials.map(({ values }) => values['multiplyAdds'])).toEqual([6, 24, 96, 3 * 32 + 32 * 32 + 32 * 3]);
    const bySize = [...trials].sort((a, b) => a.values['bytes']! - b.values['bytes']!);
    expect(paretoFront.map(({ number }) => number)).toContain(bySize[0]!.number);
  });

  test('minimises what a function returns, without data, in every sampler', async () => {
    const bowl = ({ x, y }: Candidate) => ({
      score: ((x as number) - 0.3) ** 2 + (y as number) ** 2,
      values: { height: x as number },
    });
    for (const sampler of ['random', 'sobol', 'tpe'] as const) {
      const { best, paretoFront, trials } = await search({ x: { uniform: [-1, 1] }, y: { uniform: [-1, 1] } }, bowl, {
        ...{ trials: 60, sampler, runner: here(), seed: 2 },
        objectives: [
          { name: 'score', goal: 'minimize' },
          { name: 'height', goal: 'maximize' },
        ],
      });
      expect(best.values['score']).toBe(Math.min(...trials.map(({ values }) => values['score']!)));
      expect(best.values['score'], sampler).toBeLessThan(0.15);
      expect(best.model).toBeUndefined();
      expect(paretoFront.length).toBeGreaterThan(1);
    }
  });

  test('tells of progress: the best so far, failures, the time left', async () => {
    const news: SearchNews[] = [];
    await search(
      { learningRate: [1e30, 1e-2] },
      new MLPRegressor({ epochs: 3, hiddenLayers: [4], optimizer: 'sgd', activation: 'identity', onWarning: false }),
      {
        ...{ data: { X, y: ids.data }, folds: 2, sampler: 'grid', roundSize: 1, runner: here(), refit: false },
        onProgress: (now) => void news.push(now),
      },
    );
    expect(news.map(({ done }) => done)).toEqual([1, 2, 3, 4]);
    expect(news[1]!.last.error).toMatch(/Loss became|stopped being/);
    expect(news[1]!.best).toBeUndefined();
    expect(news[3]!).toMatchObject({ failed: 1, best: { number: 1, candidate: { learningRate: 1e-2 } } });
    for (const { secondsLeft, total, done } of news) expect(secondsLeft >= 0 && total >= done).toBe(true);
  });

  test('a candidate that fails is reported, and others go on; none that can be trained is an error', async () => {
    const fails = ({ x }: Candidate) => {
      if ((x as number) > 2) throw new RangeError('x is too large');
      return x as number;
    };
    const { trials, best } = await search({ x: [1, 2, 3, 4] }, fails, { sampler: 'grid', runner: here() });
    expect(trials.map(({ state }) => state)).toEqual(['complete', 'complete', 'failed', 'failed']);
    expect(trials[2]!.error).toBe('RangeError: x is too large');
    expect(best.number).toBe(1);
    expect(await rejection(search({ x: [3, 4] }, fails, { sampler: 'grid', runner: here() }))).toMatchObject({
      code: 'ERR_DIVERGED',
      message: expect.stringContaining('RangeError: x is too large'),
    });
  });

  test('refuses what it cannot do before trials run', async () => {
    const ran: unknown[] = [];
    const refused = async (...args: Parameters<typeof search>) => {
      const [space, objective, options] = args;
      return (await rejection(search(space, objective, { onProgress: (news) => void ran.push(news), ...options }))).message;
    };
    expect(await refused({ hidenLayers: [[2]] }, clf, { data })).toMatch(/Did you mean "hiddenLayers"/);
    expect(await refused({ l2: { uniform: [1, 0] } }, clf, { data })).toMatch(/space\.l2/);
    expect(await refused(space, clf, {})).toMatch(/^data: expected/);
    expect(await refused(space, clf, { data, scoring: 'r2' as never, runner: here() })).toMatch(/"r2" is for regressors/);
    expect(await refused(space, clf, { data, scoring: 'acuracy' as never })).toMatch(/Did you mean "accuracy"/);
    expect(await refused(space, clf, { data, epochs: 3 })).toMatch(/^epochs: an estimator has its own/);
    expect(await refused(space, clf, { data, objectives: ['microsecondsPerRow'] })).toMatch(/differs from run to run/);
    expect(await refused(space, clf, { data, objectives: ['score', 'weight'] })).toMatch(/objectives\[1\]/);
    expect(await refused(space, clf, { data, trials: 0 })).toMatch(/trials/);
    expect(await refused({ x: [1] }, () => 1, { objectives: ['score', 'cost'], runner: here() })).toMatch(
      /say which way is better/,
    );
    expect(await refused({ x: [1] }, { module: 'objective.js' }, {})).toMatch(/objective\.module: expected the URL/);
    expect(await refused(space, clf, { data, sampler: 'grd' as never })).toMatch(/sampler/);
    expect(ran).toEqual([]);
  });
});

describe('a search that stops', () => {
  const whole = search(space, clf, settings);

  test('goes on from its storage wherever it was aborted, to the same trials and the same model', async () => {
    for (const stopAt of [1, 7, 20, 35]) {
      const storage = join(folder, `stop${stopAt}.jsonl`);
      const controller = new AbortController();
      const stopped = search(space, clf, {
        ...{ ...settings, storage, signal: controller.signal },
        onProgress: ({ done }) => done === stopAt && controller.abort(),
      });
      await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
      expect(readFileSync(storage, 'utf8').trim().split('\n').length).toBe(1 + stopAt);
      let fresh = 0;
      const resumed = await search(space, clf, { ...settings, storage, onProgress: () => void fresh++ });
      expect(fresh).toBe(36 - stopAt);
      expect(core(resumed)).toEqual(core(await whole));
      expect(existsSync(`${storage}.checkpoints`)).toBe(false);
    }
  });

  test('goes on from a file that was cut anywhere in its last line, and refuses one that was cut elsewhere', async () => {
    const storage = join(folder, 'cut.jsonl');
    await search(space, clf, { ...settings, storage, trials: 4 });
    const text = readFileSync(storage, 'utf8');
    const last = text.lastIndexOf('\n', text.length - 2) + 1;
    for (const length of [last, last + 1, last + 40, text.length - 2, text.length - 1]) {
      writeFileSync(storage, text.slice(0, length));
      await search(space, clf, { ...settings, storage, trials: 4 });
      const lines = (one: string) => one.split('\n').map((line) => line.replace(/"seconds":[^,}]*/, ''));
      expect(lines(readFileSync(storage, 'utf8'))).toEqual(lines(text));
    }
    const middle = text.indexOf('\n', text.indexOf('\n') + 1);
    writeFileSync(storage, text.slice(0, middle - 5) + text.slice(middle));
    expect(await rejection(search(space, clf, { ...settings, storage }))).toMatchObject({
      code: 'ERR_FILE',
      message: expect.stringContaining('line 2 is no outcome'),
    });
  });

  test('knows a function by its text: outcomes of one are not taken for those of another', async () => {
    const storage = join(folder, 'functions.jsonl');
    const options = { objectives: [{ name: 'score', goal: 'minimize' as const }], trials: 3, seed: 5, runner: here(), storage };
    const space = { x: { uniform: [0, 1] as const } };
    await search(space, ({ x }) => Number(x), options);
    expect((await search(space, ({ x }) => Number(x), options)).trials).toHaveLength(3);
    expect((await rejection(search(space, ({ x }) => -100 * Number(x), options))).message).toMatch(
      /another search, which differs in its .*objective/,
    );
  });

  test('has a storage of its own: another search is refused in words, more trials of the same are not', async () => {
    const storage = join(folder, 'own.jsonl');
    await search(space, clf, { ...settings, storage, trials: 3 });
    const refused = async (options: SearchSettings, of = clf, over = space) =>
      (await rejection(search(over, of, { ...settings, storage, ...options }))).message;
    expect(await refused({ seed: 6 })).toMatch(/another search, which differs in its .*seed/);
    expect(await refused({ folds: 4 })).toMatch(/differs in its data/);
    expect(await refused({ pruner: 'racing' })).toMatch(/differs in its pruner/);
    expect(await refused({}, clf.clone({ l1: 0.1 }))).toMatch(/differs in its objective/);
    expect(await refused({}, clf, { l2: [0, 1] })).toMatch(/differs in its space or sampler/);
    writeFileSync(join(folder, 'old.jsonl'), '{"search":"a0b1c2d3","version":1}\n');
    expect(await refused({ storage: join(folder, 'old.jsonl') })).toMatch(/another version/);
    expect(core(await search(space, clf, { ...settings, storage }))).toEqual(core(await whole));
    const [one, two] = await Promise.allSettled(
      [1, 2].map(() => search(space, clf, { ...settings, storage: join(folder, 'two.jsonl') })),
    );
    const failed = [one, two].filter((ended) => ended!.status === 'rejected') as PromiseRejectedResult[];
    expect(failed.map(({ reason }) => (reason as { code: string }).code)).toEqual(['ERR_FILE']);
    expect(readdirSync(folder).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  test('refuses a runner and a signal that are none, and says what an objective returned', async () => {
    const over = { x: { uniform: [0, 1] as const } };
    for (const runner of ['here', 3, {}, null])
      expect(await rejection(search(over, () => 1, { runner } as never))).toMatchObject({
        code: 'ERR_OPTION',
        message: expect.stringMatching(/^search\.runner: expected a runner|^runner: expected a runner/),
      });
    for (const signal of [5, 'stop', {}, null])
      expect(await rejection(search(over, () => 1, { runner: here(), signal } as never))).toMatchObject({
        code: 'ERR_OPTION',
        message: expect.stringContaining('signal: expected an AbortSignal'),
      });
    const answers: [unknown, RegExp][] = [
      [undefined, /returned nothing: expected a number, or \{ score \}/],
      ['0.5', /returned text, "0\.5": expected a number/],
      [5n, /returned 5n?: expected a number/],
      [null, /returned null: expected a number/],
      [[1], /returned .*: expected a number/],
    ];
    for (const [answer, message] of answers)
      expect(await rejection(search(over, () => answer as number, { runner: here(), trials: 1 }))).toMatchObject({
        code: 'ERR_DIVERGED',
        message: expect.stringMatching(message),
      });
  });

  test('drops a first line of its own that was cut off, and keeps any other file without a whole line', async () => {
    const storage = join(folder, 'first.jsonl');
    await search(space, clf, { ...settings, storage, trials: 1 });
    const [first] = readFileSync(storage, 'utf8').split('\n') as [string];
    for (const text of ['', first.slice(0, 1), first.slice(0, 40), first.slice(0, -1), first]) {
      writeFileSync(storage, text);
      await search(space, clf, { ...settings, storage, trials: 1 });
      expect(readFileSync(storage, 'utf8').startsWith(`${first}\n`)).toBe(true);
    }
    for (const text of ['{"dropout":{"uniform":[0,0.4]}}', 'a note', ' ', `${first} `, '{"search":{"data":"none"}}', '\n\n']) {
      writeFileSync(storage, text);
      expect(await rejection(search(space, clf, { ...settings, storage }))).toMatchObject({
        code: 'ERR_FILE',
        message: expect.stringContaining('first.jsonl is no file of a search'),
      });
      expect(readFileSync(storage, 'utf8')).toBe(text);
    }
  });

  test('stops with its budget, says so, and goes on with more', async () => {
    const storage = join(folder, 'budget.jsonl');
    const slow = async ({ x }: Candidate, { signal }: ObjectiveContext) => {
      await new Promise((turn) => setTimeout(turn, 100));
      signal.throwIfAborted();
      return x as number;
    };
    const some = { storage, sampler: 'grid', runner: here() } as const;
    const forty = { x: Array.from({ length: 40 }, (_, i) => i) };
    const few = await search(forty, slow, { ...some, budget: 1 });
    expect(few.endedBy).toBe('budget');
    expect(few.trials.at(-1)!.state).toBe('stopped');
    expect(few.best.state).toBe('complete');
    const all = await search(forty, slow, some);
    expect(all.endedBy).toBe('exhausted');
    expect(all.trials.slice(0, few.best.number + 1).at(-1)!.scores).toEqual(few.best.scores);
    const none = rejection(search(forty, slow, { sampler: 'grid', runner: here(), budget: 0.001 }));
    expect(await none).toMatchObject({ code: 'ERR_OPTION', message: expect.stringMatching(/^budget: .*larger budget.*goes on/) });
  }, 60_000);
});

describe('trials that pause', () => {
  /** Three folds, cut at epochs. */
  const cuts = (epochs: readonly number[], keep: (number: number) => boolean = () => true): Pruner => ({
    settings: { name: 'cuts', epochs },
    plan: () => [...epochs.map((at) => ({ folds: [0, 1, 2], epochs: at })), { folds: [0, 1, 2], epochs: undefined }],
    keep: ({ running }) => running.map(({ number }) => keep(number)),
  });

  test('come to the same bits as those that do not, at every epoch and in bytes of every checkpoint', async () => {
    const early = clf.clone({ epochs: 12, earlyStopping: { patience: 2 }, dropout: 0.1 });
    for (const estimator of [
      early,
      new MLPClassifier({ preset: 'quick', epochs: 6, hiddenLayers: [8], seed: 1, onWarning: false }),
    ]) {
      const plain = await search({ l2: [0, 1e-2] }, estimator, { ...settings, sampler: 'grid' });
      const all = Array.from({ length: estimator.plannedEpochs }, (_, i) => i + 1);
      const paused = await search({ l2: [0, 1e-2] }, estimator, {
        ...settings,
        sampler: 'grid',
        pruner: cuts(all),
        checkpointSeconds: 1e-6,
      });
      expect(paused.trials.map(({ scores }) => scores)).toEqual(plain.trials.map(({ scores }) => scores));
      expect(paused.best.sha256).toBe(plain.best.sha256);
    }
  }, 60_000);

  test('are cut by a pruner, and go on where they paused', async () => {
    const kept: ObjectiveContext[] = [];
    const objective = async ({ x }: Candidate, context: ObjectiveContext) => {
      kept.push(context);
      const epochs = context.epochs ?? 9;
      await context.save(Uint8Array.of(epochs));
      return { score: (x as number) + epochs, epochs };
    };
    const { trials } = await search({ x: [0, 1, 2] }, objective, {
      ...{ data, folds: 3, sampler: 'grid', runner: here(), refit: false },
      pruner: cuts([2, 5], (number) => number !== 1),
    });
    expect(trials.map(({ state }) => state)).toEqual(['complete', 'pruned', 'complete']);
    expect(trials[1]!.steps).toEqual([{ epochs: 2, value: 3 }]);
    expect(trials[2]!.steps.map(({ value }) => value)).toEqual([4, 7, 11]);
    expect(kept.map(({ checkpoint }) => checkpoint?.[0])).toEqual([...Array(9), ...Array(6).fill(2), ...Array(6).fill(5)]);
  });

  test('are stopped early by the pruners of the library, which spare epochs', async () => {
    const random = { ...settings, trials: 24, sampler: 'random' as const, refit: false, folds: 5 };
    const full = await search(space, clf.clone({ epochs: 20 }), random);
    const epochs = ({ trials }: SearchFindings) => trials.reduce((sum, { epochs }) => sum + epochs, 0);
    for (const pruner of ['median', 'halving', 'racing'] as const) {
      const cut = await search(space, clf.clone({ epochs: 20 }), { ...random, pruner });
      expect(epochs(cut), pruner).toBeLessThan(0.8 * epochs(full));
      expect(cut.trials.filter(({ state }) => state === 'pruned').length).toBeGreaterThan(3);
      const best = full.trials.find(({ number }) => number === cut.best.number)!;
      expect(cut.best.scores).toEqual(best.scores);
    }
    expect((await rejection(search({ x: [1] }, () => 1, { pruner: 'median', runner: here() }))).message).toMatch(
      /no number of epochs/,
    );
  }, 120_000);
});

// What a search refuses by name, and what it gives up: objectives that never end, answers that are not what they are called, ranges that hold
// nothing, files that cannot be written.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { MLPClassifier, MLPRegressor, randomSearch } from '../../src/entries/parts/estimators.js';
import {
  here,
  search,
  suggestedSpace,
  type Candidate,
  type ObjectiveFunction,
  type SearchSettings,
  type Space,
} from '../../src/entries/search.js';
import { rejection } from '../support/errors.js';

const folder = mkdtempSync(join(tmpdir(), 'refusals-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.useRealTimers();
});

const line: Space = { x: { uniform: [0, 1] } };
const X = Array.from({ length: 30 }, (_, i) => [i, (i * 7) % 11]);
const y = X.map(([a, b]) => a! + b!);
const data = { X, y };

describe('an objective that never ends', () => {
  /** An objective that never ends for some, and what is kept as soon as one of these has begun. */
  function endless(is: (x: unknown) => boolean) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const objective: ObjectiveFunction = ({ x }) => {
      if (!is(x)) return Number(x);
      begin();
      return new Promise<number>(() => {});
    };
    return { objective, begun };
  }

  test('is given up ten seconds after the budget, by name, and the best of what ended is told', async () => {
    const { objective, begun } = endless((x) => x === 2);
    const found = search({ x: [0, 1, 2, 3] }, objective, { runner: here(), sampler: 'grid', budget: 5 });
    await begun;
    await vi.advanceTimersByTimeAsync(14_900);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(200);
    const { endedBy, trials, best } = await found;
    expect(endedBy).toBe('budget');
    expect(best.number).toBe(1);
    expect(trials.map(({ state }) => state)).toEqual(['complete', 'complete', 'stopped', 'stopped']);
    expect(trials[2]!.error).toMatch(
      /^fold 0 was given up: it had not ended 10 seconds after the search was stopped\. .*signal\.$/,
    );
    expect(trials[3]!.error).toBeUndefined(); // it had not begun
    expect(vi.getTimerCount()).toBe(0); // nothing keeps the process alive
  });

  test('is given up after a budget that is longer than a timer can wait, and not before', async () => {
    const { objective, begun } = endless((x) => x === 2);
    let over = false;
    const found = search({ x: [0, 1, 2, 3] }, objective, { runner: here(), sampler: 'grid', budget: 5e6 });
    void found.then(() => (over = true));
    await begun;
    await vi.advanceTimersByTimeAsync(5e9);
    expect(over).toBe(false); // the ten seconds have begun
    await vi.advanceTimersByTimeAsync(10_100);
    expect((await found).endedBy).toBe('budget');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is named where no candidate ended within the budget', async () => {
    const { objective, begun } = endless(() => true);
    const none = rejection(search(line, objective, { runner: here(), trials: 2, budget: 1 }));
    await begun;
    await vi.advanceTimersByTimeAsync(11_000);
    const { code, message } = await none;
    expect(code).toBe('ERR_OPTION');
    expect(message).toMatch(/^budget: no candidate ran to its end within it\. Number 0, fold 0 was given up: it had not ended/);
  });

  test('is named where a signal ended the search', async () => {
    const { objective, begun } = endless(() => true);
    const stop = new AbortController();
    const stopped = search(line, objective, { runner: here(), trials: 2, signal: stop.signal }).catch((error: Error) => error);
    await begun;
    stop.abort();
    await vi.advanceTimersByTimeAsync(10_000);
    const error = (await stopped) as Error;
    expect(error.name).toBe('AbortError');
    expect(error.message).toMatch(/Given up, since they did not end by its signal: trial 0, fold 0\.$/);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a storage', () => {
  const run = (storage: string, more: SearchSettings = {}, space = line, objective: ObjectiveFunction = ({ x }) => Number(x)) =>
    search(space, objective, { runner: here(), trials: 3, storage, ...more });

  test('is refused by name where what is better is turned round, or what is weighed is another', async () => {
    const storage = join(folder, 'goal.jsonl');
    await run(storage);
    const turned = await rejection(run(storage, { objectives: [{ name: 'score', goal: 'minimize' }] }));
    expect(turned.code).toBe('ERR_FILE');
    expect(turned.message).toMatch(/belongs to another search, which differs in its objectives\./);
    await run(storage, { objectives: [{ name: 'score', goal: 'maximize' }] }); // the same said in full
    expect((await rejection(run(storage, { epochs: 3 }))).message).toMatch(/differs in its epochs\./);
    expect((await rejection(run(storage, { begin: [{ x: 0.5 }] }))).message).toMatch(/differs in its begin\./);
    expect((await rejection(run(storage, { pruner: 'racing' }))).message).toMatch(/1 in all|pruner/);
  });

  test('that cannot be written is named, with what is wrong, and no file beside it', async () => {
    const gone = await rejection(run(join(folder, 'none', 'x.jsonl')));
    expect([gone.code, gone.message]).toEqual([
      'ERR_FILE',
      `Cannot use ${join(folder, 'none', 'x.jsonl')}: there is no folder ${join(folder, 'none')} (ENOENT).`,
    ]);
    writeFileSync(join(folder, 'file'), 'text');
    const inFile = join(folder, 'file', 'x.jsonl');
    expect((await rejection(run(inFile))).message).toBe(
      `Cannot use ${inFile}: part of the path is a file, not a folder (ENOTDIR).`,
    );
    mkdirSync(join(folder, 'folder'));
    expect((await rejection(run(join(folder, 'folder')))).message).toBe(
      `Cannot use ${join(folder, 'folder')}: it is a folder (EISDIR).`,
    );
    expect(readdirSync(folder).filter((name) => name.includes('.lock'))).toEqual([]);
  });
});

describe('what an objective returns', () => {
  const refused = async (answer: unknown) =>
    (await rejection(search(line, (() => answer) as never, { runner: here(), trials: 2, data, folds: 2 }))).message;

  test('is what its name says', async () => {
    expect(await refused({ score: 1, model: 'nobytes' })).toBe(
      'objective: expected model to be bytes (Uint8Array), got "nobytes".',
    );
    expect(await refused({ score: 1, epochs: 'many' })).toBe('objective: expected epochs to be a number >= 0, got "many".');
    expect(await refused({ score: 1, values: 3 })).toBe('objective: expected values to be an object of numbers, got 3.');
    const saves: ObjectiveFunction = async (_, { save }) => {
      await save('text' as never);
      return 1;
    };
    expect((await rejection(search(line, saves, { runner: here(), trials: 1 }))).message).toBe(
      'objective: expected a checkpoint that it saves to be bytes (Uint8Array), got "text".',
    );
  });

  test('in the last training is a model or nothing, and a failure there is told', async () => {
    const settings = { runner: here(), trials: 2, data, folds: 2 };
    const { best } = await search(line, () => 1, settings);
    expect([best.model, best.sha256]).toEqual([undefined, undefined]);
    const failing = search(
      line,
      (_, { fold }) => {
        if (fold === undefined) throw new Error('no room');
        return 1;
      },
      settings,
    );
    const { code, message } = await rejection(failing);
    expect(code).toBe('ERR_DIVERGED');
    expect(message).toBe(
      'The best candidate could not be trained on all rows: Error: no room. With refit: false it is told without a model.',
    );
  });
});

describe('ranges that hold nothing, or one value', () => {
  const refused = async (range: unknown) =>
    (await rejection(search({ x: range } as never, () => 1, { runner: here(), trials: 1 }))).message;

  test.each([
    [{ uniform: [1, 0] }, /the range \[1, 0\] is empty/],
    [{ integer: [3, 2] }, /is empty/],
    [{ logUniform: [0, 1] }, /a logarithm needs limits > 0, got 0/],
    [{ logInteger: [0, 4] }, /a logarithm needs limits > 0, got 0/],
    [{ uniform: [Number.NaN, 1] }, /space\.x\.uniform\[0\]: .*NaN/],
    [{ uniform: [0, Infinity] }, /space\.x\.uniform\[1\]: .*Infinity/],
    [{ uniform: ['0', 1] }, /space\.x\.uniform\[0\]/],
    [{ uniform: [0, 1], step: 0 }, /space\.x\.step/],
    [{ uniform: [0] }, /expected the two limits \[low, high\]/],
    [[], /expected a list of values to try, got none/],
    [{ categorical: [] }, /expected a list of values to try, got none/],
    [[Number.NaN], /expected plain data/],
    [null, /expected a list of values or an object/],
  ])('%j is refused', async (range, expected) => {
    expect(await refused(range)).toMatch(expected);
  });

  test.each(['tpe', 'sobol', 'random', 'grid'] as const)('one value is that value, to %s', async (sampler) => {
    const space: Space = {
      a: { uniform: [2, 2] },
      b: { logUniform: [3, 3] },
      c: { integer: [4, 4] },
      d: { logInteger: [5, 5] },
      e: ['f'],
    };
    const { trials } = await search(space, () => 1, { runner: here(), sampler, trials: 12, roundSize: 3 });
    for (const { candidate } of trials) expect(candidate).toEqual({ a: 2, b: 3, c: 4, d: 5, e: 'f' });
  });

  test('are refused by randomSearch too', async () => {
    const reg = new MLPRegressor({ epochs: 1 });
    for (const range of [{ uniform: [1, 0] }, { logUniform: [0, 1] }, { uniform: [Number.NaN, 1] }, []])
      expect((await rejection(randomSearch(reg, { l2: range } as never, X, y, { trials: 1, workers: 0 }))).code).toBe(
        'ERR_OPTION',
      );
  });
});

describe('candidates to begin with', () => {
  const space: Space = {
    x: { uniform: [0, 1] },
    kind: ['a', 'b'],
    n: { integer: [2, 8], step: 2, when: { kind: ['b'] } },
  };

  test('are tried first, in a round of their own, and samplers learn from them', async () => {
    const begin: Candidate[] = [
      { x: 0.5, kind: 'a' },
      { x: 0.25, kind: 'b', n: 4 },
    ];
    for (const sampler of ['tpe', 'sobol', 'random', 'grid'] as const) {
      const own = sampler === 'grid' ? { ...space, x: [0.25, 0.5] } : space;
      const with_ = await search(own, ({ x }) => Number(x), {
        runner: here(),
        sampler,
        begin,
        trials: 14,
        roundSize: 4,
        seed: 3,
      });
      expect(with_.trials.slice(0, 2).map(({ candidate }) => candidate)).toEqual(begin);
      expect(with_.trials.slice(0, 7).map(({ round }) => round)).toEqual([0, 0, 1, 1, 1, 1, 2]);
      const without = await search(own, ({ x }) => Number(x), { runner: here(), sampler, trials: 10, roundSize: 4, seed: 3 });
      const fresh = with_.trials.slice(2, 10).map(({ candidate }) => candidate);
      expect(fresh).toEqual(without.trials.slice(0, 8).map(({ candidate }) => candidate));
    }
  });

  test('that are no points of the space are refused', async () => {
    const refused = async (begin: unknown) =>
      (await rejection(search(space, () => 1, { runner: here(), trials: 2, begin: begin as never }))).message;
    expect(await refused({ x: 1 })).toMatch(/^begin: expected a list of candidates/);
    expect(await refused([3])).toMatch(/^begin\[0\]: expected an object/);
    expect(await refused([{ x: 2, kind: 'a' }])).toMatch(/^begin\[0\]\.x: /);
    expect(await refused([{ kind: 'a' }])).toMatch(/^begin\[0\]\.x: /);
    expect(await refused([{ x: 0, kind: 'c' }])).toBe('begin[0].kind: "c" is none of the values that the space has for it.');
    expect(await refused([{ x: 0, kind: 'b', n: 3 }])).toMatch(/^begin\[0\]\.n: 3 is none/);
    expect(await refused([{ x: 0, kind: 'a', n: 4 }])).toMatch(/^begin\[0\]\.n: does not exist beside the other values/);
    expect(await refused([{ x: 0, kinds: 'a' }])).toMatch(/^begin\[0\]/);
  });

  test.each(['classification', 'regression'] as const)(
    'of the suggested space for %s are points of it, for any table',
    (task) => {
      const estimators = { classification: MLPClassifier, regression: MLPRegressor };
      for (const preset of ['quick', 'default', 'best'] as const)
        for (const rows of [1, 7, 150, 499, 500, 3000, 1_000_000]) {
          const { space: own, begin, options } = suggestedSpace(task, { rows, preset });
          expect(Object.keys(begin[0]!).sort()).toEqual(Object.keys(own).sort());
          expect((own['hiddenLayers'] as unknown[]).map(String)).toContain(String(begin[0]!['hiddenLayers']));
          expect(own['batchSize']).toContain(begin[0]!['batchSize']);
          const { 'learningRate.rate': rate, ...others } = begin[0]!;
          expect(() => new estimators[task]({ ...options, ...others, learningRate: Number(rate) } as never)).not.toThrow();
        }
    },
  );
});

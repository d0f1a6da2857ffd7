// WorkerClassifier and WorkerRegressor in Node, built as shipped: the same files, bits and refusals as the estimators on this thread;
// progress, cancellation, and what becomes of the caller's data.

import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type * as Package from '../../src/entries/index.js';
import type { MLPClassifierOptions, MLPRegressorOptions } from '../../src/entries/index.js';
import {
  library,
  worker,
  alive,
  classifier,
  regressor,
  rejection,
  rows,
  X,
  names,
  sums,
  records,
  quick,
  bytes,
  buildWorkers,
  endAll,
} from '../support/workerEstimators.js';

beforeAll(() => buildWorkers('worker-estimators-test'), 60_000);
afterEach(endAll);

describe('the same as on this thread', () => {
  const table = () => library.Table.fromRecords(records);
  const cases: [string, MLPClassifierOptions, () => [X: never, y: never, options?: object]][] = [
    ['rows of numbers and names', {}, () => [X, names] as never],
    ['records with gaps, categories, dates', { dateFeatures: ['month'], dropout: 0.1 }, () => [records, 'species'] as never],
    ['a table with weights by class', { classWeight: { same: 2 } }, () => [table(), 'species'] as never],
    ['columns by name', {}, () => [{ a: X.map(([a]) => a), b: X.map(([, b]) => b! > 0) }, names] as never],
    [
      'float32 rows and typed labels',
      {},
      () =>
        [
          { data: Float32Array.from(X.flat()), shape: [240, 3] },
          Uint8Array.from(names, (name) => Number(name.length === 2)),
        ] as never,
    ],
    [
      'a strided view',
      {},
      () => [{ data: Float64Array.from(X.flat()), shape: [240, 2], stride: [3, 1], offset: 1 }, names] as never,
    ],
    ['several labels a row', { batchNorm: true }, () => [X, X.map(([a, b]) => [a! > 0 ? 1 : 0, b! > 0.5 ? 1 : 0])] as never],
    [
      'classes that y lacks, weights, watched rows',
      { earlyStopping: { patience: 2 } },
      () =>
        [
          X.slice(40),
          names.slice(40),
          {
            classes: ['down', 'other', 'same', 'up'],
            sampleWeight: X.slice(40).map((_, i) => i % 3),
            validationData: [X.slice(0, 40), names.slice(0, 40)],
          },
        ] as never,
    ],
    ['L-BFGS, deterministic', { optimizer: 'lbfgs', deterministic: true, epochs: 5 }, () => [X, names] as never],
  ];
  test.each(cases)('fault 68, 89: a classifier of %s writes the same file', async (_, options, make) => {
    const here = new library.MLPClassifier({ ...quick, ...options });
    const there = classifier({ ...quick, ...options });
    const [features, targets, fit] = make();
    await here.fit(features, targets, fit);
    expect(await there.fit(...make())).toBe(there);
    expect(bytes(await there.save({ optimizer: true }))).toBe(bytes(here.save({ optimizer: true })));
    expect(await there.predict(features)).toEqual(here.predict(features));
    expect(await there.predictProba(features)).toEqual(here.predictProba(features));
    expect(await there.score(features, targets)).toBe(here.score(features, targets));
    for (const name of ['classes', 'multilabel', 'inputs', 'featureNames', 'target', 'lossCurve', 'validationLossCurve'] as const)
      expect([name, there[name]]).toEqual([name, here[name]]);
    for (const name of [
      'epochs',
      'bestEpoch',
      'bestValidationScore',
      'stoppedBy',
      'rows',
      'notes',
      'findings',
      'isFitted',
    ] as const)
      expect([name, there[name]]).toEqual([name, here[name]]);
    expect(there.seconds).toBeGreaterThan(0);
    expect(there.samplesPerSecond).toBeGreaterThan(0);
    expect([there.options, there.plannedEpochs]).toEqual([here.options, here.plannedEpochs]);
  });

  test.each([
    ['a list of numbers', {}, () => [X, sums]],
    ['rows of two', { scaleTargets: false, loss: 'huber' }, () => [X, X.map(([a, b]) => [a! + b!, a! * b!])]],
    ['a column of records', { scale: 'minMax' }, () => [records.map((r, i) => ({ ...r, price: sums[i]! })), 'price']],
    [
      'doubles far from 0',
      {},
      () => [{ data: Float64Array.from(X.flat(), (x) => 1.7e9 + x), shape: [240, 3] }, Float64Array.from(sums)],
    ],
  ] as [string, MLPRegressorOptions, () => [never, never]][])(
    'fault 68, 89: a regressor of %s writes the same file',
    async (_, options, make) => {
      const here = new library.MLPRegressor({ ...quick, ...options });
      const there = regressor({ ...quick, ...options });
      const [features, targets] = make();
      await here.fit(features, targets);
      await there.fit(...make());
      expect(bytes(await there.save())).toBe(bytes(here.save()));
      expect(await there.predict(features)).toEqual(here.predict(features));
      expect(await there.score(features, targets, { sampleWeight: X.map((_, i) => i % 2) })).toBe(
        here.score(features, targets, { sampleWeight: X.map((_, i) => i % 2) }),
      );
      expect([there.targets, there.lossCurve]).toEqual([here.targets, here.lossCurve]);
    },
  );

  test('partialFit goes on portion by portion, to the same bits', async () => {
    const here = new library.MLPClassifier(quick);
    const there = classifier(quick);
    for (let i = 0; i < 240; i += 60) {
      const portion = [X.slice(i, i + 60), names.slice(i, i + 60), { classes: ['down', 'same', 'up'] }] as const;
      here.partialFit(...portion);
      expect(await there.partialFit(...portion)).toBe(there);
    }
    expect(bytes(await there.save({ optimizer: true }))).toBe(bytes(here.save({ optimizer: true })));
    expect([there.epochs, there.rows]).toEqual([4, 240]);
    expect((await rejection(() => there.partialFit(X, names, { classes: ['a', 'b'] }))).code).toBe('ERR_LABEL');
  });

  test('sets and intervals that hold the truth are those of this thread, and go into the file', async () => {
    const [kept, keptNames, keptSums] = [X.slice(0, 60), names.slice(0, 60), sums.slice(0, 60)];
    const here = new library.MLPClassifier(quick).fitSync(X.slice(60), names.slice(60)).conformalize(kept, keptNames);
    const there = await (await classifier(quick).fit(X.slice(60), names.slice(60))).conformalize(kept, keptNames);
    const options = { confidence: 0.8, method: 'aps' } as const;
    expect(await there.predictSet(X, options)).toEqual(here.predictSet(X, options));
    expect(bytes(await there.save())).toBe(bytes(here.save()));
    await there.restart();
    expect(await there.predictSet(X)).toEqual(here.predictSet(X));
    const exact = new library.MLPRegressor(quick).fitSync(X.slice(60), sums.slice(60));
    const numbers = await regressor(quick).fit(X.slice(60), sums.slice(60));
    const early = [await rejection(() => exact.predictInterval(X)), await rejection(() => numbers.predictInterval(X))];
    expect([early[1]!.code, early[1]!.message]).toEqual([early[0]!.code, early[0]!.message]);
    exact.conformalize(kept, keptSums);
    await numbers.conformalize(kept, keptSums);
    expect(await numbers.predictInterval(X)).toEqual(exact.predictInterval(X));
    expect((await rejection(() => numbers.predictInterval(X, { confidence: 2 }))).code).toBe('ERR_OPTION');
  });

  test('thresholds and corrected probabilities are those of this thread, and go into the file', async () => {
    const two = names.map((name) => name === 'up');
    const options = { ...quick, calibrate: 'platt', earlyStopping: true } as const;
    const here = new library.MLPClassifier(options).fitSync(X.slice(60), two.slice(60));
    const there = await classifier(options).fit(X.slice(60), two.slice(60));
    const early = [there.calibration, there.threshold];
    expect(early).toEqual(['platt', undefined]);
    const costs = { costs: { falseNegative: 9 } };
    here.chooseThreshold(X.slice(0, 60), two.slice(0, 60), costs);
    expect(await there.chooseThreshold(X.slice(0, 60), two.slice(0, 60), costs)).toBe(there);
    expect([there.threshold, there.calibrator]).toEqual([here.threshold, here.calibrator]);
    expect(await there.predict(X)).toEqual(here.predict(X));
    expect(await there.predictProba(X)).toEqual(here.predictProba(X));
    expect(bytes(await there.save())).toBe(bytes(here.save()));
    const codes = [{ metric: () => 1 }, { metric: 'f2' }, { cost: {} }].map((wrong) =>
      rejection(() => there.chooseThreshold(X, two, wrong as never)),
    );
    expect((await Promise.all(codes)).map(({ code }) => code)).toEqual(['ERR_UNSUPPORTED', 'ERR_OPTION', 'ERR_OPTION']);
    expect((await rejection(() => classifier(quick).chooseThreshold(X, two))).code).toBe('ERR_STATE');
  });

  test('derivatives and what presets corrected are those of this thread', async () => {
    const corners = X.map(([a, b]) => (a! * b! > 0 ? 'up' : 'down'));
    const here = new library.MLPClassifier({ preset: 'quick', epochs: 3 }).fitSync(X, corners);
    const there = await classifier({ preset: 'quick', epochs: 3 }).fit(X, corners);
    expect([there.calibration, there.networkTemperature]).toEqual(['temperature', here.networkTemperature]);
    expect(there.networkTemperature).toBeGreaterThan(0);
    expect(await there.inputGradient(X, 'up')).toEqual(here.inputGradient(X, 'up'));
    const exact = new library.MLPRegressor(quick).fitSync(X, sums);
    const numbers = await regressor(quick).fit(X, sums);
    expect(await numbers.inputGradient(X)).toEqual(exact.inputGradient(X));
    expect((await rejection(() => numbers.inputGradient(X, 3))).code).toBe('ERR_SHAPE');
  });

  test('quantiles, deviations and their intervals are those of this thread', async () => {
    const levels = { ...quick, quantiles: [0.1, 0.5, 0.9] };
    const here = new library.MLPRegressor(levels)
      .fitSync(X.slice(60), sums.slice(60))
      .conformalize(X.slice(0, 60), sums.slice(0, 60));
    const there = await (await regressor(levels).fit(X.slice(60), sums.slice(60))).conformalize(
      X.slice(0, 60),
      sums.slice(0, 60),
    );
    expect(there.quantiles).toEqual([0.1, 0.5, 0.9]);
    expect(await there.predictQuantiles(X)).toEqual(here.predictQuantiles(X));
    expect(await there.predictInterval(X)).toEqual(here.predictInterval(X));
    expect(bytes(await there.save())).toBe(bytes(here.save()));
    const exact = new library.MLPRegressor({ ...quick, loss: 'gaussianNll' }).fitSync(X, sums);
    const spread = await regressor({ ...quick, loss: 'gaussianNll' }).fit(X, sums);
    expect(await spread.predictStd(X)).toEqual(exact.predictStd(X));
    expect((await rejection(() => spread.predictQuantiles(X))).code).toBe('ERR_UNSUPPORTED');
  });

  test('files cross both ways, with their options, and loaded estimators train on', async () => {
    const here = await new library.MLPClassifier({ ...quick, epochs: 4 }).fit(records, 'species');
    const there = await worker.WorkerClassifier.load(here.save({ optimizer: true }));
    alive.push(there);
    expect(there.options).toEqual(here.options);
    expect(await there.predict(records)).toEqual(here.predict(records));
    expect(library.MLPClassifier.load(await there.save()).predict(records)).toEqual(here.predict(records));
    await there.restart();
    expect(there.classes).toEqual(here.classes);
    here.partialFit(records, 'species');
    await there.partialFit(records, 'species');
    expect(bytes(await there.save({ optimizer: true }))).toBe(bytes(here.save({ optimizer: true })));
    await there.restart();
    expect(bytes(await there.save({ optimizer: true }))).toBe(bytes(here.save({ optimizer: true })));
    const file = new library.MLPRegressor({ ...quick, epochs: 2 }).fitSync(X, sums).save();
    const numbers = await worker.WorkerRegressor.load(file.buffer);
    alive.push(numbers);
    expect(await numbers.predict(X)).toEqual(library.MLPRegressor.load(file).predict(X));
    for (const wrong of [file, file.slice(0, 50), new Uint8Array(0), undefined as never]) {
      const [mine, theirs] = [
        await rejection(() => library.MLPClassifier.load(wrong)),
        await rejection(() => worker.WorkerClassifier.load(wrong)),
      ];
      expect([theirs.code, theirs.message]).toEqual([mine.code, mine.message]);
    }
  });
});

describe('progress and cancellation', () => {
  test('callbacks run here, in order, on time, with this estimator, and training waits for them', async () => {
    const there = classifier({ ...quick, epochs: 3, batchSize: 120, earlyStopping: false });
    const seen: string[] = [];
    await there.fit(X, names, {
      callbacks: { onEpochEnd: ({ epoch }) => seen.push(`first ${epoch}`) },
      onTrainBegin: (given) => seen.push(`begin ${given === there}`),
      onEpochBegin: (epoch) => seen.push(`epoch ${epoch}`),
      onBatchEnd: async ({ batch, rows }, given) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        seen.push(`batch ${batch} of ${rows} ${given === there}`);
      },
      onEpochEnd: ({ epoch, loss }, given) => seen.push(`end ${epoch} ${loss > 0} ${given === there}`),
      onTrainEnd: (history, given) => seen.push(`end of ${history.epochs.length} ${given === there}`),
    });
    expect(seen.slice(0, 6)).toEqual([
      'begin true',
      'epoch 1',
      'batch 1 of 120 true',
      'batch 2 of 120 true',
      'first 1',
      'end 1 true true',
    ]);
    expect([seen.length, seen.at(-1)]).toEqual([17, 'end of 3 true']);
  });

  test('progress comes while training goes on, and this thread is free meanwhile', async () => {
    const there = classifier({ hiddenLayers: [256, 256], epochs: 30, earlyStopping: false, onWarning: false });
    let ticks = 0;
    let told = 0;
    const timer = setInterval(() => ticks++, 1);
    let ended = false;
    const fit = there.fit(X, names, { onEpochEnd: () => void (ended || told++) }).then(() => {
      ended = true;
    });
    await fit;
    clearInterval(timer);
    expect(told).toBe(30);
    expect(ticks).toBeGreaterThan(30);
  });

  test('aborting rejects with an AbortError; what was learnt stays, and resume goes on to the same bits', async () => {
    const options = { ...quick, epochs: 20, earlyStopping: false };
    const whole = await new library.MLPClassifier(options).fit(X, names);
    const there = classifier(options);
    const controller = new AbortController();
    const error = await rejection(() =>
      there.fit(X, names, { signal: controller.signal, onEpochEnd: ({ epoch }) => void (epoch === 7 && controller.abort()) }),
    );
    expect(error.name).toBe('AbortError');
    expect([there.isFitted, there.stoppedBy, there.epochs]).toEqual([true, 'abort', 7]);
    expect((await there.predict(X)).length).toBe(240);
    await there.fit(X, names, { resume: true });
    expect(await there.predictProba(X)).toEqual(whole.predictProba(X));
    const before = new AbortController();
    before.abort();
    expect((await rejection(() => there.fit(X, names, { signal: before.signal }))).name).toBe('AbortError');
    const outside = new AbortController();
    setTimeout(() => outside.abort(), 30);
    const long = classifier({ ...options, epochs: 1e6 });
    expect((await rejection(() => long.fit(X, names, { signal: outside.signal }))).name).toBe('AbortError');
  });

  test('stop() ends a fit after the step in hand, and what a callback throws is what fit rejects with', async () => {
    const there = regressor({ ...quick, epochs: 1e6, earlyStopping: false });
    await there.stop(); // nothing runs
    await there.fit(X, sums, { onEpochEnd: ({ epoch }, model) => void (epoch === 5 && model.stop()) });
    expect([there.epochs, there.stoppedBy]).toEqual([5, 'callback']);
    const running = there.fit(X, sums);
    expect((await rejection(() => there.fit(X, sums))).message).toBe(
      'fit: this regressor is being fitted. Wait for it to end, abort it with its signal, or use another one.',
    );
    expect((await rejection(() => there.partialFit(X, sums))).code).toBe('ERR_BUSY');
    expect((await rejection(() => there.save())).code).toBe('ERR_BUSY');
    expect(((await there.predict(X)) as Float64Array).length).toBe(240); // of what was learnt before
    await there.stop();
    await running;
    const mishap = new Error('mine');
    const failing = () => {
      throw mishap;
    };
    expect(await rejection(() => there.fit(X, sums, { onBatchEnd: failing }))).toBe(mishap);
    expect(await rejection(() => there.fit(X, sums, { callbacks: [{ onEpochEnd: failing }] }))).toBe(mishap);
  });
});

describe('what it takes and refuses', () => {
  test('fault 66, 67, 89: data is copied at the call; the caller may change it at once, and buffers stay the caller’s', async () => {
    const there = classifier(quick);
    const data = Float32Array.from(X.flat());
    const labels = Uint8Array.from(names, (name) => name.length % 3);
    const weights = new Float64Array(240).fill(1);
    const expected = await new library.MLPClassifier(quick).fit(
      X.map((row) => row.map(Math.fround)),
      [...labels],
    );
    const size = Float64Array.from(data);
    const table = library.Table.from({ size: size.subarray(0, 240), color: names });
    const fit = there.fit({ data, shape: [240, 3] }, labels, { sampleWeight: weights });
    const rowsOfMine = X.map((row) => [...row]);
    const second = classifier(quick);
    const other = second.fit(rowsOfMine, labels);
    const third = classifier(quick);
    const last = third.fit(table, 'color');
    data.fill(0);
    labels.fill(9);
    weights.fill(0);
    for (const row of rowsOfMine) row.fill(0);
    await Promise.all([fit, other, last]);
    expect([data.length, labels.length, weights.length, size.length, table.columns[0]!.type]).toEqual([
      720,
      240,
      240,
      720,
      'numeric',
    ]);
    expect(table.numbers('size').length).toBe(240);
    expect(await there.predictProba(X)).toEqual(expected.predictProba(X));
    expect((await second.predict(X)).length).toBe(240);
  });

  const refused: [string, (estimator: Package.MLPClassifier) => unknown][] = [
    ['before fit', (e) => e.predict(X)],
    ['save before fit', (e) => e.save()],
    ['no X', (e) => e.fit(undefined as never, names)],
    ['no y', (e) => e.fit(X, undefined as never)],
    ['a flat X', (e) => e.fit([1, 2, 3] as never, names)],
    ['ragged rows', (e) => e.fit([[1, 2], [3]] as never, ['a', 'b'])],
    [
      'a gap in rows',
      (e) =>
        e.fit(
          [
            [1, Number.NaN],
            [3, 4],
          ],
          ['a', 'b'],
        ),
    ],
    ['another length', (e) => e.fit(X, names.slice(1))],
    [
      'one class',
      (e) =>
        e.fit(
          X,
          names.map(() => 'same'),
        ),
    ],
    ['mixed labels', (e) => e.fit(X.slice(0, 2), ['a', 1] as never)],
    ['no such column', (e) => e.fit(records, 'speceis')],
    ['a misspelt option', (e) => e.fit(X, names, { verbos: true } as never)],
    ['weights that are none', (e) => e.fit(X, names, { sampleWeight: X.map(() => -1) })],
    ['a callback that is none', (e) => e.fit(X, names, { onEpochEnd: 3 } as never)],
    ['a signal that is none', (e) => e.fit(X, names, { signal: {} } as never)],
    [
      'resume of other rows',
      async (e) => {
        await e.fit(X, names);
        await e.fit(rows(240, 3).reverse(), names, { resume: true });
      },
    ],
    [
      'other columns',
      async (e) => {
        await e.fit(X, names);
        await e.predict([[1, 2]]);
      },
    ],
    [
      'records for rows',
      async (e) => {
        await e.fit(X, names);
        await e.predict([{ a: 1 }] as never);
      },
    ],
    [
      'unknown labels',
      async (e) => {
        await e.fit(X, names);
        await e.score(
          X,
          names.map(() => 'other'),
        );
      },
    ],
  ];
  test.each(refused)('fault 89: %s is refused as on this thread', async (_, deed) => {
    const mine = await rejection(async () => deed(new library.MLPClassifier(quick)));
    const theirs = await rejection(async () => deed(classifier(quick) as never));
    expect([theirs.name, theirs.code, theirs.message]).toEqual([mine.name, mine.code, mine.message]);
  });

  test('options are checked at once, and functions cannot cross', async () => {
    const both = (options: object) =>
      Promise.all([
        rejection(() => new library.MLPClassifier(options as never)),
        rejection(() => new worker.WorkerClassifier(options as never)),
      ]);
    for (const options of [{ hiddenLayer: [3] }, { epochs: 0 }, { classWeight: 3 }, { onWarning: 3 }, { optimizer: 'adamm' }]) {
      const [mine, theirs] = await both(options);
      expect([theirs.code, theirs.message]).toEqual([mine.code, mine.message]);
    }
    expect((await rejection(() => new worker.WorkerRegressor({ loss: 'hinge' as never }))).code).toBe('ERR_OPTION');
    expect((await rejection(() => new worker.WorkerClassifier({}, { fallbak: true } as never))).code).toBe('ERR_OPTION');
    const rate = await rejection(() => new worker.WorkerClassifier({ learningRate: () => 0.1 }));
    expect([rate.code, rate.message]).toEqual([
      'ERR_UNSUPPORTED',
      'learningRate: a function cannot cross to a worker. Use a schedule such as cosineDecay(…) or warmup(…).',
    ]);
    expect((await rejection(() => classifier(quick).fit(X, [() => 1] as never))).code).toBe('ERR_TYPE');
  });

  test('warnings come here, as on this thread', async () => {
    const heard: [string, string][] = [];
    const listen = (who: string) => ({ ...quick, onWarning: ({ message }: { message: string }) => heard.push([who, message]) });
    const [here, there] = [new library.MLPClassifier(listen('here')), classifier(listen('there'))];
    for (const estimator of [here, there]) {
      await estimator.fit(records, 'species');
      await estimator.predict([{ ...records[1]!, size: 1000, color: null }]);
    }
    const said = (who: string) => heard.filter(([name]) => name === who).map(([, message]) => message);
    expect(said('there').length).toBeGreaterThan(1);
    expect(said('there')).toEqual(said('here'));
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const { onWarning: _, ...loud } = quick;
      const speaking = classifier(loud);
      await speaking.fit(X, names);
      await speaking.predict([[100, 0, 0]]);
      await there.predict([[100, 0, 0]]).catch(() => {});
      expect(warn.mock.calls.map(([text]) => String(text))).toEqual([
        expect.stringMatching(/^WorkerClassifier: 1 of 1 rows lie outside the range/),
      ]);
    } finally {
      warn.mockRestore();
    }
  });
});

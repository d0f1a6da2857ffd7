import { describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import type { MLPOptions } from '../../src/plan/network.js';
import type { FitOptions } from '../../src/training/fitOptions.js';
import type { ModelState } from '../../src/training/state.js';
import { activation, batchNorm, dense, dropout, layerNorm, noise, residual } from '../../src/plan/layers.js';
import { prelu } from '../../src/plan/activations.js';
import { type OptimizerLike, sgd } from '../../src/plan/optimizers.js';
import { optimizerNames } from '../../src/plan/resolveOptimizer.js';
import { cosineDecay, oneCycle, reduceOnPlateau, warmup } from '../../src/plan/schedules.js';
import { codeOf } from '../support/errors.js';
import { bitsOf, makers, regression } from '../support/models.js';

const everyLayer: MLPOptions['layers'] = [
  dense(8, { activation: prelu({ shared: false }) }),
  batchNorm(),
  activation('relu'),
  dropout(0.2),
  residual([dense(6, { activation: 'tanh' }), layerNorm()], { projection: true }),
  noise(0.05),
  dense(1),
];
const quiet: MLPOptions['layers'] = [
  dense(8, { activation: prelu() }),
  layerNorm(),
  residual([dense(6, { activation: 'tanh' })]),
  dense(1),
];

const optimizers: OptimizerLike[] = [
  ...optimizerNames.filter((name) => name !== 'adam'),
  sgd({ momentum: 0.9 }),
  sgd({ momentum: 0.9, form: 'velocity' }),
  sgd({ momentum: 0.9, form: 'ema', biasCorrection: true }),
  { name: 'adam', amsgrad: true },
  { name: 'rmsprop', centered: true, momentum: 0.5 },
  'adam',
];

/** A state as a file would hand it back: every number copied. */
const copy = (state: ModelState): ModelState => structuredClone({ ...state, options: undefined }) as unknown as ModelState;

describe.each(makers)('fault 74: resuming on $name', ({ make }) => {
  const { X, y } = regression(53);

  test.each(optimizers.map((optimizer) => ({ optimizer, title: JSON.stringify(optimizer) })))(
    'equals never having stopped, to the bit: $title, every layer kind, mid-epoch and between epochs',
    async ({ optimizer }) => {
      const lbfgs = optimizer === 'lbfgs';
      const options: MLPOptions = {
        inputs: 4,
        layers: lbfgs ? quiet : everyLayer,
        optimizer,
        seed: 7,
        weightAveraging: { decay: 0.9 },
        metrics: ['r2'],
      };
      const fit = lbfgs ? {} : { batchSize: optimizer === 'gd' ? undefined : 10, accumulate: 2 };
      const whole = make(options);
      const states: ModelState[] = [];
      const history = await whole.fit(X, y, {
        ...fit,
        epochs: 4,
        onBatchEnd: (log) => log.epoch === 2 && log.batch === 2 && void states.push(copy(whole.state())),
        onEpochEnd: (log) => log.epoch === 2 && void states.push(copy(whole.state())),
      });
      expect(states.length).toBe(lbfgs || optimizer === 'gd' ? 1 : 2);
      for (const state of states) {
        const resumed = make({ ...options, seed: 7 });
        resumed.trainStep(X, y); // whatever it was before
        resumed.restoreState(state);
        const rest = await resumed.fit(X, y, { ...fit, epochs: 4 - state.progress.epoch });
        expect(bitsOf(resumed)).toEqual(bitsOf(whole));
        expect(resumed.predict(X).data).toEqual(whole.predict(X).data);
        expect(rest.last!.loss).toBe(history.last!.loss);
        expect(rest.last!['r2']).toBe(history.last!['r2']);
        expect(resumed.steps).toBe(whole.steps);
        expect(copy(resumed.state())).toEqual(copy(whole.state()));
      }
    },
  );

  test('after an AbortSignal mid-epoch equals never having stopped', async () => {
    const options: MLPOptions = { inputs: 4, layers: everyLayer, seed: 2 };
    const whole = make(options);
    const broken = make(options);
    await whole.fit(X, y, { epochs: 3, batchSize: 10 });
    const controller = new AbortController();
    await broken
      .fit(X, y, {
        epochs: 3,
        batchSize: 10,
        signal: controller.signal,
        onBatchEnd: (log) => log.epoch === 2 && log.batch === 3 && controller.abort(),
      })
      .catch((error: Error) => expect(error.name).toBe('AbortError'));
    expect(broken.steps).toBe(6 + 3);
    const resumed = make(options);
    resumed.restoreState(copy(broken.state()));
    await resumed.fit(X, y, { epochs: 2, batchSize: 10 });
    expect(bitsOf(resumed)).toEqual(bitsOf(whole));
  });

  test('carries early stopping, the best weights and a plateau along', async () => {
    const options: MLPOptions = {
      inputs: 4,
      layers: [dense(16, { activation: 'tanh' }), dense(1)],
      optimizer: { name: 'adam', learningRate: reduceOnPlateau(0.05, { patience: 2, factor: 0.5 }) },
    };
    const fit = { validationSplit: 0.5, batchSize: 10, earlyStopping: { patience: 12 } };
    const whole = make(options);
    const states: ModelState[] = [];
    const history = await whole.fit(X, y, {
      ...fit,
      epochs: 300,
      checkpoint: { every: 9, save: (state) => void states.push(copy(state)) },
    });
    expect(history.stoppedBy).toBe('earlyStopping');
    expect(states.length).toBeGreaterThan(1);
    for (const state of states) {
      const resumed = make(options);
      resumed.restoreState(state);
      const rest = await resumed.fit(X, y, { ...fit, epochs: 300 });
      expect(rest.stoppedBy).toBe('earlyStopping');
      expect(rest.last!.epoch).toBe(history.last!.epoch);
      expect(rest.last!.learningRate).toBe(history.last!.learningRate);
      expect(rest.bestEpoch).toBe(history.bestEpoch);
      expect(bitsOf(resumed)).toEqual(bitsOf(whole));
    }
  });

  test('from the end of the epoch that stopped it, training is over at once; an abort in its last batch comes too late', async () => {
    const options: MLPOptions = {
      inputs: 4,
      layers: [dense(16, { activation: 'tanh' }), dense(1)],
      optimizer: sgd({ momentum: 0.9 }),
    };
    for (const restoreBest of [true, false]) {
      const fit = { validationSplit: 0.5, batchSize: 10, epochs: 200, earlyStopping: { patience: 3, restoreBest } };
      const whole = make(options);
      let last: ModelState | undefined;
      const history = await whole.fit(X, y, { ...fit, checkpoint: { save: (state) => (last = copy(state)) } });
      expect(history.stoppedBy).toBe('earlyStopping');
      const resumed = make(options);
      resumed.restoreState(last!);
      const rest = await resumed.fit(X, y, fit);
      expect([rest.stoppedBy, rest.epochs.length]).toEqual(['earlyStopping', 0]);
      expect(bitsOf(resumed)).toEqual(bitsOf(whole));
      const controller = new AbortController();
      const aborted = make(options);
      const end = await aborted.fit(X, y, {
        ...fit,
        signal: controller.signal,
        onBatchEnd: ({ epoch, batch }) => epoch === history.last!.epoch && batch === 3 && controller.abort(),
      });
      expect(end.stoppedBy).toBe('earlyStopping');
      expect(bitsOf(aborted)).toEqual(bitsOf(whole));
    }
  });

  test('from any batch of random trainings, stopped, aborted or saved there, equals never having stopped', async () => {
    const random = new Random(3, 'resume');
    const some = <T>(values: readonly T[]): T => values[random.below(values.length)]!;
    const chance = (share: number) => random.uniform() < share;
    const layer = (depth = 0): MLPOptions['layers'][number] =>
      [
        () =>
          dense(1 + random.below(8), {
            activation: some(['relu', 'tanh', 'gelu', prelu({ shared: false })]),
            l1: some([0, 1e-3]),
          }),
        () => dense(1 + random.below(8), { activation: 'elu', maxNorm: 1.5, trainable: chance(0.7) }),
        () => batchNorm(),
        () => layerNorm(),
        () => dropout(0.4),
        () => noise(0.1),
        () => residual([depth < 2 ? layer(depth + 1) : dense(2)]),
      ][random.below(7)]!();
    const rates = [cosineDecay(0.02, { over: 7 }), oneCycle(0.02, { over: 30 }), warmup(0.01, { steps: 5 })];
    for (let n = 0; n < 60; n++) {
      const options: MLPOptions = {
        inputs: 4,
        layers: [...Array.from({ length: 1 + random.below(3) }, () => layer()), dense(1)],
        optimizer: {
          name: some(optimizerNames.filter((name) => name !== 'lbfgs' && name !== 'gd')),
          learningRate: some([...rates, reduceOnPlateau(0.02, { patience: 0, factor: 0.5 }), 0.01]),
        },
        seed: n,
        metrics: chance(0.5) ? ['r2'] : [],
        l2: some([0, 1e-2]),
        clip: chance(0.3) ? { globalNorm: 0.5 } : {},
        inputNoise: some([0, 0.1]),
        ...(chance(0.4) ? { weightAveraging: { decay: 0.9 } } : {}),
      };
      const fit: FitOptions = {
        batchSize: 2 + random.below(20),
        accumulate: 1 + random.below(3),
        shuffle: chance(0.7),
        validationSplit: 0.3,
        ...(chance(0.5) ? { earlyStopping: { patience: random.below(4), restoreBest: chance(0.5) } } : {}),
      };
      let batches = 0;
      const whole = make(options);
      const history = await whole.fit(X, y, { ...fit, epochs: 5, onBatchEnd: () => void batches++ });
      const cut = 1 + random.below(batches);
      const broken = make(options);
      let state: ModelState | undefined;
      const way = fit.earlyStopping === undefined ? some(['stop', 'abort', 'save']) : some(['abort', 'save']);
      const controller = new AbortController();
      let seen = 0;
      const end = await broken
        .fit(X, y, {
          ...fit,
          epochs: 5,
          signal: controller.signal,
          onBatchEnd: () => {
            if (++seen !== cut) return;
            if (way === 'stop') broken.stop();
            else if (way === 'abort') controller.abort();
            else state = copy(broken.state());
          },
        })
        .catch((error: Error) => void expect(error.name).toBe('AbortError'));
      if (way === 'abort' && end !== undefined) continue; // it was the last batch
      state ??= copy(broken.state());
      const resumed = make(options);
      resumed.restoreState(state);
      const rest = await resumed.fit(X, y, { ...fit, epochs: 5 - resumed.epoch });
      const what = `${n}, ${way} after ${cut} of ${batches}: ${JSON.stringify({ options, fit })}`;
      expect(bitsOf(resumed), what).toEqual(bitsOf(whole));
      expect(resumed.steps, what).toBe(whole.steps);
      if (rest.last !== undefined) expect(rest.last.loss, what).toBe(history.last!.loss);
    }
  });

  test('a clone is equal, trains alike, and is a model of its own', () => {
    const model = make({ inputs: 4, layers: everyLayer, seed: 4 });
    model.fitSync(X, y, { epochs: 2, batchSize: 10 });
    model.freeze('layers.0');
    model.learningRate = (step) => 1 / (100 + step);
    const clone = model.clone();
    const before = bitsOf(model);
    expect(bitsOf(clone)).toEqual(before);
    clone.fitSync(X, y, { epochs: 2, batchSize: 10 });
    expect(bitsOf(model)).toEqual(before);
    model.fitSync(X, y, { epochs: 2, batchSize: 10 });
    expect(bitsOf(clone)).toEqual(bitsOf(model));
  });

  test('a state of another network or optimizer is refused and changes nothing', () => {
    const model = make({ inputs: 4, layers: [dense(8), dense(1)] });
    const before = bitsOf(model);
    for (const other of [
      make({ inputs: 4, layers: [dense(9), dense(1)] }),
      make({ inputs: 4, layers: [dense(1)] }),
      make({ inputs: 4, layers: [dense(8), dense(1)], optimizer: 'sgd' }),
      make({ inputs: 4, layers: [dense(8), dense(1)], weightAveraging: {} }),
    ])
      expect(codeOf(() => model.restoreState(other.state()))).toBe('ERR_SHAPE');
    expect(bitsOf(model)).toEqual(before);
  });
});

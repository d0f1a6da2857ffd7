// Memory refused and instances that trap, on the public model: faults 34 and 35, one refusal at a time; and what growth and
// hibernation leave alone (36, 42).

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FeedforwardError } from '../../src/errors.js';
import { MLP } from '../../src/mlp/mlp.js';
import type { Model } from '../../src/model/model.js';
import { batchNorm, dense, dropout } from '../../src/plan/layers.js';
import { adam, type OptimizerLike } from '../../src/plan/optimizers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { codeOf, refusal, rejection } from '../support/errors.js';
import { bitsOf, makers, regression } from '../support/models.js';
import { refusing, trapping } from '../support/refusing.js';

const options: MLPOptions = {
  inputs: 4,
  layers: [dense(24, { activation: 'tanh' }), batchNorm(), dropout(0.2), dense(1)],
  optimizer: adam({ learningRate: 0.01 }),
  metrics: ['meanAbsoluteError'],
  weightAveraging: {},
  seed: 7,
};
const small = regression(40);
const large = regression(700, 4, 2);

interface Call {
  /** What goes before, with all the memory it needs. */
  readonly first?: (model: Model) => unknown;
  /** What may ask for memory, and a result to compare. */
  readonly call: (model: Model, make: (o: MLPOptions) => Model) => unknown;
  readonly optimizer?: OptimizerLike;
}

const history = ({ epochs }: { epochs: readonly { loss: number; valLoss?: number }[] }) =>
  epochs.map(({ loss, valLoss }) => [loss, valLoss]);
const stopping = { earlyStopping: { patience: 50 }, validationSplit: 0.2 };
const half = new Float32Array(96).fill(0.5);
const loop = (model: Model) => {
  model.zeroGrad();
  model.forward(large.X);
  model.loss(large.y);
};

const calls: Record<string, Call> = {
  predict: { call: (model) => [...model.predict(large.X).data] },
  evaluate: { call: (model) => model.evaluate(large.X, large.y, { sampleWeight: large.y.map(() => 1) }) },
  trainStep: { call: (model) => model.trainStep(large.X, large.y) },
  fitSync: { call: (model) => history(model.fitSync(large.X, large.y, { epochs: 2, ...stopping })) },
  'fitSync with lbfgs': { optimizer: 'lbfgs', call: (model) => history(model.fitSync(small.X, small.y, { epochs: 3 })) },
  'fitSync on a stream': {
    call: (model) =>
      history(model.fitSync([[small.X, small.y] as const, [large.X, large.y] as const].values(), { accumulate: 2 })),
  },
  partialFit: { call: (model) => model.partialFit(large.X, large.y, { sampleWeight: large.y.map(() => 2) }) },
  forward: { call: (model) => [...model.forward(large.X).data] },
  loss: {
    first: (model) => model.forward(large.X),
    call: (model) => model.loss(large.y, { sampleWeight: large.y.map(() => 1) }),
  },
  lossInputGradient: { first: loop, call: (model) => [...model.lossInputGradient().data] },
  gradients: {
    first: (model) => {
      loop(model);
      model.backward();
    },
    call: (model) => model.gradients().map(({ values }) => [...values]),
  },
  inputGradient: { call: (model) => [...model.inputGradient(large.X).data] },
  inputHessian: { call: (model) => model.inputHessian(small.X.slice(0, 3)).map(({ data }) => [...data]) },
  parameters: { call: (model) => bitsOf(model) },
  set: { call: (model) => model.parameters()[0]!.set(half) },
  diagnose: { optimizer: adam({ learningRate: 0.03 }), call: (model) => model.diagnose(small.X, small.y).toString() },
  clone: { call: (model) => bitsOf(model.clone()) },
  'state in the middle of early stopping': {
    first: (model) =>
      model.fitSync(small.X, small.y, {
        ...stopping,
        epochs: 4,
        onEpochEnd: ({ epoch }) => {
          if (epoch === 4) model.stop();
        },
      }),
    call: (model) => {
      model.restoreState(model.state());
      return bitsOf(model);
    },
  },
  'new model': { call: (_, make) => bitsOf(make({ ...options, seed: 8 })) },
};

describe.each(makers)('memory on $name', ({ make }) => {
  /** A model that has trained a little, so that slots and averages are there. */
  const trained = ({ optimizer, first }: Call) => {
    const layers = options.layers.filter(({ type }) => type !== 'dropout' || optimizer === undefined); // L-BFGS takes none
    const model = make({ ...options, layers, optimizer: optimizer ?? 'adam' });
    model.fitSync(small.X, small.y, { epochs: 1 });
    first?.(model);
    return model;
  };

  test.each(Object.entries(calls))(
    'fault 34: whichever request for memory is refused in %s, it is ERR_MEMORY, and the model works as before',
    (_, way) => {
      const { call } = way;
      const expected = call(trained(way), make);
      let refusals = 0;
      // Each of the first two hundred, and then one in twenty: a diagnosis trains copies, whose every step asks again.
      for (let k = 0; ; k += k < 200 ? 1 : Math.ceil(k / 20)) {
        const model = trained(way);
        const { steps, epoch } = model;
        const before = bitsOf(model);
        const outcome = refusing(k, () => call(model, make));
        const text = `request ${k}, ${outcome.refused}: ${(outcome.error as Error | undefined)?.stack}`;
        if (outcome.error === undefined) expect(outcome.value, text).toEqual(expected);
        if (outcome.refused === undefined) break;
        if (outcome.error !== undefined) {
          refusals++;
          expect(outcome.error instanceof FeedforwardError, text).toBe(true);
          expect((outcome.error as FeedforwardError).code, text).toBe('ERR_MEMORY');
          const untouched = model.steps === steps && model.epoch === epoch; // else some steps were taken before
          if (untouched) expect(bitsOf(model), text).toEqual(before);
          else expect(bitsOf(model).every(Number.isFinite), text).toBe(true);
          if (untouched && way.first === undefined) expect(call(model, make), text).toEqual(expected);
        }
        expect(model.predict(small.X).data.every(Number.isFinite), text).toBe(true);
        expect(model.fitSync(small.X, small.y).last?.loss, text).toBeGreaterThan(0);
      }
      expect(refusals).toBeGreaterThan(0);
    },
  );
});

describe('memory of the core', () => {
  const { X, y } = small;
  const make = (seed = 7) => new MLP({ ...options, seed });

  test('fault 33, 34: windows beyond 4 GiB are refused with the bytes they want; smaller ones still fit', () => {
    const wide = new MLP({ inputs: 1, layers: [dense(2 ** 20), dense(1)] });
    const before = wide.predict([[1]]).data[0];
    const rows = 2100; // 2,100 x 2^20 activations are more than 2^31
    const many = { data: new Float32Array(rows), shape: [rows, 1] };
    const error = refusal(() => wide.trainStep(many, many));
    expect(error.code).toBe('ERR_MEMORY');
    expect(error.message).toMatch(/2100 rows in batches of 2100 need \d{11} bytes of WebAssembly memory.*smaller batchSize/);
    expect(error.details['bytes']).toBeGreaterThan(4 * rows * 2 ** 20);
    expect(wide.predict([[1]]).data[0]).toBe(before);
    expect(codeOf(() => wide.fitSync(many, many, { batchSize: rows }))).toBe('ERR_MEMORY');
    expect(wide.predict([[1]]).data[0]).toBe(before);
    expect(wide.trainStep([[1]], [[1]])).toBeGreaterThanOrEqual(0);
  });

  test('fault 33: what cannot be trained is refused before its weights are drawn, with what it needs and what would help', () => {
    const square = (optimizer: string, units = 20_000) =>
      refusal(() => new MLP({ inputs: units, layers: [dense(units)], optimizer: optimizer as 'adam' }));
    const { code, message, details } = square('adam');
    expect(code).toBe('ERR_MEMORY');
    expect(message).toMatch(
      /its weights need 1\.6 GB, its gradients 1\.6 GB, what adam keeps 3\.2 GB, together 6\.4 GB, and WebAssembly memory ends at 4\.3 GB\. Use fewer units, or the optimizer 'sgd'/,
    );
    expect(message).toMatch(/Another batchSize does not help/);
    expect(details['bytes']).toBe(16 * (20_000 * 20_000 + 20_000));
    expect(square('sgd', 24_000).message).toMatch(/its gradients 2\.3 GB, together 4\.6 GB.*Use fewer units\. Another/);
  });

  test('fault 34: results longer than any array are ERR_MEMORY', () => {
    const model = new MLP({ inputs: 1, layers: [dense(2 ** 22)] });
    const X = { data: new Float32Array(40_000), shape: [40_000, 1] };
    expect(refusal(() => model.predict(X)).message).toMatch(/no room for 671088640000 bytes/);
    expect(model.predict([[1]]).shape).toEqual([1, 2 ** 22]);
  });

  test('fault 34: models that cannot leave their memory stay in it, and those that cannot come back try again', () => {
    const models = Array.from({ length: 70 }, (_, i) => make(i));
    const wanted = models.map((model) => [...model.predict(X).data]);
    for (let k = 0; k < 6; k++)
      for (const [i, model] of models.entries()) {
        // Every call wakes a model and sends another to sleep; one request of it is refused.
        const { value, error } = refusing(k, () => [...model.predict(X).data]);
        if (error !== undefined) expect((error as FeedforwardError).code).toBe('ERR_MEMORY');
        else expect(value).toEqual(wanted[i]);
      }
    expect(models.map((model) => [...model.predict(X).data])).toEqual(wanted);
  });

  test('fault 36: what was handed out before memory grew or a model hibernated stays as it was', () => {
    const model = make();
    const outputs = model.predict(X);
    const forward = model.forward(X);
    const [weight] = model.parameters();
    const gradients = model.gradients();
    const state = model.state();
    const kept = structuredClone([outputs.data, forward.data, weight!.values, gradients.map((g) => g.values), state.tensors]);
    model.trainStep(large.X, large.y); // grows
    for (let i = 0; i < 70; i++) make(i); // sends it to sleep
    model.trainStep(X, y);
    expect([outputs.data, forward.data, weight!.values, gradients.map((g) => g.values), state.tensors]).toEqual(kept);
    weight!.set(kept[2] as Float32Array); // no write is lost
    expect([...model.parameters()[0]!.values]).toEqual([...(kept[2] as Float32Array)]);
  });

  const running = ['reserve', 'forward', 'loss', 'backward', 'step', 'train', 'zeroGradients'];
  test.each(running)('fault 35: a trap in %s gives up that model alone, with a clear error then and afterwards', (name) => {
    const other = make(1);
    const expected = [...other.predict(X).data];
    const use = (model: MLP) => {
      model.predict(X);
      model.zeroGrad();
      model.forward(X);
      model.loss(y);
      model.backward();
      model.step();
      model.trainStep(X, y);
      model.fitSync(X, y, { epochs: 2 });
    };
    for (let k = 0; k < 3; k++) {
      let broken: MLP | undefined;
      const error = trapping(name, k, () =>
        refusal(() => {
          broken = make();
          for (;;) use(broken);
        }),
      );
      expect(error.code).toBe('ERR_STATE');
      expect(error.message).toMatch(/instance failed \(unreachable\).*other models are unaffected\. Load a saved copy/);
      expect(error.cause).toBeInstanceOf(WebAssembly.RuntimeError);
      const model = broken!;
      const every: (() => unknown)[] = [
        () => model.predict(X),
        () => model.predictInto(new Float32Array(4), new Float32Array(1)),
        () => model.evaluate(X, y),
        () => model.trainStep(X, y),
        () => model.fitSync(X, y),
        () => model.partialFit(X, y),
        () => model.zeroGrad(),
        () => model.forward(X),
        () => model.parameters(),
        () => model.gradients(),
        () => model.state(),
        () => model.save(),
        () => model.clone(),
        () => model.diagnose(X, y),
        () => model.inputGradient(X),
        () => model.inputHessian(X.slice(0, 1)),
        () => model.restoreState(other.state()),
        () => model.freeze(),
      ];
      for (const method of every) {
        const later = refusal(method);
        expect(later.code, method.toString()).toBe('ERR_STATE');
        expect(later.message).toBe(error.message);
      }
      model.summary();
      expect([...other.predict(X).data]).toEqual(expected);
      expect(other.clone().trainStep(X, y)).toBeGreaterThan(0);
    }
  });

  test('fault 35: a trap within an async fit rejects it; making a model that traps throws; more models can be made', async () => {
    const model = make();
    const error = await trapping('train', 3, () => rejection(model.fit(X, y, { epochs: 10, onBatchEnd: () => {} })));
    expect(error.code).toBe('ERR_STATE');
    expect((await rejection(model.fit(X, y))).code).toBe('ERR_STATE');
    for (const name of ['describe', 'build']) expect(codeOf(() => trapping(name, 0, () => make()))).toBe('ERR_STATE');
    for (let i = 0; i < 100; i++) expect(make(i).predict(X).shape).toEqual([40, 1]); // given up ones sleep and wake with the rest
    expect(codeOf(() => model.predict(X))).toBe('ERR_STATE');
  });

  test('fault 42: models that are simply dropped need no disposing: at most 64 keep a WebAssembly memory', () => {
    const memories = new Set<WeakRef<object>>();
    const models = Array.from({ length: 300 }, (_, i) => make(i));
    for (const model of models) {
      model.predict(X);
      const { core } = (model as unknown as { trainer: { backend: { instance: { core?: { memory: object } } } } }).trainer.backend
        .instance;
      if (core !== undefined) memories.add(new WeakRef(core.memory));
    }
    const awake = models.filter((model) => {
      const { backend } = (model as unknown as { trainer: { backend: { instance: { core?: unknown } } } }).trainer;
      return backend.instance.core !== undefined;
    });
    expect(memories.size).toBe(300);
    expect(awake.length).toBeLessThanOrEqual(64);
  });
});

describe('a process with little memory', () => {
  const folder = join(import.meta.dirname, '../..', 'build', 'faults-memory');
  beforeAll(async () => {
    const bundle = await rolldown({
      input: join(import.meta.dirname, '../../src/entries/index.ts'),
      platform: 'node',
      logLevel: 'silent',
    });
    await bundle.write({ dir: folder, format: 'esm', entryFileNames: 'library.js' });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs code with the library as `f` in a process of its own; returns what it prints, parsed. */
  const run = (code: string, flags: string[], before = ''): unknown => {
    const script = `import * as f from ${JSON.stringify(join(folder, 'library.js'))};\n${code}`;
    const command = [process.execPath, ...flags, '--input-type=module', '-e', script].map(
      (part) => `'${part.replaceAll("'", `'\\''`)}'`,
    );
    return JSON.parse(
      execFileSync('/bin/sh', ['-c', `${before}${command.join(' ')}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    );
  };

  test('fault 42: trainings that wait in a callback keep at most 64 WebAssembly memories too', () => {
    const alive = run(
      `const X = Array.from({ length: 40 }, (_, i) => [i / 40, 1 - i / 40]);
const y = X.map(([a]) => a * a);
const [waiting, memories] = [[], []];
for (let k = 0; k < 100; k++) {
  const model = new f.MLP({ inputs: 2, layers: [f.dense(8, { activation: 'tanh' }), f.dense(1)], seed: k });
  await new Promise((resolve) => {
    const onEpochEnd = ({ epoch }) => epoch === 3 ? (resolve(), new Promise(() => {})) : undefined;
    waiting.push(model, model.fit(X, y, { epochs: 5, batchSize: 8, shuffle: k % 2 === 0, onEpochEnd }));
  });
  memories.push(new WeakRef(model.trainer.backend.instance.core.memory));
}
for (let i = 0; i < 3; i++) { await new Promise((resolve) => setTimeout(resolve, 10)); gc(); }
console.log(memories.filter((memory) => memory.deref() !== undefined).length + waiting.length / 1000);`,
      ['--expose-gc'],
    );
    expect(alive).toBeLessThanOrEqual(64.2);
    expect(alive).toBeGreaterThan(1);
  });
  const grow = `
    const model = new f.MLP({ inputs: 8, layers: [f.dense(64), f.dense(1)], seed: 3 });
    const row = [[1, 2, 3, 4, 5, 6, 7, 8]];
    const before = model.predict(row).data[0];
    const outcomes = [];
    for (const rows of [100, 10_000, 10_000_000, 100]) {
      try {
        const value = model.evaluate({ data: new Float32Array(8 * rows), shape: [rows, 8] }, new Float32Array(rows), { batchSize: rows });
        outcomes.push(typeof value.loss);
      } catch (error) {
        outcomes.push(error.code ?? String(error));
      }
    }
    console.log(JSON.stringify({ outcomes, same: model.predict(row).data[0] === before }));`;

  test('fault 34: an engine that limits memories to 4 MiB refuses growth, and the model goes on', () => {
    expect(run(grow, ['--wasm-max-mem-pages=64'])).toEqual({
      outcomes: ['number', 'ERR_MEMORY', 'ERR_MEMORY', 'number'],
      same: true,
    });
  });

  test.skipIf(process.platform !== 'linux')(
    'fault 34: a process whose address space is limited (RLIMIT_AS) gets ERR_MEMORY, never a crash',
    () => {
      expect(run(grow, [], 'ulimit -v 12000000; exec ')).toEqual({
        outcomes: ['number', 'number', 'ERR_MEMORY', 'number'],
        same: true,
      });
      const none = `
      try { new f.MLP({ inputs: 1, layers: [f.dense(1)] }); console.log('"made"'); }
      catch (error) { console.log(JSON.stringify(error.code)); }`;
      expect(run(none, [], 'ulimit -v 4000000; exec ')).toBe('ERR_MEMORY');
    },
  );
});

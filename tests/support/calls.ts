// Sequences of calls of a model, good and bad, as fast-check draws them, and what each answers.

import fc from 'fast-check';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { Matrix } from '../../src/data/matrix.js';
import { FeedforwardError } from '../../src/errors.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activation, batchNorm, dense, dropout, layerNorm, residual } from '../../src/plan/layers.js';
import type { MLPOptions } from '../../src/plan/network.js';
import { bitsOf } from './models.js';

export type Model = MLP | PlainMLP;

// ---- arguments -------------------------------------------------------------------------------------------------------

/** Numbers that break things. */
export const odd = fc.constantFrom(
  0,
  -0,
  1,
  -1,
  2,
  3,
  0.5,
  1.5,
  1e-45,
  1e-38,
  1e38,
  3.5e38,
  1e300,
  -1e300,
  NaN,
  Infinity,
  -Infinity,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 31),
  5e-324,
);
const words = fc.constantFrom(
  '',
  '0',
  '3',
  'adam',
  'relu',
  'toString',
  '__proto__',
  'constructor',
  'layers.0',
  'layers.0.weight',
  'loss',
  'balanced',
);
const keys = fc.constantFrom(
  'data',
  'shape',
  'name',
  'length',
  '__proto__',
  'constructor',
  'X',
  'y',
  'value',
  'toString',
  'epochs',
  '0',
);
/** Anything at all, up to three deep. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  odd,
  words,
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    false,
    3n,
    Symbol('s'),
    () => 1,
    new Map([[1, 2]]),
    new Set([1]),
    new Date(0),
    /x/,
    new DataView(new ArrayBuffer(8)),
    new ArrayBuffer(16),
  ),
  fc.anything({
    key: keys,
    maxDepth: 3,
    maxKeys: 4,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withTypedArray: true,
    withSparseArray: true,
  }),
);

export const finite = fc.constantFrom(0, 1, -1, 0.5, -0.25, 2, 1e-3, -3.5, 0.125);
export const rowsOf = (columns: number, cell: fc.Arbitrary<number>, most = 6) =>
  fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: most });

/** The same rows in every form that data comes in. */
const forms = (rows: fc.Arbitrary<number[][]>): fc.Arbitrary<unknown> =>
  fc.tuple(rows, fc.integer({ min: 0, max: 6 })).map(([values, form]): unknown => {
    const flat = values.flat();
    const shape = [values.length, values[0]?.length ?? 0];
    switch (form) {
      case 0:
        return { data: Float32Array.from(flat), shape };
      case 1:
        return { data: Float64Array.from(flat), shape };
      case 2:
        return { data: flat, shape };
      case 3:
        return values.map((row) => Float32Array.from(row));
      case 4:
        return new Matrix(Float32Array.from(flat), shape[0]!, shape[1]!);
      default:
        return values;
    }
  });

/** Rows with something wrong: a value, a row, the shape, the whole. */
const spoilt = (columns: number): fc.Arbitrary<unknown> =>
  fc.oneof(
    junk,
    forms(rowsOf(columns, odd)),
    forms(fc.integer({ min: 0, max: 5 }).chain((wide) => rowsOf(wide, finite))),
    fc.tuple(rowsOf(columns, finite), fc.nat(5), fc.nat(5), junk).map(([rows, i, j, value]) => {
      (rows[i % rows.length] as unknown[])[j % Math.max(columns, 1)] = value;
      return rows;
    }),
    fc.tuple(rowsOf(columns, finite), fc.nat(5), junk).map(([rows, i, row]) => {
      (rows as unknown[])[i % rows.length] = row;
      return rows;
    }),
    fc.tuple(rowsOf(columns, finite), junk).map(([rows, shape]) => ({ data: rows.flat(), shape })),
    fc.tuple(junk, junk).map(([data, shape]) => ({ data, shape })),
    fc.constantFrom([], [[]], [[], []], new Array(3), new Float32Array(0), { data: [], shape: [0, columns] }),
  );

export interface Task {
  readonly options: MLPOptions;
  readonly inputs: number;
  readonly targets: fc.Arbitrary<number[][]>;
}

export const tasks: readonly Task[] = [
  {
    inputs: 3,
    options: { inputs: 3, layers: [dense(5, { activation: 'tanh' }), dense(2)], metrics: ['r2'], seed: 1 },
    targets: rowsOf(2, finite),
  },
  {
    inputs: 2,
    options: {
      inputs: 2,
      layers: [dense(4, { activation: 'prelu' }), batchNorm(), dropout(0.3), dense(3, { activation: 'softmax' })],
      loss: 'sparseCategoricalCrossEntropy',
      metrics: ['accuracy'],
      weightAveraging: {},
      seed: 2,
    },
    targets: rowsOf(1, fc.constantFrom(0, 1, 2)),
  },
  {
    inputs: 2,
    options: {
      inputs: 2,
      layers: [residual([dense(6, { activation: 'gelu' }), layerNorm()]), activation('relu'), dense(1)],
      loss: 'hinge',
      optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0.9 },
      clip: { globalNorm: 1 },
      l2: 0.01,
      seed: 3,
    },
    targets: rowsOf(1, fc.constantFrom(0, 1)),
  },
  {
    inputs: 1,
    options: {
      inputs: 1,
      layers: [dense(3, { activation: 'sigmoid' }), dense(1, { activation: 'sigmoid' })],
      loss: 'binaryCrossEntropy',
      optimizer: 'lbfgs',
      seed: 4,
    },
    targets: rowsOf(1, fc.constantFrom(0, 1, 0.5)),
  },
  {
    inputs: 2,
    options: { inputs: 2, layers: [dense(2, { activation: 'step' }), dense(1)], seed: 5 },
    targets: rowsOf(1, finite),
  }, // cannot be trained
];

// ---- calls -----------------------------------------------------------------------------------------------------------

/** One call on a model: made anew for each model it is made on, so that generators start over. */
export interface Call {
  readonly name: string;
  readonly run: (model: Model) => unknown;
  /** A refusal may come after steps were taken. */
  readonly gradual?: boolean;
}

/** Mostly good, one in four hostile. */
export const mostly = <T>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 3, arbitrary: good as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: bad });

/** An options object with any of the names, each with a value that may be good; now and then something else altogether. */
const optionsOf = (table: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) as fc.Arbitrary<unknown> },
    { weight: 6, arbitrary: fc.record(table, { requiredKeys: [] }) },
    { weight: 1, arbitrary: junk },
    { weight: 1, arbitrary: fc.dictionary(words, junk, { maxKeys: 2 }) },
  );

export const flag = mostly(fc.boolean(), junk);
export const few = mostly(
  fc.constantFrom(1, 2, 3, 5),
  fc.constantFrom<unknown>(0, -1, 1.5, NaN, Infinity, 2 ** 40, 1e300, '2', null, {}, 3n),
);

/** Calls in any order, and now and then a whole step in the right one, with a call of any kind somewhere in it. */
export function sequencesOf(task: Task): fc.Arbitrary<Call[]> {
  const call = callsOf(task);
  const step = fc.tuple(rowsOf(task.inputs, finite), task.targets, fc.nat(5), call).map(([a, b, at, between]) => {
    const rows = Math.min(a.length, b.length);
    const stages: Call[] = [
      { name: 'zeroGrad', run: (model) => model.zeroGrad() },
      { name: 'forward', run: (model) => model.forward(a.slice(0, rows)) },
      { name: 'loss', run: (model) => model.loss(b.slice(0, rows)) },
      { name: 'backward', run: (model) => model.backward() },
      { name: 'lossInputGradient', run: (model) => model.lossInputGradient() },
      { name: 'step', run: (model) => model.step() },
    ];
    return [...stages.slice(0, at + 1), between, ...stages.slice(at + 1)];
  });
  const one: fc.Arbitrary<Call[]> = call.map((single) => [single]);
  return fc
    .array(fc.oneof({ weight: 6, arbitrary: one }, { weight: 1, arbitrary: step }), { minLength: 1, maxLength: 12 })
    .map((parts) => parts.flat());
}

export function callsOf({ inputs, targets }: Task): fc.Arbitrary<Call> {
  const X = mostly(forms(rowsOf(inputs, finite)), spoilt(inputs));
  const y = mostly(forms(targets), spoilt(1));
  // Rows that fit each other, most of the time.
  const pair: fc.Arbitrary<[unknown, unknown]> = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(rowsOf(inputs, finite), targets).map(([a, b]): [unknown, unknown] => {
        const rows = Math.min(a.length, b.length);
        return [a.slice(0, rows), b.slice(0, rows)];
      }),
    },
    { weight: 1, arbitrary: fc.tuple(X, y) },
  );
  const weights = fc.array(fc.constantFrom(0, 1, 2), { minLength: 1, maxLength: 6 });
  const step = optionsOf({ sampleWeight: mostly(weights, junk), checkFinite: flag });
  const fit = optionsOf({
    epochs: few,
    batchSize: few,
    accumulate: few,
    shuffle: flag,
    validationSplit: mostly(fc.constantFrom(0.2, 0.5), junk),
    validationData: mostly(pair, junk),
    sampleWeight: mostly(weights, junk),
    classWeight: mostly(fc.constant('balanced'), junk),
    earlyStopping: mostly(fc.constantFrom<unknown>(true, { patience: 0 }, { monitor: 'loss' }), junk),
    onDivergence: mostly(fc.constantFrom('stop', 'continue'), junk),
    reportMetrics: flag,
    checkFinite: flag,
    callbacks: mostly(fc.constant([{}]), junk),
    signal: junk,
    checkpoint: junk,
  });
  const call = <T extends unknown[]>(
    name: string,
    values: { [K in keyof T]: fc.Arbitrary<T[K]> },
    run: (model: Model, ...values: T) => unknown,
    gradual = false,
  ): fc.Arbitrary<Call> =>
    (fc.tuple(...(values as fc.Arbitrary<unknown>[])) as unknown as fc.Arbitrary<T>).map((given) => ({
      name,
      run: (model: Model) => run(model, ...given),
      gradual,
    }));
  // Hostile arguments are of any type: the compiler's part in this is over.
  type Any = never;
  return fc.oneof(
    {
      weight: 3,
      arbitrary: call('predict', [X, optionsOf({ checkFinite: flag })], (m, x: unknown, o: unknown) =>
        m.predict(x as Any, o as Any),
      ),
    },
    call(
      'predictInto',
      [
        mostly(
          rowsOf(inputs, finite).map((rows) => Float32Array.from(rows.flat())),
          junk,
        ),
        fc.constantFrom<unknown>(new Float32Array(40), new Float32Array(1), null),
      ],
      (m, x: unknown, out: unknown) => m.predictInto(x as Any, out as Any),
    ),
    {
      weight: 2,
      arbitrary: call(
        'evaluate',
        [pair, optionsOf({ sampleWeight: mostly(weights, junk), batchSize: few, checkFinite: flag })],
        (m, [x, t]: [unknown, unknown], o: unknown) => m.evaluate(x as Any, t as Any, o as Any),
      ),
    },
    {
      weight: 4,
      arbitrary: call('trainStep', [pair, step], (m, [x, t]: [unknown, unknown], o: unknown) =>
        m.trainStep(x as Any, t as Any, o as Any),
      ),
    },
    {
      weight: 4,
      arbitrary: call('fitSync', [pair, fit], (m, [x, t]: [unknown, unknown], o: unknown) =>
        m.fitSync(x as Any, t as Any, o as Any),
      ),
    },
    call(
      'fitSync on a stream',
      [
        fc.array(fc.oneof({ weight: 8, arbitrary: pair }, { weight: 1, arbitrary: junk }), { maxLength: 3 }),
        mostly(fc.constant(undefined), fit),
      ],
      (m, items: unknown[], o: unknown) => m.fitSync(items.values() as Any, o as Any),
      true,
    ),
    call(
      'partialFit',
      [pair, optionsOf({ batchSize: few, shuffle: flag, sampleWeight: mostly(weights, junk) })],
      (m, [x, t]: [unknown, unknown], o: unknown) => m.partialFit(x as Any, t as Any, o as Any),
    ),
    call('zeroGrad', [], (m) => m.zeroGrad()),
    {
      weight: 2,
      arbitrary: call('forward', [X, optionsOf({ training: flag, checkFinite: flag })], (m, x: unknown, o: unknown) =>
        m.forward(x as Any, o as Any),
      ),
    },
    { weight: 2, arbitrary: call('loss', [y, step], (m, t: unknown, o: unknown) => m.loss(t as Any, o as Any)) },
    { weight: 2, arbitrary: call('backward', [], (m) => m.backward()) },
    { weight: 2, arbitrary: call('step', [], (m) => m.step()) },
    call('inputGradient', [X, mostly(fc.constant(0), junk)], (m, x: unknown, k: unknown) => m.inputGradient(x as Any, k as Any)),
    call('inputHessian', [X, mostly(fc.constant(0), junk)], (m, x: unknown, k: unknown) => m.inputHessian(x as Any, k as Any)),
    call('lossInputGradient', [], (m) => m.lossInputGradient()),
    call('gradients', [], (m) => m.gradients().map(({ values }) => values)),
    call('set', [fc.nat(20), fc.oneof(spoilt(2), fc.array(odd, { maxLength: 12 }), finite)], (m, k: number, values: unknown) => {
      const parameters = m.parameters();
      const parameter = parameters[k % parameters.length]!;
      parameter.set((typeof values === 'number' ? parameter.values.map((v) => v + values) : values) as Any);
    }),
    call('freeze', [mostly(fc.constantFrom('layers.0', 'layers.0.weight'), junk)], (m, name: unknown) => m.freeze(name as Any)),
    call('unfreeze', [mostly(fc.constant('layers.0'), junk)], (m, name: unknown) => m.unfreeze(name as Any)),
    call(
      'learningRate',
      [
        mostly(
          fc.constantFrom<unknown>(0.01, { schedule: 'step', rate: 0.1 }),
          junk.filter((v) => typeof v !== 'function'),
        ),
      ],
      (m, rate: unknown) => {
        m.learningRate = rate as Any;
      },
    ),
    call('penalty', [mostly(fc.constantFrom(1, 8), junk)], (m, rows: unknown) => m.penalty(rows as Any)),
    call('diagnose', [pair], (m, [x, t]: [unknown, unknown]) => m.diagnose(x as Any, t as Any).loss),
    call('clone', [], (m) => bitsOf(m.clone())),
    call(
      'restoreState',
      [
        fc.constantFrom(
          'whole',
          'junk',
          'names',
          'tensors',
          'slots',
          'rules',
          'progress',
          'counters',
          'best',
          'curvature',
          'averages',
          'shapes',
          'learningRate',
        ),
        junk,
      ],
      (m, part: string, value: unknown) => {
        const state = m.state();
        m.restoreState((part === 'junk' ? value : part === 'whole' ? state : { ...state, [part]: value }) as Any);
      },
    ),
    call('save and load', [optionsOf({ optimizer: flag, sections: junk })], (m, o: unknown) =>
      bitsOf((m.constructor as typeof MLP).load(m.save(o as Any))),
    ),
    call('load', [junk, junk], (m, bytes: unknown, o: unknown) => (m.constructor as typeof MLP).load(bytes as Any, o as Any)),
    call('summary', [], (m) => m.summary()),
    call('stop', [], (m) => m.stop()),
  );
}

// ---- the judge -------------------------------------------------------------------------------------------------------

/** Codes that say training met numbers too large, which the two backends round apart. */
export const numeric = new Set(['ERR_DIVERGED', 'ok']);

export interface Answer {
  readonly code: string;
  readonly value?: unknown;
}

export function answerOf(name: string, action: () => unknown): Answer {
  const started = performance.now();
  let answer: Answer;
  try {
    answer = { code: 'ok', value: plain(action()) };
  } catch (error) {
    if (!(error instanceof FeedforwardError)) throw new Error(`${name} let out ${(error as Error)?.stack ?? String(error)}`);
    if (error.message.length > 2000) throw new Error(`${name}: a message of ${error.message.length} characters`);
    answer = { code: error.code };
  }
  const took = performance.now() - started;
  if (took > 5000) throw new Error(`${name} took ${took} ms`); // milliseconds, if the machine is not busy
  return answer;
}

/** What can be compared: numbers and text, without the time it took. */
function plain(value: unknown): unknown {
  if (value instanceof Matrix) return [...value.shape, ...value.data];
  if (ArrayBuffer.isView(value)) return [...(value as Float32Array)];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null && 'epochs' in value)
    return (value as { epochs: { seconds: number }[] }).epochs.map(({ seconds: _, ...log }) => log);
  if (value instanceof MLP || value instanceof PlainMLP) return bitsOf(value);
  return value;
}

import { describe, expect, test } from 'vitest';
import { MLP as PlainMLP } from '../../src/baseline/mlp.js';
import { StandardScaler } from '../../src/data/scalers/index.js';
import { crc32 } from '../../src/formats/checksum.js';
import { encodeModel } from '../../src/formats/encodeModel.js';
import { readModelFile } from '../../src/formats/modelFile.js';
import { readSafetensors, writeSafetensors, type TensorInput } from '../../src/formats/safetensors.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activationNames } from '../../src/plan/activations.js';
import { activation, batchNorm, dense, dropout, layerNorm, residual } from '../../src/plan/layers.js';
import { adam, lbfgs, sgd } from '../../src/plan/optimizers.js';
import { optimizerNames } from '../../src/plan/resolveOptimizer.js';
import { type MLPOptions, resolveNetwork } from '../../src/plan/network.js';
import { cosineDecay, reduceOnPlateau } from '../../src/plan/schedules.js';
import { version } from '../../src/formats/version.js';
import packageJson from '../../package.json' with { type: 'json' };
import { codeOf, refusal } from '../support/errors.js';
import { mutants, readAll, tampered } from '../support/fuzz.js';
import { activationNetwork, everyNetwork, randomRows } from '../support/network.js';

const x = (columns: number, rows = 32) => ({ data: randomRows(rows, columns), shape: [rows, columns] as const });
const y = (columns: number, rows = 32) => ({ data: randomRows(rows, columns, 3), shape: [rows, columns] as const });

/** Everything at once: every kind of layer and option that leaves something behind. */
const rich: MLPOptions = {
  inputs: 4,
  layers: [
    dense(8, {
      activation: { name: 'prelu', shared: false },
      weightInit: 'orthogonal',
      l2: 1e-4,
      maxNorm: 3,
      learningRateScale: 0.5,
    }),
    batchNorm({ momentum: 0.2 }),
    activation('gelu'),
    dropout(0.2),
    residual([layerNorm(), dense(5, { activation: 'tanh', bias: false })]),
    dense(2),
  ],
  optimizer: adam({ learningRate: cosineDecay(1e-2, { over: 10 }), amsgrad: true }),
  metrics: ['meanAbsoluteError'],
  seed: 7,
  clip: { globalNorm: 5 },
  weightAveraging: { decay: 0.9 },
  inputNoise: 0.01,
};

/** Everything but the options: a file has them with every default written out. */
const trainingOf = (model: MLP | PlainMLP) => ({ ...model.state(), options: undefined });

/** The file with other text in its metadata, and the checksum put right again. */
function forge(
  bytes: Uint8Array,
  change: (metadata: Map<string, string>, tensors: Map<string, TensorInput>) => void,
): Uint8Array {
  const { metadata, tensors } = readSafetensors(bytes);
  metadata.set('checksum', 'crc32:00000000');
  change(metadata, tensors as Map<string, TensorInput>);
  const file = writeSafetensors(tensors, metadata);
  const text = Buffer.from(file).toString('latin1');
  const at = text.indexOf('"checksum":"crc32:') + 18;
  if (at >= 18) file.set(Buffer.from(crc32(file).toString(16).padStart(8, '0')), at);
  return file;
}

describe('model file', () => {
  test.each([
    ['WebAssembly', MLP],
    ['plain JavaScript', PlainMLP],
  ] as const)('fault 73: save and load predict the same bits, on %s', (_, Model) => {
    for (const options of [...Object.values(everyNetwork), ...activationNames.map(activationNetwork), rich]) {
      const model = new Model(options);
      const { inputs, outputs } = model.plan;
      if (model.plan.untrainable === undefined && model.plan.loss.targets === 'real')
        model.fitSync(x(inputs), y(outputs), { epochs: 2, batchSize: 8 });
      const back = Model.load(model.save());
      expect(back.predict(x(inputs)).data).toEqual(model.predict(x(inputs)).data);
      expect(back.parameters().map((p) => [p.name, p.values])).toEqual(model.parameters().map((p) => [p.name, p.values]));
      expect(back.save()).toEqual(model.save());
    }
  });

  test('fault 73: scaler, labels, feature names and the training card travel along, to the bit', () => {
    const scaler = new StandardScaler().fit([
      [1, 1e6 + 0.1],
      [2, 3e6],
      [4, 5e6 / 3],
    ]);
    const sections = {
      scaler,
      labels: ['a', 2, true],
      featureNames: ['width', 'größe'],
      card: { rows: 3, columns: 2, seed: 7, scores: { accuracy: 0.1 + 0.2 } },
    };
    const bytes = new MLP({ inputs: 2, layers: [dense(3)] }).save({ sections });
    const saved = readModelFile(bytes);
    expect(StandardScaler.fromJSON(saved.sections['scaler'])).toEqual(scaler);
    expect(saved.sections['labels']).toEqual(['a', 2, true]);
    expect(saved.sections['card']).toEqual(sections.card);
    expect(Object.keys(saved.sections)).toEqual(['scaler', 'labels', 'featureNames', 'card']);
    expect(saved.library).toBe(packageJson.version);
    expect(version).toBe(packageJson.version);
  });

  test('fault 74: save in the middle of training, load, go on: the same bits as without a break, for every optimizer', () => {
    const cases: MLPOptions[] = [
      ...optimizerNames.map((name) => ({
        inputs: 4,
        layers: [dense(6, { activation: 'tanh' as const }), batchNorm(), dense(2)],
        optimizer: name,
      })),
      rich,
      { ...rich, optimizer: sgd({ momentum: 0.9, nesterov: true, learningRate: reduceOnPlateau(0.01, { patience: 0 }) }) },
      { inputs: 4, layers: [dense(6, { activation: 'tanh' }), dense(2)], optimizer: lbfgs({ historySize: 3 }) },
    ];
    for (const options of cases) {
      const through = new MLP(options);
      const fit = { epochs: 3, batchSize: through.plan.optimizer.fullBatch ? undefined : 8 };
      through.fitSync(x(4), y(2), fit);
      const broken = MLP.load(through.save({ optimizer: true }));
      expect(trainingOf(broken)).toEqual(trainingOf(through));
      for (const model of [through, broken]) model.fitSync(x(4), y(2), fit);
      expect(broken.save({ optimizer: true })).toEqual(through.save({ optimizer: true }));
    }
  });

  test('fault 74: in the middle of an epoch, with early stopping waiting to go back to its best epoch', async () => {
    const through = new MLP(rich);
    const stop = new AbortController();
    const options = { epochs: 6, batchSize: 8, validationSplit: 0.25, earlyStopping: { patience: 4 } };
    let steps = 0;
    const running = through.fit(x(4), y(2), {
      ...options,
      signal: stop.signal,
      callbacks: [{ onBatchEnd: () => void (++steps === 10 && stop.abort()) }],
    });
    await expect(running).rejects.toThrow();
    expect(through.state().progress.position).toBeGreaterThan(0);
    expect(through.state().best).toBeDefined();
    const resumed = MLP.load(through.save({ optimizer: true }));
    for (const model of [through, resumed]) model.fitSync(x(4), y(2), options);
    expect(resumed.save({ optimizer: true })).toEqual(through.save({ optimizer: true }));
  });

  test('without the optimizer a loaded model starts a new training, from the saved weights', () => {
    const model = new MLP(rich);
    model.fitSync(x(4), y(2), { epochs: 2 });
    model.freeze('layers.0');
    const back = MLP.load(model.save());
    expect([back.epoch, back.steps]).toEqual([0, 0]);
    expect(back.parameters().map((p) => p.trainable)).toEqual(model.parameters().map((p) => p.trainable));
    expect(model.save().length).toBeLessThan(model.save({ optimizer: true }).length / 2);
  });

  test('options come back with every default written out, and describe the same network', () => {
    for (const options of [
      ...Object.values(everyNetwork),
      rich,
      ...(['keras', 'pytorch', 'sklearn'] as const).map((compat) => ({ ...rich, compat })),
    ]) {
      const { plan } = readModelFile(new PlainMLP(options).save());
      const { options: _, ...want } = resolveNetwork(options);
      const { options: __, ...got } = plan;
      expect(JSON.stringify(got)).toBe(JSON.stringify(want));
    }
    const { layers, optimizer } = readModelFile(new MLP({ inputs: 1, layers: [dense(1), batchNorm()] }).save()).options;
    expect(layers).toEqual([
      { type: 'dense', units: 1, activation: 'identity', bias: true },
      { type: 'batchNorm', momentum: 0.1, epsilon: 1e-5 },
    ]);
    expect(optimizer).toMatchObject({ name: 'adam', learningRate: 1e-3, beta2: 0.999 });
  });

  test('the core reads what plain JavaScript wrote and the other way round; doubles stay doubles', () => {
    const plain = new PlainMLP(rich, { precision: 'float64' });
    plain.fitSync(x(4), y(2), { epochs: 2 });
    const same = PlainMLP.load(plain.save({ optimizer: true }), { precision: 'float64' });
    expect(trainingOf(same)).toEqual(trainingOf(plain));
    const core = MLP.load(plain.save());
    core.parameters().forEach((p, i) => {
      expect(p.values).toEqual(Float32Array.from(plain.parameters()[i]!.values));
    });
    expect(PlainMLP.load(core.save()).predict(x(4)).data.length).toBe(64);
  });

  test('a loss and a learning rate that are functions are not in the file: load asks for them when they are needed', () => {
    const loss = (yTrue: { data: Float32Array }, yPred: { data: Float32Array; shape: readonly number[] }) => ({
      value: 0.5 * yPred.data.reduce((sum, p, i) => sum + (p - yTrue.data[i]!) ** 2, 0),
      gradient: { data: yPred.data.map((p, i) => p - yTrue.data[i]!), shape: yPred.shape },
    });
    const learningRate = (step: number) => 0.01 / (1 + step);
    const model = new MLP({ inputs: 4, layers: [dense(2)], loss, optimizer: sgd({ learningRate }) });
    const bytes = model.save({ optimizer: true });
    expect(readModelFile(bytes).functions).toEqual(['loss', 'learningRate']);
    const blind = MLP.load(bytes);
    expect(blind.predict(x(4)).data).toEqual(model.predict(x(4)).data);
    const error = refusal(() => blind.trainStep(x(4), y(2)));
    expect([error.code, error.message.includes('Pass it again: load(bytes, {')]).toEqual(['ERR_STATE', true]);
    const whole = MLP.load(bytes, { loss, learningRate });
    expect(whole.trainStep(x(4), y(2))).toBe(model.trainStep(x(4), y(2)));
    expect(whole.save()).toEqual(model.save());
    expect(codeOf(() => MLP.load(bytes, { loss: 'mse' as never }))).toBe('ERR_OPTION');
  });

  test('any safetensors reader sees the weights, and zlib.crc32 the checksum', () => {
    const model = new MLP(rich);
    const bytes = model.save();
    const { tensors, metadata } = readSafetensors(bytes);
    for (const { name, shape, values } of model.parameters())
      expect(tensors.get(name)).toEqual({ dtype: 'F32', shape, data: values });
    const digits = metadata.get('checksum')!.slice(6);
    const zeroed = Buffer.from(bytes);
    zeroed.fill('0', zeroed.indexOf(digits), zeroed.indexOf(digits) + 8);
    expect(crc32(zeroed).toString(16).padStart(8, '0')).toBe(digits);
    expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
  });

  test('fault 29: options of save and load that are none are refused with the nearest', () => {
    const model = new MLP({ inputs: 1, layers: [dense(1)] });
    expect(refusal(() => model.save({ optimiser: true } as never)).message).toContain('Did you mean "optimizer"?');
    expect(codeOf(() => model.save({ optimizer: 1 } as never))).toBe('ERR_OPTION');
    expect(codeOf(() => MLP.load(model.save(), { allowNaN: true } as never))).toBe('ERR_OPTION');
    expect(codeOf(() => PlainMLP.load(model.save(), { precision: 'float16' } as never))).toBe('ERR_OPTION');
  });

  test('sections that are not JSON, or have a name of the file’s own, are refused', () => {
    const state = new MLP({ inputs: 1, layers: [dense(1)] }).state();
    for (const value of [Number.NaN, [1, Infinity], { f: () => 1 }, 5n, Symbol('x')])
      expect(codeOf(() => encodeModel(state, { sections: { value } }))).toBe('ERR_TYPE');
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(codeOf(() => encodeModel(state, { sections: { loop } }))).toBe('ERR_TYPE');
    for (const name of ['format', 'model', 'checksum'])
      expect(codeOf(() => encodeModel(state, { sections: { [name]: 1 } }))).toBe('ERR_OPTION');
  });
});

describe('damaged and hostile model files', () => {
  const small = new MLP({ inputs: 2, layers: [dense(3, { activation: 'relu' }), batchNorm(), dense(1)], optimizer: 'adam' });
  small.fitSync(x(2), y(1), { epochs: 2 });
  const bytes = small.save({ optimizer: true, sections: { labels: ['a', 'b'] } });
  const load = (file: Uint8Array) => MLP.load(file);
  const forged = (change: Parameters<typeof forge>[1]) => refusal(() => load(forge(bytes, change)));

  test('a file forged with a fitting checksum is read: the refusals below are for what they say', () => {
    expect(trainingOf(load(forge(bytes, () => undefined)))).toEqual(trainingOf(small));
  });

  test('fault 76: every single flipped bit is found', () => {
    const file = bytes.slice();
    for (let bit = 0; bit < file.length * 8; bit += 1) {
      file[bit >> 3]! ^= 1 << (bit & 7);
      if (codeOf(() => readModelFile(file)) !== 'ERR_FORMAT') throw new Error(`bit ${bit}`);
      file[bit >> 3]! ^= 1 << (bit & 7);
    }
  });

  test('fault 76: truncated and extended files are refused', () => {
    for (let length = 0; length < bytes.length; length += 7)
      expect(codeOf(() => load(bytes.slice(0, length)))).toBe('ERR_FORMAT');
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(codeOf(() => load(longer))).toBe('ERR_FORMAT');
    expect(codeOf(() => load(undefined as unknown as Uint8Array))).toBe('ERR_TYPE');
  });

  test('fault 76: 3,000 mutants, and 3,000 whose checksum was put right, end in a refusal within a second', () => {
    const changed = [...mutants(bytes, 3000)].filter((mutant) => !Buffer.from(mutant).equals(bytes));
    const outcomes = readAll(load, changed);
    expect([...outcomes.keys()]).toEqual(['ERR_FORMAT']);
    const texts = readSafetensors(bytes).metadata;
    const read = (key: string) => (mutant: Uint8Array) => {
      const text = new TextDecoder().decode(mutant);
      return load(forge(bytes, (metadata) => metadata.set(key, /\p{Surrogate}/u.test(text) ? '' : text)));
    };
    for (const key of ['model', 'rules', 'training', 'version', 'labels']) {
      const found = readAll(read(key), mutants(new TextEncoder().encode(texts.get(key)), 600));
      expect([...found.keys()].filter((code) => !['read', 'ERR_FORMAT'].includes(code))).toEqual([]);
    }
    for (const key of ['model', 'rules', 'training']) {
      const use = (json: Uint8Array) => {
        const text = new TextDecoder().decode(json);
        const model = load(forge(bytes, (metadata) => metadata.set(key, text)));
        model.predict({ data: new Float32Array(model.inputs), shape: [1, model.inputs] });
      };
      const found = readAll(use, tampered(JSON.parse(texts.get(key)!), 600));
      expect([...found.keys()].filter((code) => !['read', 'ERR_FORMAT'].includes(code))).toEqual([]);
    }
  });

  test('fault 80: a newer format version is refused by its number, other formats and dtypes by name', () => {
    expect(forged((m) => m.set('version', '2')).message).toBe(
      'Model file: it is of format version 2; this library reads versions up to 1. Update feedforward.',
    );
    for (const version of ['0', '-1', '1.5', 'one', '', '01', '1e3'])
      expect(forged((m) => m.set('version', version)).code).toBe('ERR_FORMAT');
    expect(forged((m) => m.set('format', 'pt')).message).toContain('its format is "pt"');
    expect(forged((m) => m.delete('format')).message).toContain('readSafetensors, fromPyTorch or fromKeras');
    for (const [data, dtype] of [
      [new BigInt64Array(6), 'I64'],
      [new Uint16Array(6), 'BF16'],
      [new Int32Array(6), 'I32'],
    ] as const)
      expect(forged((_, t) => t.set('layers.0.weight', { shape: [2, 3], data, dtype })).message).toContain(`of dtype ${dtype}`);
  });

  test('fault 81: weights that are NaN or infinite are refused by name unless they are wanted', () => {
    const bad = (name: string, value: number) => forge(bytes, (_, t) => t.get(name)!.data.fill(value as never, 1, 2));
    for (const [name, value] of [
      ['layers.0.weight', Number.NaN],
      ['layers.1.runningMean', Infinity],
      ['slot1/layers.2.weight', -Infinity],
      ['counters', Number.NaN],
    ] as const) {
      const error = refusal(() => load(bad(name, value)));
      expect([error.code, error.message.includes(`${name}[1] is ${value}`)]).toEqual(['ERR_NONFINITE', true]);
    }
    expect(MLP.load(bad('layers.0.weight', Number.NaN), { allowNonFinite: true }).parameters()[0]!.values[1]).toBeNaN();
  });

  test('fault 78: tensors that are missing, too many, or of another shape are refused by name', () => {
    expect(forged((_, t) => t.delete('layers.2.bias')).message).toContain('"layers.2.bias" is missing');
    expect(forged((_, t) => t.delete('slot0/layers.2.bias')).message).toContain('"slot0/layers.2.bias" is missing');
    expect(forged((_, t) => t.set('extra', { shape: [0], data: new Float32Array() })).message).toContain(
      '"extra" is no tensor of the model',
    );
    expect(forged((_, t) => t.set('layers.0.weight', { shape: [3, 2], data: new Float32Array(6) })).message).toContain(
      'has the shape [3, 2], but the model needs [2, 3]',
    );
  });

  test('fault 79: hostile JSON in any section is refused, and Object.prototype stays as it is', () => {
    for (const section of ['model', 'rules', 'training', 'labels'])
      for (const text of [
        '{"__proto__":{"polluted":1}}',
        '['.repeat(20_000),
        '{"a":1e999}',
        '{"a":NaN}',
        '{"a":1,"a":2}',
        '',
        'x',
      ])
        expect([section, text.slice(0, 20), forged((m) => m.set(section, text)).code]).toEqual([
          section,
          text.slice(0, 20),
          'ERR_FORMAT',
        ]);
    for (const text of [
      'null',
      '5',
      '[]',
      '{}',
      '{"constructor":{"prototype":{"polluted":1}}}',
      '{"inputs":2,"layers":[{"type":"dense","units":3,"constructor":{}}]}',
    ])
      expect([text, forged((m) => m.set('model', text)).code]).toEqual([text, 'ERR_FORMAT']);
    expect(codeOf(() => load(forge(bytes, (m) => m.set('__proto__', '{}'))))).toBe('ERR_FORMAT');
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  test('fault 82: functions as text are never evaluated, names are never paths', () => {
    (globalThis as { evaluated?: boolean }).evaluated = false;
    const code = '(() => { globalThis.evaluated = true; return { value: 0, gradient: [] }; })()';
    for (const model of [
      `{"inputs":2,"layers":[],"loss":${JSON.stringify(code)}}`,
      `{"inputs":2,"layers":[],"loss":{"name":${JSON.stringify(code)}}}`,
    ])
      expect(forged((m) => m.set('model', model)).code).toBe('ERR_FORMAT');
    expect(forged((_, t) => t.set('../../../tmp/evil', { shape: [0], data: new Float32Array() })).code).toBe('ERR_FORMAT');
    expect((globalThis as { evaluated?: boolean }).evaluated).toBe(false);
  });

  test('fault 33: a small file that describes an enormous network is refused before anything is allocated', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (const layers of [
      [
        { type: 'dense', units: 2 ** 24 },
        { type: 'dense', units: 2 ** 24 },
      ],
      [{ type: 'dense', units: 2 ** 24 }],
      Array.from({ length: 1000 }, () => ({ type: 'dense', units: 10_000, weightInit: 'orthogonal' })),
    ])
      expect(forged((m) => m.set('model', JSON.stringify({ inputs: 2, layers }))).code).toBe('ERR_FORMAT');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2e6);
  });

  test('progress that cannot be is refused', () => {
    const training = JSON.parse(readSafetensors(bytes).metadata.get('training')!) as { progress: Record<string, unknown> };
    for (const [field, value] of Object.entries({
      epoch: -1,
      position: 1.5,
      steps: '3',
      plateau: 0,
      metricSums: {},
      lossSum: 'zero',
      shape: null,
      earlyWatch: { best: 1 },
      other: 1,
    }))
      expect([
        field,
        forged((m) => m.set('training', JSON.stringify({ ...training, progress: { ...training.progress, [field]: value } })))
          .code,
      ]).toEqual([field, 'ERR_FORMAT']);
    for (const [field, value] of Object.entries({ best: true, curvature: 1, learningRate: -1, unknown: 0 }))
      expect([field, forged((m) => m.set('training', JSON.stringify({ ...training, [field]: value }))).code]).toEqual([
        field,
        'ERR_FORMAT',
      ]);
    for (const rules of [[], 'x', Array(7).fill({}), Array(7).fill({ learningRateScale: -1, frozen: false })])
      expect(forged((m) => m.set('rules', JSON.stringify(rules))).code).toBe('ERR_FORMAT');
  });
});

describe('numbers in a model file that no training makes', () => {
  const model = new MLP({ inputs: 2, layers: [dense(3), batchNorm(), dense(1)], optimizer: 'adam' });
  model.trainStep([[1, 2], [3, 4]], [[0], [1]]); // biome-ignore format: two rows
  const bytes = model.save({ optimizer: true });

  test.each([
    ['layers.1.runningVariance', 1, -1, 'a variance is not negative'],
    ['counters', 0, -1, 'whole numbers'],
    ['counters', 0, 2.5, 'whole numbers'],
    ['counters', 1, 0.5, 'whole numbers'],
    ['counters', 2, 1.5, 'from 0 to 1'],
  ])('%s[%i] = %d is refused by name', (name, index, value, word) => {
    const changed = forge(bytes, (_, tensors) => {
      (tensors.get(name)!.data as Float64Array)[index] = value;
    });
    const error = refusal(() => MLP.load(changed));
    expect([error.code, error.message.includes(`${name}[${index}] is ${value}`), error.message.includes(word)]).toEqual([
      'ERR_FORMAT',
      true,
      true,
    ]);
  });
});

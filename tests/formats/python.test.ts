import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MLP } from '../../src/baseline/mlp.js';
import { fromKeras } from '../../src/formats/keras.js';
import { build, type ImportedNetwork } from '../../src/formats/imported.js';
import { fromPyTorch as readPyTorch } from '../../src/formats/pytorch.js';
import { readSafetensors, writeSafetensors, type SafeTensor } from '../../src/formats/safetensors.js';
import { fromSklearn, type SklearnMLP } from '../../src/formats/sklearn.js';
import { activation, batchNorm, dense, dropout, layerNorm } from '../../src/plan/layers.js';
import { codeOf, refusal } from '../support/errors.js';
import { mutants, readAll, tampered } from '../support/fuzz.js';

/** Files with a list of modules, whose networks use each of them once, unless a test is about that. */
const fromPyTorch: typeof readPyTorch = (bytes, options) => readPyTorch(bytes, { sharedModules: false, ...options });

interface Fixture {
  readonly file?: string;
  readonly json?: string;
  readonly x: number[];
  readonly y: number[];
}

const fixtures = JSON.parse(readFileSync(new URL('../fixtures/formats/python.json', import.meta.url), 'utf8')) as Record<
  string,
  Fixture
>;
const named = (name: string) => fixtures[name] ?? expect.fail(name);
const bytesOf = (name: string) => new Uint8Array(Buffer.from(named(name).file!, 'base64'));
const from = (tool: string) => Object.entries(fixtures).filter(([name]) => name.startsWith(tool));

/** The largest difference between a model's predictions and a fixture's, relative to values above 1. */
function difference(network: ImportedNetwork, { x, y }: Fixture): number {
  const model = build(MLP, network);
  const got = model.predict({ data: x, shape: [x.length / model.inputs, model.inputs] }).data;
  expect(got.length).toBe(y.length);
  return Math.max(...y.map((want, i) => Math.abs(got[i]! - want) / Math.max(1, Math.abs(want))));
}

/** The fixture's file with other tensors or metadata. */
function changed(name: string, change: (tensors: Map<string, SafeTensor>, metadata: Map<string, string>) => void): Uint8Array {
  const { tensors, metadata } = readSafetensors(bytesOf(name));
  change(tensors, metadata);
  return writeSafetensors(tensors, metadata);
}

describe('from PyTorch', () => {
  test.each(from('torch'))('%s: predicts what the network predicted there', (name, fixture) => {
    // Saved as float16, weights are off by 2^-11 of themselves.
    expect(difference(fromPyTorch(bytesOf(name)), fixture)).toBeLessThan(name.includes('float16') ? 5e-3 : 1e-5);
  });

  test('modules become layers, weights are [inputs, outputs]', () => {
    const { options, parameters } = fromPyTorch(bytesOf('torch 1.13.0: batch norm'));
    expect(options).toEqual({
      inputs: 3,
      layers: [dense(4), { type: 'batchNorm', epsilon: 1e-3, momentum: 0.2 }, activation('relu'), dropout(0.3), dense(2)],
      loss: 'meanSquaredError',
    });
    const { tensors } = readSafetensors(bytesOf('torch 1.13.0: batch norm'));
    const turned = tensors.get('0.weight')!.data;
    expect(parameters.get('layers.0.weight')).toEqual({
      shape: [3, 4],
      values: Float32Array.from({ length: 12 }, (_, k) => Number(turned[(k % 4) * 3 + Math.floor(k / 4)])),
    });
    expect(fromPyTorch(bytesOf('torch 2.13.0: softmax')).options.loss).toBe('categoricalCrossEntropy');
  });

  test('without a description the layers are given, and the modules too where they have names', () => {
    const bare = (name: string, prefix = '') =>
      changed(name, (tensors, metadata) => {
        metadata.clear();
        for (const [key, tensor] of [...tensors])
          if (prefix !== '') {
            tensors.delete(key);
            tensors.set(
              key.replace(/^\d+/, (n) => prefix + (100 - Number(n))),
              tensor,
            );
          }
      });
    const norm = [dense(4), batchNorm({ epsilon: 1e-3 }), activation('relu'), dense(2)];
    expect(
      difference(fromPyTorch(bare('torch 1.13.0: batch norm'), { layers: norm }), named('torch 1.13.0: batch norm')),
    ).toBeLessThan(1e-5);
    const prelu = [dense(4, { activation: { name: 'prelu', shared: false } }), dense(2)];
    expect(
      difference(fromPyTorch(bare('torch 1.13.0: prelu per unit'), { layers: prelu }), named('torch 1.13.0: prelu per unit')),
    ).toBeLessThan(1e-5);
    const layer = [dense(4), layerNorm(), activation('tanh'), dense(2)];
    expect(
      difference(fromPyTorch(bare('torch 2.13.0: layer norm'), { layers: layer }), named('torch 2.13.0: layer norm')),
    ).toBeLessThan(1e-5);
    // Module 10 comes after 2, whatever the alphabet says.
    const deep = [dense(4), ...Array.from({ length: 9 }, () => dense(4, { activation: 'tanh' })), dense(2)];
    expect(
      difference(fromPyTorch(bare('torch 1.13.0: ten layers'), { layers: deep }), named('torch 1.13.0: ten layers')),
    ).toBeLessThan(1e-5);

    const called = bare('torch 1.13.0: tanh', 'fc');
    const layers = [dense(4, { activation: 'tanh' }), dense(2)];
    expect(refusal(() => fromPyTorch(called, { layers })).message).toContain('Pass modules: [names in order]');
    expect(difference(fromPyTorch(called, { layers, modules: ['fc100', 'fc98'] }), named('torch 1.13.0: tanh'))).toBeLessThan(
      1e-5,
    );
    const error = refusal(() => fromPyTorch(called));
    expect([error.code, error.message.includes('fc98: 2 x 4, fc100: 4 x 3')]).toEqual(['ERR_OPTION', true]);
  });

  test('weights that do not fit the layers are refused by name', () => {
    const bytes = bytesOf('torch 1.13.0: tanh');
    for (const layers of [
      [dense(5), dense(2)],
      [dense(4)],
      [dense(4), dense(2), dense(2)],
      [dense(4, { bias: false }), dense(2)],
      [dense(4), batchNorm(), dense(2)],
    ])
      expect(codeOf(() => fromPyTorch(bytes, { layers }))).toBe('ERR_SHAPE');
    expect(codeOf(() => fromPyTorch(bytes, { layer: [] } as never))).toBe('ERR_OPTION');
    const modules = (list: unknown) =>
      changed('torch 1.13.0: tanh', (_, metadata) => metadata.set('modules', JSON.stringify(list)));
    const linear = ['0', 'Linear', ''];
    for (const list of [
      {},
      [1],
      [['0', 'Linear']],
      [linear, ['1', 'Tanh', ''], ['9', 'Linear', '']],
      [linear],
      [
        ['0', 'PReLU', ''],
        ['2', 'Linear', ''],
      ],
      [['0', 'BatchNorm1d', '']],
    ])
      expect([list, codeOf(() => fromPyTorch(modules(list)))]).toEqual([list, 'ERR_FORMAT']);
    expect(
      codeOf(() =>
        fromPyTorch(
          changed('torch 1.13.0: tanh', (tensors) =>
            tensors.set('0.bias', { dtype: 'I64', shape: [4], data: new BigInt64Array(4) }),
          ),
        ),
      ),
    ).toBe('ERR_FORMAT');
    expect(
      codeOf(() =>
        fromPyTorch(changed('torch 1.13.0: tanh', (tensors) => tensors.get('0.bias')!.data.fill(Number.NaN as never))),
      ),
    ).toBe('ERR_NONFINITE');
  });

  test('fault 80: a module that no layer stands for is refused by name', () => {
    for (const [type, settings] of [
      ['Conv1d', '3, 4'],
      ['Net', ''],
      ['Hardshrink', ''],
      ['Tanh', 'slope=2'],
      ['Flatten', 'start_dim=0, end_dim=-1'],
      ['BatchNorm1d', '4, eps=1e-05, momentum=0.1, affine=True, track_running_stats=False'],
      ['toString', ''],
      ['__proto__', ''],
      ['Softmax', 'dim=0'],
      ['Softplus', 'beta=1, threshold=2'],
      ['LayerNorm', '(2, 4), eps=1e-05'],
      ['ELU', 'alpha=x'],
    ]) {
      const bytes = changed('torch 1.13.0: tanh', (_, metadata) =>
        metadata.set(
          'modules',
          JSON.stringify([
            ['', 'Sequential', ''],
            ['0', 'Linear', ''],
            ['1', type, settings],
            ['2', 'Linear', ''],
          ]),
        ),
      );
      const error = refusal(() => fromPyTorch(bytes));
      expect([type, error.code, error.message.includes(`"1", ${type}`)]).toEqual([type, 'ERR_UNSUPPORTED', true]);
    }
    const dropped = changed('torch 1.13.0: batch norm', (_, metadata) =>
      metadata.set('modules', metadata.get('modules')!.replace('p=0.3', 'p=1.0')),
    );
    expect(refusal(() => fromPyTorch(dropped)).message).toContain('layers[3].rate: expected a number in [0, 1)');
  });
});

describe('to PyTorch', () => {
  test('the snippet of docs/files.md reads a model file into nn.Sequential, which predicts the same', ({ skip }) => {
    const model = new MLP({ inputs: 3, layers: [dense(5, { activation: 'tanh' }), batchNorm(), dense(2)], seed: 3 });
    const x = { data: Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)), shape: [10, 3] as const };
    model.fitSync(x, { data: Float32Array.from({ length: 20 }, (_, i) => Math.cos(i)), shape: [10, 2] }, { epochs: 3 });
    const snippet = /```python\n(import json, struct, numpy[\s\S]*?)\n\ntensors, metadata/.exec(
      readFileSync(new URL('../../docs/files.md', import.meta.url), 'utf8'),
    )![1]!;
    const folder = mkdtempSync(join(tmpdir(), 'feedforward-python-'));
    writeFileSync(join(folder, 'model.ff'), model.save({ optimizer: true }));
    writeFileSync(
      join(folder, 'check.py'),
      `try:
    import torch
except ImportError:
    raise SystemExit(77)
${snippet}

t, metadata = read('${join(folder, 'model.ff')}')
t = {k: torch.tensor(v) for k, v in t.items()}
net = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 2)).eval()
net.load_state_dict({
    '0.weight': t['layers.0.weight'].T, '0.bias': t['layers.0.bias'], '3.weight': t['layers.2.weight'].T, '3.bias': t['layers.2.bias'],
    '2.weight': t['layers.1.gamma'], '2.bias': t['layers.1.beta'],
    '2.running_mean': t['layers.1.runningMean'], '2.running_var': t['layers.1.runningVariance'], '2.num_batches_tracked': torch.tensor(0),
})
print(json.dumps(net(torch.tensor(${JSON.stringify(Array.from(x.data))}).reshape(10, 3)).flatten().tolist()))
`,
    );
    const run = spawnSync('/usr/bin/python3', [join(folder, 'check.py')], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    if (run.error !== undefined || run.status === 77) return skip('no PyTorch here');
    expect(run.stderr.includes('Error')).toBe(false);
    const got = JSON.parse(run.stdout) as number[];
    model.predict(x).data.forEach((want, i) => {
      expect(Math.abs(got[i]! - want)).toBeLessThan(1e-5);
    });
  });
});

describe('from Keras', () => {
  test.each(from('keras'))('%s: predicts what the network predicted there', (name, fixture) => {
    expect(difference(fromKeras(bytesOf(name)), fixture)).toBeLessThan(1e-5);
  });

  const [batch] = from('keras').find(([name]) => name.endsWith(': batch norm'))!;
  const [relu] = from('keras').find(([name]) => name.endsWith(': relu'))!;

  test('the share Keras keeps becomes the share of the new batch', () => {
    expect(fromKeras(bytesOf(batch)).options.layers).toEqual([
      dense(4),
      { type: 'batchNorm', epsilon: 1e-3, momentum: 0.1 },
      activation('relu'),
      dropout(0.2),
      dense(2),
    ]);
  });

  test('names of Keras 2 are understood', () => {
    const old = changed(relu, (tensors) => {
      for (const [name, tensor] of [...tensors]) {
        tensors.delete(name);
        tensors.set(`${name.split('/').slice(-2).join('/')}:0`, tensor);
      }
    });
    expect(difference(fromKeras(old), named(relu))).toBeLessThan(1e-5);
  });

  test('fault 80: layers, activations and settings that this library does not have are refused by name', () => {
    const keras = (change: (json: string) => string) =>
      changed(relu, (_, metadata) => metadata.set('keras', change(metadata.get('keras')!)));
    const cases: [from: string | RegExp, to: string, word: string][] = [
      ['"activation": "relu"', '"activation": "hard_shrink"', 'hard_shrink'],
      ['"use_bias": true', '"use_bias": true, "folded": 2', 'folded'],
      ['"activation": "relu"', '"activation": "__proto__"', '__proto__'],
      ['"activation": "relu"', '"activation": {"class_name": "Custom", "config": {}}', 'activation'],
      [/"class_name": "Dense"/, '"class_name": "Conv2D"', 'Conv2D'],
      [/"class_name": "Dense"/, '"class_name": "toString"', 'toString'],
      [/"class_name": "Sequential"/, '"class_name": "Functional"', 'functional'],
      [/"class_name": "Sequential"/, '"class_name": "Net"', 'Net'],
    ];
    for (const [search, replacement, word] of cases) {
      const error = refusal(() => fromKeras(keras((json) => json.replace(search, replacement))));
      expect([word, error.code, error.message.includes(word)]).toEqual([word, 'ERR_UNSUPPORTED', true]);
    }
    for (const change of [() => '{}', () => '', () => '5', (json: string) => json.replace(/"layers": \[/, '"layers": [5, ')])
      expect(['ERR_FORMAT', 'ERR_UNSUPPORTED']).toContain(codeOf(() => fromKeras(keras(change))));
    expect(codeOf(() => fromKeras(changed(relu, (_, metadata) => metadata.clear())))).toBe('ERR_FORMAT');
    expect(
      codeOf(() =>
        fromKeras(
          changed(relu, (tensors) => tensors.set('other/kernel', { dtype: 'F32', shape: [1], data: new Float32Array(1) })),
        ),
      ),
    ).toBe('ERR_FORMAT');
    expect(
      codeOf(() => fromKeras(changed(relu, (tensors) => tensors.delete([...tensors.keys()].find((k) => k.endsWith('kernel'))!)))),
    ).toBe('ERR_FORMAT');
  });
});

describe('from scikit-learn', () => {
  test.each(from('sklearn'))('%s: predicts what the network predicted there', (_, fixture) => {
    // scikit-learn computes in float64.
    expect(difference(fromSklearn(fixture.json!), fixture)).toBeLessThan(1e-5);
  });

  test('labels come along, text and parsed JSON are the same, the scaler is a layer of fixed numbers', () => {
    const { json } = named('sklearn 1.2.1: classifier, relu');
    const network = fromSklearn(json!);
    expect(network.labels).toEqual(['setosa', 'versicolor', 'virginica']);
    expect(fromSklearn(JSON.parse(json!) as SklearnMLP)).toEqual(network);
    expect(network.options.layers).toMatchObject([
      { type: 'rescale' },
      { units: 5, activation: 'relu' },
      { units: 3, activation: 'softmax' },
    ]);
    expect(fromSklearn(named('sklearn 1.2.1: binary classifier').json!).labels).toEqual([false, true]);
  });

  test('anything else is refused', () => {
    const good = JSON.parse(named('sklearn 1.2.1: classifier, relu').json!) as Record<string, unknown>;
    for (const [field, value] of Object.entries({
      coefs: [],
      intercepts: [[1]],
      activation: 'swish',
      out_activation: '__proto__',
      classes: {},
      scaler: { mean: [1], scale: [] },
    }))
      expect([
        field,
        ['ERR_FORMAT', 'ERR_UNSUPPORTED'].includes(
          codeOf(() => fromSklearn({ ...good, [field]: value } as unknown as SklearnMLP)),
        ),
      ]).toEqual([field, true]);
    for (const coefs of [[[[1, 2], [3]]], [[]], [5], [[['1']]], [[[1e39]]]])
      expect(['ERR_FORMAT', 'ERR_RANGE']).toContain(
        codeOf(() => fromSklearn({ coefs, intercepts: [[1]], activation: 'relu', out_activation: 'identity' } as never)),
      );
    for (const text of ['', '[]', 'null', '5', '{"coefs":[[[1e999]]],"intercepts":[[1]]}', '['.repeat(20_000)])
      expect(codeOf(() => fromSklearn(text))).toBe('ERR_FORMAT');
  });
});

describe('damaged files from Python', () => {
  // ERR_OPTION: the file no longer says what stands between its weights.
  const allowed = ['read', 'ERR_OPTION', 'ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_NONFINITE', 'ERR_RANGE'];

  test('fault 76: 6,000 mutants end in a network or a refusal, each within a second', () => {
    const keras = from('keras').find(([name]) => name.endsWith('activation layers'))![0];
    for (const [read, bytes] of [
      [fromPyTorch, bytesOf('torch 1.13.0: batch norm')],
      [fromKeras, bytesOf(keras)],
      [
        (b: Uint8Array) => fromSklearn(new TextDecoder().decode(b)),
        new TextEncoder().encode(named('sklearn 1.2.1: classifier, relu').json),
      ],
    ] as const)
      expect([...readAll(read, mutants(bytes, 2000)).keys()].filter((code) => !allowed.includes(code))).toEqual([]);
  });

  test('fault 76: what is read of 6,000 files whose JSON was tampered with becomes a model that predicts, or is refused', () => {
    const use = (network: ImportedNetwork) => {
      const model = build(MLP, network);
      model.predict({ data: new Float32Array(model.inputs), shape: [1, model.inputs] });
    };
    const inMetadata = (name: string, key: string, read: (bytes: Uint8Array) => ImportedNetwork) => {
      const { tensors, metadata } = readSafetensors(bytesOf(name));
      const forged = (text: Uint8Array) => use(read(writeSafetensors(tensors, { [key]: new TextDecoder().decode(text) })));
      return readAll(forged, tampered(JSON.parse(metadata.get(key)!), 2000));
    };
    const keras = from('keras').find(([name]) => name.endsWith('activation layers'))![0];
    for (const outcomes of [
      inMetadata('torch 1.13.0: batch norm', 'modules', fromPyTorch),
      inMetadata(keras, 'keras', fromKeras),
      readAll(
        (text) => use(fromSklearn(new TextDecoder().decode(text))),
        tampered(JSON.parse(named('sklearn 1.2.1: classifier, relu').json!), 2000),
      ),
    ])
      expect([...outcomes.keys()].filter((code) => !allowed.includes(code))).toEqual([]);
  });

  test('fault 79: 4,000 descriptions that were tampered with end in a network or a refusal', () => {
    const kerasName = from('keras').find(([name]) => name.endsWith('activation layers'))![0];
    for (const [read, name, key] of [
      [fromPyTorch, 'torch 1.13.0: batch norm', 'modules'],
      [fromKeras, kerasName, 'keras'],
    ] as const) {
      const { tensors, metadata } = readSafetensors(bytesOf(name));
      const tampered = (mutant: Uint8Array) => read(writeSafetensors(tensors, { [key]: new TextDecoder().decode(mutant) }));
      expect(
        [...readAll(tampered, mutants(new TextEncoder().encode(metadata.get(key)), 2000)).keys()].filter(
          (code) => !allowed.includes(code),
        ),
      ).toEqual([]);
    }
  });
});

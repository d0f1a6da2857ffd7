// What in files from PyTorch, Keras and scikit-learn can be misread: calls, versions, settings, names. Files are written here as the
// snippets of docs/files.md write them.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MLP } from '../../src/baseline/mlp.js';
import { fromKeras } from '../../src/formats/keras.js';
import { build, type ImportedNetwork } from '../../src/formats/imported.js';
import { fromPyTorch as readPyTorch } from '../../src/formats/pytorch.js';
import { type TensorInput, writeSafetensors } from '../../src/formats/safetensors.js';
import { fromSklearn, type SklearnMLP } from '../../src/formats/sklearn.js';
import { codeOf, refusal } from '../support/errors.js';

/** Files with a list of modules, whose networks use each of them once, unless a test is about that. */
const fromPyTorch: typeof readPyTorch = (bytes, options) => readPyTorch(bytes, { sharedModules: false, ...options });

const tensor = (shape: number[], ...values: number[]): TensorInput => ({ shape, data: Float32Array.from(values) });
const predict = (network: ImportedNetwork, ...rows: number[][]) => Array.from(build(MLP, network).predict(rows).data);

const linear = 'in_features=1, out_features=1, bias=True';
const pytorch = (metadata: Record<string, unknown>, tensors: Record<string, TensorInput> = {}) =>
  writeSafetensors(
    {
      '0.weight': tensor([1, 1], 1),
      '0.bias': tensor([1], 0),
      '2.weight': tensor([1, 1], -1),
      '2.bias': tensor([1], 0),
      ...tensors,
    },
    Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, JSON.stringify(value)])),
  );

describe('from PyTorch: what is called, in order', () => {
  test('a module that is called twice works twice, its weights too', () => {
    const calls = [
      ['0', 'Linear', linear],
      ['1', 'ReLU', ''],
      ['2', 'Linear', linear],
      ['1', 'ReLU', ''],
      ['2', 'Linear', linear],
    ];
    expect(predict(fromPyTorch(pytorch({ calls })), [3], [-2])).toEqual([0, 0].map((v) => v - 0));
    expect(predict(fromPyTorch(pytorch({ calls: calls.slice(0, 3) })), [3])).toEqual([-3]);
    expect(fromPyTorch(pytorch({ calls })).options.layers).toHaveLength(3);
  });

  test('a list of modules has every use, and a class may stand around one Sequential', () => {
    const modules = [
      ['', 'Net', ''],
      ['net', 'Sequential', ''],
      ['net.0', 'Linear', linear],
      ['net.1', 'ReLU', ''],
      ['net.2', 'Linear', linear],
      ['net.3', 'ReLU', ''],
    ];
    const tensors = {
      'net.0.weight': tensor([1, 1], 1),
      'net.0.bias': tensor([1], 0),
      'net.2.weight': tensor([1, 1], -1),
      'net.2.bias': tensor([1], 0),
    };
    const file = (list: string[][]) => writeSafetensors(tensors, { modules: JSON.stringify(list) });
    expect(predict(fromPyTorch(file(modules)), [3])).toEqual([0]);
    // Which of two is called first, and whether anything stands between them, a list does not say.
    const error = refusal(() => fromPyTorch(file([modules[0]!, ...modules.slice(2)])));
    expect([error.code, error.message.includes('calls')]).toEqual(['ERR_UNSUPPORTED', true]);
  });

  test('a list of modules that may leave out a second use is refused, unless the caller knows that it does not', () => {
    const listed = [
      ['', 'Sequential', ''],
      ['0', 'Linear', linear],
      ['1', 'ReLU', ''],
      ['2', 'Linear', linear],
    ];
    const tensors = {
      '0.weight': tensor([1, 1], 1),
      '0.bias': tensor([1], 0),
      '2.weight': tensor([1, 1], -1),
      '2.bias': tensor([1], 0),
    };
    const file = writeSafetensors(tensors, { modules: JSON.stringify(listed) });
    const error = refusal(() => readPyTorch(file));
    expect([error.code, error.message.includes('sharedModules: false')]).toEqual(['ERR_UNSUPPORTED', true]);
    expect(predict(readPyTorch(file, { sharedModules: false }), [3])).toEqual([-3]);
    const straight = {
      '0.weight': tensor([1, 1], 1),
      '0.bias': tensor([1], 0),
      '1.weight': tensor([1, 1], -1),
      '1.bias': tensor([1], 0),
    };
    const plain = [listed[0]!, listed[1]!, ['1', 'Linear', linear]];
    expect(predict(readPyTorch(writeSafetensors(straight, { modules: JSON.stringify(plain) })), [3])).toEqual([-3]);
  });

  test('a list with a module left out, because it is listed before, is refused', () => {
    const modules = [
      ['', 'Sequential', ''],
      ['0', 'Linear', linear],
      ['1', 'ReLU', ''],
      ['2', 'Linear', linear],
      ['4', 'Linear', linear],
    ];
    const error = refusal(() => fromPyTorch(pytorch({ modules }, { '4.weight': tensor([1, 1], 2), '4.bias': tensor([1], 0) })));
    expect([error.code, error.message.includes('remove_duplicate=False')]).toEqual(['ERR_UNSUPPORTED', true]);
  });

  test.each([
    ['ReLU6', 'inplace=True', [-1, 3, 8], [0, 3, 6]],
    ['Hardtanh', 'min_val=-2, max_val=1', [-3, 0.5, 8], [-2, 0.5, 1]],
    ['Softplus', 'beta=2, threshold=20', [-1, 0, 3], [-1, 0, 3].map((z) => Math.log1p(Math.exp(2 * z)) / 2)],
    ['Hardswish', '', [-4, -1, 2, 5], [0, -1 / 3, 5 / 3, 5]], // x relu6(x + 3) / 6
    ['LogSigmoid', '', [-1, 0, 3], [-1, 0, 3].map((z) => -Math.log1p(Math.exp(-z)))],
  ])('%s(%s) computes what it does there', (type, settings, x, y) => {
    const calls = [['0', 'Linear', linear], ['1', type, settings]]; // biome-ignore format: two calls
    const file = writeSafetensors({ '0.weight': tensor([1, 1], 1), '0.bias': tensor([1], 0) }, { calls: JSON.stringify(calls) });
    const got = predict(fromPyTorch(file), ...x.map((v) => [v]));
    y.forEach((want, i) => {
      expect(Math.abs(got[i]! - want)).toBeLessThan(2e-6);
    });
  });
});

describe('the PyTorch snippet of docs/files.md', () => {
  const docs = readFileSync(new URL('../../docs/files.md', import.meta.url), 'utf8');
  const [write, snippet] = [/```python\n(import json, struct\n[\s\S]*?)```/, /```python\n(import torch\n[\s\S]*?)```/].map(
    (block) => block.exec(docs)![1]!,
  );
  const nets = {
    'a module called twice':
      'act = nn.ReLU(inplace=True); l = nn.Linear(3, 3); net = nn.Sequential(l, act, l, act, nn.Linear(3, 2))',
    'a class around a Sequential': `class Net(nn.Module):
    def __init__(self): super().__init__(); self.net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Tanh(), nn.Linear(4, 2))
    def forward(self, x): return self.net(x)
net = Net()`,
    'modules called in another order': `class Net(nn.Module):
    def __init__(self): super().__init__(); self.out = nn.Linear(4, 2); self.unused = nn.Linear(9, 9); self.act = nn.GELU(); self.into = nn.Linear(3, 4)
    def forward(self, x): return self.out(self.act(self.into(x)))
net = Net()`,
  };
  const functions = {
    'a function behind the last module': 'return torch.sigmoid(self.b(self.a(x)))',
    'a function in place': 'return self.b(self.a(x).relu_())',
    'a residual': 'return x + self.b(self.a(x))',
  };

  /** What Python makes of the snippet: the file and a prediction, or the last line of what it says. */
  function run(net: string): { file: Uint8Array; y: number[] } | string | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'feedforward-calls-'));
    const x = 'torch.linspace(-2, 2, 12).reshape(4, 3)';
    writeFileSync(
      join(folder, 'run.py'),
      `import os; os.chdir('${folder}')
try:
    import torch
except ImportError:
    raise SystemExit(77)
import torch.nn as nn
torch.manual_seed(1)
${net}
${write}
${snippet}
print(json.dumps(net.eval()(${x}).flatten().tolist()))
`,
    );
    const { status, stdout, stderr } = spawnSync('/usr/bin/python3', [join(folder, 'run.py')], { encoding: 'utf8' });
    const done =
      status === 0
        ? { file: new Uint8Array(readFileSync(join(folder, 'net.safetensors'))), y: JSON.parse(stdout) as number[] }
        : undefined;
    rmSync(folder, { recursive: true });
    if (status === 77 || status === null) return undefined;
    return done ?? stderr.trim().split('\n').at(-1)!;
  }

  test.each(Object.entries(nets))(
    'writes down the calls of %s',
    (_, net) => {
      const done = run(net);
      if (done === undefined) return; // no PyTorch here
      if (typeof done === 'string') return expect.fail(done);
      const x = Float32Array.from({ length: 12 }, (_, i) => -2 + (4 * i) / 11);
      const got = build(MLP, fromPyTorch(done.file)).predict({ data: x, shape: [4, 3] }).data;
      done.y.forEach((want, i) => {
        expect(Math.abs(got[i]! - want)).toBeLessThan(1e-5);
      });
    },
    60_000,
  );

  test.each(Object.entries(functions))(
    'stops at %s',
    (_, forward) => {
      const done = run(`class Net(nn.Module):
    def __init__(self): super().__init__(); self.a = nn.Linear(3, 3); self.b = nn.Linear(3, 3)
    def forward(self, x): ${forward}
net = Net()`);
      if (done === undefined) return; // no PyTorch here
      expect(done).toContain('AssertionError');
    },
    60_000,
  );
});

// ---- Keras ---------------------------------------------------------------------------------------------------------------------------

interface Layer {
  readonly class_name: string;
  readonly config: Record<string, unknown>;
  readonly inbound_nodes?: unknown;
}

const layer = (type: string, name: string, config: Record<string, unknown> = {}): Layer => ({
  class_name: type,
  config: { name, ...config },
});
const dense = (name: string, activation: unknown = 'linear') => layer('Dense', name, { units: 1, activation, use_bias: true });
const one = (name: string, w: number, b = 0) => ({ [`${name}/kernel`]: tensor([1, 1], w), [`${name}/bias`]: tensor([1], b) });

function keras(layers: readonly Layer[], tensors: Record<string, TensorInput>, model: Record<string, unknown> = {}): Uint8Array {
  return writeSafetensors(tensors, {
    keras: JSON.stringify({ class_name: 'Sequential', config: { name: 's', layers }, ...model }),
  });
}

describe('from Keras: versions, settings, names, chains', () => {
  test('hard_sigmoid is clip(0.2 x + 0.5) in Keras 2, clip(x / 6 + 0.5) in Keras 3', () => {
    const file = (model: object) => keras([dense('d', 'hard_sigmoid')], one('d', 1), model as Record<string, unknown>);
    for (const [model, want] of [
      [{ keras_version: '2.11.0' }, 0.7],
      [{ keras_version: '3.3.0' }, 1 / 6 + 0.5],
      [{ module: 'keras' }, 1 / 6 + 0.5],
    ] as const)
      expect(predict(fromKeras(file(model)), [1])[0]).toBeCloseTo(want, 6);
    expect(codeOf(() => fromKeras(file({ keras_version: '1.2.2' })))).toBe('ERR_UNSUPPORTED');
  });

  test('hard_silu, which is also called hard_swish, is x relu6(x + 3) / 6', () => {
    for (const name of ['hard_silu', 'hard_swish']) {
      const got = predict(fromKeras(keras([dense('d', name)], one('d', 1))), [-4], [-1], [2], [5]);
      [0, -1 / 3, 5 / 3, 5].forEach((want, i) => expect(got[i]).toBeCloseTo(want, 6));
    }
  });

  test('Normalization has its numbers among the weights, with a count, or in its settings', () => {
    const weights = {
      'n/mean': tensor([1], 10),
      'n/variance': tensor([1], 4),
      'n/count': { shape: [], data: BigInt64Array.of(5n) },
    };
    expect(
      predict(fromKeras(keras([layer('Normalization', 'n', { axis: [-1] }), dense('d')], { ...weights, ...one('d', 1) })), [14]),
    ).toEqual([2]);
    const given = layer('Normalization', 'n', { axis: [-1], mean: [[10]], variance: [[4]] });
    expect(predict(fromKeras(keras([given, dense('d')], one('d', 1))), [14])).toEqual([2]);
  });

  test('settings that change the function and are not known are refused by name', () => {
    for (const [changed, word] of [
      [layer('LayerNormalization', 'l', { axis: [1], rms_scaling: true }), 'rms_scaling'],
      [layer('BatchNormalization', 'l', { axis: [0] }), 'axis'],
      [layer('BatchNormalization', 'l', { renorm: true }), 'renorm'],
      [layer('Dropout', 'l', { rate: 0.1, noise_shape: [null, 1] }), 'noise_shape'],
      [layer('ReLU', 'l', { max_value: 6, negative_slope: 0.1 }), 'max_value'],
      [layer('Activation', 'l', { activation: { class_name: 'function', module: 'builtins', config: 'relu' } }), 'relu'],
      [layer('Normalization', 'l', { invert: true, mean: 0, variance: 1 }), 'invert'],
    ] as const) {
      const error = refusal(() => fromKeras(keras([dense('d'), changed], one('d', 1))));
      expect([word, error.code, error.message.includes(word)]).toEqual([word, 'ERR_UNSUPPORTED', true]);
    }
  });

  test('a layer on rows of more than one dimension is refused until Flatten', () => {
    const input = layer('InputLayer', 'i', { batch_shape: [null, 1, 1] });
    expect(predict(fromKeras(keras([input, layer('Flatten', 'f'), dense('d')], one('d', 2))), [3])).toEqual([6]);
    expect(refusal(() => fromKeras(keras([input, dense('d')], one('d', 2)))).message).toContain('[?, 1, 1]');
  });

  test('weights of Keras 2 go by the number behind the name, or by order', () => {
    const layers = [dense('dense', 'relu'), dense('dense_1')];
    for (const [first, second] of [
      ['dense_1', 'dense_1_1'],
      ['dense_2_1', 'dense_10_1'],
      ['dense', 'dense_1'],
    ] as const) {
      const tensors = Object.fromEntries(
        Object.entries({ ...one(second, 3, 1), ...one(first, 2) }).map(([name, value]) => [`${name}:0`, value]),
      );
      expect(predict(fromKeras(keras(layers, tensors)), [1], [-1])).toEqual([7, 1]);
    }
    expect(codeOf(() => fromKeras(keras(layers, { ...one('dense', 1), ...one('other', 1), ...one('third', 1) })))).toBe(
      'ERR_FORMAT',
    );
  });

  test('a functional chain is read in the order of its calls; branches are refused', () => {
    const old = (from: string) => [[[from, 0, 0, {}]]];
    const recent = (from: string) => [
      { args: [{ class_name: '__keras_tensor__', config: { shape: [null, 1], keras_history: [from, 0, 0] } }], kwargs: {} },
    ];
    for (const [history, type] of [
      [old, 'Model'],
      [recent, 'Functional'],
    ] as const) {
      const model = (layers: (Layer & { name: string })[], outputs: unknown = [['b', 0, 0]]) =>
        writeSafetensors(
          { ...one('a', 2), ...one('b', -1), ...one('c', 5) },
          {
            keras: JSON.stringify({
              class_name: type,
              config: { name: 'm', layers, input_layers: [['i', 0, 0]], output_layers: outputs },
            }),
          },
        );
      const named = (made: Layer, from: string | undefined) => ({
        ...made,
        name: made.config['name'] as string,
        inbound_nodes: from === undefined ? [] : history(from),
      });
      const input = named(layer('InputLayer', 'i', { batch_shape: [null, 1] }), undefined);
      const chain = [named(dense('b'), 'c'), input, named(dense('a', 'relu'), 'i'), named(dense('c'), 'a')];
      expect(predict(fromKeras(model(chain)), [1])).toEqual([-10]);
      for (const layers of [
        [input, named(dense('a'), 'i'), named(dense('b'), 'i'), named(dense('c'), 'b')],
        [input, named(dense('a'), 'i'), named(dense('b'), 'z')],
        [input, { ...named(dense('a'), 'i'), inbound_nodes: [...history('i'), ...history('i')] }],
      ])
        expect(codeOf(() => fromKeras(model(layers)))).toBe('ERR_UNSUPPORTED');
      expect(codeOf(() => fromKeras(model(chain, [['a', 0, 0]])))).toBe('ERR_UNSUPPORTED');
    }
  });
});

describe('from scikit-learn: settings of the scaler, classes', () => {
  const mlp: SklearnMLP = { coefs: [[[1]]], intercepts: [[0]], activation: 'relu', out_activation: 'identity' };
  const scaled = (scaler: SklearnMLP['scaler']) => predict(fromSklearn({ ...mlp, scaler: scaler! }), [22]);

  test('a scaler is what it is in training too, not what the batch says', () => {
    const model = build(MLP, fromSklearn({ ...mlp, coefs: [[[1], [1]]], scaler: { mean: [100, 10], scale: [5, 2] } }));
    const rows = [
      [100, 10],
      [110, 14],
    ];
    expect(Array.from(model.predict(rows).data)).toEqual([0, 4]);
    expect(Array.from(model.forward(rows, { training: true }).data)).toEqual([0, 4]);
  });

  test('a StandardScaler without mean or without deviation is that', () => {
    expect(scaled({ mean: [2], scale: [10] })).toEqual([2]);
    expect(scaled({ mean: [2], scale: [1], with_mean: false })).toEqual([22]);
    expect(scaled({ mean: [2], scale: [10], with_std: false })).toEqual([20]);
    expect(scaled({ mean: null, scale: null, with_mean: false, with_std: false })).toEqual([22]);
  });

  test('a setting that is not known is refused by name', () => {
    expect(refusal(() => scaled({ mean: [1], scale: [1], min: [0] } as never)).message).toContain('"min"');
    expect(refusal(() => fromSklearn({ ...mlp, target_scaler: {} } as never)).message).toContain('"target_scaler"');
  });

  test('a regressor has no classes; of several sigmoids none is a class; others must fit the outputs', () => {
    expect(fromSklearn({ ...mlp, classes: null }).labels).toBeUndefined();
    const two = { ...mlp, coefs: [[[1, 2]]], intercepts: [[0, 0]] };
    expect(fromSklearn({ ...two, out_activation: 'logistic', classes: [0, 1] }).labels).toBeUndefined();
    expect(codeOf(() => fromSklearn({ ...two, classes: ['a', 'b', 'c'] }))).toBe('ERR_FORMAT');
  });
});

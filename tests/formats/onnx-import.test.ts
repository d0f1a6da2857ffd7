import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MLP } from '../../src/baseline/mlp.js';
import { StandardScaler } from '../../src/data/scalers/index.js';
import { build } from '../../src/formats/imported.js';
import { exportOnnx } from '../../src/formats/onnx/export.js';
import { importOnnx } from '../../src/formats/onnx/import.js';
import {
  type AttributeValue,
  DataType,
  type ModelMessage,
  type NodeMessage,
  readModel,
  type TensorMessage,
  writeModel,
} from '../../src/formats/onnx/messages.js';
import { activationNames } from '../../src/plan/activations.js';
import { codeOf, refusal } from '../support/errors.js';
import { mutants, readAll } from '../support/fuzz.js';
import { activationNetwork, everyNetwork, onnxNetworks, forward, randomNetwork, randomRows } from '../support/network.js';

interface Fixture {
  readonly onnx: string;
  readonly x: number[];
  readonly y: number[];
  readonly labels?: (string | number)[];
}

const fixtures = JSON.parse(readFileSync(new URL('../fixtures/formats/onnx.json', import.meta.url), 'utf8')) as Record<
  string,
  Fixture
>;
const bytesOf = ({ onnx }: Fixture) => new Uint8Array(Buffer.from(onnx, 'base64'));

function predict(bytes: Uint8Array, x: ArrayLike<number>): number[] {
  const model = build(MLP, importOnnx(bytes));
  return Array.from(model.predict({ data: Float32Array.from(x), shape: [x.length / model.inputs, model.inputs] }).data);
}

function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-5): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++)
    if (!(Math.abs(got[i]! - want[i]!) <= tolerance * Math.max(1, Math.abs(want[i]!)))) expect([i, got[i]]).toEqual([i, want[i]]);
}

describe('ONNX import, from the exporters people use', () => {
  test.each(Object.entries(fixtures))('%s: predicts what the network predicted there', (_, fixture) => {
    expectClose(predict(bytesOf(fixture), fixture.x), fixture.y);
    if (fixture.labels) expect(importOnnx(bytesOf(fixture)).labels).toEqual(fixture.labels);
  });

  test('what a net becomes: layers by name, activations by what they compute, losses by the last one', () => {
    const layersOf = (name: string) => importOnnx(bytesOf(fixtures[name]!)).options.layers;
    for (const exporter of ['torch 1.13.0 opset 13', 'torch 2.13.0 opset 17', 'torch 2.13.0 dynamo'])
      for (const [name, activation] of Object.entries({
        relu: 'relu',
        gelu: 'gelu',
        'gelu tanh': 'geluTanh',
        silu: 'silu',
        mish: 'mish',
        softsign: 'softsign',
        softplus: 'softplus',
        'hard sigmoid': 'hardSigmoid',
        selu: 'selu',
        'leaky relu': { name: 'leakyRelu', slope: 0.2 },
        elu: { name: 'elu', alpha: 0.7 },
        celu: { name: 'celu', alpha: 1.3 },
        prelu: { name: 'prelu', shared: true },
        'prelu per unit': { name: 'prelu', shared: false },
      }))
        expect([exporter, layersOf(`${exporter}: ${name}`)]).toEqual([
          exporter,
          [
            { type: 'dense', units: 4, activation },
            { type: 'dense', units: 2 },
          ],
        ]);
    const { options } = importOnnx(bytesOf(fixtures['torch 2.13.0 dynamo: softmax']!));
    expect(options.loss).toBe('categoricalCrossEntropy');
    expect(importOnnx(bytesOf(fixtures['torch 2.13.0 dynamo: one unit']!)).options.loss).toBe('binaryCrossEntropy');
    expect(layersOf('torch 1.13.0 opset 13: batch norm')[1]).toEqual({ type: 'batchNorm', epsilon: 1e-3, momentum: 0.2 });
    expect(layersOf('torch 1.13.0 opset 9: layer norm')[1]).toEqual({ type: 'layerNorm', epsilon: 1e-5 });
    expect(layersOf('torch 2.13.0 dynamo: residual projected')).toMatchObject([
      { type: 'residual', projection: true },
      { type: 'activation', activation: 'relu' },
      { type: 'residual', projection: false },
    ]);
    expect(layersOf('torch 2.13.0 dynamo: scaled')).toEqual([
      { type: 'dense', units: 2, activation: 'relu' },
      { type: 'activation', activation: { name: 'linear', scale: 2, shift: -0.5 } },
    ]);
  });
});

describe('ONNX import of our own export', () => {
  test('every network comes back with the same outputs', () => {
    for (const options of [...Object.values(onnxNetworks), ...activationNames.map(activationNetwork)])
      for (const foldBatchNorm of [true, false]) {
        const network = randomNetwork(options);
        const x = randomRows(9, network.plan.inputs);
        expectClose(predict(exportOnnx(network, { foldBatchNorm }), x), forward(network, x));
      }
  });

  test('layers, labels and exact weights come back', () => {
    const network = randomNetwork(everyNetwork['nested residual']!);
    const { options, parameters } = importOnnx(exportOnnx(network));
    expect(options.layers).toMatchObject([
      { type: 'dense', units: 8 },
      {
        type: 'residual',
        layers: [
          { units: 8 },
          { type: 'residual', layers: [{ type: 'layerNorm' }, { activation: 'relu' }] },
          { type: 'residual', projection: true },
        ],
      },
      { type: 'dense', units: 3 },
    ]);
    for (const { name, values } of network.parameters()) expect(parameters.get(name)!.values).toEqual(values);
    const labels = ['a', 'b', 'c'];
    expect(importOnnx(exportOnnx(randomNetwork(everyNetwork['a classifier']!), { labels })).labels).toEqual(labels);
  });

  test('a scaler comes back as a layer of fixed numbers that keeps the digits of large columns', () => {
    const network = randomNetwork({ inputs: 2, layers: everyNetwork['a binary classifier']!.layers });
    const rows = Array.from({ length: 20 }, (_, i) => [1e6 + Math.sin(i), 3 * Math.cos(i)]);
    const scaler = new StandardScaler().fit(rows);
    const x = Float32Array.from(rows.flat());
    const given = Array.from({ length: 20 }, (_, i) => [x[2 * i]!, x[2 * i + 1]!]);
    const bytes = exportOnnx(network, { scaler, inputType: 'float32' });
    expect(importOnnx(bytes).options.layers[0]).toMatchObject({ type: 'rescale' });
    // Float32 keeps the mean of the first column to 0.03 only.
    expectClose(predict(bytes, x), forward(network, scaler.transform(given).data), 0.1);
  });
});

// ---- graphs made by hand ----------------------------------------------------------------------------------------------------------

type NodeInput = [op: string, inputs: string, outputs: string, attributes?: Record<string, AttributeValue>, domain?: string];

function graph(
  nodes: NodeInput[],
  tensors: Record<string, ArrayLike<number> | [dims: number[], values: ArrayLike<number>]> = {},
  more: Partial<ModelMessage> = {},
): Uint8Array {
  const initializers = Object.entries(tensors).map(([name, given]): TensorMessage => {
    const [dims, values] =
      Array.isArray(given) && Array.isArray(given[0])
        ? (given as [number[], number[]])
        : [[(given as number[]).length], given as number[]];
    return { name, dataType: DataType.Float, dims, values, strings: [] };
  });
  return writeModel({
    irVersion: 8,
    producer: '',
    producerVersion: '',
    opsets: new Map([['', 13]]),
    metadata: new Map(),
    graphName: 'g',
    nodes: nodes.map(
      ([op, inputs, outputs, attributes = {}, domain = '']): NodeMessage => ({
        op,
        domain,
        name: '',
        inputs: inputs === '' ? [] : inputs.split(' '),
        outputs: outputs.split(' '),
        attributes: new Map(Object.entries(attributes)),
      }),
    ),
    initializers,
    inputs: [{ name: 'x', dataType: 1, dims: ['n', 2] }],
    outputs: [{ name: 'y', dataType: 1, dims: [] }],
    ...more,
  });
}

const w: [number[], number[]] = [
  [2, 2],
  [1, 2, 3, 4],
];

describe('ONNX import of other graphs', () => {
  test('Gemm with transposes, alpha and beta, weights behind Transpose, Identity and Cast', () => {
    expect(predict(graph([['Gemm', 'x w b', 'y', { alpha: 2, beta: 3 }]], { w, b: [1, 0.5] }), [1, 1])).toEqual([11, 13.5]);
    expect(predict(graph([['Gemm', 'x w', 'y', { transB: 1 }]], { w }), [1, 1])).toEqual([3, 7]);
    expect(
      predict(
        graph(
          [
            ['Transpose', 'w', 'wt'],
            ['Identity', 'wt', 'wi'],
            ['Cast', 'wi', 'wc', { to: 1 }],
            ['MatMul', 'x wc', 'y'],
          ],
          { w },
        ),
        [1, 1],
      ),
    ).toEqual([3, 7]);
    expect(
      predict(
        graph(
          [
            ['Mul', 'w two', 'w2'],
            ['MatMul', 'x w2', 'm'],
            ['Add', 'm b', 'y'],
          ],
          {
            w,
            two: [2],
            b: [
              [1, 2],
              [1, -1],
            ],
          },
        ),
        [1, 1],
      ),
    ).toEqual([9, 11]);
  });

  test('activations are known by what they compute, in whatever spelling', () => {
    const spellings: Record<string, NodeInput[]> = {
      relu: [['Max', 'h zero', 'y']],
      softsign: [
        ['Abs', 'h', 'a'],
        ['Add', 'one a', 'b'],
        ['Div', 'h b', 'y'],
      ],
      softplus: [
        ['Exp', 'h', 'a'],
        ['Add', 'a one', 'b'],
        ['Log', 'b', 'y'],
      ],
      sigmoid: [
        ['Neg', 'h', 'a'],
        ['Exp', 'a', 'b'],
        ['Add', 'b one', 'c'],
        ['Reciprocal', 'c', 'y'],
      ],
      silu: [
        ['Neg', 'h', 'a'],
        ['Exp', 'a', 'b'],
        ['Add', 'b one', 'c'],
        ['Div', 'h c', 'y'],
      ],
      hardSigmoid: [
        ['Add', 'h three', 'a'],
        ['Clip', 'a zero six', 'b'],
        ['Div', 'b six', 'y'],
      ],
      step: [
        ['GreaterOrEqual', 'h zero', 'a'],
        ['Cast', 'a', 'y', { to: 1 }],
      ],
      tanh: [
        ['Mul', 'h two', 'a'],
        ['Sigmoid', 'a', 'b'],
        ['Mul', 'b two', 'c'],
        ['Sub', 'c one', 'y'],
      ],
    };
    for (const [name, nodes] of Object.entries(spellings)) {
      const bytes = graph([['MatMul', 'x w', 'h'], ...nodes], { w, zero: [0], one: [1], two: [2], three: [3], six: [6] });
      expect([name, importOnnx(bytes).options.layers]).toEqual([
        name,
        [{ type: 'dense', units: 2, bias: false, activation: name }],
      ]);
    }
  });

  test('fault 80: an operator no layer stands for is refused by name', () => {
    const refused = (nodes: NodeInput[], tensors = {}) => refusal(() => importOnnx(graph(nodes, { w, ...tensors })));
    for (const [nodes, op] of [
      [[['Conv', 'x w', 'y']], 'Conv'],
      [[['ReduceMax', 'x', 'y', { keepdims: 1 }]], 'ReduceMax'],
      [[['ReduceL2', 'x', 'y', { keepdims: 0 }]], 'ReduceL2'],
      [
        [
          ['MatMul', 'x w', 'h'],
          ['Sin', 'h', 'y'],
        ],
        'Sin',
      ],
      [
        [
          ['MatMul', 'x w', 'h'],
          ['LSTM', 'h w w', 'y'],
        ],
        'LSTM',
      ],
      [[['Concat', 'x x', 'y', { axis: 0 }]], 'Concat'],
      [[['TreeEnsembleClassifier', 'x', 'y', {}, 'ai.onnx.ml']], 'ai.onnx.ml.TreeEnsembleClassifier'],
      [[['Relu', 'x', 'y', {}, 'com.example']], 'com.example.Relu'],
      [[['MatMul', 'x x', 'y']], 'MatMul'],
      [[['MatMul', 'w x', 'y']], 'MatMul'],
      [[['Gemm', 'x w', 'y', { transA: 1 }]], 'Gemm'],
      [[['Softmax', 'x', 'y', { axis: 0 }]], 'Softmax'],
      [[['Exp', 'x', 'y']], 'Exp'],
      [
        [
          ['MatMul', 'x w', 'h'],
          ['Relu', 'x', 'r'],
          ['Mul', 'h r', 'y'],
        ],
        'Mul',
      ],
      [
        [
          ['MatMul', 'x w', 'a'],
          ['MatMul', 'x w', 'b'],
          ['Relu', 'a', 'c'],
          ['Relu', 'b', 'd'],
          ['Add', 'c d', 'y'],
        ],
        'Add',
      ],
      [
        [
          ['Cast', 'x', 'h', { to: 7 }],
          ['MatMul', 'h w', 'y'],
        ],
        'Cast',
      ],
      [[['toString', 'x', 'y']], 'toString'],
      [[['__proto__', 'x', 'y']], '__proto__'],
    ] as [NodeInput[], string][]) {
      const error = refused(nodes);
      expect([op, error.code]).toEqual([op, 'ERR_UNSUPPORTED']);
      expect(error.message).toContain(`operator ${op}`);
      if (op.startsWith('Reduce')) expect(error.message).toContain('no layer stands for it');
    }
  });

  test('graphs that are none are refused: values from nowhere, made twice, in a circle, of widths that differ', () => {
    for (const nodes of [
      [['MatMul', 'z w', 'y']],
      [
        ['Relu', 'x', 'y'],
        ['Tanh', 'x', 'y'],
      ],
      [
        ['Relu', 'a', 'b'],
        ['Relu', 'b', 'a'],
        ['Relu', 'a', 'y'],
      ],
      [['Relu', 'x', 'x']],
      [
        ['Relu', 'x', 'w'],
        ['Relu', 'w', 'y'],
      ],
      [['MatMul', 'x w3', 'y']],
      [
        ['MatMul', 'x w', 'h'],
        ['Add', 'h three', 'y'],
      ],
      [['Gemm', 'x w three', 'y']],
    ] as NodeInput[][])
      expect([
        nodes,
        codeOf(() =>
          importOnnx(
            graph(nodes, {
              w,
              w3: [
                [3, 1],
                [1, 2, 3],
              ],
              three: [1, 2, 3],
            }),
          ),
        ),
      ]).toEqual([nodes, 'ERR_FORMAT']);
    for (const nodes of [[], [['Relu', 'x', 'h']]] as NodeInput[][])
      expect(['ERR_FORMAT', 'ERR_UNSUPPORTED']).toContain(codeOf(() => importOnnx(graph(nodes))));
    expect(
      codeOf(() =>
        importOnnx(
          graph([['MatMul', 'x w', 'y']], {
            w: [
              [2, 1],
              [Number.NaN, 1],
            ],
          }),
        ),
      ),
    ).toBe('ERR_NONFINITE');
    expect(codeOf(() => importOnnx(graph([['MatMul', 'x w', 'y']], { w }, { inputs: [] })))).toBe('ERR_UNSUPPORTED');
  });

  test('long chains and folded weights cannot make it hang or run out of stack', () => {
    const chain = (op: string, count: number): NodeInput[] =>
      Array.from({ length: count }, (_, i) => [op, i === 0 ? 'x' : `v${i}`, i === count - 1 ? 'y' : `v${i + 1}`]);
    const hanging = 8; // seconds: a slow machine takes two, what grows with the square minutes
    const seconds = (bytes: Uint8Array) => {
      const start = process.cpuUsage(); // processor time: the machine may be busy with other tests
      try {
        importOnnx(bytes);
      } catch (error) {
        expect(['ERR_UNSUPPORTED', 'ERR_FORMAT']).toContain((error as { code?: string }).code);
      }
      return process.cpuUsage(start).user / 1e6;
    };
    for (const op of ['Identity', 'Relu', 'Neg', 'Exp', 'Tanh', 'Dropout'])
      expect(seconds(graph(chain(op, 5000)))).toBeLessThan(hanging);
    expect(seconds(graph(chain('Identity', 100_000)))).toBeLessThan(hanging);
    const doubling = Array.from(
      { length: 5000 },
      (_, i): NodeInput => ['Add', i === 0 ? 'x x' : `v${i} v${i}`, i === 4999 ? 'y' : `v${i + 1}`],
    );
    expect(seconds(graph(doubling))).toBeLessThan(hanging);
    const residuals = Array.from({ length: 2500 }, (_, i): NodeInput[] => [
      ['Tanh', i === 0 ? 'x' : `v${i}`, `t${i}`],
      ['Add', `t${i} ${i === 0 ? 'x' : `v${i}`}`, i === 2499 ? 'y' : `v${i + 1}`],
    ]).flat();
    expect(seconds(graph(residuals))).toBeLessThan(hanging);
    const nested = [
      ...Array.from({ length: 2000 }, (_, i): NodeInput => ['Tanh', i === 0 ? 'x' : `v${i}`, `v${i + 1}`]),
      ...Array.from(
        { length: 2000 },
        (_, i): NodeInput => [
          'Add',
          `${i === 0 ? 'v2000' : `a${i}`} v${1999 - i || 'x'}`.replace('vx', 'x'),
          i === 1999 ? 'y' : `a${i + 1}`,
        ],
      ),
    ];
    expect(seconds(graph(nested))).toBeLessThan(hanging);
    const weights = Array.from({ length: 4000 }, (_, i): NodeInput => ['Transpose', i === 0 ? 'big' : `w${i}`, `w${i + 1}`]);
    expect(
      seconds(graph([...weights, ['MatMul', 'x w4000', 'y']], { big: [[2, 50_000], new Float32Array(100_000)] })),
    ).toBeLessThan(hanging);
  });
});

describe('damaged and hostile ONNX files', () => {
  const valid = [
    'torch 2.13.0 dynamo: batch norm',
    'torch 1.13.0 opset 9: layer norm',
    'skl2onnx: classifier, ZipMap, names',
    'tf2onnx: gelu',
  ].map((name) => bytesOf(fixtures[name]!));

  test('fault 76: 6,000 mutants end in a network or a refusal, each within a second', () => {
    for (const bytes of valid) {
      const use = (mutant: Uint8Array) => {
        const model = build(MLP, importOnnx(mutant));
        model.predict({ data: new Float32Array(model.inputs), shape: [1, model.inputs] });
      };
      const outcomes = readAll(use, mutants(bytes, 1500));
      expect(
        [...outcomes.keys()].filter(
          (code) => !['read', 'ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_NONFINITE', 'ERR_RANGE'].includes(code),
        ),
      ).toEqual([]);
      expect(outcomes.get('ERR_FORMAT')).toBeGreaterThan(100);
    }
  });

  test('fault 77: lengths that lie are refused before anything is allocated', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (const bytes of [
      [],
      [0x3a],
      [0x3a, 0xff],
      [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f], // graph: 4 GiB
      [0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], // 2^63
      [0x3a, 0x06, 0x2a, 0x04, 0x4a, 0xff, 0xff, 0x7f], // raw data beyond its tensor
      [0x3a, 0x08, 0x2a, 0x06, 0x22, 0xfc, 0xff, 0xff, 0xff, 0x0f], // packed floats
      [0x3a, 0x0a, 0x2a, 0x08, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x10], // a dimension of 2^40
      [0x0b],
      [0x0c],
      [0x07, 0x00],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      ...Array.from({ length: 50 }, (_, n) => new Array<number>(n).fill(0x3a)),
    ])
      expect([bytes, codeOf(() => readModel(Uint8Array.from(bytes)))]).toEqual([bytes, 'ERR_FORMAT']);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  test('weights in another file and functions are refused for what they are', () => {
    const message = (field: number, payload: number[]) => [(field << 3) | 2, payload.length, ...payload];
    for (const [bytes, word] of [
      [message(7, message(5, message(13, []))), 'another file'],
      [message(7, message(5, [14 << 3, 1])), 'another file'],
      [[0xca, 0x01, 0x00], 'functions'],
    ] as const) {
      const error = refusal(() => readModel(Uint8Array.from(bytes)));
      expect([error.code, error.message.includes(word)]).toEqual(['ERR_UNSUPPORTED', true]);
    }
    expect(codeOf(() => importOnnx('text' as never))).toBe('ERR_TYPE');
  });
});

// ONNX import of graphs that no exporter of ours wrote: spellings, what is refused, what would hang.

import { describe, expect, test } from 'vitest';
import { importOnnx } from '../../src/formats/onnx/import.js';
import {
  type AttributeValue,
  DataType,
  type ModelMessage,
  type NodeMessage,
  type TensorMessage,
  writeModel,
} from '../../src/formats/onnx/messages.js';
import { codeOf, refusal } from '../support/errors.js';
import { predict } from './onnxFixtures.js';

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

// What in an ONNX graph can be misread, kind by kind: types of listed values, outputs, what stands behind the last layer, bounds,
// axes, defaults. Each case gives what onnxruntime gives, or is refused for what it is.

import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { MLP } from '../../src/baseline/mlp.js';
import { build } from '../../src/formats/imported.js';
import { importOnnx, type OnnxImportOptions } from '../../src/formats/onnx/import.js';
import { codeOf, refusal } from '../support/errors.js';
import { encodeGraph, type Tensor, type TestGraph, type TestNode } from '../support/onnxGraph.js';

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
});

type Row = readonly number[];

/** Nodes as 'Op inputs -> outputs'. */
function nodesOf(lines: readonly (string | TestNode)[]): TestNode[] {
  return lines.map((line) => {
    if (typeof line !== 'string') return line;
    const [left, right] = line.split(' -> ') as [string, string];
    const [op, ...inputs] = left.split(' ');
    return { op: op!, inputs, outputs: right.split(' ') };
  });
}

const node = (line: string, attributes: TestNode['attributes'], domain = ''): TestNode => ({
  ...nodesOf([line])[0]!,
  attributes: attributes!,
  domain,
});

function graph(
  lines: readonly (string | TestNode)[],
  tensors: Record<string, Omit<Tensor, 'name'> | readonly number[] | number>,
  more: Partial<TestGraph> = {},
): Uint8Array {
  return encodeGraph({
    nodes: nodesOf(lines),
    tensors: Object.entries(tensors).map(([name, given]): Tensor => {
      if (typeof given === 'number') return { name, dims: [], values: [given] };
      return 'dims' in given ? { name, ...given } : { name, dims: [given.length], values: given };
    }),
    input: { name: 'x', dims: ['n', 2] },
    outputs: ['y'],
    opset: 13,
    ...more,
  });
}

const predict = (bytes: Uint8Array, rows: readonly Row[], options?: OnnxImportOptions): number[] =>
  Array.from(build(MLP, importOnnx(bytes, options)).predict(rows.map((row) => [...row])).data);

async function runtime(bytes: Uint8Array, rows: readonly Row[], dims?: number[], output = 'y'): Promise<number[]> {
  const session = await ort.InferenceSession.create(bytes);
  const x = new ort.Tensor('float32', Float32Array.from(rows.flat()), dims ?? [rows.length, rows[0]!.length]);
  const results = await session.run({ x });
  await session.release();
  return Array.from(results[output]!.data as Float32Array);
}

async function expectEqual(bytes: Uint8Array, rows: readonly Row[], dims?: number[]): Promise<void> {
  const [got, want] = [predict(bytes, rows), await runtime(bytes, rows, dims)];
  expect(got.length).toBe(want.length);
  want.forEach((v, i) => {
    if (!(Math.abs(got[i]! - v) <= 1e-5 * Math.max(1, Math.abs(v)))) expect([i, got[i]]).toEqual([i, v]);
  });
}

function expectRefused(bytes: Uint8Array, word: string, options?: OnnxImportOptions): void {
  const error = refusal(() => importOnnx(bytes, options));
  expect([word, error.code, error.message.includes(word) ? word : error.message]).toEqual([word, 'ERR_UNSUPPORTED', word]);
}

const rows = [[1, 2], [-3, 0.5], [0.25, -4], [150, -150]]; // biome-ignore format: rows
const w = { dims: [2, 2], values: [1, -2, 0.5, 3] };

describe('functions are known by where they change, not by a few points', () => {
  test.each([[[0, 100]], [[-1, 1]], [[0, 6]], [[0.25, 0.5]], [[-2, 50]], [[0, 1e-3]]])(
    'Clip to %j is that, behind an affine map too',
    async ([low, high]) => {
      const bounds = { low: low!, high: high!, two: 2, shift: [0.5, -1] };
      await expectEqual(graph(['MatMul x w -> h', 'Clip h low high -> y'], { w, ...bounds }), rows);
      await expectEqual(graph(['Mul x two -> a', 'Sub a shift -> b', 'Clip b low high -> y'], bounds), rows);
      await expectEqual(graph(['MatMul x w -> h', 'Min h high -> a', 'Max a low -> y'], { w, ...bounds }), rows);
    },
  );

  test.each([0, 1e-3, -1e-3, 30, -0.5])('a threshold of %d is not 0', async (t) => {
    const tensors = { w, t, zero: 0, one: 1 };
    for (const lines of [
      ['MatMul x w -> h', 'Max h t -> y'],
      ['MatMul x w -> h', 'Min h t -> y'],
      ['MatMul x w -> h', 'Greater h t -> c', node('Cast c -> y', { to: 1 })],
      ['MatMul x w -> h', 'Less h t -> c', 'Where c zero one -> y'],
      ['MatMul x w -> h', 'GreaterOrEqual h t -> c', 'Where c one zero -> y'],
    ])
      await expectEqual(graph(lines, tensors), [...rows, [0.0005, 0], [-0.0005, 0], [40, 1]]);
  });

  test('a bound on what an activation gives is solved for where it begins', async () => {
    for (const op of ['Tanh', 'Sigmoid', 'Relu', 'Softplus'])
      await expectEqual(graph(['MatMul x w -> h', `${op} h -> a`, 'Min a t -> y'], { w, t: 0.9 }), rows);
    // x times a sigmoid that is held below 0.9 is silu only up to 2.2.
    expectRefused(graph(['Sigmoid x -> s', 'Min s t -> m', 'Mul x m -> y'], { t: 0.9 }), 'Mul');
  });

  test('bounds so wide that their shift would cost digits are refused, and far from 0 as well', () => {
    expectRefused(graph(['Clip x low high -> y'], { low: -1e4, high: 1e4 }), 'Clip');
    expectRefused(graph(['Max x low -> y'], { low: -1e4 }), 'Max');
  });

  test('an activation on a part of a row, or over rows, is refused', () => {
    const shape = { dims: [3], values: [-1, 2, 2], dataType: 7 };
    const input = { name: 'x', dims: ['n', 4] };
    for (const axis of [-1, 2, 1])
      for (const op of ['Softmax', 'LogSoftmax'])
        expectRefused(graph(['Reshape x s -> h', node(`${op} h -> y`, { axis })], { s: shape }, { input }), op);
    expectRefused(graph([node('Softmax x -> y', { axis: 0 })], {}), 'Softmax');
    expectRefused(
      graph(
        ['Reshape x s -> h', node('LayerNormalization h g -> y', { axis: -1 })],
        { s: shape, g: [1, 1] },
        { input, opset: 17 },
      ),
      'LayerNormalization',
    );
  });
});

describe('numbers are read as what they are', () => {
  const listed = (dataType: number, values: number[]) => ({ dims: [values.length], values, dataType, form: 'listed' as const });

  test.each([
    [10, [1.5, -0.25]],
    [16, [1.5, -0.25]],
    [11, [1.5, -0.25]],
    [3, [5, -3]],
    [2, [5, 250]],
    [6, [5, -70000]],
    [7, [5, -3]],
    [13, [5, 3]],
  ])('data type %i, listed and raw', async (dataType, values) => {
    for (const form of ['listed', 'raw'] as const)
      expect(
        predict(graph([node('Cast c -> f', { to: 1 }), 'Mul x f -> y'], { c: { ...listed(dataType, values), form } }), [[1, 1]]),
      ).toEqual(values);
  });

  test('sparse tensors are spread out', async () => {
    const sparse = { dims: [2, 3], values: [0, 2, 0, -1, 0, 0.5], form: 'sparse' as const };
    await expectEqual(graph(['MatMul x s -> y'], { s: sparse }), rows);
  });

  test('constants are folded with their shapes and types', async () => {
    const a = { dims: [2, 1], values: [1, 2] };
    const b = { dims: [1, 2], values: [10, 20] };
    await expectEqual(graph(['Add a b -> c', 'MatMul x c -> y'], { a, b }), rows);
    const whole = (values: number[]) => ({ dims: [2], values, dataType: 7 });
    await expectEqual(
      graph(['Div i j -> k', node('Cast k -> f', { to: 1 }), 'Mul x f -> y'], { i: whole([7, -7]), j: whole([2, 2]) }),
      rows,
    );
    await expectEqual(
      graph([node('Transpose t -> u', { perm: [2, 1, 0] }), node('Reshape u s -> c', {}), 'Mul x c -> y'], {
        t: { dims: [1, 2, 1], values: [3, 4] },
        s: { dims: [1], values: [2], dataType: 7 },
      }),
      rows,
    );
    // Weights that were rounded to half precision keep the rounding.
    await expectEqual(
      graph([node('Cast c -> h', { to: 10 }), node('Cast h -> f', { to: 1 }), 'Mul x f -> y'], { c: [0.1, 1 / 3] }),
      rows,
    );
  });

  test('weights beside the model are read where it says', () => {
    const plain = graph(['MatMul x w -> y'], { w });
    const beside = Uint8Array.from([1, 2, 3, 4, 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64, 0, 0, 128, 64]); // 1, 2, 3, 4 from byte 4 on
    const text = (field: number, value: string) => [(field << 3) | 2, value.length, ...new TextEncoder().encode(value)];
    const message = (field: number, payload: number[]) => [(field << 3) | 2, payload.length, ...payload];
    const entry = (key: string, value: string) => message(13, [...text(1, key), ...text(2, value)]);
    const tensor = [
      8,
      2,
      8,
      2,
      16,
      1,
      ...text(8, 'v'),
      ...entry('location', 'm.data'),
      ...entry('offset', '4'),
      ...entry('length', '16'),
      14 << 3,
      1,
    ];
    const from = (name: string) =>
      message(7, [
        ...message(5, tensor),
        ...message(1, [...text(1, 'x'), ...text(1, name), ...text(2, 'y'), ...text(4, 'MatMul')]),
        ...message(11, text(1, 'x')),
        ...message(12, text(1, 'y')),
      ]);
    const bytes = Uint8Array.from([...from('v'), ...message(8, [16, 13])]);
    expect(predict(plain, [[1, 1]])).toEqual([1.5, 1]);
    for (const externalData of [beside, beside.buffer, { 'm.data': beside }])
      expect(predict(bytes, [[1, 1]], { externalData })).toEqual([4, 6]);
    expectRefused(bytes, 'm.data');
    expectRefused(bytes, 'm.data', { externalData: { 'other.data': beside } });
    expect(codeOf(() => importOnnx(bytes, { externalData: beside.subarray(0, 10) }))).toBe('ERR_FORMAT');
    expect(codeOf(() => importOnnx(bytes, { externalData: 5 as never }))).toBe('ERR_TYPE');
  });

  test('an attribute with a typing error, of another kind or of another version is refused by name', () => {
    expectRefused(graph([node('LeakyRelu x -> y', { alhpa: { float: 0.5 } })], {}), '"alhpa"');
    expectRefused(graph([node('LeakyRelu x -> y', { alpha: 1 })], {}), '"alpha"');
    expectRefused(graph([node('Clip x -> y', { min: { float: 0 } })], {}), '"min"');
  });

  test('defaults are those of the operator set', async () => {
    for (const opset of [9, 11, 13])
      await expectEqual(graph(['MatMul x w -> h', 'Softmax h -> y'], { w }, { opset }), rows.slice(0, 3));
    await expectEqual(graph([node('Clip x -> y', { max: { float: 1 }, min: { float: -1 } })], {}, { opset: 9 }), rows);
    for (const op of ['LeakyRelu', 'Elu', 'Selu', 'HardSigmoid', 'Celu', 'ThresholdedRelu'].slice(0, 5))
      await expectEqual(graph(['MatMul x w -> h', `${op} h -> y`], { w }), rows);
  });
});

describe('shapes decide', () => {
  test.each([
    ['[2]', [2], [3, 5]],
    ['[1, 2]', [1, 2], [3, 5]],
    ['one number', [], [3]],
    ['[1]', [1], [3]],
    ['[1, 1]', [1, 1], [3]],
  ])('a bias of shape %s', async (_, dims, values) => {
    const c = { dims, values };
    await expectEqual(graph(['Gemm x w c -> y'], { w, c }), rows);
    await expectEqual(graph(['MatMul x w -> h', 'Add c h -> y'], { w, c }), rows);
  });

  test('a constant that differs from row to row is refused', async () => {
    const input = { name: 'x', dims: [3, 2] };
    const column = { dims: [3, 1], values: [1, 2, 3] };
    expectRefused(graph(['Gemm x w c -> y'], { w, c: column }, { input }), 'Gemm');
    expectRefused(graph(['Gemm x w c -> y'], { w, c: column }), 'Gemm');
    const same = graph(['Gemm x w c -> y'], { w, c: { dims: [3, 1], values: [2, 2, 2] } }, { input });
    await expectEqual(same, rows.slice(0, 3));
  });

  test('W x is x W turned, for columns below each other and behind Transpose', async () => {
    const wide = { dims: [3, 2], values: [1, 2, 3, 4, 5, 6] };
    await expectEqual(graph(['Transpose x -> t', 'MatMul w3 t -> m', 'Transpose m -> y'], { w3: wide }), rows);
    await expectEqual(graph(['MatMul w3 x -> y'], { w3: wide }, { input: { name: 'x', dims: [2, 1] } }), [[4, -1]], [2, 1]);
    await expectEqual(graph(['MatMul w3 x -> y'], { w3: wide }, { input: { name: 'x', dims: [2, 'n'] } }), [[4, -1]], [2, 1]);
    await expectEqual(graph([node('Transpose x -> t', {}), node('Gemm t w -> y', { transA: 1 })], { w }), rows);
  });

  test('x.view(x.size(0), -1) with any number of rows; Unsqueeze and Squeeze around a batch norm', async () => {
    const whole = (values: number[], dims = [values.length]) => ({ dims, values, dataType: 7 });
    const view = [
      'Shape x -> s',
      'Gather s zero -> n',
      'Unsqueeze n axes -> line',
      node('Concat line rest -> t', { axis: 0 }),
      'Reshape x t -> f',
      'MatMul f w -> y',
    ];
    await expectEqual(
      graph(view, { zero: whole([0], []), axes: whole([0]), rest: whole([-1]), w }, { input: { name: 'x', dims: ['n', 2, 1] } }),
      rows,
      [4, 2, 1],
    );
    const norm = { g: [1, 2], b: [0.5, 0], m: [1, -1], v: [2, 3] };
    const lines = ['Unsqueeze x axes -> u', 'BatchNormalization u g b m v -> z', 'Squeeze z axes -> y'];
    await expectEqual(graph(lines, { axes: whole([2]), ...norm }), rows);
    expect(importOnnx(graph(lines, { axes: whole([2]), ...norm })).options.layers).toMatchObject([{ type: 'batchNorm' }]);
  });

  test('nodes in any order are one graph', async () => {
    await expectEqual(graph(['Relu h -> y', 'Add m b -> h', 'MatMul x w -> m'], { w, b: [1, 2] }), rows);
  });
});

describe('the output is the one that is asked for', () => {
  const two = graph(
    ['MatMul x w -> m', 'Relu m -> hidden', 'MatMul hidden v -> y'],
    { w, v: { dims: [2, 1], values: [2, 3] } },
    { outputs: ['hidden', 'y'] },
  );

  test('of several outputs none is guessed: they are listed, and one can be named', async () => {
    expectRefused(two, '"hidden", "y"');
    expect(predict(two, [[1, 2]], { output: 'y' })).toEqual(await runtime(two, [[1, 2]]));
    expect(predict(two, [[1, 2]], { output: 'hidden' })).toEqual(await runtime(two, [[1, 2]], undefined, 'hidden'));
    expect(predict(two, [[1, 2]], { output: 'm' })).toEqual([2, 4]);
    expect(codeOf(() => importOnnx(two, { output: 'z' }))).toBe('ERR_OPTION');
    expect(codeOf(() => importOnnx(two, { outputs: 'y' } as never))).toBe('ERR_OPTION');
    expectRefused(graph(['MatMul x w -> m', 'Add w w -> y'], { w }), '"y"');
  });

  test('a class that was picked is not what it was picked from', () => {
    const bytes = graph(['MatMul x w -> m', 'Softmax m -> p', node('ArgMax p -> y', { axis: 1 })], { w });
    expectRefused(bytes, '"p"');
    expect(importOnnx(bytes, { output: 'p' }).options.layers).toEqual([
      { type: 'dense', units: 2, bias: false, activation: 'softmax' },
    ]);
    const both = graph(
      ['MatMul x w -> m', 'Softmax m -> p', node('ArgMax p -> label', { axis: 1 })],
      { w },
      { outputs: ['label', 'p'] },
    );
    expect(importOnnx(both).options.layers).toHaveLength(1);
  });

  test('columns picked behind the last layer are those columns', async () => {
    const pick = (values: number[]) => ({ dims: [values.length], values, dataType: 7 });
    for (const values of [[1], [1, 0], [0, 0, 1]])
      for (const line of [node('Gather h i -> y', { axis: 1 }), node('ArrayFeatureExtractor h i -> y', {}, 'ai.onnx.ml')])
        for (const before of [
          ['MatMul x w -> h'],
          ['MatMul x w -> m', 'Tanh m -> h'],
          ['MatMul x w -> m', 'Softmax m -> h'],
          ['Add x x -> h'],
        ])
          await expectEqual(graph([...before, line], { w, i: pick(values) }), rows.slice(0, 3));
    expect(
      importOnnx(graph(['MatMul x w -> h', node('Gather h i -> y', { axis: 1 })], { w, i: pick([1, 0]) })).options.layers,
    ).toEqual([{ type: 'dense', units: 2, bias: false }]);
  });

  test('of two columns 1 - p and p of one sigmoid the second is left; of several sigmoids nothing is lost', async () => {
    const lines = ['MatMul x w -> m', 'Sigmoid m -> p', 'Sub one p -> q', node('Concat q p -> y', { axis: 1 })];
    const single = { w: { dims: [2, 1], values: [1, -1] }, one: 1 };
    const got = predict(graph(lines, single), rows.slice(0, 3));
    const want = await runtime(graph(lines, single), rows.slice(0, 3));
    got.forEach((p, i) => {
      expect(p).toBeCloseTo(want[2 * i + 1]!, 5);
    });
    await expectEqual(graph(lines, { w, one: 1 }), rows.slice(0, 3));
  });

  test('heads side by side are one layer; parts of one stay parts', async () => {
    const heads = ['MatMul x w -> a', 'Gemm x w b -> c', node('Concat a c -> y', { axis: 1 })];
    await expectEqual(graph(heads, { w, b: [1, 2] }), rows);
    expect(importOnnx(graph(heads, { w, b: [1, 2] })).options.layers).toMatchObject([{ units: 4 }]);
    const split = ['MatMul x w -> h', node('Split h -> y z', { axis: 1 })];
    await expectEqual(graph(split, { w }), rows);
    expectRefused(
      graph([...split.slice(0, 1), node('Split h -> a b', { axis: 1 }), 'Exp b -> e', node('Concat a e -> y', { axis: 1 })], {
        w,
      }),
      'Concat',
    );
  });
});

describe('residual branches', () => {
  test('a projection may have a bias, a batch norm behind it, and stand on either side; x - F(x) too', async () => {
    const inside = ['Gemm x w b -> a', 'Relu a -> r', 'Gemm r v b -> f'];
    const tensors = {
      w,
      v: { dims: [2, 2], values: [0.5, 1, -1, 2] },
      p: { dims: [2, 2], values: [2, 0, 1, 1] },
      b: [1, -1],
      c: [0.25, 4],
      one: [1, 1],
    };
    for (const last of [
      ['Gemm x p c -> s', 'Add f s -> y'],
      ['Gemm x p c -> s', 'Add s f -> y'],
      ['Gemm x p -> s', 'BatchNormalization s c b b one -> n', 'Add f n -> y'],
      ['Add f x -> y'],
      ['Sub x f -> y'],
      ['Gemm x p c -> s', 'Tanh f -> t', 'Add t s -> y'],
    ])
      await expectEqual(graph([...inside, ...last], tensors), rows.slice(0, 3));
    expectRefused(graph([...inside, 'Tanh x -> t', 'Gemm t p -> s', 'Relu s -> q', 'Add f q -> y'], tensors), 'Add');
  });
});

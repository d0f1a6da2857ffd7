// Integer networks: whatever computes the dense stages gives the bits of a plain reference, written here with whole numbers of any length.

import { describe, expect, test } from 'vitest';
import { tabled } from '../../src/integer/curves.js';
import { Kernel, type IntegerBuild } from '../../src/integer/kernel.js';
import { IntegerNetwork } from '../../src/integer/network.js';
import type { Curve, DenseStage, Stage } from '../../src/integer/stages.js';
import { Random } from '../../src/data/random.js';

/** JavaScript, and what of WebAssembly this engine has. */
const builds = (['javascript', 'simd', 'relaxed'] as const).filter(
  (build) => build === 'javascript' || Kernel.start(build) !== undefined,
);
const random = new Random(5, 'integers');

test('plain SIMD runs here, so that it is compared with JavaScript', () => {
  expect(builds).toContain('simd');
});

/** A stage of random numbers. */
function stageOf(inputs: number, outputs: number, digits: 1 | 2, curve: Curve, whole?: () => number): DenseStage {
  const list = (length: number, of: () => number) => Float32Array.from({ length }, of);
  return {
    kind: 'dense',
    inputs,
    outputs,
    digits,
    integers: Int8Array.from({ length: inputs * outputs }, whole ?? (() => Math.floor(255 * random.uniform()) - 127)),
    scale: list(outputs, () => random.uniform() / 1000),
    bias: list(outputs, () => random.normal()),
    low: list(inputs, () => random.normal()),
    inverse: list(inputs, () => (digits === 2 ? 3000 : 20) * random.uniform()),
    curve,
  };
}

/** y = f(W q scale + bias) of one row, by BigInt. Halves go to the even whole number. */
function reference(stage: DenseStage, row: readonly number[]): number[] {
  const { inputs, outputs, digits, integers, scale, bias, low, inverse, curve } = stage;
  const most = digits === 2 ? 16383 : 127;
  const steps = row.map((x, i) => {
    const t = Math.fround(Math.fround(x - low[i]!) * inverse[i]!);
    if (Number.isNaN(t) || t <= 0) return 0n;
    if (t >= most) return BigInt(most);
    const down = Math.floor(t);
    return BigInt(t - down > 0.5 || (t - down === 0.5 && down % 2 === 1) ? down + 1 : down);
  });
  return Array.from({ length: outputs }, (_, j) => {
    let sum = 0n;
    for (let i = 0; i < inputs; i++) sum += BigInt(integers[j * inputs + i]!) * steps[i]!;
    const z = Math.fround(Number(sum) * scale[j]! + bias[j]!);
    if (curve.form === 'bend') return Math.fround(z < 0 ? z * curve.slopes[curve.slopes.length === 1 ? 0 : j]! : z);
    return curve.form === 'table' ? Math.fround(tabled(curve.table, z)) : z;
  });
}

/** Rows through stages by a build: a fresh window for each call. */
function run(
  stages: Stage[],
  inputs: number,
  outputs: number,
  rows: readonly (readonly number[])[],
  build: IntegerBuild,
): number[][] {
  const network = new IntegerNetwork({ inputs, outputs, center: undefined, stages }, build);
  expect(network.build).toBe(build);
  network.reserve(rows.length);
  rows.forEach((row, r) => {
    network.x.fill(Number.NaN, r * network.xStride, (r + 1) * network.xStride); // padding may hold anything
    network.x.set(row, r * network.xStride);
  });
  network.forward(rows.length);
  return rows.map((_, r) => Array.from(network.y.subarray(r * network.yStride, r * network.yStride + outputs)));
}

const bend: Curve = { form: 'bend', slopes: Float32Array.of(0.25) };
const table: Curve = { form: 'table', table: Float32Array.from({ length: 515 }, (_, i) => Math.sin(i / 40)) };
const rowsOf = (count: number, inputs: number, size = 3) =>
  Array.from({ length: count }, () => Array.from({ length: inputs }, () => Math.fround(size * random.normal())));

describe.each(builds)('a dense stage by %s is the reference to the bit', (build) => {
  test.each([1, 2] as const)('of every size from 1 to 9, %s digits, batches of 1 and 3', (digits) => {
    for (let inputs = 1; inputs <= 9; inputs++)
      for (let outputs = 1; outputs <= 9; outputs++) {
        const curve = [{ form: 'none' }, bend, table][(inputs + outputs) % 3] as Curve;
        const stage = stageOf(inputs, outputs, digits, curve);
        for (const count of [1, 3]) {
          const rows = rowsOf(count, inputs);
          expect(run([stage], inputs, outputs, rows, build)).toEqual(rows.map((row) => reference(stage, row)));
        }
      }
  });

  test.each([
    [16, 4],
    [17, 5],
    [33, 31],
    [63, 66],
    [130, 67],
    [257, 12],
  ])('of %s by %s', (inputs, outputs) => {
    for (const digits of [1, 2] as const) {
      const slopes: Curve = { form: 'bend', slopes: Float32Array.from({ length: outputs }, () => random.normal()) };
      const stage = stageOf(inputs, outputs, digits, slopes);
      const rows = rowsOf(5, inputs);
      expect(run([stage], inputs, outputs, rows, build)).toEqual(rows.map((row) => reference(stage, row)));
    }
  });

  test('with every number at its limit: no lane saturates, no sum wraps', () => {
    for (const whole of [127, -127, -128])
      for (const digits of [1, 2] as const) {
        const stage = stageOf(1000, 6, digits, { form: 'none' }, () => whole);
        const rows = [1e30, -1e30, 3.4e38, -3.4e38, 0].map((x) => new Array<number>(1000).fill(Math.fround(x)));
        const expected = rows.map((row) => reference(stage, row));
        expect(run([stage], 1000, 6, rows, build)).toEqual(expected);
        // low + 127 / inverse and beyond are all the largest step
        expect(expected[0]![0]).toBe(Math.fround(whole * (digits === 2 ? 16383 : 127) * 1000 * stage.scale[0]! + stage.bias[0]!));
      }
  });

  test('with halves, which go to the even number, and NaN, which is step 0', () => {
    const stage = {
      ...stageOf(6, 1, 1, { form: 'none' }, () => 1),
      low: new Float32Array(6),
      inverse: new Float32Array(6).fill(1),
      scale: Float32Array.of(1),
      bias: new Float32Array(1),
    };
    expect(run([stage], 6, 1, [[0.5, 1.5, 2.5, Number.NaN, -7, 126.5]], build)).toEqual([[0 + 2 + 2 + 0 + 0 + 126]]);
  });

  test('where a panel has no weights at all, or some in the middle alone', () => {
    const stage = stageOf(70, 12, 1, { form: 'none' });
    stage.integers.fill(0, 0, 4 * 70);
    for (let j = 4; j < 8; j++) for (let i = 0; i < 70; i++) if (i < 20 || i > 40) stage.integers[j * 70 + i] = 0;
    const rows = rowsOf(2, 70);
    expect(run([stage], 70, 12, rows, build)).toEqual(rows.map((row) => reference(stage, row)));
  });
});

test.each(builds)('stages of every other kind are the textbook forms, by %s too', (build) => {
  const width = 5;
  const stages: Stage[] = [
    {
      kind: 'affine',
      width,
      center: Float64Array.of(1, 2, 3, 4, 5),
      factor: new Float64Array(width).fill(0.5),
      shift: new Float64Array(width).fill(-1),
    },
    { kind: 'residual', inputs: width, outputs: width, stages: [], projection: undefined },
    {
      kind: 'layerNorm',
      width,
      epsilon: 1e-5,
      gamma: Float32Array.of(1, 2, 1, 2, 1),
      beta: Float32Array.of(0, 0, 1, 1, 0),
    },
    { kind: 'activation', width, curve: { form: 'softmax' } },
    { kind: 'activation', width, curve: { form: 'logSoftmax' } },
  ];
  const row = [3, -1, 0.5, 9, 2];
  const affine = row.map((x, j) => 2 * ((x - [1, 2, 3, 4, 5][j]!) * 0.5 - 1));
  const mean = affine.reduce((a, b) => a + b) / width;
  const spread = Math.sqrt(affine.reduce((a, b) => a + (b - mean) ** 2, 0) / width + 1e-5);
  const normed = affine.map((x, j) => ((x - mean) / spread) * [1, 2, 1, 2, 1][j]! + [0, 0, 1, 1, 0][j]!);
  const softmax = (z: number[]) => z.map((v) => Math.exp(v) / z.reduce((sum, w) => sum + Math.exp(w), 0));
  const expected = softmax(softmax(normed)).map(Math.log);
  const [given] = run(stages, width, width, [row], build);
  given!.forEach((y, j) => {
    expect(y).toBeCloseTo(expected[j]!, 5);
  });
});

test('a build that there is not is refused by its name', () => {
  const stage = stageOf(2, 2, 1, { form: 'none' });
  if (Kernel.start('relaxed') === undefined)
    expect(() => new IntegerNetwork({ inputs: 2, outputs: 2, center: undefined, stages: [stage] }, 'relaxed')).toThrow(
      'build: "relaxed" does not run here',
    );
});

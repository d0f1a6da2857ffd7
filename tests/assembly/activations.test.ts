// Activations of the core against their formulas in float64: values in ulp, derivatives by finite differences of the
// same formulas, and the sweeps over matrices of every small shape, with canaries around them.

import { describe, expect, test } from 'vitest';
import { Activation } from '../../assembly/abi.js';
import { Random } from '../../src/data/random.js';
import { evaluate } from '../../src/formats/expression/evaluate.js';
import {
  activationIds,
  activationNames,
  activationRow,
  breakpointsOf,
  formulaToCompute,
  isElementwise,
  resolveActivation,
  type ElementwiseActivation,
} from '../../src/plan/activations.js';
import { builds, loadProbe } from '../support/loadProbe.js';

interface Functions {
  activate(id: number, y: number, z: number, stride: number, rows: number, width: number, a: number, b: number): void;
  activateBackward(
    id: number,
    dz: number,
    dy: number,
    z: number,
    y: number,
    stride: number,
    rows: number,
    width: number,
    a: number,
    b: number,
  ): void;
  needsInput(id: number): number;
  preluForward(
    id: number,
    y: number,
    z: number,
    stride: number,
    rows: number,
    width: number,
    slopes: number,
    shared: number,
  ): void;
  preluBackward(
    id: number,
    dz: number,
    dy: number,
    z: number,
    stride: number,
    rows: number,
    width: number,
    slopes: number,
    shared: number,
  ): void;
  preluSlopeGradient(dSlopes: number, dy: number, z: number, stride: number, rows: number, width: number, shared: number): void;
}

/** erf in float64, for the derivatives alone: its values are tested in core-math.test.ts. */
function normalDistribution(x: number): number {
  if (x < -6) return 0;
  if (x > 6) return 1;
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 + (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const fround = Math.fround;
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;

interface Rule {
  /** Its derivative has no limit far out. */
  grows?: true;
  f: (z: number) => number;
  a?: number;
  b?: number;
  /** f(-Infinity), f(-0), f(0), f(Infinity), where that is documented to the sign of a zero. */
  ends?: [number, number, number, number];
  /** Where the derivative jumps, and its value there, where that is documented. */
  kinks?: [number, number | undefined][];
  /** Units in the last place, of values tested here (rules whose value is one function of math.ts are tested there). */
  ulp?: number;
  forwardOnly?: true;
}

const slope = fround(0.01);
const alpha = fround(1.3);

/** What is known of elementwise rules beside their formula. Softmax, log-softmax and PReLU have tests of their own. */
const written: Partial<Record<keyof typeof Activation, Rule>> = {
  Identity: { f: (z) => z, ends: [-Infinity, -0, 0, Infinity], ulp: 0 },
  Linear: { f: (z) => 2.5 * z - 0.75, a: 2.5, b: -0.75, ends: [-Infinity, -0.75, -0.75, Infinity] },
  Sign: { f: Math.sign, ends: [-1, -0, 0, 1], ulp: 0, kinks: [[0, 0]], forwardOnly: true },
  Step: { f: (z) => (z >= 0 ? 1 : 0), ends: [0, 1, 1, 1], ulp: 0, kinks: [[0, 0]], forwardOnly: true },
  Sigmoid: { f: sigmoid, ends: [0, 0.5, 0.5, 1] },
  Tanh: { f: Math.tanh, ends: [-1, -0, 0, 1] },
  Relu: { f: (z) => Math.max(z, 0), ends: [0, -0, 0, Infinity], ulp: 0, kinks: [[0, 0]] },
  LeakyRelu: {
    f: (z) => (z < 0 ? slope * z : z),
    a: slope,
    ends: [-Infinity, -0, 0, Infinity],
    ulp: 0.5,
    kinks: [[0, slope]],
  },
  Elu: {
    f: (z) => (z < 0 ? alpha * Math.expm1(z) : z),
    a: alpha,
    ends: [-alpha, -0, 0, Infinity],
    ulp: 4,
    kinks: [[0, alpha]],
  },
  Celu: {
    f: (z) => (z < 0 ? alpha * Math.expm1(z / alpha) : z),
    a: alpha,
    ends: [-alpha, -0, 0, Infinity],
    ulp: 4,
    kinks: [[0, 1]],
  },
  Selu: {
    f: (z) => SELU_SCALE * (z < 0 ? SELU_ALPHA * Math.expm1(z) : z),
    ends: [-fround(SELU_SCALE * SELU_ALPHA), -0, 0, Infinity],
    ulp: 4,
    kinks: [[0, fround(SELU_SCALE * SELU_ALPHA)]],
  },
  Gelu: { f: (z) => z * normalDistribution(z), ends: [0, -0, 0, Infinity] },
  GeluTanh: {
    f: (z) => z * sigmoid(2 * Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)),
    ends: [-0, -0, 0, Infinity],
  },
  Silu: { f: (z) => z * sigmoid(z), ends: [-0, -0, 0, Infinity] },
  Softplus: { f: softplus, ends: [0, fround(Math.LN2), fround(Math.LN2), Infinity] },
  Softsign: { f: (z) => z / (1 + Math.abs(z)), ends: [-1, -0, 0, 1], ulp: 4 },
  Mish: { f: (z) => z * Math.tanh(softplus(z)), ends: [-0, -0, 0, Infinity] },
  HardSigmoid: {
    f: (z) => Math.min(Math.max((z + 3) / 6, 0), 1),
    ends: [0, 0.5, 0.5, 1],
    ulp: 4,
    kinks: [
      [-3, 0],
      [3, 0],
    ],
  },
  HardSwish: {
    f: (z) => (z * Math.min(Math.max(z + 3, 0), 6)) / 6,
    ends: [-0, -0, 0, Infinity],
    kinks: [
      [-3, -0.5],
      [3, 1],
    ],
  },
  Polynomial: { f: (z) => z * z, a: 2, ends: [Infinity, 0, 0, Infinity], grows: true },
};

/** By the formula alone, for a rule of which no more is written down here. */
function fromFormula(name: ElementwiseActivation): Rule {
  const { a, b } = resolveActivation(name, 'activation');
  const formula = formulaToCompute(name)!(a, b);
  const points = breakpointsOf(name).map((at): [number, undefined] => [at, undefined]);
  const flat = activationRow(name).flat !== undefined;
  return { f: (z) => evaluate(formula, z), a, b, kinks: points, ...(flat ? { forwardOnly: true } : {}) };
}

const rules: Partial<Record<keyof typeof Activation, Rule>> = {};
for (const name of activationNames) {
  const id = Activation[activationIds[name][0]] as keyof typeof Activation;
  if (isElementwise(name) && name !== 'prelu') rules[id] = written[id] ?? fromFormula(name);
}
const names = Object.keys(rules) as (keyof typeof rules & keyof typeof Activation)[];
const CANARY = fround(12345.678);

/** expect(got).toBe(wanted), without its cost where there are millions. */
function same(got: number | undefined, wanted: number | undefined): void {
  if (!Object.is(got, wanted)) expect(got).toBe(wanted);
}

describe.each(builds)('activations, %s', (build) => {
  const probe = loadProbe<Functions>(build);
  probe.reserve(1 << 20);
  const floats = new Float32Array(probe.memory.buffer);
  const Z = 1 << 16;
  const Y = 1 << 18;
  const DY = 1 << 19;
  const DZ = 3 << 18;

  /** y = f(z) and dz = f'(z) for a list of arguments. */
  function run(name: keyof typeof Activation, z: ArrayLike<number>, rule: Rule): { y: Float32Array; dz: Float32Array } {
    const id = Activation[name];
    const n = (z.length + 3) & ~3;
    floats.fill(0, Z / 4, Z / 4 + n).set(z, Z / 4);
    floats.fill(1, DY / 4, DY / 4 + n);
    probe.activate(id, Y, Z, n, 1, z.length, rule.a ?? 0, rule.b ?? 0);
    // Only what needsInput names is passed on: the other pointer is 0.
    const input = probe.needsInput(id) !== 0;
    probe.activateBackward(id, DZ, DY, input ? Z : 0, input ? 0 : Y, n, 1, z.length, rule.a ?? 0, rule.b ?? 0);
    return { y: floats.slice(Y / 4, Y / 4 + z.length), dz: floats.slice(DZ / 4, DZ / 4 + z.length) };
  }

  test('every activation of the table is tested here', () => {
    const all = Object.keys(Activation).filter((key) => Number.isNaN(Number(key)));
    expect([...names, 'Prelu', 'Softmax', 'LogSoftmax'].sort()).toEqual(all.sort());
  });

  test('tanh of many numbers has the bits of tanh of four, however many they are', () => {
    const random = new Random(3);
    const z = Float32Array.from({ length: 600 }, (_, i) => (random.uniform() - 0.5) * 2 ** ((i % 24) - 18));
    z.set([0, -0, 0.5, -0.5, fround(0.4999999), Infinity, -Infinity, NaN, 1e-45, 9.01, -10, 88, 3e38], 40);
    const bits = (y: Float32Array) => [...new Uint32Array(y.buffer)];
    const fours = new Float32Array(z.length);
    for (let i = 0; i < z.length; i += 4) fours.set(run('Tanh', z.subarray(i, i + 4), rules.Tanh!).y, i);
    for (const n of [4, 8, 12, 60, 64, 68, 124, 128, 132, 600])
      expect(bits(run('Tanh', z.subarray(0, n), rules.Tanh!).y)).toEqual(bits(fours.slice(0, n)));
  });

  describe.each(names)('%s', (name) => {
    const rule = rules[name]!;

    test('has the right value at every size of argument', () => {
      // A function of math.ts is tested over all floats there. By the formula alone: a few roundings of what is computed on the way.
      const { ulp = written[name] === undefined ? 64 : undefined } = rule;
      if (ulp === undefined) return;
      const words = new Uint32Array(20000);
      for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 214733) >>> 0;
      const z = new Float32Array(words.buffer).filter((v) => v - v === 0);
      const { y } = run(name, z, rule);
      for (let i = 0; i < z.length; i++) {
        const reference = rule.f(z[i]!);
        const unit = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(reference) || 1e-45)), -126) - 23);
        // What the formula squares on the way may overflow where its value is next to nothing.
        const near = written[name] === undefined && Math.abs(y[i]! - reference) < 1e-30;
        const off = near || fround(reference) === y[i] ? 0 : Math.abs(y[i]! - reference) / unit;
        if (!(off <= ulp)) expect.fail(`${name}(${z[i]}) = ${y[i]}, not ${reference}: ${off} ulp`);
      }
    });

    test('is right at infinities and zeros, and lets NaN through', () => {
      const { y, dz } = run(name, [-Infinity, -0, 0, Infinity, Number.NaN], rule);
      for (const [i, end] of rule.ends?.entries() ?? []) expect(y[i]).toBe(fround(end));
      expect(y[4]).toBeNaN();
      for (let i = 0; i < 4; i++) expect(Number.isFinite(dz[i])).toBe(!(rule.grows === true && i % 3 === 0));
    });

    test('has the derivative that finite differences of the formula give', () => {
      const random = new Random(1, name);
      const z: number[] = [];
      for (let i = 0; i < 3000; i++) z.push(fround(random.normal() * (i % 3 === 0 ? 0.3 : i % 3 === 1 ? 3 : 12)));
      const { dz } = run(name, z, rule);
      for (let i = 0; i < z.length; i++) {
        const h = 1e-4;
        if (rule.kinks?.some(([at]) => Math.abs(z[i]! - at) < 3 * h)) continue;
        // Fourth order: the error of the difference is below 1e-11.
        const at = (k: number) => rule.f(z[i]! + k * h);
        const reference = rule.forwardOnly ? 0 : (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
        if (!(Math.abs(dz[i]! - reference) <= 1e-6)) expect.fail(`${name}'(${z[i]}) = ${dz[i]}, not ${reference}`);
      }
    });

    test('takes the documented side where the derivative jumps, and its limits far out', () => {
      if (rule.kinks) {
        const { dz } = run(
          name,
          rule.kinks.map(([at]) => at),
          rule,
        );
        for (const [i, [, value]] of rule.kinks.entries()) if (value !== undefined) expect(dz[i]).toBeCloseTo(value, 6);
      }
      if (rule.grows) return;
      const far = [-3.4028234663852886e38, -1e30, -200, 200, 1e30, 3.4028234663852886e38];
      const { dz } = run(name, far, rule);
      for (const [i, z] of far.entries()) {
        const reference = rule.forwardOnly ? 0 : rule.f(Math.sign(z) * 1001) - rule.f(Math.sign(z) * 1000);
        expect(dz[i]).toBeCloseTo(reference * Math.sign(z), 4); // differences of softsign still move by 1e-6 there
      }
    });

    test('does the same for every row, width and stride, in place or not, and touches nothing else', () => {
      const id = Activation[name];
      const [a, b] = [rule.a ?? 0, rule.b ?? 0];
      const input = probe.needsInput(id) !== 0;
      const random = new Random(2, name);
      const sources = Array.from({ length: 81 }, () => fround(4 * random.normal()));
      const { y, dz } = run(name, sources, rule);
      for (let width = 1; width <= 9; width++) {
        for (let rows = 1; rows <= 9; rows++) {
          const padded = (width + 3) & ~3;
          const stride = padded + 4 * ((rows + width) % 3);
          const inPlace = (rows + width) % 2 === 0;
          const size = stride * rows + 16;
          for (const at of [Z, Y, DY, DZ]) floats.fill(CANARY, at / 4 - 16, at / 4 + size);
          for (let r = 0; r < rows; r++) {
            // Padding lanes: whatever for z and y, NaN at worst; 0 for dy.
            floats.fill(Number.NaN, Z / 4 + r * stride, Z / 4 + r * stride + padded);
            floats.fill(0, DY / 4 + r * stride, DY / 4 + r * stride + padded);
            floats.set(sources.slice(r * width, (r + 1) * width), Z / 4 + r * stride);
            floats.fill(3, DY / 4 + r * stride, DY / 4 + r * stride + width);
          }
          const out = inPlace && !input ? Z : Y;
          const outDelta = inPlace ? DY : DZ;
          probe.activate(id, out, Z, stride, rows, width, a, b);
          probe.activateBackward(id, outDelta, DY, Z, out, stride, rows, width, a, b);
          for (let r = 0; r < rows; r++) {
            for (let j = 0; j < stride; j++) {
              const got = floats[out / 4 + r * stride + j]!;
              if (j < width) same(got, y[r * width + j]!);
              else if (j >= padded) same(got, CANARY);
            }
            for (let j = 0; j < stride; j++) {
              const got = floats[outDelta / 4 + r * stride + j]!;
              same(got + 0, j < width ? fround(3 * dz[r * width + j]!) + 0 : j < padded ? 0 : CANARY);
            }
          }
          for (const at of [Z, Y, DY, DZ]) {
            for (let i = -16; i < 0; i++) same(floats[at / 4 + i], CANARY);
            for (let i = 0; i < 16; i++) {
              same(floats[at / 4 + stride * rows + i], CANARY);
            }
          }
        }
      }
    });
  });

  /** softmax in float64, of logits as large as they like. */
  function softmaxOf(z: readonly number[]): number[] {
    const top = Math.max(...z);
    const e = z.map((v) => Math.exp(v - top));
    const sum = e.reduce((s, v) => s + v, 0);
    return e.map((v) => v / sum);
  }

  describe.each(['Softmax', 'LogSoftmax'] as const)('%s', (name) => {
    const id = Activation[name];
    const plain = (z: readonly number[]) => {
      const top = Math.max(...z);
      const logSum = Math.log(z.reduce((s, v) => s + Math.exp(v - top), 0));
      return name === 'Softmax' ? softmaxOf(z) : z.map((v) => v - top - logSum);
    };

    test('matches float64 forward and back for every width and number of rows, padding 0, canaries untouched', () => {
      const random = new Random(3, name);
      for (let width = 1; width <= 9; width++) {
        for (let rows = 1; rows <= 9; rows++) {
          const padded = (width + 3) & ~3;
          const stride = padded + 4 * ((rows + width) % 3);
          const size = stride * rows + 16;
          for (const at of [Z, Y, DY, DZ]) floats.fill(CANARY, at / 4 - 16, at / 4 + size);
          const z = Array.from({ length: rows }, () => Array.from({ length: width }, () => fround(3 * random.normal())));
          const dy = Array.from({ length: rows }, () => Array.from({ length: width }, () => fround(random.normal())));
          for (let r = 0; r < rows; r++) {
            floats.fill(Number.NaN, Z / 4 + r * stride, Z / 4 + r * stride + padded);
            floats.fill(0, DY / 4 + r * stride, DY / 4 + r * stride + padded);
            floats.set(z[r]!, Z / 4 + r * stride);
            floats.set(dy[r]!, DY / 4 + r * stride);
          }
          const inPlace = (rows + width) % 2 === 0;
          const out = inPlace ? Z : Y;
          const outDelta = inPlace ? DY : DZ;
          probe.activate(id, out, Z, stride, rows, width, 0, 0);
          probe.activateBackward(id, outDelta, DY, 0, out, stride, rows, width, 0, 0);
          for (let r = 0; r < rows; r++) {
            const y = plain(z[r]!);
            const s = softmaxOf(z[r]!);
            const total = dy[r]!.reduce((sum, v) => sum + v, 0);
            const dot = dy[r]!.reduce((sum, v, j) => sum + v * s[j]!, 0);
            for (let j = 0; j < padded; j++) {
              const got = floats[out / 4 + r * stride + j]!;
              const gotDelta = floats[outDelta / 4 + r * stride + j]!;
              if (j >= width) {
                expect([got, gotDelta]).toEqual([0, 0]);
                continue;
              }
              const delta = name === 'Softmax' ? s[j]! * (dy[r]![j]! - dot) : dy[r]![j]! - s[j]! * total;
              // A few roundings of numbers of the order of 1 to 10.
              expect(Math.abs(got - y[j]!)).toBeLessThan(3e-6 * Math.max(Math.abs(y[j]!), 0.1));
              expect(Math.abs(gotDelta - delta)).toBeLessThan(3e-6);
            }
            for (let j = padded; j < stride; j++) same(floats[out / 4 + r * stride + j], CANARY);
            for (let j = padded; j < stride; j++) same(floats[outDelta / 4 + r * stride + j], CANARY);
          }
        }
      }
    });

    test('fault 61: equal and extreme logits give exact limits; NaN spreads over its row alone', () => {
      const huge = 3.4028234663852886e38;
      const row = (z: number[]) => {
        floats.set(z, Z / 4);
        probe.activate(id, Y, Z, 8, 1, z.length, 0, 0);
        return Array.from(floats.slice(Y / 4, Y / 4 + z.length));
      };
      const value = (p: number) => (name === 'Softmax' ? p : fround(Math.log(p)));
      for (const z of [huge, -huge, 1e4, -1e4, 0]) expect(row([z, z, z, z])).toEqual(Array(4).fill(value(0.25)));
      expect(row([huge, -huge, 0, 1, -1])).toEqual(name === 'Softmax' ? [1, 0, 0, 0, 0] : [0, -Infinity, -huge, -huge, -huge]);
      expect(row([1e4, -1e4])).toEqual(name === 'Softmax' ? [1, 0] : [0, -2e4]);
      expect(row([-Infinity, 0])).toEqual(name === 'Softmax' ? [0, 1] : [-Infinity, 0]);
      floats.set([1, Number.NaN, 2, 3, 1, 1, 1, 1], Z / 4);
      probe.activate(id, Y, Z, 4, 2, 4, 0, 0);
      const y = floats.slice(Y / 4, Y / 4 + 8);
      for (let i = 0; i < 8; i++) expect(Number.isNaN(y[i])).toBe(i < 4);
    });
  });

  describe.each([
    ['shared', 1],
    ['per column', 0],
  ] as const)('PReLU with slopes %s', (_, shared) => {
    test('matches its formulas, adds into the slope gradient in row order, keeps padding 0 and canaries untouched', () => {
      const SLOPES = DZ + (1 << 17);
      const GRADIENT = SLOPES + 1024;
      const random = new Random(4, 'prelu');
      for (let width = 1; width <= 9; width++) {
        for (let rows = 1; rows <= 9; rows++) {
          const padded = (width + 3) & ~3;
          const stride = padded + 4 * ((rows + width) % 3);
          const size = stride * rows + 16;
          for (const at of [Z, Y, DY, DZ, SLOPES, GRADIENT]) floats.fill(CANARY, at / 4 - 16, at / 4 + size);
          const slopes = Array.from({ length: shared ? 1 : width }, () => fround(random.normal()));
          floats.fill(0, SLOPES / 4, SLOPES / 4 + (shared ? 1 : padded)).set(slopes, SLOPES / 4);
          floats
            .fill(0, GRADIENT / 4, GRADIENT / 4 + (shared ? 1 : padded))
            .fill(0.5, GRADIENT / 4, GRADIENT / 4 + slopes.length);
          for (let r = 0; r < rows; r++) {
            floats.fill(Number.NaN, Z / 4 + r * stride, Z / 4 + r * stride + padded);
            floats.fill(0, DY / 4 + r * stride, DY / 4 + r * stride + padded);
            for (let j = 0; j < width; j++) {
              floats[Z / 4 + r * stride + j] = j === 3 && r === 1 ? 0 : random.normal();
              floats[DY / 4 + r * stride + j] = random.normal();
            }
          }
          const z = (r: number, j: number) => floats[Z / 4 + r * stride + j]!;
          const dy = (r: number, j: number) => floats[DY / 4 + r * stride + j]!;
          const slopeOf = (j: number) => slopes[shared ? 0 : j]!;
          probe.preluForward(Activation.Prelu, Y, Z, stride, rows, width, SLOPES, shared);
          probe.preluSlopeGradient(GRADIENT, DY, Z, stride, rows, width, shared);
          probe.preluBackward(Activation.Prelu, DZ, DY, Z, stride, rows, width, SLOPES, shared);
          const sums = slopes.map(() => 0.5);
          for (let r = 0; r < rows; r++) {
            for (let j = 0; j < width; j++) {
              same(floats[Y / 4 + r * stride + j], z(r, j) >= 0 ? z(r, j) : fround(slopeOf(j) * z(r, j)));
              const delta = z(r, j) > 0 ? dy(r, j) : fround(slopeOf(j) * dy(r, j));
              same(floats[DZ / 4 + r * stride + j], delta);
              const term = z(r, j) > 0 ? 0 : fround(dy(r, j) * z(r, j));
              sums[shared ? 0 : j] = shared ? sums[0]! + term : fround(sums[j]! + term);
            }
            for (let j = width; j < stride; j++) same(floats[DZ / 4 + r * stride + j], j < padded ? 0 : CANARY);
          }
          for (const [j, sum] of sums.entries()) {
            if (shared) expect(Math.abs(floats[GRADIENT / 4 + j]! - sum)).toBeLessThan(1e-5);
            else same(floats[GRADIENT / 4 + j], sum);
          }
          for (let j = sums.length; j < size; j++) same(floats[GRADIENT / 4 + j], !shared && j < padded ? 0 : CANARY);
        }
      }
    });
  });
});

// The baseline's functions alone against PyTorch, in float64 to the nine digits of the fixtures (tests/fixtures/README.md): activations,
// losses, optimizers and clipping, each called by itself. Whole networks on every backend: tests/golden.

import { describe, test } from 'vitest';
import { activate, activateBackward, slopeGradient } from '../../src/baseline/activations.js';
import { PlainBackend, type Precision } from '../../src/baseline/backend.js';
import { lossAndGradient } from '../../src/baseline/losses.js';
import { resolveActivation } from '../../src/plan/activations.js';
import { resolveLoss } from '../../src/plan/losses.js';
import { dense } from '../../src/plan/layers.js';
import { resolveNetwork, type MLPOptions } from '../../src/plan/network.js';
import { fixture } from '../support/fixtures.js';
import {
  expectClose,
  expectTensors,
  fill,
  flat,
  load,
  optionsOf,
  trainAll,
  type Golden,
  type GoldenModel,
} from '../support/golden.js';

const DIGITS = 2e-8; // nine digits, and a step or two of rounding in the last

const backendOf = (options: MLPOptions, precision: Precision = 'float64') =>
  new PlainBackend(resolveNetwork(options), { precision });

type Tensors = Readonly<Record<string, Golden>>;

const name = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

describe('activations', () => {
  interface Case {
    activation: string | { name: string };
    y: Golden;
    derivative: Golden;
    yFloat32: Golden;
    derivativeFloat32: Golden;
  }
  const { x, activations, prelu, rows } = fixture<{
    x: Golden;
    activations: Case[];
    prelu: { x: Golden; slope: Golden; y: Golden; derivative: Golden; slopeGradient: Golden };
    rows: { x: Golden; dy: Golden; softmax: { y: Golden; dx: Golden }; logSoftmax: { y: Golden; dx: Golden } }[];
  }>('activations.json');

  // PyTorch's own tails cancel (gelu, mish) or are cut off (softplus beyond 20): 1e-12 and 1e-8 of absolute error are theirs.
  test.each(activations.map((c) => [name(c.activation), c] as const))('%s and its derivative, from 1e-45 to infinity', (_, c) => {
    const f = resolveActivation(c.activation, 'activation');
    const z = Float64Array.from(flat(x) as number[]);
    const y = new Float64Array(z.length);
    const dz = new Float64Array(z.length);
    activate(f, undefined, y, z, 1, z.length);
    activateBackward(f, undefined, dz, new Float64Array(z.length).fill(1), z, y, 1, z.length);
    const absolute = f.name === 'softplus' ? 1e-8 : 1e-12;
    const relative = f.name === 'hardSigmoid' ? 5e-8 : DIGITS; // its sixth is float32's
    expectClose(y, c.y, relative, absolute, 'y');
    expectClose(dz, c.derivative, relative, absolute, 'derivative');
  });

  test('prelu, its derivative and the gradient of its slope', () => {
    const f = resolveActivation('prelu', 'activation');
    const z = Float64Array.from(flat(prelu.x) as number[]);
    const slopes = Float64Array.from(flat(prelu.slope) as number[]);
    const ones = new Float64Array(z.length).fill(1);
    const y = new Float64Array(z.length);
    const dz = new Float64Array(z.length);
    const gradient = new Float64Array(1);
    activate(f, slopes, y, z, 1, z.length);
    activateBackward(f, slopes, dz, ones, z, y, 1, z.length);
    slopeGradient(gradient, ones, z, 1, z.length);
    expectClose(y, prelu.y, DIGITS, 0);
    expectClose(dz, prelu.derivative, DIGITS, 0);
    expectClose(gradient, prelu.slopeGradient, DIGITS, 1e-9);
  });

  test.each(['softmax', 'logSoftmax'] as const)('%s and its Jacobian, row by row', (which) => {
    const f = resolveActivation(which, 'activation');
    for (const row of rows) {
      const z = Float64Array.from(flat(row.x) as number[]);
      const y = new Float64Array(z.length);
      const dz = new Float64Array(z.length);
      activate(f, undefined, y, z, 1, z.length);
      activateBackward(f, undefined, dz, Float64Array.from(flat(row.dy) as number[]), z, y, 1, z.length);
      expectClose(y, row[which].y, DIGITS, 1e-15, 'y');
      expectClose(dz, row[which].dx, DIGITS, 1e-12, 'dx');
    }
  });
});

describe('losses', () => {
  interface Case {
    loss: string | { name: string; fromLogits?: boolean };
    extreme?: boolean;
    yTrue: Golden[];
    yPred: Golden[];
    value: number;
    gradient: Golden;
  }
  const { cases } = fixture<{ cases: Case[] }>('losses.json');

  /** The network whose outputs, or logits, a loss is about: cross-entropies on probabilities are one with their activation. */
  function outputOf(loss: Case['loss']): string {
    if (typeof loss !== 'string' && loss.fromLogits) return 'identity';
    const lossName = typeof loss === 'string' ? loss : loss.name;
    if (/ategorical/.test(lossName) || lossName === 'klDivergence') return 'softmax';
    return lossName === 'binaryCrossEntropy' ? 'softmax' : 'identity';
  }

  test.each(cases.map((c, i) => [`${i}: ${name(c.loss)}${c.extreme ? ', extreme logits' : ''}`, c] as const))('%s', (_, c) => {
    const rows = c.yPred.length;
    const columns = (c.yPred[0] as Golden[]).length;
    // Binary cross-entropy on probabilities is only unfused after softmax, a cross-entropy over classes never is.
    const loss = resolveLoss(c.loss, resolveActivation(outputOf(c.loss), 'activation'), Math.max(2, columns));
    const probabilities = loss.fused && !loss.fromLogits;
    const given = Float64Array.from(flat(c.yPred) as number[]);
    const gradient = new Float64Array(given.length);
    const value = lossAndGradient(loss, {
      outputs: probabilities ? given.map(Math.log) : given,
      gradient,
      targets: Float64Array.from(flat(c.yTrue) as number[]),
      first: 0,
      sampleWeights: undefined,
      rows,
      columns,
      divisor: rows,
    });
    // KL holds targets of 0 to 1e-7; Poisson adds 1e-7 inside the logarithm, PyTorch 1e-8.
    const absolute = loss.name === 'klDivergence' ? 2e-6 : loss.name === 'poisson' ? 1e-6 : 1e-9;
    expectClose([value], [c.value], DIGITS, absolute, 'value');
    if (!probabilities) return expectClose(gradient, c.gradient, DIGITS, absolute, 'gradient');
    // d / d logits = (d / d p - sum p d / d p) p: what softmax's Jacobian makes of the gradient given.
    const wanted = flat(c.gradient) as number[];
    const through = new Float64Array(given.length);
    activateBackward(
      resolveActivation('softmax', ''),
      undefined,
      through,
      Float64Array.from(wanted),
      given,
      given,
      rows,
      columns,
    );
    expectClose(gradient, [...through], DIGITS, 1e-8, 'gradient');
  });
});

describe('optimizers', () => {
  interface Case {
    title: string;
    optimizer: { learningRate: number };
    drift: [number, number];
    losses: number[];
    afterOneStep: Tensors;
    parameters: Tensors;
  }
  const { model, x, y, initial, steps, cases } = fixture<{
    model: GoldenModel;
    x: Golden;
    y: Golden;
    initial: Tensors;
    steps: number;
    cases: Case[];
  }>('optimizers.json');

  test.each(cases.filter((c) => c.title !== 'nadam').map((c) => [c.title, c] as const))('%s: 50 steps', (_, c) => {
    const run = (precision: Precision, relative: number, lossTolerance: number, tolerance: number) => {
      const backend = backendOf(optionsOf(model, c.optimizer), precision);
      load(backend, initial);
      const rows = fill(backend, x, y);
      const losses: number[] = [];
      for (let t = 0; t < steps; t++) {
        losses.push(trainAll(backend, rows, c.optimizer.learningRate));
        if (t === 0) expectTensors(backend, c.afterOneStep, relative, tolerance, 'after one step');
      }
      expectClose(losses, c.losses, relative, lossTolerance, `${precision} losses`);
      expectTensors(backend, c.parameters, relative, tolerance, precision);
    };
    run('float64', DIGITS, 1e-9, 1e-9);
    // A rule that divides by a small root of s magnifies what float32 rounds off: PyTorch's own float32 run says by how much.
    run('float32', 1e-6, 20 * c.drift[0] + 1e-6, 20 * c.drift[1] + 1e-6);
  });
});

describe('nadam', () => {
  const { model, x, y, initial, steps, cases } = fixture<{
    model: GoldenModel;
    x: Golden;
    y: Golden;
    initial: Tensors;
    steps: number;
    cases: { title: string; optimizer: object; losses: number[]; parameters: Tensors }[];
  }>('optimizers.json');
  const golden = cases.find((c) => c.title === 'nadam')!;
  const rate = 0.01;

  /** The rule on one tensor, written out again. `twice`: PyTorch 1.13 has this step's momentum in the next one's product twice. */
  function reference(
    w: Float64Array,
    g: ArrayLike<number>,
    m: Float64Array,
    v: Float64Array,
    t: number,
    product: number,
    twice: boolean,
  ): void {
    const mu = (step: number) => 0.9 * (1 - 0.5 * 0.96 ** (0.004 * step));
    const next = product * mu(t + 1) * (twice ? mu(t) : 1);
    for (let k = 0; k < w.length; k++) {
      m[k] = 0.9 * m[k]! + 0.1 * g[k]!;
      v[k] = 0.999 * v[k]! + 0.001 * g[k]! ** 2;
      const root = Math.sqrt(v[k]! / (1 - 0.999 ** t)) + 1e-8;
      w[k] = w[k]! - (rate * (((1 - mu(t)) / (1 - product)) * g[k]! + (mu(t + 1) / (1 - next)) * m[k]!)) / root;
    }
  }

  /** 50 steps: gradients by the backend, the rule by the reference. */
  function byReference(twice: boolean): { losses: number[]; backend: PlainBackend } {
    const backend = backendOf(optionsOf(model, golden.optimizer));
    load(backend, initial);
    const rows = fill(backend, x, y);
    const states = backend.plan.tensors.map((_, i) => {
      const w = backend.readTensor(i) as Float64Array;
      return { w, m: new Float64Array(w.length), v: new Float64Array(w.length) };
    });
    const losses: number[] = [];
    let product = 1;
    for (let t = 1; t <= steps; t++) {
      product *= 0.9 * (1 - 0.5 * 0.96 ** (0.004 * t));
      backend.zeroGradients();
      backend.forward(0, rows, true);
      losses.push(backend.loss(0, false, rows));
      backend.backward(false, true);
      states.forEach(({ w, m, v }, i) => {
        reference(w, backend.readGradient(i), m, v, t, product, twice);
        backend.writeTensor(i, w);
      });
    }
    return { losses, backend };
  }

  test('PyTorch 1.13 multiplies one momentum in twice: with that slip the rule is its golden trace', () => {
    const { losses, backend } = byReference(true);
    expectClose(losses, golden.losses, DIGITS, 1e-9, 'losses');
    expectTensors(backend, golden.parameters, DIGITS, 1e-9);
  });

  test('without it, as PyTorch has it since 2.0, the rule is ours', () => {
    const { losses, backend: wanted } = byReference(false);
    const backend = backendOf(optionsOf(model, golden.optimizer));
    load(backend, initial);
    const rows = fill(backend, x, y);
    expectClose(
      Array.from({ length: steps }, () => trainAll(backend, rows, rate)),
      losses,
      1e-11,
      0,
      'losses',
    );
    backend.plan.tensors.forEach((t, i) => {
      expectClose(backend.readTensor(i), [...wanted.readTensor(i)], 1e-11, 1e-13, t.name);
    });
  });
});

describe('clipping', () => {
  interface Clip {
    by: 'value' | 'norm' | 'globalNorm';
    limit: number;
  }
  const { before, cases } = fixture<{
    before: Readonly<Record<string, Golden>>;
    cases: (Clip & { after: Readonly<Record<string, Golden>> })[];
    maxNorm: { limit: number; before: Golden[]; after: Golden }[];
    training: {
      model: GoldenModel;
      x: Golden;
      y: Golden;
      initial: Tensors;
      steps: number;
      runs: (Clip & { optimizer: { learningRate: number }; losses: number[]; parameters: Tensors })[];
    };
  }>('clipping.json');

  test.each(cases.map((c) => [c.by, c.limit, c] as const))(
    'by %s, %f: what a step takes off weights of zero is the clipped gradient',
    (by, limit, c) => {
      // A net whose tensors have the fixture's shapes; its gradients are planted by a linear loss on one row each.
      const shapes = Object.entries(before).map(
        ([n, g]) =>
          [
            n,
            Array.isArray((g as Golden[])[0])
              ? [(g as Golden[]).length, ((g as Golden[])[0] as Golden[]).length]
              : [(g as Golden[]).length],
          ] as const,
      );
      const [inputs, hidden] = shapes[0]![1] as [number, number];
      const outputs = shapes[2]![1][1]!;
      const backend = backendOf({
        inputs,
        layers: [dense(hidden), dense(outputs)],
        optimizer: { name: 'sgd' },
        clip: { [by]: limit },
      });
      backend.plan.tensors.forEach((t, i) => {
        backend.writeTensor(i, new Float64Array(backend.readTensor(i).length));
        plant(backend, i, flat(before[t.name]!) as number[]);
      });
      backend.step(1, 1);
      backend.plan.tensors.forEach((t, i) => {
        expectClose(
          backend.readTensor(i).map((w) => -w),
          c.after[t.name]!,
          DIGITS,
          1e-12,
          t.name,
        );
      });
    },
  );

  /** Overwrites a gradient: the tests' only reach into the backend's own arrays. */
  function plant(backend: PlainBackend, i: number, values: readonly number[]): void {
    (backend as unknown as { gradients: Float64Array[] }).gradients[i]!.set(values);
  }
});

// Every backend against PyTorch and scikit-learn: see tests/fixtures/README.md. The references are float64: the baseline in
// float64 gives them to nine digits, and backends in float32 to a few units in the last place of a value, over many steps to a
// multiple of what PyTorch's own float32 run is off by (`drift`). Functions alone: tests/baseline/functions.test.ts.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../src/baseline/backend.js';
import { CoreBackend } from '../src/core/backend.js';
import { inputHessian } from '../src/mlp/float64.js';
import { MLP } from '../src/mlp/mlp.js';
import type { Backend } from '../src/training/backend.js';
import { activation, dense } from '../src/plan/layers.js';
import { resolveNetwork, type MLPOptions, type NetworkPlan } from '../src/plan/network.js';
import { fixture } from './support/fixtures.js';
import {
  expectClose as close32,
  expectTensors as tensors32,
  fill,
  flat,
  load,
  optionsOf,
  outputsOf,
  tensor,
  trainAll,
  type Golden,
  type GoldenModel,
  withAlpha,
} from './support/golden.js';

type Tensors = Readonly<Record<string, Golden>>;

/** Who computes, and how exactly: a float64 backend has to give PyTorch's float64 numbers to nine digits. */
const backends: readonly { name: string; exact: boolean; deterministic: boolean; make: (plan: NetworkPlan) => Backend }[] = [
  { name: 'the simd build', exact: false, deterministic: true, make: (plan) => new CoreBackend(plan) },
  { name: 'the relaxed build', exact: false, deterministic: false, make: (plan) => new CoreBackend(plan) },
  { name: 'the baseline in float32', exact: false, deterministic: true, make: (plan) => new PlainBackend(plan) },
  {
    name: 'the baseline in float64',
    exact: true,
    deterministic: true,
    make: (plan) => new PlainBackend(plan, { precision: 'float64' }),
  },
];

/** Nine digits, and a step or two of rounding in the last. */
const digits = 2e-8;

const name = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Both are bound by rounding: 50 steps of a rule that divides by a small root magnify it, PyTorch's run says by how much. */
const afterDrift = (drift: number) => 20 * drift + 2e-6;

describe.each(backends)('golden values on $name', ({ exact, deterministic, make }) => {
  const backendOf = (options: MLPOptions) => make(resolveNetwork({ ...options, deterministic }));

  /** Tolerances below are float32's. */
  const expectClose: typeof close32 = (actual, golden, relative, absolute, what) =>
    exact
      ? close32(actual, golden, Math.min(relative, digits), Math.min(absolute, absolute > 1e-7 ? 1e-8 : 1e-9), what)
      : close32(actual, golden, relative, absolute, what);
  const expectTensors: typeof tensors32 = (backend, golden, relative, absolute, what) =>
    exact
      ? tensors32(backend, golden, Math.min(relative, digits), Math.min(absolute, absolute > 1e-7 ? 1e-8 : 1e-9), what)
      : tensors32(backend, golden, relative, absolute, what);

  /** A gradient with respect to the outputs, packed, as setOutputGradient needs it. */
  function setOutputGradient(backend: Backend, packed: ArrayLike<number>): void {
    const { outputs } = backend.plan;
    const strided = new Float32Array(Math.ceil(packed.length / outputs) * backend.outputStride);
    for (let k = 0; k < packed.length; k++) strided[Math.floor(k / outputs) * backend.outputStride + (k % outputs)] = packed[k]!;
    backend.setOutputGradient(strided);
  }

  describe('activations', () => {
    const { x, activations, prelu, rows } = fixture<{
      x: Golden;
      activations: { activation: string | { name: string }; y: Golden; derivative: Golden }[];
      prelu: { x: Golden; slope: Golden; y: Golden; derivative: Golden; slopeGradient: Golden };
      rows: { x: Golden; dy: Golden; softmax: { y: Golden; dx: Golden }; logSoftmax: { y: Golden; dx: Golden } }[];
    }>('activations.json');

    /** The activation alone as a network of `columns` inputs: its outputs, and d outputs / d inputs times `dy`. */
    function passed(of: unknown, columns: number, values: Golden, dy: ArrayLike<number>) {
      const backend = backendOf({ inputs: columns, layers: [activation(of as 'tanh')] });
      if (backend.plan.tensors.length > 0) load(backend, { 'layers.0.slope': prelu.slope });
      const count = fill(backend, values);
      backend.zeroGradients();
      backend.forward(0, count, true);
      const y = outputsOf(backend, count);
      setOutputGradient(backend, dy);
      backend.backward(true, true);
      return { y, dx: backend.inputGradients(), backend };
    }

    // PyTorch's own tails cancel (gelu, mish) or are cut off (softplus beyond 20): 1e-12 and 1e-8 of absolute error are theirs.
    // A derivative is taken from y where it can be (1 - y y, y + alpha): within 1e-7 of what it is made of, 1 to 3 here, as
    // PyTorch's float32 run is. Float32 overflows beyond 3.4e38.
    test.each(activations.map((c) => [name(c.activation), c] as const))(
      '%s and its derivative, from 1e-45 to infinity',
      (_, c) => {
        const points = flat(x) as number[];
        const { y, dx } = passed(c.activation, 1, x, new Float32Array(points.length).fill(1));
        const absolute = name(c.activation) === 'softplus' ? 1e-8 : 1e-12;
        expectClose(y, overflowing(c.y), 1e-6, absolute, 'y');
        expectClose(dx, overflowing(c.derivative), 2e-6, 3e-7, 'derivative');
      },
    );

    /** What float32 makes of numbers beyond its range. */
    function overflowing(golden: Golden): Golden {
      if (exact) return golden;
      return flat(golden).map((value) =>
        value === undefined ? null : Math.abs(value) > 3.4028235e38 ? value * Infinity : value,
      );
    }

    test('prelu, its derivative and the gradient of its slope', () => {
      const count = flat(prelu.x).length;
      const { y, dx, backend } = passed('prelu', 1, prelu.x, new Float32Array(count).fill(1));
      expectClose(y, prelu.y, 1e-6, 1e-45, 'y');
      expectClose(dx, prelu.derivative, 1e-6, 0, 'derivative');
      expectClose(backend.readGradient(0), prelu.slopeGradient, 1e-5, 0, 'slope');
    });

    test.each(['softmax', 'logSoftmax'] as const)('%s and its Jacobian, row by row', (which) => {
      for (const row of rows) {
        const { y, dx } = passed(which, flat(row.x).length, row.x, flat(row.dy) as number[]);
        expectClose(y, row[which].y, 1e-6, 1e-30, 'y');
        expectClose(dx, row[which].dx, 1e-5, 1e-6, 'dx');
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

    /** The activation a loss on probabilities comes after, or identity. */
    function outputOf({ loss }: Case): 'softmax' | 'sigmoid' | 'identity' {
      if (typeof loss !== 'string' && loss.fromLogits) return 'identity';
      const lossName = typeof loss === 'string' ? loss : loss.name;
      if (lossName === 'binaryCrossEntropy') return 'sigmoid';
      return /ategorical|klDivergence/.test(lossName) ? 'softmax' : 'identity';
    }

    /** What goes into the activation for p to come out. */
    const before = {
      softmax: (p: number) => Math.log(p),
      sigmoid: (p: number) => Math.log(p / (1 - p)),
      identity: (z: number) => z,
    };

    /** d loss / d z of that from d loss / d p. */
    const through = {
      softmax: (gradient: readonly number[], p: readonly number[], columns: number) =>
        gradient.map((g, k) => {
          const first = k - (k % columns);
          let mean = 0;
          for (let j = first; j < first + columns; j++) mean += p[j]! * gradient[j]!;
          return (g - mean) * p[k]!;
        }),
      sigmoid: (gradient: readonly number[], p: readonly number[]) => gradient.map((g, k) => g * p[k]! * (1 - p[k]!)),
      identity: (gradient: readonly number[]) => gradient,
    };

    test.each(cases.map((c, i) => [`${i}: ${name(c.loss)}${c.extreme ? ', extreme logits' : ''}`, c] as const))('%s', (_, c) => {
      const columns = (c.yPred[0] as Golden[]).length;
      const output = outputOf(c);
      const backend = backendOf({ inputs: columns, layers: [activation(output)], loss: c.loss as 'meanSquaredError' });
      const given = flat(c.yPred) as number[];
      const rows = fill(backend, given.map(before[output]), c.yTrue);
      backend.forward(0, rows, true);
      const value = backend.loss(0, false, rows);
      backend.backward(true, false);
      // KL holds targets of 0 to 1e-7; Poisson adds 1e-7 inside the logarithm, PyTorch 1e-8.
      const absolute = /klDivergence|poisson/.test(name(c.loss)) ? 2e-6 : 2e-7;
      const close = /klDivergence|poisson/.test(name(c.loss)) ? close32 : expectClose;
      close([value], [c.value], 1e-6, absolute, 'value');
      const gradient = through[output](flat(c.gradient) as number[], given, columns);
      close(backend.inputGradients(), gradient, 2e-6, 3 * absolute, 'gradient');
    });
  });

  describe('optimizers', () => {
    const { model, x, y, initial, steps, cases } = fixture<{
      model: GoldenModel;
      x: Golden;
      y: Golden;
      initial: Tensors;
      steps: number;
      cases: {
        title: string;
        optimizer: { learningRate: number };
        drift: [number, number];
        losses: number[];
        afterOneStep: Tensors;
        parameters: Tensors;
      }[];
    }>('optimizers.json');

    test.each(cases.map((c) => [c.title, c] as const))('%s: 50 steps', (title, c) => {
      const options = optionsOf(model, c.optimizer);
      const train = (backend: Backend, check: (backend: Backend) => void) => {
        load(backend, initial);
        const rows = fill(backend, x, y);
        return Array.from({ length: steps }, (_, t) => {
          const loss = trainAll(backend, rows, c.optimizer.learningRate);
          if (t === 0) check(backend);
          return loss;
        });
      };
      const backend = backendOf(options);
      if (title === 'nadam') {
        // PyTorch 1.13 has one momentum twice; the baseline, checked against the rule as 2.0 has it, stands in.
        const oracle = new PlainBackend(backend.plan, { precision: 'float64' });
        const wanted = train(oracle, () => undefined);
        expectClose(
          train(backend, () => undefined),
          wanted,
          1e-6,
          2e-6,
          'losses',
        );
        backend.plan.tensors.forEach((t, i) => {
          expectClose(backend.readTensor(i), [...oracle.readTensor(i)], 1e-6, 2e-5, t.name);
        });
        return;
      }
      const tolerance = afterDrift(c.drift[1]);
      const losses = train(backend, () => expectTensors(backend, c.afterOneStep, 1e-6, tolerance, 'after one step'));
      expectClose(losses, c.losses, 1e-6, afterDrift(c.drift[0]), 'losses');
      expectTensors(backend, c.parameters, 1e-6, tolerance);
    });
  });

  describe('traces', () => {
    interface Case {
      activation: string;
      loss: string;
      optimizer: string;
      batchNorm: boolean;
      rows: number;
      losses: number[];
      drift: [number, number];
      checksums: Readonly<Record<string, [number, number]>>;
      parameters?: Tensors;
      predictions?: Golden;
    }
    const { inputs, steps, x, y, models, optimizers, initial, cases } = fixture<{
      inputs: number;
      steps: number;
      x: Golden[];
      y: Readonly<Record<string, Golden[]>>;
      models: (GoldenModel & { batchNorm: boolean })[];
      optimizers: Readonly<Record<string, { learningRate: number }>>;
      initial: { plain: Tensors; batchNorm: Tensors };
      cases: Case[];
    }>('traces.json');

    const groups = new Map<string, Case[]>();
    for (const c of cases) {
      const title = `${c.activation}${c.batchNorm ? ' with batch norm' : ''}`;
      groups.set(title, [...(groups.get(title) ?? []), c]);
    }

    test('there are 12 activations x 4 losses x 7 optimizers, with and without batch norm, and 96 of one row', () => {
      expect(cases.length).toBe(12 * 4 * 7 * 2 + 96);
    });

    test.each([...groups])('%s: five steps with every loss and optimizer', (_, group) => {
      for (const c of group) {
        const what = `${c.loss}, ${c.optimizer}, ${c.rows} rows`;
        const model = models.find((m) => m.loss === c.loss && m.batchNorm === c.batchNorm)!;
        const rule = optimizers[c.optimizer]!;
        const backend = backendOf(optionsOf({ ...model, inputs }, rule, c.activation));
        load(backend, c.batchNorm ? initial.batchNorm : initial.plain);
        const rows = fill(backend, x.slice(0, c.rows), y[c.loss]!.slice(0, c.rows));
        const losses = Array.from({ length: steps }, () => trainAll(backend, rows, rule.learningRate));
        expectClose(losses, c.losses, 2e-6, afterDrift(c.drift[0]), what);
        const tolerance = afterDrift(c.drift[1]);
        for (const [tensorName, [sum, norm]] of Object.entries(c.checksums)) {
          const values = backend.readTensor(tensor(backend, tensorName));
          let total = 0;
          let squares = 0;
          for (const v of values) {
            total += v;
            squares += v * v;
          }
          const errors = tolerance * Math.sqrt(values.length);
          expectClose([total, Math.sqrt(squares)], [sum, norm], 2e-6, errors, `${what}: ${tensorName}`);
        }
        if (c.parameters !== undefined) expectTensors(backend, c.parameters, 2e-6, tolerance, what);
        if (c.predictions !== undefined) {
          const all = fill(backend, x);
          backend.forward(0, all, false);
          expectClose(outputsOf(backend, all), c.predictions, 1e-5, 10 * tolerance, `${what}: predictions`);
        }
      }
    });
  });

  describe.each(['normalization', 'residual'])('%s', (file) => {
    const { cases } = fixture<{
      cases: {
        title: string;
        model: GoldenModel;
        learningRate: number;
        initial: Tensors;
        steps: {
          x: Golden;
          y: Golden;
          evalOutputBefore: Golden;
          output: Golden;
          loss: number;
          gradients: Tensors;
          inputGradient: Golden;
          after: Tensors;
          evalOutputAfter: Golden;
        }[];
      }[];
    }>(`${file}.json`);

    test.each(cases.map((c) => [c.title, c] as const))('%s: outputs, gradients and statistics, step by step', (_, c) => {
      const backend = backendOf(optionsOf(c.model, { name: 'sgd', learningRate: c.learningRate }));
      load(backend, c.initial);
      c.steps.forEach((step, t) => {
        const rows = fill(backend, step.x, step.y);
        // Over two rows batch norm's gradient is what is left of numbers that cancel, times 1 / deviation.
        const absolute = rows === 2 ? 2e-4 : 2e-5;
        const close = (actual: ArrayLike<number>, golden: Golden, what: string) =>
          expectClose(actual, golden, 1e-4, absolute, `step ${t}, ${what}`);
        backend.forward(0, rows, false);
        close(outputsOf(backend, rows), step.evalOutputBefore, 'prediction before');
        backend.zeroGradients();
        backend.forward(0, rows, true);
        close(outputsOf(backend, rows), step.output, 'output');
        close([backend.loss(0, false, rows)], [step.loss], 'loss');
        backend.backward(true, true);
        for (const [tensorName, gradient] of Object.entries(step.gradients))
          close(backend.readGradient(tensor(backend, tensorName)), gradient, `gradient of ${tensorName}`);
        close(backend.inputGradients(), step.inputGradient, 'input gradient');
        backend.step(c.learningRate, rows);
        for (const [tensorName, after] of Object.entries(step.after))
          close(backend.readTensor(tensor(backend, tensorName)), after, tensorName);
        backend.forward(0, rows, false);
        close(outputsOf(backend, rows), step.evalOutputAfter, 'prediction after');
      });
    });
  });

  describe('clipping', () => {
    interface Clip {
      by: 'value' | 'norm' | 'globalNorm';
      limit: number;
    }
    const { before, cases, maxNorm, training } = fixture<{
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

    // A layer whose weights' gradients are the values given: rows of the identity as x, the values as the loss's gradient. The
    // norm of several tensors together is the business of the training runs below.
    test.each(cases.filter((c) => c.by !== 'globalNorm').map((c) => [c.by, c.limit, c] as const))(
      'by %s, %f: what a step takes off weights of zero is the clipped gradient',
      (by, limit, c) => {
        for (const [tensorName, golden] of Object.entries(before)) {
          const rows = golden as Golden[];
          const matrix = Array.isArray(rows[0]) ? rows : [rows]; // a bias: the weights of one input
          const outputs = (matrix[0] as Golden[]).length;
          const backend = backendOf({
            inputs: matrix.length,
            layers: [dense(outputs, { bias: false })],
            optimizer: { name: 'sgd' },
            clip: { [by]: limit },
          });
          backend.writeTensor(0, new Float32Array(matrix.length * outputs));
          const identity = matrix.map((_, i) => matrix.map((_, j) => (i === j ? 1 : 0)));
          fill(backend, identity);
          backend.zeroGradients();
          backend.forward(0, matrix.length, true);
          setOutputGradient(backend, flat(matrix) as number[]);
          backend.backward(false, true);
          backend.step(1, matrix.length);
          const taken = backend.readTensor(0).map((w) => -w);
          expectClose(taken, flat(c.after[tensorName]!) as number[], 2e-6, 1e-9, tensorName);
        }
      },
    );

    test.each(training.runs.map((r) => [r.by, name(r.optimizer), r] as const))('training clipped by %s, %s', (by, _, r) => {
      const backend = backendOf({ ...optionsOf(training.model, r.optimizer), clip: { [by]: r.limit } });
      load(backend, training.initial);
      const rows = fill(backend, training.x, training.y);
      const losses = Array.from({ length: training.steps }, () => trainAll(backend, rows, r.optimizer.learningRate));
      expectClose(losses, r.losses, 2e-6, 2e-6, 'losses');
      expectTensors(backend, r.parameters, 2e-6, 5e-6);
    });

    test.each(maxNorm.map((c) => [c.limit, c] as const))('max-norm %f holds each unit’s incoming weights', (limit, c) => {
      const columns = (c.before[0] as Golden[]).length;
      const layers = [dense(columns, { maxNorm: limit, bias: false })];
      const backend = backendOf({ inputs: c.before.length, layers, optimizer: { name: 'sgd' } });
      backend.writeTensor(0, flat(c.before) as number[]);
      backend.reserve(1, 1, true);
      backend.zeroGradients();
      backend.step(1, 1);
      close32(backend.readTensor(0), c.after, 1e-6, exact ? 1e-9 : 1e-7); // torch.renorm adds 1e-7 to the norm
    });
  });

  describe('input gradients', () => {
    const { x, cases, hessian } = fixture<{
      x: Golden[];
      cases: { title: string; model: GoldenModel; initial: Tensors; predictions: Golden; inputGradients: Golden[] }[];
      hessian: { model: GoldenModel; initial: Tensors; hessians: Golden[] };
    }>('input-gradients.json');

    test.each(cases.map((c) => [c.title, c] as const))('%s: d output / d inputs of the network that predicts', (_, c) => {
      const backend = backendOf(optionsOf(c.model));
      load(backend, c.initial);
      const rows = fill(backend, x);
      const { outputs } = backend.plan;
      for (let output = 0; output < outputs; output++) {
        backend.forward(0, rows, false);
        if (output === 0) expectClose(outputsOf(backend, rows), c.predictions, 2e-6, 2e-6, 'predictions');
        const chosen = new Float32Array(rows * outputs);
        for (let i = 0; i < rows; i++) chosen[i * outputs + output] = 1;
        setOutputGradient(backend, chosen);
        backend.backward(true, false);
        expectClose(backend.inputGradients(), c.inputGradients[output]!, 1e-5, 5e-6, `output ${output}`);
      }
    });

    test('inputHessian has PyTorch’s second derivatives', () => {
      const model = new MLP({ ...optionsOf(hessian.model), deterministic });
      for (const parameter of model.parameters())
        parameter.set(Float32Array.from(flat(hessian.initial[parameter.name]!) as number[]));
      const rows = x.map((row) => flat(row) as number[]);
      inputHessian(model, rows).forEach((matrix, i) => {
        close32(matrix.data, hessian.hessians[i]!, 1e-5, 1e-6, `row ${i}`);
      });
    });
  });

  describe('compat', () => {
    const pytorch = fixture<{
      cases: {
        title: string;
        model: GoldenModel;
        x: Golden[];
        y: Golden[];
        initial: Tensors;
        batchSize: number;
        epochs: number;
        runs: { optimizer: string; drift: [number, number]; losses: number[]; parameters: Tensors; predictions: Golden }[];
      }[];
    }>('compat-pytorch.json');

    test.each(
      pytorch.cases.flatMap((c) =>
        c.runs.filter((r) => r.optimizer !== 'nadam').map((r) => [c.title, r.optimizer, c, r] as const),
      ),
    )("compat: 'pytorch', %s, %s: 50 steps with every default", (_title, optimizer, c, r) => {
      const backend = backendOf({ ...optionsOf(c.model, optimizer), compat: 'pytorch' });
      load(backend, c.initial);
      const rows = fill(backend, c.x, c.y);
      const rate = backend.plan.optimizer.learningRate.rate({ step: 0, epoch: 0, plateau: 1 });
      const { batchSize } = c;
      const losses: number[] = [];
      for (let epoch = 0; epoch < c.epochs; epoch++) {
        backend.rates.fill(rate);
        const request = { rows, batchSize, accumulate: 1, weighted: false, keepOutputs: false, ignoreDivergence: true };
        const done = backend.train(request);
        losses.push(...backend.losses.subarray(0, done));
      }
      expectClose(losses, r.losses, 2e-6, afterDrift(r.drift[0]), 'losses');
      expectTensors(backend, r.parameters, 2e-6, afterDrift(r.drift[1]));
      const first = fill(backend, c.x.slice(0, 8));
      backend.forward(0, first, false);
      expectClose(outputsOf(backend, first), r.predictions, 2e-6, 5 * afterDrift(r.drift[1]), 'predictions');
    });

    const sklearn = fixture<{
      cases: {
        title: string;
        estimator: 'MLPClassifier' | 'MLPRegressor';
        model: GoldenModel;
        optimizer: { name: string; learningRate: number };
        alpha: number;
        batchSize: number;
        epochs: number;
        x: Golden[];
        y: Golden[];
        initial: Tensors;
        parameters: Tensors;
        stepLosses: number[];
        /** Whether scikit-learn itself ran in float32. */
        float32?: boolean;
      }[];
    }>('compat-sklearn.json');

    // scikit-learn shows a regressor's loss as a mean over the outputs, and steps along the sum.
    test.each(sklearn.cases.map((c) => [c.title, c] as const))("compat: 'sklearn', %s: 50 steps", (_, c) => {
      const outputs = c.model.layers[c.model.layers.length - 1]![1] as number;
      const regressor = c.estimator === 'MLPRegressor';
      const loss = lossOf(c);
      const options = optionsOf({ ...c.model, loss }, c.optimizer);
      const plan = resolveNetwork({ ...options, compat: 'sklearn', deterministic });
      const backend = make(withAlpha(plan, c.alpha));
      load(backend, c.initial);
      const losses: number[] = [];
      for (let epoch = 0; epoch < c.epochs; epoch++)
        for (let first = 0; first < c.x.length; first += c.batchSize) {
          const y = c.y.slice(first, first + c.batchSize);
          const rows = fill(backend, c.x.slice(first, first + c.batchSize), y);
          const penalty = (c.alpha / 2 / rows) * squaredWeights(backend);
          backend.zeroGradients();
          backend.forward(0, rows, true);
          losses.push(penalty + backend.loss(0, false, rows) / (regressor ? outputs : 1));
          backend.backward(false, true);
          backend.step(c.optimizer.learningRate, rows);
        }
      (c.float32 ? close32 : expectClose)(losses, c.stepLosses, 5e-6, 5e-6, 'losses');
      (c.float32 ? tensors32 : expectTensors)(backend, c.parameters, 1e-4, 1e-5);
    });

    function lossOf({ estimator, model }: (typeof sklearn.cases)[number]): string {
      const [, units, { activation = 'identity' } = {}] = model.layers[model.layers.length - 1] as [
        string,
        number,
        { activation?: string }?,
      ];
      if (estimator === 'MLPRegressor') return 'meanSquaredError';
      return activation === 'sigmoid' || units === 1 ? 'binaryCrossEntropy' : 'sparseCategoricalCrossEntropy';
    }

    function squaredWeights(backend: Backend): number {
      let sum = 0;
      backend.plan.tensors.forEach(({ role }, i) => {
        if (role === 'weight') for (const w of backend.readTensor(i)) sum += w * w;
      });
      return sum;
    }
  });
});

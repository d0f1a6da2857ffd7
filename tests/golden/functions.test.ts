// Activations, losses, clipping and gradients of inputs in whole networks, on every backend, against PyTorch. Functions alone: tests/baseline/functions.test.ts.

import { describe, test } from 'vitest';
import { inputHessian } from '../../src/mlp/float64.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activation, dense } from '../../src/plan/layers.js';
import { fixture } from '../support/fixtures.js';
import {
  expectClose as close32,
  fill,
  flat,
  load,
  optionsOf,
  outputsOf,
  trainAll,
  type Golden,
  type GoldenModel,
} from '../support/golden.js';
import { backends, goldenMeans, name, type Tensors } from './backends.js';

describe.each(backends)('golden values on $name', (backend) => {
  const { backendOf, expectClose, expectTensors, setOutputGradient } = goldenMeans(backend);
  const { exact, deterministic } = backend;

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
});

// Trainings on every backend against those of PyTorch: optimizers, whole traces, normalization, residual blocks.

import { describe, expect, test } from 'vitest';
import { PlainBackend } from '../../src/baseline/backend.js';
import type { Backend } from '../../src/training/backend.js';
import { fixture } from '../support/fixtures.js';
import { fill, load, optionsOf, outputsOf, tensor, trainAll, type Golden, type GoldenModel } from '../support/golden.js';
import { afterDrift, backends, goldenMeans, type Tensors } from './backends.js';

describe.each(backends)('golden values on $name', (backend) => {
  const { backendOf, expectClose, expectTensors } = goldenMeans(backend);

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
});

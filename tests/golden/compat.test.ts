// The settings of other frameworks (`compat`) on every backend, against PyTorch and scikit-learn.

import { describe, test } from 'vitest';
import type { Backend } from '../../src/training/backend.js';
import { resolveNetwork } from '../../src/plan/network.js';
import { fixture } from '../support/fixtures.js';
import {
  expectClose as close32,
  expectTensors as tensors32,
  fill,
  load,
  optionsOf,
  outputsOf,
  type Golden,
  type GoldenModel,
  withAlpha,
} from '../support/golden.js';
import { afterDrift, backends, goldenMeans, type Tensors } from './backends.js';

describe.each(backends)('golden values on $name', (backend) => {
  const { backendOf, expectClose, expectTensors } = goldenMeans(backend);
  const { deterministic, make } = backend;

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

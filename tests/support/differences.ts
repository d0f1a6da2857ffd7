// Backpropagation against central differences, on any backend that computes in float64.

import { Counter } from '../../assembly/abi.js';
import type { Backend } from '../../src/training/backend.js';
import { Random } from '../../src/data/random.js';
import type { NetworkPlan } from '../../src/plan/network.js';
import { fill } from './golden.js';

/** Inputs, targets that fit the loss, and parameters away from their starting values (gammas, biases and slopes too). */
export function randomState(backend: Backend, rows: number, seed: number): void {
  const { plan } = backend;
  const random = new Random(seed, 'differences');
  const x = Array.from({ length: rows * plan.inputs }, () => random.normal());
  fill(
    backend,
    x,
    targetsFor(plan, rows, random),
    Array.from({ length: rows }, () => random.between(0.5, 2)),
  );
  plan.tensors.forEach(({ role, fanIn }, i) => {
    const spread = {
      weight: 1 / Math.sqrt(fanIn),
      bias: 0.3,
      beta: 0.3,
      gamma: 0.3,
      gain: 0.3,
      slope: 0.2,
      runningMean: 0.3,
      runningVariance: 0.3,
    }[role];
    const centre = role === 'gamma' || role === 'gain' || role === 'runningVariance' ? 1 : role === 'slope' ? 0.3 : 0;
    backend.writeTensor(
      i,
      backend.readTensor(i).map(() => centre + spread * random.between(-1.5, 1.5)),
    );
  });
}

/** Rows of targets of the kind the plan's loss needs. */
function targetsFor({ loss, targetColumns, outputs }: NetworkPlan, rows: number, random: Random): number[] {
  const target = {
    real: () => random.normal(),
    unit: () => random.uniform(),
    simplex: () => random.between(0.1, 1),
    class: () => random.below(outputs),
    sign: () => (random.uniform() < 0.5 ? -1 : 1),
    count: () => random.below(4),
  }[loss.targets];
  const targets = Array.from({ length: rows * targetColumns }, target);
  if (loss.targets !== 'simplex') return targets;
  return targets.map((t, k) => {
    const row = Math.floor(k / targetColumns) * targetColumns;
    return t / targets.slice(row, row + targetColumns).reduce((a, b) => a + b);
  });
}

/**
 * The largest disagreement between backward() and central differences, over every trainable parameter and every input, as
 * |difference| / (1e-5 |gradient| + 1e-7): at most 1 is agreement. A difference that straddles a kink is taken again in a
 * smaller step.
 */
export function worstDisagreement(
  backend: Backend,
  rows: number,
  training: boolean,
  weighted = false,
): { ratio: number; where: string } {
  const { plan } = backend;
  const running = plan.tensors.map((t, i) => (t.trainable ? undefined : backend.readTensor(i)));
  const value = () => {
    const counters = backend.readCounters();
    counters[Counter.Draws] = 3; // the same masks every time
    backend.writeCounters(counters);
    running.forEach((statistics, i) => {
      if (statistics !== undefined) backend.writeTensor(i, statistics);
    });
    backend.forward(0, rows, training);
    return backend.loss(0, weighted, rows);
  };
  backend.zeroGradients();
  value();
  backend.backward(true, true);
  const inputs = backend.inputGradients().slice();
  const gradients = plan.tensors.map((_, i) => backend.readGradient(i));
  let worst = { ratio: 0, where: '' };
  const compare = (gradient: number, set: (shift: number) => void, where: string) => {
    let ratio = Infinity;
    for (const h of [1e-5, 1e-6, 1e-4, 1e-7]) {
      set(h);
      const above = value();
      set(-h);
      const difference = (above - value()) / (2 * h);
      set(0);
      const next = Math.abs(difference - gradient) / (1e-5 * Math.abs(gradient) + 1e-7);
      if (!(next >= ratio)) ratio = next;
      if (ratio <= 1) break;
    }
    if (!(ratio <= worst.ratio)) worst = { ratio, where };
  };
  plan.tensors.forEach(({ name, trainable }, i) => {
    if (!trainable) return;
    const values = backend.readTensor(i);
    values.forEach((w, k) => {
      const set = (shift: number) => {
        values[k] = w + shift;
        backend.writeTensor(i, values);
      };
      compare(gradients[i]![k]!, set, `${name}[${k}]`);
    });
  });
  for (let k = 0; k < rows * plan.inputs; k++) {
    const at = Math.floor(k / plan.inputs) * backend.xStride + (k % plan.inputs);
    const x = backend.x[at]!;
    compare(
      inputs[k]!,
      (shift) => {
        backend.x[at] = x + shift;
      },
      `x[${k}]`,
    );
  }
  return worst;
}

// Every backend against PyTorch and scikit-learn: see tests/fixtures/README.md. The references are float64: the baseline in
// float64 gives them to nine digits, and backends in float32 to a few units in the last place of a value, over many steps to a
// multiple of what PyTorch's own float32 run is off by (`drift`).

import { PlainBackend } from '../../src/baseline/backend.js';
import { CoreBackend } from '../../src/core/backend.js';
import type { Backend } from '../../src/training/backend.js';
import { resolveNetwork, type MLPOptions, type NetworkPlan } from '../../src/plan/network.js';
import { expectClose as close32, expectTensors as tensors32, type Golden } from '../support/golden.js';

export type Tensors = Readonly<Record<string, Golden>>;

/** Who computes, and how exactly: a float64 backend has to give PyTorch's float64 numbers to nine digits. */
export const backends: readonly { name: string; exact: boolean; deterministic: boolean; make: (plan: NetworkPlan) => Backend }[] =
  [
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

export const name = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

/** Both are bound by rounding: 50 steps of a rule that divides by a small root magnify it, PyTorch's run says by how much. */
export const afterDrift = (drift: number) => 20 * drift + 2e-6;

/** What tests of golden values ask of a backend, and how near they hold its answers. */
export function goldenMeans({ exact, deterministic, make }: (typeof backends)[number]) {
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
  return { backendOf, expectClose, expectTensors, setOutputGradient };
}

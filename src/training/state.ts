// The whole state of a model and its training as plain data: what a clone takes over, and what a saved training resumes
// from, to the bit.

import { isFloat32, isFloat64 } from '../brands.js';
import { Counter } from '../../assembly/abi.js';
import { sizeOf, type Floats } from '../data/allocate.js';
import { fail, show } from '../errors.js';
import type { MLPOptions, NetworkPlan } from '../plan/network.js';
import { resolveRate } from '../plan/resolveRate.js';
import type { LearningRate } from '../plan/schedules.js';
import { checkSigns } from '../plan/signs.js';
import type { Backend, CurvaturePair } from './backend.js';
import type { ProgressNumbers } from './progress.js';
import type { Trainer } from './trainer.js';

/** Everything a backend holds between two steps. */
export interface TensorState {
  /** By tensor, in the order of plan.tensors. */
  readonly tensors: readonly Floats[];
  /** Empty without weight averaging. */
  readonly averages: readonly Floats[];
  /** [slot][tensor]; tensors that are not trainable have empty slots. */
  readonly slots: readonly (readonly Floats[])[];
  /** Optimizer steps taken, and the running products that some rules keep. */
  readonly counters: Float64Array;
}

/**
 * All of a model and its training as plain data: weights, optimizer state, and where training stands. restoreState takes it
 * back to the bit.
 */
export interface ModelState extends TensorState {
  /** The options the model was made from. */
  readonly options: MLPOptions;
  /** The tensors' names, in order. */
  readonly names: readonly string[];
  /** The tensors' shapes, in order. */
  readonly shapes: readonly (readonly number[])[];
  /** By tensor: its learning rate and whether it is frozen, as set since the model was made. */
  readonly rules: readonly {
    /** What the learning rate is multiplied by for this tensor. */
    readonly learningRateScale: number;
    /** Whether it stays as it is. */
    readonly frozen: boolean;
  }[];
  /** Where training stands. */
  readonly progress: ProgressNumbers;
  /** A learning rate set since; a function cannot be saved and is left out. */
  readonly learningRate: LearningRate | undefined;
  /** Early stopping's best epoch, where it will go back to it. */
  readonly best: TensorState | undefined;
  /** L-BFGS: steps and differences of gradients, oldest first. */
  readonly curvature: readonly CurvaturePair[];
}

export function saveState(trainer: Trainer): ModelState {
  const { backend, plan, progress } = trainer;
  let best: TensorState | undefined;
  if (progress.best !== undefined) {
    const now = backend.snapshot();
    backend.restore(progress.best);
    try {
      best = readAll(backend);
    } finally {
      backend.restore(now);
    }
  }
  const { spec } = progress.rate;
  return {
    options: plan.options,
    names: plan.tensors.map((tensor) => tensor.name),
    shapes: plan.tensors.map((tensor) => tensor.shape),
    ...readAll(backend),
    rules: trainer.rules.map((rule) => ({ ...rule })),
    progress: progress.numbers(),
    learningRate: progress.rate === plan.optimizer.learningRate || typeof spec === 'function' ? undefined : spec,
    best,
    curvature: backend.curvature.read(),
  };
}

/** Takes a state over. @throws ERR_SHAPE when it is of another network, ERR_TYPE when it is no state; nothing has changed then. */
export function loadState(trainer: Trainer, state: ModelState): void {
  const { backend, plan, progress } = trainer;
  if (!isObject(state)) refuseState('state', state);
  for (const part of ['names', 'shapes', 'tensors', 'averages', 'slots', 'rules', 'curvature'] as const)
    if (!Array.isArray(state[part])) refuseState(part, state[part]);
  plan.tensors.forEach(({ name, shape }, i) => {
    const given: unknown = state.shapes[i];
    const same = Array.isArray(given) && given.length === shape.length && shape.every((n, k) => given[k] === n);
    if (same && state.names[i] === name && state.tensors[i]?.length === sizeOf(shape)) return;
    const size = Array.isArray(given) ? Array.from(given.slice(0, 4), show).join(' x ') : 'no size';
    fail(
      'ERR_SHAPE',
      `restoreState: this model has ${name} of ${shape.join(' x ')}, the state has ${show(state.names[i])} of ${size} in its place.`,
    );
  });
  if (state.tensors.length !== plan.tensors.length)
    fail('ERR_SHAPE', `restoreState: the state has ${state.tensors.length} tensors, this model ${plan.tensors.length}.`);
  if (state.slots.length !== plan.optimizer.slots.length || plan.averagingDecay > 0 !== state.averages.length > 0)
    fail(
      'ERR_SHAPE',
      `restoreState: the state is of another optimizer than this model's ${plan.optimizer.name}, or differs in weightAveraging.`,
    );
  checkTensors(plan, state, '');
  if (state.best !== undefined) checkTensors(plan, state.best, 'best.');
  checkRest(plan, state);
  // What needs memory comes before the first change.
  if (plan.optimizer.slots.length > 0 || plan.averagingDecay > 0 || state.curvature.length > 0) backend.reserve(1, 1, true);
  progress.best = state.best && asSnapshot(backend, state.best);
  writeAll(backend, state);
  for (const [i, rule] of state.rules.entries()) trainer.setRule(i, rule.learningRateScale, rule.frozen);
  trainer.setRate(state.learningRate);
  progress.take(state.progress);
  backend.curvature.write(state.curvature);
  trainer.stage = 'none';
}

/** A state as the backend keeps it. The backend's own stays as it is. */
function asSnapshot(backend: Backend, state: TensorState): ArrayBuffer {
  const before = backend.snapshot();
  writeAll(backend, state);
  try {
    return backend.snapshot();
  } finally {
    backend.restore(before);
  }
}

// ---- what a state must look like: it may come from a file, another thread, or a hand that changed it ---------

function refuseState(part: string, value: unknown): never {
  return fail('ERR_TYPE', `restoreState: expected what model.state() gives, but its ${part} is ${show(value)}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isNumbers(value: unknown, length: number): boolean {
  return (isFloat32(value) || isFloat64(value)) && value.length === length;
}

function checkTensors(plan: NetworkPlan, state: TensorState, where: string): void {
  const { tensors, optimizer, averagingDecay } = plan;
  const check = (part: string, list: unknown, wanted: (i: number) => number) => {
    if (!Array.isArray(list) || list.length !== tensors.length) refuseState(`${where}${part}`, list);
    for (let i = 0; i < list.length; i++) if (!isNumbers(list[i], wanted(i))) refuseState(`${where}${part}[${i}]`, list[i]);
  };
  if (!isObject(state)) refuseState(where, state);
  const size = (i: number) => sizeOf(tensors[i]!.shape);
  const trained = (i: number) => (tensors[i]!.trainable ? size(i) : 0);
  check('tensors', state.tensors, size);
  tensors.forEach(({ name, signs }, i) => {
    checkSigns(state.tensors[i]!, signs, name);
  });
  if (averagingDecay > 0) {
    check('averages', state.averages, trained);
    tensors.forEach(({ name, signs }, i) => {
      checkSigns(state.averages[i]!, signs, `average of ${name}`);
    });
  }
  if (!Array.isArray(state.slots) || state.slots.length !== optimizer.slots.length) refuseState(`${where}slots`, state.slots);
  for (let s = 0; s < optimizer.slots.length; s++) check(`slots[${s}]`, state.slots[s], trained);
  if (!isNumbers(state.counters, Counter.Count)) refuseState(`${where}counters`, state.counters);
}

function checkRest(plan: NetworkPlan, { rules, progress, learningRate, curvature }: ModelState): void {
  const isCount = (value: unknown) => typeof value === 'number' && Number.isInteger(value) && value >= 0;
  if (rules.length !== plan.tensors.length) refuseState('rules', rules);
  for (const [i, rule] of rules.entries())
    if (!isObject(rule) || !(rule.learningRateScale >= 0) || typeof rule.frozen !== 'boolean') refuseState(`rules[${i}]`, rule);
  if (!isObject(progress)) refuseState('progress', progress);
  for (const part of ['epoch', 'position', 'batches', 'steps'] as const)
    if (!isCount(progress[part])) refuseState(`progress.${part}`, progress[part]);
  for (const part of ['lossSum', 'plateau'] as const)
    if (typeof progress[part] !== 'number') refuseState(`progress.${part}`, progress[part]);
  if (!Array.isArray(progress.metricSums)) refuseState('progress.metricSums', progress.metricSums);
  for (const part of ['shape', 'plateauWatch', 'earlyWatch', 'stallWatch'] as const)
    if (!isObject(progress[part])) refuseState(`progress.${part}`, progress[part]);
  const { rows } = progress.shape;
  if (rows > 0 && progress.position > rows) refuseState('progress.position', progress.position);
  if (learningRate !== undefined) resolveRate(learningRate, 'restoreState: learningRate');
  for (const [i, pair] of curvature.entries())
    if (!isObject(pair) || !isNumbers(pair.s, pair.s?.length) || !isNumbers(pair.y, pair.s.length))
      refuseState(`curvature[${i}]`, pair);
}

// ---- reading and writing -------------------------------------------------------------------------------------

const nothing = new Float32Array(0);

function readAll(backend: Backend): TensorState {
  const { tensors, optimizer, averagingDecay } = backend.plan;
  return {
    tensors: tensors.map((_, i) => backend.readTensor(i)),
    averages: averagingDecay > 0 ? tensors.map((tensor, i) => (tensor.trainable ? backend.readAverage(i) : nothing)) : [],
    slots: optimizer.slots.map((_, s) => tensors.map((tensor, i) => (tensor.trainable ? backend.readSlot(s, i) : nothing))),
    counters: backend.readCounters(),
  };
}

function writeAll(backend: Backend, state: TensorState): void {
  const { tensors } = backend.plan;
  tensors.forEach((tensor, i) => {
    backend.writeTensor(i, state.tensors[i]!);
    if (!tensor.trainable) return;
    if (state.averages.length > 0) backend.writeAverage(i, state.averages[i]!);
    for (const [s, slot] of state.slots.entries()) backend.writeSlot(s, i, slot[i]!);
  });
  backend.writeCounters(state.counters);
}

/** Weights, averages and counters of one backend into another of the same network. */
export function copyTensors(to: Backend, from: Backend): void {
  const { tensors, averagingDecay } = from.plan;
  tensors.forEach((tensor, i) => {
    to.writeTensor(i, from.readTensor(i));
    if (averagingDecay > 0 && tensor.trainable) to.writeAverage(i, from.readAverage(i));
  });
  to.writeCounters(from.readCounters());
}

/** Everything of one trainer into another of the same network, a learning rate given as a function included. */
export function copyState(to: Trainer, from: Trainer): void {
  loadState(to, saveState(from));
  to.progress.rate = from.progress.rate;
}

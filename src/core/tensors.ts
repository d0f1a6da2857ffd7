// The tensors of a model in the core's memory: read and written by region in their public shapes, and copied all together.
// Weights lie in panels there (src/engine/panels.ts), everything else in rows. Views last for one call.

import { Address, Counter, Measure } from '../../assembly/abi.js';
import { bytes, copyOf, floats } from '../data/allocate.js';
import type { Core } from '../engine/engine.js';
import { fromPanels, toPanels } from '../engine/panels.js';
import type { NetworkPlan } from '../plan/network.js';

/** Where tensors are: Slots is the first slot, the others follow. */
type Region = Address.Parameters | Address.Gradients | Address.Average | Address.Slots;

/** Tensor i's floats in a region (slot s of the slots). */
function viewOf(core: Core, plan: NetworkPlan, region: Region, i: number, s: number): Float32Array {
  const { shape } = plan.tensors[i]!;
  const start = (core.address(region) >>> 0) + 4 * (s * core.measure(Measure.TrainableFloats) + core.tensorOffset(i));
  const padded = (shape[shape.length - 1]! + 3) & ~3;
  return new Float32Array(core.memory.buffer, start, shape.length === 2 ? shape[0]! * padded : padded);
}

/** A copy of tensor i in a region. */
export function readTensor(core: Core, plan: NetworkPlan, region: Region, i: number, s = 0): Float32Array {
  const { shape, role, name } = plan.tensors[i]!;
  const view = viewOf(core, plan, region, i, s);
  if (role !== 'weight') return copyOf(view.subarray(0, shape[0]), name);
  const values = floats(shape[0]! * shape[1]!, name);
  fromPanels(values, view, shape[0]!, shape[1]!);
  return values;
}

/** Overwrites tensor i in a region. */
export function writeTensor(core: Core, plan: NetworkPlan, region: Region, i: number, values: ArrayLike<number>, s = 0): void {
  const { shape, role } = plan.tensors[i]!;
  const view = viewOf(core, plan, region, i, s);
  if (role === 'weight') toPanels(view, values, shape[0]!, shape[1]!);
  else view.set(values);
}

export function countersOf(core: Core): Float64Array {
  return new Float64Array(core.memory.buffer, core.address(Address.Counters) >>> 0, Counter.Count);
}

/** | counters | parameters and statistics | slots and, behind them, averages: when it has trained |, one copy. */
export function snapshotOf(core: Core, plan: NetworkPlan, trained: boolean, room?: ArrayBuffer): ArrayBuffer {
  const parameterBytes = 4 * core.measure(Measure.ParameterFloats);
  const slotBytes = trained ? slotBytesOf(core, plan) : 0;
  const length = 8 * Counter.Count + parameterBytes + slotBytes;
  const snapshot = room?.byteLength === length ? new Uint8Array(room) : bytes(length, 'A copy of the weights');
  const { buffer } = core.memory;
  const copy = (at: number, region: Address, length: number) =>
    snapshot.set(new Uint8Array(buffer, core.address(region) >>> 0, length), at);
  copy(0, Address.Counters, 8 * Counter.Count);
  copy(8 * Counter.Count, Address.Parameters, parameterBytes);
  copy(8 * Counter.Count + parameterBytes, Address.Slots, slotBytes);
  return snapshot.buffer;
}

/** Takes a snapshot back. One of before the first training leaves slots and averages as a new model has them. */
export function restoreSnapshot(core: Core, plan: NetworkPlan, snapshot: ArrayBuffer, trained: boolean): void {
  const parameterBytes = 4 * core.measure(Measure.ParameterFloats);
  const memory = new Uint8Array(core.memory.buffer);
  memory.set(new Uint8Array(snapshot, 0, 8 * Counter.Count), core.address(Address.Counters) >>> 0);
  memory.set(new Uint8Array(snapshot, 8 * Counter.Count, parameterBytes), core.address(Address.Parameters) >>> 0);
  if (!trained) return;
  const rest = new Uint8Array(snapshot, 8 * Counter.Count + parameterBytes);
  if (rest.length > 0) memory.set(rest, core.address(Address.Slots) >>> 0);
  else resetSlots(core, plan);
}

/** Slots and averages as a model has them that never trained. */
function resetSlots(core: Core, plan: NetworkPlan): void {
  const length = core.measure(Measure.TrainableFloats);
  const slots = new Float32Array(core.memory.buffer, core.address(Address.Slots) >>> 0, slotBytesOf(core, plan) / 4);
  const { slots: initial } = plan.optimizer;
  initial.forEach((value, s) => slots.fill(value, s * length, (s + 1) * length));
  if (plan.averagingDecay > 0)
    slots.set(new Float32Array(core.memory.buffer, core.address(Address.Parameters) >>> 0, length), initial.length * length);
}

/** Slots and, behind them, averages. */
function slotBytesOf(core: Core, plan: NetworkPlan): number {
  return 4 * core.measure(Measure.TrainableFloats) * (plan.optimizer.slots.length + (plan.averagingDecay > 0 ? 1 : 0));
}

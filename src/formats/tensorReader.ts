// The tensors of a model file: expected by name and shape first, copied after.

import { Counter } from '../../assembly/abi.js';
import { sizeOf, type Floats } from '../data/allocate.js';
import { fail, show } from '../errors.js';
import type { NetworkPlan } from '../plan/network.js';
import type { Container } from './container.js';
import { refuse } from './fileChecks.js';
import { fromFloat16 } from './float16.js';
import { readTensor, type TensorEntry } from './safetensors.js';

/** Reads the tensors that a plan names from a container; whatever else the container holds is refused. */
export class TensorReader {
  private readonly entries: Map<string, TensorEntry>;
  private readonly expected = new Set<string>();

  private readonly file: Uint8Array;

  constructor(
    { file, entries }: Container,
    private readonly plan: NetworkPlan,
    private readonly allowNonFinite: boolean,
  ) {
    this.file = file;
    this.entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  expect(prefix: string, averages: boolean, training: boolean): void {
    const { tensors, optimizer } = this.plan;
    for (const { name, shape, trainable } of tensors) {
      this.want(`${prefix}${name}`, shape);
      if (trainable && averages) this.want(`${prefix}average/${name}`, shape);
      if (trainable && training) for (const s of optimizer.slots.keys()) this.want(`${prefix}slot${s}/${name}`, shape);
    }
    if (training) this.want(`${prefix}counters`, [Counter.Count], ['F64']);
  }

  expectCurvature(i: number): void {
    const most = this.plan.tensors.reduce((sum, { shape, trainable }) => sum + (trainable ? sizeOf(shape) : 0), 0);
    for (const part of ['s', 'y']) {
      const shape = this.entries.get(`curvature/${i}/${part}`)?.shape ?? [];
      if (shape.length !== 1 || shape[0]! > most) refuse(`curvature/${i}/${part} is of shape [${shape.join(', ')}]`);
      this.want(`curvature/${i}/${part}`, shape, ['F64']);
    }
    if (this.entries.get(`curvature/${i}/s`)!.shape[0] !== this.entries.get(`curvature/${i}/y`)!.shape[0])
      refuse(`curvature/${i} is of two lengths`);
  }

  private want(name: string, shape: readonly number[], dtypes: readonly string[] = ['F32', 'F64', 'F16']): void {
    const entry = this.entries.get(name);
    if (entry === undefined) refuse(`the tensor ${show(name)} is missing`);
    if (!dtypes.includes(entry.dtype)) refuse(`${show(name)} is of dtype ${entry.dtype}; expected ${dtypes.join(' or ')}`);
    if (entry.shape.join() !== shape.join())
      refuse(`${show(name)} has the shape [${entry.shape.join(', ')}], but the model needs [${shape.join(', ')}]`);
    this.expected.add(name);
  }

  refuseOthers(): void {
    for (const name of this.entries.keys()) if (!this.expected.has(name)) refuse(`${show(name)} is no tensor of the model`);
  }

  weights(prefix: string): { tensors: Floats[]; averages: Floats[] } {
    const { tensors, averagingDecay } = this.plan;
    return {
      tensors: tensors.map(({ name, role }) => {
        const values = this.read(`${prefix}${name}`);
        if (role === 'runningVariance') checkEach(`${prefix}${name}`, values, (v) => !(v < 0), 'a variance is not negative');
        return values;
      }),
      averages:
        averagingDecay > 0
          ? tensors.map(({ name, trainable }) => (trainable ? this.read(`${prefix}average/${name}`) : nothing))
          : [],
    };
  }

  state(prefix: string): { slots: Floats[][]; counters: Float64Array } {
    const { tensors, optimizer } = this.plan;
    return {
      slots: optimizer.slots.map((_, s) =>
        tensors.map(({ name, trainable }) => (trainable ? this.read(`${prefix}slot${s}/${name}`) : nothing)),
      ),
      counters: readCounters(`${prefix}counters`, this.read(`${prefix}counters`) as Float64Array),
    };
  }

  curvature(i: number): { s: Float64Array; y: Float64Array } {
    return { s: this.read(`curvature/${i}/s`) as Float64Array, y: this.read(`curvature/${i}/y`) as Float64Array };
  }

  private read(name: string): Floats {
    const { dtype, data } = readTensor(this.file, this.entries.get(name)!);
    const values = dtype === 'F16' ? Float32Array.from(data as Uint16Array, fromFloat16) : (data as Floats);
    if (!this.allowNonFinite)
      for (let i = 0; i < values.length; i++)
        if (!Number.isFinite(values[i]))
          fail('ERR_NONFINITE', `Model file: ${name}[${i}] is ${values[i]}. Pass allowNonFinite: true to load it all the same.`, {
            name,
            index: i,
          });
    return values;
  }
}

function checkEach(name: string, values: Floats, fits: (value: number, index: number) => boolean, rule: string): void {
  const wrong = values.findIndex((value, i) => !fits(value, i));
  if (wrong >= 0) refuse(`${name}[${wrong}] is ${values[wrong]}, but ${rule}`);
}

/** Steps and draws count; the others are products of numbers from 0 to 1. */
function readCounters(name: string, counters: Float64Array): Float64Array {
  const counts = (i: number) => i < Counter.Power1;
  checkEach(
    name,
    counters,
    (v, i) => !counts(i) || (Number.isSafeInteger(v) && v >= 0),
    'steps and draws are counted in whole numbers',
  );
  checkEach(name, counters, (v, i) => counts(i) || (v >= 0 && v <= 1), 'a product of numbers from 0 to 1 stays from 0 to 1');
  return counters;
}

const nothing = new Float32Array(0);

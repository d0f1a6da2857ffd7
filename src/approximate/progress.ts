// A run of approximate as bytes: everything that was paid for, and where it stands. A safetensors file with a checksum.

import { fail } from '../errors.js';
import { checkSealed, seal } from '../formats/container.js';
import { type Json, parseJson, writeJson } from '../formats/json.js';
import { asBytes, readSafetensors, writeSafetensors, type TensorInput } from '../formats/safetensors.js';
import { SavedState } from '../data/columns.js';
import type { Domain } from '../data/domain.js';
import { Samples } from './samples.js';
import { Learner } from './learner.js';

const FORMAT = 'feedforward-approximation-progress';

/** What comes next. */
type Next = 'sample' | 'learn' | 'check';

/** Where a run stands. */
export interface Standing {
  next: Next;
  round: number;
  /** Confirmations begun: each spends a part of what may go wrong. */
  attempts: number;
  /** Points of the Sobol sequence that were drawn. */
  drawn: number;
  /** Steps of the next training. */
  steps: number;
  /** Points that the next sampling adds. */
  wanted: number;
  evaluations: number;
  evaluationSeconds: number;
  seconds: number;
  joules: number;
}

/** All of it. */
export interface RunState {
  readonly standing: Standing;
  readonly samples: Samples;
  readonly learner: Learner | undefined;
  /** Where the network erred most. */
  readonly centers: readonly Float64Array[];
}

export function writeProgress(
  { standing, samples, learner, centers }: RunState,
  domain: Domain,
  seed: number,
): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, TensorInput>();
  const put = (name: string, rows: { readonly data: Float64Array; readonly shape: readonly number[] } | undefined) => {
    if (rows !== undefined && samples.rows > 0) tensors.set(name, { data: rows.data, shape: rows.shape });
  };
  put('points', samples.x);
  put('values', samples.y);
  put('gradients', samples.dydx);
  if (centers.length > 0) {
    const data = Float64Array.from(centers.flatMap((center) => [...center]));
    tensors.set('centers', { data, shape: [centers.length, samples.inputs] });
  }
  const { weights } = learner ?? {};
  if (weights !== undefined) tensors.set('weights', { data: weights, shape: [weights.length] });
  const { names, low, high } = domain.toJSON();
  const network = learner && { widths: learner.widths, mean: [...learner.scale.mean], deviation: [...learner.scale.deviation] };
  const state = { domain: { names, low, high }, seed, standing, network: network ?? null };
  const file = writeSafetensors(
    tensors,
    new Map([
      ['format', FORMAT],
      ['checksum', 'crc32:00000000'],
      ['state', writeJson(state, 'progress')],
    ]),
  );
  seal(file);
  return file;
}

/** @throws ERR_FORMAT for anything but whole, unchanged bytes of progress; ERR_OPTION for those of another domain or seed. */
export function readProgress(bytes: Uint8Array, domain: Domain, seed: number): RunState {
  const file = asBytes(bytes, 'resume');
  checkSealed(file, FORMAT, 'resume');
  const { tensors, metadata } = readSafetensors(file);
  const state = new SavedState(parseJson(metadata.get('state') ?? '', 'resume') as Json, 'resume', true);
  const mine = JSON.stringify([domain.names, [...domain.low], [...domain.high], seed]);
  const { names, low, high } = (state.raw('domain') ?? {}) as { names?: unknown; low?: unknown; high?: unknown };
  if (JSON.stringify([names, low, high, state.raw('seed')]) !== mine)
    fail(
      'ERR_OPTION',
      'resume: these bytes are of a run with another domain or another seed. Pass the same domain and seed as then.',
    );
  const saved = state.inner('standing', state.raw('standing'));
  const standing: Standing = {
    next: saved.choice('next', ['sample', 'learn', 'check']),
    round: saved.count('round'),
    attempts: saved.count('attempts'),
    drawn: saved.count('drawn'),
    steps: saved.count('steps'),
    wanted: saved.count('wanted'),
    evaluations: saved.count('evaluations'),
    evaluationSeconds: saved.number('evaluationSeconds'),
    seconds: saved.number('seconds'),
    joules: saved.number('joules'),
  };
  const inputs = domain.names.length;
  const samples = new Samples(inputs);
  const points = tensors.get('points');
  const values = tensors.get('values');
  if (points !== undefined && values !== undefined) {
    const [rows = 0] = points.shape;
    const gradients = tensors.get('gradients')?.data as Float64Array | undefined;
    if (points.shape[1] !== inputs || values.shape[0] !== rows || (gradients && gradients.length !== values.data.length * inputs))
      fail('ERR_FORMAT', 'resume: its samples do not fit each other.');
    samples.add(points.data as Float64Array, values.data as Float64Array, gradients);
  }
  const around = tensors.get('centers')?.data ?? new Float64Array(0);
  const centers = Array.from(
    { length: around.length / inputs },
    (_, i) => around.slice(i * inputs, (i + 1) * inputs) as Float64Array,
  );
  if (state.raw('network') === null) return { standing, samples, learner: undefined, centers };
  const network = state.inner('network', state.raw('network'));
  const mean = network.numbers('mean', samples.outputs);
  const scale = { mean, deviation: network.numbers('deviation', mean.length, Number.MIN_VALUE) };
  const weights = tensors.get('weights')?.data as Float32Array | undefined;
  return { standing, samples, learner: Learner.resume(domain, [...network.numbers('widths')], seed, scale, weights), centers };
}

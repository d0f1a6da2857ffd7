// The arguments of a call that crosses to the worker: X and y as copies, or moved; options without what is done on this side.

import type { MatrixLike } from '../data/matrix.js';
import { fail, FeedforwardError } from '../errors.js';
import { predictRows, type PredictOptions } from '../model/callOptions.js';
import { checkBoolean, checkKeys, readOptions } from '../options.js';
import type { NetworkPlan } from '../plan/network.js';
import type { TargetsLike } from '../training/feeding.js';
import { copyInputs, copyPair, Mover, type CrossingOptions } from './crossing.js';
import type { PlainPair } from './protocol.js';

/** `transfer: true` moves the buffers of X (and y) to the worker instead of copying them: the caller's typed arrays are empty afterwards. */
export interface TransferOptions {
  /** Whether the buffers of the data are moved to the worker instead of copied. */
  readonly transfer?: boolean;
}

/** The options without `transfer`, and it. */
export function splitTransfer<T extends TransferOptions>(options: T, what: string): [Omit<T, 'transfer'>, boolean] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) checkKeys(options, [], what); // refuses it
  const { transfer = false, ...rest } = options;
  return [rest, checkBoolean(transfer, 'transfer')];
}

/** X to send, and the options that are left to send along. */
export function crossInputs(
  plan: NetworkPlan,
  X: MatrixLike,
  options: PredictOptions & TransferOptions,
  what: string,
): [X: MatrixLike, options: PredictOptions] {
  const [{ checkFinite = true, ...rest }, move] = splitTransfer(options, what);
  readOptions(predictRows, rest, what);
  if (move) return [new Mover().inputs(X, plan), { checkFinite }];
  return [copyInputs(X, plan, checkFinite), { checkFinite: false }]; // checked already
}

/** X and y to send, the parts that are ours to move, and the options that are left to send along. */
export function crossPair(plan: NetworkPlan, X: MatrixLike, y: TargetsLike, options: CrossingOptions, move: boolean) {
  const { sampleWeight, classWeight, inputGradients, checkFinite = true, ...rest } = options;
  checkBoolean(checkFinite, 'checkFinite');
  if (move) {
    const pair: PlainPair = new Mover().pair(X, y, plan);
    return { pair, own: [pair.X, pair.y], options };
  }
  const pair = copyPair(X, y, plan, { sampleWeight, classWeight, inputGradients, checkFinite });
  const weights = pair.sampleWeight === undefined ? {} : { sampleWeight: pair.sampleWeight as Float32Array };
  const gradients = pair.inputGradients === undefined ? {} : { inputGradients: pair.inputGradients as MatrixLike };
  return { pair, own: pair, options: { ...rest, ...weights, ...gradients, checkFinite: false } };
}

/** `noun`: whose worker. `advice`: the way out. */
export function terminated(what: string, noun: string, advice: string): FeedforwardError {
  return new FeedforwardError('ERR_DISPOSED', `${what}: terminate() ended this ${noun}'s worker. ${advice}`);
}

/** `here`: the class that takes functions on this thread. @throws ERR_UNSUPPORTED naming the option and the way out. */
export function refuseFunctions(value: unknown, path: string, here: string): void {
  if (typeof value === 'function') {
    const way = /learningRate|^optimizer\./.test(path)
      ? 'Use a schedule such as cosineDecay(…) or warmup(…)' +
        (here === 'MLP' && /learningRate/.test(path) ? ', or call setLearningRate(…) in onBatchEnd or onEpochEnd.' : '.')
      : `Use a built-in one, or train with ${here} on this thread: its fit works in slices.`;
    fail('ERR_UNSUPPORTED', `${path}: a function cannot cross to a worker. ${way}`, { option: path });
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const [key, inner] of Object.entries(value))
    refuseFunctions(inner, Array.isArray(value) ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`, here);
}

// A preset's training that was interrupted, as JSON beside the state of the net in hand.

import { SavedState } from '../data/columns.js';
import type { Model } from '../model/model.js';
import type { EpochLog, StopReason } from '../training/history.js';
import type { Member, Watched } from './members.js';
import type { Unfinished } from './team.js';

/** Plain JSON; the net in hand is the file's network. */
export function unfinishedToJSON({ done, logs, ended }: Unfinished): unknown {
  return {
    done: done.map(({ tensors, losses, validationLosses, bestEpoch, score, watched, rivals }) => ({
      tensors: tensors.map((values) => Array.from(values)),
      losses: losses.map(finite),
      validationLosses: validationLosses.map(finite),
      bestEpoch,
      score: finite(score),
      watched: watched === undefined ? null : plainWatched(watched),
      rivals: rivals === undefined ? null : rivals.map((outputs) => (outputs === undefined ? null : Array.from(outputs))),
    })),
    ended,
    logs: logs.map((log) => Object.fromEntries(Object.entries(log).map(([name, value]) => [name, finite(value as number)]))),
  };
}

function plainWatched({ outputs, columns, truth, weights, numbers }: Watched) {
  return {
    outputs: Array.from(outputs),
    ...{ columns, numbers },
    truth: Array.from(truth),
    weights: weights === undefined ? null : Array.from(weights),
  };
}

/** @throws ERR_FORMAT for anything but what unfinishedToJSON makes for nets like `model`. */
export function unfinishedFromJSON(json: unknown, model: Model, fingerprint: number): Unfinished {
  const saved = new SavedState(json, 'unfinished', true);
  const sizes = model.parameters().map(({ values }) => values.length);
  const done = saved.list('done').map((item, m): Member => {
    const fields = saved.inner(`done[${m}]`, item);
    const score = fields.raw('score');
    const watched =
      fields.raw('watched') === null ? undefined : watchedFromJSON(fields.inner('watched', fields.raw('watched')), model);
    const rows = (watched?.outputs.length ?? 0) / model.outputs;
    return {
      tensors: tensorsFrom(fields, sizes),
      losses: curve(fields.list('losses')),
      validationLosses: curve(fields.list('validationLosses')),
      bestEpoch: fields.count('bestEpoch'),
      score: typeof score === 'number' ? score : Number.NaN,
      watched,
      rivals: fields.raw('rivals') === null ? undefined : rivalsFromJSON(fields, rows * model.outputs),
    };
  });
  const logs = saved.list('logs').map((item, e) => saved.inner(`logs[${e}]`, item) && (item as EpochLog));
  const ended = (saved.raw('ended') === undefined ? 'epochs' : saved.string('ended')) as StopReason; // files of before have none
  return { done, model, logs, ended, fingerprint };
}

function watchedFromJSON(fields: SavedState, model: Model): Watched {
  const columns = fields.count('columns');
  const outputs = Float32Array.from(fields.numbers('outputs'));
  const truth = fields.numbers('truth');
  const rows = outputs.length / columns;
  if (columns !== model.outputs || !Number.isInteger(rows))
    fields.refuse('columns', `${model.outputs}, as the network has`, columns);
  if (truth.length !== rows && truth.length !== rows * columns)
    fields.refuse('truth', `one for each of ${rows} rows`, truth.length);
  const weights = fields.raw('weights') === null ? undefined : fields.numbers('weights', rows, 0);
  return { outputs, columns, truth, weights, numbers: fields.boolean('numbers') };
}

/** Answers of linear models, each a list of `count` numbers, or null where that kind was not tried. */
function rivalsFromJSON(fields: SavedState, count: number): (Float32Array | undefined)[] {
  return fields.list('rivals').map((list, k) => {
    if (list === null) return undefined;
    const values = Array.isArray(list) ? Float32Array.from(list as number[]) : new Float32Array();
    if (values.length !== count || !values.every(Number.isFinite)) fields.refuse(`rivals[${k}]`, `${count} finite numbers`, list);
    return values;
  });
}

/** Lists of finite numbers of these lengths. */
function tensorsFrom(fields: SavedState, sizes: readonly number[]): Float32Array[] {
  const lists = fields.list('tensors');
  if (lists.length !== sizes.length) fields.refuse('tensors', `${sizes.length} lists, as the network has tensors`, lists.length);
  return lists.map((list, t) => {
    const values = Array.isArray(list) ? Float32Array.from(list as number[]) : new Float32Array();
    if (values.length !== sizes[t] || !values.every(Number.isFinite))
      fields.refuse(`tensors[${t}]`, `${sizes[t]} finite numbers`, Array.isArray(list) ? `${values.length} values` : list);
    return values;
  });
}

function curve(values: readonly unknown[]): number[] {
  return values.map((value) => (typeof value === 'number' ? value : Number.NaN));
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

// What a fit says about its rows and its rate: none of it is an error, all of it makes a figure or a model other than a beginner
// believes. One sentence each, with what to do. Every program that trains carries this text: few words.

import { LayerKind } from '../../assembly/abi.js';
import type { LayerPlan, NetworkPlan } from '../plan/network.js';
import type { ScheduleSpec } from '../plan/schedules.js';
import type { Progress } from './progress.js';
import { classIds, type Rows } from './rows.js';

const few = 10; // rows, or rows to be expected of a class, below which chance explains anything

/** Of the last rows, held out by validationSplit: whether they are rows of another kind than those that train. */
export function splitNotes({ rows, x, y }: Rows, held: Rows, plan: NetworkPlan): string[] {
  if (plan.defaults.validationRows !== 'last') return [];
  const ids = classIds(y, rows, plan);
  const beyond = (train: Float32Array, test: Float32Array, columns: number): number[] =>
    rows < few ? [] : outside(train, test, columns);
  const inputs = beyond(x, held.x, plan.inputs);
  const what =
    ids !== undefined
      ? classesApart(ids, classIds(held.y, held.rows, plan)!)
      : beyond(y, held.y, plan.targetColumns).length > 0
        ? 'most have targets beyond those that train'
        : undefined;
  const said = what ?? (inputs.length > 0 ? `most lie beyond those that train in column ${some(inputs)} of X` : undefined);
  return said === undefined
    ? []
    : [
        `validationSplit holds out the last ${held.rows} rows, of which ${said}. Shuffle X and y together before fit, or pass validationData.`,
      ];
}

/** In words, what shows that rows were sorted by class. */
function classesApart(train: Uint32Array, held: Uint32Array): string | undefined {
  const sizes = new Map<number, [number, number]>();
  let blocks = 0;
  let last = -1;
  for (const [part, ids] of [train, held].entries())
    for (const id of ids) {
      const pair = sizes.get(id) ?? [0, 0];
      pair[part]!++;
      sizes.set(id, pair);
      if (id !== last) blocks++;
      last = id;
    }
  const unseen: number[] = [];
  const absent: number[] = [];
  for (const [id, [trained, judged]] of sizes) {
    if (trained === 0) unseen.push(id);
    if (judged === 0 && (trained / train.length) * held.length >= few) absent.push(id);
  }
  if (unseen.length > 0) return `some are of class ${some(unseen)}, and no row that trains is`;
  if (absent.length > 0) return `none is of class ${some(absent)}`;
  const sorted = train.length + held.length >= few && sizes.size > 1 && blocks === sizes.size;
  return sorted ? 'few classes are among them: all rows are sorted by class' : undefined;
}

/** Columns in which more than half of the held-out rows, and three at least, lie outside the range of those that train. */
function outside(train: Float32Array, held: Float32Array, columns: number): number[] {
  const found: number[] = [];
  for (let j = 0; j < columns; j++) {
    let low = Infinity;
    let high = -Infinity;
    for (let k = j; k < train.length; k += columns) {
      low = Math.min(low, train[k]!);
      high = Math.max(high, train[k]!);
    }
    let beyond = 0;
    for (let k = j; k < held.length; k += columns) if (held[k]! < low || held[k]! > high) beyond++;
    if (beyond > 2 && 2 * beyond * columns > held.length) found.push(j);
  }
  return found;
}

/** Of inputs and targets far from the size that weights begin with. */
export function sizeNotes({ x, y }: Rows, { layers, inputs, loss, targetColumns }: NetworkPlan): string[] {
  const notes: string[] = [];
  const scaled = (layer: LayerPlan | undefined) => [LayerKind.Rescale, LayerKind.BatchNorm].includes(layer!.kind);
  const first = layers.findIndex(({ kind }) => kind !== LayerKind.Embedding);
  const [size, column, least] = reach(x, inputs, categoryColumns(layers.slice(0, first), inputs));
  if (!scaled(layers[first] ?? layers[0]) && (size >= 1e5 || size > 1e4 * least))
    notes.push(
      `Column ${column} of X reaches ${brief(size)}${inputs > 1 ? ` (another ${brief(least)})` : ''}: such inputs drown others and stop learning. Begin with rescale(new StandardScaler().fit(X)), or give an estimator scale: 'standard'.`,
    );
  const [most] = reach(y, targetColumns);
  if (!scaled(layers.at(-1)) && loss.targets === 'real' && most >= 1e5)
    notes.push(
      `y reaches ${brief(most)}: a network begins near 0 and is long on its way. Scale y by a StandardScaler, and predictions back.`,
    );
  return notes;
}

/** The columns of X that embeddings, the first layers, take as categories: their size says nothing. */
function categoryColumns(embeddings: readonly LayerPlan[], inputs: number): ReadonlySet<number> {
  const found = new Set<number>();
  const columns = Array.from({ length: inputs }, (_, j) => j);
  for (const { column, inputs: before, outputs } of embeddings)
    for (const j of columns.splice(column, 1, ...Array.from({ length: outputs - before + 1 }, () => -1))) found.add(j);
  return found;
}

/** The largest size in any column, the column, and the largest of the column where that is least (columns of zeros apart). */
function reach(
  data: Float32Array,
  columns: number,
  without: ReadonlySet<number> = new Set(),
): [size: number, column: number, least: number] {
  const sizes = new Float64Array(columns);
  for (let k = 0, j = 0; k < data.length; k++) {
    const size = Math.abs(data[k]!);
    if (size > sizes[j]! && !without.has(j)) sizes[j] = size;
    if (++j === columns) j = 0;
  }
  const column = sizes.reduce((best, size, j) => (size > sizes[best]! ? j : best), 0);
  return [sizes[column]!, column, sizes.reduce((least, size) => (size > 0 && size < least ? size : least), Infinity)];
}

/** Of a schedule that ends at another time than the training did. */
export function scheduleNotes(spec: unknown, progress: Pick<Progress, 'epoch' | 'steps'>): string[] {
  const given = spec as ScheduleSpec;
  const { schedule } = given;
  const over = schedule === 'warmup' ? given.steps : 'over' in Object(given) ? (given as { over: number }).over : 0;
  if (over === 0) return [];
  const { per = schedule === 'oneCycle' || schedule === 'warmup' ? 'step' : 'epoch' } = given as { per?: 'step' | 'epoch' };
  const now = per === 'step' ? progress.steps : progress.epoch;
  const end = `Training ended at ${per} ${now}, "${schedule}" `;
  const way = `Let both end together.`;
  if (now < 0.98 * over - 1) return [`${end}does at ${over}: the rate was not where it should be by then. ${way}`];
  if (schedule === 'warmup') return scheduleNotes(given.after, progress);
  return now > 1.02 * over + 1 ? [`${end}did at ${over}: the rate was at its least from there. ${way}`] : [];
}

const brief = (value: number): string => String(Number(value.toPrecision(2)));

const some = (list: readonly number[]): string => list.slice(0, 3).join(', ') + (list.length > 3 ? ', …' : '');

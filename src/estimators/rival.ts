// The linear models that a preset's nets are weighed against: trained on the rows of each net, judged on those it watched. Where one of them
// answers best by itself, as on few rows, much noise or truly straight answers, it takes the nets' place; where a share of it helps, the
// finished network has that share.

import { goldenSection } from '../data/goldenSection.js';
import type { Matrix } from '../data/matrix.js';
import { FeedforwardError } from '../errors.js';
import type { Model } from '../model/model.js';
import { activation, type LayerSpec } from '../plan/layers.js';
import type { MLPOptions } from '../plan/network.js';
import { embeddingLayers } from './embeddings.js';
import { pickRows, type InputColumns } from './inputs.js';
import { linearBaseline, mostRows, rowsForLinear } from './linearBaseline.js';
import type { Member, Watched } from './members.js';
import { logitsOf, lossesAt, temperatureOf } from './temperature.js';
import { networkOptions } from './options.js';
import { pick } from './run.js';
import type { Network } from './targets.js';

/** A linear model: how its weights are held, and whether it reads columns as the nets do, drawn in by a tanh. */
export interface LinearKind {
  readonly l2: number;
  readonly drawnIn: boolean;
}

/** Fewer watched rows do not decide. */
export const leastRows = 8;
/** With so many rows for each input the penalty decides nothing. */
const plenty = 50;
/** Several penalties are tried for tables of at most so many numbers: of larger ones each takes seconds. */
const mostNumbers = 100_000;
/** Answers that shares are weighed on, at most. */
const mostWeighed = 20_000;

const usualPenalty = 1e-3;
const penalties = [1e-4, 1e-3, 1e-2, 1e-1];
/** Another is taken where it errs less by so many standard errors. */
const clearly = 2;

/** The linear models to try. `drawsIn`: whether the nets' columns go through a tanh. */
export function linearKinds(rows: number, inputs: number, drawsIn: boolean): readonly LinearKind[] {
  const held = rows < plenty * inputs && rows * inputs <= mostNumbers ? penalties : [usualPenalty];
  return (drawsIn ? [false, true] : [false]).flatMap((drawnIn) => held.map((l2) => ({ l2, drawnIn })));
}

/** The kind that the others start from: of columns as they are, with the usual penalty. */
export function usualKind(kinds: readonly LinearKind[]): number {
  return kinds.findIndex(({ l2, drawnIn }) => l2 === usualPenalty && !drawnIn);
}

/** A linear network for these outputs, its weights held by a penalty. Of an embedded column each category has a number for each output. */
export function linearOptions(
  columns: Pick<InputColumns, 'count' | 'numbered'>,
  { output, loss }: Network,
  { l2, drawnIn }: LinearKind,
  seed: number,
  deterministic: boolean,
): MLPOptions {
  const hiddenLayers = [
    ...embeddingLayers(columns, { size: unitsOf(output), weightInit: 'zeros' }),
    ...(drawnIn ? [activation('tanh')] : []),
  ];
  return networkOptions({ hiddenLayers, optimizer: 'lbfgs', l2, seed, deterministic }, columns.count, output, loss);
}

function unitsOf(output: readonly LayerSpec[]): number {
  return output.reduce((units, layer) => (layer.type === 'dense' ? layer.units : units), 1);
}

/** How a linear model is trained. */
export interface LinearTraining {
  /** Steps of L-BFGS: the last of them change little. */
  readonly steps: number;
  /** Rows it learns, at most: of more, some. */
  readonly rows: number;
  /** Weights to start at. */
  readonly from?: ArrayLike<number>;
}

/** Trains the linear model `model`. */
export function trainLinear(
  model: Model,
  rows: { readonly X: Matrix; readonly y: Matrix; readonly weights: ArrayLike<number> | undefined },
  { steps, rows: most, from }: LinearTraining = { steps: linearBaseline.epochs, rows: mostRows },
): Model {
  if (from !== undefined) model.setVector(from);
  const count = rows.X.shape[0];
  const some = rowsForLinear(count, 0, 'linear', most, rows.weights);
  const weights = rows.weights === undefined || some === undefined ? rows.weights : pick(rows.weights, some);
  const y = pickRows(rows.y, some) as Matrix;
  try {
    model.fitSync(pickRows(rows.X, some), y, { epochs: steps, ...(weights === undefined ? {} : { sampleWeight: weights }) });
  } catch (error) {
    // A cell of 1e25 among ones is too large to be squared in float32. The model stays where it was: the nets, which draw such cells in, do better.
    if (!(error instanceof FeedforwardError && error.code === 'ERR_DIVERGED')) throw error;
  }
  return model;
}

/** What becomes of a linear model: its share of the finished network, at most 1. */
export interface LinearPart {
  /** Which of the kinds that were tried. */
  readonly kind: number;
  readonly share: number;
  /** That of the logits of both together; 1 where none is sought. */
  readonly temperature: number;
}

/** Smaller shares are left out, and with them the units that carry them. */
const leastShare = 0.03;
/** A linear model by itself is taken where what it errs more is within so many standard errors, the simpler of what is level, */
const level = 1;
/** and its loss is no more than so many times that of the nets: a few rows of heavy tails make any two level. */
const atMost = 1.03;

/**
 * The kinds to try beside further nets, by those beside the first: the usual penalty, and of each way to read columns the penalty that erred
 * least there. Another one would have to be better by two standard errors over all nets.
 */
export function worthTrying(
  first: Pick<Member, 'watched' | 'rivals'>,
  kinds: readonly LinearKind[],
  calibrates: boolean | undefined,
): readonly number[] {
  const { watched, rivals } = first;
  if (watched === undefined || rivals === undefined || kinds.some((_, k) => rivals[k] === undefined)) return [...kinds.keys()];
  const losses = kinds.map((_, k) => total(lossesOf(everyOf([answersOf(watched, rivals[k]!)]), calibrates).losses));
  return [...kinds.keys()].filter((k) => {
    const { drawnIn, l2 } = kinds[k]!;
    return l2 === usualPenalty || losses.every((loss, o) => kinds[o]!.drawnIn !== drawnIn || losses[k]! <= loss);
  });
}

/**
 * The linear model that helps most on the watched rows, and its share, by the losses of nets and linear models that saw none of them; undefined
 * where none helps. Only kinds that were tried beside every net are asked. `calibrates`: whether the finished network's logits are divided by a
 * temperature; undefined for numbers. `blends`: whether a network of the nets can hold a share of it.
 */
export function linearPart(
  members: readonly Pick<Member, 'watched' | 'rivals'>[],
  kinds: readonly LinearKind[],
  calibrates: boolean | undefined,
  blends: boolean,
): LinearPart | undefined {
  const parts = members.flatMap(({ watched, rivals }) => (watched && rivals ? [{ watched, rivals }] : []));
  const nets = parts.map(({ watched }) => answersOf(watched, watched.outputs));
  const rows = nets.reduce((total, of) => total + rowsOf(of), 0);
  const tried = [...kinds.keys()].filter((k) => parts.every(({ rivals }) => rivals[k] !== undefined));
  if (parts.length < members.length || rows < leastRows || tried.length === 0) return undefined;
  const linear = new Map(tried.map((k) => [k, parts.map(({ watched, rivals }) => answersOf(watched, rivals[k]!))]));
  const losses = new Map(tried.map((k) => [k, lossesOf(everyOf(linear.get(k)!), calibrates).losses]));
  // The usual penalty, unless another is better by more than chance.
  const least = (among: readonly number[]) => {
    const best = among.reduce((a, b) => (total(losses.get(b)!) < total(losses.get(a)!) ? b : a));
    const usual = among.find((k) => kinds[k]!.l2 === usualPenalty)!;
    return isLevel(losses.get(usual)!, losses.get(best)!, clearly) ? usual : best;
  };
  const alone = least(tried);
  const drawn = tried.filter((k) => kinds[k]!.drawnIn);
  let share = 0;
  let within = alone;
  if (blends && drawn.length > 0) {
    within = least(drawn);
    share = shareOf(everyOf(nets), everyOf(linear.get(within)!), calibrates);
  }
  const rival = lossesOf(share === 0 ? nets : blend(nets, linear.get(within)!, share), calibrates);
  const own = lossesOf(linear.get(alone)!, calibrates);
  if (total(own.losses) <= atMost * total(rival.losses) && isLevel(own.losses, rival.losses, level))
    return { kind: alone, share: 1, temperature: own.temperature };
  return share < leastShare ? undefined : { kind: within, share, temperature: rival.temperature };
}

/** What a model says of watched rows: numbers, or logits of classes. */
interface Answers {
  readonly watched: Watched;
  readonly values: Float64Array;
}

function answersOf(watched: Watched, outputs: Float32Array): Answers {
  return { watched, values: watched.numbers ? Float64Array.from(outputs) : logitsOf({ ...watched, outputs }) };
}

const rowsOf = ({ watched, values }: Answers) => values.length / watched.columns;

/** As many rows as shares are weighed on: every so many-th of each part. */
function everyOf(parts: readonly Answers[]): readonly Answers[] {
  const stride = Math.ceil(parts.reduce((total, { values }) => total + values.length, 0) / mostWeighed);
  if (stride === 1) return parts;
  return parts.map((answers) => {
    const { watched, values } = answers;
    const { columns, truth, weights } = watched;
    const rows = Math.ceil(rowsOf(answers) / stride);
    const width = (truth.length * columns) / values.length;
    const spread = (of: ArrayLike<number>, each: number) =>
      Float64Array.from({ length: rows * each }, (_, k) => of[Math.floor(k / each) * stride * each + (k % each)]!);
    return {
      values: spread(values, columns),
      watched: {
        ...{ columns, outputs: watched.outputs, truth: spread(truth, width), numbers: watched.numbers },
        weights: weights && spread(weights, 1),
      },
    };
  });
}

/** The loss of each row times its weight, squared errors or -ln p, and the temperature at which these are. */
function lossesOf(
  parts: readonly Answers[],
  calibrates: boolean | undefined,
): { readonly losses: Float64Array; readonly temperature: number } {
  const temperature =
    calibrates === true
      ? temperatureOf(
          parts.map(({ watched }) => watched),
          parts.map(({ values }) => values),
        )
      : 1;
  const losses = new Float64Array(parts.reduce((rows, of) => rows + rowsOf(of), 0));
  let at = 0;
  for (const { watched, values } of parts) {
    const { columns, truth, weights } = watched;
    if (!watched.numbers) {
      const own = lossesAt(watched, values, 1 / temperature);
      losses.set(own, at);
      at += own.length;
      continue;
    }
    for (let k = 0; k < values.length; k++) {
      const i = Math.floor(k / columns);
      losses[at + i] = losses[at + i]! + (weights?.[i] ?? 1) * (values[k]! - truth[k]!) ** 2;
    }
    at += values.length / columns;
  }
  return { losses, temperature };
}

function total(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** Whether losses are not above others by more than so many standard errors of the mean difference. */
function isLevel(own: Float64Array, other: Float64Array, errors: number): boolean {
  const differences = own.map((loss, i) => loss - other[i]!);
  const mean = total(differences) / differences.length;
  const variance = total(differences.map((difference) => (difference - mean) ** 2)) / differences.length;
  return mean <= errors * Math.sqrt(variance / differences.length);
}

function blend(nets: readonly Answers[], linear: readonly Answers[], share: number): Answers[] {
  return nets.map(({ watched, values }, p) => ({
    watched,
    values: values.map((value, k) => (1 - share) * value + share * linear[p]!.values[k]!),
  }));
}

/** The share in [0, 1] with the least loss, by golden section. */
function shareOf(nets: readonly Answers[], linear: readonly Answers[], calibrates: boolean | undefined): number {
  const cost = (share: number) => total(lossesOf(blend(nets, linear, share), calibrates).losses);
  return [0, 1].reduce((a, b) => (cost(b) <= cost(a) ? b : a), goldenSection(cost, 0, 1, 10));
}

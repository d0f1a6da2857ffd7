// The linear model that a preset's nets must beat: trained on the rows of each, judged on those it watched. Where it is clearly better there,
// as on few rows, much noise or truly straight answers, it takes the nets' place.

import { Random } from '../data/random.js';
import { log, pow } from '../data/elementary.js';
import type { Matrix, MatrixLike } from '../data/matrix.js';
import type { Model } from '../model/model.js';
import type { MLPOptions } from '../plan/network.js';
import type { LayerSpec } from '../plan/layers.js';
import { embeddingLayers } from './embeddings.js';
import { pickRows, type InputColumns } from './inputs.js';
import { networkOptions } from './options.js';
import { excludes, type Member, type Rival, type Watched } from './members.js';
import { pick } from './run.js';
import type { Network } from './targets.js';

/** Rows that a linear model is trained on, at most. */
const mostRows = 20_000;
/** Fewer watched rows do not decide. */
const leastRows = 10;
/** No probability counts for less. */
const least = 1e-6;

/** A linear network for these outputs, its weights held by a small penalty. Of an embedded column each category has a number for each output. */
export function linearOptions(
  columns: Pick<InputColumns, 'count' | 'numbered'>,
  { output, loss }: Network,
  seed: number,
  deterministic: boolean,
): MLPOptions {
  const hiddenLayers = embeddingLayers(columns, { size: unitsOf(output), weightInit: 'zeros' });
  return networkOptions({ hiddenLayers, optimizer: 'lbfgs', l2: 1e-3, seed, deterministic }, columns.count, output, loss);
}

function unitsOf(output: readonly LayerSpec[]): number {
  return output.reduce((units, layer) => (layer.type === 'dense' ? layer.units : units), 1);
}

/** Trains the linear model `model` on the rows of a net, and lets it answer to those the net watched. */
export function rivalOf(
  model: Model,
  rows: { readonly X: Matrix; readonly y: Matrix; readonly weights: ArrayLike<number> | undefined },
  watched: MatrixLike,
): Rival {
  const count = rows.X.shape[0];
  const some = count <= mostRows ? undefined : new Random(0, 'linear').permutation(count).slice(0, mostRows);
  const weights = rows.weights === undefined || some === undefined ? rows.weights : pick(rows.weights, some);
  const y = pickRows(rows.y, some) as Matrix;
  model.fitSync(pickRows(rows.X, some), y, { epochs: 60, ...(weights === undefined ? {} : { sampleWeight: weights }) });
  return { tensors: model.parameters().map(({ values }) => values), outputs: model.predict(watched).data };
}

/**
 * Whether the linear models had the lower loss on the watched rows by more than two standard errors of the mean difference.
 * `temperature`: the nets'; undefined for numbers.
 */
export function rivalsWin(members: readonly Pick<Member, 'watched' | 'rival'>[], temperature: number | undefined): boolean {
  let [rows, sum, squares] = [0, 0, 0];
  for (const { watched, rival } of members) {
    if (watched === undefined || rival === undefined) return false;
    const own = lossesOf(watched, temperature);
    const linear = lossesOf({ ...watched, outputs: rival.outputs }, temperature === undefined ? undefined : 1);
    own.forEach((loss, i) => {
      const difference = (watched.weights?.[i] ?? 1) * (loss - linear[i]!);
      sum += difference;
      squares += difference * difference;
    });
    rows += own.length;
  }
  const mean = sum / rows;
  return rows >= leastRows && mean > 2 * Math.sqrt(Math.max(0, squares / rows - mean * mean) / rows);
}

/** Of each row: -ln p of what is true, p tempered; of numbers the squared error. */
function lossesOf(watched: Watched, temperature: number | undefined): Float64Array {
  const { outputs, columns, truth } = watched;
  const exclusive = excludes(watched);
  const losses = new Float64Array(outputs.length / columns);
  for (let i = 0; i < losses.length; i++) {
    let total = 0;
    for (let j = 0; j < columns; j++) {
      const output = outputs[i * columns + j]!;
      if (temperature === undefined) losses[i] = losses[i]! + (output - truth[i * columns + j]!) ** 2;
      else if (exclusive) total += pow(output, 1 / temperature);
      else {
        const yes = pow(output, 1 / temperature);
        const share = yes / (yes + pow(1 - output, 1 / temperature));
        losses[i] = losses[i]! - log(Math.max(least, truth[i * columns + j] === 1 ? share : 1 - share));
      }
    }
    if (exclusive) losses[i] = -log(Math.max(least, pow(outputs[i * columns + truth[i]!]!, 1 / temperature!) / total));
  }
  return losses;
}

// What to search where nobody said it: the options of a preset that matter on tables, in ranges around what the preset has.

import { fitTo, recipeActivation, recipeBatchSize, recipeRate, recipes, recipeSmoothing } from '../estimators/presets.js';
import type { Json } from '../formats/json.js';
import { checkChoice, choice, readOptions, whole, type Schema } from '../options.js';
import { coslog4 } from '../plan/schedules.js';
import type { Candidate } from './contract.js';
import type { Space } from './space.js';

/** What suggestedSpace is told of the table and of how long trials may take. */
export interface SuggestedSpaceOptions {
  /** Rows of the table, at least 1: nets are no larger, and batches no larger, than so many can use (default 1000). */
  readonly rows?: number;
  /** The preset whose recipe candidates change (default 'quick'). */
  readonly preset?: 'quick' | 'default' | 'best';
}

/** A space, and the options of the estimator whose others it searches. */
export interface SuggestedSpace {
  /** The ranges to search. */
  readonly space: Space;
  /** For new MLPClassifier or new MLPRegressor. */
  readonly options: {
    /** The preset whose recipe candidates change. */
    readonly preset: 'quick' | 'default' | 'best';
    /** The recipe's schedule, whose rate candidates change. */
    readonly learningRate: ReturnType<typeof coslog4>;
  };
  /** For search, to begin with: the preset's own recipe, so that what is found is no worse than that on the folds. */
  readonly begin: readonly Candidate[];
}

const rows = {
  rows: whole({ min: 1, default: 1000 }),
  preset: choice(['quick', 'default', 'best'], 'quick'),
} satisfies Schema<SuggestedSpaceOptions>;

/** Hardly any. */
const leastPenalty = 1e-6;

/** What the recipe has as its number of rows per step, of those that are searched: the nearest. */
function usualBatch(batches: readonly number[], rows: number): number {
  const wanted = recipeBatchSize({}, 0.64 * rows); // the rows that a net sees
  const distance = (size: number) => Math.abs(Math.log2(size / wanted));
  return batches.reduce((best, size) => (distance(size) < distance(best) ? size : best));
}

/**
 * A space for a table, and the estimator's options that go with it: hidden layers, activation, the rate of learning, dropout, penalty and rows per
 * step, in ranges around a preset's recipe. What to give search where you have no better idea.
 * @param task 'classification' or 'regression'
 * @throws ERR_OPTION for another task, or a wrong option
 *
 * @example
 * const { space, options, begin } = suggestedSpace('classification', { rows: 150 });
 * const { best } = await search(space, new MLPClassifier(options), { data: { X, y }, begin, trials: 2, folds: 2 });
 */
export function suggestedSpace(task: 'classification' | 'regression', options: SuggestedSpaceOptions = {}): SuggestedSpace {
  checkChoice(task, ['classification', 'regression'], 'task');
  const { rows: n, preset } = readOptions(rows, options, 'suggestedSpace');
  const classes = task === 'classification';
  const rate = recipeRate(classes);
  const { epochs, hiddenLayers } = fitTo(recipes[preset], {}, n);
  const widths = [16, 32, 64, 128, 256].filter((width) => width <= Math.max(...hiddenLayers, n / 8));
  const layers = widths.flatMap((width): Json[] => [[width], [width, width], [width, width, width]]);
  const batches = [16, 32, 64, 128, 256, 512, 1024].filter(
    (size) => size >= Math.min(256, n / 64) && size <= Math.max(32, n / 4),
  );
  return {
    space: {
      hiddenLayers: layers,
      activation: ['selu', 'mish', 'silu', 'relu', 'tanh'],
      'learningRate.rate': { logUniform: [rate / 8, rate * 4] },
      dropout: { uniform: [0, 0.4], step: 0.05 },
      l2: { logUniform: [leastPenalty, 1e-1] },
      batchSize: batches,
      ...(classes ? { labelSmoothing: { uniform: [0, 0.2], step: 0.05 } } : {}),
    },
    options: { preset, learningRate: coslog4(rate, { over: epochs }) },
    begin: [
      {
        hiddenLayers: [...hiddenLayers],
        activation: recipeActivation(classes),
        'learningRate.rate': rate,
        dropout: 0,
        l2: leastPenalty, // the recipe has none
        batchSize: usualBatch(batches, n),
        ...(classes ? { labelSmoothing: recipeSmoothing({}) } : {}),
      },
    ],
  };
}

// The flags of `feedforward train` as plain settings, which are kept in the model file.

import type { DateFeature } from '../data/calendarWidths.js';
import type { ColumnType } from '../data/column.js';
import { cleanName } from '../data/names.js';
import { present } from '../options.js';
import { headerOf, type DialectFlags } from './tableFlags.js';
import type { TrainSettings } from './train.js';

export interface TrainFlags extends DialectFlags {
  json?: boolean;
  quiet?: boolean;
  target?: string;
  output?: string;
  report?: string;
  task: TrainSettings['task'];
  features: string[];
  drop: string[];
  types?: Record<string, ColumnType>;
  dateFeatures?: DateFeature[];
  keepColumns?: string[];
  maxCategories?: number;
  splitBy?: string;
  preset?: string;
  bins?: number;
  hidden?: number[];
  activation?: string;
  epochs?: number;
  batchSize?: number;
  learningRate?: number;
  optimizer?: string;
  l2?: number;
  dropout?: number;
  scale?: string;
  quantiles?: number[];
  loss?: string;
  ordinal?: string[];
  monotone?: Record<string, 1 | -1>;
  convex?: Record<string, 1 | -1>;
  classWeight?: string;
  patience?: number;
  testSize?: number;
  calibrationSize?: number;
  cv?: number;
  timeBudget?: number;
  seed: number;
  deterministic?: boolean;
  resume?: string;
}

/** Settings as plain JSON, without what was not asked for. */
export function settingsOf(flags: TrainFlags, target: string): TrainSettings {
  const { task, types = {}, header, testSize, calibrationSize, cv, timeBudget, seed, dateFeatures, missingDefaults } = flags;
  const { delimiter, decimal, missing, encoding, dateFormat, splitBy, maxCategories } = flags;
  // The reader takes what nobody sees out of names, so that a name pasted with it is found.
  const [features, drop, keepColumns] = [flags.features, flags.drop, flags.keepColumns ?? []].map((names) =>
    names.map(cleanName),
  ) as [string[], string[], string[]];
  const {
    preset,
    bins,
    hidden,
    activation,
    epochs,
    batchSize,
    learningRate,
    optimizer,
    l2,
    dropout,
    scale,
    quantiles,
    loss,
    ordinal,
    monotone,
    convex,
    classWeight,
    patience,
    deterministic,
  } = flags;
  const earlyStopping = patience === undefined ? undefined : patience === 0 ? false : { patience };
  return {
    target: cleanName(target),
    // Classes that have an order are classes, even where they are numbers.
    task: ordinal !== undefined && task === 'auto' ? 'classification' : task,
    features,
    drop,
    types,
    seed,
    ...present({
      delimiter,
      decimal,
      missing,
      encoding,
      dateFormat,
      dateFeatures,
      maxCategories,
      splitBy: splitBy === undefined ? undefined : cleanName(splitBy),
      missingDefaults: missingDefaults === false ? false : undefined,
      keepColumns: keepColumns.length === 0 ? undefined : keepColumns,
      header: headerOf(header),
      testSize,
      calibrationSize,
      folds: cv,
      timeBudget,
    }),
    model: present({
      preset,
      bins,
      hiddenLayers: hidden,
      activation,
      epochs,
      batchSize,
      learningRate,
      optimizer,
      l2,
      dropout,
      scale,
      quantiles,
      loss,
      ordinal,
      monotone: cleaned(monotone),
      convex: cleaned(convex),
      classWeight,
      earlyStopping,
      deterministic,
    }) as TrainSettings['model'], // words of a command line: estimators check them
  };
}

/** Columns by the names that the reader gives them. */
function cleaned(shapes: Record<string, 1 | -1> | undefined) {
  return shapes && Object.fromEntries(Object.entries(shapes).map(([name, value]) => [cleanName(name), value]));
}

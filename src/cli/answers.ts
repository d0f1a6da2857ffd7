// A model's answers to rows of a file: what no network computes with is refused by line and column.

import { dateText, type Table } from '../data/table.js';
import { FeedforwardError, fail, show } from '../errors.js';
import type { Features } from '../estimators/features.js';
import { likeliest, predictAll, type Predictions } from '../report/facts/scores.js';
import { refuseHuge } from './dataset.js';
import { IntegerModel, type Answering } from './integerModel.js';

/** Answers to rows of a file. `X`: these rows as numbers. @throws ERR_RANGE with line and column for a number that is too large. */
export function predictTable(model: Answering, table: Table, X: Features = table): Predictions {
  const { columns = [] } = model.encoder?.toJSON() ?? {};
  // A model that learnt from larger numbers (none does now) answers to them.
  const usual = columns.filter((column) => column.type === 'numeric' && Math.max(-column.min, column.max) < 3.4e38);
  refuseHuge(
    table,
    usual.map(({ name }) => name),
  );
  try {
    return model instanceof IntegerModel ? integerAnswers(model, X) : predictAll(model, X);
  } catch (error) {
    if (!(error instanceof FeedforwardError) || error.code !== 'ERR_RANGE') throw error;
    const { row, column } = error.details as { row?: number; column?: number };
    const group = model.encoder?.groups.find(({ from, to }) => column !== undefined && from <= column && column < to);
    if (row === undefined || group === undefined) throw error;
    return fail(
      'ERR_RANGE',
      `${table.where(row)}, column ${show(group.name)}: ${cellText(table, row, group.name)} is too far from what the model learnt from to compute with. Correct it.`,
      { row, column: group.name },
    );
  }
}

function cellText(table: Table, row: number, name: string): string {
  const value = table.cell(row, name);
  return table.column(name).type === 'date' && typeof value === 'number' ? dateText(value) : show(value);
}

function integerAnswers(model: IntegerModel, X: Features): Predictions {
  const { classes } = model;
  if (classes === undefined) return { predicted: model.predict(X) as Float64Array };
  const proba = model.predictProba(X);
  return { predicted: likeliest(proba, classes), proba, classes };
}

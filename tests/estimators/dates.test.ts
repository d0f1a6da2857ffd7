// Dates in what is said of them: every warning, finding and page writes a date as a date, not as a number of days.

import { expect, test } from 'vitest';
import { dateText } from '../../src/data/column.js';
import { parseCsv } from '../../src/data/csv/index.js';
import { TableEncoder } from '../../src/data/tabular.js';
import { MLPRegressor } from '../../src/estimators/regressor.js';
import { report } from '../../src/report/report.js';

const day = (i: number) => new Date(Date.UTC(2024, 0, 1 + i)).toISOString().slice(0, 10);
const rows = Array.from({ length: 80 }, (_, i) => `${day(i)},${(i * 7) % 11},${day(100 + 3 * i)}`);
const tableOf = (lines: readonly string[]) => parseCsv(`when,size,due\n${lines.join('\n')}\n`, { source: 'orders.csv' });

test('a number of days is written as a date, with a time where there is one, to the second', () => {
  expect(dateText(0)).toBe('1970-01-01');
  expect(dateText(-1)).toBe('1969-12-31');
  expect(dateText(19860.5)).toBe('2024-05-17 12:00');
  expect(dateText(19860 + (3600 + 62) / 86_400)).toBe('2024-05-17 01:01:02');
  expect(dateText(19860 + 1e-9)).toBe('2024-05-17');
  expect(dateText(1e12)).toBe('1000000000000'); // no calendar goes so far
  expect(dateText(Number.NaN)).toBe('NaN');
});

test('dates outside the range of training are named as dates by check and by the warning of predict, calendar or not', () => {
  const table = tableOf(rows).select(['when', 'size', 'due']);
  for (const dateFeatures of [undefined, ['month', 'year'] as const]) {
    const warned: string[] = [];
    const model = new MLPRegressor({
      ...{ epochs: 1, scaleTargets: true, onWarning: ({ message }) => warned.push(message) },
      ...(dateFeatures === undefined ? {} : { dateFeatures }),
    }).fitSync(table.drop(['due']), 'size');
    warned.length = 0;
    const later = parseCsv('when\n2031-02-03\n2024-01-05\n2024-01-06 12:30\n');
    model.predict(later);
    expect(warned.join()).toMatch(/when is 2031-02-03 \(training: 2024-01-01 to 2024-03-20\)/);
    if (dateFeatures !== undefined) expect(warned.join()).toMatch(/when_year is 2031 \(training: 2024 to 2024\)/);
    expect(model.encoder!.check(later).map(({ message }) => message)).toEqual([
      'Column "when": values such as 2031-02-03 outside the range of the training data (2024-01-01 to 2024-03-20) in 1 of 3 rows.',
    ]);
  }
  const encoder = new TableEncoder().fit(table);
  expect(encoder.check(parseCsv('when,size,due\n2024-01-05,99,2024-05-01\n'))[0]!.message).toContain('values such as 99 outside');
});

test('a cell far from all others, and extreme targets, are named as dates', () => {
  const far = rows.map((row, i) => row.replace(/^[^,]*/, i === 9 ? '9999-01-01' : day(i % 7)));
  const told = (lines: readonly string[], target: string) =>
    new MLPRegressor({ epochs: 1, scale: 'standard', onWarning: false }).fitSync(tableOf(lines), target).notes.join(' ');
  expect(told(far, 'size')).toMatch(
    /Column "when": 9999-01-01 in one row lies so far from the others \(2024-01-01 to 2024-01-07\)/,
  );
  const due = rows.map((row, i) => row.replace(/[^,]*$/, i === 30 ? '2999-12-31' : day(i % 20)));
  expect(told(due, 'due')).toMatch(
    /"due" has 1 extreme value in 80 rows, 2999-12-31 \(orders\.csv line 32; the median is 2024-01-1\d\)/,
  );
});

test('a page about a target of dates shows dates: what the column holds, what was said, what is true', () => {
  const table = tableOf(rows);
  const model = new MLPRegressor({ hiddenLayers: [], epochs: 20, onWarning: false }).fitSync(table, 'due');
  const page = report(model, table, 'due', { budget: 0.1 });
  expect(page).toContain('2024-04-10 to 2024-12-03'); // what the columns hold
  expect(page).toMatch(/Histogram of due in 80 rows, from 2024-04-10 to 2024-12-03\./);
  expect(page).toMatch(/due: said 202\d-\d\d-\d\d[^;]*; the truth is 202\d-\d\d-\d\d/);
  expect(page).toMatch(/Mean due by when: least 202\d-/);
  expect(page).not.toMatch(/>(19|20),?[789]\d\d</); // no day numbers, on axes or elsewhere
});

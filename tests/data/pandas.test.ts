// What the reader makes of tables as people write them, judged by pandas on the same bytes.

import { describe, expect, test } from 'vitest';
import { calendarOf } from '../../src/data/calendar.js';
import { DATE_FEATURES, type DateFeature } from '../../src/data/calendarWidths.js';
import { parseCsv, readCsv, scanCsv, streamCsv, type CsvOptions } from '../../src/data/csv/index.js';
import fixture from '../fixtures/pandas-tables.json' with { type: 'json' };

type Calendar = Readonly<Record<string, Readonly<Record<DateFeature, readonly number[]>>>>;

function close(got: unknown, wanted: unknown, what: string): void {
  if (typeof wanted === 'number' && typeof got === 'number')
    expect(Math.abs(got - wanted), what).toBeLessThan(1e-9 * (1 + Math.abs(wanted)));
  else expect(got, what).toBe(wanted);
}

describe.each(fixture.cases)('as pandas reads it: $title', ({ bytes, options, names, columns, calendar }) => {
  const data = new Uint8Array(Buffer.from(bytes, 'base64'));
  const given = options as CsvOptions;

  test('names, rows and cells are those of pandas', () => {
    const table = parseCsv(data, given);
    expect(table.names).toEqual(names.map((name) => name.trim()));
    columns.forEach((cells, j) => {
      expect(table.rows).toBe(cells.length);
      cells.forEach((cell, i) => close(table.cell(i, table.names[j]!), cell, `${names[j]} ${i}`));
    });
  });

  test('pieces of a few bytes, and two passes, give the same', async () => {
    const whole = parseCsv(data, given).records();
    const pieces = Array.from({ length: Math.ceil(data.length / 3) }, (_, k) => data.subarray(3 * k, 3 * k + 3));
    expect((await readCsv(pieces, given)).records()).toEqual(whole);
    const schema = await scanCsv(pieces, given);
    const again = [];
    for await (const table of streamCsv(pieces, schema.columns, schema.dialect)) again.push(...table.records());
    expect(again).toEqual(whole);
  });

  test.runIf(Object.keys(calendar).length > 0)('the calendar of its dates is that of pandas', () => {
    const table = parseCsv(data, given);
    for (const [name, wanted] of Object.entries(calendar as Calendar))
      for (const feature of DATE_FEATURES)
        expect(
          [...table.numbers(name)].map((days) => calendarOf(days, feature)),
          feature,
        ).toEqual(wanted[feature]);
  });
});

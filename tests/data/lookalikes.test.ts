// Short columns of text that look like dates, times or numbers: kept as they are written, and never without a word.

import { describe, expect, test } from 'vitest';
import { parseCsv, readCsv } from '../../src/data/csv/index.js';

const column = (cells: readonly string[], { delimiter = ';' } = {}) => {
  const table = parseCsv(`v${delimiter}y\n${cells.map((cell, i) => `${cell}${delimiter}x${i % 2}`).join('\n')}\n`);
  return { type: table.column('v').type, notes: table.notes.join(' ') };
};

describe('columns that look like something else', () => {
  // days that the Gregorian calendar does not have: 1900 and 2100 are no leap years, 2000 and 2024 are
  test.each([
    [['2020-02-30']],
    [['2021-02-29', '2021-03-01']],
    [['1900-02-29', '2024-02-29']],
    [['2100/02/29', '2000/02/29', '2000/03/01']],
    [['2020-13-01', '2020-14-01', '2020-15-01']],
    [['2020-00-10', '2020-01-00']],
    [['29.02.2021', '01.03.2021', '02.03.2021']],
    [['31.04.2020', '31.06.2020']],
    [['31/11/2020', '13/12/2020', '14/12/2020']],
    [['30 Feb 2020', '1 Mar 2020', '2 Mar 2020']],
    [['2020-02-28 25:00', '2020-02-27 13:00', '2020-02-26 13:00']],
  ])('%j: a day that there is not is named', (cells) => {
    const { type, notes } = column(cells);
    expect(type).toBe('categorical');
    expect(notes).toMatch(/no such day|no day, or no time, that there is|none that is read/);
    expect(cells.some((cell) => notes.includes(JSON.stringify(cell)))).toBe(true);
  });

  test.each([
    [['13/01/2020', '01/13/2020']],
    [['13/01/2020', '01/13/2020', '02/01/2020']],
    [['2020-01-13', '13.01.2020', '14.01.2020']],
    [['Jan 5, 2020', '05.01.2020']],
    [['13-01-20', '2020-01-14']],
  ])('%j: dates in two orders or spellings are told of', (cells) => {
    const { type, notes } = column(cells);
    expect(type).toBe('categorical');
    expect(notes).toMatch(/not all written one way|is written another way/);
  });

  test('days that there are, written one way, are dates without such a note', () => {
    for (const cells of [
      ['2020-02-29', '2000-02-29'],
      ['29.02.2024', '01.03.2021'],
      ['31/12/2020', '13/01/2021'],
    ]) {
      const { type, notes } = column(cells);
      expect(type).toBe('date');
      expect(notes).not.toMatch(/no such|another way/);
    }
  });

  test.each([[['1,5', '2.25']], [['1,5', '2.25', '3,5']], [['1,5', '2.25', '3', '4', '5', '6']], [['-1,5', '+2.25e3', '7']]])(
    '%j: decimal commas beside decimal points are told of',
    (cells) => {
      const { type, notes } = column(cells);
      expect(type).toBe('categorical');
      expect(notes).toContain('decimal comma');
      expect(notes).toContain('decimal point');
    },
  );

  test.each([
    [['12:30', '13:45'], 'look like times'],
    [['1:30:00', '2:45:10'], 'look like times'],
    [['0x10', '0x2F'], 'look like numbers'],
    [['5-', '10-', '12'], 'look like numbers'],
    [['−5', '−10', '12'], 'look like numbers'],
    [['５', '６'], 'look like numbers'],
    [['(5)', '(10)', '12'], 'look like numbers'],
    [['5%', '10 %', '12.5%'], 'look like numbers'],
    [['€5', '10 €', '£3'], 'look like numbers'],
    [['1. März 2020', '2. Mai 2020'], 'Months go by numbers or by their English names'],
  ])('%j %s', (cells, words) => {
    const { type, notes } = column(cells);
    expect([type, notes.includes(words)]).toEqual(['categorical', true]);
  });

  test('text, names of versions and addresses are text without a note', () => {
    for (const cells of [
      ['red', 'blue'],
      ['1.2.3', '1.10.0'],
      ['10.0.0.1', '192.168.0.1'],
      ['A-1', 'B-2'],
      ['555-123-4567', '555-987-6543'],
      ['Y', 'N'],
    ])
      expect(column(cells)).toEqual({ type: 'categorical', notes: '' });
  });

  test('three digits behind a point in a file with semicolons are read with a decimal point, and said to be', () => {
    expect(column(['1.234', '2.345'])).toMatchObject({
      type: 'numeric',
      notes: expect.stringContaining('If the point parts thousands'),
    });
    expect(column(['1.234', '2.3']).notes).toBe('');
    expect(column(['1.234', '2.345'], { delimiter: ',' }).notes).toBe('');
  });

  test('whole numbers that are days are said to look like dates, with the option that reads them so', () => {
    expect(column(['20200131', '20200229', '20191231']).notes).toContain('dateFormat: { "v": \'YYYYMMDD\' }');
    expect(column(['20200131', '20200230', '20191231']).notes).toBe(''); // no such day: numbers
    const table = parseCsv('v,y\n20200229,1\n20191231,2\n', { dateFormat: { v: 'YYYYMMDD' } });
    expect([...(table.column('v') as { values: Float64Array }).values]).toEqual([
      Date.UTC(2020, 1, 29) / 864e5,
      Date.UTC(2019, 11, 31) / 864e5,
    ]);
  });

  test('-999 and its kin, far from all others, are said to be numbers here', () => {
    expect(column(['1', '-999', '3', '-999']).notes).toContain('-999 was read as a number, far from the others (1 to 3)');
    expect(column(['12,5', '99999', '3,5']).notes).toContain('99999 was read as a number');
    for (const cells of [
      ['-999', '-500', '20'],
      ['9999', '8000', '3'],
      ['1', '2', '3'],
      ['-999', '1200', '3'],
    ])
      expect(column(cells).notes).toBe('');
  });
});

describe('encodings', () => {
  const bytes = (text: string, encoding: 'utf8' | 'latin1') => Uint8Array.from(Buffer.from(text, encoding));
  const text = 'name,y\nJos\u00e9,1\nZo\u00eb,2\n';

  test('text in UTF-8 that was to be read in an encoding of single bytes is refused, with the line and both readings', async () => {
    for (const encoding of ['windows-1252', 'latin1', 'iso-8859-2', 'koi8-r', 'macintosh']) {
      const pieces = (size: number) => Array.from({ length: 50 }, (_, i) => bytes(text, 'utf8').slice(i * size, (i + 1) * size));
      for (const source of [bytes(text, 'utf8'), pieces(1), pieces(3)]) {
        const error = await readCsv(source, { encoding }).then(
          () => undefined,
          (reason: unknown) => reason as { code: string; message: string },
        );
        expect(error?.code).toBe('ERR_FORMAT');
        expect(error?.message).toMatch(/line 2 is text in UTF-8 \(".*\u00e9.*Pass encoding: 'utf-8'/);
      }
    }
  });

  test('text in that encoding, and plain ASCII, are read', async () => {
    const table = await readCsv(bytes(text, 'latin1'), { encoding: 'windows-1252' });
    expect(table.labels('name')).toEqual(['Jos\u00e9', 'Zo\u00eb']);
    expect((await readCsv(bytes('name,y\nJo,1\n', 'utf8'), { encoding: 'windows-1252' })).labels('name')).toEqual(['Jo']);
  });
});

test('a column half of which is numbers names a cell that is none', () => {
  const { notes } = parseCsv('x,y\n1.5,1\ninf,2\n-inf,3\n2,4\n');
  expect(notes.join()).toContain('2 of 4 cells are numbers, but others are not ("inf"): it was kept as text');
});

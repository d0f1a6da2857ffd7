// What the reader of CSV does where cells leave more than one reading open, where bytes are no text, and where lines are not what they seem.

import { describe, expect, test } from 'vitest';
import { formatCsv, parseCsv, readCsv, scanCsv, streamCsv, type CsvOptions } from '../../src/data/csv/index.js';
import { TableEncoder } from '../../src/data/tabular.js';
import { foreignKind } from '../../src/formats/foreign.js';
import { codeOf, refusal, rejection } from '../support/errors.js';

const latin = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const first = (text: string, options?: CsvOptions) => {
  const table = parseCsv(text, options);
  return table.records().map((record) => record[table.names[0]!]);
};

describe('decimal marks', () => {
  test('"1,234" alone is refused with both readings; another column, or the option, decides', () => {
    const error = refusal(() => parseCsv('p,y\n"1,234",1\n"12,345",2\n'));
    expect(error.code).toBe('ERR_TYPE');
    expect(error.message).toContain('"1,234" is 1.234 with a decimal comma, 1234 with thousands');
    const readings = (error.details['fix'] as CsvOptions[]).map((fix) => first('p,y\n"1,234",1\n"12,345",2\n', fix));
    expect(readings).toEqual([
      [1.234, 12.345],
      [1234, 12345],
    ]);
    expect(first('p,q\n"1,234","0,5"\n"12,345","2,25"\n')).toEqual([1.234, 12.345]);
    expect(first('p,q\n"1,234","0.5"\n"12,345","2.25"\n')).toEqual([1234, 12345]);
    expect(first('p,q\n"1,234",x\n"12,345",y\n', { decimal: { p: ',' } })).toEqual([1.234, 12.345]);
    expect(first('p,q\n"0,234",x\n"12,345",y\n')).toEqual([0.234, 12.345]); // a group never begins with 0
  });

  test('one cell with the other mark is refused with its line, not turned into text', () => {
    const rows = Array.from({ length: 30 }, (_, i) => (i === 12 ? '"1,5"' : `${i}.5`));
    expect(refusal(() => parseCsv(`x\n${rows.join('\n')}\n`)).message).toContain(
      'CSV line 14, column "x": "1,5" is not a number',
    );
  });

  test('the mark that was found is in the schema, and an option of the second pass comes before it', async () => {
    const schema = await scanCsv('a;b\n1,5;x\n2,5;y\n');
    expect(schema.columns[0]!.spelling).toEqual({ decimal: ',' });
    expect(schema.notes).toEqual(['Decimal commas were found in column "a" ("1,5").']);
    const read = async (text: string, options: CsvOptions) => {
      const tables = [];
      for await (const table of streamCsv(text, schema.columns, options)) tables.push(...table.records());
      return tables.map(({ a }) => a);
    };
    expect(await read('a;b\n3,5;x\n', schema.dialect)).toEqual([3.5]);
    expect(await read('a;b\n3.5;x\n', { ...schema.dialect, decimal: '.' })).toEqual([3.5]);
    expect((await rejection(read('a;b\n3.5;x\n', schema.dialect))).message).toContain(
      '"3.5" is not a number with a decimal comma',
    );
  });
});

describe('dates', () => {
  test('a day that cannot be told from a month is text with a note, and refused where a date was declared', () => {
    const text = 'd,y\n01/02/2010,1\n03/04/2010,2\n';
    const table = parseCsv(text);
    expect(table.column('d').type).toBe('categorical');
    expect(table.notes.join()).toContain('do not tell which: D/M/YYYY or M/D/YYYY');
    const error = refusal(() => parseCsv(text, { types: { d: 'date' } }));
    const days = (error.details['fix'] as CsvOptions[]).map((fix) => first(text, fix));
    expect(days).toEqual([
      [Date.UTC(2010, 1, 1) / 864e5, Date.UTC(2010, 3, 3) / 864e5],
      [Date.UTC(2010, 0, 2) / 864e5, Date.UTC(2010, 2, 4) / 864e5],
    ]);
    expect(parseCsv('d\n03/03/2010\n04/04/2010\n').column('d').type).toBe('date'); // either way the same days
  });

  test('a format that fits no column, or is none, is refused', () => {
    expect(refusal(() => parseCsv('d,y\n01/02/2010,1\n', { dateFormat: 'YYYY.DD.MM' })).message).toContain(
      'no column of dates written',
    );
    for (const dateFormat of ['DD/MM', 'YYYY YYYY', '%Q'] as const)
      expect(codeOf(() => parseCsv('d\n1\n', { dateFormat }))).toBe('ERR_OPTION');
    expect(refusal(() => parseCsv('d\n01/02/2010\n13/02/2010\n', { dateFormat: { d: 'MM/DD/YYYY' } })).message).toContain(
      'line 3',
    );
  });

  test('a format asked for all columns leaves those in ISO as they are, in both passes', async () => {
    const text = 'd,e\n01/02/2010,2010-05-06\n03/04/2010,2010-05-07\n';
    const schema = await scanCsv(text, { dateFormat: 'DD/MM/YYYY' });
    const rows = [];
    for await (const table of streamCsv(text, schema.columns, schema.dialect)) rows.push(...table.records());
    expect(rows).toEqual(parseCsv(text, { dateFormat: 'DD/MM/YYYY' }).records());
    expect(rows[0]).toEqual({ d: Date.UTC(2010, 1, 1) / 864e5, e: Date.UTC(2010, 4, 6) / 864e5 });
  });
});

describe('bytes', () => {
  test('bytes that are not UTF-8 are refused with their line, in pieces of any size, and read in their encoding', async () => {
    const bytes = latin('n,y\nAnna,0\nJos\xe9,1\nJos\xe8,2\n');
    for (const size of [1, 2, 5, 100]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, k) => bytes.subarray(k * size, (k + 1) * size));
      const error = await rejection(readCsv(pieces, { source: 'people.csv' }));
      expect(error.code).toBe('ERR_FORMAT');
      expect(error.message).toContain('people.csv line 3 is not text in UTF-8 (byte 0xe9');
      const table = await readCsv(pieces, { ...(error.details['fix'] as CsvOptions[])[0] });
      expect(table.labels('n')).toEqual(['Anna', 'José', 'Josè']);
    }
    expect(refusal(() => parseCsv(bytes)).message).toContain('José');
    expect(codeOf(() => parseCsv('a\n1\n', { encoding: 'no such' }))).toBe('ERR_OPTION');
  });

  test('text that was decoded wrongly before is noted', () => {
    expect(parseCsv('n,y\nJos\uFFFD,1\nAnna,2\n').notes.join()).toContain('U+FFFD');
  });

  test('files of other kinds are named', async () => {
    expect((await rejection(readCsv(latin('PK\x03\x04 workbook'), { source: 'a.xlsx' }))).message).toContain(
      'a.xlsx is a ZIP archive',
    );
    expect(foreignKind(latin('PK\x03\x04 and more'))).toContain('.pt');
    expect(foreignKind(latin('\x80\x02}q\x00. and'))).toContain('pickle');
    expect(foreignKind(latin('\x89HDF\r\n\x1a\n...'))).toContain('HDF5');
    expect(foreignKind(latin('\x08\x07\x12\x07pytorch'))).toContain('ONNX');
    expect(foreignKind(latin('size,color\n1,red\n'))).toContain('readCsv');
    expect(foreignKind(latin('\x10\x00\x00\x00\x00\x00\x00\x00{"a":1}'))).toBeUndefined();
  });
});

describe('lines and names', () => {
  test('a line with a comma too many is taken, one with a value behind the last column is refused', () => {
    expect(parseCsv('a,b,\n1,2,\n3,4,\n').names).toEqual(['a', 'b']);
    expect(parseCsv('a,b,\n1,2\n3,4\n').names).toEqual(['a', 'b']);
    expect(parseCsv('a,b\n1,2,\n3,4,\n').rows).toBe(2);
    const rows = Array.from({ length: 150 }, (_, i) => (i === 130 ? '1,2,3' : '1,2,'));
    expect(refusal(() => parseCsv(`a,b\n${rows.join('\n')}\n`)).message).toContain('line 132 has 3 cells');
  });

  test('a header is not taken for a comment, nor data for a header', () => {
    expect(parseCsv('#,Name\n1,a\n2,b\n3,c\n').names).toEqual(['#', 'Name']);
    expect(parseCsv('# id,name\n1,a\n2,b\n').names).toEqual(['id', 'name']);
    const rows = ["'a','no'", "'b','no'", "'a','yes'", "'b','no'", "'a','yes'"];
    expect(refusal(() => parseCsv(`${rows.join('\n')}\n`)).message).toContain('looks like data');
    expect(refusal(() => parseCsv('1,3,3\n2,?,5\n')).message).toContain('looks like data');
  });

  test('names lose what nobody sees, and are found with it and without', () => {
    const table = parseCsv('a\u00a0b,\u200by,e\u0301\n1,2,3\n');
    expect(table.names).toEqual(['a b', 'y', '\u00e9']);
    expect(table.numbers('y\u200b')[0]).toBe(2);
    expect(refusal(() => parseCsv('y,\u200by\n1,2\n')).message).toContain('both called "y"');
  });

  test('no-break spaces around cells go, and numbers with them', () => {
    expect(first('x,y\n\u00a01.5\u00a0,a\n2\u202f,b\n')).toEqual([1.5, 2]);
  });

  test('words for nothing are missing among numbers, text among text', () => {
    const table = parseCsv('n,t\n1,None\n-,a\n2.5,b\nNone,None\n');
    expect(table.records().map(({ n }) => n)).toEqual([1, null, 2.5, null]);
    expect(table.labels('t')).toEqual(['None', 'a', 'b', 'None']);
    expect(table.notes.join()).toContain('"-" (1), "None" (1) among the others were taken as missing values');
    expect(new TableEncoder().fit(table).featureNames).toEqual(['n', 't_None', 't_a', 't_b']);
  });

  test('numbers with a sign or a unit stay text, and a column half of numbers too, with a note', () => {
    expect(parseCsv('p,y\n$5,1\n"$1,200.50",2\n').notes.join()).toContain('look like numbers with a sign or a unit');
    const mixed = `t,y\n${Array.from({ length: 20 }, (_, i) => `${i % 4 === 0 ? `A${i}` : i},1`).join('\n')}\n`;
    expect(parseCsv(mixed).notes.join()).toContain('15 of 20 cells are numbers, but others are not ("A0"): it was kept as text');
  });

  test('a file of forty thousand columns, and a quoted cell that comes line by line, are read in linear time', async () => {
    const names = Array.from({ length: 40_000 }, (_, j) => `c${j}`);
    const row = names.map((_, j) => j % 7).join(',');
    const table = parseCsv(`${names.join(',')}\n${`${row}\n`.repeat(4)}`);
    expect(table.numbers('c39999')[3]).toBe(39_999 % 7);
    const lines = Array.from({ length: 20_000 }, () => 'a line of some text in a quoted cell\n');
    expect(String((await readCsv(['a,b\n1,"', ...lines, '"\n2,x\n'])).cell(0, 'b')).length).toBe(lines.join('').length - 1);
    expect((await rejection(readCsv(['a,b\n1,"', ...lines]))).message).toContain('line 2');
  }, 30_000);

  test('cells that a spreadsheet would run are made harmless when asked for, numbers stay', () => {
    const rows = [
      ['=1+1', -5],
      ['@x', '-5'],
      ['\tx', '+a'],
    ];
    expect(formatCsv(['a', 'b'], rows, { escapeFormulas: true })).toBe("a,b\n'=1+1,-5\n'@x,-5\n'\tx,'+a\n");
    expect(formatCsv(['a', 'b'], rows.slice(0, 1))).toBe('a,b\n=1+1,-5\n');
  });
});

test('a column of true and false with one stray cell is text with a note that names it', () => {
  for (const stray of ['1', 'x']) {
    const { columns, notes } = parseCsv(`b,y\ntrue,1\nfalse,2\n${stray},3\ntrue,4\n`);
    expect(columns[0]!.type).toBe('categorical');
    expect(notes).toEqual([
      expect.stringContaining(
        `Column "b": 3 of 4 cells are true or false, but others are not ("${stray}"): it was kept as text.`,
      ),
    ]);
  }
  expect(parseCsv('b,y\ntrue,1\nfalse,2\n').notes).toEqual([]);
});

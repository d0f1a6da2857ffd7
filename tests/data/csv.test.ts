import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCsv, parseCsv, readCsv, scanCsv, streamCsv, type CsvOptions } from '../../src/data/csv/index.js';
import type { Cell, Table } from '../../src/data/table.js';
import { codeOf, refusal, rejection } from '../support/errors.js';

const HOUSES = `size,color,sold,since,price
52.5,red,true,2024-05-17,310000
80,"dark, blue",FALSE,2023-01-02T06:00,
?,red,true,,1.2e5
`;

const typesOf = (text: string, options?: CsvOptions) => parseCsv(text, options).columns.map(({ type }) => type);
const column = (text: string, options?: CsvOptions) =>
  parseCsv(text, options)
    .records()
    .map((record) => Object.values(record)[0]);

describe('parseCsv', () => {
  test('finds the type of every column, and missing cells', () => {
    const table = parseCsv(HOUSES);
    expect(table.rows).toBe(3);
    expect(table.columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'size numeric',
      'color categorical',
      'sold boolean',
      'since date',
      'price numeric',
    ]);
    expect(table.records()).toEqual([
      { size: 52.5, color: 'red', sold: true, since: 19860, price: 310000 },
      { size: 80, color: 'dark, blue', sold: false, since: 19359.25, price: null },
      { size: null, color: 'red', sold: true, since: null, price: 120000 },
    ]);
    expect([...table.lines!]).toEqual([2, 3, 4]);
  });

  test('numbers are digits with sign, point and exponent, and nothing else', () => {
    expect(column('x\n1\n-2.5\n+3\n.5\n7.\n1e3\n-1E-2')).toEqual([1, -2.5, 3, 0.5, 7, 1000, -0.01]);
    for (const text of ['0x1A', '1_000', '1,50,000', '$5', '5%', 'Infinity', '-inf', '1e999', '1 00', '--1', '1e', '.', '-', '٣'])
      expect(typesOf(`x\n"${text}"\n"${text}"`)).toEqual(['categorical']);
  });

  test('dates are ISO dates and times as days since 1970, with time zones, and never 30 February', () => {
    const days = (text: string) => column(`x\n${text}`)[0];
    expect(days('1970-01-01')).toBe(0);
    expect(days('1969-12-31')).toBe(-1);
    expect(days('2000/03/01')).toBe(11017);
    expect(days('1970-01-02 12:00')).toBe(1.5);
    expect(days('1970-01-01T00:00:43.2')).toBeCloseTo(43.2 / 86400, 12);
    expect(days('1970-01-01T02:00+02:00')).toBe(0);
    expect(days('1970-01-01T02:00:00-0100')).toBe(0.125);
    expect(days('0001-01-01')).toBe(-719162);
    expect(days('2024-02-29')).toBe(Date.UTC(2024, 1, 29) / 86400000);
    for (const text of [
      '2023-02-29',
      '2024-13-01',
      '2024-00-10',
      '2024-01-32',
      '2024-01-01T25:00',
      '24-01-01',
      '30.02.2024',
      '2024-1-32',
    ])
      expect(typesOf(`x\n${text}`)).toEqual(['categorical']);
  });

  test('true and false in any case are booleans; yes and no stay text unless declared', () => {
    expect(column('x\ntrue\nFalse\nTRUE')).toEqual([true, false, true]);
    expect(column('x\nyes\nno')).toEqual(['yes', 'no']);
    expect(column('x\nyes\nN\n1\nf', { types: { x: 'boolean' } })).toEqual([true, false, true, false]);
  });

  test('mixed kinds are text', () => {
    expect(typesOf('x\n1\nA\n2\nB')).toEqual(['categorical']);
    expect(typesOf('x\ntrue\n1')).toEqual(['categorical']);
    expect(typesOf('x\ntrue\n2020-01-01')).toEqual(['categorical']);
    expect(typesOf('x,y\n,1\nNA,2')).toEqual(['numeric', 'numeric']); // no value at all: numeric, all missing
  });

  test('missing cells are those of the list, which can be changed; the empty cell always is', () => {
    const text = 'x\n1\nNA\nN/A\nNaN\nnan\nnull\nNULL\n?';
    expect(column(text, { columns: ['x'] })).toEqual([1, ...Array(7).fill(null)]);
    expect(column('x,y\n1,1\n-999,2\n,3', { missing: ['-999'] })).toEqual([1, null, null]);
    expect(column('x,y\n1,1\nNA,2', { missing: ['-999'] })).toEqual([1, null]); // beside the usual ones
    expect(column('x\nNA\nb', { missingDefaults: false })).toEqual(['NA', 'b']);
  });

  test('the delimiter is found, and decimal commas are read when asked for', () => {
    for (const [delimiter, wanted] of [
      [',', 'a,b\n1,2'],
      [';', 'a;b\n1;2'],
      ['\t', 'a\tb\n1\t2'],
      ['|', 'a|b\n1|2'],
    ] as const) {
      expect(parseCsv(wanted).records()).toEqual([{ a: 1, b: 2 }]);
      expect(parseCsv(wanted, { delimiter }).names).toEqual(['a', 'b']);
    }
    expect(parseCsv('a;b\n1,5;-2,25e1\n', { decimal: ',' }).records()).toEqual([{ a: 1.5, b: -22.5 }]);
    expect(parseCsv('a\n1\n').records()).toEqual([{ a: 1 }]);
  });

  test('line ends, byte order marks, blank lines, spaces and quotes do not matter', () => {
    const wanted = [
      { a: 1, b: 'x "y"\nz' },
      { a: 2, b: 'w' },
    ];
    expect(parseCsv('a,b\n1,"x ""y""\nz"\n2,w\n').records()).toEqual(wanted);
    expect(parseCsv('\uFEFFa,b\n1,"x ""y""\nz"\n2,w').records()).toEqual(wanted);
    expect(parseCsv('\n a , b \n\n 1 ,"x ""y""\nz"\n\n2 , w\n\n\n').records()).toEqual(wanted);
    expect(parseCsv('a,b\r\n1,"q"\r\n2,"w"\r\n').records()).toEqual([
      { a: 1, b: 'q' },
      { a: 2, b: 'w' },
    ]);
    expect(parseCsv('a,b\r1,q\r2,w\r').records()).toHaveLength(2);
  });

  test('columns can be chosen, in any order, and types declared', () => {
    const table = parseCsv(HOUSES, { columns: ['price', 'size'], types: { size: 'categorical' } });
    expect(table.records()[0]).toEqual({ price: 310000, size: '52.5' });
  });

  test('a file without header has columns by number', () => {
    expect(parseCsv('1,a\n2,b', { header: false }).records()).toEqual([
      { 'column 1': 1, 'column 2': 'a' },
      { 'column 1': 2, 'column 2': 'b' },
    ]);
    expect(parseCsv('2019,2020\n1,2', { header: true }).names).toEqual(['2019', '2020']);
    expect(parseCsv(',a\n0,1').names).toEqual(['column 1', 'a']);
  });

  test('names such as __proto__ and constructor are names like others', () => {
    const table = parseCsv('__proto__,constructor\n1,2', { types: { constructor: 'categorical' } as CsvOptions['types'] });
    expect(table.numbers('__proto__')[0]).toBe(1);
    expect(table.labels('constructor')).toEqual(['2']);
  });

  test('what is written is read again', () => {
    const cell = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string().filter((s) => s.trim() === s && !s.includes('\r')),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }), (rows) => {
        const text = formatCsv(['first', 'second'], [...rows, ['text', 'text'], ['more', 'more']]);
        const types = { first: 'categorical', second: 'categorical' } as const;
        const back = parseCsv(text, { types, missingDefaults: false, delimiter: ',', header: true });
        const kept = rows.filter((row) => row.join('') !== '' || row.length > 1);
        kept.forEach((row, i) => {
          expect(back.cell(i, 'first')).toBe(String(row[0]) === '' ? null : String(row[0]));
          expect(back.cell(i, 'second')).toBe(String(row[1]) === '' ? null : String(row[1]));
        });
      }),
      { seed: 9 },
    );
    expect(
      formatCsv(
        ['a', 'b'],
        [
          [1, null],
          ['x,y', true],
        ],
      ),
    ).toBe('a,b\n1,\n"x,y",true\n');
    expect(formatCsv(['a'], [[1]], { header: false })).toBe('1\n');
    expect(codeOf(() => formatCsv(['a'], [[1, 2] as Cell[]]))).toBe('ERR_SHAPE');
  });
});

describe('faults in CSV', () => {
  test('text in a numeric column is ERR_TYPE with line, column and the ways out', () => {
    const rows = Array.from({ length: 20 }, (_, i) => `${i},${i === 14 ? 'about 3' : i}`);
    const error = refusal(() => parseCsv(`id,age\n${rows.join('\n')}`, { source: 'people.csv' }));
    expect(error.code).toBe('ERR_TYPE');
    expect(error.message).toBe(
      'people.csv line 16, column "age": "about 3" is not a number, but 19 of 20 cells are numbers. ' +
        'Correct it, add it to the option missing, or declare types: { "age": \'categorical\' }.',
    );
    expect(error.details).toEqual({
      line: 16,
      column: 'age',
      value: 'about 3',
      problem: 'people.csv line 16, column "age": "about 3" is not a number, but 19 of 20 cells are numbers.',
      fix: [{ missing: ['about 3'] }, { types: { age: 'categorical' } }],
    });
    for (const fix of error.details['fix'] as object[]) expect(parseCsv(`id,age\n${rows.join('\n')}`, fix).rows).toBe(20);
    expect(parseCsv(`id,age\n${rows.join('\n')}`, { missing: ['about 3'] }).summary()[1]!.missing).toBe(1);
    expect(typesOf(`id,age\n${rows.join('\n')}`, { types: { age: 'categorical' } })[1]).toBe('categorical');
  });

  test('a stray cell among dates, or in a declared column, is ERR_TYPE with line and column', () => {
    const dates = Array.from({ length: 20 }, (_, i) => (i === 3 ? 'soon' : `2024-01-${String(i + 10)}`));
    expect(refusal(() => parseCsv(`day\n${dates.join('\n')}`)).message).toContain(
      'CSV line 5, column "day": "soon" is not a date',
    );
    expect(refusal(() => parseCsv('x\n1\nb', { types: { x: 'numeric' } })).message).toBe(
      'CSV line 3, column "x": "b" is not a number.',
    );
    expect(refusal(() => parseCsv('x\nmaybe', { types: { x: 'boolean' } })).message).toContain('"maybe" is not true or false');
  });

  test('lines are counted as an editor does, over blank lines and line ends inside quotes', () => {
    const error = refusal(() => parseCsv('a,b\n\n"1\n\n",2\n3,4,5\n'));
    expect(error.code).toBe('ERR_FORMAT');
    expect(error.message).toContain('CSV line 6 has 3 cells, but there are 2 columns (a, b)');
  });

  test('fault 7: ragged rows are refused with the line and both widths', () => {
    expect(refusal(() => parseCsv('a,b\n1,2\n3\n')).message).toContain('line 3 has 1 cell, but there are 2 columns');
  });

  test('fault 6: an empty text, or a header without rows, is ERR_EMPTY', () => {
    for (const text of ['', '\n\n', '   ', '\uFEFF']) expect(refusal(() => parseCsv(text)).message).toBe('CSV is empty.');
    expect(refusal(() => parseCsv('a,b\n')).message).toBe('CSV has a header, but no rows.');
  });

  test('a quote that is never closed, or closed in the middle of a cell, is ERR_FORMAT with its line', () => {
    expect(refusal(() => parseCsv('a,b\n1,2\n3,"oops\n4,5\n')).message).toContain('CSV line 3: a quoted cell is not closed');
    expect(refusal(() => parseCsv('a,b\n1,"2"x\n3,4\n')).message).toContain('CSV line 2');
  });

  test('the same name twice, and names that look like data, are ERR_FORMAT', () => {
    expect(refusal(() => parseCsv('a,b,a\n1,2,3')).message).toContain('columns 1 and 3 are both called "a"');
    const error = refusal(() => parseCsv('5.1,3.5,setosa\n4.9,3.0,setosa'));
    expect(error.code).toBe('ERR_FORMAT');
    expect(error.message).toContain('header: false');
    expect(error.message).toContain(error.details['problem']);
    const read = (error.details['fix'] as object[]).map((fix) => parseCsv('5.1,3.5,setosa\n4.9,3.0,setosa', fix).rows);
    expect(read).toEqual([2, 1]);
  });

  test('unknown columns are ERR_OPTION with the nearest', () => {
    expect(refusal(() => parseCsv(HOUSES, { columns: ['prise'] })).message).toContain('Did you mean "price"');
    expect(refusal(() => parseCsv(HOUSES, { types: { colour: 'categorical' } })).message).toContain('Did you mean "color"');
    expect(refusal(() => parseCsv(HOUSES).column('sise')).message).toContain('Did you mean "size"');
  });

  test('bad options are ERR_OPTION, and what is no text is ERR_TYPE or ERR_FORMAT', () => {
    for (const options of [
      { delimiter: ', ' },
      { delimiter: '"' },
      { header: 1 },
      { decimal: ';' },
      { missing: 'NA' },
      { types: { size: 'number' } },
      { delimeter: ',' },
    ])
      expect(codeOf(() => parseCsv(HOUSES, options as unknown as CsvOptions))).toBe('ERR_OPTION');
    expect(codeOf(() => parseCsv(5 as unknown as string))).toBe('ERR_TYPE');
    expect(codeOf(() => parseCsv('PK\u0003\u0004\u0000\u0000a,b\n1,2'))).toBe('ERR_FORMAT');
  });

  test('fault 17: a missing target is ERR_LABEL with the line', () => {
    const table = parseCsv(HOUSES, { source: 'houses.csv' });
    expect(refusal(() => table.numbers('price')).message).toContain('houses.csv line 3, column "price": the cell is empty');
    expect(codeOf(() => table.labels('since'))).toBe('ERR_LABEL');
    expect([...table.dropMissing(['price']).numbers('price')]).toEqual([310000, 120000]);
    expect(refusal(() => table.numbers('color')).message).toContain('holds text such as "red"');
  });
});

/** The text in pieces of a few characters, which also cut quoted cells and line ends. */
async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function collect(tables: AsyncIterable<Table>): Promise<Table[]> {
  const all: Table[] = [];
  for await (const table of tables) all.push(table);
  return all;
}

describe('streams', () => {
  test('pieces of any size give the same table as the whole text', async () => {
    const text = HOUSES.repeat(1).replaceAll('\n', '\r\n');
    const wanted = parseCsv(text).records();
    for (const size of [1, 2, 3, 7, 50, 1000]) expect((await readCsv(pieces(text, size))).records()).toEqual(wanted);
  });

  test('text, bytes, iterables, Node streams and web streams are all sources', async () => {
    const wanted = parseCsv(HOUSES).records();
    const bytes = new TextEncoder().encode(HOUSES.replace('dark', 'düster')); // cut in the middle of a character
    const cut = bytes.indexOf(0xc3) + 1;
    expect((await readCsv([bytes.subarray(0, cut), bytes.subarray(cut)])).cell(1, 'color')).toBe('düster, blue');
    expect((await readCsv(new TextEncoder().encode(HOUSES) as unknown as Iterable<Uint8Array>)).records()).toEqual(wanted);
    expect((await readCsv(HOUSES)).records()).toEqual(wanted);
    expect((await readCsv([HOUSES.slice(0, 40), HOUSES.slice(40)])).records()).toEqual(wanted);
    expect((await readCsv(Readable.from([Buffer.from(HOUSES)]))).records()).toEqual(wanted);
    expect((await readCsv(new Blob([HOUSES]).stream())).records()).toEqual(wanted);
    const reader = new Blob([HOUSES]).stream().getReader();
    expect((await readCsv({ getReader: () => reader } as unknown as ReadableStream<Uint8Array>)).records()).toEqual(wanted);
    expect((await rejection(readCsv(5 as unknown as string))).code).toBe('ERR_TYPE');
    expect((await rejection(readCsv([5] as unknown as string[]))).code).toBe('ERR_TYPE');
  });

  test('two passes: a scan finds types and statistics, the stream then gives the same rows as a whole reading', async () => {
    const rows = Array.from(
      { length: 5000 },
      (_, i) => `${i},${i % 7 === 0 ? '' : i / 4},${['a', 'b', '"c, d"'][i % 3]},${i % 2 === 0}`,
    );
    const text = `id,x,kind,even\n${rows.join('\n')}\n`;
    const schema = await scanCsv(pieces(text, 4096));
    const whole = parseCsv(text);
    expect(schema.rows).toBe(5000);
    expect(schema.dialect).toMatchObject({ delimiter: ',', header: true, decimal: 'auto' });
    const summary = whole.summary();
    schema.columns.forEach((found, j) => {
      const { mean, deviation, ...rest } = summary[j]!;
      expect(found).toMatchObject(rest);
      if (mean !== undefined) expect(found.mean).toBeCloseTo(mean, 9);
      if (deviation !== undefined) expect(found.deviation).toBeCloseTo(deviation, 9);
    });
    const tables = await collect(streamCsv(pieces(text, 4096), schema.columns, { ...schema.dialect, chunkRows: 999 }));
    expect(tables.map((table) => table.rows)).toEqual([999, 999, 999, 999, 999, 5]);
    expect(tables.flatMap((table) => table.records())).toEqual(whole.records());
    expect(tables[1]!.lines![0]).toBe(1001);
  });

  test('a stream finds its columns by name, ignores others, and may lack optional ones', async () => {
    const columns = [
      { name: 'b', type: 'numeric' },
      { name: 'y', type: 'numeric' },
    ] as const;
    const [table] = await collect(streamCsv('c,b\n9,1\n8,2\n', columns, { optional: ['y'] }));
    expect(table!.records()).toEqual([{ b: 1 }, { b: 2 }]);
    const error = await rejection(collect(streamCsv('c,b\n9,1\n', columns, { source: 'new.csv' })));
    expect(error.code).toBe('ERR_SHAPE');
    expect(error.message).toBe('new.csv has no column "y". Its columns: c, b.');
  });

  test('a stray cell is refused in either pass, with its line', async () => {
    const text = `x\n${Array.from({ length: 300 }, (_, i) => (i === 200 ? 'oops' : i)).join('\n')}\n`;
    expect((await rejection(scanCsv(pieces(text, 100)))).message).toContain('line 202, column "x": "oops"');
    expect((await rejection(collect(streamCsv(pieces(text, 100), [{ name: 'x', type: 'numeric' }])))).message).toContain(
      'line 202',
    );
  });

  test('a source is closed when reading stops early', async () => {
    let closed = false;
    async function* source() {
      try {
        for (let i = 0; ; i++) yield i === 0 ? 'x\n' : `${'1\n'.repeat(50_000)}`;
      } finally {
        closed = true;
      }
    }
    for await (const table of streamCsv(source(), [{ name: 'x', type: 'numeric' }])) {
      expect(table.rows).toBe(8192);
      break;
    }
    expect(closed).toBe(true);
  });

  test('a quote that swallows the file is refused after a few million characters, not at the end of memory', async () => {
    let given = 0;
    async function* endless() {
      yield 'a,b\n1,2\n3,"never closed\n';
      for (;;) {
        given += 65_536;
        yield 'x,1\n'.repeat(16_384);
      }
    }
    const error = await rejection(scanCsv(endless()));
    expect(error.code).toBe('ERR_FORMAT');
    expect(error.message).toContain('line 3');
    expect(given).toBeLessThan(5_000_000);
  });

  test('memory does not grow with the rows: 200,000 rows of 20 columns stream through in chunks', async () => {
    const row = Array.from({ length: 20 }, (_, j) => (j === 0 ? 'some longer category text' : `${j}.25`)).join(',');
    const header = `${Array.from({ length: 20 }, (_, j) => `c${j}`).join(',')}\n`;
    function* source() {
      yield header;
      for (let i = 0; i < 200; i++) yield `${row}\n`.repeat(1000);
    }
    const schema = await scanCsv(source());
    expect(schema.rows).toBe(200_000);
    const before = process.memoryUsage().rss;
    let rows = 0;
    let largest = 0;
    for await (const table of streamCsv(source(), schema.columns)) {
      rows += table.rows;
      largest = Math.max(largest, process.memoryUsage().rss);
    }
    expect(rows).toBe(200_000);
    expect(largest - before).toBeLessThan(300 * 2 ** 20); // the rows as float64 alone are 32 MB per million cells
  });
});

test('papaparse is imported by the reader and the writer of CSV alone, and no file of the data floor needs Node', () => {
  const folder = new URL('../../src/data/', import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(19);
  for (const file of files) {
    const text = readFileSync(new URL(file, folder), 'utf8');
    expect(text.includes("from 'papaparse'")).toBe(['csv/records.ts', 'csv/format.ts'].includes(file));
    expect(text).not.toMatch(/from 'node:|from 'fs'|\bBuffer\b|\bprocess\./);
    for (const [, from] of text.matchAll(/from '(\.[^']+)'/g)) {
      const { pathname } = new URL(from!, new URL(file, folder));
      const imported = pathname.slice(pathname.indexOf('/src/') + 1);
      expect(imported).toMatch(/^src\/(data\/|(brands|errors|options|platform)\.js)/);
    }
  }
});

// Prints the catalogue of faults (docs/faults.md) row by row with the tests that cover each, by their names:
// `fault 52: …`, or `fault 36, 37: …` for several. Ends with code 1 when a row has none.
//
//   node scripts/fault-table.mjs            one line per row, with its first test
//   node scripts/fault-table.mjs --all      every test

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');

/** The rows of the catalogue: number, fault, wanted behaviour. */
export function readCatalogue(text = readFileSync(join(root, 'docs/faults.md'), 'utf8')) {
  return [...text.matchAll(/^\| (\d+) \| (.*?) \| (.*?) \|$/gm)].map(([, number, fault, wanted]) => ({
    number: Number(number),
    fault,
    wanted,
  }));
}

/** Names of tests (and groups of tests) in a file's text that begin with `fault N:`. Those marked skip or todo do not count. */
export function faultTests(text) {
  const names = /([\w.]*)\(\s*(['"`])fault ((?:\d+, )*\d+): ((?:\\.|(?!\2)[^\\])*)\2/g;
  return [...text.matchAll(names)]
    .filter(([, call]) => !/\b(skip|todo|fails)\b/.test(call))
    .map(([, , , numbers, name]) => ({ numbers: numbers.split(', ').map(Number), name: name.replace(/\\(.)/g, '$1') }));
}

/** Every row with its tests: [{ number, fault, wanted, tests: [{ file, name }] }]. */
export function faultTable() {
  const rows = readCatalogue().map((row) => ({ ...row, tests: [] }));
  const files = readdirSync(join(root, 'tests'), { recursive: true }).filter((file) => file.endsWith('.test.ts'));
  for (const file of files.sort())
    for (const { numbers, name } of faultTests(readFileSync(join(root, 'tests', file), 'utf8')))
      for (const number of numbers) {
        const row = rows.find((candidate) => candidate.number === number);
        if (row === undefined) throw new Error(`tests/${file}: "fault ${number}: ${name}" is not in docs/faults.md`);
        row.tests.push({ file: `tests/${file}`, name });
      }
  return rows;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = faultTable();
  const all = process.argv.includes('--all');
  const short = (text, width) => (text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width));
  for (const { number, fault, tests } of rows) {
    const shown = all ? tests : tests.slice(0, 1);
    const more = tests.length > shown.length ? ` (+${tests.length - shown.length})` : '';
    const lines = shown.map(({ file, name }, i) => `${file}: ${name}${i === 0 ? more : ''}`);
    console.log(`${String(number).padStart(2)}  ${short(fault, 48)}  ${lines.join(`\n${' '.repeat(54)}`) || 'NO TEST'}`);
  }
  const missing = rows.filter((row) => row.tests.length === 0).map((row) => row.number);
  const tests = rows.reduce((sum, row) => sum + row.tests.length, 0);
  console.log(`\n${rows.length - missing.length} of ${rows.length} faults are covered, by ${tests} tests.`);
  if (missing.length > 0) {
    console.error(`Without a test: ${missing.join(', ')}.`);
    process.exitCode = 1;
  }
}

// Counts the rows of docs/course-rows.md: 157, each once and in order, each shown by something that is there and asserted by a test that names it.
// `node scripts/course-rows.mjs [FILE]` prints how many are shown, and which are not yet; it fails with one line for each fault. With --write it first
// makes docs/course-rows.md name each live page, `learn NAME`, in just the rows that the page's front matter lists.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { learnPages } from '../site/learn/contents.mjs';

const root = join(import.meta.dirname, '..');
const rowCount = 157;
const read = (path) => readFileSync(join(root, path), 'utf8');
const pages = Object.values(JSON.parse(read('examples/course/contents.json'))).flatMap(Object.keys);
const scripts = JSON.parse(read('package.json')).scripts;
const labs = [...read('docs/labs.md').matchAll(/^\| (\d) /gm)].map(([, lab]) => Number(lab));

if (process.argv[2] === '--write') {
  const path = join(root, 'docs/course-rows.md');
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(path, lines.map(withLivePages).join('\n'));
}

/** A line of the table with the live pages of its row at the end of what shows it. */
function withLivePages(line) {
  if (!/^\| \d+ \|/.test(line)) return line;
  const cells = line.split(' | ');
  const row = Number(cells[0].slice(2));
  const live = learnPages.filter(({ rows }) => rows.includes(row)).map(({ name }) => `\`learn ${name}\``);
  cells[3] = [...cells[3].split(', ').filter((part) => !part.startsWith('`learn ')), ...live].join(', ');
  return cells.join(' | ');
}

/** Rows that the tests of a file name in their titles: "(rows 14 to 19, 35, 65)". */
function named(file) {
  const rows = new Set();
  for (const [, list] of read(file).matchAll(/\(rows? ([\d, to]+)\)',/g))
    for (const part of list.split(', ')) {
      const [from, to = from] = part.split(' to ').map(Number);
      for (let row = from; row <= to; row++) rows.add(row);
    }
  return rows;
}

/** What is wrong with what shows a row. */
function faultOfShown(row, shown) {
  if (shown.trim() === '') return 'nothing shows it';
  for (const [, words] of shown.matchAll(/`([^`]+)`/g)) {
    const [first, second] = words.split(' ');
    const known =
      first === 'course'
        ? pages.includes(second)
        : first === 'learn'
          ? learnPages.some(({ name, rows }) => name === second && rows.includes(row))
          : first === 'lab'
            ? labs.includes(Number(second))
            : first === 'npm'
              ? second in scripts || words.split(' ')[2] in scripts
              : first === 'feedforward' || existsSync(join(root, first));
    if (!known) return `${words} is not there`;
  }
  for (const [, link] of shown.matchAll(/\]\(([^)]+)\)/g))
    if (!existsSync(join(root, 'docs', link))) return `docs/${link} is not there`;
  return undefined;
}

function faultOfAsserted(row, asserted) {
  const match = /^`([^`]+)`(?: "(.+)")?$/.exec(asserted);
  if (match === null) return 'no test asserts it';
  const [, file, title] = match;
  if (!existsSync(join(root, file))) return `${file} is not there`;
  if (title === undefined) return named(file).has(row) ? undefined : `no test of ${file} has row ${row} in its title`;
  return read(file).includes(title) ? undefined : `${file} has no test "${title}"`;
}

const faults = [];
const waiting = [];
const lines = read(process.argv[2]?.endsWith('.md') ? process.argv[2] : 'docs/course-rows.md')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line));
lines.forEach((line, i) => {
  const [number, , , shown, asserted] = line.replace(/^\| /, '').replace(/ \|$/, '').split(' | ');
  if (Number(number) !== i + 1) faults.push(`row ${i + 1} is missing: "${line}" stands there`);
  else if (shown.startsWith('not yet')) waiting.push(i + 1);
  else {
    const fault = faultOfShown(i + 1, shown) ?? faultOfAsserted(i + 1, asserted);
    if (fault !== undefined) faults.push(`row ${i + 1}: ${fault}`);
  }
});
if (lines.length !== rowCount) faults.push(`${lines.length} rows, ${rowCount} expected`);

for (const fault of faults) console.error(fault);
console.log(
  `${lines.length - waiting.length - faults.length} of ${rowCount} rows shown; not yet: ${waiting.join(', ') || 'none'}`,
);
if (faults.length > 0) process.exitCode = 1;

// The text of the live pages, without a browser: the block to copy prints what its comments say, the rows are those of docs/course-rows.md.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { learnPages, lectures } from '../../site/learn/contents.mjs';
import { excerpt } from '../../site/learn/excerpts.mjs';
import { root } from '../support/tarball.js';

const folder = mkdtempSync(join(tmpdir(), 'learn-'));
afterAll(() => rmSync(folder, { recursive: true }));
const table = readFileSync(join(root, 'docs/course-rows.md'), 'utf8');

describe.each(learnPages)('$name', ({ name, code, rows, excerpts }) => {
  test.skipIf(code === undefined)('its block prints what stands in its comments', () => {
    const expected = [...code!.matchAll(/^console\.log\(.*\/\/ (.+)$/gm)].map(([, words]) => words!);
    expect(expected.length, 'lines console.log(…); // what is printed').toBeGreaterThan(0);
    const script = join(folder, `${name}.mjs`);
    writeFileSync(script, code!.replace("from 'feedforward'", `from '${pathToFileURL(join(root, 'dist/index.js')).href}'`));
    expect(execFileSync(process.execPath, [script], { encoding: 'utf8' }).trimEnd().split('\n')).toEqual(expected);
  });

  test('docs/course-rows.md names it in the rows that it shows, and in no other', () => {
    const named = table
      .split('\n')
      .filter((line) => line.includes(`\`learn ${name}\``))
      .map((line) => Number(line.split(' ')[1]));
    expect(named, 'node scripts/course-rows.mjs --write').toEqual(rows);
  });

  test.skipIf(excerpts.length === 0)('its lines of the library are there', () => {
    for (const one of excerpts) expect(excerpt(one).length).toBeGreaterThan(10);
  });
});

test('the page for teachers has each live page in the lectures that it is for', () => {
  const sections = readFileSync(join(root, 'site/pages/teaching.md'), 'utf8').split(/^## /m).slice(1);
  for (const [letter, lecture] of Object.entries(lectures)) {
    const section = sections.find((text) => text.startsWith(lecture));
    const linked = [...section!.matchAll(/\.\.\/learn\/([\w-]+)\.html/g)].map(([, name]) => name!);
    const meant = learnPages.filter(({ letters }) => letters.includes(letter)).map(({ name }) => name);
    expect
      .soft(
        meant.filter((name) => !linked.includes(name)),
        `not yet in ${lecture}`,
      )
      .toEqual([]);
  }
});

test('an excerpt that is gone, or too long, is refused by name', () => {
  expect(() => excerpt({ file: 'src/estimators/perceptron.ts', name: 'Perceptron.passes' })).toThrow(
    'There is no "passes" in src/estimators/perceptron.ts',
  );
  expect(() => excerpt({ file: 'src/estimators/perceptron.ts', name: 'Perceptron' })).toThrow(/has \d+ lines, at most 24/);
  expect(() => excerpt({ file: 'src/estimators/perceptron.ts', name: 'Perceptron.pass', from: 'nothing' })).toThrow(
    'No line begins with "nothing"',
  );
});

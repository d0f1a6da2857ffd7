// The documents of the course: every row of the table is shown and asserted, links lead somewhere, the short reads have their sources.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const docs = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');
const count = (...more: string[]) =>
  spawnSync(process.execPath, [join(root, 'scripts/course-rows.mjs'), ...more], { encoding: 'utf8' });

describe('the documents of the course', () => {
  test('show all 157 rows, each with a test that names it, or say which are not yet shown', () => {
    const { status, stdout, stderr } = count();
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+ of 157 rows shown; not yet: /);
  });

  test('are refused where a row is missing, what shows it is not there, or no test names it', () => {
    const lines = docs('course-rows.md').split('\n');
    const at = lines.findIndex((line) => line.startsWith('| 50 |'));
    const copy = join(root, 'docs', 'course-rows.planted.md');
    const planted = (change: (line: string) => string[]) => {
      writeFileSync(copy, [...lines.slice(0, at), ...change(lines[at]!), ...lines.slice(at + 1)].join('\n'));
      const { status, stderr } = count('docs/course-rows.planted.md');
      expect(status).toBe(1);
      return stderr;
    };
    try {
      expect(planted(() => [])).toMatch(/row 50 is missing[\s\S]*156 rows, 157 expected/);
      expect(planted((line) => [line.replace('`course learning-rate`', '`course learning-rates`')])).toMatch(
        /row 50: course learning-rates is not there/,
      );
      expect(planted((line) => [line.replace('descent.test.ts', 'depth.test.ts')])).toMatch(
        /row 50: no test of .*depth\.test\.ts has row 50/,
      );
      expect(planted((line) => [line.replace(/`course learning-rate`[^|]*/, ' ')])).toMatch(/row 50: nothing shows it/);
    } finally {
      rmSync(copy);
    }
  });

  test('link to what is there, and the README leads to them', () => {
    for (const name of ['course.md', 'course-rows.md', 'landmarks.md', 'kolmogorov-arnold.md'])
      for (const [, link] of docs(name).matchAll(/\]\(([^)]+)\)/g))
        if (!link!.startsWith('http')) expect(existsSync(join(root, 'docs', link!)), `${name}: ${link}`).toBe(true);
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(readme).toContain('npx feedforward course');
    expect(readme).toContain('](docs/course.md)');
    const pages = Object.values(
      JSON.parse(readFileSync(join(root, 'examples/course/contents.json'), 'utf8')) as Record<string, Record<string, string>>,
    ).flatMap((part) => Object.keys(part));
    for (const page of pages) {
      expect(docs('course.md')).toContain(`npx feedforward course ${page}\n`);
      expect(existsSync(join(root, `docs/pictures/course-${page}.svg`)), page).toBe(true);
    }
    for (const name of ['landmarks.md', 'kolmogorov-arnold.md'])
      for (const [, page] of docs(name).matchAll(/npx feedforward course ([a-z-]+)/g)) expect(pages, name).toContain(page);
  });

  test('landmarks run from 1943 to 1986, each with a source; Kolmogorov is irrelevant, relevant and revisited (rows 13, 87)', () => {
    const text = docs('landmarks.md');
    const [story, sources] = text.split('## Sources') as [string, string];
    const years = [...story.matchAll(/^\| (\d{4}) \|/gm)].map(([, year]) => Number(year));
    expect(years.length).toBeGreaterThan(10);
    expect(years[0]).toBe(1943);
    expect(years.at(-1)).toBe(1986);
    expect(years).toEqual([...years].sort((a, b) => a - b));
    for (const year of years) expect(sources, String(year)).toMatch(new RegExp(`^- .* ${year}, `, 'm'));
    const kolmogorov = docs('kolmogorov-arnold.md');
    for (const title of ["Kolmogorov's theorem is irrelevant", "Kolmogorov's theorem is relevant", 'theorem revisited'])
      expect(kolmogorov.split('## Sources')[1]).toContain(title);
  });
});

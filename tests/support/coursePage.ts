// Runs pages of the course as a reader runs them, against the library as built, and holds docs/course.md to what they say and draw.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

export interface Page<T> {
  /** What `--json` prints. */
  readonly figures: T;
  /** What the page says, as `--text` writes it. */
  readonly text: string;
}

/** Runs a page; its figures and its words. What docs/course.md shows of it has to be what it says, and its picture what it draws. */
export async function page<T = Record<string, unknown>>(name: string): Promise<Page<T>> {
  const folder = mkdtempSync(join(tmpdir(), 'feedforward-course-'));
  try {
    const { figures, svg, text } = await run<T>(join(root, `examples/course/${name}.js`), folder);
    const shown = new RegExp(`<!-- ${name} says -->\n\`\`\`\n([\\s\\S]*?)\`\`\`\n`).exec(
      readFileSync(join(root, 'docs/course.md'), 'utf8'),
    );
    expectAlike(text, shown?.[1] ?? '', `docs/course.md, ${name}; node scripts/course-docs.mjs ${name} writes it`);
    const drawn = readFileSync(join(root, `docs/pictures/course-${name}.svg`), 'utf8');
    expectAlike(svg, drawn, `docs/pictures/course-${name}.svg; node scripts/course-docs.mjs ${name} writes it`);
    return { figures, text };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a script with the options of a course page; its picture has to be well-formed and small. */
export async function run<T>(script: string, folder: string, ...more: string[]) {
  const [picture, words] = [join(folder, 'picture.svg'), join(folder, 'text.txt')];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, '--json', `--svg=${picture}`, `--text=${words}`, ...more],
    { maxBuffer: 1e8 },
  );
  const svg = readFileSync(picture, 'utf8');
  expect(svg).toMatch(/^<svg [^>]*viewBox="[\d .]+"[\s\S]*<\/svg>\n$/);
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  expect(svg.length).toBeLessThan(60_000);
  expect(stdout.trimEnd().split('\n').length).toBe(1);
  return { figures: JSON.parse(stdout) as T, svg, text: readFileSync(words, 'utf8') };
}

const number = /-?\d+(?:\.\d+)?(?:e[-+]?\d+)?/g;

/** The same words, and the same numbers but for their last digit: engines differ in the last bit of Math.exp and others. */
function expectAlike(got: string, expected: string, what: string): void {
  const words = (text: string) => text.replace(number, '#').replace(/ +/g, ' ');
  expect(words(got), what).toBe(words(expected));
  const numbers = (text: string): readonly string[] => text.match(number) ?? [];
  const [a, b] = [numbers(got), numbers(expected)];
  a.forEach((digits, i) => {
    const [mantissa = '', power = '0'] = digits.split('e');
    const unit = 10 ** (Number(power) - (mantissa.split('.')[1]?.length ?? 0));
    expect(Math.abs(Number(digits) - Number(b[i])), `${what}: ${digits} where ${b[i]} stands`).toBeLessThanOrEqual(1.01 * unit);
  });
}

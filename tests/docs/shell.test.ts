// Commands that README.md, docs/ and site/pages print: each exists with the options it is given, and those of docs/command-line.md that take
// seconds run in their order, on small files of the names they use. Needs a build in dist.

import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { feedforward } from '../support/cli.js';

const root = join(import.meta.dirname, '..', '..');

interface Line {
  readonly file: string;
  /** The words after `feedforward`. */
  readonly words: readonly string[];
}

/** Words of a command without what a shell makes of them: comments, pipes, quotes. */
const wordsOf = (text: string) =>
  text
    .replace(/(^|\s)#.*$/, '')
    .split(/\s(?:>|\||\|\||;)\s?/)[0]!
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/^"(.*)"$/, '$1'))
    .filter((word) => word !== '');

const pages = [
  'README.md',
  ...['docs', 'site/pages'].flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)),
];
const lines = pages
  .filter((name) => name.endsWith('.md'))
  .flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block]) =>
      [...block!.matchAll(/^(?:.*\|)?\s*(?:npx )?feedforward (.*)$/gm)].map(
        ([, text]): Line => ({ file, words: wordsOf(text!) }),
      ),
    ),
  );

const folder = mkdtempSync(join(tmpdir(), 'shell-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('every command that a page prints exists, with all its options', { timeout: 240_000 }, async () => {
  expect(lines.length).toBeGreaterThan(30);
  const commands = [...new Set(lines.map(({ words }) => words[0]!))];
  const helps = new Map<string, string>();
  for (const command of commands) {
    const { code, stdout } = await feedforward([command, '--help'], { cwd: folder });
    if (code === 0) helps.set(command, stdout);
  }
  const wrong = lines.flatMap(({ file, words: [command, ...words] }) => {
    const help = helps.get(command!);
    if (help === undefined) return [`${file}: there is no command "${command}"`];
    const known = new Set([...help.matchAll(/(?<=^ {2}| )--?[\w-]+/gm)].map(([flag]) => flag));
    return words.filter((word) => /^--?\w/.test(word) && !known.has(word)).map((flag) => `${file}: ${command} has no ${flag}`);
  });
  expect(wrong).toEqual([]);
});

/** Commands that take minutes, or all day. */
const long = ['search', 'bench', 'worker'];

beforeAll(() => {
  const house = (i: number) => ({ area: 40 + ((i * 37) % 100), floor: i % 6, garden: i % 3 === 0 ? 'yes' : 'no' });
  const price = ({ area, floor, garden }: ReturnType<typeof house>) => 3 * area + 10 * floor + (garden === 'yes' ? 40 : 0);
  const csv = (from: number, count: number, priced: boolean) =>
    [
      `area,floor,garden${priced ? ',price' : ''}`,
      ...Array.from({ length: count }, (_, i) => house(from + i)).map((h) =>
        [...Object.values(h), ...(priced ? [price(h)] : [])].join(','),
      ),
    ].join('\n');
  writeFileSync(join(folder, 'houses.csv'), csv(0, 320, true));
  for (const name of ['sold-since.csv', 'sold.csv']) writeFileSync(join(folder, name), csv(320, 80, true));
  writeFileSync(join(folder, 'new.csv'), csv(400, 5, false));
  copyFileSync(join(root, 'examples/pages/iris.csv'), join(folder, 'flowers.csv'));
});

test('those of docs/command-line.md run in their order', { timeout: 240_000 }, async () => {
  const own = lines.filter(({ file, words }) => file === 'docs/command-line.md' && !long.includes(words[0]!));
  expect(own.length).toBeGreaterThan(12);
  const flowers = ['train', 'flowers.csv', '--target', 'species', '--calibration-size', '0.3', '-o', 'iris.ff'];
  for (const { words } of [{ words: flowers }, ...own]) {
    if (words.includes('pump.ff')) continue; // reads what a sensor goes on writing
    const quick = words[0] === 'train' ? [...words, '--preset', 'quick', '--test-size', '0.2'] : words;
    const { code, stderr } = await feedforward(quick, { cwd: folder });
    expect(code, `feedforward ${words.join(' ')}\n${stderr}`).toBe(0);
    const at = words.findIndex((word) => ['-o', '--report', '--svg'].includes(word));
    if (at > 0) expect(existsSync(join(folder, words[at + 1]!)), words.join(' ')).toBe(true);
  }
});

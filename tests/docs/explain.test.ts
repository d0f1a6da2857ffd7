// Every snippet of docs/explain.md runs as it stands, and what its comments promise is so.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as feedforward from '../../src/entries/index.js';

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'explain.md'), 'utf8');
const snippets = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);
const AsyncFunction = (async () => undefined).constructor as new (...words: string[]) => (...values: unknown[]) => Promise<void>;

test('there are snippets in docs/explain.md', () => expect(snippets.length).toBe(5));

test.each(snippets)('%s', async (snippet) => {
  const [, names] = /^import \{ (.*) \} from 'feedforward';/.exec(snippet)!;
  const checked = snippet
    .replace(/^import.*\n/, '')
    // A statement with a comment behind it gives what the comment says; words after a comma are for readers.
    .replace(/^(?!const |let )(.+); \/\/ (\[.*\]|'.*'|true|false|-?[\d.]+)(, .*)?$/gm, 'check($1, $2);');
  expect(checked).toContain('check(');
  let checks = 0;
  const check = (found: unknown, wanted: unknown) => {
    checks++;
    if (typeof wanted === 'number') expect(found).toBeCloseTo(wanted, 6);
    else expect(JSON.parse(JSON.stringify(found), close)).toEqual(wanted);
  };
  await new AsyncFunction('feedforward', 'check', `const { ${names} } = feedforward;\n${checked}`)(feedforward, check);
  expect(checks).toBeGreaterThan(0);
});

/** Numbers that are whole but for rounding, as whole. */
const close = (_: string, value: unknown) =>
  typeof value === 'number' && Math.abs(value - Math.round(value)) < 1e-9 ? Math.round(value) + 0 : value;

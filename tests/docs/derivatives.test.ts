// Every snippet of docs/derivatives.md runs as it stands, and what its comments promise is so.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as feedforward from '../../src/entries/index.js';

const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'derivatives.md'), 'utf8');
const snippets = [...text.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code]) => code!);

test('there are snippets in docs/derivatives.md', () => expect(snippets.length).toBe(2));

test.each(snippets)('%s', (snippet) => {
  const [, names] = /^import \{ (.*) \} from 'feedforward';/.exec(snippet)!;
  const checked = snippet
    .replace(/^import.*\n/, '')
    .replace(/^(?!const |let )(.+); \/\/ (\[.*\]|true)(, .*)?$/gm, 'check($1, $2);');
  let checks = 0;
  const check = (found: unknown, wanted: unknown) => {
    checks++;
    expect(found).toEqual(wanted);
  };
  new Function('feedforward', 'check', `const { ${names} } = feedforward;\n${checked}`)(feedforward, check);
  expect(checks).toBeGreaterThan(0);
});

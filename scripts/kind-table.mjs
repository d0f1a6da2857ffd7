// Prints the kinds of wrong answers (docs/kinds.md) with the tests that cover each, and ends with code 1 where one is missing.
//
//   node scripts/kind-table.mjs

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');

/** Every kind: [{ kind, right, tests: [{ file, title, found }] }]. A title is a part of a test's name, or of a source of names. */
export function kindTable(
  text = readFileSync(join(root, 'docs/kinds.md'), 'utf8'),
  read = (file) => readFileSync(join(root, file), 'utf8'),
) {
  return [...text.matchAll(/^\| ([TDFC]\d+) \| (.*?) \| (.*?) \|$/gm)].map(([, kind, right, cell]) => {
    let file = '';
    const tests = cell.split('; ').map((part) => {
      const named = /^(tests\/\S+\.test\.ts): (.*)$/.exec(part);
      if (named !== null) file = named[1];
      const title = named === null ? part : named[2];
      return { file, title, found: isTitle(read(file), title) };
    });
    return { kind, right, tests };
  });
}

/** Whether a quoted text in the file, which is no part of an import, holds the title. */
function isTitle(source, title) {
  const text = source.replaceAll(/^import .*$/gm, '').replaceAll("\\'", "'");
  const at = text.indexOf(title);
  return at >= 0 && /['"`]/.test(text.slice(text.lastIndexOf('\n', at) + 1, at));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const rows = kindTable();
  for (const { kind, right, tests } of rows) {
    console.log(`${kind.padEnd(4)}${right}`);
    for (const { file, title, found } of tests) console.log(`      ${found ? '' : 'MISSING '}${file}: ${title}`);
  }
  const missing = rows.flatMap((row) => row.tests.filter((test) => !test.found));
  console.log(`\n${rows.length} kinds, ${rows.reduce((sum, row) => sum + row.tests.length, 0)} tests.`);
  if (missing.length > 0) {
    console.error(`${missing.length} of them do not exist.`);
    process.exitCode = 1;
  }
}

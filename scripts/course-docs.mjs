// Writes what the pages of the course say, and their pictures, into docs/course.md: `npm run build && node scripts/course-docs.mjs`,
// or with names of pages, only those. The tests of the course hold the document to what the pages say (tests/claims).

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const document = join(root, 'docs/course.md');
const folder = mkdtempSync(join(tmpdir(), 'course-'));
const all = Object.values(JSON.parse(readFileSync(join(root, 'examples/course/contents.json'), 'utf8'))).flatMap(Object.keys);
const names = process.argv.length > 2 ? process.argv.slice(2) : all;
try {
  for (const page of names) {
    const text = join(folder, `${page}.txt`);
    const picture = join(root, `docs/pictures/course-${page}.svg`);
    execFileSync(process.execPath, [join(root, `examples/course/${page}.js`), '--quiet', `--text=${text}`, `--svg=${picture}`]);
    const block = new RegExp(`(<!-- ${page} says -->\n\`\`\`\n)[\\s\\S]*?(\`\`\`\n)`);
    const before = readFileSync(document, 'utf8');
    if (!block.test(before)) throw new Error(`docs/course.md has no block "<!-- ${page} says -->".`);
    writeFileSync(
      document,
      before.replace(block, (_, open, close) => open + readFileSync(text, 'utf8') + close),
    );
    console.log(page);
  }
} finally {
  rmSync(folder, { recursive: true });
}

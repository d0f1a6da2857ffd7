// Formats the AssemblyScript of the project as biome.json says, or with --check names the files that are not. Biome knows no
// decorators of functions, which AssemblyScript has, so it is shown comments in their place.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = new URL('..', import.meta.url).pathname;
const files = ['assembly', 'tools/unpack', 'tests/support']
  .flatMap((folder) => readdirSync(`${root}${folder}`, { recursive: true }).map((name) => join(folder, name)))
  .filter((file) => /(?<!\.generated)\.ts$/.test(file) && (!file.startsWith('tests/') || /\/probe[^/]*$/.test(file)));

const hide = (text) => text.replace(/^@(\w+)\s+(?=(export )?function)/gm, '// decorator: $1\n');
const show = (text) => text.replace(/^\/\/ decorator: (\w+)$/gm, '@$1');

const folder = mkdtempSync(join(tmpdir(), 'format-'));
try {
  const { formatter, javascript } = JSON.parse(readFileSync(`${root}biome.json`, 'utf8'));
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ formatter, javascript }));
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), hide(readFileSync(`${root}${file}`, 'utf8')));
  }
  execFileSync(`${root}node_modules/.bin/biome`, ['format', '--write', folder], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const changed = files.filter((file) => {
    const formatted = show(readFileSync(join(folder, file), 'utf8'));
    if (formatted === readFileSync(`${root}${file}`, 'utf8')) return false;
    if (!process.argv.includes('--check')) writeFileSync(`${root}${file}`, formatted);
    return true;
  });
  if (process.argv.includes('--check') && changed.length > 0) {
    console.error(`Not formatted: ${changed.join(', ')}. Run node scripts/format-core.mjs.`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}

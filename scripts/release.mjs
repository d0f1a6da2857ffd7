// Packs a release. npm's provenance refuses packages that name no repository, and the repository is not this script's to know:
//
//   node scripts/release.mjs --repository https://example.org/owner/feedforward [--out FOLDER] [--no-build]
//
// builds, checks that version, changelog and CITATION.cff agree, writes repository, homepage and bugs into the package.json that
// is packed (the one in the working tree stays as it is), and leaves feedforward-VERSION.tgz in FOLDER (default: here). RELEASING.md
// says what to do around it.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({
  options: { repository: { type: 'string' }, out: { type: 'string', default: '.' }, 'no-build': { type: 'boolean' } },
});

function refuse(message) {
  console.error(message);
  process.exit(1);
}

let address;
try {
  address = new URL(values.repository ?? '');
} catch {
  refuse('release: --repository needs the address of the repository, such as https://example.org/owner/feedforward.');
}
if (address.protocol !== 'https:') refuse(`release: --repository must be an https address, got ${values.repository}.`);

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const { version } = manifest;
const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
if (!changelog.includes(`\n## ${version}\n`)) refuse(`release: CHANGELOG.md has no part "## ${version}".`);
if (!readFileSync(join(root, 'CITATION.cff'), 'utf8').includes(`\nversion: ${version}\n`))
  refuse(`release: CITATION.cff names another version than package.json, which says ${version}.`);

const page = address.href.replace(/\.git$/, '').replace(/\/$/, '');
const staged = mkdtempSync(join(tmpdir(), 'release-'));
try {
  if (!values['no-build']) execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'inherit' });
  // A path that begins with "!" says what is left out of the others; npm reads it from the manifest.
  for (const path of [...manifest.files.filter((path) => !path.startsWith('!')), 'package.json'])
    cpSync(join(root, path), join(staged, path), { recursive: true });
  const { scripts: _, devDependencies: __, ...published } = manifest;
  writeFileSync(
    join(staged, 'package.json'),
    `${JSON.stringify(
      { ...published, homepage: `${page}#readme`, repository: { type: 'git', url: `git+${page}.git` }, bugs: `${page}/issues` },
      null,
      2,
    )}\n`,
  );
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  const packed = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', out], {
    cwd: staged,
    encoding: 'utf8',
  });
  const [{ filename, size }] = JSON.parse(packed);
  console.log(`${join(out, filename)}: ${(size / 1000).toFixed(0)} kB, ready for npm publish --provenance`);
} finally {
  rmSync(staged, { recursive: true, force: true });
}

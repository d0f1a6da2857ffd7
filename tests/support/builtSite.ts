// The site, made once for all tests that open it: a folder in build, made anew where what it is made of has changed.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './tarball.js';

const sources = ['site', 'docs', 'src', 'assembly', 'dist', 'package.json', 'typedoc.json', 'tsconfig.json'];

/** A digest of all files that the site is made of. */
function digest(): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    if (path === join(root, 'site/dist') || path.endsWith('node_modules')) return;
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else hash.update(path).update(readFileSync(path));
  };
  for (const source of sources) add(join(root, source));
  return hash.digest('hex');
}

/** Whether the process that wrote a lock still runs. */
function isHeld(lock: string): boolean {
  try {
    const id = Number(readFileSync(lock, 'utf8'));
    return id === 0 || process.kill(id, 0); // 0: not written yet
  } catch {
    return false;
  }
}

/**
 * The folder of the built site. The first test that asks makes it, others wait. Needs a build in dist.
 * @throws what the build of the site says.
 */
export async function builtSite(): Promise<string> {
  const { SITE } = process.env; // a part of the site, while one works on that
  const folder = join(root, SITE === undefined ? 'build/site' : `build/site-${SITE}`);
  const stamp = `${folder}.stamp`;
  const lock = `${folder}.lock`;
  const key = digest();
  const isMade = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === key;
  mkdirSync(join(root, 'build'), { recursive: true });
  while (!isMade()) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch {
      // Another test makes it, however long that takes. One that was ended leaves its lock behind.
      if (!isHeld(lock)) rmSync(lock, { recursive: true, force: true });
      await new Promise((resolve) => setTimeout(resolve, 200));
      continue;
    }
    try {
      rmSync(stamp, { force: true });
      const fresh = `${folder}.new`;
      await promisify(execFile)(process.execPath, [join(root, 'site/build.mjs'), fresh], { cwd: root, maxBuffer: 1e8 });
      rmSync(folder, { recursive: true, force: true });
      renameSync(fresh, folder);
      writeFileSync(stamp, key);
    } finally {
      rmSync(lock, { force: true });
    }
  }
  return folder;
}

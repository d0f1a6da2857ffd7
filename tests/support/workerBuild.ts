// The package as shipped, built for one test file: a worker runs built files, not the sources the tests import.

import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..', '..');

/** Builds into build/`name`; returns the folder. */
export function buildPackage(name: string): string {
  const folder = join(root, 'build', name);
  rmSync(folder, { recursive: true, force: true });
  const tsdown = join(root, 'node_modules', 'tsdown', 'dist', 'run.mjs');
  execFileSync(process.execPath, [tsdown, '--no-dts', '--out-dir', folder], { cwd: root, stdio: 'pipe' });
  return folder;
}

/** A module of that build. */
export async function importBuilt<T>(folder: string, file: string): Promise<T> {
  return (await import(/* @vite-ignore */ pathToFileURL(join(folder, file)).href)) as T;
}

// The package as npm would publish it, unpacked into the node_modules of an empty folder outside the project.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '..', '..');

export interface Tarball {
  /** An empty folder with node_modules/feedforward in it. */
  readonly folder: string;
  readonly tarball: string;
  /** Paths in the package. */
  readonly files: readonly string[];
  /** Bytes of the tarball. */
  readonly size: number;
  /** Writes a file into the folder; returns its path. */
  write(name: string, text: string): string;
  /** What a program in the folder prints; throws with its error output when it fails. */
  run(program: string, ...args: string[]): string;
}

/** Packs what `npm run build` left in dist. */
export function packTarball(): Tarball {
  if (!existsSync(join(root, 'dist', 'index.js'))) throw new Error('There is no dist: run npm run build first.');
  const folder = mkdtempSync(join(tmpdir(), 'feedforward-package-'));
  const out = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [packed] = JSON.parse(out) as [{ filename: string; size: number; files: { path: string }[] }];
  const tarball = join(folder, packed.filename);
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  execFileSync('tar', ['-xzf', tarball, '-C', modules]);
  cpSync(join(modules, 'package'), join(modules, 'feedforward'), { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) symlinkSync(join(root, 'node_modules', name), join(modules, name));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  return {
    folder,
    tarball,
    files: packed.files.map((file) => file.path),
    size: packed.size,
    write(name, text) {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    run(program, ...args) {
      return execFileSync(program, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    },
  };
}

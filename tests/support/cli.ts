// Runs the built command line, as a user's shell would.

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const program = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd: string;
  /** The environment, if it is not this process's own. */
  env?: NodeJS.ProcessEnv;
  /** Text for standard input. */
  input?: string;
  /** The program to run instead of the one in dist. */
  program?: string;
  /** Gets the process as soon as it runs. */
  started?: (child: ChildProcess) => void;
}

/** Runs `feedforward …words` to its end. */
export function feedforward(words: readonly string[], options: RunOptions): Promise<Outcome> {
  const path = options.program ?? program;
  if (!existsSync(path)) throw new Error(`${path} is missing: npm run build makes it.`);
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path, ...words], { cwd: options.cwd, env: options.env ?? process.env, stdio: 'pipe' });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text: Buffer) => {
      stdout += text.toString();
    });
    child.stderr.on('data', (text: Buffer) => {
      stderr += text.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.on('error', () => undefined); // it may end without reading
    child.stdin.end(options.input ?? '');
    options.started?.(child);
  });
}

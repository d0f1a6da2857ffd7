// workerd, the runtime of Cloudflare's workers, in processes of its own. It comes from npm into build/workerd the first time
// a test needs it; where it cannot be had, or does not run, `workerd` says why.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { root } from './tarball.js';

const VERSION = '1.20261117.1';

/** Path of the program, or why there is none. */
export const workerd: { readonly path: string } | { readonly missing: string } = find();

function find(): typeof workerd {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { missing: `this test installs workerd for Linux on x64, and this is ${process.platform} on ${process.arch}` };
  const folder = join(root, 'build', 'workerd', VERSION);
  const path = join(folder, 'node_modules/@cloudflare/workerd-linux-64/bin/workerd');
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=0'];
    try {
      execFileSync('npm', ['install', '--prefix', folder, ...quiet, `@cloudflare/workerd-linux-64@${VERSION}`], {
        stdio: ['ignore', 'ignore', 'pipe'],
        timeout: 60_000,
      });
    } catch (error) {
      return { missing: `npm could not install workerd (${lastLine(String((error as { stderr?: unknown }).stderr ?? error))})` };
    }
  }
  const { status, stderr, error } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  return status === 0 ? { path } : { missing: `workerd does not start here (${error?.message ?? lastLine(stderr)})` };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

export interface RunningWorker {
  /** Where it answers, without a slash at the end. */
  readonly address: string;
  stop(): void;
}

/** A worker of one ES module, with WebAssembly modules beside it by the names it imports. */
export async function serveWorker(
  program: string,
  code: string,
  wasm: Readonly<Record<string, Uint8Array>>,
): Promise<RunningWorker> {
  const folder = mkdtempSync(join(tmpdir(), 'feedforward-workerd-'));
  writeFileSync(join(folder, 'worker.js'), code);
  const embedded = Object.entries(wasm).map(([name, bytes], i) => {
    writeFileSync(join(folder, `${i}.wasm`), bytes);
    return `(name = "${name}", wasm = embed "${i}.wasm")`;
  });
  writeFileSync(
    join(folder, 'config.capnp'),
    `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "main", worker = .main)],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
    );
    const main :Workerd.Worker = (
      modules = [${['(name = "worker", esModule = embed "worker.js")', ...embedded].join(', ')}],
      compatibilityDate = "2025-01-01",
    );`,
  );
  const child = spawn(program, ['serve', 'config.capnp', '--control-fd=3'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const stop = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  let said = '';
  child.stderr!.on('data', (text) => {
    said += text;
  });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      (child.stdio[3] as Readable).on('data', (text) => {
        const port = /"port":(\d+)/.exec(String(text))?.[1];
        if (port !== undefined) resolve(Number(port));
      });
      child.once('error', reject);
      child.once('exit', (status) => reject(new Error(`workerd ended with ${status}: ${said}`)));
      setTimeout(() => reject(new Error(`workerd does not listen: ${said}`)), 20_000).unref();
    });
    return { address: `http://127.0.0.1:${port}`, stop };
  } catch (error) {
    stop();
    throw error;
  }
}

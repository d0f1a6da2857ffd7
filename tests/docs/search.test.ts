// Every program of docs/search.md runs as it stands, against the built package, and prints what the page says; so does every command that is not
// marked as one that was not run, with the address of a server of the test.

import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { feedforward, program } from '../support/cli.js';
import { found, freePort, listening, startRedis } from '../support/servers.mjs';

const root = join(import.meta.dirname, '..', '..');
const text = readFileSync(join(root, 'docs', 'search.md'), 'utf8');
const programs = [...text.matchAll(/```js\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)].map(
  ([, code, printed]) => [code!, printed!] as const,
);

const folder = mkdtempSync(join(tmpdir(), 'docs-search-'));
mkdirSync(join(folder, 'node_modules'));
symlinkSync(root, join(folder, 'node_modules', 'feedforward'));
afterAll(() => rmSync(folder, { recursive: true }));

test('each program of docs/search.md says what it prints', () => {
  expect(programs.length).toBeGreaterThan(2);
  expect(programs.length).toBe(text.match(/```js\n/g)!.length);
});

test.each(programs)(
  '%s',
  (code, printed) => {
    const file = join(folder, 'program.mjs');
    writeFileSync(file, code);
    const { stdout, stderr } = spawnSync(process.execPath, ['--experimental-wasm-relaxed-simd', file], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(stdout, stderr).toBe(printed);
  },
  60_000,
);

describe('commands of docs/search.md', () => {
  const lines = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split('\n'));
  const commands = lines.filter((line) => !/#.*not run here/.test(line));
  const address = 'redis://10.0.0.5:6379';
  const [here, worker, there, ...secured] = commands as [string, string, string, ...string[]];
  const words = (line: string, url = address) => line.replace(address, url).split(' ').slice(1);
  const models = (...names: string[]) => names.map((name) => readFileSync(join(folder, name)).toString('base64'));

  beforeAll(async () => {
    const rows = Array.from({ length: 150 }, (_, i) => [
      i % 13,
      (7 * i) % 11,
      (i % 13) * ((7 * i) % 11) > 30 ? 'much' : 'little',
    ]);
    writeFileSync(join(folder, 'table.csv'), `a,b,kind\n${rows.map((row) => row.join(',')).join('\n')}\n`);
    const first = await feedforward(words(here), { cwd: folder });
    expect(first.stderr).not.toMatch(/error|refused/i);
    expect(first.code).toBe(0);
  }, 120_000);

  test('are all run below, or marked as not run', () => {
    expect(lines).toHaveLength(11);
    expect(commands.map((line) => line.split(' ').slice(0, 2).join(' ').replace(/=.*/, ''))).toEqual([
      'feedforward search',
      'feedforward worker',
      'feedforward search',
      ...['openssl req', 'openssl req', 'redis-server --port'],
      ...['export FEEDFORWARD_CONNECTION', 'feedforward worker', 'feedforward search'],
    ]);
  });

  test('find the same on one machine and through a queue, to the byte', async ({ skip }) => {
    expect(readFileSync(join(folder, 'search.html'), 'utf8')).toMatch(/^<!doctype html>/i);
    if (found.redis === undefined) skip('there is no redis server here');
    const server = await startRedis();
    let child: ChildProcess | undefined;
    try {
      child = spawn(process.execPath, [program, ...words(worker, server.url)], { stdio: 'ignore' });
      expect((await feedforward(words(there, server.url), { cwd: folder })).code).toBe(0);
    } finally {
      child?.kill('SIGKILL');
      await server.stop();
    }
    const [one, many] = models('laptop.ff', 'machines.ff');
    expect(many === one).toBe(true);
  }, 180_000);

  test('find the same through a queue behind TLS and a password', async ({ skip }) => {
    if (found.redis === undefined) skip('there is no redis server here');
    const port = String(await freePort());
    const local = (line: string) => line.replaceAll('10.0.0.5', '127.0.0.1').replaceAll('6380', port);
    const [authority, certificate, begin, environment, work, look] = secured.map(local) as string[];
    writeFileSync(join(folder, 'users.acl'), /```text\n(user default[\s\S]*?)```/.exec(text)![1]!);
    for (const line of [authority!, certificate!]) execFileSync('sh', ['-c', line], { cwd: folder, stdio: 'ignore' });
    const [name, url] = environment!.replace('export ', '').split('=') as [string, string];
    const env = { ...process.env, [name]: url };
    const processes: ChildProcess[] = [];
    try {
      processes.push(spawn(found.redis!, [...words(begin!), '--bind', '127.0.0.1'], { cwd: folder, stdio: 'ignore' }));
      await listening(port);
      processes.push(spawn(process.execPath, [program, ...words(work!)], { cwd: folder, env, stdio: 'ignore' }));
      const { code, stderr } = await feedforward(words(look!), { cwd: folder, env });
      expect(code, stderr).toBe(0);
    } finally {
      for (const child of processes) child.kill('SIGKILL');
    }
    const [one, many] = models('laptop.ff', 'secure.ff');
    expect(many === one).toBe(true);
  }, 180_000);
});

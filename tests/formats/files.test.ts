import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as promises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { crc32 } from '../../src/formats/checksum.js';
import { readFileBytes, writeFileAtomic } from '../../src/formats/files.js';
import { rejection } from '../support/errors.js';

// Each call of the file system can be made to fail: `failing` names one, as 'open' or 'handle.sync'.
let failing = '';
const injected = () => Object.assign(new Error('injected'), { code: 'ENOSPC' });

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const wrap = <T extends (...args: never[]) => unknown>(name: string, call: T) =>
    ((...args: Parameters<T>) => (failing === name ? Promise.reject(injected()) : call(...args))) as T;
  return {
    ...real,
    rename: wrap('rename', real.rename),
    readdir: wrap('readdir', real.readdir),
    unlink: wrap('unlink', real.unlink),
    open: wrap('open', async (path: string, flags: string) => {
      const handle = await real.open(path, flags);
      for (const name of ['writeFile', 'sync', 'chmod'] as const)
        Object.defineProperty(handle, name, { value: wrap(`handle.${name}`, handle[name].bind(handle) as () => Promise<void>) });
      return handle;
    }),
  };
});

const folder = fs.mkdtempSync(join(tmpdir(), 'feedforward-files-'));
const path = join(folder, 'model.ff');
const text = (value: string) => new TextEncoder().encode(value);

beforeEach(() => {
  failing = '';
  for (const name of fs.readdirSync(folder)) fs.rmSync(join(folder, name), { recursive: true });
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

describe('writeFileAtomic', () => {
  test('writes a new file, replaces an old one and keeps its permissions', async () => {
    await writeFileAtomic(path, text('one'));
    expect(fs.readFileSync(path, 'utf8')).toBe('one');
    fs.chmodSync(path, 0o640);
    await writeFileAtomic(pathToFileURL(path), text('two'));
    expect(fs.readFileSync(path, 'utf8')).toBe('two');
    expect(fs.statSync(path).mode & 0o777).toBe(0o640);
    expect(fs.readdirSync(folder)).toEqual(['model.ff']);
    expect(new TextDecoder().decode(await readFileBytes(path))).toBe('two');
  });

  test('a link stays a link, and what it points at is replaced', async () => {
    fs.writeFileSync(join(folder, 'real.ff'), 'old');
    fs.symlinkSync('real.ff', path);
    await writeFileAtomic(path, text('new'));
    expect(fs.lstatSync(path).isSymbolicLink()).toBe(true);
    expect(fs.readFileSync(join(folder, 'real.ff'), 'utf8')).toBe('new');
  });

  test('fault 75: whichever call fails, the old file is intact and no temporary file is left', async () => {
    fs.writeFileSync(path, 'old');
    for (const call of ['open', 'handle.writeFile', 'handle.chmod', 'handle.sync', 'rename']) {
      failing = call;
      const error = await rejection(writeFileAtomic(path, text('new')));
      expect([call, error.code]).toEqual([call, 'ERR_FILE']);
      expect(error.message).toBe(`Cannot write ${path}: no space left on the disk (ENOSPC). What was there before is unchanged.`);
      expect(fs.readFileSync(path, 'utf8')).toBe('old');
      expect(fs.readdirSync(folder)).toEqual(['model.ff']);
    }
  });

  test('fault 75: a folder that cannot be listed or synchronised does not stop a save', async () => {
    for (const call of ['readdir', 'unlink']) {
      failing = call;
      await writeFileAtomic(path, text(call));
      expect(fs.readFileSync(path, 'utf8')).toBe(call);
    }
  });

  test('fault 75: a folder of that name, a missing folder, a full device and a bad path are refused in words', async () => {
    expect((await rejection(writeFileAtomic(folder, text('x')))).message).toBe(
      `Cannot write ${folder}: it is a folder (EISDIR).`,
    );
    const missing = join(folder, 'no', 'model.ff');
    expect((await rejection(writeFileAtomic(missing, text('x')))).message).toContain('no such file or folder (ENOENT)');
    fs.writeFileSync(path, 'old');
    expect((await rejection(writeFileAtomic(join(path, 'model.ff'), text('x')))).message).toContain(
      'a file, not a folder (ENOTDIR)',
    );
    if (fs.existsSync('/dev/full'))
      expect((await rejection(writeFileAtomic('/dev/full', text('x')))).message).toContain('(ENOSPC)');
    for (const wrong of ['', 'a\0b', 5, undefined, new URL('http://example.org/x')])
      expect((await rejection(writeFileAtomic(wrong as string, text('x')))).code).toBe('ERR_TYPE');
    expect((await rejection(writeFileAtomic(path, 'text' as unknown as Uint8Array))).code).toBe('ERR_TYPE');
    expect((await rejection(readFileBytes(missing))).message).toContain('Cannot read');
  });

  test('fault 75: a folder or a file without permission is refused, and nothing changes', async () => {
    const root = process.geteuid?.() === 0;
    if (process.geteuid === undefined) return;
    fs.chmodSync(folder, 0o755);
    fs.writeFileSync(path, 'old');
    const errors = [];
    if (root) process.seteuid!(65534);
    else fs.chmodSync(path, 0o444);
    errors.push(await rejection(writeFileAtomic(path, text('new'))));
    if (!root) fs.chmodSync(folder, 0o555);
    errors.push(await rejection(writeFileAtomic(join(folder, 'other.ff'), text('new'))));
    if (root) process.seteuid!(0);
    else fs.chmodSync(folder, 0o755);
    for (const error of errors) expect(error.message).toContain('permission denied (EACCES)');
    expect(fs.readFileSync(path, 'utf8')).toBe('old');
    expect(fs.readdirSync(folder)).toEqual(['model.ff']);
  });

  test('a device is written to, never replaced', async () => {
    if (!fs.existsSync('/dev/null')) return;
    await writeFileAtomic('/dev/null', text('x'));
    expect(fs.statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('fault 75: what a killed process left is removed by the next save, what a running one writes is not', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const left = join(folder, `.model.ff.${dead}.0.tmp`);
    const fresh = join(folder, `.model.ff.${dead}.1.tmp`);
    const running = join(folder, `.model.ff.${process.pid}.0.tmp`);
    const other = join(folder, `.another.ff.${dead}.0.tmp`);
    for (const name of [left, fresh, running, other]) {
      fs.writeFileSync(name, '');
      if (name !== fresh) fs.utimesSync(name, 1, 1);
    }
    await writeFileAtomic(path, text('x'));
    expect([left, fresh, running, other].map((name) => fs.existsSync(name))).toEqual([false, true, true, true]);
  });

  test('ten saves of one file at once leave one of them, whole', async () => {
    const contents = Array.from({ length: 10 }, (_, i) => text(String(i).repeat(100_000)));
    await Promise.all(contents.map((bytes) => writeFileAtomic(path, bytes)));
    const last = fs.readFileSync(path, 'utf8');
    expect(last).toBe(last[0]!.repeat(100_000));
    expect(fs.readdirSync(folder)).toEqual(['model.ff']);
  });

  // FEEDFORWARD_KILLS=1000 does it a thousand times.
  const kills = Number(process.env['FEEDFORWARD_KILLS'] ?? 30);
  test(`fault 75: kill -9 in the middle of a save, ${kills} times: the old or the new file, never a broken one`, {
    timeout: 60_000 + kills * 1000,
  }, async () => {
    const script = compileSaver();
    for (let n = 0; n < kills; n++) {
      const child = spawn(process.execPath, [script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
      await new Promise((ready) => child.stdout.once('data', ready));
      await new Promise((later) => setTimeout(later, (n * 7) % 40));
      const gone = new Promise((exit) => child.once('exit', exit));
      child.kill('SIGKILL');
      await gone;
      const bytes = await promises.readFile(path);
      expect(bytes.length).toBe(1_000_004);
      expect(bytes.readUInt32LE(0)).toBe(crc32(bytes.subarray(4)));
    }
    // At most what the last ones were killed on is left, and it goes once it is old.
    for (const name of fs.readdirSync(folder)) if (name.endsWith('.tmp')) fs.utimesSync(join(folder, name), 1, 1);
    await writeFileAtomic(path, text('end'));
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

/** A program that saves a file of 1 MB again and again, each time with other contents and their checksum. */
function compileSaver(): string {
  const out = join(folder, 'program');
  const source = new URL('../../src/', import.meta.url);
  for (const name of ['errors', 'brands', 'formats/files', 'formats/fileErrors', 'formats/pendingFile', 'formats/checksum']) {
    const code = ts.transpileModule(fs.readFileSync(new URL(`${name}.ts`, source), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    }).outputText;
    fs.mkdirSync(join(out, 'formats'), { recursive: true });
    fs.writeFileSync(join(out, `${name}.js`), code);
  }
  fs.writeFileSync(join(out, 'package.json'), '{"type":"module"}');
  fs.writeFileSync(
    join(out, 'saver.js'),
    `import { writeFileAtomic } from './formats/files.js';
     import { crc32 } from './formats/checksum.js';
     const bytes = Buffer.alloc(1000004);
     for (let n = 0; ; n++) {
       bytes.fill(n & 255, 4).writeUInt32LE(crc32(bytes.subarray(4)), 0);
       await writeFileAtomic(process.argv[2], bytes);
       if (n === 0) process.stdout.write('saved');
     }`,
  );
  return join(out, 'saver.js');
}

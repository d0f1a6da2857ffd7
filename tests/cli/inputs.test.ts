// Data that is no plain file, or changes while it is read: pipes, named pipes, process substitution, growing and shrinking files.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { appendFileSync, createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openInput } from '../../src/cli/input.js';
import { Interrupt } from '../../src/cli/interrupt.js';
import { Terminal } from '../../src/cli/terminal.js';
import { rejection } from '../support/errors.js';
import { feedforward, program } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'inputs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);
const text = `a,b,kind\n${Array.from({ length: 120 }, (_, i) => `${i / 2},${(i * 7) % 13},${i % 2 === 0 ? 'even' : 'odd'}`).join('\n')}\n`;
const canMakePipes = process.platform !== 'win32';

const bash = (command: string) =>
  spawnSync('bash', ['-c', command.replaceAll('feedforward', `"${process.execPath}" "${program}"`)], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });

beforeAll(async () => {
  writeFileSync(file('data.csv'), text);
  const trained = await feedforward('train data.csv -t kind --epochs 3 --quiet -o model.ff'.split(' '), { cwd: folder });
  expect(trained).toEqual({ code: 0, stdout: '', stderr: '' });
});

describe.runIf(canMakePipes)('what comes through a pipe is read once', () => {
  test('process substitution trains the model that the file trains', () => {
    const { status, stderr } = bash('feedforward train <(cat data.csv) -t kind --epochs 3 --quiet -o piped.ff');
    expect([status, stderr]).toEqual([0, '']);
    expect(readFileSync(file('piped.ff')).equals(readFileSync(file('model.ff')))).toBe(true);
  });

  test('without an output, data that is no file trains model.ff here', () => {
    const { status, stdout } = bash('mkdir -p here && cd here && feedforward train <(cat ../data.csv) -t kind --epochs 3');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^saved model\.ff /m);
  });

  test('a named pipe, a piped model, and standard input give the answers of files', () => {
    const answers = bash('feedforward predict model.ff data.csv').stdout;
    expect(answers.split('\n').length).toBe(122);
    execFileSync('mkfifo', [file('fifo')]);
    for (const command of [
      '(sleep 0.3; cat data.csv) > fifo & feedforward predict model.ff fifo',
      'feedforward predict <(cat model.ff) data.csv',
      'cat data.csv | feedforward predict model.ff',
      'cat data.csv | feedforward predict model.ff /dev/stdin',
      'feedforward predict model.ff < data.csv',
      'feedforward predict model.ff data.csv -o /dev/stdout',
      'cat fifo & feedforward predict model.ff data.csv -o fifo; wait',
    ]) {
      const { status, stdout, stderr } = bash(command);
      expect([command, status, stderr]).toEqual([command, 0, '']);
      expect(stdout).toBe(answers);
    }
  }, 60_000);

  test('a named pipe that nobody writes to can be interrupted, before it opens and after', async () => {
    execFileSync('mkfifo', [file('silent')]);
    for (const opened of [false, true]) {
      const writer = opened ? spawn('bash', ['-c', 'exec 3>silent; sleep 30'], { cwd: folder }) : undefined;
      const { code, stderr } = await feedforward(['predict', 'model.ff', 'silent'], {
        cwd: folder,
        started: (child) => void setTimeout(() => child.kill('SIGINT'), 1500),
      });
      writer?.kill();
      expect([code, stderr]).toEqual([130, 'feedforward: Interrupted; nothing was saved.\n']);
    }
  }, 30_000);
});

describe('two passes over a file', () => {
  const interrupt = new Interrupt(new Terminal({ json: false, quiet: true }));
  afterAll(() => interrupt.end());
  const read = async (source: unknown) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of source as AsyncIterable<Uint8Array>) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  };

  test('give the same bytes although the file has grown', async () => {
    writeFileSync(file('growing'), 'one\n');
    const input = await openInput(file('growing'), interrupt);
    expect(await read(input.open())).toBe('one\n');
    appendFileSync(file('growing'), 'two\n');
    expect(await read(input.open())).toBe('one\n');
    await input.close();
  });

  test('are refused when the file was cut or changed in between', async () => {
    for (const changed of ['on', 'ONE\n', '']) {
      writeFileSync(file('changing'), 'one\n');
      const input = await openInput(file('changing'), interrupt);
      await read(input.open());
      writeFileSync(file('changing'), changed);
      const { code, message } = await rejection(read(input.open()));
      expect(code).toBe('ERR_FILE');
      expect(message).toMatch(/^changing changed while it was read/);
      await input.close();
    }
  });

  test('read the file that was there at first although another took its name', async () => {
    writeFileSync(file('named'), 'one\n');
    const input = await openInput(file('named'), interrupt);
    await read(input.open());
    rmSync(file('named'));
    writeFileSync(file('named'), 'other\n');
    expect(await read(input.open())).toBe('one\n');
    await input.close();
  });

  test('of a pipe that gives more than memory should hold give what came', async () => {
    execFileSync('mkfifo', [file('wide')]);
    const piece = Buffer.alloc(1 << 20, 'feedforward ');
    const opening = openInput(file('wide'), interrupt);
    const writer = createWriteStream(file('wide'));
    for (let n = 0; n < 70; n++) if (!writer.write(piece)) await new Promise<void>((drained) => writer.once('drain', drained));
    writer.end();
    const input = await opening;
    expect(input.size).toBe(70 * piece.length);
    for (let n = 0; n < 2; n++) {
      let bytes = 0;
      for await (const part of input.open() as AsyncIterable<Uint8Array>) bytes += part.length;
      expect(bytes).toBe(70 * piece.length);
    }
    await input.close();
  }, 30_000);
});

test('a file that grows under a training and a prediction is read as it was, or to its end then', async () => {
  writeFileSync(file('log.csv'), text);
  const append = async () => {
    for (let n = 0; n < 60; n++) {
      appendFileSync(file('log.csv'), '1,2,odd\n'.repeat(500));
      await later(40);
    }
  };
  const [trained] = await Promise.all([
    feedforward('train log.csv -t kind --epochs 2 -o log.ff --json'.split(' '), { cwd: folder }),
    append(),
  ]);
  expect(trained.stderr).toBe('');
  expect(trained.code).toBe(0);
}, 30_000);

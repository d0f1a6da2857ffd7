// Signals at any moment: what was learnt is saved, what stood before is not touched, and a training goes on from where it was.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { feedforward, program, type Outcome } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'interruptions-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);
const run = (words: string, started?: Parameters<typeof feedforward>[1]['started']) =>
  feedforward(words.split(' '), { cwd: folder, ...(started === undefined ? {} : { started }) });
const signalled = (words: string, name: NodeJS.Signals, ...waits: number[]) =>
  run(words, (child) => waits.forEach((wait) => void setTimeout(() => child.kill(name), wait)));

const endless = '--epochs 10000000 --patience 0';
const saved = /Interrupted after (\d+) epochs; saved (\S+)\. Go on with: (feedforward train .*)\n$/;

/** Signals sent later and later, until one met the training itself: on a busy machine it takes its time to begin. */
async function untilTraining(attempt: (wait: number) => Promise<Outcome>): Promise<Outcome> {
  for (const wait of [1500, 4000, 10_000]) {
    const outcome = await attempt(wait);
    if (saved.test(outcome.stderr)) return outcome;
  }
  throw new Error('No training began within ten seconds.');
}

beforeAll(() => {
  const random = new Random(3);
  const rows = Array.from({ length: 3000 }, () => {
    const [a, b] = [random.normal(), random.normal()];
    return `${a.toFixed(4)},${b.toFixed(4)},${(a * b + random.normal()).toFixed(4)}`;
  });
  writeFileSync(file('data.csv'), `a,b,y\n${rows.join('\n')}\n`);
});

describe('a training that is interrupted saves a checkpoint', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s, once or again and again',
    async (name) => {
      const outcome = await untilTraining((wait) =>
        signalled(`train data.csv -t y ${endless} -o ${name}.ff`, name, wait, wait + 1, wait + 20, wait + 60),
      );
      expect(outcome.code).toBe(130);
      expect(outcome.stdout).toBe('');
      expect(existsSync(file(`${name}.ff`))).toBe(false);
      const [, epochs, checkpoint, command] = saved.exec(outcome.stderr)!;
      expect(Number(epochs)).toBeGreaterThan(0);
      expect((await run(`info ${checkpoint}`)).stdout).toMatch(/a checkpoint: the training can be resumed/);
      // The command it names goes on from there, within the budget.
      const words = `${command!.replace(/^feedforward /, '')} --time-budget 0.3 --json`;
      const resumed = JSON.parse((await run(words)).stdout) as { training: { epochs: number; stoppedBy: string } };
      expect(resumed.training.stoppedBy).toBe('timeBudget');
      expect(resumed.training.epochs).toBeGreaterThan(Number(epochs));
    },
    60_000,
  );

  test('by timeout, which sends its signal to the process and to its group', async ({ skip }) => {
    if (spawnSync('timeout', ['--version']).status !== 0) skip('there is no timeout here');
    const outcome = await untilTraining(
      (wait) =>
        new Promise((resolve) => {
          const words = `train data.csv -t y ${endless} -o limited.ff`.split(' ');
          const child = spawn('timeout', [String(wait / 1000), process.execPath, program, ...words], { cwd: folder });
          let [stdout, stderr] = ['', ''];
          child.stdout.on('data', (text) => (stdout += String(text)));
          child.stderr.on('data', (text) => (stderr += String(text)));
          child.on('close', (code) => resolve({ code, stdout, stderr }));
        }),
    );
    expect(outcome.code).toBe(124);
    expect((await run(`info ${saved.exec(outcome.stderr)![2]}`)).code).toBe(0);
  }, 60_000);

  test('beside an earlier checkpoint, never over it', async () => {
    writeFileSync(file('again.ff.checkpoint'), 'of an earlier training');
    const outcome = await untilTraining((wait) => signalled(`train data.csv -t y ${endless} -o again.ff`, 'SIGINT', wait));
    expect(outcome.stderr).toMatch(/saved again\.ff\.checkpoint-\d\./);
    expect(readFileSync(file('again.ff.checkpoint'), 'utf8')).toBe('of an earlier training');
  }, 60_000);

  test('not during a cross-validation, which says so', async () => {
    let outcome: Outcome | undefined;
    for (const wait of [1500, 4000, 10_000]) {
      outcome = await signalled(`train data.csv -t y --cv 3 ${endless} -o folds.ff`, 'SIGINT', wait);
      if (/in fold/.test(outcome.stderr)) break;
    }
    expect(outcome).toEqual({ code: 130, stdout: '', stderr: 'feedforward: Interrupted in fold 1 of 3; nothing was saved.\n' });
    expect(readdirSync(folder).filter((name) => name.startsWith('folds'))).toEqual([]);
  }, 60_000);
});

describe('resuming', () => {
  test('takes the name of the checkpoint for the finished model when told to, and leaves the model there', async () => {
    const outcome = await untilTraining((wait) =>
      signalled('train data.csv -t y --epochs 2000 --patience 0 -o same.ff', 'SIGINT', wait),
    );
    const checkpoint = saved.exec(outcome.stderr)![2]!;
    expect((await run(`train data.csv --resume ${checkpoint} -o ${checkpoint} --quiet`)).code).toBe(0);
    expect((await run(`info ${checkpoint} --json`)).stdout).toMatch(/"checkpoint":false/);
    const finished = await run(`train data.csv --resume ${checkpoint}`);
    expect(finished.code).toBe(5);
    expect(finished.stderr).toMatch(/is a finished model, no checkpoint/);
  }, 90_000);

  test('within a time budget refuses the checkpoint as the output, under any of its names, and leaves it as it was', async () => {
    const outcome = await untilTraining((wait) => signalled(`train data.csv -t y ${endless} -o kept-for.ff`, 'SIGINT', wait));
    const checkpoint = saved.exec(outcome.stderr)![2]!;
    const bytes = readFileSync(file(checkpoint));
    linkSync(file(checkpoint), file('linked.ff'));
    symlinkSync(file(checkpoint), file('pointing.ff'));
    for (const output of [checkpoint, `./${checkpoint}`, 'linked.ff', 'pointing.ff']) {
      const { code, stdout, stderr } = await run(`train data.csv --resume ${checkpoint} -o ${output} --time-budget 0.2`);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(
        /Cannot write .*: it is (the checkpoint itself|another name of the checkpoint, .*), which would be lost/,
      );
      expect(readFileSync(file(checkpoint)).equals(bytes)).toBe(true);
    }
    expect((await run(`info ${checkpoint}`)).stdout).toMatch(/a checkpoint: the training can be resumed/);
  }, 60_000);

  test('refuses other settings and other rows by name', async () => {
    const outcome = await untilTraining((wait) => signalled(`train data.csv -t y ${endless} -o set.ff`, 'SIGINT', wait));
    const checkpoint = saved.exec(outcome.stderr)![2]!;
    const other = await run(`train data.csv --resume ${checkpoint} --hidden 8`);
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/--hidden cannot be changed/)]);
    writeFileSync(file('other.csv'), readFileSync(file('data.csv'), 'utf8').replace('\n0.', '\n7.').replace('\n-0.', '\n-7.'));
    const rows = await run(`train other.csv --resume ${checkpoint}`);
    expect([rows.code, rows.stderr]).toEqual([3, expect.stringMatching(/other\.csv: these are not the rows/)]);
    expect(existsSync(file(checkpoint))).toBe(true);
  }, 60_000);
});

// FEEDFORWARD_KILLS=300 does it three hundred times.
const kills = Number(process.env['FEEDFORWARD_KILLS'] ?? 8);
test(
  `killed ${kills} times at random moments, no command harms what stood before`,
  async () => {
    expect((await run('train data.csv -t y --epochs 3 --quiet -o kept.ff')).code).toBe(0);
    const rows = readFileSync(file('data.csv'), 'utf8');
    writeFileSync(file('many.csv'), rows + rows.slice(rows.indexOf('\n') + 1).repeat(40));
    writeFileSync(file('kept.csv'), 'precious\n');
    const model = readFileSync(file('kept.ff'));
    const random = new Random(11);
    for (let n = 0; n < kills; n++) {
      const name = (['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGINT'] as const)[random.below(4)]!;
      const wait = random.below(1500);
      const command = n % 2 === 0 ? 'predict kept.ff many.csv -o kept.csv' : `train many.csv -t y ${endless} -o kept.ff`;
      const { code, stderr } = await signalled(command, name, wait);
      const done = n % 2 === 0 && code === 0;
      if (done)
        writeFileSync(file('kept.csv'), 'precious\n'); // it was faster than the signal
      else if (name !== 'SIGKILL' && code !== null) {
        expect(code, stderr).toBe(130);
        expect(stderr).toMatch(/^feedforward: Interrupted.*\n$/m);
      }
      expect(readFileSync(file('kept.csv'), 'utf8')).toBe('precious\n');
      expect(readFileSync(file('kept.ff')).equals(model)).toBe(true);
    }
    // What was interrupted otherwise than by SIGKILL has taken its temporary files along.
    const left = readdirSync(folder).filter((name) => name.endsWith('.tmp'));
    expect(left.length).toBeLessThanOrEqual(kills);
  },
  60_000 + kills * 4000,
);

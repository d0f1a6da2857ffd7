// A newcomer's path, from the packed tarball: install, train on a file as people have them, predict, evaluate, and every step gone wrong.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { feedforward } from '../support/cli.js';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'newcomer-'));
afterAll(() => rmSync(folder, { recursive: true }));
let program = '';
const run = (words: readonly string[], input?: string) =>
  feedforward(words, { cwd: folder, program, ...(input === undefined ? {} : { input }) });
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

/** Names with commas and quotes, gaps, a category, a stray space, Windows line ends. */
function passengers(): string {
  const random = new Random(12);
  const lines = ['name,class,sex,age,fare,survived'];
  for (let i = 0; i < 300; i++) {
    const rank = ['first', 'second', 'third'][random.below(3)]!;
    const sex = random.below(2) === 0 ? 'female' : ' male';
    const age = random.uniform() < 0.2 ? '' : String(random.below(80));
    const fare = (random.uniform() * { first: 100, second: 40, third: 12 }[rank]!).toFixed(2);
    const odds = (sex === 'female' ? 0.75 : 0.2) + (rank === 'first' ? 0.15 : 0);
    lines.push(`"Doe, ""J"" ${i}",${rank},${sex},${age},${fare},${random.uniform() < odds ? 'yes' : 'no'}`);
  }
  return lines.join('\r\n');
}

beforeAll(() => {
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root, stdio: 'pipe' });
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  execFileSync('tar', [
    '-xzf',
    join(
      folder,
      `feedforward-${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version}.tgz`,
    ),
    '-C',
    modules,
  ]);
  // The dependencies, as an installation would put them beside it.
  const { dependencies, bin } = JSON.parse(readFileSync(join(modules, 'package', 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    bin: { feedforward: string };
  };
  const seen = new Set<string>();
  const link = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
    const manifest = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    for (const inner of Object.keys(manifest.dependencies ?? {})) link(inner);
  };
  for (const name of Object.keys(dependencies)) link(name);
  program = join(modules, 'package', bin.feedforward);
  write('passengers.csv', passengers());
}, 60_000);

describe('a newcomer', () => {
  test('trains, looks, evaluates and predicts with four commands', async () => {
    const trained = await run(['train', 'passengers.csv', '--target', 'survived']);
    // A slow machine is told how far training is, and nothing else.
    expect(trained.stderr.replace(/^feedforward: training: .*\n/gm, '')).toBe('');
    expect(trained.code).toBe(0);
    expect(trained.stdout).toMatch(/^note: Column "name" was left out: it holds 300 different texts in 300 rows\.$/m);
    expect(trained.stdout).toMatch(/^ {2}accuracy +0\.\d+/m);
    expect(trained.stdout).toMatch(/^confusion/m);
    expect(trained.stdout).toMatch(/^ {2}sex +0\.\d+ +█/m);
    expect((await run(['info', 'passengers.ff'])).stdout).toMatch(/^ {2}sex +categorical +female, male$/m);
    const evaluated = JSON.parse((await run(['evaluate', 'passengers.ff', 'passengers.csv', '--json'])).stdout) as {
      scores: { accuracy: number };
    };
    expect(evaluated.scores.accuracy).toBeGreaterThan(0.7);
    const predicted = await run(
      ['predict', 'passengers.ff', '-', '--keep', 'name'],
      'name,class,sex,age,fare\n"Roe, R",first,female,30,80\nPoe,third,male,,5\n',
    );
    expect(predicted.stdout).toBe('name,survived\n"Roe, R",yes\nPoe,no\n');
  });

  // [what went wrong, the command, exit code, what the line says]
  const wrong: [string, string, number, RegExp][] = [
    ['no command of that name', 'trian passengers.csv', 2, /unknown command 'trian' \(Did you mean train\?\)/],
    ['no target', 'train passengers.csv', 2, /name the column to predict with --target/],
    ['no data', 'train --target survived', 2, /name a CSV file/],
    ['a missing file', 'train passenger.csv -t survived', 4, /Cannot read passenger\.csv: there is no such file/],
    ['a folder for a file', 'train . -t survived', 4, /it is a folder/],
    ['an unknown column', 'train passengers.csv -t survivd', 2, /has no column "survivd"\. Did you mean "survived"\?/],
    ['an unknown column to drop', 'train passengers.csv -t survived --drop nmae', 2, /Did you mean "name"/],
    [
      'text in a numeric column',
      'train stray.csv -t b',
      3,
      /stray\.csv line 32, column "a": "oops" is not a number, but 30 of 31 cells are.*--types a=categorical/,
    ],
    ['a target with one class', 'train one.csv -t b', 3, /the target "b" has one class only, "yes", in all 30 rows/],
    ['a target that never changes', 'train flat.csv -t b', 3, /the target "b" is 7\.5 in every row/],
    ['a target that is a name', 'train passengers.csv -t name', 3, /different value in every row: it is a name, not a class/],
    [
      'a target of text for regression',
      'train passengers.csv -t survived --task regression',
      3,
      /holds text such as "(yes|no)", not numbers\. Use --task classification/,
    ],
    ['an empty file', 'train empty.csv -t a', 3, /empty\.csv is empty/],
    ['a header alone', 'train header.csv -t a', 3, /has a header, but no rows/],
    ['no header', 'train headless.csv -t a', 3, /looks like data, not like names.*Pass --no-header when/],
    ['a row too long', 'train ragged.csv -t b', 3, /ragged\.csv line 3 has 3 cells, but there are 2 columns/],
    ['a quote never closed', 'train quote.csv -t b', 3, /quote\.csv line 3: a quoted cell is not closed/],
    ['a spreadsheet for a CSV file', 'train sheet.xlsx -t b', 3, /is a ZIP archive, perhaps a workbook/],
    [
      'an unknown option',
      'train passengers.csv -t survived --epoch 5',
      2,
      /unknown option '--epoch' \(Did you mean --epochs\?\)/,
    ],
    ['a word for a number', 'train passengers.csv -t survived --epochs ten', 2, /'ten' is invalid\. Expected a number/],
    [
      'a value out of range',
      'train passengers.csv -t survived --dropout 1',
      2,
      /dropout: expected a number in \[0, 1\), got 1|dropout: expected/,
    ],
    [
      'an unknown activation',
      'train passengers.csv -t survived --activation rleu',
      2,
      /unknown activation "rleu"\. Did you mean "relu"\?/,
    ],
    [
      'a folder that is not there',
      'train passengers.csv -t survived -o nowhere/model.ff',
      4,
      /Cannot write nowhere\/model\.ff: there is no folder nowhere/,
    ],
    [
      'a rate much too large',
      'train passengers.csv -t survived --learning-rate 1e30 --optimizer sgd --activation identity -o wild.ff',
      6,
      /Try a learning rate below|Or try a learning rate/,
    ],
    ['no such model', 'predict other.ff passengers.csv', 4, /Cannot read other\.ff/],
    ['data for a model', 'predict passengers.csv passengers.csv', 5, /passengers\.csv is no model that can be read/],
    ['a damaged model', 'predict damaged.ff passengers.csv', 5, /damaged\.ff is no model that can be read/],
    [
      'a model from another schema',
      'predict passengers.ff stray.csv',
      3,
      /stray\.csv has no column "class"\..*passengers\.ff was trained on class, sex, age, fare/,
    ],
    ['data of another type', 'predict passengers.ff types.csv', 3, /types\.csv line 2, column "age": "old" is not a number/],
    ['data without the target', 'evaluate passengers.ff untold.csv', 3, /untold\.csv has no column "survived"/],
    ['probabilities of numbers', 'predict fares.ff passengers.csv --proba', 2, /predicts numbers, not classes/],
    ['an unknown format', 'export passengers.ff -o model.foo', 2, /cannot tell the format from "\.foo"/],
  ];

  test('gets one clear line and an exit code for each wrong step', async () => {
    write('stray.csv', `a,b\n${Array.from({ length: 30 }, (_, i) => `${i},${i}\n`).join('')}oops,3\n`);
    write('one.csv', `a,b\n${Array.from({ length: 30 }, (_, i) => `${i},yes\n`).join('')}`);
    write('flat.csv', `a,b\n${Array.from({ length: 30 }, (_, i) => `${i},7.5\n`).join('')}`);
    write('empty.csv', '');
    write('header.csv', 'a,b\n');
    write('headless.csv', '1,2\n3,4\n5,6\n');
    write('ragged.csv', 'a,b\n1,2\n1,2,3\n');
    write('quote.csv', 'a,b\n1,2\n"1,2\n');
    writeFileSync(join(folder, 'sheet.xlsx'), new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0, 0, 10, 65]));
    write('types.csv', 'class,sex,age,fare\nfirst,male,old,3\n');
    write('untold.csv', 'class,sex,age,fare\nfirst,male,30,3\n');
    expect((await run(['train', 'passengers.csv', '-t', 'fare', '-o', 'fares.ff', '--quiet', '--epochs', '5'])).code).toBe(0);
    const whole = readFileSync(join(folder, 'passengers.ff'));
    whole[whole.length - 20]! ^= 1;
    writeFileSync(join(folder, 'damaged.ff'), whole);
    // A few at a time: each is a process of its own.
    const pending = [...wrong];
    const worker = async () => {
      for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
        const [what, command, exit, line] = next;
        const { code, stdout, stderr } = await run(command.split(' '));
        expect(stderr, what).toMatch(line);
        expect(code, `${what}: ${stderr}`).toBe(exit);
        expect(stdout, what).toBe('');
        expect(stderr.trim().split('\n').length, what).toBe(1);
        expect(stderr, what).toMatch(/^feedforward: /);
      }
    };
    await Promise.all([worker(), worker(), worker()]);
  }, 60_000);

  test('gets errors as JSON when that was asked for', async () => {
    const { code, stdout } = await run(['train', 'nothing.csv', '-t', 'a', '--json']);
    expect(code).toBe(4);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'ERR_FILE', message: expect.stringMatching(/^Cannot read nothing\.csv/) as string, exitCode: 4 },
    });
  });
});

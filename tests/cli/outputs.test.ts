// What commands write: never over what they read, whole or not at all, refused before the work when it cannot be written.

import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { feedforward, program, type Outcome } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'outputs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);
const run = (words: string, input?: string) =>
  feedforward(words.split(' '), { cwd: folder, ...(input === undefined ? {} : { input }) });

/** Every file of the folder with its bytes. */
const contents = () =>
  Object.fromEntries(
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => [name, readFileSync(file(name), 'latin1')]),
  );

/** A refusal in one line; nothing in the folder is other than it was. */
function expectRefusal({ code, stdout, stderr }: Outcome, exit: number, line: RegExp, before: Record<string, string>) {
  expect(stderr).toMatch(line);
  expect(stderr.trim().split('\n').length, stderr).toBe(1);
  expect(stdout).toBe('');
  expect(code).toBe(exit);
  expect(contents()).toEqual(before);
}

beforeAll(async () => {
  const rows = Array.from({ length: 120 }, (_, i) => `${i / 2},${(i * 7) % 13},${i % 2 === 0 ? 'even' : 'odd'}`);
  writeFileSync(file('data.csv'), `a,b,kind\n${rows.join('\n')}\n`);
  expect((await run('train data.csv -t kind --epochs 3 -o model.ff --quiet')).code).toBe(0);
  symlinkSync('data.csv', file('link.csv'));
  symlinkSync('link.csv', file('further.csv'));
  linkSync(file('data.csv'), file('hard.csv'));
  symlinkSync('model.ff', file('link.ff'));
  mkdirSync(file('sub'));
}, 60_000);

describe('an output that is also an input is refused, whatever it is called', () => {
  const names: [string, RegExp][] = [
    ['data.csv', /it is the data itself/],
    ['./data.csv', /it is another name of the data, data\.csv/],
    ['sub/../data.csv', /another name of the data/],
    ['link.csv', /another name of the data/],
    ['further.csv', /another name of the data/],
    ['hard.csv', /another name of the data/],
    [join(folder, 'data.csv'), /another name of the data/],
  ];
  test.each(names)('train and predict -o %s', async (name, line) => {
    const before = contents();
    expectRefusal(await run(`train data.csv -t kind -o ${name}`), 2, line, before);
    expectRefusal(await run(`predict model.ff data.csv -o ${name}`), 2, line, before);
  });

  test('the model of predict and export, and standard input that is the output', async () => {
    const before = contents();
    for (const name of ['model.ff', 'link.ff', './model.ff'])
      expectRefusal(await run(`predict model.ff data.csv -o ${name}`), 2, /the model/, before);
    expectRefusal(await run('export model.ff -o model.ff --format onnx'), 2, /it is the model itself/, before);
    expectRefusal(await run('export model.ff -o link.ff --format safetensors'), 2, /another name of the model/, before);
    const fromFile = spawnSync(process.execPath, [program, 'predict', 'model.ff', '-o', 'data.csv'], {
      cwd: folder,
      stdio: [openSync(file('data.csv'), 'r'), 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    expectRefusal({ ...fromFile, code: fromFile.status }, 2, /it is the data itself/, before);
  });

  test('standard output appended to the data, which would grow for ever', () => {
    const before = contents();
    const appended = spawnSync(process.execPath, [program, 'predict', 'model.ff', 'data.csv'], {
      cwd: folder,
      stdio: ['ignore', openSync(file('data.csv'), 'a'), 'pipe'],
      encoding: 'utf8',
    });
    expect(appended.stderr).toMatch(/Standard output is the data itself, data\.csv/);
    expect(appended.status).toBe(2);
    expect(contents()).toEqual(before);
  });

  test('a link that leads to no file makes it, and stays a link; a ring of links and a folder that is not there are refused', async () => {
    symlinkSync('sub/made.csv', file('dangling.csv'));
    symlinkSync('dangling.csv', file('twice.csv'));
    expect((await run('predict model.ff data.csv -o twice.csv')).code).toBe(0);
    expect(readFileSync(file('sub/made.csv'), 'utf8').split('\n')).toHaveLength(122);
    expect([readlinkSync(file('twice.csv')), readlinkSync(file('dangling.csv'))]).toEqual(['dangling.csv', 'sub/made.csv']);
    symlinkSync('ring.csv', file('ring.csv'));
    symlinkSync('nowhere/out.csv', file('astray.csv'));
    const before = contents();
    expectRefusal(await run('predict model.ff data.csv -o ring.csv'), 4, /Cannot write ring\.csv: /, before);
    expectRefusal(await run('predict model.ff data.csv -o astray.csv'), 4, /there is no folder .*nowhere/, before);
    for (const name of ['sub/made.csv', 'dangling.csv', 'twice.csv', 'ring.csv', 'astray.csv']) rmSync(file(name));
  });

  test('data whose default output has its own name', async () => {
    writeFileSync(file('table.ff'), readFileSync(file('data.csv')));
    const before = contents();
    expectRefusal(await run('train table.ff -t kind'), 2, /Cannot write table\.ff: it is the data itself/, before);
    rmSync(file('table.ff'));
  });
});

describe('an output that cannot be written is refused before the work', () => {
  const commands = (output: string) => [
    `train data.csv -t kind --epochs 1000000 --patience 0 -o ${output}`,
    `predict model.ff data.csv -o ${output}`,
    `export model.ff --format onnx -o ${output}`,
  ];

  test('a folder, a folder that is not there, a file for a folder, a device', async () => {
    const before = contents();
    for (const [output, line] of [
      ['sub', /Cannot write sub: it is a folder \(EISDIR\)/],
      ['none/out', /Cannot write none\/out: there is no folder none \(ENOENT\)/],
      ['data.csv/out', /Cannot write data\.csv\/out: part of the path is a file, not a folder \(ENOTDIR\)/],
      ['/dev/full', /Cannot write \/dev\/full: (it is a device, and a model is a file|no space left on the disk)/],
    ] as const)
      for (const command of commands(output))
        if (existsSync('/dev/full') || output !== '/dev/full') expectRefusal(await run(command), 4, line, before);
  }, 60_000);

  test('a folder and a file that are read-only', async () => {
    const asNobody = (words: string) =>
      new Promise<Outcome>((resolve) => {
        const root = process.geteuid?.() === 0;
        const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words.split(' ')], {
          cwd: folder,
          encoding: 'utf8',
          ...(root ? { uid: 65534, gid: 65534 } : {}),
        });
        resolve({ code: status, stdout, stderr });
      });
    execFileSync('chmod', ['-R', 'a+rX', folder]);
    mkdirSync(file('closed'));
    writeFileSync(file('closed/out'), 'old');
    execFileSync('chmod', ['555', file('closed')]);
    execFileSync('chmod', ['444', file('closed/out')]);
    for (const output of ['closed/new', 'closed/out'])
      for (const command of commands(output)) {
        const { code, stderr } = await asNobody(command);
        expect(stderr).toMatch(new RegExp(`^feedforward: Cannot write ${output}: permission denied \\(EACCES\\)`));
        expect(code).toBe(4);
      }
    expect(readdirSync(file('closed'))).toEqual(['out']);
    expect(readFileSync(file('closed/out'), 'utf8')).toBe('old');
    execFileSync('chmod', ['755', file('closed')]);
  }, 60_000);

  test('a disk that is full: a small tmpfs, where one may be mounted', async ({ skip }) => {
    const disk = file('disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk]);
    if (mounted.status !== 0) skip('mounting a tmpfs is not allowed here');
    try {
      writeFileSync(join(disk, 'old.csv'), 'old\n');
      writeFileSync(join(disk, 'filler'), new Uint8Array(100_000));
      for (const command of commands('disk/old.csv')) {
        const { code, stderr, stdout } = await run(command);
        expect(stderr).toMatch(/Cannot write disk\/old\.csv: no space left on the disk \(ENOSPC\)/);
        expect([code, stdout]).toEqual([4, '']);
      }
      // There is room to begin, but not to end.
      rmSync(join(disk, 'filler'));
      const lines = Array.from({ length: 60_000 }, (_, i) => `${i % 50},1,even`).join('\n');
      const { code, stderr } = await run('predict model.ff - -o disk/old.csv', `a,b,kind\n${lines}\n`);
      expect(stderr).toMatch(/no space left on the disk/);
      expect(code).toBe(4);
      expect(readFileSync(join(disk, 'old.csv'), 'utf8')).toBe('old\n');
      expect(readdirSync(disk)).toEqual(['old.csv']);
    } finally {
      execFileSync('umount', [disk]);
    }
  }, 60_000);

  test('standard output that is full ends with code 4 and one line', ({ skip }) => {
    if (!existsSync('/dev/full')) skip('there is no /dev/full here');
    for (const words of [
      ['predict', 'model.ff', 'data.csv'],
      ['info', 'model.ff'],
      ['evaluate', 'model.ff', 'data.csv', '--json'],
    ]) {
      const { status, stderr } = spawnSync(process.execPath, [program, ...words], {
        cwd: folder,
        stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'],
        encoding: 'utf8',
      });
      expect(stderr).toMatch(/^feedforward: Cannot write standard output: ENOSPC.*\n$/);
      expect(status).toBe(4);
    }
  });
});

describe('what was there before stays until the new one is whole', () => {
  test('a predict that fails in line 60,002 leaves the older output', async () => {
    const lines = Array.from({ length: 60_000 }, (_, i) => `${i % 50},1`);
    writeFileSync(file('long.csv'), `a,b\n${lines.join('\n')}\nstray,1\n`);
    writeFileSync(file('answers.csv'), 'precious\n');
    const before = contents();
    expectRefusal(
      await run('predict model.ff long.csv -o answers.csv'),
      3,
      /long\.csv line 60002, column "a": "stray" is not a number/,
      before,
    );
    rmSync(file('long.csv'));
  });

  test('a model is replaced by a training that ends, through a link too, and a link stays one', async () => {
    writeFileSync(file('first.ff'), 'old');
    symlinkSync('first.ff', file('alias.ff'));
    expect((await run('train data.csv -t kind --epochs 2 --quiet -o alias.ff')).code).toBe(0);
    expect(readFileSync(file('first.ff'), 'latin1').length).toBeGreaterThan(500);
    expect((await run('info first.ff')).stdout).toMatch(/classification of kind/);
    expect(
      (await run('train data.csv -t kind --learning-rate 1e30 --optimizer sgd --activation identity -o first.ff')).code,
    ).toBe(6);
    expect((await run('info first.ff')).code).toBe(0);
  }, 30_000);

  test('export writes its companions over earlier ones of its kind only', async () => {
    expect((await run('export model.ff -o net.js')).code).toBe(0);
    const before = contents();
    expectRefusal(
      await run('export model.ff -o net.wasm'),
      2,
      /Cannot write net\.wasm: net\.js, which goes with it, is there already and is another file/,
      before,
    );
    writeFileSync(file('own.d.ts'), 'export {};\n');
    const own = contents();
    expectRefusal(await run('export model.ff -o own.js'), 2, /own\.d\.ts, which goes with it/, own);
    expectRefusal(await run('export model.ff -o own.wasm'), 2, /own\.d\.ts, which goes with it/, own);
    expect((await run('export model.ff -o pair.wasm')).code).toBe(0);
    expect((await run('export model.ff -o pair.wasm')).code).toBe(0);
    expect((await run('export model.ff -o net.js')).code).toBe(0);
    expect((await run('export model.ff -o pair.js')).code).toBe(2);
  }, 60_000);

  test('no command leaves a temporary file', () => {
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('files that a command writes are different ones', () => {
  test('two under one name are refused before any work, whether the file is there or not', async () => {
    symlinkSync('sub', file('other'));
    writeFileSync(file('space.json'), '{"hiddenLayers":[[4],[8]]}');
    const before = contents();
    const refusals: [string, RegExp][] = [
      ['search data.csv -t kind --csv new.ff -o new.ff', /Cannot write new\.ff: it is the model itself/],
      ['search data.csv -t kind --csv ./data.ff', /Cannot write \.\/data\.ff: it is another name of the model, data\.ff/],
      ['search data.csv -t kind --csv a.txt --journal sub/../a.txt', /another name of the table of candidates, a\.txt/],
      ['search data.csv -t kind --report sub/a.txt --csv other/a.txt', /another name of the report, sub\/a\.txt/],
      ['search data.csv -t kind -o model.ff --csv link.ff', /link\.ff: it is another name of the model/],
      ['search data.csv -t kind -o a.ff --storage a.ff', /it is the model itself/],
      ['search data.csv -t kind -o a.ff --journal a.ff.search', /a\.ff\.search: it is the journal itself/],
      ['search data.csv -t kind --storage hard.csv', /another name of the data/],
      ['search data.csv -t kind --space space.json -o space.json', /it is the space itself/],
      ['search data.csv -t kind --space space.json --storage space.json', /it is the space itself/],
      ['search data.csv -t kind --storage space.json --trials 1', /space\.json is no file of a search/],
      ['train data.csv -t kind -o a.ff --report a.ff', /it is the model itself/],
      ['train data.csv -t kind -o model.ff --report link.ff', /it is another name of the model/],
      ['course momentum --svg a.svg --text ./a.svg', /a\.svg: it is another name of the picture/],
    ];
    for (const [words, line] of refusals) expectRefusal(await run(words), /no file of/.test(String(line)) ? 4 : 2, line, before);
  }, 60_000);
});

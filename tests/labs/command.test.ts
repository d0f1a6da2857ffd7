// feedforward lab, as a student and a class run it: files made and never overwritten, verdicts, exit codes, JUnit, and code that misbehaves.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SaxesParser } from 'saxes';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Verdict } from '../../src/labs/checkLab.js';
import type { Findings } from '../../src/labs/experiment.js';
import { labs } from '../../src/labs/lessons/labs.js';
import { skeletonOf } from '../../src/labs/skeleton.js';
import { feedforward } from '../support/cli.js';
import { failureOf, labOf, solutionOf, toJavaScript } from '../support/labs.js';

const folder = mkdtempSync(join(tmpdir(), 'labs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let cwd = folder;
let n = 0;
beforeEach(() => {
  cwd = join(folder, String(n++));
  mkdirSync(cwd);
});

const lab = (...words: string[]) => feedforward(['lab', ...words], { cwd });
const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);
const read = (name: string) => readFileSync(join(cwd, name), 'utf8');
/** The verdict on a file, by --json. */
const verdictOn = async (number: number, file: string, ...more: string[]) => {
  const { code, stdout, stderr } = await lab(String(number), file, '--json', ...more);
  const verdict = JSON.parse(stdout) as Verdict;
  return { code, stderr, verdict, failure: failureOf(verdict) };
};

/** XML's elements, by a parser that takes nothing else; with their attributes and text. */
function parsed(xml: string): { name: string; attributes: Record<string, string>; text: string }[] {
  const parser = new SaxesParser();
  const elements: ReturnType<typeof parsed> = [];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) =>
    elements.push({ name, attributes: attributes as Record<string, string>, text: '' }),
  );
  parser.on('text', (text) => {
    if (elements.length > 0) elements.at(-1)!.text += text;
  });
  parser.write(xml).close();
  return elements;
}

describe('files', () => {
  test.each(labs)(
    'lab $number: a skeleton in either language, which fails at its first function, then the solution, which passes',
    async ({ number, file }) => {
      const one = labOf(number);
      for (const [ending, solution] of [
        ['js', toJavaScript(solutionOf(one))],
        ['ts', solutionOf(one)],
      ] as const) {
        const made = await lab(String(number), ...(ending === 'ts' ? ['--typescript'] : []));
        expect(made.code).toBe(0);
        const name = `${file}.${ending}`;
        expect(read(name)).toBe(skeletonOf(one, ending === 'ts' ? 'typescript' : 'javascript').replaceAll('FILE', name));
        expect(read(name)).not.toMatch(/[‹›]/);
        const first = await lab(String(number), name);
        expect(first.code).toBe(1);
        expect(first.stdout).toContain(`WRONG  ${one.checks[0]!.function}: `);
        expect(first.stdout).toMatch(/\(line \d+\)|returned undefined|Hint: /);
        write(`mine.${ending}`, solution);
        const solved = await lab(String(number), `mine.${ending}`, '--check');
        expect(solved.stderr).toBe('');
        expect(solved.stdout).toMatch(/All of it is right/);
        expect(solved.code).toBe(0);
      }
      expect(readdirSync(cwd).sort()).toEqual([`${file}.js`, `${file}.ts`, 'mine.js', 'mine.ts'].sort()); // no copies are left behind
    },
  );

  test('that are there are checked, and stay as they are; the name of one that is not makes it, in the language of its ending', async () => {
    write('lab1-forward.js', 'export const mine = 1;\n');
    for (const words of [['1'], ['1', 'lab1-forward.js']]) {
      const { code, stdout } = await lab(...words);
      expect(code).toBe(1);
      expect(stdout).toMatch(/exports no function activate/);
    }
    expect(read('lab1-forward.js')).toBe('export const mine = 1;\n');
    expect((await lab('1', 'other.ts')).code).toBe(0);
    expect(read('other.ts')).toContain('zeta: number): number');
  });

  test('that are not there are an error to --check and --junit; and so are folders, other endings and labs, and options that do not fit', async () => {
    mkdirSync(join(cwd, 'a.js'));
    for (const [words, code, message] of [
      [['1', 'none.js', '--check'], 4, /Cannot read none\.js: there is no such file/],
      [['1', 'none.js', '--junit', 'x.xml'], 4, /no such file/],
      [['1', 'a.js'], 2, /a\.js is a folder/],
      [['1', 'a.py'], 2, /ends in \.js/],
      [['1', 'a.cjs'], 2, /name it \.js/],
      [['1', 'b.js', '--typescript'], 2, /ends in \.ts, not b\.js/],
      [['7'], 2, /no lab 7\. Expected 1 to/],
      [['one'], 2, /Expected a number/],
      [['1', '--time-limit', '0'], 2, /above 0/],
      [['1', 'none/b.js'], 4, /Cannot write none\/b\.js/],
    ] as const) {
      const outcome = await lab(...words);
      expect([words, outcome.code, outcome.stderr]).toEqual([words, code, expect.stringMatching(message)]);
    }
    expect(readdirSync(cwd)).toEqual(['a.js']);
  });

  test('the labs are listed, and --quiet and --json say less and more', async () => {
    const { stdout, code } = await lab();
    expect(code).toBe(0);
    for (const { number, title } of labs) expect(stdout).toContain(`${number}  ${title}: `);
    write('a.js', '');
    expect(await lab('1', 'a.js', '--quiet')).toEqual({ code: 1, stdout: '', stderr: '' });
    const { verdict } = await verdictOn(1, 'a.js');
    expect(verdict).toMatchObject({
      lab: 1,
      passed: false,
      checks: [{ function: 'activate', status: 'failed' }, { status: 'skipped' }, {}, {}],
    });
  });

  test('are modules, CommonJS, TypeScript with what needs a compiler, and modules beside others, wherever they stand', async () => {
    const solution = toJavaScript(solutionOf(labOf(1)));
    write('package.json', '{}');
    write('module.js', solution);
    write('module.mjs', solution);
    write(
      'common.cjs',
      solution.replaceAll('export function', 'function') + 'module.exports = { activate, forward, product, forwardBatch };',
    );
    write(
      'default.js',
      solution.replaceAll('export function', 'function') + 'export default { activate, forward, product, forwardBatch };',
    );
    write('enum.ts', `enum Unused { A }\n${solutionOf(labOf(1))}`);
    write('imports.mjs', `export * from './module.mjs';`);
    for (const file of ['module.js', 'module.mjs', 'common.cjs', 'default.js', 'enum.ts', 'imports.mjs'])
      expect([file, (await lab('1', file)).code]).toEqual([file, 0]);
  });

  test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'in TypeScript are checked in a folder that cannot be written, too',
    async () => {
      write('a.ts', solutionOf(labOf(1)));
      chmodSync(cwd, 0o555);
      expect((await lab('1', 'a.ts')).code).toBe(0);
      chmodSync(cwd, 0o755);
    },
  );
});

describe('JUnit', () => {
  test('has a test case for each function: passed, failed with all that is known, skipped', async () => {
    write('a.js', toJavaScript(solutionOf(labOf(2)).replace('W[i]![j]! * deltas', 'W[j]![i]! * deltas')));
    const { code } = await lab('2', 'a.js', '--junit', 'out.xml', '--quiet');
    expect(code).toBe(1);
    const elements = parsed(read('out.xml'));
    expect(elements.map(({ name }) => name).filter((name) => name !== 'testsuites' && name !== 'testsuite')).toEqual([
      'testcase',
      'testcase',
      'failure',
      'testcase',
      'skipped',
      'testcase',
      'skipped',
    ]);
    expect(elements[1]!.attributes).toMatchObject({
      name: 'feedforward lab 2: backpropagation for SGD',
      tests: '4',
      failures: '1',
      errors: '0',
      skipped: '2',
    });
    const failure = elements.find(({ name }) => name === 'failure')!;
    expect(failure.attributes['type']).toBe('W is transposed in BP2');
    expect(failure.attributes['message']).toMatch(
      /^delta of layer 2 is wrong \(BP2\): at deltas\[1\]\[0\] your code gives -?[\d.e-]+, expected -?[\d.e-]+\.$/,
    );
    expect(failure.text).toMatch(/On: network 3-3-3-3/);
  });

  test('is XML, whatever a student throws or is called', async () => {
    write(
      'a&b<".js',
      `export function activate() { throw new Error('<b>&]]>\\u0000\\u001b[31m\\ud800 "quoted" \\'too\\'\\n\\tand a line \\ufffe'); }`,
    );
    await lab('1', 'a&b<".js', '--junit', 'out.xml');
    const elements = parsed(read('out.xml'));
    expect(elements.find(({ name }) => name === 'testcase')!.attributes['file']).toBe('a&b<".js');
    expect(elements.find(({ name }) => name === 'failure')!.attributes['message']).toMatch(/<b>&]]>.* "quoted" 'too' and a line/);
    write('right.js', toJavaScript(solutionOf(labOf(1))));
    expect((await lab('1', 'right.js', '--junit', 'out.xml')).code).toBe(0);
    expect(parsed(read('out.xml'))[0]!.attributes).toMatchObject({ tests: '4', failures: '0', skipped: '0' });
  });

  test('never takes the place of the file that is checked', async () => {
    write('a.js', '');
    expect((await lab('1', 'a.js', '--junit', 'a.js')).code).toBe(2);
    expect(read('a.js')).toBe('');
  });
});

describe('code that misbehaves', () => {
  test.each([
    ['never returns', 'export function activate() { for (;;); }', /activate did not return within 1 s\./],
    ['never loads', 'for (;;);', /the file did not load within 1 s\./],
    [
      'prints without end',
      'export function activate() { for (;;) console.log("again"); }',
      /activate (did not return within 1 s|used more than 512 MB)/,
    ],
    ['ends the program', 'export function activate() { process.exit(0); }', /activate ended the program\./],
    [
      'throws after the call',
      'setTimeout(() => { throw new Error("late"); }); await new Promise((r) => setTimeout(r, 200));',
      /ended with Error: late\./,
    ],
    [
      'breaks the grammar',
      'export const a = 1;\nexport function activate( {',
      /a\.mjs cannot be loaded: SyntaxError: .* \(line 2\)\./,
    ],
    ['imports what is not there', 'import "nothing-of-that-name";', /cannot be loaded: .*nothing-of-that-name/],
    ['throws as it loads', '\n\nnull.x;', /cannot be loaded: TypeError: .*\(line 3\)\./],
    [
      'throws what is no error',
      'export function activate() { throw { toString() { throw 1; } }; }',
      /activate threw an object \{ toString \}/,
    ],
  ])('that %s gets a verdict', async (_, code, message) => {
    write('a.mjs', code);
    const outcome = await verdictOn(1, 'a.mjs', '--time-limit', '1');
    expect(outcome.failure!.message).toMatch(message);
    expect(outcome.code).toBe(1);
    expect(readdirSync(cwd)).toEqual(['a.mjs']);
  });

  test('in TypeScript: its grammar and its errors are told by the line of the student', async () => {
    write('a.ts', 'interface A {\n  b: number;\n}\nexport const x: A = {;\n');
    expect((await verdictOn(1, 'a.ts')).failure!.message).toMatch(/a\.ts cannot be loaded: SyntaxError: .*(line 4)/);
    write(
      'b.ts',
      'interface A {\n  b: number;\n}\n\nexport function activate(name: string, zeta: number): number {\n  const a = undefined as unknown as A;\n  return a.b;\n}\n',
    );
    expect((await verdictOn(1, 'b.ts')).failure!.message).toMatch(/activate threw TypeError: .* \(line 7\)\./);
  });

  test('after functions that were right: they stay right', async () => {
    write('a.js', toJavaScript(solutionOf(labOf(1)).replace('let sum = 0;\n      for (let k', 'for (;;);\n      for (let k')));
    const { verdict } = await verdictOn(1, 'a.js', '--time-limit', '1');
    expect(verdict.checks.map(({ status }) => status)).toEqual(['passed', 'passed', 'failed', 'skipped']);
  });

  test('what it prints goes to standard error, so far as anybody reads that', async () => {
    write('a.js', 'export function activate() { console.log("x".repeat(30)); }');
    const { stderr, stdout } = await lab('1', 'a.js', '--json');
    expect(stderr).toContain('x'.repeat(30));
    expect(JSON.parse(stdout)).toMatchObject({ passed: false });
    expect(existsSync(join(cwd, 'a.js'))).toBe(true);
  });
});

test('docs/labs.md shows what the command prints, and names every lab with its functions', async () => {
  const docs = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'labs.md'), 'utf8');
  write('a.js', toJavaScript(solutionOf(labOf(2)).replace('W[i]![j]! * deltas', 'W[j]![i]! * deltas')));
  const { stdout } = await lab('2', 'a.js');
  expect(docs).toContain(`\`\`\`\n${stdout.slice(stdout.indexOf('delta of')).trimEnd()}\n\`\`\``);
  for (const { number, title, checks } of labs) {
    const row = docs.split('\n').find((line) => line.startsWith(`| ${number} ${title} |`));
    for (const check of checks) expect(row).toContain(`\`${check.function}\``);
  }
});

test('a finished lab 6 runs on a real proxy: errors fall with rows, delta comes out, and there is a number of prices after which it pays', async () => {
  write('a.js', toJavaScript(solutionOf(labOf(6))));
  const { code, stdout } = await lab('6', 'a.js', '--json');
  expect(code).toBe(0);
  const { findings } = JSON.parse(stdout) as { findings: Findings };
  expect(findings.sizes).toEqual([16, 64, 256]);
  expect(findings.errors[2]).toBeLessThan(findings.errors[0]! / 2);
  expect(findings.errors[2]).toBeLessThan(3 * findings.standardError);
  expect(findings.deltaError).toBeLessThan(0.05);
  for (const unit of ['seconds', 'joules'] as const) {
    const { call, prediction, training } = findings.costs;
    const pays = unit === 'seconds' ? findings.paysInTime : findings.paysInEnergy;
    expect(pays).toBe(Math.ceil((256 * call[unit] + training[unit]) / (call[unit] - prediction[unit])));
  }
  const text = (await lab('6', 'a.js')).stdout;
  expect(text).toMatch(/price after learning from 256 rows +off by 0\.00\d+/);
  expect(text).toMatch(/The proxy pays after \d+ prices in time, and after \d+ prices in energy/);
  expect((await lab('6', 'a.js', '--check')).stdout).not.toContain('The proxy pays after');
});

test('a file that changes Array.prototype passes nothing', async () => {
  for (const one of labs) {
    write('mine.js', `${toJavaScript(solutionOf(one))}\nArray.prototype.map = function () { return []; };\n`);
    const { passed, checks } = JSON.parse((await lab(String(one.number), 'mine.js', '--json', '--check')).stdout) as Verdict;
    expect(passed).toBe(false);
    expect(checks).toHaveLength(one.checks.length);
  }
});

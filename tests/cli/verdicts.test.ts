// What `feedforward train` says of a model where R^2 or accuracy alone would mislead: a few rows far from all others, a class that nearly all have.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { feedforward } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'verdicts-'));
afterAll(() => rmSync(folder, { recursive: true }));
const run = (words: string) => feedforward(words.split(' '), { cwd: folder });
const write = (name: string, lines: readonly string[]) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`);

test('a few extreme targets are named by their lines, and the mean absolute error speaks for the model', async () => {
  // One early row with a slip of the key, and a late one that looks like it but is as the others: a model of squared errors misses that one by far.
  const random = new Random(5);
  const rows = Array.from({ length: 800 }, (_, i) => {
    const miles = 8 * random.uniform();
    const slip = i === 40 || i === 700 ? 1 : 0;
    return [i, miles.toFixed(3), slip, i === 40 ? 400 : (3 + 3 * miles + random.normal()).toFixed(2)].join();
  });
  write('taxi.csv', ['day,miles,slip,fare', ...rows.slice(0, 20), '3,2.5,0,', ...rows.slice(20)]);
  const words = 'train taxi.csv -t fare --split-by day --drop day --test-size 0.5 --preset quick --report taxi.html -o taxi.ff';
  const { code, stdout } = await run(words);
  expect(code).toBe(0);
  // The line counts the header and the row without a fare.
  expect(stdout).toMatch(
    /^note: "fare" has 1 extreme value in 800 rows, 400 \(taxi\.csv line 43; the median is 1\d\.\d+\)\. It carries \d\d % /m,
  );
  expect(stdout.match(/extreme value/g)).toHaveLength(1);
  expect(stdout).not.toContain('it did not learn'); // R^2 on all rows is about the extreme one too
  expect(stdout).toContain('use --loss huber or --loss meanAbsoluteError, or learn the logarithm.');
  expect(stdout).toMatch(/^ {2}By R\^2 alone no better than always the same answer\.$/m);
  expect(stdout).toMatch(
    /^ {2}1 of 400 rows carries 9\d % of its squared error, .* has learnt something: this model \d.*, linear model \d.*, always the mean \d.*, always the median \d/m,
  );
  const page = readFileSync(join(folder, 'taxi.html'), 'utf8');
  expect(page).toMatch(/<span id="second-look">1 of 400 rows carries/);
  expect(page).toContain('has 1 extreme value in 800 rows');
  const json = JSON.parse((await run(`${words} --json --loss huber`)).stdout) as {
    notes: string[];
    secondLook?: { beaten: string };
  };
  expect(json.notes.join()).toMatch(/if it is real, learn the logarithm\./);
}, 120_000);

test('accuracy that always one class has too is said beside the log loss, and the flag that helps is named', async () => {
  const random = new Random(6);
  const rows = Array.from({ length: 1500 }, () => {
    const amount = 100 * random.uniform();
    return `${amount.toFixed(2)},${random.below(9)},${amount > 94 && random.uniform() < 0.4 ? 'fraud' : 'fine'}`;
  });
  write('cards.csv', ['amount,hour,kind', ...rows]);
  const { code, stdout } = await run('train cards.csv -t kind --preset quick -o cards.ff');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^note: "?kind"? is "fine" in 11\d\d of 1200 rows: always that has an accuracy of 0\.97\d*, so/m);
  expect(stdout).toContain('--class-weight balanced lets the other');
  expect(stdout).toContain('the page of --report shows what each threshold comes to');
  expect(stdout).toMatch(/^ {2}By accuracy alone no better than always the same answer\.$/m);
  expect(stdout).toMatch(
    /^ {2}Its probabilities say more than the shares of the classes: log loss 0\.\d+ against 0\.\d+, ROC AUC 0\.9\d+\. --class-weight/m,
  );
}, 120_000);

test('a target that no column tells is no better by either figure', async () => {
  const random = new Random(7);
  write('noise.csv', ['a,b,y', ...Array.from({ length: 400 }, () => [1, 2, 3].map(() => random.normal().toFixed(4)).join())]);
  const { stdout } = await run('train noise.csv -t y --hidden 8 --epochs 30 --patience 0 -o noise.ff');
  expect(stdout).toMatch(/^ {2}No better than always the same answer: the columns may not say anything/m);
  expect(stdout).not.toMatch(/alone|extreme/);
}, 60_000);

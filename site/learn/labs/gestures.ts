import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect } from 'vitest';
import type { LearnPage } from '../../../tests/support/learnPage';

const folder = join(import.meta.dirname, '../../../tests/labs/solutions');
const solutions = ['lab1-forward', 'lab2-backpropagation', 'lab3-minibatch', 'lab4-momentum', 'lab5-l2', 'lab6-pricing'];
/** A lab, solved, in JavaScript. */
const solved = (file: string) =>
  ts.transpileModule(readFileSync(join(folder, `${file}.ts`), 'utf8'), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  }).outputText;

/** Skeletons fail, solutions pass, a classic mistake is told by its name, and code that never ends, breaks or meddles is told too. */
export default async function gestures(page: LearnPage): Promise<void> {
  const type = (code: string) =>
    page.evaluate((code: string) => {
      const area = document.querySelector<HTMLTextAreaElement>('.editor textarea')!;
      area.value = code;
      area.dispatchEvent(new Event('input', { bubbles: true }));
    }, code);
  const verdict = async (button = 'Check') => {
    await page.press(button);
    await page.until(() => document.querySelector('.play')?.textContent === 'Check');
    return page.evaluate(() => ({
      outcome: document.querySelector('.outcome')?.textContent ?? '',
      told: document.querySelector('.told')?.textContent ?? '',
      printed: document.querySelector('.printed')?.textContent ?? '',
    }));
  };
  await page.until(() => document.querySelector('.editor textarea') !== null);
  expect((await verdict()).outcome).toBe('0 of 4 functions are right.');
  const rows = [4, 5, 6, 7, 8, 3];
  for (const [i, file] of solutions.entries()) {
    await page.evaluate((i: number) => document.querySelectorAll<HTMLElement>('.lab > .choice .chip')[i]!.click(), i);
    await type(solved(file));
    await verdict();
    expect(await page.rowText(rows[i]!), file).toMatch(/^All \d functions are right\.$/);
  }
  expect((await verdict('Check with other numbers')).outcome).toMatch(/^All/);

  await page.evaluate(() => document.querySelectorAll<HTMLElement>('.lab > .choice .chip')[0]!.click());
  const right = solved(solutions[0]!);
  await type(`${right.replace('export function activate', 'function unused')}
export const activate = (name, z) => { console.log(name, [z]); return name === 'relu' ? Math.abs(z) : name === 'identity' ? z : name === 'tanh' ? Math.tanh(z) : 1 / (1 + Math.exp(-z)); };`);
  const mistake = await verdict();
  expect(mistake.told).toContain(
    'Your numbers are those of a known mistake: relu lets negative numbers through with their sign turned.',
  );
  expect(mistake.printed).toContain('relu [-1.5]');

  await type('export function activate() { return missing; }\n');
  expect((await verdict()).told).toMatch(/^activate threw ReferenceError.*missing/);
  await type('\nexport function activate( {\n');
  expect((await verdict()).told).toMatch(/^The code cannot be loaded: SyntaxError|^The code cannot be loaded: /);
  await type('export function activate() { for (;;); }');
  expect((await verdict()).told).toMatch(/^activate did not return within 5 s\./);

  // What is written stays; begun anew, it can be taken back.
  await type(right);
  await page.press('Begin anew');
  expect(await page.evaluate(() => document.querySelector<HTMLTextAreaElement>('.editor textarea')!.value)).toContain('TODO');
  await page.press('Take back');
  expect((await verdict()).outcome).toBe('All 4 functions are right.');
  expect(await page.evaluate(() => localStorage.getItem('feedforward-lab1-forward') ?? 'no storage')).toMatch(
    /forward|no storage/,
  );
}

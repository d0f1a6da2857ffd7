// Labs as students hand them in: solutions as text, changed here and there, loaded as modules.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { checkLab, type Failure, type Verdict } from '../../src/labs/checkLab.js';
import { labs } from '../../src/labs/lessons/labs.js';
import type { Lab } from '../../src/labs/lab.js';
import type { StudentModule } from '../../src/labs/student.js';

export const labOf = (number: number): Lab => labs.find((lab) => lab.number === number)!;

/** The solution of a lab, in TypeScript. */
export const solutionOf = ({ file }: Lab): string =>
  readFileSync(join(import.meta.dirname, '..', 'labs', 'solutions', `${file}.ts`), 'utf8');

/** TypeScript as JavaScript. */
export const toJavaScript = (text: string): string =>
  ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } }).outputText;

/** A module from its text in JavaScript. */
export async function load(javascript: string): Promise<StudentModule> {
  const url = `data:text/javascript;base64,${Buffer.from(javascript).toString('base64')}`;
  return (await import(/* @vite-ignore */ url)) as StudentModule;
}

/** The verdict on a solution in which pieces of text are replaced; every piece must be there, and is replaced wherever it stands. */
export async function verdictOn(lab: Lab, changes: readonly (readonly [string, string])[] = [], seed = 0): Promise<Verdict> {
  let text = solutionOf(lab);
  for (const [piece, other] of changes) {
    if (!text.includes(piece)) throw new Error(`the solution of lab ${lab.number} has no ${piece}`);
    text = text.replaceAll(piece, other);
  }
  return checkLab(lab, await load(toJavaScript(text)), { seed });
}

export function failureOf(verdict: Verdict): (Failure & { function: string }) | undefined {
  const failed = verdict.checks.find(({ status }) => status === 'failed');
  return failed && { ...failed.failure!, function: failed.function };
}

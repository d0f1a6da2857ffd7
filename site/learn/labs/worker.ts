// Runs what a student wrote, away from the page, and holds it against its lab. The page ends this worker when a call does not return.

import { brokenOff, checkLab, labs, skeletonOf } from 'feedforward/labs';
import type { Answer, Task } from './messages';
import { bodyOf, load, where } from './studentModule';

const post = postMessage.bind(globalThis) as (answer: Answer) => void;
const labOf = (number: number) => labs.find((lab) => lab.number === number)!;

/** Characters of what a student prints. */
let room = 10_000;
const print = (...words: unknown[]) => {
  if (room <= 0) return;
  const line = `${words.map((word) => (typeof word === 'string' ? word : shown(word))).join(' ')}\n`;
  room -= line.length;
  post({ kind: 'printed', text: room > 0 ? line : '… (your code prints more, which is left out)\n' });
};
const shown = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
};

function check(number: number, code: string, seed: number): void {
  const lab = labOf(number);
  const refuse = (message: string, hint?: string) =>
    post({
      kind: 'verdict',
      verdict: brokenOff(lab, undefined, { message, about: '', ...(hint === undefined ? {} : { hint }) }),
    });
  if (/^[ \t]*import\b(?!\s*\()/m.test(code)) {
    refuse('The code cannot be loaded: it imports something.', 'A lab needs nothing but the language: lists, loops and Math.');
    return;
  }
  let module: ReturnType<typeof load>;
  try {
    module = load(bodyOf(code));
  } catch (error) {
    const line = where(error);
    if (error instanceof SyntaxError) post({ kind: 'grammar', message: String(error) });
    else refuse(`The code cannot be loaded: ${String(error)}${line === undefined ? '' : ` (${line})`}.`);
    return;
  }
  const onCall = (name: string, about: string) => post({ kind: 'call', name, about });
  post({ kind: 'verdict', verdict: checkLab(lab, module, { seed, where, onCall }) });
}

addEventListener('message', ({ data }: MessageEvent<Task>) => {
  if (data.kind === 'list')
    post({
      kind: 'labs',
      labs: labs.map((lab) => ({
        ...{ number: lab.number, title: lab.title, file: lab.file, skeleton: skeletonOf(lab, 'javascript') },
        checks: lab.checks.map(({ function: name, title }) => ({ function: name, title })),
      })),
    });
  else if (data.kind === 'broken') post({ kind: 'verdict', verdict: brokenOff(labOf(data.lab), data.current, data.failure) });
  else {
    Object.assign(console, { log: print, info: print, warn: print, error: print, debug: print });
    check(data.lab, data.code, data.seed);
  }
});

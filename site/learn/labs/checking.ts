// Checks code in workers: one for the code, which is ended when a call takes too long; others for what needs none of it.

import type { Failure, Verdict } from 'feedforward/labs';
import type { Answer, LabInfo, Task } from './messages';
import { bodyOf } from './studentModule';

/** The worker's text, put here while the site is built. */
declare const WORKER: string;

/** Seconds for each call. */
const patience = 5;

let address: string | undefined;
function worker(task: Task, hear: (answer: Answer) => void, broke: (message: string) => void): Worker {
  address ??= URL.createObjectURL(new Blob([WORKER], { type: 'text/javascript' }));
  const made = new Worker(address);
  made.onmessage = ({ data }: MessageEvent<Answer>) => hear(data);
  made.onerror = (event) => {
    event.preventDefault();
    broke(event.message);
  };
  made.postMessage(task);
  return made;
}

/** One question to a worker that runs no student's code. */
const ask = <K extends 'labs' | 'verdict'>(task: Task, kind: K): Promise<Extract<Answer, { kind: K }>> =>
  new Promise((resolve, reject) => {
    const asked = worker(
      task,
      (answer) => {
        asked.terminate();
        if (answer.kind === kind) resolve(answer as Extract<Answer, { kind: K }>);
      },
      (message) => reject(new Error(message)),
    );
  });

export const listLabs = async (): Promise<readonly LabInfo[]> => (await ask({ kind: 'list' }, 'labs')).labs;

const broken = async (lab: number, current: string | undefined, failure: Failure): Promise<Verdict> =>
  (await ask({ kind: 'broken', lab, current, failure }, 'verdict')).verdict;

/** The line at which a text breaks the grammar: an empty page is given it, which says so and runs none of it. */
function brokenLine(text: string): number | undefined {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  document.body.append(frame);
  let line: number | undefined;
  const inner = frame.contentWindow!;
  inner.onerror = (_message, _source, at) => {
    line = at;
    return true;
  };
  const script = inner.document.createElement('script');
  script.textContent = `void function () { "use strict"; ${text}\n}`;
  inner.document.head.append(script);
  frame.remove();
  return line;
}

/** Whether every function of the lab was judged, by name and in order: code may change what all programs share, and so its judge. */
const isWhole = ({ checks }: LabInfo, verdict: Verdict): boolean =>
  verdict.checks.length === checks.length &&
  checks.every(
    ({ function: name }, i) =>
      verdict.checks[i]?.function === name && (!verdict.passed || verdict.checks[i]?.status === 'passed'),
  );

/** The verdict on a student's code. `print` hears what it prints. */
export function check(lab: LabInfo, code: string, seed: number, print: (text: string) => void): Promise<Verdict> {
  return new Promise((resolve) => {
    let current: { name?: string; about: string } = { about: '' };
    let timer = 0;
    const end = (verdict: Verdict | Promise<Verdict>) => {
      clearTimeout(timer);
      running.terminate();
      resolve(verdict);
    };
    const fail = (failure: Omit<Failure, 'about'>) => end(broken(lab.number, current.name, { ...failure, about: current.about }));
    const wait = () => {
      clearTimeout(timer);
      timer = window.setTimeout(
        () =>
          fail({
            message: `${current.name ?? 'The code'} did not ${current.name === undefined ? 'load' : 'return'} within ${patience} s.`,
            hint: 'Is there a loop that never ends? Look at what each of them counts, and where it stops.',
          }),
        1000 * patience,
      );
    };
    const hear = (answer: Answer) => {
      if (answer.kind === 'call') {
        current = answer;
        wait();
      } else if (answer.kind === 'printed') print(answer.text);
      else if (answer.kind === 'grammar') {
        const line = brokenLine(bodyOf(code).text);
        const place = line === undefined || line === 0 ? '' : ` (line ${line})`;
        fail({ message: `The code cannot be loaded: ${answer.message.replace(/\.$/, '')}${place}.` });
      } else if (answer.kind === 'verdict') {
        if (isWhole(lab, answer.verdict)) end(answer.verdict);
        else
          fail({
            message: 'The code changes what all programs share, such as Array.prototype: its answers cannot be judged.',
            hint: 'Take out what assigns to prototypes and to built-in objects.',
          });
      }
    };
    const running = worker({ kind: 'check', lab: lab.number, code, seed }, hear, (message) =>
      fail({ message: `${current.name ?? 'The code'} ended with ${message}.` }),
    );
    wait();
  });
}

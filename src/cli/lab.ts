// feedforward lab: makes the file a student starts from, and checks what the student made of it. The student's code runs in a worker thread,
// which ends when a call takes too long.

import { open, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fail } from '../errors.js';
import { refuseFile } from '../formats/fileErrors.js';
import type { Lab } from '../labs/lab.js';
import { labs } from '../labs/lessons/labs.js';
import { skeletonOf } from '../labs/skeleton.js';
import { Exit } from './exit.js';
import { Interrupt } from './interrupt.js';
import { junit, listOfLabs, textOf } from './labReport.js';
import { runLab } from './labRun.js';
import { Output } from './output.js';
import { Terminal } from './terminal.js';

export interface LabCommand {
  /** Undefined lists the labs. */
  readonly lab: number | undefined;
  readonly file: string | undefined;
  readonly typescript: boolean;
  /** Whether the file must be there already. */
  readonly check: boolean;
  readonly junit: string | undefined;
  readonly seed: number;
  /** Seconds that one call may take. */
  readonly timeLimit: number;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What files a student may hand in. */
const endings = ['.js', '.mjs', '.cjs', '.ts', '.mts'];

export async function lab(command: LabCommand): Promise<void> {
  const terminal = new Terminal(command);
  const { lab: number, typescript } = command;
  if (number === undefined) {
    terminal.result(() => listOfLabs(labs), { command: 'lab', labs: labs.map((one) => ({ lab: one.number, title: one.title })) });
    return;
  }
  if (!(command.timeLimit > 0)) usage(`--time-limit: expected seconds above 0, got ${command.timeLimit}.`);
  const chosen =
    labs.find((one) => one.number === number) ??
    usage(`lab: there is no lab ${number}. Expected 1 to ${labs.length}: feedforward lab lists them.`);
  const file = command.file ?? `${chosen.file}.${typescript ? 'ts' : 'js'}`;
  const ending = extname(file);
  if (!endings.includes(ending)) usage(`lab: expected a file that ends in ${endings.join(', ')}, got ${file}.`);
  if (typescript && !/ts$/.test(ending)) usage(`lab: --typescript makes a file that ends in .ts, not ${file}.`);
  const found = await stat(file).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    return refuseFile('read', file, error);
  });
  if (found?.isDirectory()) usage(`lab: ${file} is a folder. Name a file.`);
  if (found !== undefined) return check(chosen, file, command, terminal);
  if (command.check || command.junit !== undefined)
    fail('ERR_FILE', `Cannot read ${file}: there is no such file. feedforward lab ${number} makes one to start from.`);
  await create(chosen, file, terminal);
}

/** Writes the skeleton, where there is no file yet. */
async function create(lab: Lab, file: string, terminal: Terminal): Promise<void> {
  const text = skeletonOf(lab, /ts$/.test(extname(file)) ? 'typescript' : 'javascript');
  if (extname(file) === '.cjs') usage(`lab: a new file is a module; name it .js, .mjs or .ts, not ${file}.`);
  try {
    const handle = await open(file, 'wx'); // never over what is there
    await handle.writeFile(text.replaceAll('FILE', basename(file)));
    await handle.close();
  } catch (error) {
    refuseFile('write', file, error);
  }
  terminal.result(
    () =>
      [
        `Lab ${lab.number}, ${lab.title}: ${file} is yours to fill in. It has gaps, marked TODO, in these functions:`,
        ...lab.checks.map(({ function: name, title }) => `  ${name}: ${title}`),
        `Check it as often as you like:  npx feedforward lab ${lab.number} ${file}`,
      ].join('\n'),
    { command: 'lab', lab: lab.number, title: lab.title, created: file },
  );
}

async function check(lab: Lab, file: string, command: LabCommand, terminal: Terminal): Promise<void> {
  const { seed, timeLimit, junit: report } = command;
  const interrupt = new Interrupt(terminal);
  const output =
    report === undefined ? undefined : await Output.open(report, [{ what: "the student's file", path: file }], interrupt);
  // Where a copy of the file may stand that Node takes as a module: beside it, since it may import its neighbours.
  const path = resolve(file);
  const copy = join(dirname(path), `.${basename(file)}.${process.pid}.mjs`);
  const forget = interrupt.onExit(() => void unlink(copy).catch(() => undefined));
  try {
    const started = performance.now();
    const { verdict, findings } = await runLab({
      ...{ lab, path, copy, seed, timeLimit },
      explore: !command.check && report === undefined && !command.quiet, // a class is kept waiting by no experiments
      say: (text) => terminal.isQuiet || process.stderr.write(text),
    });
    if (output !== undefined) {
      await output.write(junit(verdict, file, (performance.now() - started) / 1000));
      await output.commit();
    }
    terminal.result(() => textOf(verdict, file, findings), { command: 'lab', file, seed, ...verdict, findings });
    if (!verdict.passed) process.exitCode = 1;
  } catch (error) {
    await output?.discard();
    throw error;
  } finally {
    forget();
    await unlink(copy).catch(() => undefined);
  }
}

function usage(message: string): never {
  throw new Exit(2, message, 'ERR_OPTION');
}

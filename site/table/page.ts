// The table page: what is asked and what is shown. The worker and its library come with the first file.

import { loadScript } from '../loadScript';
import type { ColumnFacts, Order, Outcome, Preset, Report, Task } from './messages';
import { verdictOf } from './verdict';

declare global {
  /** The text of the worker: table-worker.js sets it. */
  var tableWorker: string | undefined;
  /** The irises as CSV: iris.csv.js sets them. */
  var irises: string | undefined;
}

const mostBytes = 100_000_000;

const part = <T extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as T;
const target = part<HTMLSelectElement>('target');
const task = part<HTMLSelectElement>('task');
const preset = part<HTMLSelectElement>('preset');
const state = part('state');
let columns: readonly ColumnFacts[] = [];
let worker: Promise<Worker> | undefined;
let file = 'table.csv';
let kept: readonly string[] = [];

async function wake(): Promise<Worker> {
  await loadScript('table-worker.js');
  const made = new Worker(URL.createObjectURL(new Blob([tableWorker!], { type: 'text/javascript' })));
  made.onmessage = ({ data }: MessageEvent<Report>) => hear(data);
  made.onerror = ({ message }) => alarm(`The page's worker stopped: ${message}.`);
  return made;
}

async function order(message: Order): Promise<void> {
  worker ??= wake();
  try {
    (await worker).postMessage(message);
  } catch (error) {
    worker = undefined;
    alarm(`${(error as Error).message} Are you still online?`);
  }
}

function alarm(text: string): void {
  part('trouble').textContent = text;
  part('trouble').hidden = text === '';
  if (text !== '') busy(false);
}

function busy(on: boolean): void {
  part('train').hidden = on;
  part('stop').hidden = !on;
  part('progress').hidden = !on;
  for (const control of [target, task, preset]) control.disabled = on;
}

// ---- a file ------------------------------------------------------------------------------------------------------------

async function open(name: string, text: () => Promise<string>, bytes = 0): Promise<void> {
  alarm('');
  part('result').hidden = true;
  part('report').hidden = true;
  part('question').hidden = true;
  if (bytes > mostBytes) {
    alarm(`${name} has ${Math.round(bytes / 1e6)} MB; this page reads 100. Use npx feedforward train.`);
    return;
  }
  file = name;
  await order({ type: 'read', name, text: await text() });
}

const openFile = (chosen: File) => open(chosen.name, () => chosen.text(), chosen.size);

part<HTMLInputElement>('file').addEventListener('change', ({ currentTarget }) => {
  const [chosen] = (currentTarget as HTMLInputElement).files ?? [];
  if (chosen) void openFile(chosen);
});
part('example').addEventListener('click', () =>
  open('iris.csv', async () => {
    if (globalThis.irises === undefined) await loadScript('iris.csv.js');
    return globalThis.irises!;
  }),
);
for (const type of ['dragover', 'dragleave', 'drop'] as const)
  addEventListener(type, (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    part('drop').classList.toggle('over', type === 'dragover');
    const [dropped] = event.dataTransfer.files;
    if (type === 'drop' && dropped) void openFile(dropped);
  });

// ---- the question --------------------------------------------------------------------------------------------------------

function ask(rows: number, notes: readonly string[]): void {
  const fitting = columns.filter((column) => column.task !== undefined);
  if (fitting.length === 0 || columns.length < 2) {
    alarm(
      `${file}: no column can be learnt from others. The page needs two columns at least, one of them with classes or numbers.`,
    );
    return;
  }
  part('name').textContent = file;
  const missing = columns.filter((column) => column.missing > 0);
  part('shape').textContent = [
    `${rows.toLocaleString('en')} rows, ${columns.length} columns.`,
    ...(missing.length > 0 ? [`Cells are missing in ${missing.map(({ name }) => name).join(', ')}.`] : []),
    ...notes,
  ].join(' ');
  target.replaceChildren(...fitting.map(({ name }) => new Option(name, name)));
  target.value = fitting.at(-1)!.name;
  suit();
  state.textContent = '';
  part('result').hidden = true; // of a table before, which was ready in the meantime
  part('report').hidden = true;
  part('question').hidden = false;
  busy(false);
  target.focus();
}

/** What the column is, unless somebody says otherwise; text cannot be numbers. */
function suit(): void {
  const column = columns.find(({ name }) => name === target.value)!;
  task.value = column.task!;
  task.querySelector<HTMLOptionElement>('[value=numbers]')!.disabled = column.type === 'categorical' || column.type === 'boolean';
}
target.addEventListener('change', suit);

part('train').addEventListener('click', () => train([]));

/** Columns of `keep` are learnt from, though they look of no use. */
function train(keep: readonly string[]): void {
  alarm('');
  part('result').hidden = true;
  part('report').hidden = true;
  busy(true);
  part<HTMLProgressElement>('progress').value = 0;
  state.textContent = 'Starting …';
  void order({ type: 'train', target: target.value, task: task.value as Task, preset: preset.value as Preset, keep });
  kept = keep;
}
part('stop').addEventListener('click', () => void order({ type: 'stop' }));

// ---- what comes of it ------------------------------------------------------------------------------------------------------

function link(id: string, bytes: BlobPart, type: string, name: string): void {
  const anchor = part<HTMLAnchorElement>(id);
  if (anchor.href.startsWith('blob:')) URL.revokeObjectURL(anchor.href);
  anchor.href = URL.createObjectURL(new Blob([bytes], { type }));
  anchor.download = name;
}

function tell(outcome: Outcome): void {
  const { trainedOn, epochs, seconds, stopped, page, code, command, byFolds } = outcome;
  const stem = outcome.file.replace(/\.[^.]*$/, '') || 'table';
  state.textContent = `${stopped ? 'You stopped it after' : 'Trained for'} ${epochs} epochs on ${trainedOn.toLocaleString('en')} rows, in ${seconds.toFixed(1)} seconds.`;
  part('verdict').textContent = verdictOf(outcome, target.value);
  part('folds').hidden = byFolds === undefined;
  part('folds').textContent = byFolds ?? '';
  link('model', outcome.model, 'application/octet-stream', `${stem}.ff`);
  part('save').hidden = page === undefined;
  if (page !== undefined) link('save', page, 'text/html', `${stem}.html`);
  part('text').textContent = code;
  part('command').textContent = command;
  part('code').hidden = code === ''; // one that was stopped cannot be made again
  part('listing').hidden = true;
  part('code').setAttribute('aria-expanded', 'false');
  const left = part('left');
  left.hidden = outcome.leftOut.length === 0;
  left.replaceChildren(
    ...outcome.leftOut.map(({ why, column }) => {
      const item = document.createElement('li');
      item.append(`${why} `);
      if (column !== undefined) {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'chip';
        button.textContent = `Keep ${column}, train again`;
        button.addEventListener('click', () => train([...kept, column]));
        item.append(button);
      }
      return item;
    }),
  );
  const frame = part<HTMLIFrameElement>('report');
  frame.srcdoc = page ?? '';
  frame.hidden = page === undefined;
  part('result').hidden = false;
}

part('code').addEventListener('click', () => {
  const { hidden } = part('listing');
  part('listing').hidden = !hidden;
  part('code').setAttribute('aria-expanded', String(hidden));
});

function hear(data: Report): void {
  if (data.type === 'table') {
    columns = data.columns;
    ask(data.rows, data.notes);
  } else if (data.type === 'progress') {
    part<HTMLProgressElement>('progress').value = data.share;
    state.textContent = `${data.what === '' ? 'Epoch' : `${data.what}epoch`} ${data.epoch} of ${data.of} at most: loss ${data.loss.toPrecision(3)}`;
  } else if (data.type === 'doing') {
    state.textContent = `${data.text} …`;
    part<HTMLProgressElement>('progress').removeAttribute('value');
  } else if (data.type === 'done') {
    busy(false);
    tell(data.outcome);
  } else {
    state.textContent = '';
    alarm(data.text);
  }
}

// A CSV file that is dropped on the page, or chosen.

import { signal } from '@preact/signals';
import { dataOf, withData } from './experiment';
import { ask, change } from './state';

/** What was read, or why it was not, in words. */
export const read = signal<string | undefined>(undefined);

const mostBytes = 20_000_000;

export async function readTable(file: File): Promise<void> {
  try {
    if (file.size > mostBytes)
      throw new Error(`${file.name} has ${Math.round(file.size / 1e6)} MB; the page reads 20. Use npx feedforward train.`);
    const { kind, points, names, target, classes, rows } = await ask({ what: 'table', text: await file.text() });
    change((old) => withData(old, { ...dataOf(kind), points }));
    read.value = `${file.name}: ${target} from ${names[0]} (x) and ${names[1]} (y), ${points.length} of ${rows} rows; ${
      kind === 'values'
        ? `-1 stands for ${classes[0]}, 1 for ${classes[1]}`
        : classes.map((name, c) => `class ${c} is ${name}`).join(', ')
    }.`;
  } catch (error) {
    read.value = `${file.name} cannot be shown. ${(error as Error).message}`;
  }
}

for (const type of ['dragover', 'drop'] as const)
  addEventListener(type, (event) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    const [file] = event.dataTransfer.files;
    if (type === 'drop' && file) void readTable(file);
  });

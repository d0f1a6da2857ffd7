// What every course page has in common: its options, what it says, its tables, its pictures. A page says its figures beside the
// theory's, then shows charts (chart.d.ts of words: support/terminal.js) and hands in the same figures as an object.
//
//   --svg FILE    the picture, drawn by Observable Plot      --json     the figures as one object, instead of text
//   --text FILE   what it says, without pictures and times   --quiet    nothing but errors

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FeedforwardError, init } from 'feedforward';
import { writeFileAtomic } from 'feedforward/files';
import { loadPlot, svg } from './picture.js';
import { text } from './terminal.js';

// The build without fused multiply-add, whose last bits differ: a page says the same figures on every machine.
await init({ wasm: readFileSync(fileURLToPath(import.meta.resolve('feedforward/simd.wasm'))) });

const own = {
  svg: { type: 'string' },
  text: { type: 'string' },
  json: { type: 'boolean', default: false },
  quiet: { type: 'boolean', default: false },
};

/** The page's options: its own beside those of every page. */
export function pageOptions(more = {}) {
  try {
    return parseArgs({ options: { ...own, ...more } }).values;
  } catch (error) {
    throw new FeedforwardError('ERR_OPTION', error.message, {}, error);
  }
}

const { values: options } = parseArgs({ options: own, strict: false });
const drawing = options.svg === undefined ? undefined : await loadPlot(); // before anything is computed
const said = [];

/** A paragraph of the page. */
export function say(line) {
  said.push(line);
  print(line);
}

/** What a clock said, which is another figure every time: printed, and no part of the page's text. */
export function clock(line) {
  print(line);
}

function print(line) {
  if (!options.json && !options.quiet) console.log(line);
}

/** Shows the charts; writes the picture, the text and the figures where they were asked for. */
export async function show(charts, figures, { perRow } = {}) {
  for (const chart of charts) print(`\n${text(chart)}`);
  if (drawing !== undefined) {
    await write(options.svg, svg(charts, drawing, { perRow }));
    print(`\nwrote ${options.svg}`);
  }
  if (options.text !== undefined) await write(options.text, `${said.join('\n').replace(/^\n+/, '').trimEnd()}\n`);
  if (options.json) console.log(JSON.stringify(figures));
}

function write(file, content) {
  return writeFileAtomic(file, new TextEncoder().encode(content));
}

/** Rows of cells in columns, the first to the left, the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, j) => Math.max(...rows.map((row) => String(row[j]).length)));
  return rows
    .map((row) => row.map((cell, j) => (j === 0 ? String(cell).padEnd(widths[j]) : String(cell).padStart(widths[j]))).join('  '))
    .join('\n');
}

/** Slope of the straight line through the points, by least squares. */
export function slope(points) {
  const n = points.length;
  const [mx, my] = [0, 1].map((k) => points.reduce((sum, p) => sum + p[k], 0) / n);
  let [over, under] = [0, 0];
  for (const [x, y] of points) {
    over += (x - mx) * (y - my);
    under += (x - mx) ** 2;
  }
  return over / under;
}

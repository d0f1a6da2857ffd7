// What every page of examples/course has in common: `--svg FILE` writes its picture, `--json` prints its facts as the last line.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { svg, text } from './chart.js';

/** The page's options: its own beside --svg and --json. */
export function pageOptions(own = {}) {
  return parseArgs({ options: { svg: { type: 'string' }, json: { type: 'boolean', default: false }, ...own } }).values;
}

/** Rows of cells in columns, the first to the left, the others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, j) => Math.max(...rows.map((row) => String(row[j]).length)));
  return rows
    .map((row) => row.map((cell, j) => (j === 0 ? String(cell).padEnd(widths[j]) : String(cell).padStart(widths[j]))).join('  '))
    .join('\n');
}

/** Shows the charts, writes the picture and the facts where they were asked for. */
export function show(options, charts, facts, { perRow } = {}) {
  for (const chart of charts) console.log(`\n${text(chart)}`);
  if (options.svg !== undefined) {
    mkdirSync(dirname(options.svg), { recursive: true });
    writeFileSync(options.svg, svg(charts, { perRow }));
    console.log(`\nwrote ${options.svg}`);
  }
  if (options.json) console.log(JSON.stringify(facts));
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

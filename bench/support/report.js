// How a suite is run and what is printed: machine, runtime, medians, ratios.

import { cpus } from 'node:os';
import { Bench } from 'tinybench';

export function machine() {
  return {
    processor: cpus()[0]?.model.trim(),
    cores: cpus().length,
    runtime: `Node ${process.versions.node} (V8 ${process.versions.v8})`,
    date: new Date().toISOString().slice(0, 10),
    command: `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`,
  };
}

/**
 * Times `tasks` ({ name: () => work }) turn by turn, so that a drift of the machine's speed meets all alike.
 * Returns the median of each in microseconds.
 */
export async function medians(tasks, { seconds = 0.6, rounds = 3 } = {}) {
  const samples = Object.fromEntries(Object.keys(tasks).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const bench = new Bench({ time: (1000 * seconds) / rounds, warmupTime: round === 0 ? 200 : 20, retainSamples: true });
    for (const [name, run] of Object.entries(tasks)) bench.add(name, run);
    await bench.run();
    for (const task of bench.tasks) {
      if (task.result?.state === 'errored') throw task.result.error;
      samples[task.name].push(task.result.latency.p50 * 1000);
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, of]) => [name, of.sort((a, b) => a - b)[of.length >> 1]]));
}

/** A table of rows of cells, columns lined up. */
export function table(rows) {
  const widths = rows[0].map((_, j) => Math.max(...rows.map((row) => String(row[j]).length)));
  return rows
    .map((row) => row.map((cell, j) => (j === 0 ? String(cell).padEnd(widths[j]) : String(cell).padStart(widths[j]))).join('  '))
    .join('\n');
}

export function microseconds(value) {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : Math.round(value).toString();
}

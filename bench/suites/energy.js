// Joules and time for a million prices of a European call: closed form, Monte Carlo, a network in plain JavaScript and in WebAssembly.

import { MLP, dense } from '../../dist/index.js';
import * as library from '../../dist/index.js';
import { energyOf } from '../../examples/pricing/experiments.js';
import { table } from '../support/report.js';

export async function energy() {
  const silu = { activation: 'silu' };
  const model = new MLP({ inputs: 4, layers: [dense(64, silu), dense(64, silu), dense(1)], seed: 1 });
  const figures = await energyOf(model, 1, library.quantize);
  const rows = figures.map((of) => [
    of.name,
    of.joulesPerMillion.toPrecision(3),
    of.microsecondsPerPrice.toPrecision(3),
    of.method,
  ]);
  console.log(`\n${table([['a million prices', 'joules', 'microseconds each', 'by'], ...rows])}`);
  for (const note of new Set(figures.map((of) => of.note.replace(/: .*/, '')))) console.log(note);
  return Object.fromEntries(figures.map((of) => [of.name, of.microsecondsPerPrice]));
}

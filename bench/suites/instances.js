// What making an instance of the core costs, by the engine alone and by AssemblyScript's loader, and what a call of its exports costs: the raw
// ones that the library takes, and those that the loader wraps.

import { readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';
import { MLP, dense, engineInfo } from '../../dist/index.js';
import { medians, microseconds, table } from '../support/report.js';

/** Calls in one measured piece, so that what is timed is no clock. */
const calls = 10_000;

export async function instances() {
  const module = new WebAssembly.Module(readFileSync(new URL(`../../dist/${engineInfo().build}.wasm`, import.meta.url)));
  const layers = [dense(16, { activation: 'tanh' }), dense(1)];
  const made = await medians({
    'instance, by the engine': () => new WebAssembly.Instance(module).exports,
    'instance, by the loader': () => instantiateSync(module, {}).instance.exports,
    'new MLP, 2-16-1': () => new MLP({ inputs: 2, layers }),
  });
  const loaded = instantiateSync(module, {});
  const many = (exports) => () => {
    for (let i = 0; i < calls; i++) exports.takeThreadsLost();
  };
  const called = await medians({ raw: many(loaded.instance.exports), wrapped: many(loaded.exports) });
  const rows = Object.entries(made).map(([name, us]) => [name, `${microseconds(us)} us`]);
  for (const [name, us] of Object.entries(called)) rows.push([`call, ${name}`, `${((1000 * us) / calls).toFixed(1)} ns`]);
  console.log(`\n${table([['the core', 'each'], ...rows])}`);
  return { ...made, ...Object.fromEntries(Object.entries(called).map(([name, us]) => [`call, ${name}`, us / calls])) };
}

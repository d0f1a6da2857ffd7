// V8's 256-bit pass in the engines that have it: on, here and in a worker, with nothing of it left behind in the process.

import v8 from 'node:v8';
import { WorkerMLP } from '../../dist/worker.js';

/** Switches it on. @throws where it stays off, at other bits of a model that is not deterministic, or where a flag of V8 stays. */
export async function switchOn({ MLP, dense, init, engineInfo }) {
  const set = v8.setFlagsFromString;
  const flags = new Map();
  v8.setFlagsFromString = (text) => {
    flags.set(text.replace(/^--(no-)?/, ''), text.startsWith('--no-'));
    set(text);
  };
  const options = {
    inputs: 21,
    layers: [dense(130, { activation: 'gelu' }), dense(66, { activation: 'tanh' }), dense(3)],
    seed: 4,
  };
  const X = Array.from({ length: 70 }, (_, i) => Array.from({ length: 21 }, (_, j) => Math.fround(Math.sin(1 + 3 * i + j * j))));
  const y = X.map((row) => row.slice(0, 3));
  const trained = () => {
    const model = new MLP(options);
    model.fitSync(X, y, { epochs: 5, batchSize: 27 });
    return Buffer.from(model.save({ optimizer: true }));
  };
  const without = trained();
  await init({ revectorize: true });
  const { revectorized, reasons } = engineInfo();
  if (!revectorized) throw new Error(reasons.join('; '));
  if (!trained().equals(without)) throw new Error('a model has other bits under the 256-bit pass');
  const there = await WorkerMLP.create(options, { fallback: false, engine: { revectorize: 'auto' } });
  await there.fit(X, y, { epochs: 5, batchSize: 27 });
  if (!Buffer.from(await there.save({ optimizer: true })).equals(without))
    throw new Error('a worker has other bits under the pass');
  await there.terminate();
  // Lazy compilation, quick code first, and no pass: what V8 does unless told otherwise.
  const left = ['liftoff', 'wasm-lazy-compilation'].filter((name) => flags.get(name) !== false);
  if (flags.get('experimental-wasm-revectorize') !== true) left.push('experimental-wasm-revectorize');
  if (left.length > 0 || flags.size !== 3) throw new Error(`flags of V8 stay as they were set: ${left} of ${[...flags.keys()]}`);
  v8.setFlagsFromString = set;
}

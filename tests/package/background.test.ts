// Engines that compile and instantiate no more than 4 kB at once on a page's main thread, as Chrome did before 115: a process whose
// WebAssembly refuses likewise (tests/support/refusesSynchronous.js). Needs a build in dist.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../support/tarball.js';

const program = `
import { MLP, MLPClassifier, dense, engineInfo, init } from '${join(root, 'dist/index.js')}';
import { readFileSync } from 'node:fs';
const said = [];
const options = (seed) => ({ inputs: 3, layers: [dense(20, { activation: 'tanh' }), dense(2)], seed, deterministic: seed % 2 === 0 });
try { new MLP(options(1)); said.push('made'); } catch (error) { said.push(error.code, error.message); }
await init(process.argv[2] === 'given' ? { wasm: readFileSync('${join(root, 'dist/simd.wasm')}') } : {});
const X = [[1, 2, 3], [4, 5, 6], [0, 1, 0]];
const y = [[1, 2], [3, 4], [0, 0]];
const models = Array.from({ length: 150 }, (_, k) => new MLP(options(k)));
for (let step = 0; step < 3; step++) for (const model of models) model.trainStep(X, y);
await models[3].fit(X, y, { epochs: 30 });
for (let k = 0; k < 20; k++) new MLP(options(k)).trainStep(X, y);
const rows = Array.from({ length: 400 }, (_, i) => Array.from({ length: 200 }, (_, j) => Math.sin(i * j)));
const large = new MLP({ inputs: 200, layers: [dense(300), dense(3)], deterministic: true, seed: 4 });
await large.fit(rows, rows.map((row) => row.slice(1, 4)), { epochs: 2 });
const classifier = new MLPClassifier({ hiddenLayers: [5], epochs: 20, seed: 1 });
await classifier.fit(X, ['a', 'b', 'a']);
const all = [...models, large].flatMap((model) => model.parameters().flatMap(({ values }) => [...values]));
console.log(JSON.stringify({ said, all, labels: classifier.predict(X), background: globalThis.background }));
`;

interface Outcome {
  readonly said: readonly string[];
  readonly all: readonly number[];
  readonly labels: readonly string[];
  readonly background?: { readonly compiled: number; readonly instantiated: number };
}

/** Runs the program, as is or where nothing large is done at once. */
function run(refuses?: string, ...args: string[]): Outcome {
  const flags = refuses === undefined ? [] : ['--import', join(root, 'tests/support/refusesSynchronous.js')];
  const out = execFileSync(process.execPath, [...flags, '--input-type=module', '-', ...args], {
    input: program,
    encoding: 'utf8',
    env: { ...process.env, REFUSES: refuses },
    maxBuffer: 1 << 26,
  });
  return JSON.parse(out) as Outcome;
}

describe('where an engine compiles nothing large at once on the main thread', () => {
  const usual = run();

  test.each([
    ['modules', 'compiled'],
    ['modules and instances', 'compiled and instantiated'],
  ])('%s: after await init() everything works, %s in the background, to the same bits', (refuses) => {
    const { said, all, labels, background } = run(refuses);
    expect(usual.said).toEqual(['made']);
    expect(said[0]).toBe('ERR_UNSUPPORTED');
    expect(said[1]).toMatch(/compiles no WebAssembly of this size at once.*await init\(\).*feedforward\/worker/);
    expect(all).toEqual(usual.all);
    expect(labels).toEqual(usual.labels);
    expect(background!.compiled).toBeGreaterThan(0);
    expect(background!.instantiated > 0).toBe(refuses !== 'modules');
  });

  test('a module given to init serves too', () => {
    const { all } = run('modules and instances', 'given');
    expect(all).toEqual(run(undefined, 'given').all);
  });
});

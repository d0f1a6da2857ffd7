// Leaks show in long runs: ten million training steps, as many refused and broken-off calls as ten thousand, 100,000 models
// of changing shapes, a thousand workers started and stopped, and a long fuzz. Prints one line of JSON for each part, and
// ends with code 1 when memory grew. Runs the built package (dist). About half an hour in all.
//
//   node --expose-gc scripts/soak.mjs                                  everything, in full
//   node --expose-gc scripts/soak.mjs --steps 200000 --workers 20      these parts, so many times

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..');
const library = await import(pathToFileURL(join(root, 'dist/index.js')).href);
const { MLP, dense, batchNorm, dropout, sgd } = library;
const full = { steps: 10_000_000, refusals: 10_000, models: 100_000, workers: 1000, fuzz: 5000 };

/** Bytes of JavaScript's heap in use, after a collection. */
function heap() {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Bytes of a model's WebAssembly memory. */
const pagesOf = (model) => model.trainer.backend.instance.core.memory.buffer.byteLength / 65536;

/** Rows and targets in every size a loop asks for. */
function data(rows, inputs) {
  return {
    X: { data: Float32Array.from({ length: rows * inputs }, (_, i) => Math.sin(i)), shape: [rows, inputs] },
    y: { data: Float32Array.from({ length: rows }, (_, i) => Math.cos(i)), shape: [rows, 1] },
  };
}

const parts = {
  /** One model: steps in batches of changing size, predictions in between. Heap and pages after a tenth, and at the end. */
  steps(count) {
    const layers = [dense(16, { activation: 'tanh' }), batchNorm(), dropout(0.1), dense(1)];
    const model = new MLP({ inputs: 4, layers, seed: 1, optimizer: sgd({ learningRate: 1e-4, momentum: 0.9 }) });
    const batches = [2, 3, 8, 16, 31].map((rows) => data(rows, 4));
    const many = data(500, 4);
    const row = new Float32Array(4);
    const out = new Float32Array(1);
    let early;
    for (let i = 0; i < count; i++) {
      const { X, y } = batches[i % batches.length];
      model.trainStep(X, y);
      if (i % 10 === 0) model.predictInto(row, out);
      if (i % 10_000 === 0) {
        model.predict(many.X);
        model.evaluate(many.X, many.y);
        model.parameters();
        model.fitSync(many.X, many.y, { epochs: 1, validationSplit: 0.2 });
      }
      if (i === Math.floor(count / 10)) early = { heap: heap(), pages: pagesOf(model) };
    }
    const late = { heap: heap(), pages: pagesOf(model) };
    return { early, late, ok: late.heap - early.heap < 2e6 && late.pages === early.pages };
  },

  /** Calls that fail in every way: refused arguments, throwing callbacks, aborts, divergence, more memory than there is. */
  async refusals(count) {
    const model = new MLP({ inputs: 4, layers: [dense(16, { activation: 'relu' }), dense(1)], seed: 2 });
    const { X, y } = data(64, 4);
    const huge = data(1, 4);
    const ways = [
      () => model.predict({ data: new Float32Array(63), shape: [64, 4] }),
      () => model.trainStep(X, huge.y),
      () => model.fitSync(X, y, { epoch: 1 }),
      () => model.fitSync(X, y, { onBatchEnd: () => raise() }),
      () => model.fit(X, y, { epochs: 3, onEpochEnd: () => Promise.reject(new Error('mine')) }),
      () => model.fit(X, y, { signal: AbortSignal.abort() }),
      () => new MLP({ inputs: 4, layers: [dense(8), dense(1)], optimizer: sgd({ learningRate: 1e30 }) }).fit(X, y, { epochs: 5 }),
      () => MLP.load(new Uint8Array(64)),
      () => new MLP({ inputs: 2 ** 24, layers: [dense(2 ** 24)] }),
      () => model.restoreState({ ...model.state(), rules: [] }),
    ];
    const raise = () => {
      throw new Error('mine');
    };
    let early;
    let failures = 0;
    for (let i = 0; i < count; i++) {
      for (const way of ways) {
        try {
          await way();
        } catch {
          failures++;
        }
      }
      if (i === Math.floor(count / 5)) early = { heap: heap(), pages: pagesOf(model) };
    }
    const late = { heap: heap(), pages: pagesOf(model) };
    return {
      early,
      late,
      failures,
      ok: failures === count * ways.length && late.heap - early.heap < 2e6 && late.pages === early.pages,
    };
  },

  /** Models of changing shapes, a step each, dropped at once: the process's memory by fifths. */
  models(count) {
    const out = execFileSync(process.execPath, [join(root, 'tests/support/manyModels.mjs'), String(count)], { encoding: 'utf8' });
    const { early, late } = JSON.parse(out.trim().split('\n').at(-1));
    return { early, late, ok: late < 1.3 * early + 50 };
  },

  /** Workers made, used and ended, four at a time: threads, handles and memory before and after. */
  async workers(count) {
    const { WorkerClassifier, WorkerMLP } = await import(pathToFileURL(join(root, 'dist/worker.js')).href);
    const { X, y } = data(32, 4);
    const records = Array.from({ length: 40 }, (_, i) => ({
      size: Math.sin(i),
      weight: i % 7,
      color: i % 3 === 0 ? 'red' : 'blue',
    }));
    const state = () => ({
      threads: existsSync('/proc/self/task') ? readdirSync('/proc/self/task').length : 0,
      handles: process.getActiveResourcesInfo().filter((name) => /port|worker/i.test(name)).length,
      megabytes: Math.round(process.memoryUsage.rss() / 2 ** 20),
    });
    const life = async (i) => {
      const model = new WorkerMLP({ inputs: 4, layers: [dense(8), dense(1)], seed: i });
      await model.trainStep(X, y);
      const cut = i % 3 === 0 ? model.fit(X, y, { epochs: 1e6 }).catch(() => {}) : undefined;
      await model.terminate();
      await cut;
      if (i % 4 !== 0) return;
      const classifier = new WorkerClassifier({ hiddenLayers: [8], epochs: 2, seed: i, onWarning: false });
      await classifier.fit(records, 'color', { onEpochEnd() {} });
      const aborted = i % 8 === 0 ? classifier.fit(records, 'color').catch(() => {}) : undefined;
      await classifier.predict(records);
      await classifier.terminate();
      await aborted;
    };
    const four = (first) => Promise.all([0, 1, 2, 3].map((k) => life(first + k)));
    for (let i = 0; i < Math.min(40, count); i += 4) await four(i);
    heap();
    const early = state();
    for (let i = 0; i < count; i += 4) await four(i);
    await new Promise((resolve) => setTimeout(resolve, 200));
    heap();
    const late = state();
    // What a thread leaves in the allocator's arenas levels off; a thousand leaked workers would hold gigabytes.
    const ok = late.threads <= early.threads && late.handles <= early.handles && late.megabytes < early.megabytes + 200;
    return { early, late, ok };
  },

  /** The property tests and the broken files of every reader, longer and from another seed. */
  fuzz(runs) {
    const fuzzSeed = Math.floor(Date.now() / 1000);
    const readers = ['fuzz-readers', 'formats-model', 'formats-safetensors', 'formats-onnx-import', 'formats-python'];
    const files = ['properties', ...readers].map((name) => `tests/${name}.test.ts`);
    const options = ['--testTimeout', '3600000', '--testNamePattern', 'mutant|tampered|whatever|hostile options'];
    const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...files, ...options];
    const env = { ...process.env, FUZZ_RUNS: String(runs), FUZZ_SEED: String(fuzzSeed) };
    execFileSync(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
    return { seed: fuzzSeed, ok: true };
  },
};

const asked = process.argv.slice(2);
const counts = asked.length === 0 ? full : {};
for (let i = 0; i < asked.length; i += 2) {
  const name = asked[i].replace(/^--/, '');
  if (!(name in parts)) throw new Error(`There is no part "${name}". Parts: ${Object.keys(parts).join(', ')}.`);
  counts[name] = Number(asked[i + 1] ?? full[name]);
}
for (const [name, count] of Object.entries(counts)) {
  const started = performance.now();
  const result = await parts[name](count);
  console.log(JSON.stringify({ part: name, count, seconds: Math.round((performance.now() - started) / 1000), ...result }));
  if (!result.ok) process.exitCode = 1;
}

// The packed tarball in workerd, the runtime of Cloudflare's workers, which never compiles WebAssembly from bytes: it needs
// the module handed over, `import wasm from 'feedforward/simd.wasm'` and `init({ wasm })`. Bundled under the export conditions
// of edge runtimes. Skipped where workerd cannot be installed.

import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as library from '../../src/entries/index.js';
import { MLPClassifier } from '../../src/entries/parts/estimators.js';
import { MLP } from '../../src/mlp/mlp.js';
import { batchNorm, dense } from '../../src/plan/layers.js';
// @ts-expect-error plain JavaScript, which browsers load as it is
import { runScript } from '../engines/script.js';
import { bundle } from '../support/bundle.js';
import { packTarball, root, type Tarball } from '../support/tarball.js';
import { type RunningWorker, serveWorker, workerd } from '../support/workerd.js';

const X = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

/** A worker that answers with what `answer(path, bytes)` gives, or with the error's code and message. */
const handler = `
const X = ${JSON.stringify(X)};
export default {
  async fetch(request) {
    const path = new URL(request.url).pathname.slice(1);
    try {
      return Response.json(await answers[path](new Uint8Array(await request.arrayBuffer())));
    } catch (error) {
      return Response.json({ name: error.name, code: error.code, message: error.message });
    }
  },
};`;

const given = `
import simd from 'feedforward/simd.wasm';
import relaxed from 'feedforward/relaxed.wasm';
import { MLP, adam, dense, engineInfo, init, loadEstimator } from 'feedforward';
import { WorkerMLP } from 'feedforward/worker';
import { exportOnnx, importOnnx, build } from 'feedforward/onnx';
await init({ wasm: MODULES });
const options = { inputs: 2, layers: [dense(8, { activation: 'tanh' }), dense(1)], optimizer: adam({ learningRate: 0.05 }), seed: 1 };
const answers = {
  async train() {
    const model = new MLP(options);
    await model.fit(X, [[0], [1], [1], [0]], { epochs: 300, batchSize: 4 });
    return { build: engineInfo().build, outputs: Array.from(model.predict(X).data, Math.round) };
  },
  predict: (bytes) => Array.from(MLP.load(bytes).predict(X).data),
  resave: (bytes) => Array.from(MLP.load(MLP.load(bytes).save()).predict(X).data),
  onnx: (bytes) => Array.from(build(MLP, importOnnx(exportOnnx(MLP.load(bytes)))).predict(X).data),
  classify: (bytes) => loadEstimator(bytes).predict(X),
  async threads() {
    const { threads, reasons } = await init({ threads: 4 });
    return { threads, reasons };
  },
  worker: async () => (await new WorkerMLP(options).predict(X)).shape,
  // On Cloudflare's machines, unlike here, the clock stands still while code runs. Large enough that tiles would be measured.
  async still() {
    const { now } = performance;
    Object.defineProperty(performance, 'now', { value: () => 1, configurable: true });
    try {
      const rows = { data: new Float32Array(256 * 100).fill(0.1), shape: [256, 100] };
      const y = { data: new Float32Array(256), shape: [256, 1] };
      const model = new MLP({ inputs: 100, layers: [dense(100, { activation: 'relu' }), dense(1)] });
      await model.fit(rows, y, { epochs: 3, batchSize: 256 });
      return { rows: model.predict(rows).shape[0], tile: engineInfo().reasons.find((why) => why.startsWith('tiles')) };
    } finally {
      Object.defineProperty(performance, 'now', { value: now.bind(performance), configurable: true });
    }
  },
};
${handler}`;

const script = `
import simd from 'feedforward/simd.wasm';
import * as library from 'feedforward';
import { runScript } from '${join(root, 'tests/engines/script.js')}';
await library.init({ wasm: simd });
const hex = (bytes) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, '0')).join('');
const sha256 = async (bytes) => hex(await crypto.subtle.digest('SHA-256', bytes));
const answers = { script: () => runScript(library, { sha256 }) };
${handler}`;

const refused = `
import { MLP, dense, engineInfo } from 'feedforward';
import { MLP as Plain } from 'feedforward/baseline';
const options = { inputs: 2, layers: [dense(8, { activation: 'tanh' }), dense(1)], optimizer: { name: 'adam', learningRate: 0.05 }, seed: 1 };
const answers = {
  model: () => new MLP(options),
  async baseline() {
    const model = new Plain(options);
    await model.fit(X, [[0], [1], [1], [0]], { epochs: 300, batchSize: 4 });
    return Array.from(model.predict(X).data, Math.round);
  },
};
${handler}`;

describe.skipIf('missing' in workerd)(`in workerd${'missing' in workerd ? ` (${workerd.missing})` : ''}`, () => {
  let pack: Tarball;
  beforeAll(() => {
    pack = packTarball();
  });
  afterAll(() => rmSync(pack.folder, { recursive: true, force: true }));

  async function serve(code: string, conditions: readonly string[]): Promise<RunningWorker> {
    const wasm = (name: string) => readFileSync(join(pack.folder, 'node_modules/feedforward/dist', name));
    const built = await bundle(pack.folder, code, { conditions, external: [/\.wasm$/] });
    return serveWorker((workerd as { path: string }).path, built.code, {
      'feedforward/simd.wasm': wasm('simd.wasm'),
      'feedforward/relaxed.wasm': wasm('relaxed.wasm'),
    });
  }

  async function ask(worker: RunningWorker, path: string, body?: Uint8Array): Promise<unknown> {
    const request = body === undefined ? {} : { method: 'POST', body: body as Uint8Array<ArrayBuffer> };
    const response = await fetch(`${worker.address}/${path}`, { ...request, signal: AbortSignal.timeout(30_000) });
    return response.json();
  }

  describe.each([
    ['workerd', ['workerd', 'worker', 'import'], 'simd', 'simd'],
    ['edge-light', ['edge-light', 'worker', 'import'], '{ simd, relaxed }', 'relaxed'],
  ])('bundled under the condition %s, the modules given to init', (_, conditions, modules, build) => {
    let worker: RunningWorker;
    beforeAll(async () => {
      worker = await serve(given.replace('MODULES', modules), conditions);
    });
    afterAll(() => worker?.stop());

    test('fault 88: a worker trains XOR and answers over HTTP', async () => {
      expect(await ask(worker, 'train')).toEqual({ build, outputs: [0, 1, 1, 0] });
    });

    test('a model file of another machine predicts the same bits there, saved again too, and goes through ONNX', async () => {
      const model = new MLP({
        inputs: 2,
        layers: [dense(9, { activation: 'gelu' }), batchNorm(), dense(3, { activation: 'softmax' })],
        deterministic: true,
        seed: 4,
      });
      const want = Array.from(model.predict(X).data);
      expect(await ask(worker, 'predict', model.save())).toEqual(want);
      expect(await ask(worker, 'resave', model.save())).toEqual(want);
      const through = (await ask(worker, 'onnx', model.save())) as number[];
      for (const [i, value] of want.entries()) expect(Math.abs(through[i]! - value)).toBeLessThan(1e-6);
    });

    test('a saved classifier names its labels there', async () => {
      const classifier = new MLPClassifier({ hiddenLayers: [8], epochs: 200, seed: 1 });
      const labels = ['even', 'odd', 'odd', 'even'];
      await classifier.fit(X, labels);
      expect(await ask(worker, 'classify', classifier.save())).toEqual(classifier.predict(X));
    });

    test('a file that is broken is refused as anywhere', async () => {
      expect(await ask(worker, 'predict', new Uint8Array(50))).toMatchObject({ name: 'FeedforwardError', code: 'ERR_FORMAT' });
    });

    test('fault 46: there are no workers to start: threads are one thread and a reason, WorkerMLP works in the same thread', async () => {
      const { threads, reasons } = (await ask(worker, 'threads')) as { threads: number; reasons: string[] };
      expect(threads).toBe(1);
      expect(reasons.join()).toMatch(/one thread works/);
      expect(await ask(worker, 'worker')).toEqual([4, 1]);
    });

    test('a clock that stands still while code runs holds nothing up', async () => {
      expect(await ask(worker, 'still')).toEqual({ rows: 256, tile: expect.stringContaining('the clock stands still') });
    });
  });

  test('fault 68: the script of npm run test:engines ends in the same digest as here', async () => {
    const worker = await serve(script, ['workerd', 'worker', 'import']);
    try {
      const sha256 = async (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
      expect(await ask(worker, 'script')).toEqual(await runScript(library, { sha256 }));
    } finally {
      worker.stop();
    }
  });

  test('fault 49: without the module a worker gets ERR_UNSUPPORTED that says the way out, and the baseline runs', async () => {
    const worker = await serve(refused, ['workerd', 'worker', 'import']);
    try {
      const told = (await ask(worker, 'model')) as { code: string; message: string };
      expect(told.code).toBe('ERR_UNSUPPORTED');
      expect(told.message).toMatch(/may not be compiled here.*init\(\{ wasm \}\).*feedforward\/baseline/);
      expect(await ask(worker, 'baseline')).toEqual([0, 1, 1, 0]);
    } finally {
      worker.stop();
    }
  });
});

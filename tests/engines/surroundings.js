// What Node and its like must do beside the arithmetic: threads, workers, files, and both binaries' test of themselves. What comes
// out is hashed, for it too is the same on every processor; what is not so (the relaxed build may differ in the last bit) is
// compared with the plain-JavaScript model in float64.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The register tiles of assembly/abi.ts, by number. */
const tiles = [0, 1, 2, 3, 4, 5, 6];

/** Rows of float32: the last bit of a double's sine is each engine's own. */
const wave = (rows, columns) =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (_, j) => Math.fround(Math.sin(1 + 7.3 * i + 2.1 * j * j))),
  );

const options = {
  inputs: 3,
  layers: [
    { type: 'dense', units: 33, activation: 'gelu' },
    { type: 'batchNorm' },
    { type: 'dropout', rate: 0.1 },
    { type: 'dense', units: 2 },
  ],
  seed: 5,
};

/** Hashes by name. `library`, `baseline`, `worker`, `files`: entries of the package. @throws at whatever is amiss. */
export async function runSurroundings({ library, baseline, worker, files, sha256 }) {
  const X = wave(200, 3);
  const y = X.map(([a, b, c]) => [a * b, b - c]);
  const deterministic = { ...options, deterministic: true };
  const here = new library.MLP(deterministic);
  await here.fit(X, y, { epochs: 4 });
  const wanted = await sha256(here.save({ optimizer: true }));
  const must = (holds, what) => {
    if (!holds) throw new Error(what);
  };

  // The binaries, each tile against a plain loop.
  for (const name of ['simd', 'relaxed']) {
    const module = await WebAssembly.compile(readFileSync(join(import.meta.dirname, `../../dist/${name}.wasm`))).catch(() => {});
    must(module !== undefined || name === 'relaxed', 'the plain build does not compile');
    if (module === undefined) continue; // Node 20 without its flag
    const core = new WebAssembly.Instance(module).exports;
    for (const tile of tiles) must(Boolean(core.checkTile(tile)), `tile ${tile} of the ${name} build computes wrong sums`);
  }
  const [fast, slow] = [new library.MLP(options), new baseline.MLP(options, { precision: 'float64' })];
  for (const model of [fast, slow]) await model.fit(X, y, { epochs: 4 });
  const [found, exact] = [fast.predict(X).data, slow.predict(X).data];
  must(
    found.every((p, i) => Math.abs(p - exact[i]) < 1e-4),
    'the build in use is far from float64',
  );

  // A worker.
  const there = await worker.WorkerMLP.create(deterministic, { fallback: false });
  let epochs = 0;
  await there.fit(X, y, { epochs: 4, onEpochEnd: () => epochs++ });
  must(there.offThread && epochs === 4, 'the worker did not tell of its epochs');
  must((await sha256(await there.save({ optimizer: true }))) === wanted, 'the worker trained to other weights');
  await there.terminate();

  // An estimator in one, on a table.
  const table = X.map(([a, b], i) => ({ size: a, color: ['red', 'blue'][i % 2], species: a * b > 0 ? 'even' : 'odd' }));
  const settings = { hiddenLayers: [9], epochs: 3, deterministic: true };
  const classifier = new worker.WorkerClassifier(settings, { fallback: false });
  await classifier.fit(table, 'species');
  const estimator = await sha256(await classifier.save());
  const same = await new library.MLPClassifier(settings).fit(table, 'species');
  must((await sha256(same.save())) === estimator, 'the worker wrote another estimator');
  await classifier.terminate();

  // A file, and the training that goes on from it.
  const folder = mkdtempSync(join(tmpdir(), 'feedforward-'));
  let file;
  try {
    const path = join(folder, 'model.ff');
    await files.writeFileAtomic(path, here.save({ optimizer: true }));
    file = await files.readFileBytes(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
  must((await sha256(file)) === wanted, 'the file holds other bytes');
  const resumed = library.MLP.load(file);
  await resumed.fit(X, y, { epochs: 2 });

  // Two threads on a network that is large enough to share.
  const wide = () => {
    const model = new library.MLP({
      inputs: 100,
      layers: [
        { type: 'dense', units: 300, activation: 'relu' },
        { type: 'dense', units: 10 },
      ],
      deterministic: true,
    });
    const rows = wave(96, 100);
    for (let step = 0; step < 3; step++) model.trainStep(rows, wave(96, 10));
    return sha256(model.save());
  };
  await library.init({ threads: 1 });
  const alone = await wide();
  await library.init({ threads: 2 });
  must(library.engineInfo().threads === 2, library.engineInfo().reasons.join('; '));
  must((await wide()) === alone, 'two threads trained to other weights');
  await library.init({ threads: 1 });

  return { file: wanted, estimator, resumed: await sha256(resumed.save({ optimizer: true })), threads: alone };
}

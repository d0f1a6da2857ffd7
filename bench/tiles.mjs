// Every register tile on every product of a dense layer, in GFLOP/s, beside what the registers alone can do on this engine.
// A developer's tool: `node scripts/build-core.mjs --only probe-simd,probe-relaxed`, then
//
//     node bench/tiles.mjs [--build simd,relaxed] [--tiles 4x8,6x16] [--sizes 128x128x128,32x784x128] [--rounds 6] [--json FILE]
//
// Sizes are rows x inputs x outputs. `forward` is x.W, `weights` x^T.dy, `inputs` dy.W^T with its transposing pass. Run it
// with --experimental-wasm-revectorize for V8's 256-bit pass, --experimental-wasm-relaxed-simd for fused tiles in Node 20.
// Figures are the best of several rounds, which compare tiles and not whatever else the machine is doing.

import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

const squares = [128, 256, 512, 127, 129, 255, 257].map((n) => `${n}x${n}x${n}`);
const layers = ['32x512x512', '256x512x512', '32x784x128', '256x784x128', '32x64x64', '32x16x16', '256x128x10', '1x784x128'];
const tiles = ['4x8', '5x8', '6x8', '4x16', '5x16', '6x16', '6x8s']; // in the order of the enum Tile
const products = ['forward', 'weights', 'inputs'];

const { values: options } = parseArgs({
  options: {
    build: { type: 'string', default: 'simd,relaxed' },
    tiles: { type: 'string' },
    sizes: { type: 'string', default: [...squares, ...layers].join() },
    rounds: { type: 'string', default: '6' },
    json: { type: 'string' },
  },
});

const wide = process.execArgv.includes('--experimental-wasm-revectorize');
const chosen = options.tiles?.split(',') ?? tiles.filter((tile) => tile.endsWith('x16') === wide);
const sizes = options.sizes.split(',').map((size) => size.split('x').map(Number));
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const results = [];

console.log(
  `${cpus()[0].model.trim()}, Node ${process.version}, V8 ${process.versions.v8}, ${new Date().toISOString().slice(0, 10)}`,
);
console.log(`node ${[...process.execArgv, 'bench/tiles.mjs', ...process.argv.slice(2)].join(' ')}`);
for (const build of options.build.split(',')) await measure(build);
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);

async function measure(build) {
  const core = load(build);
  if (!core) return;
  const peak = { work: 0, best: 0, run: () => core.registerPeak(1024, 10_000) };
  if (wide) peak.run = () => core.registerPeakWide(1024, 10_000);
  peak.work = 10_000 * 8 * (wide ? 24 : 12);
  const jobs = sizes.flatMap((size) => chosen.flatMap((tile) => products.map((product) => job(core, size, tile, product))));
  await race([peak, ...jobs]);

  console.log(`\n${build}: registers alone ${peak.best.toFixed(1)} GFLOP/s`);
  console.log('rows x inputs x outputs'.padEnd(24) + products.map((product) => product.padStart(7 * chosen.length)).join('  '));
  console.log(' '.repeat(24) + products.map(() => chosen.map((tile) => tile.padStart(7)).join('')).join('  '));
  for (const size of sizes) {
    const columns = products.map((product) => {
      const found = jobs.filter((candidate) => candidate.size === size && candidate.product === product);
      return found.map(({ best }) => best.toFixed(1).padStart(7)).join('');
    });
    console.log(size.join(' x ').padEnd(24) + columns.join('  '));
  }
  results.push({
    build,
    wide,
    node: process.version,
    peak: peak.best,
    jobs: jobs.map(({ size, tile, product, best }) => ({ size, tile, product, best })),
  });
}

function load(build) {
  const path = new URL(`../build/probe-${build}.wasm`, import.meta.url);
  try {
    const module = new WebAssembly.Module(readFileSync(path));
    const abort = () => {
      throw new Error('assertion failed');
    };
    return new WebAssembly.Instance(module, { env: { abort } }).exports;
  } catch (error) {
    console.log(`\n${build}: ${error.message}`);
    return undefined;
  }
}

/** One product of one size in one tile, on buffers of its own past those of earlier jobs of other sizes. */
function job(core, size, tile, product) {
  const [rows, inputs, outputs] = size;
  let top = 1 << 16;
  const buffer = (floats) => {
    const at = top;
    top += (floats * 4 + 64 + 4095) & ~63;
    return at;
  };
  const [xStride, yStride] = [strideOf(inputs), strideOf(outputs)];
  const [x, y, dx] = [buffer(rows * xStride), buffer(rows * yStride), buffer(rows * xStride)];
  const weights = core.panelFloats(inputs, outputs);
  const [w, dw, bias] = [buffer(weights), buffer(weights), buffer(outputs + 3)];
  const wt = buffer(core.transposedFloats(inputs, outputs));
  const packed = buffer(2560);
  const missing = Math.ceil(top / 65536) - core.memory.buffer.byteLength / 65536;
  if (missing > 0) core.memory.grow(missing);
  const floats = new Float32Array(core.memory.buffer);
  for (let i = x / 4; i < top / 4; i++) floats[i] = ((i * 0.618034) % 1) - 0.5;

  const id = tiles.indexOf(tile);
  const flops = 2 * rows * inputs * outputs;
  const repetitions = Math.max(1, Math.min(5000, Math.round(2e6 / flops)));
  const once = {
    forward: () => core.forwardProduct(y, yStride, x, xStride, w, bias, rows, inputs, outputs),
    weights: () => core.weightGradient(dw, x, xStride, y, yStride, rows, inputs, outputs, 0, inputs, false, packed),
    inputs: () => {
      core.transposePanels(wt, w, inputs, outputs);
      core.inputGradient(dx, xStride, y, yStride, wt, rows, inputs, outputs, false);
    },
  }[product];
  const run = () => {
    core.chooseTiles(id, id);
    for (let i = 0; i < repetitions; i++) once();
  };
  return { size, tile, product, work: flops * repetitions, best: 0, run };
}

/** Whole vectors, and no large power of two. */
function strideOf(width) {
  const stride = (width + 3) & ~3;
  return stride % 64 === 0 ? stride + 16 : stride;
}

/** Fills in each job's best speed, in GFLOP/s: all of them in turn, several times over, once optimized code is in. */
async function race(jobs) {
  for (let i = 0; i < 12; i++) for (const { run } of jobs) run();
  await pause(500);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const job of jobs) {
      job.run();
      for (let i = 0; i < 8; i++) {
        const start = performance.now();
        job.run();
        job.best = Math.max(job.best, job.work / (performance.now() - start) / 1e6);
      }
    }
    await pause(100);
  }
}

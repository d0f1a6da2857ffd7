// Every register tile on every product, timed: the part of bench/tiles.mjs that runs in Node and in a page alike.

const tiles = ['4x8', '5x8', '6x8', '6x8s', '4x16', '5x16', '6x16']; // in the order of the enum Tile
const products = ['forward', 'weights', 'inputs'];
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Figures of one build, in GFLOP/s: { peak, jobs: [{ size, tile, product, best }] }, or { error } where the engine refuses it.
 * `bytes`: a probe binary; `sizes`: [rows, inputs, outputs]; `wide`: whether V8's 256-bit pass is on;
 * `flops`: how much is timed at once, against a coarse clock.
 */
export async function measure(bytes, { sizes, chosen, rounds, wide, flops }) {
  let core;
  try {
    const abort = () => {
      throw new Error('assertion failed');
    };
    core = new WebAssembly.Instance(await WebAssembly.compile(bytes), { env: { abort } }).exports;
  } catch (error) {
    return { error: error.message };
  }
  const turns = Math.ceil(flops / (8 * (wide ? 24 : 12)));
  const peak = { work: turns * 8 * (wide ? 24 : 12), best: 0, run: () => core.registerPeak(1024, turns) };
  if (wide) peak.run = () => core.registerPeakWide(1024, turns);
  const jobs = sizes.flatMap((size) =>
    chosen.flatMap((tile) => products.map((product) => job(core, size, tile, product, flops))),
  );
  await race([peak, ...jobs], rounds);
  return { peak: peak.best, jobs: jobs.map(({ size, tile, product, best }) => ({ size: size.join('x'), tile, product, best })) };
}

/** One product of one size in one tile, on buffers of its own past those of earlier jobs of other sizes. */
function job(core, size, tile, product, wanted) {
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
  const repetitions = Math.max(1, Math.round(wanted / flops));
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
async function race(jobs, rounds) {
  for (let i = 0; i < 12; i++) for (const { run } of jobs) run();
  await pause(500);
  for (let round = 0; round < rounds; round++) {
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

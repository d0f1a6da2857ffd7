// Every register tile on every product of a dense layer, in GFLOP/s, beside what the registers alone can do on this engine.
// A developer's tool: `node scripts/build-core.mjs --only probe-simd,probe-relaxed`, then
//
//     node bench/tiles.mjs [--build simd,relaxed] [--tiles 4x8,6x16] [--sizes 128x128x128,32x784x128] [--rounds 6]
//                          [--in chromium|firefox-esr] [--json FILE]
//
// Sizes are rows x inputs x outputs. `forward` is x.W, `weights` x^T.dy, `inputs` dy.W^T with its transposing pass. Run it
// with --experimental-wasm-revectorize for V8's 256-bit pass, --experimental-wasm-relaxed-simd for fused tiles in Node 20,
// with Bun or Deno in place of Node, or --in a browser. Figures are the best of several rounds, which compare tiles and not
// whatever else the machine is doing.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './support/tiles.js';

const squares = [128, 256, 512, 127, 129, 255, 257].map((n) => `${n}x${n}x${n}`);
const layers = ['32x512x512', '256x512x512', '32x784x128', '256x784x128', '32x64x64', '32x16x16', '256x128x10', '1x784x128'];
const products = ['forward', 'weights', 'inputs'];

const { values: options } = parseArgs({
  options: {
    build: { type: 'string', default: 'simd,relaxed' },
    tiles: { type: 'string' },
    sizes: { type: 'string', default: [...squares, ...layers].join() },
    rounds: { type: 'string', default: '6' },
    in: { type: 'string' },
    json: { type: 'string' },
  },
});

const wide = process.execArgv.includes('--experimental-wasm-revectorize');
const usual = process.versions.bun !== undefined || options.in ? '4x8,5x8,6x8,6x8s' : wide ? '4x16,5x16,6x16' : '4x8,5x8,6x8';
const chosen = (options.tiles ?? usual).split(',');
const sizes = options.sizes.split(',');
const builds = options.build.split(',');
const setting = {
  sizes: sizes.map((size) => size.split('x').map(Number)),
  chosen,
  rounds: Number(options.rounds),
  wide,
  flops: options.in ? 1e8 : 2e6,
};

const { engine, results } = options.in === undefined ? await here() : await inBrowser(options.in);
console.log(`${cpus()[0].model.trim()}, ${engine}, ${new Date().toISOString().slice(0, 10)}`);
console.log(`node ${[...process.execArgv, 'bench/tiles.mjs', ...process.argv.slice(2)].join(' ')}`);
results.forEach((result, i) => {
  report(builds[i], result);
});
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);

function probe(build) {
  return readFileSync(new URL(`../build/probe-${build}.wasm`, import.meta.url));
}

async function here() {
  const results = [];
  for (const build of builds) results.push(await measure(probe(build), setting));
  const { bun, deno, v8 } = process.versions;
  return { engine: bun ? `Bun ${bun}` : deno ? `Deno ${deno}` : `Node ${process.versions.node}, V8 ${v8}`, results };
}

/** The browser opens a page that measures and posts what it found. */
async function inBrowser(name) {
  const page = `<!doctype html><script type="module">
    import { measure } from '/tiles.js';
    const results = [];
    for (const build of ${JSON.stringify(builds)})
      results.push(await measure(await (await fetch('/' + build)).arrayBuffer(), ${JSON.stringify(setting)}));
    await fetch('/found', { method: 'POST', body: JSON.stringify({ engine: navigator.userAgent.match(/(Firefox|Chrome)\\/[\\d.]+/)[0], results }) });
  </script>`;
  const server = createServer(async (request, response) => {
    const { url, method } = request;
    if (method === 'POST') server.emit('found', JSON.parse(Buffer.concat(await request.toArray()).toString()));
    const [type, body] =
      url === '/'
        ? ['text/html', page]
        : url === '/tiles.js'
          ? ['text/javascript', readFileSync(new URL('support/tiles.js', import.meta.url))]
          : builds.includes(url.slice(1))
            ? ['application/wasm', probe(url.slice(1))]
            : ['text/plain', ''];
    // Isolated pages have the finer clock.
    response.writeHead(200, {
      'content-type': type,
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
  const profile = mkdtempSync(join(tmpdir(), 'tiles-'));
  const url = `http://localhost:${server.address().port}/`;
  const flags = /firefox/.test(name)
    ? ['--headless', '--no-remote', '--profile', profile, url]
    : ['--headless=new', '--no-sandbox', `--user-data-dir=${profile}`, url];
  const browser = spawn(name, flags, { stdio: 'ignore', env: { ...process.env, HOME: profile } });
  try {
    return await new Promise((resolve, reject) => {
      server.once('found', resolve);
      browser.once('error', reject);
    });
  } finally {
    browser.kill(); // politely: its other processes write to the profile until they end
    await new Promise((resolve) => browser.once('exit', resolve));
    server.close();
    server.closeAllConnections();
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

function report(build, { error, peak, jobs }) {
  if (error !== undefined) return console.log(`\n${build}: ${error}`);
  console.log(`\n${build}: registers alone ${peak.toFixed(1)} GFLOP/s`);
  console.log('rows x inputs x outputs'.padEnd(24) + products.map((product) => product.padStart(7 * chosen.length)).join('  '));
  console.log(' '.repeat(24) + products.map(() => chosen.map((tile) => tile.padStart(7)).join('')).join('  '));
  for (const size of sizes) {
    const columns = products.map((product) => {
      const found = jobs.filter((candidate) => candidate.size === size && candidate.product === product);
      return found.map(({ best }) => best.toFixed(1).padStart(7)).join('');
    });
    console.log(size.replaceAll('x', ' x ').padEnd(24) + columns.join('  '));
  }
}

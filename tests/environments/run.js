// The package in dev servers, bundlers and test runners, the worker included: each trains XOR here and in a worker, and a classifier on a table.
//
//   npm run test:environments                  all of them; with --quick all but Next, whose builds take a minute each
//   npm run test:environments -- vite-7 jest   some, by how their names begin
//
// They are installed into tests/environments/node_modules, by its own lock file; pages run in Debian's chromium.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const run = promisify(execFile);
const here = import.meta.dirname;
const root = join(here, '..', '..');
const made = join(root, 'build', 'environments');
const require = createRequire(import.meta.url);
const expected = { xor: '0 1 1 0', worker: 'off the main thread', same: true, labels: 'yes no yes no', onnx: true };

/** The tools, and the package as it is built. */
function install() {
  const wanted = readFileSync(join(here, 'package-lock.json'), 'utf8');
  const stamp = join(here, 'node_modules', '.installed');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    execFileSync('npm', ['ci', '--prefix', here, '--no-audit', '--no-fund', '--ignore-scripts'], { stdio: 'inherit' });
    writeFileSync(stamp, wanted);
  }
  const feedforward = join(here, 'node_modules', 'feedforward');
  rmSync(feedforward, { recursive: true, force: true });
  for (const part of ['dist', 'package.json']) cpSync(join(root, part), join(feedforward, part), { recursive: true });
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
}

let browser;

/** What the page says once it says something. */
async function resultOf(url, wanted = JSON.stringify(expected)) {
  browser ??= await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const tab = await browser.newPage();
  const said = [];
  tab.on('console', (message) => said.push(message.text()));
  tab.on('pageerror', (error) => said.push(error.message));
  try {
    await tab.goto(url, { timeout: 120_000 });
    await tab.waitForFunction(() => (document.querySelector('#result')?.textContent ?? '') !== '', undefined, {
      timeout: 60_000,
    });
    const found = await tab.textContent('#result');
    if (found !== wanted) throw new Error(`the page said ${found}`);
  } catch (error) {
    throw new Error([error.message, ...said].join('\n'));
  } finally {
    await tab.close();
  }
}

/** A page with one script of a folder. */
async function pageOf(folder, attributes) {
  const page = `<!doctype html><output id="result"></output><script ${attributes} src="main.js"></script>`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    try {
      response.setHeader('content-type', pathname === '/' ? 'text/html' : 'text/javascript');
      response.end(pathname === '/' ? page : readFileSync(join(folder, pathname)));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await resultOf(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.close();
  }
}

const vite = (name) => {
  const options = { root: join(here, 'page'), configFile: false, logLevel: 'silent' };
  const outDir = join(made, name);
  return {
    [`${name} dev`]: async () => {
      const { createServer } = await import(name);
      const server = await createServer({ ...options, cacheDir: join(made, `${name}-cache`), server: { port: 0 } });
      try {
        await server.listen();
        await resultOf(server.resolvedUrls.local[0]);
      } finally {
        await server.close();
      }
    },
    [`${name} build`]: async () => {
      const { build, preview } = await import(name);
      await build({ ...options, build: { outDir, target: 'es2022', emptyOutDir: true } });
      const server = await preview({ ...options, build: { outDir }, preview: { port: 0 } });
      try {
        await resultOf(server.resolvedUrls.local[0]);
      } finally {
        server.httpServer.close();
      }
    },
  };
};

const esbuild = (name, settings) => ({
  [name]: async () => {
    const outdir = join(made, name.replaceAll(' ', '-'));
    const entryPoints = [join(here, 'page', 'main.js')];
    await require('esbuild').build({ entryPoints, outdir, bundle: true, minify: true, logLevel: 'silent', ...settings });
    await pageOf(outdir, settings.format === 'esm' ? 'type="module"' : '');
  },
});

const webpack = (name, mode) => ({
  [name]: async () => {
    const path = join(made, name.replaceAll(' ', '-'));
    const output = { path, filename: 'main.js' };
    await new Promise((resolve, reject) =>
      require('webpack')({ mode, context: here, entry: './page/main.js', target: 'web', output }, (error, stats) =>
        error || stats.hasErrors() ? reject(error ?? new Error(stats.toString({ all: false, errors: true }))) : resolve(),
      ),
    );
    await pageOf(path, '');
  },
});

/** Next with one of its bundlers: a page that trains in the browser, and one that the server trains for. */
const next = (bundler) => {
  const program = join(here, 'node_modules/next/dist/bin/next');
  const folder = join(here, 'next');
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  const look = async (...args) => {
    const port = String(4100 + Math.floor(Math.random() * 800));
    const server = spawn(process.execPath, [program, ...args, folder, '-p', port], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      await new Promise((resolve, reject) => {
        let said = '';
        for (const stream of [server.stdout, server.stderr])
          stream.on('data', (text) => {
            said += text;
            if (/Ready/.test(said)) resolve();
          });
        server.once('exit', () => reject(new Error(said)));
        setTimeout(() => reject(new Error(`it does not start: ${said}`)), 60_000).unref();
      });
      await resultOf(`http://localhost:${port}/`);
      await resultOf(`http://localhost:${port}/server`, expected.xor);
    } finally {
      process.kill(-server.pid, 'SIGKILL');
    }
  };
  return {
    [`next dev, ${bundler}`]: () => look('dev', `--${bundler}`),
    [`next build, ${bundler}`]: async () => {
      await run(process.execPath, [program, 'build', `--${bundler}`, folder], { env, maxBuffer: 1 << 24 });
      await look('start');
    },
  };
};

const jest = (environment) => ({
  [`jest, ${environment}`]: () =>
    run(process.execPath, [join(here, 'node_modules/jest/bin/jest.js'), '--rootDir', join(here, 'jest'), '--env', environment]),
});

const vitest = (environment) => ({
  [`vitest, ${environment}`]: () =>
    run(process.execPath, [
      join(here, 'node_modules/vitest/vitest.mjs'),
      'run',
      ...['--root', here, '--environment', environment, 'vitest/'],
    ]),
});

const environments = {
  ...vite('vite-5'),
  ...vite('vite-7'),
  ...vite('vite-8'),
  ...esbuild('esbuild', { format: 'esm' }),
  ...esbuild('esbuild in parts', { format: 'esm', splitting: true }),
  ...esbuild('esbuild, a classic script', { format: 'iife' }),
  ...webpack('webpack production', 'production'),
  ...webpack('webpack development', 'development'),
  ...jest('node'),
  ...jest('jsdom'),
  ...vitest('jsdom'),
  ...vitest('happy-dom'),
  ...next('turbopack'),
  ...next('webpack'),
};

const asked = process.argv.slice(2);
const quick = asked.includes('--quick');
const names = asked.filter((name) => !name.startsWith('--'));
const chosen = Object.entries(environments).filter(
  ([name]) => (names.length === 0 || names.some((start) => name.startsWith(start))) && !(quick && name.startsWith('next')),
);

install();
let failed = 0;
for (const [name, check] of chosen) {
  const start = performance.now();
  try {
    await check();
    console.log(`${name.padEnd(28)} works (${((performance.now() - start) / 1000).toFixed(0)} s)`);
  } catch (error) {
    failed++;
    console.error(`${name}: ${error.stdout ?? ''}${error.stderr ?? ''}${error.message}`);
  }
}
await browser?.close();
console.log(`${chosen.length - failed} passed, ${failed} failed`);
process.exit(failed === 0 && chosen.length > 0 ? 0 : 1);

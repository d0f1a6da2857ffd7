// The packed tarball in a real browser: Vite's dev server and its build, pages with a strict content security policy, and more
// models than Chromium allows memories. Skipped where there is no Chromium.

import { createServer as createHttp, type Server } from 'node:http';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { build, createServer, preview } from 'vite';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { adam } from '../../src/plan/optimizers.js';
import { bundle } from '../support/bundle.js';
import { packTarball, type Tarball } from '../support/tarball.js';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

const page = `<!doctype html><title>xor</title><output id="result"></output><script type="module" src="/main.js"></script>`;

const main = `
import { MLP, adam, dense, engineInfo } from 'feedforward';
const X = [[0, 0], [0, 1], [1, 0], [1, 1]];
const model = new MLP({ inputs: 2, layers: [dense(8, { activation: 'tanh' }), dense(1)], optimizer: adam({ learningRate: 0.05 }), seed: 1 });
await model.fit(X, [[0], [1], [1], [0]], { epochs: 300, batchSize: 4 });
document.querySelector('#result').textContent = engineInfo().build + ': ' + Array.from(model.predict(X).data, Math.round).join(' ');
`;

/** Makes a model, or says why not; with ?given after init({ wasm }). */
const strict = `
import { MLP, dense, init } from 'feedforward';
import { MLP as Plain } from 'feedforward/baseline';
const say = (text) => { document.querySelector('#result').textContent = text; };
const options = { inputs: 2, layers: [dense(1)] };
try {
  if (location.search === '?given') await init({ wasm: '/simd.wasm' });
  say('shape ' + new MLP(options).predict([[1, 2]]).shape);
} catch (error) {
  say(error.code + ' ' + error.message + ' Plain: ' + new Plain(options).predict([[1, 2]]).shape);
}
`;

describe.skipIf(executablePath === undefined)('in Chromium', () => {
  let pack: Tarball;
  let browser: Browser;
  beforeAll(async () => {
    pack = packTarball();
    pack.write('index.html', page);
    pack.write('main.js', main);
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(pack.folder, { recursive: true, force: true });
  });

  /** What #result of a page says once it says something. */
  async function resultOf(url: string): Promise<string> {
    const tab = await browser.newPage();
    const errors: string[] = [];
    tab.on('pageerror', (error) => errors.push(String(error)));
    try {
      await tab.goto(url);
      await tab.waitForFunction(() => document.querySelector('#result')!.textContent !== '', undefined, { timeout: 30_000 });
      return (await tab.textContent('#result'))!;
    } catch (error) {
      throw new Error(`${String(error)}\n${errors.join('\n')}`);
    } finally {
      await tab.close();
    }
  }

  test("a page on Vite's dev server trains XOR", async () => {
    const server = await createServer({ root: pack.folder, configFile: false, logLevel: 'silent', server: { port: 0 } });
    try {
      await server.listen();
      expect(await resultOf(server.resolvedUrls!.local[0]!)).toBe('relaxed: 0 1 1 0');
    } finally {
      await server.close();
    }
  });

  test('a page built by Vite trains XOR', async () => {
    await build({ root: pack.folder, configFile: false, logLevel: 'silent' });
    const server = await preview({ root: pack.folder, configFile: false, logLevel: 'silent', preview: { port: 0 } });
    try {
      expect(await resultOf(server.resolvedUrls!.local[0]!)).toBe('relaxed: 0 1 1 0');
    } finally {
      await server.close();
    }
  });

  describe('under a content security policy', () => {
    let server: Server;
    let address: string;
    beforeAll(async () => {
      const { code } = await bundle(pack.folder, strict);
      const simd = readFileSync(join(pack.folder, 'node_modules/feedforward/dist/simd.wasm'));
      server = createHttp((request, response) => {
        const { pathname } = new URL(request.url!, 'http://localhost');
        const allowed = pathname.startsWith('/allowed') ? " 'wasm-unsafe-eval'" : '';
        const [type, body] =
          pathname === '/main.js'
            ? ['text/javascript', code]
            : pathname === '/simd.wasm'
              ? ['application/wasm', simd]
              : ['text/html', page];
        response.writeHead(200, {
          'content-type': type,
          'content-security-policy': `default-src 'none'; connect-src 'self'; script-src 'self'${allowed}`,
        });
        response.end(body);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      address = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    });
    afterAll(() => server?.close());

    test("fault 49: without 'wasm-unsafe-eval' a page gets ERR_UNSUPPORTED that says so, and the baseline runs", async () => {
      const told = await resultOf(`${address}/strict`);
      expect(told).toMatch(/^ERR_UNSUPPORTED .*content security policy.*'wasm-unsafe-eval'.*feedforward\/baseline.* Plain: 1,1$/);
      expect(await resultOf(`${address}/strict?given`)).toMatch(/^ERR_UNSUPPORTED .*'wasm-unsafe-eval'/);
    });

    test("with 'wasm-unsafe-eval' it runs, and takes the shipped simd.wasm from its own server", async () => {
      expect(await resultOf(`${address}/allowed`)).toBe('shape 1,1');
      expect(await resultOf(`${address}/allowed?given`)).toBe('shape 1,1');
    });
  });

  test('1,000 models alive at once in a page, trained in turn, give the same bits as each trained alone', async () => {
    const { code } = await bundle(
      pack.folder,
      `import { MLP, adam, dense } from 'feedforward';
      globalThis.found = (${manyModels.toString()})({ MLP, adam, dense }, 1000);`,
    );
    const tab = await browser.newPage();
    await tab.addScriptTag({ content: code, type: 'module' });
    await tab.waitForFunction('globalThis.found !== undefined');
    const found = (await tab.evaluate('found')) as number[][];
    await tab.close();
    const library = { MLP, adam, dense };
    for (const k of [0, 1, 499, 999]) expect(found[k], `model ${k}`).toEqual(alone(library, k));
    expect(new Set(found.map(String)).size).toBe(1000);
  });
});

interface Library {
  MLP: typeof MLP;
  adam: typeof adam;
  dense: typeof dense;
}

/** The weights of `count` models after three steps each, one model at a time taking one. Runs in the page: refers to nothing outside. */
function manyModels({ MLP, adam, dense }: Library, count: number): number[][] {
  const rows = (k: number) => [0, 1, 2, 3].map((i) => [Math.fround(((i * 7 + k) % 11) / 11), Math.fround(((i * 3 + k) % 5) / 5)]);
  const models = Array.from(
    { length: count },
    (_, seed) =>
      new MLP({
        inputs: 2,
        layers: [dense(5, { activation: 'tanh' }), dense(1)],
        optimizer: adam({ learningRate: 0.01 }),
        seed,
        deterministic: true,
      }),
  );
  for (let step = 0; step < 3; step++) for (const [k, model] of models.entries()) model.trainStep(rows(k), [[0], [1], [1], [0]]);
  return models.map((model) => model.parameters().flatMap(({ values }) => Array.from(values)));
}

/** The same for model k alone. */
function alone({ MLP, adam, dense }: Library, k: number): number[] {
  const rows = [0, 1, 2, 3].map((i) => [Math.fround(((i * 7 + k) % 11) / 11), Math.fround(((i * 3 + k) % 5) / 5)]);
  const model = new MLP({
    inputs: 2,
    layers: [dense(5, { activation: 'tanh' }), dense(1)],
    optimizer: adam({ learningRate: 0.01 }),
    seed: k,
    deterministic: true,
  });
  for (let step = 0; step < 3; step++) model.trainStep(rows, [[0], [1], [1], [0]]);
  return model.parameters().flatMap(({ values }) => Array.from(values));
}

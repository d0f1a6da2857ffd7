// The page that runs the script in a browser, and its server: cross-origin isolated, so that threads may share memory.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';

const page = `<!doctype html><script type="module">
import * as library from '/library.js';
import { runScript } from '/tests/engines/script.js';
import * as predicting from '/dist/predict.js';
import { comparePredictions } from '/tests/engines/predicting.js';
const sha256 = async (bytes) => Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (b) => b.toString(16).padStart(2, '0')).join('');
window.go = async (threads) => {
  const info = await library.init({ threads });
  comparePredictions(library, predicting);
  return { build: info.build, threads: info.threads, reasons: info.reasons, isolated: crossOriginIsolated, ...(await runScript(library, { sha256, threads })) };
};
</script>`;

/** A server of the page, listening on this machine alone. `root`: of the project. */
export async function serve(root) {
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
    const { pathname } = new URL(request.url, 'http://localhost');
    try {
      const body = pathname === '/' ? page : pathname === '/library.js' ? output[0].code : await readFile(join(root, pathname));
      response.setHeader('Content-Type', pathname === '/' ? 'text/html' : 'text/javascript');
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

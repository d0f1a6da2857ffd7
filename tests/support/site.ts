// A server of files, which pages in browsers (browsers.mjs) post what they found to.

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

/** Scripts that a page begins with: `report(found)` posts what it found, and so does an error. */
export const reporter = (page: string, origin: string): string => `<script>
const report = (found) => fetch('${origin}/found', { method: 'POST', mode: 'no-cors', body: JSON.stringify({ page: '${page}', found }) });
addEventListener('error', (event) => report({ error: String(event.message ?? event.target?.src) }), true);
addEventListener('unhandledrejection', (event) => report({ error: String(event.reason?.stack ?? event.reason) }));
</script>`;

export interface Site {
  /** Where it answers: http://localhost:… */
  readonly origin: string;
  /** What page `name` posts first. */
  found(name: string): Promise<unknown>;
  close(): void;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.csv': 'text/csv',
};

/** Serves a folder to any origin. */
export async function serveFolder(folder: string): Promise<Site> {
  const told = new Map<string, unknown>();
  const waiting = new Map<string, (found: unknown) => void>();
  const server = createServer(async (request, response) => {
    const path = new URL(request.url!, 'http://localhost').pathname;
    response.setHeader('Access-Control-Allow-Origin', '*');
    if (path === '/found') {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.end();
      const { page, found } = JSON.parse(body) as { page: string; found: unknown };
      if (!told.has(page)) told.set(page, found);
      waiting.get(page)?.(told.get(page));
      return;
    }
    try {
      const body = await readFile(join(folder, normalize(path)));
      response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
      response.end(body);
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://localhost:${(server.address() as { port: number }).port}`,
    found: (name) =>
      told.has(name)
        ? Promise.resolve(told.get(name))
        : new Promise((resolve, reject) => {
            waiting.set(name, resolve);
            setTimeout(() => reject(new Error(`The page ${name} did not answer.`)), 60_000).unref();
          }),
    close: () => server.close(),
  };
}

// Makes the site: `node site/build.mjs [FOLDER]` empties site/dist, or that folder, and writes what any static host serves and a double
// click opens.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

const here = fileURLToPath(new URL('.', import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, '../package.json'), 'utf8'));

/** One classic script of a program and all it imports. */
async function bundle(input, define = {}) {
  const build = await rolldown({
    input: join(here, input),
    platform: 'browser',
    transform: { jsx: { runtime: 'automatic', importSource: 'preact' }, define: { 'import.meta': '{}', ...define } },
    external: [/^node:/],
    tsconfig: false,
  });
  const { output } = await build.generate({ format: 'iife', minify: true, sourcemap: false });
  await build.close();
  return output[0].code;
}

const out = resolve(process.argv[2] ?? join(here, 'dist'));
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const worker = await bundle('play/worker.ts', { VERSION: JSON.stringify(version) });
const app = await bundle('play/app.tsx', { WORKER: JSON.stringify(worker) });
const plot = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css');
writeFileSync(join(out, 'play.js'), app);
writeFileSync(join(out, 'play.css'), readFileSync(join(here, 'play/play.css'), 'utf8') + readFileSync(plot, 'utf8'));
cpSync(join(here, 'play/index.html'), join(out, 'index.html'));
console.log(`The site is in ${out}; its playground is ${(gzipSync(app).length / 1000).toFixed(1)} kB gzipped.`);

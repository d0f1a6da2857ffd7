// The programs of the live pages. Each page is a small classic script; what they import of the library is built once, as shared scripts with just
// those names, so that a lecture goes from page to page with a warm cache.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';

const here = fileURLToPath(new URL('.', import.meta.url));
const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** Entries of the library that pages may import, and where the shared script keeps their names. */
const entries = { feedforward: 'feedforward', 'feedforward/baseline': 'feedforward.baseline' };

/** Names that bring much more of the library with them: pages that import one of them share another script than the others. */
const heavy = /^(MLPClassifier|MLPRegressor|approximate|crossValidate|explain|quantize|gridSearch|randomSearch|readModelFile)$/;

const virtual = (id, text) => ({
  name: 'virtual',
  resolveId: (source) => (source === id ? join(here, id) : undefined),
  load: (path) => (path === join(here, id) ? text : undefined),
});

const settings = (id, text) => ({
  input: id,
  platform: 'browser',
  transform: { jsx: { runtime: 'automatic', importSource: 'preact' }, define: { 'import.meta': '{}' } },
  tsconfig: false,
  checks: { pluginTimings: false },
  plugins: [virtual(id, text)],
});

/** What a module's text imports of the library: [entry, name]. */
function namesOf(code) {
  const found = [];
  for (const node of parseAst(code).body) {
    if (node.type !== 'ImportDeclaration' || !(node.source.value in entries)) continue;
    for (const { type, imported } of node.specifiers) {
      if (type !== 'ImportSpecifier') throw new Error(`Live pages import names of ${node.source.value}, and not all of it.`);
      found.push([node.source.value, imported.name]);
    }
  }
  return found;
}

/** The text of a page's worker, which starts from it: workers of pages opened from a folder have no other way. */
async function workerText(name) {
  const path = join(here, name, 'worker.ts');
  const build = await rolldown({ ...settings(path, ''), plugins: [], external: [/^node:/] });
  const { output } = await build.generate({ format: 'iife', minify: true });
  await build.close();
  return output[0].code;
}

/** A page's script, and the names that it imports of the library. */
async function pageScript({ name, hasPicture }) {
  const id = `page-${name}.tsx`;
  const text = hasPicture
    ? `import Picture from './${name}/picture';\nimport { start } from './kit/start';\nstart(Picture);\n`
    : `import { start } from './kit/start';\nstart();\n`;
  const asked = settings(id, text);
  if (existsSync(join(here, name, 'worker.ts'))) asked.transform.define.WORKER = JSON.stringify(await workerText(name));
  const build = await rolldown({ ...asked, external: Object.keys(entries) });
  const plain = (await build.generate({ format: 'es' })).output[0].code;
  const { output } = await build.generate({ format: 'iife', minify: true, globals: entries });
  await build.close();
  return { name, code: output[0].code, names: namesOf(plain) };
}

/** The shared script that has `names`. */
async function libraryScript(names) {
  const of = (entry) => [...new Set(names.filter(([from]) => from === entry).map(([, name]) => name))].sort();
  const id = 'library.ts';
  const path = (file) => JSON.stringify(join(dist, file));
  const own = of('feedforward');
  const plain = of('feedforward/baseline');
  const text = [
    own.length > 0 ? `export { ${own.join(', ')} } from ${path('index.js')};` : '',
    plain.length > 0
      ? `import { ${plain.map((name) => `${name} as plain${name}`).join(', ')} } from ${path('baseline.js')};\nexport const baseline = { ${plain.map((name) => `${name}: plain${name}`).join(', ')} };`
      : '',
  ].join('\n');
  const build = await rolldown({ ...settings(id, text), external: [/^node:/] });
  const { output } = await build.generate({ format: 'iife', name: 'feedforward', exports: 'named', minify: true });
  await build.close();
  return output[0].code;
}

/**
 * Scripts of all pages by name, and the shared ones by file, with the file that each page loads (undefined where it imports nothing).
 * @throws where dist is missing.
 */
export function learnScripts(pages) {
  made ??= makeScripts(pages);
  return made;
}

let made;

async function makeScripts(pages) {
  if (!existsSync(join(dist, 'index.js'))) throw new Error('There is no dist: run npm run build first.');
  const scripts = await Promise.all(pages.map(pageScript));
  const isHeavy = ({ names }) => names.some(([entry, name]) => entry !== 'feedforward' || heavy.test(name));
  const light = scripts.filter((script) => !isHeavy(script)).flatMap(({ names }) => names);
  const all = scripts.filter(isHeavy).flatMap(({ names }) => names);
  const shared = {};
  if (light.length > 0) shared['library.js'] = await libraryScript(light);
  if (all.length > 0) shared['library-more.js'] = await libraryScript(all);
  return {
    shared,
    pages: Object.fromEntries(
      scripts.map((script) => [
        script.name,
        {
          code: script.code,
          library: script.names.length === 0 ? undefined : isHeavy(script) ? 'library-more.js' : 'library.js',
        },
      ]),
    ),
  };
}

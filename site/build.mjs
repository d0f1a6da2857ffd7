// Makes the site: `node site/build.mjs [FOLDER]` empties site/dist, or that folder, and writes what any static host serves and a double
// click opens. SITE=learn makes the live pages alone, SITE=play the playground, in seconds, while one of them is written.

import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import Eleventy from '@11ty/eleventy';
import { parseHTML } from 'linkedom';
import MiniSearch from 'minisearch';
import { Application } from 'typedoc';
import { bundle } from './bundle.mjs';
import { pages } from './contents.mjs';
import { writeLearn } from './learn/build.mjs';
import { learnScripts } from './learn/bundles.mjs';
import { learnPages } from './learn/contents.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..');
const out = resolve(process.argv[2] ?? join(here, 'dist'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const read = (...path) => readFileSync(join(...path), 'utf8');

/** A page's program, with the text of its worker inside. */
async function withWorker(page, worker) {
  const text = await bundle(worker, { VERSION: JSON.stringify(version) });
  return bundle(page, { WORKER: JSON.stringify(text) });
}

/** Sections of the pages, for the search: each heading with the text below it. */
function sections(name, html) {
  const { document } = parseHTML(html);
  const page = document.querySelector('h1')?.textContent ?? name;
  const found = [];
  for (const node of document.querySelector('main').children) {
    if (/^H[1-4]$/.test(node.tagName))
      found.push({
        title: node.textContent,
        address: `docs/${name}.html${node.tagName === 'H1' ? '' : `#${node.id}`}`,
        page,
        text: '',
      });
    else if (found.length > 0) found.at(-1).text += ` ${node.textContent}`;
  }
  return found;
}

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'docs'), { recursive: true });

const { SITE } = process.env;
const all = SITE === undefined;

/** Writes the playground: its face first, then what computes, so that somebody presses the one while the other is on its way. */
async function writePlay() {
  const face = await bundle('play/app.tsx');
  const engine = `globalThis.playWorker = ${JSON.stringify(await bundle('play/worker.ts', { VERSION: JSON.stringify(version) }))};\n`;
  writeFileSync(join(out, 'play.js'), face);
  writeFileSync(join(out, 'play-worker.js'), engine);
  writeFileSync(join(out, 'play-files.js'), `globalThis.playFiles = ${JSON.stringify(await bundle('play/filesWorker.ts'))};\n`);
  writeFileSync(join(out, 'play-digits.js'), `globalThis.playDigits = ${JSON.stringify(read(here, 'play/digits.txt'))};\n`);
  return gzipSync(face).length + gzipSync(engine).length;
}

/** Writes the table page; its worker, which draws reports too, is loaded with the first file. */
async function writeTable() {
  writeFileSync(join(out, 'table.js'), await bundle('table/page.ts'));
  writeFileSync(join(out, 'table-worker.js'), `globalThis.tableWorker = ${JSON.stringify(await bundle('table/worker.ts'))};\n`);
  copyFileSync(join(here, 'table/table.css'), join(out, 'table.css'));
  copyFileSync(join(root, 'examples/pages/iris.csv.js'), join(out, 'iris.csv.js'));
}

const playBytes = SITE === 'learn' ? 0 : await writePlay();
const plot = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css');
const styles = read(here, 'play/play.css') + readFileSync(plot, 'utf8');
// Without the spaces that only who writes them needs.
writeFileSync(join(out, 'play.css'), styles.replace(/([;{},:])\s+/g, '$1').replace(/\s+\{/g, '{'));
if (SITE !== 'learn') await writeTable();
if (all) writeFileSync(join(out, 'measure.js'), await withWorker('measure/page.ts', 'measure/worker.ts'));

copyFileSync(join(here, 'docs/docs.css'), join(out, 'docs.css'));
writeFileSync(join(out, 'theme.js'), await bundle('docs/theme.ts'));
const eleventy = new Eleventy(join(here, 'empty'), out, { configPath: join(here, 'eleventy.config.mjs'), quietMode: true });
await eleventy.write();
if (SITE === 'play') process.exit();
writeFileSync(join(out, 'docs.js'), await bundle('docs/docs.ts'));
copyFileSync(join(root, 'dist/feedforward.global.min.js'), join(out, 'feedforward.global.min.js'));

const weights = await writeLearn(out, learnPages, await learnScripts(learnPages));
const heaviest = weights.reduce((most, one) => (one[1] > most[1] ? one : most));
console.log(
  `${learnPages.length} live pages in ${join(out, 'learn')}; the heaviest is ${heaviest[0]}, ${(heaviest[1] / 1000).toFixed(1)} kB gzipped with all it loads.`,
);
if (!all) process.exit();

for (const { name, text } of pages) writeFileSync(join(out, 'docs', `${name}.md`), text);

/** A live page as one entry of the search. */
const liveSection = ({ name, title, summary, prose }) => ({
  title,
  address: `learn/${name}.html`,
  page: 'Learn',
  text: `${summary} ${prose.replace(/\$[^$]*\$/g, ' ')}`,
});
const engine = new MiniSearch({ fields: ['title', 'text'], storeFields: ['title', 'address', 'page'] });
engine.addAll(
  [...pages.flatMap(({ name }) => sections(name, read(out, 'docs', `${name}.html`))), ...learnPages.map(liveSection)].map(
    (section, id) => ({ id, ...section }),
  ),
);
writeFileSync(
  join(out, 'search-index.js'),
  `globalThis.searchIndex = ${JSON.stringify(JSON.stringify(engine))};\n${await bundle('docs/search.ts')}`,
);

// For machines that read: a list of the pages, and all of them as one text.
writeFileSync(
  join(out, 'llms.txt'),
  `# feedforward\n\n> Multilayer perceptrons that train and run at native speed in Node and in any web page, on WebAssembly SIMD.\n\n## Docs\n\n${pages.map(({ name, title }) => `- [${title}](docs/${name}.md)`).join('\n')}\n\n## Learn\n\n${learnPages.map(({ name, title, summary }) => `- [${title}](learn/${name}.md): ${summary}`).join('\n')}\n`,
);
writeFileSync(join(out, 'llms-full.txt'), [...pages, ...learnPages].map(({ text }) => text).join('\n\n'));

const api = await Application.bootstrapWithPlugins({
  options: join(root, 'typedoc.json'),
  emit: 'both',
  name: 'feedforward',
  readme: 'none',
  logLevel: 'Warn',
});
const project = await api.convert();
if (project === undefined) throw new Error('The sources cannot be read for the API pages.');
await api.generateDocs(project, join(out, 'api'));

console.log(
  `The site is in ${out}: ${pages.length} pages of docs; its playground is ${(playBytes / 1000).toFixed(1)} kB gzipped.`,
);

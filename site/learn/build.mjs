// Writes what the live pages load beside their text (which Eleventy writes): scripts and the style sheet; and weighs each page.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parseHTML } from 'linkedom';
import { learnStyles } from './styles.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The most that a page may weigh gzipped, with all it loads. */
const mostBytes = 200_000;

/** `out`: the folder of the site, where the pages' HTML is already. `scripts`: of bundles.mjs. Returns [name, bytes] of each page. */
export async function writeLearn(out, pages, scripts) {
  const folder = join(out, 'learn');
  mkdirSync(folder, { recursive: true });
  const html = (name) => readFileSync(join(folder, `${name}.html`), 'utf8');
  for (const [file, code] of Object.entries(scripts.shared)) writeFileSync(join(folder, file), code);
  for (const [name, { code }] of Object.entries(scripts.pages)) writeFileSync(join(folder, `${name}.js`), code);
  const taken = [...Object.keys(scripts.shared), ...Object.keys(scripts.pages).map((name) => `${name}.js`)];
  for (const { name, scripts: own } of pages)
    for (const file of own)
      if (taken.includes(file))
        throw new Error(`site/learn/${name}/${file}: the build writes a file of that name; choose another.`);
  for (const page of pages) for (const file of page.scripts) copyFileSync(join(here, page.name, file), join(folder, file));
  for (const { name, text } of pages) writeFileSync(join(folder, `${name}.md`), text);
  writeFileSync(join(folder, 'learn.css'), await learnStyles(pages.map(({ name }) => html(name)).join('')));
  const weights = pages.map(({ name }) => [name, weigh(folder, `${name}.html`)]);
  const tooHeavy = weights.filter(([, bytes]) => bytes > mostBytes);
  if (tooHeavy.length > 0)
    throw new Error(
      `More than ${mostBytes / 1000} kB gzipped: ${tooHeavy.map(([name, bytes]) => `learn/${name}.html, ${(bytes / 1000).toFixed(1)} kB`).join('; ')}.`,
    );
  return weights;
}

/** Bytes of a page and of all its scripts and style sheets, each gzipped. */
function weigh(folder, file) {
  const { document } = parseHTML(readFileSync(join(folder, file), 'utf8'));
  const parts = [...document.querySelectorAll('script[src], link[rel="stylesheet"]')].map(
    (node) => node.getAttribute('src') ?? node.getAttribute('href'),
  );
  return [file, ...new Set(parts)].reduce((sum, part) => sum + gzipSync(readFileSync(join(folder, part))).length, 0);
}

// The style sheet of the live pages: layout, kit, what single pages add (their page.css), and KaTeX with the letters that the pages' formulas use, so that it stays small and needs no
// other file.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import subsetFont from 'subset-font';

const here = fileURLToPath(new URL('.', import.meta.url));
const katex = dirname(createRequire(import.meta.url).resolve('katex/dist/katex.min.css'));

/** Where KaTeX's HTML uses each of its fonts, and which letters it takes from it. Main-Regular is for all the rest. */
const letter = /[\p{L}ıȷ]/u;
const sign = /[^\p{L}\p{N}\s]/u;
const fonts = {
  'Main-Regular': [/class="katex/, /./],
  'Math-Italic': [/mathnormal/, letter],
  'Main-Bold': [/mathbf/, /[\p{L}\p{N}]/u],
  'Math-BoldItalic': [/boldsymbol/, letter],
  'AMS-Regular': [/mathbb|amsrm/, /[A-Z]|[^\p{L}\p{N}\s]/u],
  'Caligraphic-Regular': [/mathcal/, /[A-Z]/],
  'Size1-Regular': [/size1|small-op/, sign],
  'Size2-Regular': [/size2|large-op/, sign],
  'Size3-Regular': [/size3/, sign],
  'Size4-Regular': [/size4|delimsizinginner/, sign],
};

/** `html`: all pages, one after the other. */
export async function learnStyles(html) {
  const shown = [...html.matchAll(/<span class="katex-html"[\s\S]*?(?=<\/p>|<\/li>|<\/label>|<math|$)/g)]
    .map(([part]) => part)
    .join('');
  const letters = [...new Set(shown.replace(/<[^>]*>/g, '').replace(/&amp;|&lt;|&gt;/g, '&<>'))];
  const rules = readFileSync(join(katex, 'katex.min.css'), 'utf8');
  const faces = [];
  for (const [, family, style, weight, name] of rules.matchAll(
    /@font-face\{font-display:block;font-family:(\w+);font-style:(\w+);font-weight:(\w+);src:url\(fonts\/KaTeX_([\w-]+)\.woff2\)[^}]*\}/g,
  )) {
    const [used, has] = fonts[name] ?? [/(?!)/, /./];
    if (!used.test(shown)) continue;
    const own = letters.filter((one) => has.test(one)).join('');
    const font = await subsetFont(readFileSync(join(katex, `fonts/KaTeX_${name}.woff2`)), own, { targetFormat: 'woff2' });
    faces.push(
      `@font-face{font-family:${family};font-style:${style};font-weight:${weight};src:url(data:font/woff2;base64,${font.toString('base64')}) format("woff2")}`,
    );
  }
  if (faces.length === 0) throw new Error('katex.min.css names its fonts in another way than site/learn/styles.mjs reads.');
  const pages = readdirSync(here, { withFileTypes: true }).map(({ name }) => `${name}/page.css`);
  const own = ['learn.css', 'kit/kit.css', ...pages.filter((file) => existsSync(join(here, file)))]
    .map((file) => readFileSync(join(here, file), 'utf8'))
    .join('');
  return own + faces.join('') + rules.replace(/@font-face\{[^}]*\}/g, '');
}

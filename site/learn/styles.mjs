// The style sheet of the live pages: layout, kit, and KaTeX with the letters that the pages' formulas use, so that it stays small and needs no
// other file.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import subsetFont from 'subset-font';

const here = fileURLToPath(new URL('.', import.meta.url));
const katex = dirname(createRequire(import.meta.url).resolve('katex/dist/katex.min.css'));

/** Which classes of KaTeX's HTML each of its fonts serves, the rest is Main-Regular. */
const fonts = {
  'Main-Regular': /class="katex/,
  'Math-Italic': /mathnormal/,
  'Main-Bold': /mathbf/,
  'Math-BoldItalic': /boldsymbol/,
  'AMS-Regular': /mathbb|amsrm/,
  'Caligraphic-Regular': /mathcal/,
  'Size1-Regular': /size1|op-symbol small-op/,
  'Size2-Regular': /size2|op-symbol large-op/,
  'Size3-Regular': /size3/,
  'Size4-Regular': /size4|delimsizinginner/,
};

/** `html`: all pages, one after the other. */
export async function learnStyles(html) {
  const shown = [...html.matchAll(/<span class="katex-html"[\s\S]*?(?=<\/p>|<\/li>|<\/label>|<math|$)/g)]
    .map(([part]) => part)
    .join('');
  const letters = [...new Set(shown.replace(/<[^>]*>/g, '').replace(/&amp;|&lt;|&gt;/g, '&<>'))].join('');
  const rules = readFileSync(join(katex, 'katex.min.css'), 'utf8');
  const faces = [];
  for (const [, family, style, weight, name] of rules.matchAll(
    /@font-face\{font-display:block;font-family:(\w+);font-style:(\w+);font-weight:(\w+);src:url\(fonts\/KaTeX_([\w-]+)\.woff2\)[^}]*\}/g,
  )) {
    if (!fonts[name]?.test(shown)) continue;
    const font = await subsetFont(readFileSync(join(katex, `fonts/KaTeX_${name}.woff2`)), letters, { targetFormat: 'woff2' });
    faces.push(
      `@font-face{font-family:${family};font-style:${style};font-weight:${weight};src:url(data:font/woff2;base64,${font.toString('base64')}) format("woff2")}`,
    );
  }
  if (faces.length === 0) throw new Error('katex.min.css names its fonts in another way than site/learn/styles.mjs reads.');
  const own = ['learn.css', 'kit/kit.css'].map((file) => readFileSync(join(here, file), 'utf8')).join('');
  return own + faces.join('') + rules.replace(/@font-face\{[^}]*\}/g, '');
}

// The documentation: guides of site/pages and all of docs/, as plain pages that need no script to be read, with relative addresses, so
// that they open from a folder too.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHighlighter } from '@shikijs/markdown-it/core';
import { transformerTwoslash } from '@shikijs/twoslash';
import anchor from 'markdown-it-anchor';
import { createHighlighter } from 'shiki';
import { groups } from './contents.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** The first heading of a page. */
const titleOf = (text) => /^# (.+)$/m.exec(text)?.[1].replace(/`/g, '') ?? '';

export default async function configure(config) {
  const highlighter = await createHighlighter({
    themes: ['github-light-high-contrast', 'github-dark-high-contrast'],
    langs: ['js', 'ts', 'sh', 'html', 'json', 'python', 'xml', 'csv'],
  });
  config.amendLibrary('md', (md) => {
    md.set({ html: true });
    md.enable('code'); // blocks that are set in, which Eleventy leaves out
    md.use(anchor, { slugify, permalink: anchor.permalink.headerLink() });
    md.use(
      fromHighlighter(highlighter, {
        themes: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
        defaultColor: false,
        fallbackLanguage: 'text',
        // A block marked twoslash is compiled against the library's declarations: a wrong one fails the build.
        transformers: [
          transformerTwoslash({
            explicitTrigger: true,
            twoslashOptions: { compilerOptions: { moduleResolution: 100, module: 99, target: 9, strict: true, types: ['node'] } },
          }),
          {
            name: 'focusable',
            pre(node) {
              node.properties.tabindex = '0';
            },
          },
          {
            name: 'runnable',
            pre(node) {
              if (/\brun\b/.test(this.options.meta?.__raw ?? '')) node.properties['data-run'] = '';
            },
          },
        ],
      }),
    );
  });

  const guides = readdirSync(join(root, 'site/pages')).map((file) => ['site/pages', file]);
  const docs = readdirSync(join(root, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => ['docs', file]);
  for (const [folder, file] of [...guides, ...docs]) {
    const text = readFileSync(join(root, folder, file), 'utf8');
    const name = file.replace('.md', '');
    config.addTemplate(`${name}.md`, text, {
      layout: 'page.njk',
      title: titleOf(text),
      permalink: `docs/${name}.html`,
      templateEngineOverride: 'md',
      name,
    });
  }
  config.addGlobalData('groups', () => groups(titles(root, [...guides, ...docs])));
  config.addGlobalData('version', version);
  // Docs link to each other as files of the repository.
  config.addTransform('links', (html) =>
    html
      .replace(/(href=")(?:docs\/)?([\w-]+)\.md(#[^"]*)?"/g, '$1$2.html$3"')
      .replace(/src="(?:docs\/)?pictures\//g, 'src="pictures/')
      .replace(/<th><\/th>/g, '<td></td>')
      .replace(/<pre>/g, '<pre tabindex="0">'),
  );
  config.addPassthroughCopy({ [join(root, 'docs/pictures')]: 'docs/pictures' });
  config.setQuietMode(true);
  return { dir: { includes: '../layouts', data: '../data' } };
}

const titles = (root, files) =>
  new Map(files.map(([folder, file]) => [file.replace('.md', ''), titleOf(readFileSync(join(root, folder, file), 'utf8'))]));

const slugify = (text) =>
  text
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s+/g, '-');

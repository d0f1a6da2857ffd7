// The documentation: guides of site/pages and all of docs/, as plain pages that need no script to be read, with relative addresses, so
// that they open from a folder too.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromHighlighter } from '@shikijs/markdown-it/core';
import { transformerTwoslash } from '@shikijs/twoslash';
import anchor from 'markdown-it-anchor';
import { createHighlighter } from 'shiki';
import { groups, pages } from './contents.mjs';
import { learnScripts } from './learn/bundles.mjs';
import { lectures, learnPages, parts } from './learn/contents.mjs';
import { formulas } from './learn/formulas.mjs';
import { courseHeading, learnMarkdown, questionData } from './learn/text.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

export default async function configure(config) {
  const highlighter = await createHighlighter({
    themes: ['github-light-high-contrast', 'github-dark-high-contrast'],
    langs: ['js', 'ts', 'sh', 'html', 'json', 'python', 'xml', 'csv'],
  });
  config.amendLibrary('md', (md) => {
    md.set({ html: true });
    md.enable('code'); // blocks that are set in, which Eleventy leaves out
    md.use(formulas);
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

  // SITE=learn makes the live pages alone, SITE=play the playground: quick, while one is written.
  const { SITE } = process.env;
  if (SITE === undefined)
    for (const { name, title, text } of pages)
      config.addTemplate(`${name}.md`, text, {
        layout: 'page.njk',
        ...{ name, title },
        ...{ top: '../', here: 'docs' },
        permalink: `docs/${name}.html`,
        templateEngineOverride: 'md',
      });
  if (SITE !== 'learn')
    for (const [here, file, permalink, title, summary, styles] of [
      [
        ...['play', 'play/index.html', 'index.html', 'Play'],
        'A neural network that learns in this page: push it around, break it, read why, and take it with you.',
      ],
      [
        ...['table', 'table/table.html', 'table.html', 'Table'],
        'Drop a CSV file: a model learns one of its columns, is judged by rows it has not seen, and reports. Nothing leaves the page.',
        'table.css',
      ],
      [
        ...['measure', 'measure/measure.html', 'measure.html', 'Measure'],
        'WebAssembly against plain JavaScript, measured in your browser.',
      ],
    ])
      config.addTemplate(`${here}.njk`, readFileSync(join(root, 'site', file), 'utf8'), {
        ...{ top: '', here, permalink, title, summary, styles },
      });
  const scripts = SITE === 'play' ? undefined : await learnScripts(learnPages);
  for (const [i, page] of (scripts ? learnPages : []).entries())
    config.addTemplate(`learn-${page.name}.md`, learnMarkdown(page), {
      layout: 'learn.njk',
      ...{ name: page.name, title: page.title, summary: page.summary, live: page },
      ...{ before: learnPages[i - 1], after: learnPages[i + 1] },
      question: questionData(page),
      library: scripts.pages[page.name].library,
      courseAnchor: page.command === undefined ? undefined : slugify(courseHeading(page.command)),
      docTitle: pages.find(({ name }) => name === page.doc)?.title,
      ...{ formulas: true, top: '../', here: 'learn', styles: 'learn.css' },
      permalink: `learn/${page.name}.html`,
      templateEngineOverride: 'md',
    });
  config.addTemplate('learn-index.njk', '', {
    layout: 'learn-index.njk',
    parts: parts
      .map((title) => ({ title, pages: learnPages.filter(({ part }) => part === title) }))
      .filter(({ pages }) => pages.length > 0),
    lectures: Object.entries(lectures).map(([letter, title]) => ({
      title,
      pages: learnPages.filter(({ letters }) => letters.includes(letter)),
    })),
    ...{ title: 'Learn', summary: 'The course, live: one idea, one picture to push around, one question.' },
    ...{ top: '../', here: 'learn', styles: 'learn.css' },
    permalink: 'learn/index.html',
  });
  config.addGlobalData('groups', groups);
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

const slugify = (text) =>
  text
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s+/g, '-');

// The pages of the documentation: guides of site/pages and all of docs/, and their order.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const order = {
  Start: ['start', 'web-page', 'node', 'worker', 'saving', 'coming-from', 'parts', 'speed'],
  Tables: ['table', 'defaults', 'command-line', 'report', 'uncertainty', 'explain', 'shapes', 'search'],
  Deploy: ['deployment', 'predict', 'integers', 'files', 'environments', 'numbers'],
  'Costly functions': ['approximate', 'derivatives', 'pricing'],
  Course: ['course', 'teaching', 'labs', 'course-rows', 'notation', 'landmarks', 'kolmogorov-arnold', 'graphs'],
  'When it goes wrong': ['errors', 'faults', 'kinds'],
};

/** Every page as it stands: its name, its title (the first heading), its Markdown. */
export const pages = ['site/pages', 'docs'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.md'))
    .map((file) => {
      const text = readFileSync(join(root, folder, file), 'utf8');
      return { name: file.replace('.md', ''), title: /^# (.+)$/m.exec(text)?.[1].replace(/`/g, '') ?? '', text };
    }),
);

/** Groups of pages. A page that stands in no group fails the build: what is not in the list cannot be found. */
export function groups() {
  const listed = new Set(Object.values(order).flat());
  const missing = pages.filter(({ name }) => !listed.has(name));
  if (missing.length > 0) throw new Error(`site/contents.mjs: no group has ${missing.map(({ name }) => name).join(', ')}.`);
  return Object.entries(order)
    .map(([title, names]) => ({ title, pages: names.flatMap((name) => pages.filter((page) => page.name === name)) }))
    .filter(({ pages }) => pages.length > 0);
}

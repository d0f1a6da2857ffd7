// The live pages: one folder of site/learn each, with page.md (front matter and prose), picture.tsx and gestures.ts. Read, checked and put in
// order.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import matter from 'gray-matter';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** The lectures that docs/course-rows.md is about. */
export const lectures = {
  E: 'Introduction to Deep Learning (Echenim, Ensimag)',
  K: 'Deep learning (Miklos, Rennes)',
  L: 'Deep learning from a statistical viewpoint (Lefort & Salmon, Montpellier)',
  B: 'Introduction to Deep Learning (Boulle)',
  S: 'Deep learning 1/2 (Massias, Inria)',
};

/** Parts in the order of the course; pages of a part are ordered by `place`. */
export const parts = [
  'Neurons',
  'Approximation',
  'Gradients',
  'Descent',
  'Depth',
  'Generalisation',
  'Applications',
  'Labs',
  'Reading',
];

const known = ['title', 'summary', 'part', 'place', 'lectures', 'rows', 'command', 'lab', 'doc', 'code', 'scripts', 'question'];
const mostWords = 300;
const mostLines = 12;

/** Words of prose: a formula is one. */
const countWords = (text) =>
  text
    .replace(/\$\$[\s\S]*?\$\$|\$[^$\n]+\$/g, ' formula ')
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

function read(name) {
  const refuse = (what) => {
    throw new Error(`site/learn/${name}/page.md: ${what}`);
  };
  const { data, content } = matter(readFileSync(join(folder, name, 'page.md'), 'utf8'));
  for (const key of Object.keys(data)) if (!known.includes(key)) refuse(`unknown "${key}"; known are ${known.join(', ')}`);
  for (const key of ['title', 'summary', 'part', 'place', 'lectures', 'rows'])
    if (data[key] === undefined) refuse(`needs "${key}"`);
  if (!parts.includes(data.part)) refuse(`part "${data.part}" is none of ${parts.join(', ')}`);
  const letters = String(data.lectures).split(' ');
  for (const letter of letters)
    if (!(letter in lectures)) refuse(`lecture "${letter}" is none of ${Object.keys(lectures).join(', ')}`);
  const blocks = [...content.matchAll(/```js\n([\s\S]*?)```\n?/g)];
  if (blocks.length > 1) refuse(`has ${blocks.length} js blocks, at most 1 expected`);
  const code = blocks[0]?.[1];
  const lines = code?.trimEnd().split('\n').length ?? 0;
  if (lines > mostLines) refuse(`the js block has ${lines} lines, at most ${mostLines} expected`);
  const prose = blocks.length === 0 ? content : content.replace(blocks[0][0], '');
  const words = countWords(prose);
  if (words > mostWords) refuse(`has ${words} words, at most ${mostWords} expected`);
  const { question } = data;
  if (question?.choices !== undefined && question.choices.filter(({ right }) => right).length !== 1)
    refuse('one choice of the question must be right');
  if (
    question !== undefined &&
    question.choices === undefined &&
    !(typeof question.number === 'number' && question.tolerance > 0)
  )
    refuse('the question needs choices, or a number and its tolerance');
  return {
    name,
    text: `# ${data.title}\n\n${content.trim()}\n`,
    title: data.title,
    summary: data.summary,
    part: data.part,
    place: data.place,
    letters,
    rows: data.rows,
    command: data.command,
    lab: data.lab,
    doc: data.doc,
    excerpts: data.code ?? [],
    scripts: data.scripts ?? [],
    ...{ question, prose, code, words },
    hasPicture: existsSync(join(folder, name, 'picture.tsx')),
  };
}

/** Every live page, in the order of the course. */
export const learnPages = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'page.md')))
  .map(({ name }) => read(name))
  .sort((a, b) => parts.indexOf(a.part) - parts.indexOf(b.part) || a.place - b.place || a.name.localeCompare(b.name));

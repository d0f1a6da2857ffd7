// What the layouts need of a live page: its Markdown with the lines of the library and the code to copy, and its question as data.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { excerpt } from './excerpts.mjs';
import { formula } from './formulas.mjs';

const course = readFileSync(fileURLToPath(new URL('../../docs/course.md', import.meta.url)), 'utf8');

/** The prose, then the place of the question, the excerpts, and the block to copy. */
export function learnMarkdown({ name, prose, excerpts, code, question }) {
  const lines = excerpts.map((one) => `\`\`\`ts\n${excerpt(one)}\n\`\`\`\n\n<p class="source">${one.file}</p>`);
  return [
    prose.trim(),
    question === undefined ? '' : '<section id="question" aria-label="A question"></section>',
    lines.length === 0 ? '' : `## In the library\n\n${lines.join('\n\n')}`,
    code === undefined
      ? ''
      : `## As code\n\n<p class="copying"><button type="button" class="chip" id="copy-code">copy</button></p>\n\n\`\`\`js\n${code.trimEnd()}\n\`\`\``,
    `<p class="source"><a href="${name}.md" download>this page as Markdown</a></p>`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A line of text with `code` and $formulas$ as HTML. */
const inline = (text) =>
  String(text)
    .split(/(\$[^$]+\$|`[^`]+`)/)
    .map((part) => {
      if (/^\$.+\$$/.test(part)) return formula(part.slice(1, -1));
      const plain = part.replace(/[&<>"]/g, (letter) => escapes[letter]);
      return /^`.+`$/.test(part) ? `<code>${plain.slice(1, -1)}</code>` : plain;
    })
    .join('');

/** The question of a page as JSON that may stand in a script element; its texts are HTML. */
export function questionData({ question }) {
  if (question === undefined) return undefined;
  const { ask, choices, number, tolerance, why, hints } = question;
  const data =
    choices === undefined
      ? { ask: inline(ask), number, tolerance, why: inline(why), hints: (hints ?? []).map(inline) }
      : {
          ask: inline(ask),
          choices: choices.map(({ text, right, why }) => ({ text: inline(text), right: right === true, why: inline(why) })),
        };
  return JSON.stringify(data).replace(/</g, '\\u003c');
}

/** The heading of docs/course.md under which a page of the terminal stands. */
export function courseHeading(command) {
  const at = course.indexOf(`npx feedforward course ${command}\n`);
  if (at < 0) throw new Error(`docs/course.md has no page "${command}", which a page of site/learn names.`);
  return [...course.slice(0, at).matchAll(/^### (.+)$/gm)].at(-1)[1];
}

// How to make it again: what was run, on which files, with which versions and seed.

import type { Facts } from '../facts/facts.js';
import { html, table } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { whole } from '../page/words.js';

export function makingSection({ making }: Facts): Section {
  const { command, seed, versions, files, options, network } = making;
  const code = (text: string, label: string) => html`<pre tabindex="0" aria-label="${label}"><code>${text}</code></pre>`;
  return {
    id: 'making',
    title: 'How to make it again',
    body: html`${command !== undefined && code(command, 'What was run')}
${table('Versions and seed', ['what', 'which'], [...versions, ['seed', String(seed)]])}
${
  files.length > 0 &&
  table(
    'Files, by their contents',
    ['file', { text: 'bytes', numbers: true }, 'SHA-256'],
    files.map(({ name, bytes, sha256 }) => [
      name,
      whole(bytes),
      sha256 === undefined ? 'not computed here' : html`<code>${sha256}</code>`,
    ]),
  )
}
${options !== undefined && html`<h3>Options</h3>${code(options, 'Options')}`}
${network !== undefined && html`<h3>The network</h3>${code(network, 'The network')}`}`,
  };
}

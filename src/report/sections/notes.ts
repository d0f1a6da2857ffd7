// What to look at before the model is used: columns that tell the target, rows that judge but are unlike those that trained, and the rest.

import { worthTelling, type Drift } from '../../data/drift.js';
import type { Facts } from '../facts/facts.js';
import { html, list, table } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { counted, figure, percent, short } from '../page/words.js';

const mostDrifts = 12;

export function notesSection({ notes, drift }: Facts): Section {
  const told = drift === undefined ? [] : worthTelling(drift);
  return {
    id: 'notes',
    title: 'Notes',
    body: html`${list(notes) ?? html`<p>Nothing else stood out in the data or in training.</p>`}
<h3>Whether the rows that judge are like those that trained</h3>
${
  drift === undefined
    ? html`<p>Not known: only one of the two is here.</p>`
    : told.length === 0
      ? html`<p>${counted(new Set(drift.map(({ column }) => column)).size, 'column')} compared, the target among them: no difference that chance would not bring.</p>`
      : html`<p>${counted(told.length, 'difference')} that chance does not explain (1 % over all columns together). Scores on such rows say less about others.</p>
${table(
  'Columns whose values differ between the rows that trained and those that judge',
  ['column', 'what differs', { text: 'distance', numbers: true }, { text: 'by chance', numbers: true }],
  told
    .slice(0, mostDrifts)
    .map((one) => [
      short(one.column, 40),
      words[one.what],
      percent(one.distance),
      one.p < 1e-6 ? 'below 0.000001' : figure(one.p),
    ]),
)}
<p class="quiet">Numbers: the largest distance of the two distributions (Kolmogorov and Smirnov). Categories and missing cells: the share of rows that would have to change (chi-square).</p>`
}`,
  };
}

const words: Readonly<Record<Drift['what'], string>> = {
  numbers: 'where its numbers lie',
  categories: 'how often its categories occur',
  missing: 'how often it is missing',
};

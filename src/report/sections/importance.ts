// What the model relies on: how much its score falls when one column is shuffled among the rows.

import type { Importance } from '../../estimators/importance.js';
import { ink, type Drawing } from '../page/drawing.js';
import type { Facts } from '../facts/facts.js';
import { html, table } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { counted, figure, rough, short } from '../page/words.js';

const mostBars = 15;
const mostRows = 60;

export function importanceSection({ importance, subject, judgement }: Facts, drawing: Drawing): Section | undefined {
  if (importance.length === 0) return undefined;
  const shown = importance.slice(0, mostBars);
  const score = subject.classes === undefined ? 'R\u00b2' : 'accuracy';
  const { plot } = drawing;
  const rest = importance.length - shown.length;
  return {
    id: 'importance',
    title: 'What it relies on',
    body: html`<p>Permutation importance: ${score} lost ${judgement === undefined ? '' : 'on the rows that judge '}when the values of one column are shuffled among them. Columns that say the same share it; about 0 is a column the model can do without.</p>
<div class="pictures">${drawing.picture(
      {
        ...{ height: 60 + 24 * shown.length, marginLeft: 130, marginRight: 32 },
        x: { label: `${score} lost`, grid: true, nice: true },
        y: { label: null, domain: shown.map(({ name }) => name), tickFormat: (name: string) => short(name, 17) },
        marks: [
          plot.barX(shown, { x: 'mean', y: 'name', fill: ink.first }),
          plot.ruleY(shown, {
            y: 'name',
            x1: (d: Importance) => d.mean - d.deviation,
            x2: (d: Importance) => d.mean + d.deviation,
            strokeWidth: 2,
          }),
          plot.ruleX([0]),
        ],
      },
      {
        alt: `Importance: ${shown
          .slice(0, 8)
          .map(({ name, mean }) => `${name} ${figure(mean)}`)
          .join(', ')}.`,
        caption: html`The mean over the shuffles, and one deviation to either side.${rest > 0 && ` ${counted(rest, 'column')} below these.`}`,
        numbers: table(
          `${score} lost by column`,
          ['column', { text: 'mean', numbers: true }, { text: 'deviation', numbers: true }],
          importance.slice(0, mostRows).map(({ name, mean, deviation }) => [short(name, 40), figure(mean), rough(deviation)]),
        ),
      },
    )}</div>`,
  };
}

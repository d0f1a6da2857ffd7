// Which parameters mattered.

import { ink, type Drawing } from '../page/drawing.js';
import { html, table } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { counted, figure, percent, short } from '../page/words.js';
import type { SearchFacts } from './facts.js';

export function importanceSection({ importance, findings, first }: SearchFacts, drawing: Drawing): Section | undefined {
  if (importance.length === 0) return undefined;
  const { plot } = drawing;
  const together = Math.max(0, 1 - importance.reduce((sum, { share }) => sum + share, 0));
  return {
    id: 'importance',
    title: 'What mattered',
    body: html`<p>A forest of regression trees learnt from ${counted(findings.trials.filter(({ state }) => state === 'complete' || state === 'pruned').length, 'candidate')} how high a candidate ranks by ${first.label}; those that were stopped early count by what they had come to. Of what it says over the whole space each parameter alone explains this share of the variance (functional analysis of variance, first order); ${percent(together)} is left to parameters acting together. From few candidates shares are rough, and they speak of the whole space, not of where the search looked most.</p>
<div class="pictures">${drawing.picture(
      {
        ...{ height: 60 + 24 * importance.length, marginLeft: 130, marginRight: 32 },
        x: {
          label: 'share of the variance',
          grid: true,
          tickFormat: '%',
          domain: [0, Math.max(0.1, ...importance.map(({ share }) => share))],
        },
        y: { label: null, domain: importance.map(({ name }) => name), tickFormat: (name: string) => short(name, 17) },
        marks: [plot.barX([...importance], { x: 'share', y: 'name', fill: ink.first }), plot.ruleX([0])],
      },
      {
        alt: `Share of the variance: ${importance.map(({ name, share }) => `${name} ${percent(share)}`).join(', ')}.`,
        caption: html`How much of the candidates' ranks each parameter explains by itself.`,
        numbers: table(
          'Share of the variance by parameter',
          ['parameter', { text: 'share', numbers: true }],
          importance.map(({ name, share }) => [short(name, 40), figure(share)]),
        ),
      },
    )}</div>`,
  };
}

// How a search went: each candidate's score, and the best so far.

import { ink, type Drawing } from '../page/drawing.js';
import { html, table } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { counted, figure } from '../page/words.js';
import { valueSoFar, type SearchFacts } from './facts.js';

/** Rows of the table of figures. */
const mostRows = 12;

export function historySection({ findings, first, complete }: SearchFacts, drawing: Drawing): Section | undefined {
  if (complete.length === 0) return undefined;
  const { plot } = drawing;
  const points = complete
    .map((trial) => ({ number: trial.number, value: first.of(trial) }))
    .filter(({ value }) => Number.isFinite(value));
  const bests: { number: number; value: number }[] = [];
  for (const { number, value } of points) {
    const before = bests.at(-1)?.value;
    bests.push({ number, value: before === undefined || (first.more ? value > before : value < before) ? value : before });
  }
  const last = findings.trials.length - 1;
  const pruned = findings.trials
    .filter(({ state }) => state === 'pruned')
    .map((trial) => ({ number: trial.number, value: valueSoFar(trial, first.of) }))
    .filter(({ value }) => Number.isFinite(value));
  const steps = bests.filter(({ value }, i) => i === 0 || value !== bests[i - 1]!.value);
  if (bests.length > 0 && bests.at(-1)!.number < last) bests.push({ number: last, value: bests.at(-1)!.value });
  return {
    id: 'history',
    title: 'How the search went',
    body: html`<div class="pictures">${drawing.picture(
      {
        x: { label: 'candidate', nice: false },
        y: { label: first.label, grid: true, nice: true },
        color: {
          domain: ['ran to the end', 'stopped early', 'best so far'],
          range: [ink.first, ink.quiet, ink.second],
          legend: true,
        },
        marks: [
          plot.dot(pruned, { x: 'number', y: 'value', stroke: () => 'stopped early', symbol: 'times', r: 3 }),
          plot.dot(points, { x: 'number', y: 'value', fill: () => 'ran to the end', r: 3 }),
          plot.lineY(bests, { x: 'number', y: 'value', stroke: () => 'best so far', strokeWidth: 2, curve: 'step-after' }),
        ],
      },
      {
        alt: `${first.label} of ${counted(points.length, 'candidate')} that ran to the end; the best so far went from ${figure(bests[0]?.value)} to ${figure(bests.at(-1)?.value)}.`,
        caption: html`Each candidate by ${first.label}, and the best so far.${pruned.length > 0 && ' Crosses: what candidates had when they were stopped, on the folds or after the epochs that they ran.'}`,
        numbers: table(
          'When the best so far changed',
          [
            { text: 'candidate', numbers: true },
            { text: first.label, numbers: true },
          ],
          steps.slice(-mostRows).map(({ number, value }) => [number, figure(value)]),
        ),
      },
    )}</div>`,
  };
}

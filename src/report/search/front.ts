// What objectives cost each other: the front of candidates that no other one beats on all of them.

import type { TriedCandidate } from '../../search/findings.js';
import { ink, type Drawing } from '../page/drawing.js';
import { html, table, type Markup } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { counted, figure } from '../page/words.js';
import type { SearchFacts } from './facts.js';

/** Rows of the table of figures. */
const mostRows = 40;

export function frontSection(facts: SearchFacts, drawing: Drawing): Section | undefined {
  const { findings, first } = facts;
  const [, ...others] = findings.objectives;
  if (others.length === 0) return undefined;
  return {
    id: 'front',
    title: 'What objectives cost each other',
    body: html`<p>${counted(findings.paretoFront.length, 'candidate')} make the Pareto front: no other candidate is better than one of them by one objective without being worse by another.</p>
<div class="pictures">${others.map(({ name, goal }) => picture(facts, name, goal, drawing))}</div>
${table(
  'The front',
  [
    { text: 'number', numbers: true },
    { text: first.label, numbers: true },
    ...others.map(({ name }) => ({ text: name, numbers: true })),
  ],
  [...findings.paretoFront]
    .sort((a, b) => a.values[others[0]!.name]! - b.values[others[0]!.name]!)
    .slice(0, mostRows)
    .map((trial) => [trial.number, figure(first.of(trial)), ...others.map(({ name }) => figure(trial.values[name]))]),
)}`,
  };
}

function picture({ findings, complete, first }: SearchFacts, name: string, goal: string, drawing: Drawing): Markup {
  const { plot } = drawing;
  const point = (trial: TriedCandidate) => ({ x: trial.values[name]!, y: first.of(trial) });
  const finite = ({ x, y }: { x: number; y: number }) => Number.isFinite(x) && Number.isFinite(y);
  const all = complete.map(point).filter(finite);
  const front = findings.paretoFront.map(point).filter(finite);
  const xs = all.map(({ x }) => x);
  const bent = Math.min(...xs) > 0 && Math.max(...xs) / Math.min(...xs) > 30;
  return drawing.picture(
    {
      x: { label: `${name}${bent ? ' (logarithmic)' : ''}`, nice: !bent, grid: true, ...(bent ? { type: 'log' as const } : {}) },
      y: { label: first.label, grid: true, nice: true },
      color: { domain: ['candidate', 'front'], range: [ink.first, ink.second], legend: true },
      marks: [
        plot.dot(all, { x: 'x', y: 'y', fill: () => 'candidate', r: 3 }),
        plot.dot(front, { x: 'x', y: 'y', stroke: () => 'front', r: 6, strokeWidth: 2 }),
      ],
    },
    {
      alt: `${first.label} and ${name} of ${counted(all.length, 'candidate')}; ${counted(front.length, 'candidate')} of them on the front.`,
      caption: html`Better is ${first.more ? 'above' : 'below'} and to the ${goal === 'minimize' ? 'left' : 'right'}.`,
    },
  );
}

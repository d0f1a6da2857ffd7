// A page about a search: how it went, what the best candidates have in common, which parameters mattered, and what objectives cost each other.

import { baselineNames } from '../../search/baselines.js';
import type { SearchFindings, TriedCandidate } from '../../search/findings.js';
import { Drawing } from '../page/drawing.js';
import { html, list, table } from '../page/markup.js';
import { pageText } from '../page/page.js';
import type { Peers } from '../page/peers.js';
import { counted, figure } from '../page/words.js';
import { factsOf, type SearchFacts, type SearchPageOptions } from './facts.js';
import { frontSection } from './front.js';
import { historySection } from './history.js';
import { importanceSection } from './importance.js';
import { parallelSection } from './parallel.js';
import { valueText } from './values.js';

/** Candidates in the table. */
const mostRows = 20;

/** The page as the text of an HTML file. */
export function searchPage(findings: SearchFindings, options: SearchPageOptions, peers: Peers): string {
  const facts = factsOf(findings, options);
  const drawing = new Drawing(peers);
  const sections = [historySection, parallelSection, importanceSection, frontSection].flatMap(
    (make) => make(facts, drawing) ?? [],
  );
  return pageText({
    title: options.title,
    lead: leadOf(facts),
    sections: [...sections, tableSection(facts), makingSection(facts)],
  });
}

function leadOf({ findings, first, complete, folds }: SearchFacts) {
  const { best, trials, endedBy } = findings;
  const count = (state: TriedCandidate['state']) => trials.filter((trial) => trial.state === state).length;
  const others = [
    [count('pruned'), 'stopped early'],
    [count('failed'), 'failed'],
    [count('stopped'), 'under way when the search ended'],
  ] as const;
  return html`<p class="lead">The best of ${counted(trials.length, 'candidate')} is number ${best.number}: ${first.label} ${figure(first.of(best))}, the mean of ${counted(folds, 'fold')}, with a deviation of ${figure(best.deviation)} between them.</p>
<p>${counted(complete.length, 'candidate')} ran to the end${others.map(([n, what]) => n > 0 && html`, ${n} ${what}`)}; ${counted(
    trials.reduce((sum, { epochs }) => sum + epochs, 0),
    'epoch',
  )} of training in all.${endedBy === 'budget' && ' The time allowed was used up.'}${endedBy === 'exhausted' && ' There were no more candidates.'}
The best of many looks better than it is: it was also the luckiest. Judge it on rows that the search has not seen.</p>
${findings.baselines.length > 0 && html`<p>On the same folds: ${findings.baselines.map(({ name, score }) => `${baselineNames[name]} ${figure(score)}`).join(', ')}.</p>`}${findings.notes.map(
  (note) => html`<p><strong>${note}</strong></p>`,
)}
${list(Object.entries(best.candidate).map(([name, value]) => html`${name}: <code>${valueText(value)}</code>`))}`;
}

function tableSection({ findings, parameters, first, complete }: SearchFacts) {
  const sorted = [...complete].sort((a, b) => (first.more ? -1 : 1) * (first.of(a) - first.of(b)) || a.number - b.number);
  const others = findings.objectives.slice(1).map(({ name }) => name);
  const failed = findings.trials.filter(({ error }) => error !== undefined);
  return {
    id: 'candidates',
    title: 'The best candidates',
    body: html`${table(
      `The best ${counted(Math.min(mostRows, sorted.length), 'candidate')} by ${first.label}`,
      [
        { text: 'number', numbers: true },
        { text: first.label, numbers: true },
        { text: 'deviation', numbers: true },
        ...others.map((text) => ({ text, numbers: true })),
        ...parameters.map(({ name }) => name),
      ],
      sorted
        .slice(0, mostRows)
        .map((trial) => [
          trial.number,
          figure(first.of(trial)),
          figure(trial.deviation),
          ...others.map((name) => figure(trial.values[name])),
          ...parameters.map(({ name }) => (Object.hasOwn(trial.candidate, name) ? valueText(trial.candidate[name]!) : '–')),
        ]),
    )}${failed.length > 0 && html`<h3>What failed</h3>${list(failed.slice(0, mostRows).map(({ number, error }) => html`Candidate ${number}: ${error}`))}`}`,
  };
}

function makingSection({ command, findings, seed }: SearchFacts) {
  const { sha256 } = findings.best;
  return {
    id: 'making',
    title: 'How to make it again',
    body: html`${command !== undefined && html`<pre>${command}</pre>`}<p>Seed ${seed}. Candidates, decisions and the model depend on the seed, the data and the options alone: another number of workers makes the same.${
      sha256 !== undefined && html` SHA-256 of the best model as it was trained: <code>${sha256}</code>.`
    }</p>`,
  };
}

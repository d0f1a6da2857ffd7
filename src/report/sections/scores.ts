// How good the model is, beside what it must beat, with how far chance moves each figure.

import { ink, type Drawing } from '../page/drawing.js';
import type { Facts, JudgedTarget } from '../facts/facts.js';
import { html, table, type Markup } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { figures, leadOf, scoresOf, standardErrorOf, type Scores } from '../facts/scores.js';
import { counted, figure, figureName, label, withError } from '../page/words.js';

/** Everybody's scores for one target. */
interface Standing {
  readonly name: string;
  readonly scores: Scores;
  /** The main score and its standard error. */
  readonly main: number;
  readonly error: number;
  /** The model's lead, and the standard error of that; undefined for the model. */
  readonly lead: { readonly mean: number; readonly error: number } | undefined;
}

export function standingsOf({ truth, answers }: JudgedTarget, rows: number): Standing[] {
  return answers.map(({ name, predictions }, i) => {
    const scores = scoresOf(truth, predictions);
    return {
      ...{ name, scores, main: Object.values(scores)[0]! },
      error: standardErrorOf(truth, predictions, rows),
      lead: i === 0 ? undefined : leadOf(truth, answers[0]!.predictions, predictions, rows),
    };
  });
}

export function scoresSection({ judgement }: Facts, drawing: Drawing): Section | undefined {
  if (judgement === undefined) return undefined;
  const { by, rows, targets, foldScores } = judgement;
  return {
    id: 'scores',
    title: 'How good it is',
    body: html`<p>On ${counted(rows, 'row')}: ${by}. A standard error (±) says how far the figure would move with other rows of the kind; twice that is seldom exceeded. The lead of the model over another is judged on the same rows, so it is known better than either score.</p>
${targets.map((target) => ofTarget(target, rows, targets.length > 1, drawing))}
${foldScores !== undefined && html`<p>${figureName(figures[mainOf(targets[0]!)]!)} by fold: ${foldScores.map(figure).join(', ')}.</p>`}`,
  };
}

const mainOf = (target: JudgedTarget) => Object.keys(scoresOf(target.truth, target.answers[0]!.predictions))[0]!;

function ofTarget(target: JudgedTarget, rows: number, several: boolean, drawing: Drawing): Markup {
  const standings = standingsOf(target, rows);
  const names = Object.keys(standings[0]!.scores);
  const main = figureName(figures[names[0]!]!);
  return html`${several && html`<h3>${target.name}</h3>`}
<div class="beside">${picture(target.name, main, standings, drawing)}${table(
    html`Scores${several && ` of ${target.name}`}; less is better for losses and errors`,
    ['figure', ...standings.map(({ name }) => ({ text: name, numbers: true }))],
    [
      ...names.map((name, i) => [
        figureName(figures[name] ?? name),
        ...standings.map(({ scores, error }) => (i === 0 ? withError(scores[name]!, error) : figure(scores[name]))),
      ]),
      [`lead of the model in ${main}`, ...standings.map(({ lead }) => leadText(lead))],
    ],
  )}</div>`;
}

function leadText(lead: Standing['lead']): string {
  if (lead === undefined) return '–';
  return `${lead.mean > 0 ? '+' : ''}${withError(lead.mean, lead.error)}`;
}

function picture(target: string, main: string, standings: readonly Standing[], drawing: Drawing): Markup | undefined {
  const shown = standings.filter(({ main: value }) => Number.isFinite(value));
  if (shown.length === 0) return undefined;
  const { plot } = drawing;
  const reach = ({ main: value, error }: Standing, sign: number) => value + sign * (Number.isFinite(error) ? 2 * error : 0);
  return drawing.picture(
    {
      ...{ height: 70 + 34 * shown.length, marginLeft: 110, marginRight: 56 },
      x: { label: main, grid: true, nice: true },
      y: { label: null, domain: shown.map(({ name }) => name), type: 'point' },
      marks: [
        plot.ruleY(shown, {
          y: 'name',
          x1: (d: Standing) => reach(d, -1),
          x2: (d: Standing) => reach(d, 1),
          stroke: ink.first,
          strokeWidth: 3,
          strokeOpacity: 0.5,
        }),
        plot.dot(shown, {
          y: 'name',
          x: 'main',
          fill: (_: Standing, i: number) => (i === 0 ? ink.first : ink.paper),
          stroke: ink.first,
          strokeWidth: 2,
          r: 5,
        }),
        plot.text(shown, {
          y: 'name',
          x: (d: Standing) => reach(d, 1),
          text: (d: Standing) => label(d.main),
          textAnchor: 'start',
          dx: 8,
        }),
      ],
    },
    {
      alt: `${main} of ${target}: ${shown.map((d) => `${d.name} ${withError(d.main, d.error)}`).join('; ')}.`,
      caption: html`${main}, with two standard errors to either side.`,
    },
  );
}

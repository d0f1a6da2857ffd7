// What is taken for what: the confusion matrix of a classifier.

import type { Label } from '../../data/labels.js';
import { confusionMatrix } from '../../data/metrics/index.js';
import { ink, type Drawing } from '../page/drawing.js';
import type { Facts } from '../facts/facts.js';
import { html, table } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { counted, percent, short, whole } from '../page/words.js';

interface Square {
  readonly truth: string;
  readonly said: string;
  readonly count: number;
  /** Of the rows of that truth. */
  readonly share: number;
}

/** More classes have squares without figures, and most have a table of mistakes alone. */
const [mostFigures, mostClasses] = [12, 40];

export function confusionSection({ judgement, subject }: Facts, drawing: Drawing): Section | undefined {
  if (judgement === undefined || subject.classes === undefined) return undefined;
  const [{ truth, answers, name }] = judgement.targets as [(typeof judgement.targets)[number]];
  const predicted = answers[0]!.predictions.predicted as Label[];
  const present = new Set([...(truth as Label[]), ...predicted]);
  // In the model's order: classes may have one of their own.
  const { classes, counts } = confusionMatrix(truth as Label[], predicted, {
    classes: subject.classes.filter((label) => present.has(label)),
  });
  const names = classes.map(String);
  const squares = counts.flatMap((row, i): Square[] => {
    const total = row.reduce((sum, n) => sum + n, 0);
    return row.map((count, j) => ({ truth: names[i]!, said: names[j]!, count, share: total === 0 ? 0 : count / total }));
  });
  const mistakes = squares.filter((d) => d.truth !== d.said && d.count > 0).sort((a, b) => b.count - a.count);
  const { plot } = drawing;
  const side = Math.min(440, 130 + (names.length > mostFigures ? 14 : names.length > 5 ? 52 : 76) * names.length);
  const axis = { type: 'band' as const, domain: names, tickFormat: (value: string) => short(value, 11), padding: 0.04 };
  const recalls = squares.filter((d) => d.truth === d.said);
  return {
    id: 'confusion',
    title: 'What it takes for what',
    body: html`<div class="beside">${
      names.length <= mostClasses &&
      drawing.picture(
        {
          ...{ width: side, height: side - 40, marginLeft: 88, marginTop: 12, marginBottom: names.length > 6 ? 76 : 44 },
          x: { ...axis, label: 'the model said', ...(names.length > 6 ? { tickRotate: -45 } : {}) },
          y: { ...axis, label: `true ${short(name, 20)}` },
          opacity: { domain: [0, 1], range: [0.04, 1] },
          marks: [
            plot.cell(squares, { x: 'said', y: 'truth', fill: ink.first, fillOpacity: 'share' }),
            names.length > mostFigures
              ? null
              : plot.text(squares, {
                  ...{ x: 'said', y: 'truth', text: (d: Square) => whole(d.count) },
                  fill: (d: Square) => (d.share > 0.55 ? 'var(--on)' : 'currentColor'),
                }),
          ],
        },
        {
          alt: `Confusion matrix of ${name}: ${recalls
            .slice(0, 12)
            .map((d) => `of the rows that are ${d.truth}, ${percent(d.share)} are told so`)
            .join('; ')}.`,
          caption: html`Rows by what is true and what the model said; the darker a square, the larger its share of the rows of that truth.`,
          numbers:
            names.length <= mostFigures
              ? table(
                  'Rows by truth (down) and answer (across)',
                  ['truth', ...names.map((text) => ({ text, numbers: true }))],
                  counts.map((row, i) => [names[i]!, ...row.map(whole)]),
                )
              : undefined,
        },
      )
    }${
      mistakes.length === 0
        ? html`<p>Every row that judged is told right.</p>`
        : names.length > 2 &&
          table(
            'The most frequent mistakes',
            ['true', 'taken for', { text: 'rows', numbers: true }, { text: 'of that truth', numbers: true }],
            mistakes.slice(0, 8).map((d) => [short(d.truth, 40), short(d.said, 40), whole(d.count), percent(d.share)]),
          )
    }</div>
<p>${counted(
      mistakes.reduce((sum, d) => sum + d.count, 0),
      'mistake',
    )} in ${counted(truth.length, 'answer')}.</p>`,
  };
}

// Whether probabilities hold: of rows told with 0.8, eight in ten should be right.

import type { Label } from '../../data/labels.js';
import type { Matrix } from '../../data/matrix.js';
import {
  brierScore,
  calibrationTable,
  expectedCalibrationError,
  logLoss,
  type CalibrationBin,
} from '../../data/metrics/index.js';
import { ink, type Drawing } from '../page/drawing.js';
import type { Facts } from '../facts/facts.js';
import { html, table } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { counted, figure, percent, short, whole } from '../page/words.js';

/** What is told with which probability, and whether it is so: of two classes the second, of more the likeliest. */
function tellings(
  truth: readonly Label[],
  proba: Matrix,
  classes: readonly Label[],
): { readonly p: Float64Array; readonly right: number[] } {
  const [rows, columns] = proba.shape;
  const p = new Float64Array(rows);
  const right = Array.from({ length: rows }, (_, i) => {
    const row = proba.row(i);
    let told = columns > 2 ? 0 : 1;
    if (columns > 2) for (let c = 1; c < columns; c++) if (row[c]! > row[told]!) told = c;
    p[i] = row[told]!;
    return truth[i] === classes[told] ? 1 : 0;
  });
  return { p, right };
}

export function reliabilitySection({ judgement, subject }: Facts, drawing: Drawing): Section | undefined {
  const { classes } = subject;
  const judged = judgement?.targets[0];
  const proba = judged?.answers[0]?.predictions.proba;
  if (judged === undefined || classes === undefined || proba === undefined) return undefined;
  const truth = judged.truth as readonly Label[];
  const { p, right } = tellings(truth, proba, classes);
  const bins = calibrationTable(right, p, { positive: 1 });
  const two = classes.length === 2;
  const what = two
    ? `probability of ${short(judged.name, 16)} = ${short(String(classes[1]), 12)}`
    : 'probability of the likeliest class';
  const error = expectedCalibrationError(truth, proba, { classes });
  const figures = [
    ['expected calibration error', figure(error)],
    ['log loss', figure(logLoss(truth, proba, { classes }))],
    ['Brier score', figure(two ? brierScore(right, p, { positive: 1 }) : brierScore(truth, proba, { classes }))],
  ] as const;
  const { plot } = drawing;
  const error1 = (d: CalibrationBin) => Math.sqrt((d.fractionPositive * (1 - d.fractionPositive)) / d.count) || 0;
  const within = (share: number) => Math.min(1, Math.max(0, share));
  return {
    id: 'reliability',
    title: 'Whether its probabilities hold',
    body: html`<p>Of the rows told with a probability of 0.8, eight in ten should be so. On average the two lie ${percent(error)} apart (expected calibration error).</p>
<div class="pictures">${drawing.picture(
      {
        ...{ height: 340 },
        x: { domain: [0, 1], label: what },
        y: { domain: [0, 1], label: 'how often it is so', grid: true },
        r: { range: [3, 10], domain: [0, Math.max(...bins.map(({ count }) => count))], type: 'sqrt' },
        marks: [
          plot.line(
            [
              [0, 0],
              [1, 1],
            ],
            { stroke: ink.quiet, strokeDasharray: '4 3' },
          ),
          plot.ruleX(bins, {
            x: 'meanPredicted',
            y1: (d: CalibrationBin) => within(d.fractionPositive - 2 * error1(d)),
            y2: (d: CalibrationBin) => within(d.fractionPositive + 2 * error1(d)),
            stroke: ink.first,
            strokeOpacity: 0.5,
            strokeWidth: 2,
          }),
          plot.line(bins, { x: 'meanPredicted', y: 'fractionPositive', stroke: ink.first }),
          plot.dot(bins, { x: 'meanPredicted', y: 'fractionPositive', r: 'count', fill: ink.first }),
        ],
      },
      {
        alt: `Reliability diagram: ${bins.map((d) => `told ${figure(d.meanPredicted)}, so in ${percent(d.fractionPositive)} of ${whole(d.count)}`).join('; ')}.`,
        caption: html`Told against happened, in bins of probability; on the dashed line they agree. Larger dots are more rows; lines reach two standard errors.`,
        numbers: table(
          'Rows by probability',
          ['probability', ...['rows', 'mean probability', 'how often it is so'].map((text) => ({ text, numbers: true }))],
          bins.map((d) => [
            `${figure(d.low)} to ${figure(d.high)}`,
            whole(d.count),
            figure(d.meanPredicted),
            percent(d.fractionPositive),
          ]),
        ),
      },
    )}${drawing.picture(
      {
        ...{ height: 340 },
        x: { domain: [0, 1], label: what },
        y: { label: 'rows', grid: true },
        color: { domain: ['so', 'not so'], range: [ink.first, ink.second], legend: true },
        marks: [
          plot.rectY(
            Array.from(p, (value, i) => ({ value, of: right[i] === 1 ? 'so' : 'not so' })),
            plot.binX({ y: 'count' }, {
              x: 'value',
              fill: 'of',
              thresholds: Array.from({ length: 21 }, (_, k) => k / 20),
              inset: 0.5,
            } as object),
          ),
          plot.ruleY([0]),
        ],
      },
      {
        alt: `Histogram of the ${what} in ${counted(p.length, 'answer')}, by whether it is so.`,
        caption: html`How often each probability is told, and whether it is so (stacked).`,
      },
    )}</div>
${table('How well the probabilities hold; less is better', ['figure', { text: 'this model', numbers: true }], figures)}`,
  };
}

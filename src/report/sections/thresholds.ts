// From which probability on to say the second of two classes: what each threshold wins and costs.

import type { Label } from '../../data/labels.js';
import { MLPClassifier } from '../../estimators/classifier.js';
import { ink, type Drawing } from '../page/drawing.js';
import type { Facts } from '../facts/facts.js';
import { html, table } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { areaUnder, averagePrecision, outcomesAt, thresholdCurve, type ThresholdPoint } from '../facts/thresholdCurve.js';
import { figure, short, whole } from '../page/words.js';

export function thresholdsSection({ judgement, subject }: Facts, drawing: Drawing): Section | undefined {
  const { classes, model } = subject;
  const judged = judgement?.targets[0];
  const proba = judged?.answers[0]?.predictions.proba;
  if (judged === undefined || classes?.length !== 2 || proba === undefined) return undefined;
  const truth = judged.truth as readonly Label[];
  const second = Float64Array.from(truth, (_, i) => proba.data[2 * i + 1]!);
  const positive = truth.map((label) => label === classes[1]);
  const ones = positive.filter(Boolean).length;
  if (ones === 0 || ones === truth.length) return undefined;
  const curve = thresholdCurve(second, positive);
  const chosen = model instanceof MLPClassifier ? model.threshold : undefined;
  const marked = [
    { name: 'a half', threshold: 0.5 },
    ...(chosen === undefined || chosen === 0.5 ? [] : [{ name: 'chosen', threshold: chosen }]),
  ].map(({ name, threshold }) => ({ name, ...outcomesAt(second, positive, threshold) }));
  const best = curve.reduce((a, b) => (b.f1 > a.f1 ? b : a));
  const label = `${short(judged.name, 16)} = ${short(String(classes[1]), 12)}`;
  const { plot } = drawing;
  const auc = areaUnder(curve);
  const precision = averagePrecision(curve);
  const points = thinned(curve);
  const share = ones / truth.length;
  const marks = (x: keyof ThresholdPoint, y: keyof ThresholdPoint) => [
    plot.dot(marked, {
      x,
      y,
      r: 5,
      fill: ink.second,
      stroke: ink.paper,
      symbol: (d: { name: string }) => (d.name === 'chosen' ? 'diamond' : 'circle'),
    } as object),
    // One name above its dot and one below: the two often lie close together.
    ...marked.map((one) => {
      const above = one.name === 'chosen';
      return plot.text([one], {
        ...{ x, y, text: 'name', dx: above ? -8 : 8, dy: above ? -10 : 12, textAnchor: above ? 'end' : 'start' },
        ...{ stroke: ink.paper, fill: ink.text, strokeWidth: 4 },
      } as object);
    }),
  ];
  return {
    id: 'thresholds',
    title: 'Where to say yes',
    body: html`<p>The model says ${label} where its probability is above ${figure(chosen ?? 0.5)}${chosen === undefined ? html`, as long as no other threshold is chosen (<code>chooseThreshold</code>)` : ', the threshold that was chosen'}. A lower threshold finds more of them and is wrong more often.</p>
<div class="pictures">${drawing.picture(
      {
        ...{ height: 360, width: 380 },
        x: { domain: [0, 1], label: 'of the others, told so (false positive rate)' },
        y: { domain: [0, 1], label: 'found (recall)', grid: true },
        marks: [
          plot.line(
            [
              [0, 0],
              [1, 1],
            ],
            { stroke: ink.quiet, strokeDasharray: '4 3' },
          ),
          plot.line(points, { x: 'falsePositiveRate', y: 'recall', stroke: ink.first, strokeWidth: 2, curve: 'step-after' }),
          ...marks('falsePositiveRate', 'recall'),
        ],
      },
      {
        alt: `ROC curve of ${label}; the area under it is ${figure(auc)}. At a threshold of a half, ${figure(marked[0]!.recall)} are found and ${figure(marked[0]!.falsePositiveRate)} of the others are told so.`,
        caption: html`ROC curve; the area under it is ${figure(auc)} (a half is guessing, 1 is perfect).`,
      },
    )}${drawing.picture(
      {
        ...{ height: 360, width: 380 },
        x: { domain: [0, 1], label: 'found (recall)' },
        y: { domain: [0, 1], label: 'of those told so, right (precision)', grid: true },
        marks: [
          plot.ruleY([share], { stroke: ink.quiet, strokeDasharray: '4 3' }),
          plot.line(
            points.filter((d) => Number.isFinite(d.precision)),
            { x: 'recall', y: 'precision', stroke: ink.first, strokeWidth: 2, curve: 'step-before' },
          ),
          ...marks('recall', 'precision'),
        ],
      },
      {
        alt: `Precision against recall of ${label}; the average precision is ${figure(precision)}.`,
        caption: html`Precision and recall; the average precision is ${figure(precision)}, that of guessing ${figure(share)} (dashed).`,
      },
    )}</div>
${table(
  'What thresholds come to on the rows that judge; the last was looked for on these rows, so it flatters itself a little',
  [
    'threshold',
    ...['value', 'accuracy', 'precision', 'recall', 'F1', 'false alarms', 'missed'].map((text) => ({ text, numbers: true })),
  ],
  [...marked, { name: 'best F1', ...best }].map((d) => [
    d.name,
    ...[d.threshold, d.accuracy, d.precision, d.recall, d.f1].map(figure),
    whole(d.falsePositives),
    whole(d.falseNegatives),
  ]),
)}`,
  };
}

/** At most 200 points, the ends among them. */
function thinned(curve: readonly ThresholdPoint[]): readonly ThresholdPoint[] {
  const most = 200;
  if (curve.length <= most) return curve;
  return Array.from({ length: most }, (_, k) => curve[Math.round((k * (curve.length - 1)) / (most - 1))]!);
}

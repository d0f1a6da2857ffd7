// How far numbers miss: predictions beside the truth, and how the misses are spread.

import { ink, type Drawing } from '../page/drawing.js';
import type { Facts, JudgedTarget } from '../facts/facts.js';
import { html, table, type Markup } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { someOf } from '../facts/rows.js';
import { residualsOf } from '../facts/scores.js';
import { figure, onAxis, short } from '../page/words.js';

/** Dots of a picture: more are one blot, and weigh. */
const mostDots = 500;
const mostTargets = 6;

export function residualsSection({ judgement, subject, seed }: Facts, drawing: Drawing): Section | undefined {
  if (judgement === undefined || subject.classes !== undefined) return undefined;
  const { targets } = judgement;
  const shown = targets.slice(0, mostTargets);
  return {
    id: 'residuals',
    title: 'How far it misses',
    body: html`${shown.map((target) => html`${targets.length > 1 && html`<h3>${target.name}</h3>`}<div class="pictures">${pictures(target, seed, drawing)}</div>`)}
${table(
  'Residuals (truth minus prediction), in the units of the target',
  ['target', ...['mean', 'deviation', '5 %', '25 %', 'median', '75 %', '95 %'].map((text) => ({ text, numbers: true }))],
  targets.map(({ name, truth, answers }) => {
    const { bias, deviation, quantiles } = residualsOf(truth as Float64Array, answers[0]!.predictions.predicted as Float64Array);
    return [short(name, 40), ...[bias, deviation, ...quantiles].map(figure)];
  }),
)}`,
  };
}

function pictures({ name, truth, answers, isDate = false }: JudgedTarget, seed: number, drawing: Drawing): readonly Markup[] {
  const numbers = truth as Float64Array;
  const predicted = answers[0]!.predictions.predicted as Float64Array;
  const all = Array.from(numbers, (value, i) => ({ truth: value, predicted: predicted[i]!, residual: value - predicted[i]! }));
  const chosen = someOf(all.length, mostDots, seed, 'dots');
  const dots = chosen === undefined ? all : Array.from(chosen, (i) => all[i]!);
  const [low, high] = rangeOf(dots.flatMap((d) => [d.truth, d.predicted]));
  const { plot } = drawing;
  const day = (value: number) => onAxis([value], isDate)[0]!;
  const axis = isDate ? { type: 'utc' as const } : {};
  const label = short(name, 24);
  const { deviation, quantiles } = residualsOf(numbers, predicted);
  return [
    drawing.picture(
      {
        ...{ height: 340, marginLeft: 64 },
        x: { label: `predicted ${label}`, nice: true, ticks: 6, ...axis },
        y: { label: `true ${label}`, nice: true, grid: true, ...axis },
        marks: [
          plot.line(
            [
              [day(low), day(low)],
              [day(high), day(high)],
            ],
            { stroke: ink.quiet, strokeDasharray: '4 3' },
          ),
          plot.dot(dots, {
            x: (d: Dot) => day(d.predicted),
            y: (d: Dot) => day(d.truth),
            fill: ink.first,
            fillOpacity: 0.5,
            r: 2.5,
          }),
        ],
      },
      {
        alt: `Scatter of true ${name} against predicted ${name}, ${dots.length} rows; the deviation of the residuals is ${figure(deviation)}.`,
        caption: html`${dots.length < all.length ? `${dots.length} of ${all.length} rows, drawn at random` : `All ${all.length} rows`}: on the dashed line the prediction is right.`,
      },
    ),
    drawing.picture(
      {
        ...{ height: 340, marginLeft: 64 },
        x: { label: 'truth minus prediction', ticks: 4 },
        y: { label: 'rows', grid: true },
        marks: [
          plot.rectY(all, plot.binX({ y: 'count' }, { x: 'residual', fill: ink.first, thresholds: 40, inset: 0.5 } as object)),
          plot.ruleX([0], { stroke: ink.quiet, strokeDasharray: '4 3' }),
          plot.ruleY([0]),
        ],
      },
      {
        alt: `Histogram of the residuals of ${name}: half of them lie between ${figure(quantiles[1])} and ${figure(quantiles[3])}, nine of ten between ${figure(quantiles[0])} and ${figure(quantiles[4])}.`,
        caption: html`Residuals of all rows: half of them lie between ${figure(quantiles[1])} and ${figure(quantiles[3])}.`,
      },
    ),
  ];
}

interface Dot {
  readonly truth: number;
  readonly predicted: number;
}

function rangeOf(values: readonly number[]): [number, number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

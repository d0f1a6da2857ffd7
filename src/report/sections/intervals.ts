// How often intervals, or sets of classes, hold the truth, beside how often they say they do.

import { FeedforwardError } from '../../errors.js';
import { MLPClassifier } from '../../estimators/classifier.js';
import { MLPRegressor } from '../../estimators/regressor.js';
import { ink, type Drawing } from '../page/drawing.js';
import type { Facts } from '../facts/facts.js';
import { html, table, type Markup } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { countRows } from '../facts/rows.js';
import { counted, figure, percent, withError } from '../page/words.js';

const confidences = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

/** What intervals or sets of one confidence come to on the rows that judge. */
interface Held {
  readonly confidence: number;
  readonly coverage: number;
  /** Standard error of the coverage. */
  readonly error: number;
  /** Mean width, or mean number of classes. */
  readonly size: number;
}

export function intervalsSection(facts: Facts, drawing: Drawing): Section | undefined {
  const { judgement, subject } = facts;
  if (judgement?.unseen !== true) return undefined;
  const parts = judgement.targets.flatMap(({ name, truth }, k) => {
    const held = confidences.flatMap((confidence) => heldAt(facts, k, truth, confidence) ?? []);
    return held.length === 0 ? [] : [{ name, held }];
  });
  if (parts.length === 0) return undefined;
  const sets = subject.classes !== undefined;
  const several = parts.length > 1;
  return {
    id: 'intervals',
    title: sets ? 'Sets of classes, and how often they hold the truth' : 'Intervals, and how often they hold the truth',
    body: html`<p>${originOf(facts)}, counted on ${counted(countRows(facts.rows), 'row')} that judge.</p>
${parts.map(
  ({ name, held }) =>
    html`<div class="beside">${picture(several ? name : undefined, held, sets, drawing)}${table(
      `How often they hold the truth${several ? ` of ${name}` : ''}, and ${sets ? 'how many classes are in a set' : 'how wide they are'}`,
      [
        { text: 'confidence', numbers: true },
        { text: 'hold the truth', numbers: true },
        { text: sets ? 'classes in a set' : 'mean width', numbers: true },
      ],
      held.map((d) => [figure(d.confidence), `${withError(100 * d.coverage, 100 * d.error)} %`, figure(d.size)]),
    )}</div>`,
)}`,
  };
}

/**
 * Where intervals come from. Kept rows are never enough for this confidence, so that only a network that learnt a Gaussian has intervals of
 * it, and only before conformalize.
 */
function originOf(facts: Facts): string {
  const { model, classes } = facts.subject;
  if (model instanceof MLPRegressor && refusedAsNull(() => model.predictInterval(facts.rows, { confidence: 1 - 1e-12 })) !== null)
    return 'Intervals are bands of the Gaussian that the network learnt, which no kept rows have corrected (conformalize does)';
  return `${classes === undefined ? 'Intervals' : 'Sets of classes'} calibrated on rows that were kept from training (split conformal prediction)`;
}

/** What run gives; null where the model has no intervals or sets, or too few rows for this confidence. */
function refusedAsNull<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof FeedforwardError && (error.code === 'ERR_STATE' || error.code === 'ERR_OPTION')) return null;
    throw error;
  }
}

/** undefined where the model has no intervals or sets, or too few rows for this confidence. */
function heldAt({ subject, rows }: Facts, target: number, truth: ArrayLike<unknown>, confidence: number): Held | undefined {
  const { model } = subject;
  const count = countRows(rows);
  let [held, size] = [0, 0];
  if (model instanceof MLPRegressor) {
    const intervals = refusedAsNull(() => model.predictInterval(rows, { confidence }));
    if (intervals === null) return undefined;
    const { data, shape } = intervals;
    for (let i = 0; i < count; i++) {
      const [low, high] = [data[i * shape[1] + 2 * target]!, data[i * shape[1] + 2 * target + 1]!];
      const value = truth[i] as number;
      if (low <= value && value <= high) held++;
      size += high - low;
    }
  } else if (model instanceof MLPClassifier) {
    const sets = refusedAsNull(() => model.predictSet(rows, { confidence }));
    if (sets === null) return undefined;
    sets.forEach((set, i) => {
      if (set.includes(truth[i] as never)) held++;
      size += set.length;
    });
  } else return undefined;
  const coverage = held / count;
  return { confidence, coverage, error: Math.sqrt((coverage * (1 - coverage)) / count), size: size / count };
}

function picture(name: string | undefined, held: readonly Held[], sets: boolean, drawing: Drawing): Markup {
  const { plot } = drawing;
  const within = (share: number) => Math.min(1, Math.max(0, share));
  const low = Math.floor(10 * Math.min(...held.map((d) => Math.min(d.confidence, d.coverage - 2 * d.error)))) / 10;
  return drawing.picture(
    {
      ...{ height: 320 },
      x: { domain: [low, 1], label: 'asked for' },
      y: { domain: [low, 1], label: 'hold the truth', grid: true },
      marks: [
        plot.line(
          [
            [low, low],
            [1, 1],
          ],
          { stroke: ink.quiet, strokeDasharray: '4 3' },
        ),
        plot.ruleX(held, {
          x: 'confidence',
          y1: (d: Held) => within(d.coverage - 2 * d.error),
          y2: (d: Held) => within(d.coverage + 2 * d.error),
          stroke: ink.first,
          strokeOpacity: 0.5,
          strokeWidth: 2,
        }),
        plot.dot(held, { x: 'confidence', y: 'coverage', fill: ink.first, r: 4 }),
      ],
    },
    {
      alt: `Coverage of ${sets ? 'sets' : 'intervals'}${name === undefined ? '' : ` of ${name}`}: ${held.map((d) => `asked ${percent(d.confidence)}, held ${percent(d.coverage)}`).join('; ')}.`,
      caption: html`${name !== undefined && `${name}: `}on the dashed line they hold the truth as often as asked; lines reach two standard errors of these rows.`,
    },
  );
}

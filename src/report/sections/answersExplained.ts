// Single rows with their explanations: those the model was surest about and wrong, and one it was sure about and right.

import type { Label } from '../../data/labels.js';
import { explain, type Explanation } from '../../explain/explain.js';
import { ink, type Drawing } from '../page/drawing.js';
import type { Facts, JudgedTarget } from '../facts/facts.js';
import { html, table, type Markup } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { countRows, rowsAt } from '../facts/rows.js';
import { cellText, change, counted, dayText, figure, short } from '../page/words.js';

const mostWrong = 3;
const mostParts = 8;

/** A row to explain. */
interface Case {
  readonly row: number;
  readonly right: boolean;
  /** What was said and what is true, in words. */
  readonly words: string;
  readonly target: number;
  readonly label: Label | undefined;
}

export function explainedSection(facts: Facts, drawing: Drawing): Section | undefined {
  const { judgement, subject, rows, background, seed, budget } = facts;
  const judged = judgement?.targets[0];
  if (judged === undefined) return undefined;
  const cases = subject.classes === undefined ? furthest(judged, countRows(rows)) : surest(judged, countRows(rows), facts);
  if (cases.length === 0) return undefined;
  const explained = cases.map((one): { one: Case; found: Explanation; what: string } => {
    const { output, what } = subject.explained(one.target, one.label);
    const found = explain(subject.explainable, rowsAt(rows, Uint32Array.of(one.row)), {
      ...{ background, output, seed, budget: budget / cases.length },
      ...(subject.model === subject.explainable ? {} : { groups: subject.features }),
    });
    return { one, found, what };
  });
  const { method } = explained[0]!.found;
  return {
    id: 'rows',
    title: subject.classes === undefined ? 'The rows it missed most' : 'The rows it was surest about, and wrong',
    body: html`<p>What each column adds to the answer for the row, or takes from it: Shapley values, ${method === 'exact' ? 'exact' : 'by random orders of the columns'}. From the mean answer over ${counted(countRows(background), 'row')} that stand for “not known”, the parts add up to the answer.${!judgement!.unseen && ' The model is the one that learnt from all rows; what was said is by the model of the fold that had not seen the row.'}</p>
<div class="pictures">${explained.map(({ one, found, what }) => picture(one, found, what, facts, drawing))}</div>`,
  };
}

/** The wrong answers with the largest probability (the largest score, where there are none), and the surest right one. */
function surest({ truth, answers, name }: JudgedTarget, count: number, { subject, rows }: Facts): Case[] {
  const { predicted, proba } = answers[0]!.predictions;
  const classes = subject.classes!;
  const scores = proba === undefined ? scoresFor(subject, rows) : undefined;
  const sure = (row: number) =>
    proba === undefined ? Math.abs(scores![row]!) : proba.row(row)[classes.indexOf((predicted as Label[])[row]!)]!;
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => sure(b) - sure(a) || a - b);
  const isRight = (row: number) => truth[row] === predicted[row];
  const chosen = [...order.filter((row) => !isRight(row)).slice(0, mostWrong), ...order.filter(isRight).slice(0, 1)];
  return chosen.map((row) => {
    const label = (predicted as Label[])[row]!;
    const how = proba === undefined ? '' : ` with probability ${figure(sure(row))}`;
    return {
      ...{ row, right: isRight(row), target: 0, label },
      words: `${name}: said ${String(label)}${how}; ${isRight(row) ? 'right' : `the truth is ${String(truth[row])}`}`,
    };
  });
}

/** Distances of a model without probabilities. */
function scoresFor({ explainable }: Facts['subject'], rows: Facts['rows']): ArrayLike<number> {
  return typeof explainable === 'function'
    ? (explainable(rows as never) as ArrayLike<number>)
    : new Float64Array(countRows(rows));
}

/** The largest residuals. */
function furthest({ truth, answers, name, isDate = false }: JudgedTarget, count: number): Case[] {
  const predicted = answers[0]!.predictions.predicted as Float64Array;
  const miss = (row: number) => Math.abs((truth[row] as number) - predicted[row]!);
  const text = isDate ? dayText : figure;
  const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => miss(b) - miss(a) || a - b);
  return order.slice(0, mostWrong + 1).map((row) => ({
    ...{ row, right: false, target: 0, label: undefined },
    words: `${name}: said ${text(predicted[row]!)}; the truth is ${text(truth[row] as number)}`,
  }));
}

interface Part {
  readonly name: string;
  readonly adds: number;
  readonly holds: string;
}

function picture(
  { row, words }: Case,
  { base, values, predictions, featureNames }: Explanation,
  what: string,
  facts: Facts,
  drawing: Drawing,
): Markup {
  const text = facts.judgement?.targets[0]?.isDate ? dayText : figure; // of the answer
  const parts = partsOf(values.row(0), featureNames, row, facts);
  const { plot } = drawing;
  const name = ({ name: column, holds }: Part) => (holds === '' ? column : `${short(column, 14)} = ${short(holds, 9)}`);
  const labels = new Map(parts.map((part, k) => [part.name, `${k}\u0000${name(part)}`]));
  const domain = parts.map((part) => labels.get(part.name)!);
  return drawing.picture(
    {
      ...{ height: 64 + 26 * parts.length, marginLeft: 168, marginRight: 52 },
      x: { label: `adds to ${short(what, 36)}`, grid: true, nice: true, ticks: 5 },
      y: { label: null, domain, tickFormat: (text: string) => text.split('\u0000')[1]! },
      marks: [
        plot.barX(parts, {
          x: 'adds',
          y: (d: Part) => labels.get(d.name),
          fill: (d: Part) => (d.adds < 0 ? ink.second : ink.first),
        }),
        plot.text(parts, {
          ...{ x: (d: Part) => Math.max(0, d.adds), y: (d: Part) => labels.get(d.name) },
          text: (d: Part) => change(d.adds),
          textAnchor: 'start',
          dx: 4,
        }),
        plot.ruleX([0]),
      ],
    },
    {
      alt: `${facts.where(row)}. ${words}. The ${what} is ${text(predictions[0]!)}, of which ${text(base)} is the mean; ${parts.map((d) => `${d.name}${d.holds === '' ? '' : ` being ${d.holds}`} adds ${change(d.adds)}`).join(', ')}.`,
      caption: html`<strong>${facts.where(row)}</strong>. ${words}. ${text(base)} (mean) ${predictions[0]! < base ? '\u2212' : '+'} ${figure(Math.abs(predictions[0]! - base))} = ${text(predictions[0]!)}.`,
      numbers: table(
        `What each column adds to the ${what}`,
        ['column', 'holds', { text: 'adds', numbers: true }],
        partsOf(values.row(0), featureNames, row, facts, 40).map((d) => [short(d.name, 40), d.holds, change(d.adds)]),
      ),
    },
  );
}

/** The largest parts, and what the others come to together. */
function partsOf(
  values: ArrayLike<number>,
  names: readonly string[],
  row: number,
  { table: people }: Facts,
  most: number = mostParts,
): Part[] {
  const order = names.map((_, j) => j).sort((a, b) => Math.abs(values[b]!) - Math.abs(values[a]!));
  const parts = order.slice(0, most).map((j): Part => {
    const name = names[j]!;
    const column = people.has(name) ? people.column(name) : undefined;
    return { name, adds: values[j]!, holds: column === undefined ? '' : cellText(people.cell(row, name), column.type) };
  });
  const rest = order.slice(most);
  if (rest.length === 0) return parts;
  return [
    ...parts,
    { name: counted(rest.length, 'other column'), adds: rest.reduce((sum, j) => sum + values[j]!, 0), holds: '' },
  ];
}

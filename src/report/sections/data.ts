// What the data is: its columns, what they hold, and the target.

import { isFloat64 } from '../../brands.js';
import type { ColumnSummary } from '../../data/table.js';
import type { Drawing } from '../page/drawing.js';
import { ink } from '../page/drawing.js';
import type { Facts, JudgedTarget } from '../facts/facts.js';
import { html, list, table, type Markup } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { cellText, counted, dayText, figure, onAxis, percent, short, whole } from '../page/words.js';

const mostColumns = 60;

export function dataSection(facts: Facts, drawing: Drawing): Section {
  const { data, judgement, subject } = facts;
  const { columns, rows, used, source, described } = data;
  const shown = columns.slice(0, mostColumns);
  const rest = columns.length - shown.length;
  return {
    id: 'data',
    title: 'The data',
    body: html`<p>${counted(rows, 'row')} and ${counted(columns.length, 'column')}${source !== undefined && html` of <code>${source}</code>`}; these are ${described}.
${data.trainedOn !== undefined && `${counted(data.trainedOn, 'row')} trained.`} ${judgement !== undefined && `${counted(judgement.rows, 'row')} judged.`}</p>
${table(
  'Columns, what they hold, and whether the model reads them',
  ['column', 'type', { text: 'missing', numbers: true }, 'holds', 'role'],
  shown.map((column) => [
    short(column.name, 40),
    column.type,
    column.missing === 0 ? '0' : `${whole(column.missing)} (${percent(column.missing / column.rows)})`,
    holds(column),
    subject.targets.includes(column.name) ? 'target' : used.has(column.name) ? 'read' : 'left out',
  ]),
)}
${rest > 0 && html`<p>And ${counted(rest, 'column')} more.</p>`}
${data.leftOut.length > 0 && html`<h3 id="left-out">What was left out, and why</h3>${list(data.leftOut)}`}
${judgement !== undefined && html`<div class="pictures">${judgement.targets.slice(0, 4).map((target) => targetPicture(target, drawing))}</div>`}`,
  };
}

/** What is in a column, in a line. */
function holds({ type, min, max, mean, deviation, categories, rows, missing }: ColumnSummary): string {
  const present = rows - missing;
  if (present === 0) return 'nothing';
  if (type === 'categorical') {
    if (categories === undefined) return 'more than 1,000 different texts';
    const most = categories.slice(0, 4).map(({ value, count }) => `${short(value, 20)} (${percent(count / present)})`);
    return `${counted(categories.length, 'category', 'categories')}: ${most.join(', ')}${categories.length > 4 ? ', …' : ''}`;
  }
  if (type === 'boolean') return `true in ${percent(mean!)}`;
  const range = min === max ? `always ${cellText(min!, type)}` : `${cellText(min!, type)} to ${cellText(max!, type)}`;
  return type === 'date' || min === max ? range : `${range}; mean ${figure(mean)}, deviation ${figure(deviation)}`;
}

/** How often each answer is true among the rows that judge. */
function targetPicture({ name, truth, isDate = false }: JudgedTarget, drawing: Drawing): Markup {
  const { plot } = drawing;
  const label = short(name, 30);
  if (isFloat64(truth)) {
    const values = onAxis(Array.from(truth), isDate);
    const text = isDate ? dayText : figure;
    const [low, high] = [truth.reduce((a, b) => Math.min(a, b)), truth.reduce((a, b) => Math.max(a, b))];
    return drawing.picture(
      {
        x: { label, nice: true, ...(isDate ? { type: 'utc' as const } : {}) },
        y: { label: 'rows', grid: true },
        marks: [
          plot.rectY(
            values,
            plot.binX({ y: 'count' }, {
              x: (value: number | Date) => value,
              fill: ink.first,
              thresholds: 30,
              inset: 0.5,
            } as object),
          ),
          plot.ruleY([0]),
        ],
      },
      {
        alt: `Histogram of ${name} in ${counted(truth.length, 'row')}, from ${text(low)} to ${text(high)}.`,
        caption: html`How ${label} is spread over the rows that judge.`,
      },
    );
  }
  const counts = new Map<string, number>();
  for (const value of truth) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  const all = [...counts].sort((a, b) => b[1] - a[1]).map(([value, count]) => ({ value, count }));
  const bars = all.slice(0, 20);
  return drawing.picture(
    {
      ...{ height: 60 + 24 * bars.length, marginLeft: 110, marginRight: 48 },
      x: { label: 'rows', grid: true },
      y: { label: null, domain: bars.map(({ value }) => value), tickFormat: (value: string) => short(value, 14) },
      marks: [
        plot.barX(bars, { x: 'count', y: 'value', fill: ink.first }),
        plot.text(bars, {
          x: 'count',
          y: 'value',
          text: ({ count }: { count: number }) => whole(count),
          textAnchor: 'start',
          dx: 4,
        }),
        plot.ruleX([0]),
      ],
    },
    {
      alt: `Rows of each class of ${name}: ${bars
        .slice(0, 8)
        .map(({ value, count }) => `${value} ${whole(count)}`)
        .join(', ')}.`,
      caption: html`How often each ${label} is true among the rows that judge${all.length > bars.length && ` (the ${bars.length} most frequent of ${all.length})`}.`,
    },
  );
}

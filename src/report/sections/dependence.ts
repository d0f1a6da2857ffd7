// How the answer goes with each of the columns that matter most: the mean over rows in which that column alone is changed, and how rows differ.

import { countsOf, type Label } from '../../data/labels.js';
import { quantile } from '../../data/quantiles.js';
import type { ColumnType } from '../../data/table.js';
import { partialDependence, type PartialDependence } from '../../explain/partialDependence.js';
import { ink, type Drawing } from '../page/drawing.js';
import type { Facts } from '../facts/facts.js';
import { html, type Markup } from '../page/markup.js';
import type { Section } from '../page/page.js';
import { countRows, someRows } from '../facts/rows.js';
import { cellText, counted, dayText, figure, onAxis, short } from '../page/words.js';

const mostColumns = 6;
const mostRows = 400;
const grid = 30;
const mostCategories = 12;
/** Of many classes, those that most rows are of. */
const mostClasses = 4;
const mostTargets = 3;

/** One thing whose dependence is drawn: an output of the model. */
interface Output {
  readonly name: string;
  readonly output: number;
}

export function dependenceSection(facts: Facts, drawing: Drawing): Section | undefined {
  const { subject, importance, rows, seed } = facts;
  const known = new Set(subject.features.map(({ name }) => name));
  const columns = importance.filter(({ name, mean }) => known.has(name) && mean > 0);
  const some = someRows(rows, mostRows, seed, 'dependence');
  const groups = outputsOf(facts);
  const parts = groups.map(({ what, outputs }) => {
    const found = columns.slice(0, groups.length > 1 ? 4 : mostColumns).flatMap(({ name: column }): Drawn[] => {
      const curves = outputs.flatMap(({ output, name: of }): Curve[] => {
        const dependence = dependenceOf(facts, some, column, output);
        return dependence === undefined ? [] : [{ of, dependence, points: pointsOf(dependence, of) }];
      });
      return curves.length === 0 ? [] : [{ column, curves }];
    });
    // One scale for all, so that one sees which column moves the answer most.
    const reach = found.flatMap(({ curves }) =>
      curves.flatMap(({ points }) => points.flatMap((d) => (outputs.length > 1 ? [d.mean] : [d.low, d.high]))),
    );
    const domain = [Math.min(...reach), Math.max(...reach)] as const;
    return { what, pictures: found.map((drawn) => picture(drawn, what, domain, facts, drawing)) };
  });
  if (parts.every(({ pictures }) => pictures.length === 0)) return undefined;
  return {
    id: 'dependence',
    title: 'How the answer goes with each column',
    body: html`<p>Partial dependence: the mean answer over ${counted(countRows(some), 'row')} when the column has that value in all of them and the others stay as they are.${groups[0]!.outputs.length === 1 && ' The band holds eight in ten of the rows: where it is wide, other columns decide.'} All pictures have one scale; combinations that do not occur are counted too.</p>
${parts.map(({ what, pictures }) => html`${parts.length > 1 && html`<h3>${what}</h3>`}<div class="pictures">${pictures}</div>`)}`,
  };
}

/** What is drawn together: of many classes the most frequent ones, of several targets each by itself. */
function outputsOf({ subject, judgement }: Facts): { readonly what: string; readonly outputs: readonly Output[] }[] {
  const { classes, targets } = subject;
  if (classes === undefined)
    return targets
      .slice(0, mostTargets)
      .map((name, k) => ({ what: name, outputs: [{ name, output: subject.explained(k, undefined).output }] }));
  if (classes.length === 2) {
    const { what, output } = subject.explained(0, classes[1]);
    return [{ what, outputs: [{ name: String(classes[1]), output }] }];
  }
  const counts = countsOf((judgement?.targets[0]?.truth ?? []) as readonly Label[]);
  const shown = [...classes].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, mostClasses);
  return [
    { what: 'probability', outputs: shown.map((label) => ({ name: String(label), output: subject.explained(0, label).output })) },
  ];
}

/** undefined for a column that has one value among these rows. */
function dependenceOf({ subject }: Facts, rows: Facts['rows'], column: string, output: number): PartialDependence | undefined {
  const place = subject.features.findIndex(({ name }) => name === column);
  try {
    const found = partialDependence(subject.explainable, rows, place, { grid, individual: true, output });
    return found.grid.length < 2 || found.type === 'group' ? undefined : found;
  } catch {
    return undefined; // percentiles that are one value: nothing to draw
  }
}

interface Point {
  readonly x: number | string | Date;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly of: string;
}

function pointsOf({ grid: values, values: means, individual, type }: PartialDependence, of: string): Point[] {
  const [rows, columns] = individual!.shape;
  return values.map((value, k) => {
    const answers = Float64Array.from({ length: rows }, (_, i) => individual!.data[i * columns + k]!).sort();
    const x = typeof value === 'number' ? onAxis([value], type === 'date')[0]! : String(value);
    return { x, mean: means[k]!, low: quantile(answers, 0.1), high: quantile(answers, 0.9), of };
  });
}

/** One output's dependence on a column. */
interface Curve {
  readonly of: string;
  readonly dependence: PartialDependence;
  readonly points: readonly Point[];
}

/** A column, and how each output depends on it. */
interface Drawn {
  readonly column: string;
  readonly curves: readonly Curve[];
}

function picture(
  { column, curves: found }: Drawn,
  what: string,
  domain: readonly [number, number],
  facts: Facts,
  drawing: Drawing,
): Markup {
  const { type } = found[0]!.dependence;
  const points = found.flatMap((curve) => curve.points);
  const several = found.length > 1;
  const { plot } = drawing;
  const colours = [ink.first, ink.second, ink.third, ink.fourth];
  const color = {
    domain: found.map(({ of }) => of),
    range: colours.slice(0, found.length),
    legend: several,
    tickFormat: (name: string) => short(name, 20),
  };
  const isDate = facts.judgement?.targets[0]?.isDate === true;
  const answer = isDate ? dayText : figure;
  const words = {
    alt: `Mean ${what} by ${column}: ${found.map(({ of, dependence }) => `${several ? `${of} ` : ''}${described(dependence, answer)}`).join('; ')}.`,
    caption: html`${short(column, 40)}`,
  };
  const y = { label: short(what, 44), grid: true, nice: true, domain, ...(isDate ? { tickFormat: dayText } : {}) };
  if (type === 'categorical' || type === 'boolean') {
    const names = categoriesShown(found[0]!.dependence, facts, column);
    const shown = points.filter(({ x }) => names.includes(x as string));
    return drawing.picture(
      {
        ...{ color, height: 60 + (several ? 20 : 0) + 26 * names.length, marginLeft: 130 },
        x: y,
        y: { label: null, domain: names, type: 'point', tickFormat: (name: string) => short(name, 17) },
        marks: [
          several
            ? null
            : plot.ruleY(shown, { y: 'x', x1: 'low', x2: 'high', stroke: ink.first, strokeOpacity: 0.35, strokeWidth: 6 }),
          plot.dot(shown, { y: 'x', x: 'mean', fill: 'of', r: 5 }),
        ],
      },
      {
        ...words,
        caption: html`${short(column, 40)}${names.length < found[0]!.dependence.grid.length && ` (the ${names.length} most frequent of ${found[0]!.dependence.grid.length})`}`,
      },
    );
  }
  return drawing.picture(
    {
      color,
      x: { label: short(column, 30), ticks: 6, ...(type === 'date' ? { type: 'utc' as const } : {}) },
      y,
      marks: [
        several ? null : plot.areaY(points, { x: 'x', y1: 'low', y2: 'high', fill: ink.first, fillOpacity: 0.18 }),
        plot.lineY(points, { x: 'x', y: 'mean', stroke: 'of', strokeWidth: 2 }),
        points.length > 12 * found.length ? null : plot.dot(points, { x: 'x', y: 'mean', fill: 'of', r: 3 }),
        plot.tickX(deciles(facts, column, type), {
          x: (value) => value as number,
          stroke: ink.quiet,
          insetTop: 206,
          strokeOpacity: 0.8,
        }),
      ],
    },
    { ...words, caption: html`${short(column, 40)}; ticks at the bottom part its rows into tenths.` },
  );
}

/** Values below which one tenth, two tenths, … of the rows lie, within the grid. */
function deciles({ table }: Facts, column: string, type: ColumnType | 'group'): (number | Date)[] {
  const cells = table.column(column);
  if (cells.type === 'categorical') return [];
  const sorted = cells.values.filter((value) => value === value).sort();
  const shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
  const values = [...new Set(shares.map((share) => quantile(sorted, share)))];
  return [...onAxis(values, type === 'date')];
}

/** The categories of a picture, the largest mean first. */
function categoriesShown({ grid: values, values: means }: PartialDependence, { table }: Facts, column: string): string[] {
  const cells = table.column(column);
  const counts = new Map<string, number>();
  for (let i = 0; i < table.rows; i++) {
    const name = cells.type === 'categorical' ? cells.categories[cells.codes[i]!] : String(cells.values[i] === 1);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const names = values.map(String);
  const frequent = [...names].sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0)).slice(0, mostCategories);
  return frequent.sort((a, b) => means[names.indexOf(b)]! - means[names.indexOf(a)]!);
}

function described({ grid: values, values: means, type }: PartialDependence, answer: (value: number) => string): string {
  const text = (k: number) => {
    const value = values[k]!;
    return typeof value === 'number'
      ? type === 'date'
        ? dayText(value)
        : figure(value)
      : cellText(String(value), 'categorical');
  };
  const order = Array.from(means.keys()).sort((a, b) => means[a]! - means[b]!);
  const [low, high] = [order[0]!, order[order.length - 1]!];
  return `least ${answer(means[low]!)} at ${text(low)}, most ${answer(means[high]!)} at ${text(high)}`;
}

// Charts as one SVG: Observable Plot draws axes, lines, dots and contours; this file chooses colours, ticks and how panels stand
// beside each other. The picture has its own ground and follows the reader's light or dark. Charts are described in terminal.js.

import { createRequire } from 'node:module';
import { FeedforwardError } from 'feedforward';
import { axesOf } from './terminal.js';

const panel = { width: 440, height: 300, left: 62, right: 22, top: 30, bottom: 44 };
const heading = 22;
const line = 20; // of the legend
const fontSize = 14;

/** Okabe and Ito's colours, as dark or as light as the ground needs, told apart by dashes too where two are alike. */
const light = ['#0072b2', '#c65a00', '#00795a', '#a8427c', '#8a6d00', '#4a5568', '#d4380d', '#7048a8'];
const dark = ['#56b4e9', '#f0a050', '#3ccba0', '#e29cc6', '#e6d04a', '#a8b3c0', '#ff8a75', '#b99cf0'];
const colours = light.map((_, i) => `var(--c${i})`);
const variables = (list) => list.map((colour, i) => `--c${i}:${colour}`).join(';');
const style =
  `svg{color:#1b1f24;--paper:#fff;--plot-background:#fff;--quiet:#6b7480;${variables(light)};font-family:system-ui,sans-serif}` +
  `@media(prefers-color-scheme:dark){svg{color:#e6e9ed;--paper:#14171b;--plot-background:#14171b;--quiet:#97a1ac;${variables(dark)}}}`;

/**
 * Observable Plot and a document to draw in, from where the page or the program runs.
 * @throws ERR_UNSUPPORTED naming what to install.
 */
export async function loadPlot() {
  const [Plot, linkedom] = await Promise.all(['@observablehq/plot', 'linkedom'].map(load));
  return { Plot, document: linkedom.parseHTML('<!doctype html><html><body></body></html>').document };
}

async function load(name) {
  try {
    return await import(name);
  } catch (error) {
    try {
      return createRequire(`${process.cwd()}/`)(name);
    } catch {
      const text = `--svg needs the packages @observablehq/plot and linkedom, and ${name} is not installed. npm install @observablehq/plot linkedom, or leave --svg out.`;
      throw new FeedforwardError('ERR_UNSUPPORTED', text, { package: name }, error);
    }
  }
}

/** The charts side by side, `perRow` to a row, as the text of an SVG. */
export function svg(charts, drawing, { perRow = 2 } = {}) {
  const columns = Math.min(perRow, charts.length);
  const rows = Array.from({ length: Math.ceil(charts.length / columns) }, (_, r) => charts.slice(r * columns, (r + 1) * columns));
  const width = columns * panel.width;
  const parts = [];
  let top = 0;
  for (const row of rows) {
    const legends = row.map(legendOf);
    row.forEach((chart, i) => {
      const left = i * panel.width;
      parts.push(plotOf(chart, drawing).replace('<svg ', `<svg x="${left}" y="${top + heading}" `));
      parts.push(`<g transform="translate(${left} ${top})">${titleOf(chart)}${legends[i].drawn}</g>`);
    });
    top += heading + panel.height + Math.max(...legends.map(({ lines }) => lines)) * line + 12;
  }
  const words = escaped(charts.map(({ title }) => title).join('; '));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top}" width="${width}" height="${top}" role="img" aria-label="${words}"><style>${style}</style><rect width="${width}" height="${top}" fill="var(--paper)"/>${parts.join('')}</svg>\n`;
}

function titleOf({ title }) {
  return `<text x="${panel.left}" y="19" font-size="15" font-weight="600" fill="currentColor">${escaped(title)}</text>`;
}

function plotOf(chart, { Plot, document }) {
  const axes = axesOf(chart);
  const cut = [chart.x, chart.y].some((axis) => axis?.from !== undefined || axis?.to !== undefined);
  const options = { clip: cut, strokeLinejoin: 'round' };
  const { surface, series = [], rules = [] } = chart;
  const drawn = Plot.plot({
    document,
    width: panel.width,
    height: panel.height,
    marginLeft: panel.left,
    marginRight: panel.right,
    marginTop: panel.top,
    marginBottom: panel.bottom,
    style: { fontSize: `${fontSize}px`, overflow: 'visible' },
    x: scaleOf(axes.x),
    y: scaleOf(axes.y),
    marks: [
      Plot.axisX(ticksOf(axes.x), { ...wordsOf(axes.x), labelAnchor: 'center', labelOffset: 38 }),
      Plot.axisY(ticksOf(axes.y), { ...wordsOf(axes.y), labelAnchor: 'top', labelOffset: panel.left - 4 }),
      ...(surface === undefined ? [Plot.gridX({ ticks: ticksOf(axes.x) }), Plot.gridY({ ticks: ticksOf(axes.y) })] : []),
      ...(surface === undefined ? [] : surfaceOf(Plot, surface)),
      Plot.frame({ stroke: 'var(--quiet)', strokeOpacity: 0.5 }),
      ...rules.flatMap((rule) => ruleOf(Plot, rule, axes)),
      ...series.map(({ points, dots, dashed }, s) => {
        const stroke = colours[s % colours.length];
        if (dots)
          return Plot.dot(usable(points, axes), { fill: stroke, fillOpacity: 0.8, r: points.length < 20 ? 5 : 2.6, ...options });
        const strokeDasharray = dashed ? '7 4' : undefined;
        return Plot.line(thin(points, axes), { stroke, strokeWidth: 2, strokeDasharray, ...options });
      }),
    ],
  });
  return cleaned(drawn.outerHTML);
}

function scaleOf({ log, low, high }) {
  return { type: log ? 'log' : 'linear', domain: [low, high], axis: null };
}

/** Every tick has its text: Plot leaves some out where it formats those of a logarithmic axis itself. */
function wordsOf({ label }) {
  return { text: tickText, label: label === '' ? null : label, labelArrow: 'none' };
}

/** Contours at the levels, the higher the stronger; or the region above the first level shaded. */
function surfaceOf(Plot, { across: [x1, x2], up: [y1, y2], columns, values, levels, sides }) {
  const where = { width: columns, height: values.length / columns, x1, x2, y1, y2, clip: true };
  if (sides)
    return [
      Plot.frame({ fill: colours[0], fillOpacity: 0.14, stroke: null }),
      Plot.contour(values, { ...where, thresholds: [levels[0]], fill: colours[1], fillOpacity: 0.3, stroke: 'currentColor' }),
    ];
  return [Plot.contour(values, { ...where, thresholds: levels, fill: 'none', stroke: 'var(--quiet)', strokeOpacity: 0.75 })];
}

/** A line at a value, with its name along it. */
function ruleOf(Plot, { x, y, label }, axes) {
  const words = { fill: 'currentColor', stroke: 'var(--paper)', strokeWidth: 4 };
  const dashes = { stroke: 'currentColor', strokeDasharray: '2 3' };
  if (x === undefined)
    return [
      Plot.ruleY([y], dashes),
      Plot.text([label], { ...words, y: () => y, text: (d) => d, frameAnchor: 'left', dx: 5, dy: -9, textAnchor: 'start' }),
    ];
  const late = axes.x.place(x) > 0.5;
  return [
    Plot.ruleX([x], dashes),
    Plot.text([label], {
      ...{ ...words, x: () => x, text: (d) => d, frameAnchor: 'top' },
      ...{ dx: late ? -5 : 5, dy: 6, textAnchor: late ? 'end' : 'start' },
    }),
  ];
}

/** Names beside a piece of their line or a dot, in as many lines as they take. */
function legendOf({ series = [] }) {
  if (series.length < 2 && !series[0]?.name) return { lines: 0, drawn: '' };
  let [at, row] = [panel.left, 0];
  const drawn = series.map(({ name, dots, dashed }, s) => {
    const wide = 42 + 7.2 * name.length;
    if (at > panel.left && at + wide > panel.width) [at, row] = [panel.left, row + 1];
    const [x, y] = [Math.round(at), heading + panel.height + 8 + line * row];
    at += wide;
    const colour = colours[s % colours.length];
    const sample = dots
      ? `<circle cx="${x + 12}" cy="${y}" r="4" fill="${colour}"/>`
      : `<path d="M${x} ${y}h24" stroke="${colour}" stroke-width="2.5"${dashed ? ' stroke-dasharray="7 4"' : ''}/>`;
    return `${sample}<text x="${x + 30}" y="${y + 5}" font-size="${fontSize}" fill="currentColor">${escaped(name)}</text>`;
  });
  return { lines: row + 1, drawn: drawn.join('') };
}

/** Round numbers along an axis: powers of ten, their halves and fifths where there are few, or a handful of steps. */
function ticksOf({ log, low, high }) {
  if (!log) return steps(low, high);
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const span = Math.log10(high / low);
  if (span < 0.8) return steps(low, high);
  if (span < 2.6) {
    const all = [];
    for (let power = first - 1; power <= last; power++) for (const k of [1, 2, 5]) all.push(Number(`${k}e${power}`));
    return all.filter((v) => v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9));
  }
  const every = Math.max(1, Math.ceil(span / 7));
  const all = [];
  for (let power = Math.ceil(first / every) * every; power <= last; power += every) all.push(Number(`1e${power}`));
  return all;
}

function steps(low, high) {
  const rough = (high - low) / 5;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * size).find((s) => s >= rough * 0.8);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(Number((i * step).toPrecision(10)));
  return found;
}

const raised = { '-': '⁻', 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹' };

function tickText(value) {
  const size = Math.abs(value);
  if (size === 0 || (size < 1e4 && size >= 1e-3)) return String(value).replace('-', '−');
  const [digits, power] = value.toExponential().split('e');
  const raisedPower = [...power.replace('+', '')].map((c) => raised[c]).join('');
  return `${digits === '1' ? '' : `${digits} × `}10${raisedPower}`;
}

/** Points that both axes have a place for. */
function usable(points, { x, y }) {
  return points.filter(([at, value]) => Number.isFinite(x.place(at)) && Number.isFinite(y.place(value)));
}

/**
 * A line of more points than pixels, thinned: of each column of two pixels the first, the least, the greatest and the last, so that
 * no cliff and no peak goes. Points without a place leave a gap.
 */
function thin(points, { x, y }) {
  const placed = points.map(([at, value]) =>
    Number.isFinite(x.place(at)) && Number.isFinite(y.place(value)) ? [at, value] : [at, Number.NaN],
  );
  if (placed.length <= 240) return placed;
  const columns = new Map();
  for (const point of placed) {
    const column = Math.floor((x.place(point[0]) * (panel.width - panel.left - panel.right)) / 2);
    columns.set(column, [...(columns.get(column) ?? []), point]);
  }
  return [...columns.values()].flatMap((run) => {
    const values = run.map(([, value]) => value);
    const kept = [0, values.indexOf(Math.min(...values)), values.indexOf(Math.max(...values)), run.length - 1].filter(
      (i) => i >= 0,
    );
    return [...new Set(kept)].sort((a, b) => a - b).map((i) => run[i]);
  });
}

/** SVG without what a picture inside a picture does not need; tenths of a pixel are enough. */
function cleaned(markup) {
  return markup
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/\s(aria-[a-z]+|role|class|xmlns(:\w+)?)="[^"]*"/g, '')
    .replace(/\s(cx|cy|r|x|y|x1|x2|y1|y2|width|height|d|transform)="([^"]*)"/g, (_, name, value) => {
      return ` ${name}="${value.replace(/-?\d*\.\d+(e-?\d+)?/g, (digits) => String(Number(Number(digits).toFixed(1))))}"`;
    });
}

function escaped(value) {
  return value.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
}

// The pictures of the report, by Observable Plot in linkedom's document: SVG text that needs nothing else.

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const { document } = parseHTML('<!doctype html><html><body></body></html>');

/** Colours that are told apart in light and dark, and by readers who see red as green. */
export const COLOURS = { exact: '#6b7280', values: '#c2571a', derivatives: '#2a6fc4', other: '#7a4fb5', quick: '#2f8f5b' };

/** One picture: the outermost svg as text, with names for readers that see none. */
function drawn(title, options) {
  const figure = Plot.plot({
    document,
    width: 460,
    height: 300,
    marginLeft: 56,
    marginBottom: 40,
    style: { background: 'none', fontSize: '12px' },
    ...options,
  });
  const svg = figure.nodeName.toLowerCase() === 'svg' ? figure : figure.querySelector('svg:last-of-type');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', title);
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return svg.outerHTML;
}

/** Lines over a common x: `series` { name: [[x, y], …] }. */
export function lines(title, { x, y, series, colours, rule = false }) {
  const points = Object.entries(series).flatMap(([name, list]) => list.map(([at, value]) => ({ name, at, value })));
  return drawn(title, {
    x: { grid: true, ...x },
    y: { grid: true, ...y },
    color: { domain: Object.keys(series), range: Object.keys(series).map((name) => colours[name]) },
    marks: [
      ...(rule ? [Plot.ruleY([0], { stroke: 'currentColor', strokeOpacity: 0.5 })] : []),
      Plot.line(points, {
        x: 'at',
        y: 'value',
        stroke: 'name',
        strokeWidth: (d) => (d.name === 'exact' ? 4 : 1.6),
        strokeOpacity: (d) => (d.name === 'exact' ? 0.45 : 1),
        z: 'name',
      }),
    ],
  });
}

/** Points joined by lines on two logarithmic axes. */
export function convergence(title, { x, y, series, colours }) {
  const points = Object.entries(series).flatMap(([name, list]) => list.map(([at, value]) => ({ name, at, value })));
  return drawn(title, {
    x: { type: 'log', grid: true, ...x },
    y: { type: 'log', grid: true, tickFormat: (value) => String(Number(value.toPrecision(2))), ...y },
    color: { domain: Object.keys(series), range: Object.keys(series).map((name) => colours[name]) },
    marks: [
      Plot.line(points, { x: 'at', y: 'value', stroke: 'name', z: 'name' }),
      Plot.dot(points, { x: 'at', y: 'value', fill: 'name', r: 3.5 }),
    ],
  });
}

/** A map of a number over two axes: `cells` [{ x, y, value }], evenly spaced. */
export function errorMap(title, { x, y, cells, domain, steps }) {
  return drawn(title, {
    x: { ...x },
    y: { ...y },
    marginBottom: 44,
    color: { type: 'log', scheme: 'viridis', domain },
    marks: [
      Plot.rect(cells, {
        x1: (d) => d.x - steps[0] / 2,
        x2: (d) => d.x + steps[0] / 2,
        y1: (d) => d.y - steps[1] / 2,
        y2: (d) => d.y + steps[1] / 2,
        fill: 'value',
        inset: -0.3,
      }),
    ],
  });
}

/** A picture as a file of its own: ink for light and dark readers. */
export const standalone = (svg) =>
  svg.replace(/>/, '><style>:root{color:#1d2024}@media(prefers-color-scheme:dark){:root{color:#e8e6e1}}</style>');

/** What stands beside a line picture or a map: colours with their names. */
export function legend(names, colours) {
  return `<p class="legend">${names.map((name) => `<span><i style="background:${colours[name]}"></i>${name}</span>`).join(' ')}</p>`;
}

// Line charts of a few series, drawn twice from the same description: in characters for a terminal, and as a small SVG.
//
//   const chart = { title, x: { label, log }, y: { label, log }, series: [{ name, points: [[x, y], …], dots }] };
//   console.log(text(chart)); writeFileSync(file, svg([chart]));
//
// Points that are not finite, or not positive on a logarithmic axis, are left out. `y.from` and `y.to` cut the axis.

const marks = ['•', 'x', 'o', '+', '*', '~', '#', '@'];
const colours = ['#2b6cb0', '#c05621', '#2f855a', '#97266d', '#b7791f', '#4a5568', '#00838f', '#6b46c1'];

/** A linear or logarithmic axis: `place` takes a value to [0, 1]. */
function axisOf(values, { log = false, from, to, label = '' }) {
  const usable = values.filter((v) => Number.isFinite(v) && (!log || v > 0));
  let low = from ?? Math.min(...usable);
  let high = to ?? Math.max(...usable);
  if (!(low <= high)) [low, high] = [1, 10];
  const scale = log ? Math.log10 : (v) => v;
  if (scale(high) - scale(low) < 1e-12) [low, high] = log ? [low / 3, high * 3] : [low - 0.5, high + 0.5];
  const [a, b] = [scale(low), scale(high)];
  return { label, log, low, high, place: (v) => (log && !(v > 0) ? Number.NaN : (scale(v) - a) / (b - a)) };
}

function axesOf(chart) {
  const points = chart.series.flatMap(({ points }) => points);
  const x = axisOf(
    points.map(([at]) => at),
    chart.x ?? {},
  );
  const y = axisOf(
    points.map(([, value]) => value),
    chart.y ?? {},
  );
  return { x, y };
}

/** Two significant digits, short. */
export function figure(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e4 || size < 1e-2) return value.toExponential(0).replace('e+', 'e');
  return String(Number(value.toPrecision(3)));
}

/** The chart in characters, `width` x `height` of them inside the axes. */
export function text(chart, { width = 64, height = 16 } = {}) {
  const { x, y } = axesOf(chart);
  const grid = Array.from({ length: height }, () => new Array(width).fill(' '));
  chart.series.forEach((series, s) => {
    let last;
    for (const [at, value] of series.points) {
      const here = [x.place(at) * (width - 1), (1 - y.place(value)) * (height - 1)];
      if (!here.every(Number.isFinite)) {
        last = undefined;
        continue;
      }
      const steps = last === undefined || series.dots ? 1 : Math.max(1, Math.ceil(Math.abs(here[0] - last[0])));
      for (let i = 1; i <= steps; i++) {
        const [column, row] = here.map((v, k) =>
          Math.round(last === undefined || series.dots ? v : last[k] + ((v - last[k]) * i) / steps),
        );
        if (row >= 0 && row < height && column >= 0 && column < width) grid[row][column] = marks[s % marks.length];
      }
      last = here;
    }
  });
  const labels = [figure(y.high), figure(y.low)];
  const margin = Math.max(...labels.map(({ length }) => length));
  const lines = grid.map(
    (row, i) => `${(i === 0 ? labels[0] : i === height - 1 ? labels[1] : '').padStart(margin)} │${row.join('').trimEnd()}`,
  );
  const ends = [figure(x.low), figure(x.high)];
  const middle = x.label.slice(0, width - ends[0].length - ends[1].length - 2);
  const gap = width - ends[0].length - ends[1].length - middle.length;
  const under = ends[0] + ' '.repeat(gap >> 1) + middle + ' '.repeat(gap - (gap >> 1)) + ends[1];
  const legend =
    chart.series.length > 1 || chart.series[0]?.name
      ? [`${' '.repeat(margin)}  ${chart.series.map(({ name }, s) => `${marks[s % marks.length]} ${name}`).join('   ')}`]
      : [];
  const head = `${' '.repeat(margin)}  ${chart.title}${y.label === '' ? '' : `: ${y.label}`}`;
  return [head, ...lines, `${' '.repeat(margin)} └${'─'.repeat(width)}`, `${' '.repeat(margin)}  ${under}`, ...legend].join('\n');
}

const panel = { width: 360, height: 240, left: 52, right: 20, top: 30, bottom: 68 };

/** The charts side by side, `perRow` to a row, as one SVG of a few kilobytes. */
export function svg(charts, { perRow = 2 } = {}) {
  const columns = Math.min(perRow, charts.length);
  const rows = Math.ceil(charts.length / columns);
  const [width, height] = [columns * panel.width, rows * panel.height];
  const style =
    'text{font:11px system-ui,sans-serif;fill:#333}.t{font-weight:600;font-size:12px}.b{fill:#fff}.a{stroke:#999;fill:none}.g{stroke:#e5e5e5}' +
    '@media(prefers-color-scheme:dark){text{fill:#ddd}.b{fill:#161b22}.g{stroke:#30363d}}';
  const panels = charts.map(
    (chart, i) =>
      `<g transform="translate(${(i % columns) * panel.width} ${Math.floor(i / columns) * panel.height})">${drawPanel(chart)}</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(charts.map(({ title }) => title).join('; '))}"><style>${style}</style><rect class="b" width="${width}" height="${height}"/>${panels.join('')}</svg>\n`;
}

function drawPanel(chart) {
  const { x, y } = axesOf(chart);
  const [wide, high] = [panel.width - panel.left - panel.right, panel.height - panel.top - panel.bottom];
  const toX = (v) => panel.left + x.place(v) * wide;
  const toY = (v) => panel.top + (1 - y.place(v)) * high;
  const bottom = panel.top + high;
  const parts = [`<text class="t" x="${panel.left}" y="16">${escaped(chart.title)}</text>`];
  for (const tick of ticks(y)) {
    parts.push(
      `<path class="g" d="M${panel.left} ${round(toY(tick))}h${wide}"/><text x="${panel.left - 5}" y="${round(toY(tick) + 4)}" text-anchor="end">${figure(tick)}</text>`,
    );
  }
  for (const tick of ticks(x))
    parts.push(`<text x="${round(toX(tick))}" y="${bottom + 14}" text-anchor="middle">${figure(tick)}</text>`);
  parts.push(`<path class="a" d="M${panel.left} ${panel.top}v${high}h${wide}"/>`);
  parts.push(`<text x="${panel.left + wide / 2}" y="${bottom + 28}" text-anchor="middle">${escaped(x.label)}</text>`);
  if (y.label !== '') parts.push(`<text x="${panel.left}" y="${panel.top - 2}" font-size="10">${escaped(y.label)}</text>`);
  chart.series.forEach((series, s) => {
    const colour = colours[s % colours.length];
    const inside = thin(series.points).map(([at, value]) => [toX(at), toY(value)]);
    if (series.dots) {
      const circles = inside.filter((p) => p.every(Number.isFinite)).map(([cx, cy]) => `M${round(cx)} ${round(cy)}h0`);
      parts.push(`<path d="${circles.join('')}" stroke="${colour}" stroke-width="3.5" stroke-linecap="round" opacity=".7"/>`);
    } else {
      parts.push(
        `<path d="${pathOf(inside, bottom)}" fill="none" stroke="${colour}" stroke-width="1.6"${series.dashed ? ' stroke-dasharray="5 3"' : ''}/>`,
      );
    }
  });
  parts.push(legendOf(chart, bottom + 42));
  return parts.join('');
}

/** A path through the points; a gap where there is none, and nothing above or below the panel. */
function pathOf(points, bottom) {
  let pen = 'M';
  let path = '';
  for (const [px, py] of points) {
    if (!Number.isFinite(px) || !Number.isFinite(py)) {
      pen = 'M';
      continue;
    }
    path += `${pen}${round(px)} ${round(Math.min(bottom, Math.max(panel.top, py)))}`;
    pen = 'L';
  }
  return path;
}

/** Names beside their colours, in as many lines as they take. */
function legendOf({ series }, y) {
  if (series.length === 1 && !series[0].name) return '';
  let [at, line] = [12, 0];
  return series
    .map(({ name = '' }, s) => {
      const wide = 26 + 5.8 * name.length;
      if (at > 12 && at + wide > panel.width) [at, line] = [12, line + 1];
      const [cx, cy] = [at, y + 14 * line];
      at += wide;
      return `<path d="M${round(cx)} ${cy}h12" stroke="${colours[s % colours.length]}" stroke-width="3"/><text x="${round(cx + 16)}" y="${cy + 4}" font-size="10">${escaped(name)}</text>`;
    })
    .join('');
}

/** Round numbers along an axis: powers of ten, or a handful of steps. */
function ticks({ log, low, high }) {
  if (log) {
    const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
    const every = Math.max(1, Math.ceil((last - first) / 5));
    const found = [];
    for (let power = first; power <= last; power += every) found.push(10 ** power);
    return found.length > 1 ? found : [low, high];
  }
  const rough = (high - low) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * size).find((s) => s >= rough * 0.8);
  const found = [];
  for (let v = Math.ceil(low / step - 1e-9) * step; v <= high + step * 1e-9; v += step) found.push(Number(v.toPrecision(10)));
  return found;
}

/** At most 150 of the points, the ends among them. */
function thin(points) {
  if (points.length <= 150) return points;
  return Array.from({ length: 150 }, (_, i) => points[Math.round((i * (points.length - 1)) / 149)]);
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function escaped(value) {
  return value.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
}

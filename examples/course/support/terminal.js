// Charts of a few series, drawn in characters for a terminal. A chart is a description, which picture.js draws as an SVG too:
//
//   { title,
//     x: { label, log, from, to }, y: …               from and to cut the axis: what lies beyond is not drawn
//     series: [{ name, points: [[x, y], …], dots, dashed }],
//     rules: [{ x, label }, { y, label }],            lines across the chart, to mark a value
//     surface: { x: [from, to], y: [from, to], across, up, columns, values, levels, sides } }
//
// A surface (surface.js) is a function of two variables below the series, its values on a grid over `across` and `up`: contours at the levels, or, with `sides`,
// the region above the first level shaded. Points that are not finite, or not positive on a logarithmic axis, are left out.

const marks = ['•', 'x', 'o', '+', '*', '~', '#', '@'];

/** A linear or logarithmic axis: `place` takes a value to [0, 1]. */
export function axisOf(values, { log = false, from, to, label = '' }) {
  const usable = values.filter((v) => Number.isFinite(v) && (!log || v > 0));
  let low = from ?? Math.min(...usable);
  let high = to ?? Math.max(...usable);
  if (!(low <= high)) [low, high] = [1, 10];
  const scale = log ? Math.log10 : (v) => v;
  if (scale(high) - scale(low) < 1e-12) [low, high] = log ? [low / 3, high * 3] : [low - 0.5, high + 0.5];
  const [a, b] = [scale(low), scale(high)];
  return { label, log, low, high, place: (v) => (log && !(v > 0) ? Number.NaN : (scale(v) - a) / (b - a)) };
}

/** The axes of a chart, as far as its data and its rules reach. */
export function axesOf({ series = [], rules = [], surface, x = {}, y = {} }) {
  const points = series.flatMap(({ points }) => points);
  const along = (k, name) => [
    ...points.map((point) => point[k]),
    ...rules.flatMap((rule) => rule[name] ?? []),
    ...(surface?.[name] ?? []),
  ];
  return { x: axisOf(along(0, 'x'), x), y: axisOf(along(1, 'y'), y) };
}

/** Three significant digits, short. */
function figure(value) {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e4 || size < 1e-2) return value.toExponential(0).replace('e+', 'e');
  return String(Number(value.toPrecision(3)));
}

/** The chart in characters, `width` x `height` of them inside the axes. */
export function text(chart, { width = 64, height = 16 } = {}) {
  const { x, y } = axesOf(chart);
  const grid = Array.from({ length: height }, () => new Array(width).fill(' '));
  const put = (column, row, mark) => {
    if (row >= 0 && row < height && column >= 0 && column < width) grid[row][column] = mark;
  };
  if (chart.surface !== undefined) shade(chart.surface, { x, y, width, height, put });
  for (const rule of chart.rules ?? []) {
    if (rule.x !== undefined) for (let row = 0; row < height; row++) put(Math.round(x.place(rule.x) * (width - 1)), row, '┊');
    else for (let column = 0; column < width; column++) put(column, Math.round((1 - y.place(rule.y)) * (height - 1)), '┄');
  }
  const series = chart.series ?? [];
  series.forEach(({ points, dots }, s) => {
    let last;
    for (const [at, value] of points) {
      const here = [x.place(at) * (width - 1), (1 - y.place(value)) * (height - 1)];
      if (!here.every(Number.isFinite)) {
        last = undefined;
        continue;
      }
      const steps = last === undefined || dots ? 1 : Math.max(1, Math.ceil(Math.abs(here[0] - last[0])));
      for (let i = 1; i <= steps; i++) {
        const [column, row] = here.map((v, k) =>
          Math.round(last === undefined || dots ? v : last[k] + ((v - last[k]) * i) / steps),
        );
        put(column, row, marks[s % marks.length]);
      }
      last = here;
    }
  });
  const labels = [figure(y.high), figure(y.low)];
  const margin = Math.max(...labels.map(({ length }) => length));
  const indent = ' '.repeat(margin + 2);
  const lines = grid.map(
    (row, i) => `${(i === 0 ? labels[0] : i === height - 1 ? labels[1] : '').padStart(margin)} │${row.join('').trimEnd()}`,
  );
  const ends = [figure(x.low), figure(x.high)];
  const middle = named(x).slice(0, width - ends[0].length - ends[1].length - 2);
  const gap = width - ends[0].length - ends[1].length - middle.length;
  const under = ends[0] + ' '.repeat(gap >> 1) + middle + ' '.repeat(gap - (gap >> 1)) + ends[1];
  const legend = [
    ...(series.length > 1 || series[0]?.name
      ? [series.map(({ name }, s) => `${marks[s % marks.length]} ${name}`).join('   ')]
      : []),
    ...(chart.rules ?? []).map((rule) => `${rule.x === undefined ? '┄' : '┊'} ${rule.label}`),
  ];
  return [
    `${indent}${chart.title}${named(y) === '' ? '' : `: ${named(y)}`}`,
    ...lines,
    `${' '.repeat(margin)} └${'─'.repeat(width)}`,
    `${indent}${under}`,
    ...legend.map((line) => indent + line),
  ].join('\n');
}

function named({ label, log }) {
  return log ? `${label} (logarithmic)`.trim() : label;
}

/** A surface: dots where it lies above its first level, or in every other band between its levels. */
function shade({ across, up, columns, values, levels, sides }, { x, y, width, height, put }) {
  const rows = values.length / columns;
  const index = (share, count) => Math.min(count - 1, Math.floor(share * count));
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const at = x.low + (column / (width - 1)) * (x.high - x.low);
      const value = y.high - (row / (height - 1)) * (y.high - y.low);
      const [i, j] = [(at - across[0]) / (across[1] - across[0]), (value - up[0]) / (up[1] - up[0])];
      if (i < 0 || i > 1 || j < 0 || j > 1) continue;
      const z = values[index(j, rows) * columns + index(i, columns)];
      const above = levels.filter((level) => z >= level).length;
      if (sides ? above > 0 : above % 2 === 1) put(column, row, '·');
    }
}

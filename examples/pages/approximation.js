// Runge, Gibbs and universal approximation with sliders: the numbers of `feedforward course polynomials` and `course approximation`, to drag.
// A classic script: the library is the global feedforward, uPlot draws.

/* global feedforward, uPlot */

const { MLP, dense } = feedforward;
const at = (id) => document.getElementById(id);
const grid = (from, to, count) => Array.from({ length: count + 1 }, (_, i) => from + ((to - from) * i) / count);

/** A chart of some lines over the same x: returns what draws other values. Null leaves a gap. */
function chart(place, xs, names, { from, to }) {
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const font = `13px ${getComputedStyle(document.body).fontFamily}`;
  let plot;
  let values = names.map(() => xs.map(() => null));
  const make = () => {
    plot?.destroy();
    const axis = { font, stroke: color('quiet'), grid: { stroke: color('line'), width: 1 }, ticks: { stroke: color('line') } };
    const marks = ['quiet', 'mark', 'second'];
    const series = names.map((label, i) => ({
      label,
      stroke: color(marks[i]),
      width: 2,
      dash: i === 0 ? [6, 4] : undefined,
      points: { show: false },
    }));
    plot = new uPlot(
      {
        ...{ width: place.clientWidth, height: 260, series: [{ label: 'x' }, ...series], legend: { live: false } },
        scales: { x: { time: false }, y: { range: [from, to] } },
        axes: [
          { ...axis, label: 'x', labelFont: font, labelSize: 20 },
          { ...axis, label: 'y', labelFont: font, labelSize: 20, size: 50 },
        ],
      },
      [xs, ...values],
      place,
    );
  };
  make();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', make);
  addEventListener('resize', () => plot.setSize({ width: place.clientWidth, height: 260 }));
  return (next) => {
    values = next;
    plot.setData([xs, ...values]);
  };
}

// ---- Runge: the polynomial through the points, by Lagrange's formula ----------------------------------------------------------------

const runge = (x) => 1 / (1 + 25 * x * x);
const fine = grid(-1, 1, 2000);
const drawRunge = chart(at('rungePlot'), fine, ['1 / (1 + 25 x²)', 'polynomial'], { from: -1, to: 2 });
function showRunge() {
  const n = Number(at('degree').value);
  const nodes =
    at('nodes').value === 'equal' ? grid(-1, 1, n) : grid(0, n, n).map((i) => Math.cos((Math.PI * (i + 0.5)) / (n + 1)));
  const through = (x) =>
    nodes.reduce(
      (sum, node, i) => sum + runge(node) * nodes.reduce((p, other, j) => (j === i ? p : (p * (x - other)) / (node - other)), 1),
      0,
    );
  const values = fine.map(through);
  const worst = Math.max(...values.map((v, i) => Math.abs(v - runge(fine[i]))));
  drawRunge([fine.map(runge), values]);
  at('rungeError').textContent = `Degree ${n}: off by ${worst.toFixed(3)}`;
}

// ---- Gibbs ------------------------------------------------------------------------------------------------------------------------------

const near = grid(-0.5, 1, 3000);
const drawGibbs = chart(at('gibbsPlot'), near, ['jump', 'sum of sines'], { from: -1.4, to: 1.4 });
function showGibbs() {
  const n = Number(at('sines').value);
  const wave = (x) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (4 / Math.PI) * (Math.sin((2 * k + 1) * x) / (2 * k + 1));
    return sum;
  };
  const values = near.map(wave);
  const top = wave(Math.PI / (2 * n)); // where the derivative is first 0
  drawGibbs([near.map(Math.sign), values]);
  at('gibbsError').textContent = `${n} sine${n === 1 ? '' : 's'}: ${((100 * (top - 1)) / 2).toFixed(2)} % of the jump above it`;
}

// ---- a hidden layer, set by hand ----------------------------------------------------------------------------------------------------------

const f = (x) => Math.sin(2 * Math.PI * x) + 0.5 * Math.sin(6 * Math.PI * x);
const unit = grid(0, 1, 1000);
const drawGrowth = chart(at('growsPlot'), unit, ['f', 'sigmoids', 'ReLUs'], { from: -1.5, to: 1.5 });
/** y = sum of output[i] g(weight x + bias[i]) + shift. */
function network(activation, weight, biases, output, shift) {
  const model = new MLP({ inputs: 1, layers: [dense(biases.length, { activation }), dense(1)] });
  model.setVector([...biases.map(() => weight), ...biases, ...output, shift]);
  return Array.from(model.predict(unit.map((x) => [x])).data);
}
function showGrowth() {
  const n = Number(at('pieces').value);
  const heights = Array.from({ length: n }, (_, i) => f((i + 0.5) / n));
  const edges = Array.from({ length: n - 1 }, (_, i) => (i + 1) / n);
  const steep = 2000 * n;
  const steps = network(
    'sigmoid',
    steep,
    edges.map((e) => -steep * e),
    edges.map((_, i) => heights[i + 1] - heights[i]),
    heights[0],
  );
  const knots = grid(0, 1, n);
  const slopes = knots.slice(1).map((x, i) => (f(x) - f(knots[i])) * n);
  const polygon = network(
    'relu',
    1,
    slopes.map((_, i) => -knots[i]),
    slopes.map((s, i) => s - (slopes[i - 1] ?? 0)),
    f(0),
  );
  const off = (values) => Math.max(...values.map((v, i) => Math.abs(v - f(unit[i]))));
  drawGrowth([unit.map(f), steps, polygon]);
  at('growsError').textContent = `${n} pieces: sigmoids off by ${off(steps).toFixed(3)}, ReLUs by ${off(polygon).toFixed(3)}`;
}

let growing;
function play() {
  const pieces = at('pieces');
  if (growing !== undefined) {
    clearInterval(growing);
    growing = undefined;
  } else {
    if (pieces.value === pieces.max) pieces.value = pieces.min;
    growing = setInterval(() => {
      pieces.value = Number(pieces.value) + 1;
      showGrowth();
      if (pieces.value === pieces.max) play();
    }, 250);
  }
  at('play').textContent = growing === undefined ? 'Let it grow' : 'Stop';
}

for (const id of ['degree', 'nodes']) at(id).addEventListener('input', showRunge);
at('sines').addEventListener('input', showGibbs);
at('pieces').addEventListener('input', showGrowth);
at('play').addEventListener('click', play);
showRunge();
showGibbs();
showGrowth();

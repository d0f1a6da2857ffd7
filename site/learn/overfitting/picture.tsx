import { signal } from '@preact/signals';
import { Action, Chart, Controls, figure, Numbers, PlayButtons, player, type Point, Slider, Surface } from '../kit';
import { onChange } from '../kit/changes';
import { drawRows, type Rows, truth } from '../kit/noisyRows';
import { begin, type Fit, last, noise, points } from './numbers';

const units = signal(3);
const count = signal(30);
const draw = signal(3);
const rows = signal<Rows>(drawRows(count.value, noise, draw.value));
let training = begin(units.value, rows.value);
const fit = signal<Fit>(training(0));
/** Where each width ended. */
const ended = signal<readonly Fit[]>([]);

const run = player({
  step() {
    const now = training(15);
    fit.value = now;
    if (now.sweeps < last) return true;
    ended.value = [...ended.value.filter((one) => one.units !== now.units), now].sort((a, b) => a.units - b.units);
    return false;
  },
  reset() {
    ended.value = [];
    rows.value = drawRows(count.peek(), noise, draw.peek());
    restart();
    run.pause(); // other rows would begin to play
  },
  plays: true,
});
function restart(): void {
  training = begin(units.peek(), rows.peek());
  fit.value = training(0);
}
onChange(
  () => [count.value, draw.value],
  () => {
    rows.value = drawRows(count.peek(), noise, draw.peek());
  },
);
onChange(
  () => rows.value,
  () => {
    ended.value = [];
    restart();
    run.play();
  },
);
onChange(
  () => units.value,
  () => {
    restart();
    run.play();
  },
);

let held: number | undefined;
/** The nearest row comes along. */
function pull([x, y]: Point, phase: 'start' | 'move' | 'end'): void {
  const { X, y: targets } = rows.peek();
  if (phase === 'start') {
    const distance = (i: number): number => (X[i]![0]! - x) ** 2 + (targets[i]![0]! - y) ** 2;
    held = X.reduce((nearest, _, i) => (distance(i) < distance(nearest) ? i : nearest), 0);
  }
  rows.value = {
    X: X.map((row, i) => (i === held ? [Math.max(-2, Math.min(2, x))] : row)),
    y: targets.map((row, i) => (i === held ? [y] : row)),
  };
}

/** The row in the middle goes up: by a button, for those without a pointer. */
function pullUp(): void {
  const { X, y } = rows.peek();
  const nearest = X.reduce((best, [x], i) => (Math.abs(x!) < Math.abs(X[best]![0]!) ? i : best), 0);
  rows.value = { X, y: y.map((row, i) => (i === nearest ? [row[0]! + 0.4] : row)) };
}

const verdict = ({ training, test }: Fit): string =>
  training > 1.5 * noise
    ? 'It underfits: the rows themselves are missed.'
    : test > 1.5 * Math.max(training, noise)
      ? 'It overfits: rows learnt by heart, others missed.'
      : 'It fits.';

export default function Picture() {
  const now = fit.value;
  const { X, y } = rows.value;
  const reached = [...ended.value.filter((one) => one.units !== now.units), now].sort((a, b) => a.units - b.units);
  const by = (of: (fit: Fit) => number): Point[] => reached.map((one) => [one.units, Math.max(0.01, Math.min(10, of(one)))]);
  return (
    <div class="stage">
      <Chart
        x={{ label: 'x: pull a row', from: -2, to: 2 }}
        y={{ label: 'y', from: -2.3, to: 2.3 }}
        ratio={0.36}
        label={`${X.length} noisy rows and what ${now.units} hidden units learnt of them. ${verdict(now)}`}
        series={[
          { name: 'rows', points: X.map(([x], i): Point => [x!, y[i]![0]!]), tone: 'ink', dots: 'circle' },
          { name: 'the truth', points: points.map((x): Point => [x, truth(x)]), tone: 'ink', dashed: true },
          { name: `${now.units} hidden units`, points: now.values.map((v, i): Point => [points[i]!, v]), tone: 0 },
        ]}
      >
        <Surface on={pull} />
      </Chart>
      <Controls>
        <Slider label="hidden units" help="how much the network can bend" of={units} min={1} max={60} logarithmic whole />
        <Slider label="rows" help="how many it learns from" of={count} min={10} max={300} step={10} />
        <PlayButtons of={run} />
        <Action act={() => draw.value++}>other rows</Action>
        <Action act={pullUp}>pull a row up</Action>
      </Controls>
      <Numbers
        of={[
          { name: 'training', label: 'error on its rows', value: figure(now.training), row: [57, 58] },
          { name: 'test', label: 'error on fresh rows', value: figure(now.test), row: [57, 58], strong: true },
          { name: 'noise', label: 'noise alone', value: figure(noise) },
          { name: 'sweeps', label: `sweeps, of ${last}`, value: now.sweeps },
        ]}
      />
      <p class="said" data-name="verdict">
        {verdict(now)}
      </p>
      <Chart
        x={{ label: 'hidden units', from: 0.9, to: 70, log: true, ticks: [1, 3, 10, 30, 60] }}
        y={{ label: 'error', from: 0.08, to: 10, log: true, ticks: [0.1, 1, 10] }}
        ratio={0.18}
        label={reached
          .map((one) => `${one.units} units: ${figure(one.training)} on its rows, ${figure(one.test)} on fresh ones`)
          .join('; ')}
        series={[
          { name: 'fresh rows', points: by(({ test }) => test), tone: 1 },
          { name: 'its own rows', points: by(({ training }) => training), tone: 0, dashed: true },
          { name: 'test', points: by(({ test }) => test), tone: 1, dots: 'square', quiet: true },
          { name: 'training', points: by(({ training }) => training), tone: 0, dots: 'circle', quiet: true },
        ]}
      />
    </div>
  );
}

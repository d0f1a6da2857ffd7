import { signal } from '@preact/signals';
import { Action, Chart, Controls, figure, Numbers, PlayButtons, player, type Point, Slider } from '../kit';
import { onChange } from '../kit/changes';
import { begin, type Fit, last, points, wave } from './numbers';

const units = signal(4);
const start = signal(0);
const widths = [1, 2, 4, 8, 16];
/** Widths that come after this one by themselves. */
let queue: number[] = [];
let expected = units.value;
let training = begin(units.value, start.value);
const fit = signal<Fit>(training.advance(0));
/** The least error of each width that was trained to its end. */
const reached = signal<readonly Point[]>([]);

const run = player({
  step() {
    const now = training.advance(12);
    fit.value = now;
    if (!now.ended) return true;
    const others = reached.value.filter(([K]) => K !== now.units);
    const best = Math.min(now.error, ...reached.value.filter(([K]) => K === now.units).map(([, error]) => error));
    reached.value = [...others, [now.units, best] as const].sort((a, b) => a[0] - b[0]);
    const next = queue.shift();
    if (next === undefined) return false;
    expected = next;
    units.value = next;
    return true;
  },
  reset() {
    queue = [];
    restart();
    reached.value = [];
  },
  plays: true,
});

function restart(): void {
  training = begin(units.peek(), start.peek());
  fit.value = training.advance(0);
}

onChange(
  () => [units.value, start.value],
  () => {
    if (units.value !== expected) queue = [];
    restart();
    run.play();
  },
);

function all(): void {
  const [first, ...others] = widths;
  queue = others;
  expected = first!;
  if (units.value === first) restart();
  units.value = first!;
  run.play();
}

const along = (values: readonly number[]): Point[] => values.map((value, i) => [points[i]!, value]);
export default function Picture() {
  const { error, values, epochs } = fit.value;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'x', from: 0, to: 1 }}
        y={{ label: 'y', from: -1.5, to: 1.5 }}
        ratio={0.36}
        label={`A wave and a network of ${units.value} hidden units after ${epochs} sweeps: root mean square error ${figure(error)}.`}
        series={[
          { name: 'the wave', points: along(wave), tone: 'ink', dashed: true },
          { name: `${units.value} hidden units`, points: along(values), tone: 0 },
        ]}
      />
      <Controls>
        <Slider label="hidden units K" help="how wide the hidden layer is" of={units} min={1} max={32} />
        <Slider label="start" help="other first weights" of={start} min={0} max={5} />
      </Controls>
      <div class="chips">
        <PlayButtons of={run} />
        <Action act={all}>1, 2, 4, 8, 16 in turn</Action>
      </div>
      <Numbers
        of={[
          { name: 'error', label: 'error', value: figure(error, 4), row: 29, strong: true },
          { name: 'sweeps', label: `sweeps, of ${last}`, value: epochs },
          { name: 'tensors', label: 'tensors: W, b and the output weights', value: training.tensors, row: 26 },
        ]}
      />
      <Chart
        x={{
          label: 'K: the least error that each came to',
          from: 0.8,
          to: 40,
          log: true,
          ticks: [1, 2, 4, 8, 16, 32],
        }}
        y={{ label: 'error', from: 1e-3, to: 1, log: true }}
        ratio={0.22}
        label={`Least errors reached: ${reached.value.map(([K, e]) => `${K} units ${figure(e, 4)}`).join(', ') || 'none yet'}.`}
        series={[
          { name: 'least', points: reached.value, tone: 0, quiet: true },
          { name: 'errors', points: reached.value, dots: 'circle', tone: 0, quiet: true },
        ]}
      />
    </div>
  );
}

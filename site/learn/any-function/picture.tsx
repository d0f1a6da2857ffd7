import { computed, signal } from '@preact/signals';
import { Action, Chart, Choice, Controls, figure, Numbers, PlayButtons, player, type Point, Slider, Surface } from '../kit';
import { follow, functions, type Kind, order, points } from './numbers';

const names = Object.keys(functions);
const most = 128;
const begin = functions['wave']!;
const heights = signal<readonly number[]>(points.map(begin));
/** The function once the hand is off it: what the lower picture is computed of. */
const settled = signal(heights.value);
const kind = signal<Kind>('sides');
const pieces = signal(6);
const followed = computed(() => follow(heights.value, kind.value, pieces.value));
const growth = computed(() => order(settled.value, kind.value));

const grow = player({
  step() {
    pieces.value = Math.min(most, pieces.value + 1);
    return pieces.value < most;
  },
  reset() {
    pieces.value = 2;
  },
  perSecond: 5,
});

function take(f: (x: number) => number): void {
  heights.value = points.map(f);
  settled.value = heights.value;
}

let before: Point | undefined;
/** A hand draws: every point between the last place and this one is set. */
function draw([x, y]: Point, phase: 'start' | 'move' | 'end'): void {
  const from = phase === 'start' || before === undefined ? ([x, y] as const) : before;
  before = [x, y];
  const [low, high] = [Math.min(from[0], x) - 0.5 / points.length, Math.max(from[0], x) + 0.5 / points.length];
  const height = (at: number): number => {
    const share = from[0] === x ? 1 : (at - from[0]) / (x - from[0]);
    return Math.max(-1.5, Math.min(1.5, from[1] + share * (y - from[1])));
  };
  heights.value = heights.value.map((old, i) => (points[i]! >= low && points[i]! <= high ? height(points[i]!) : old));
  if (phase === 'end') settled.value = heights.value;
}

const along = (values: readonly number[]): Point[] => values.map((value, i) => [points[i]!, value]);

export default function Picture() {
  const { values, units, error } = followed.value;
  const { errors, power } = growth.value;
  const word = kind.value === 'steps' ? 'steps' : 'straight sides';
  const largest = Math.max(...errors.map(([, e]) => e));
  return (
    <div class="stage">
      <Chart
        x={{ label: 'x: draw over the picture', from: 0, to: 1 }}
        y={{ label: 'y', from: -1.55, to: 1.55 }}
        ratio={0.36}
        label={`A function and what ${units} hidden units make of it: ${pieces.value} ${word}, off by ${figure(error)} at most.`}
        series={[
          { name: 'the function', points: along(heights.value), tone: 'ink', dashed: true },
          { name: `the network: ${pieces.value} ${word}`, points: along(values), tone: 0 },
        ]}
      >
        <Surface on={draw} />
      </Chart>
      <Controls>
        <Slider label="pieces" help="more pieces, closer to the function" of={pieces} min={2} max={most} />
        <Choice
          label="made of"
          help="steps out of sigmoids, or straight sides out of ReLUs"
          of={kind}
          options={['steps', 'sides']}
          words={(k) => (k === 'steps' ? 'steps: sigmoids' : 'sides: ReLUs')}
        />
        <PlayButtons of={grow} stepWords="One more" />
        <div class="chips">
          {names.map((name) => (
            <Action key={name} act={() => take(functions[name]!)} help={`begin with a ${name}`}>
              {name}
            </Action>
          ))}
        </div>
      </Controls>
      <Numbers
        of={[
          { name: 'error', label: 'off by at most', value: figure(error, 5), row: 83, strong: true },
          { name: 'units', label: 'hidden units', value: units, row: 86 },
          { name: 'power', label: 'error goes with n to the power', value: figure(power, 2), row: 28 },
        ]}
      />
      <Chart
        x={{ label: 'pieces n, and the largest error with each', from: 7, to: 150, log: true, ticks: [8, 16, 32, 64, 128] }}
        y={{ label: 'error', from: 1e-5, to: Math.max(1, 2 * largest), log: true }}
        ratio={0.15}
        label={`The largest error falls from ${figure(errors[0]![1])} with 8 pieces to ${figure(errors.at(-1)![1], 4)} with 128.`}
        series={[
          { name: 'error', points: errors, tone: 0, quiet: true },
          { name: 'errors', points: errors, dots: 'circle', tone: 0, quiet: true },
        ]}
      />
    </div>
  );
}

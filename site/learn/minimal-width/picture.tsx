import { signal } from '@preact/signals';
import { Axes, Choice, Controls, figure, Legend, Line, Numbers, PlayButtons, player, type Point, Rule, Slider } from '../kit';
import { onChange } from '../kit/changes';
import { points, type Trial, tryOnce, withoutTurn } from './numbers';

const starts = 20;
const width = signal<number>(1);
const layers = signal(3);
const trials = signal<readonly Trial[]>([]);
const floor = withoutTurn();

const run = player({
  step() {
    if (trials.value.length >= starts) return false;
    trials.value = [...trials.value, tryOnce(width.value, layers.value, trials.value.length)];
    return trials.value.length < starts;
  },
  reset() {
    trials.value = [];
  },
  perSecond: 20,
  plays: true,
});
onChange(
  () => [width.value, layers.value],
  () => {
    trials.value = [];
    run.play();
  },
);

const along = (values: readonly number[]): Point[] => values.map((value, i) => [points[i]!, value]);

export default function Picture() {
  const tried = trials.value;
  const best = tried.reduce<Trial | undefined>((least, one) => (least && least.loss <= one.loss ? least : one), undefined);
  return (
    <div class="stage">
      <figure class="chart">
        <Axes
          x={{ label: 'x', from: -1, to: 1 }}
          y={{ label: 'y', from: -0.1, to: 1.1 }}
          ratio={0.5}
          label={`The absolute value and networks of width ${width.value} from ${tried.length} starts; the best has a mean squared error of ${best ? figure(best.loss) : 'none yet'}.`}
        >
          {tried.map(({ seed, values }) => (
            <Line key={seed} points={along(values)} tone="soft" thin />
          ))}
          <Line points={along(points.map(Math.abs))} tone="ink" dashed />
          {best && <Line points={along(best.values)} tone={0} />}
          {width.value === 1 && <Line points={along(floor.values)} tone={1} dashed />}
          <Rule x={0} words="the turn" />
        </Axes>
        <Legend
          of={[
            { name: '|x|', tone: 'ink', dashed: true },
            { name: `best of ${tried.length} starts`, tone: 0 },
            ...(width.value === 1 ? [{ name: 'best curve without a turn', tone: 1 as const, dashed: true }] : []),
          ]}
        />
      </figure>
      <Controls>
        <Choice label="width of each layer" help="how many units every hidden layer has" of={width} options={[1, 2, 3]} />
        <Slider label="layers" help="how many hidden layers there are" of={layers} min={1} max={5} />
        <PlayButtons of={run} stepWords="One start" />
      </Controls>
      <Numbers
        of={[
          { name: 'best', label: 'least mean squared error', value: best ? figure(best.loss, 4) : '–', row: 127, strong: true },
          { name: 'starts', label: `starts, of ${starts}`, value: tried.length },
          { name: 'floor', label: 'of the best curve without a turn', value: figure(floor.loss, 4) },
        ]}
      />
    </div>
  );
}

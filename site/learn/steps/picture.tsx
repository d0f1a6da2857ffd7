import { computed, signal } from '@preact/signals';
import { Chart, Controls, figure, Handle, Numbers, type Point, Slider } from '../kit';
import { curves, heights, points } from './numbers';

const weight = signal(12);
const from = signal(0);
const to = signal(1);
const drawn = computed(() => curves({ weight: weight.value, from: from.value, to: to.value }));
const seen = computed(() => heights({ weight: weight.value, from: from.value, to: to.value }));

const along = (values: readonly number[]): Point[] => values.map((value, i) => [points[i]!, value]);
const ends = [
  [-1, 2],
  [-1, 1],
] as const;

export default function Picture() {
  const { whole, up, down } = drawn.value;
  const [before, middle, after] = seen.value;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'x', from: -1, to: 2 }}
        y={{ label: 'height', from: -1.15, to: 1.15 }}
        label={`Two sigmoids of weight ${weight.value}, from ${from.value.toFixed(2)} to ${to.value.toFixed(2)}: together ${middle!.toFixed(2)} high in the middle, ${before!.toFixed(2)} before and ${after!.toFixed(2)} after.`}
        series={[
          { name: 'the network: their sum', points: along(whole) },
          { name: 'first sigmoid', points: along(up), tone: 1, dashed: true },
          { name: 'minus the second', points: along(down), tone: 2, dashed: true },
        ]}
      >
        <Handle
          at={[from.value, 0]}
          set={([x]) => {
            from.value = Math.min(x, to.value);
          }}
          label="where the step begins"
          within={ends}
          fixed="y"
          tone={1}
        />
        <Handle
          at={[to.value, 0]}
          set={([x]) => {
            to.value = Math.max(x, from.value);
          }}
          label="where the step ends"
          within={ends}
          fixed="y"
          tone={2}
          shape="square"
        />
      </Chart>
      <Controls>
        <Slider label="weight of both" help="how steep both sigmoids are" of={weight} min={1} max={1000} logarithmic />
      </Controls>
      <Numbers
        of={[
          { name: 'before', label: 'before the step', value: figure(before!), row: 81 },
          { name: 'middle', label: 'in its middle', value: figure(middle!), row: 81, strong: true },
          { name: 'after', label: 'after it', value: figure(after!), row: 81 },
          { name: 'rise', label: 'climbs within 4 / weight', value: figure(4 / weight.value) },
        ]}
      />
    </div>
  );
}

import { computed, signal } from '@preact/signals';
import { Chart, Choice, Controls, figure, Handle, Numbers, type Point, Row, type Tone } from '../kit';
import { curves, heights, points, turns } from './numbers';

const left = signal(-1);
const peak = signal<Point>([0, 1]);
const right = signal(1);
const units = signal(3);
const triangle = computed(() => ({
  left: left.value,
  middle: peak.value[0],
  height: peak.value[1],
  right: right.value,
  units: units.value,
}));

const gap = 0.1;
const inside = [
  [-2, 2],
  [-1.4, 1.4],
] as const;
const along = (values: readonly number[]): Point[] => values.map((value, i) => [points[i]!, value]);
const names = ['first ReLU', 'second', 'third'];

export default function Picture() {
  const now = triangle.value;
  const { whole, parts } = curves(now);
  const at = heights(now);
  return (
    <div class="stage">
      <Chart
        x={{ label: 'x', from: -2, to: 2 }}
        y={{ label: 'height', from: -1.6, to: 1.6 }}
        label={`${now.units} ReLUs with corners at ${[now.left, now.middle, now.right]
          .slice(0, now.units)
          .map((x) => x.toFixed(2))
          .join(', ')}; the sum is ${at[2]!.toFixed(2)} at the middle corner and ${at[4]!.toFixed(2)} at the right one.`}
        series={[
          { name: 'the network: their sum', points: along(whole) },
          ...parts.map((part, i) => ({
            ...{ name: `${names[i]}, times ${figure(turns(now)[i]!, 2)}`, points: along(part), dashed: true },
            tone: ([1, 2, 3] as Tone[])[i]!,
          })),
        ]}
      >
        <Handle
          at={[left.value, 0]}
          set={([x]) => {
            left.value = Math.min(x, peak.value[0] - gap);
          }}
          label="left corner"
          within={inside}
          fixed="y"
          tone={1}
        />
        <Handle
          at={peak.value}
          set={([x, y]) => {
            peak.value = [Math.min(Math.max(x, left.value + gap), right.value - gap), y];
          }}
          label="peak"
          within={inside}
          tone={2}
          shape="square"
        />
        <Handle
          at={[right.value, 0]}
          set={([x]) => {
            right.value = Math.max(x, peak.value[0] + gap);
          }}
          label="right corner"
          within={inside}
          fixed="y"
          tone={3}
          shape="triangle"
        />
      </Chart>
      <Controls>
        <Choice label="units" help="how many of the three ReLUs are there" of={units} options={[1, 2, 3]} />
      </Controls>
      <Numbers
        of={[
          {
            ...{ name: 'heights', label: 'at the corners and between them', strong: true },
            value: (
              <Row n={82} name="corners">
                {at.map((v) => figure(v, 2)).join('  ')}
              </Row>
            ),
          },
        ]}
      />
    </div>
  );
}

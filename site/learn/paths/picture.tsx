// Paths of gradient descent over the loss of 200 rows, by how many rows a step looks at.

import { computed, signal } from '@preact/signals';
import { Axes, Action, Choice, Controls, figure, Legend, Numbers, type Point, Slider } from '../kit';
import { Contours, Path, Start } from '../descent/contours';
import { best, curvature, lossAt, path, rows } from './numbers';

const batches = [rows, 20, 1] as const;
const words = (batch: number) => (batch === rows ? `all ${rows}` : batch === 1 ? 'one' : String(batch));

const start = signal<Point>([-1.6, 2.4]);
const batch = signal<number>(20);
const rate = signal(0.06);
const epochs = signal(4);
const seed = signal(1);

const points = computed(() => path(start.value, batch.value, rate.value, epochs.value, seed.value));
const whole = computed(() => path(start.value, rows, rate.value, epochs.value, seed.value));
const least = lossAt(best);

export default function Picture() {
  const way = points.value;
  const last = way.at(-1)!;
  const steps = way.length - 1;
  const gap = lossAt(last) - least;
  const label = `Contours of the loss over two weights. From (${start.value.map((v) => v.toFixed(1)).join(', ')}), ${steps} steps on ${words(batch.value)} rows each lead to (${last.map((v) => v.toFixed(2)).join(', ')}); the least is at (${best.map((v) => v.toFixed(2)).join(', ')}).`;
  return (
    <div class="stage">
      <figure class="chart">
        <Axes
          x={{ label: 'θ₁', from: -2.5, to: 3 }}
          y={{ label: 'θ₂', from: -3.2, to: 3.2 }}
          ratio={0.62}
          most={560}
          label={label}
        >
          <Contours of={curvature} center={best} levels={[0.5, 2, 5, 10, 18, 30]} />
          {batch.value !== rows && <Path points={whole.value} tone={0} dashed size={3} />}
          <Path points={way} tone={batch.value === rows ? 0 : 1} shape="square" size={batch.value === 1 ? 1.6 : 3} />
          <Start
            at={start.value}
            set={(to) => (start.value = to)}
            within={[
              [-2.4, 2.9],
              [-3, 3],
            ]}
          />
        </Axes>
        <Legend
          of={[
            { name: `all ${rows} rows a step`, tone: 0, dashed: batch.value !== rows },
            ...(batch.value === rows
              ? []
              : [{ name: `${words(batch.value)} row${batch.value === 1 ? '' : 's'} a step`, tone: 1 as const }]),
          ]}
        />
      </figure>
      <Controls>
        <Choice
          label="rows a step looks at"
          help="The fewer, the more steps an epoch has, and the more each is off"
          of={batch}
          options={batches}
          words={words}
        />
        <Slider
          label="rate γ"
          help="How far each step goes"
          of={rate}
          min={0.005}
          max={0.34}
          step={0.005}
          words={(v) => v.toFixed(3)}
        />
        <Slider label="epochs" help="How often every row is seen" of={epochs} min={1} max={12} />
        <Action help="Other orders of the rows" act={() => seed.value++}>
          shuffle anew
        </Action>
      </Controls>
      <Numbers
        of={[
          { name: 'steps', label: 'steps', value: String(steps), row: [6, 54], strong: true },
          { name: 'seen', label: 'rows looked at', value: String(steps * Math.min(batch.value, rows)), row: 55 },
          { name: 'gap', label: 'loss above its least', value: figure(gap, 4), row: [49, 136] },
          { name: 'weights', label: 'θ at the end', value: `${figure(last[0], 2)}, ${figure(last[1], 2)}` },
          { name: 'best', label: 'normal equations', value: `${figure(best[0], 2)}, ${figure(best[1], 2)}`, row: 47 },
        ]}
      />
    </div>
  );
}

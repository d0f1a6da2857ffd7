// A ravine: across it gradients alternate and cancel, along it they add up.

import { sgd } from 'feedforward/baseline';
import { computed, signal } from '@preact/signals';
import { Axes, Controls, figure, Legend, Numbers, type Point, Slider } from '../kit';
import { Contours, curvatureOf, Path, Start } from '../descent/contours';
import { descend, type Valley } from '../descent/valley';
import { settled } from './numbers';

const valley: Valley = { curvatures: [1, 25] };
const steps = 30;
const rate = 0.07;

const start = signal<Point>([10, 1]);
const beta = signal(0.5);

const path = computed(() => descend(valley, start.value, sgd({ learningRate: rate, momentum: beta.value }), steps));
const plain = computed(() => descend(valley, start.value, sgd({ learningRate: rate }), steps));
const sums = computed(() => ({ same: settled(beta.value, false), alternating: settled(beta.value, true) }));
/** How far a path went up and down, and along. */
const travelled = (points: readonly Point[], axis: 0 | 1) =>
  points.slice(1).reduce((sum, point, i) => sum + Math.abs(point[axis] - points[i]![axis]), 0);

export default function Picture() {
  const [with_, without] = [path.value.at(-1)!, plain.value.at(-1)!];
  const label = `A ravine with curvatures 1 and 25. ${steps} steps of rate ${rate} from ${start.value[0].toFixed(1)} along it lead to ${figure(without[0], 2)} without momentum, which jumps from wall to wall, and to ${figure(with_[0], 2)} with momentum ${beta.value}.`;
  return (
    <div class="stage">
      <figure class="chart">
        <Axes
          x={{ label: 'along the ravine', from: -9, to: 12 }}
          y={{ label: 'across', from: -1.6, to: 1.6 }}
          ratio={0.5}
          label={label}
        >
          <Contours of={curvatureOf(valley)} levels={[0.5, 2, 5, 10, 20, 35, 55]} />
          <Path points={plain.value} tone={1} shape="square" dashed />
          <Path points={path.value} tone={0} />
          <Start
            at={start.value}
            set={(to) => (start.value = to)}
            within={[
              [-8.8, 11.8],
              [-1.5, 1.5],
            ]}
          />
        </Axes>
        <Legend
          of={[
            { name: `momentum ${beta.value.toFixed(2)}`, tone: 0 },
            { name: 'gradient descent', tone: 1, dashed: true },
          ]}
        />
      </figure>
      <Controls>
        <Slider
          label="momentum β"
          help="How much of the last step goes on"
          of={beta}
          min={0}
          max={0.95}
          step={0.05}
          words={(v) => v.toFixed(2)}
        />
      </Controls>
      <Numbers
        of={[
          { name: 'same', label: 'gradients 1, 1, 1, … come to', value: figure(sums.value.same), row: 144, strong: true },
          { name: 'alternating', label: '1, −1, 1, −1, … to', value: figure(sums.value.alternating), row: 144, strong: true },
          { name: 'ends', label: `along, after ${steps} steps`, value: figure(with_[0]), row: 137 },
          { name: 'plain', label: 'without momentum', value: figure(without[0]), row: 137 },
          {
            name: 'across',
            label: 'walked across, with and without',
            value: `${figure(travelled(path.value, 1), 1)}, ${figure(travelled(plain.value, 1), 1)}`,
          },
        ]}
      />
    </div>
  );
}

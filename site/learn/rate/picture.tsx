// One rate for two curvatures: what each step multiplies the error by, along each axis, and where descent turns into divergence.

import { gd, sgd } from 'feedforward/baseline';
import { computed, signal } from '@preact/signals';
import { Axes, Controls, figure, Numbers, type Point, Slider } from '../kit';
import { Contours, curvatureOf, Path, Start } from '../descent/contours';
import { descend, lossAt, stepsUntil, type Valley } from '../descent/valley';

const start = signal<Point>([-4.5, 1.5]);
const steep = signal(10);
/** The rate times the largest curvature. */
const share = signal(1);

const valley = computed((): Valley => ({ curvatures: [1, steep.value] }));
const rate = computed(() => share.value / steep.value);
const path = computed(() => descend(valley.value, start.value, sgd({ learningRate: rate.value }), 60));

const arrived = computed(() => stepsUntil(0.01, valley.value, start.value, sgd({ learningRate: rate.value })));
const armijo = computed(() => stepsUntil(0.01, valley.value, start.value, gd({ lineSearch: 'armijo' })));
const stepWords = (steps: number | undefined) => (steps === undefined ? (share.value < 2 ? 'over 600' : 'never') : String(steps));

export default function Picture() {
  const points = path.value;
  const [one, two] = points.slice(-2) as [Point, Point];
  const [flatFactor, steepFactor] = [1 - rate.value, 1 - share.value];
  const grows = lossAt(valley.value, two) > lossAt(valley.value, points[0]!);
  const shrinks = lossAt(valley.value, two) < lossAt(valley.value, one);
  const verdict =
    share.value > 2
      ? 'Across the valley each step lands further out than the one before: it diverges.'
      : share.value === 2
        ? 'It jumps between two walls for ever.'
        : share.value > 1
          ? 'It jumps from wall to wall, and the jumps get smaller.'
          : 'It slides down without jumping; the flat way takes long.';
  const label = `Contours of a quadratic with curvatures 1 and ${steep.value}. A rate of ${rate.value.toFixed(3)} from (${start.value.map((v) => v.toFixed(1)).join(', ')}): ${verdict}`;
  return (
    <div class="stage">
      <Axes
        x={{ label: 'along the valley, curvature 1', from: -5, to: 5 }}
        y={{ label: `across, curvature ${steep.value}`, from: -2.5, to: 2.5 }}
        ratio={0.5}
        label={label}
      >
        <Contours of={curvatureOf(valley.value)} levels={[0.3, 1.2, 3, 6, 10, 16, 24]} />
        <Path points={points} />
        <Start
          at={start.value}
          set={(to) => (start.value = to)}
          within={[
            [-4.9, 4.9],
            [-2.4, 2.4],
          ]}
        />
      </Axes>
      <p class="said">{verdict}</p>
      <Controls>
        <Slider
          label="rate γ, in 1 / L"
          help="Twice 1 / L is the border"
          of={share}
          min={0.05}
          max={2.2}
          step={0.05}
          words={(v) => v.toFixed(2)}
        />
        <Slider label="largest curvature L" help="How steep it is across the valley" of={steep} min={2} max={30} />
      </Controls>
      <Numbers
        of={[
          { name: 'rate', label: 'rate γ', value: figure(rate.value), row: [49, 50] },
          { name: 'flat', label: 'a step multiplies θ₁ by 1 − γ', value: figure(flatFactor) },
          { name: 'steep', label: 'and θ₂ by 1 − γL', value: figure(steepFactor), strong: true },
          {
            name: 'measured',
            label: 'loss, last step, times',
            value: figure(lossAt(valley.value, two) / lossAt(valley.value, one), 4),
            row: 132,
          },
          { name: 'arrived', label: 'steps to a gradient below 0.01', value: stepWords(arrived.value), row: 128 },
          { name: 'armijo', label: 'with a line search instead', value: stepWords(armijo.value), row: 129 },
          { name: 'verdict', label: 'it', value: grows && !shrinks ? 'diverges' : shrinks ? 'converges' : 'stands' },
        ]}
      />
    </div>
  );
}

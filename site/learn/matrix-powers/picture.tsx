// A vector through k equal linear layers: along one eigenvector it grows, along the other it vanishes.

import { computed, signal } from '@preact/signals';
import { Arrow, Axes, Controls, Dots, figure, Handle, Line, Numbers, type Point, Slider, Words } from '../kit';
import { eigenvectors, powersOf } from './numbers';

const first = signal(1.15);
const second = signal(0.6);
const layers = signal(10);
const start = signal<Point>([0.6, 1.4]);

const powers = computed(() => powersOf([first.value, second.value], layers.value, start.value));
const far = 100;

export default function Picture() {
  const { path, trace } = powers.value;
  const seen = path.map(([u, v]): Point => [Math.max(-far, Math.min(far, u)), Math.max(-far, Math.min(far, v))]);
  const end = path.at(-1)!;
  const size = Math.hypot(...end);
  const length = size / Math.hypot(...start.value);
  const theory = first.value ** layers.value + second.value ** layers.value;
  const label = `A vector from (${start.value.map((v) => v.toFixed(2)).join(', ')}) through ${layers.value} equal layers with eigenvalues ${first.value} and ${second.value}: its length becomes ${figure(length)} times what it was.`;
  return (
    <div class="stage">
      <Axes
        x={{ label: 'x₁', from: -4.5, to: 4.5 }}
        y={{ label: 'x₂', from: -2.8, to: 2.8 }}
        ratio={0.62}
        most={560}
        label={label}
      >
        {eigenvectors.map(([u, v], i) => (
          <Line
            key={i}
            points={[
              [-9 * u, -9 * v],
              [9 * u, 9 * v],
            ]}
            tone={i === 0 ? 2 : 3}
            dashed={i === 1}
          />
        ))}
        <Words at={[2.6 * eigenvectors[0][0], 2.6 * eigenvectors[0][1]]} dy={16}>{`λ₁ = ${first.value.toFixed(2)}`}</Words>
        <Words at={[2.2 * eigenvectors[1][0], 2.2 * eigenvectors[1][1]]}>{`λ₂ = ${second.value.toFixed(2)}`}</Words>
        <Line points={seen} tone={0} thin />
        <Dots points={seen.slice(1)} tone={0} size={3.5} />
        <Arrow from={[0, 0]} to={start.value} tone="ink" />
        {size > 0 && <Arrow from={[0, 0]} to={[(2.4 * end[0]) / size, (2.4 * end[1]) / size]} tone={1} />}
        {size > 0 && (
          <Words
            at={[(2.4 * end[0]) / size, (2.4 * end[1]) / size]}
            anchor={end[0] < 0 ? 'end' : 'start'}
            dy={end[1] < 0 ? 16 : -7}
          >
            {`direction after ${layers.value}`}
          </Words>
        )}
        <Handle
          at={start.value}
          set={(to) => (start.value = to)}
          label="vector x"
          within={[
            [-4, 4],
            [-2.5, 2.5],
          ]}
          step={0.1}
        />
      </Axes>
      <Controls>
        <Slider
          label="λ₁"
          help="What each layer multiplies the part along the first line by"
          of={first}
          min={-1.4}
          max={1.4}
          step={0.05}
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="λ₂"
          help="The same for the dashed line"
          of={second}
          min={-1.4}
          max={1.4}
          step={0.05}
          words={(v) => v.toFixed(2)}
        />
        <Slider label="layers k" help="How often W is applied" of={layers} min={1} max={40} />
      </Controls>
      <Numbers
        of={[
          { name: 'length', label: 'its length, times', value: figure(length, 4), strong: true },
          { name: 'trace', label: 'trace of the Jacobian', value: figure(trace, 4), row: 98 },
          { name: 'theory', label: 'λ₁^k + λ₂^k', value: figure(theory, 4), row: 98 },
        ]}
      />
    </div>
  );
}

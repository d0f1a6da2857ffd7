// Explosion, and what stops it: the loss of three trainings from the same weights.

import { computed, signal } from '@preact/signals';
import { Chart, Controls, figure, Numbers, type Point, Slider } from '../kit';
import { type Cure, cures, epochs, run } from './numbers';

const deviation = signal(0.5);
const rate = signal(0.1);

const words: Readonly<Record<Cure, string>> = { nothing: 'bare', L2: 'L2 penalty', clipping: 'norm clipped to 1' };
const looks = {
  nothing: { tone: 1, dots: 'square' },
  L2: { tone: 3, dashed: true },
  clipping: { tone: 0, dashed: false },
} as const;
const runs = computed(() => cures.map((cure) => [cure, run(cure, deviation.value, rate.value)] as const));

const outcome = ({ losses, code }: ReturnType<typeof run>) =>
  code === undefined ? figure(losses.at(-1)!) : `diverged after ${losses.length} epoch${losses.length === 1 ? '' : 's'}`;

export default function Picture() {
  const all = runs.value;
  const label = `Loss by epoch, logarithmic, of ten ReLU layers from weights of deviation ${deviation.value}: ${all.map(([cure, one]) => `${words[cure]} ${outcome(one)}`).join('; ')}.`;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'epoch', from: 1, to: epochs }}
        y={{ label: 'loss', from: 0.01, to: 1e8, log: true }}
        ratio={0.5}
        series={all.map(([cure, { losses }]) => ({
          name: words[cure],
          ...looks[cure],
          points: losses.map((loss, i): Point => [i + 1, loss]),
        }))}
        label={label}
      />
      <Controls>
        <Slider
          label="deviation of the first weights"
          help="He's rule would be 0.35 here; larger weights make larger gradients, layer by layer"
          of={deviation}
          min={0.2}
          max={0.7}
          step={0.05}
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="rate"
          help="How far each step goes"
          of={rate}
          min={0.01}
          max={0.3}
          step={0.01}
          words={(v) => v.toFixed(2)}
        />
      </Controls>
      <Numbers
        of={[
          { name: 'norm', label: 'norm of the first gradient', value: figure(all[0]![1].norm, 1) },
          ...all.map(([cure, one]) => ({
            name: cure,
            label: words[cure],
            value: outcome(one),
            row: 102,
            strong: cure === 'clipping',
          })),
        ]}
      />
    </div>
  );
}

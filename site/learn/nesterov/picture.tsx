// One step at a time: where momentum alone would lead, and where the gradient is taken.

import { computed, signal } from '@preact/signals';
import {
  Arrow,
  Axes,
  Choice,
  Controls,
  Dots,
  figure,
  Legend,
  Numbers,
  PlayButtons,
  player,
  type Point,
  Slider,
  Words,
} from '../kit';
import { Contours, curvatureOf, Path, Start } from '../descent/contours';
import { stepsTo, type Valley } from '../descent/valley';
import { apart, stepsOf, written } from './numbers';

const valley: Valley = { curvatures: [1, 12] };
const most = 40;

const start = signal<Point>([-8, 1.5]);
const beta = signal(0.85);
const rate = signal(0.06);
const shown = signal(3);
const kind = signal<'Nesterov' | 'heavy ball'>('Nesterov');
const kappa = signal(100);

const settings = computed(() => ({ valley, start: start.value, rate: rate.value, beta: beta.value, steps: most }));
const ways = computed(() => ({ Nesterov: written(settings.value, true), 'heavy ball': written(settings.value, false) }));
const pathOf = (name: 'Nesterov' | 'heavy ball'): Point[] => [start.value, ...ways.value[name].map(({ next }) => next)];
const needed = computed(() => stepsOf(kappa.value));

const by = player({
  perSecond: 3,
  step: () => {
    shown.value = Math.min(most, shown.value + 1);
    return shown.value < most;
  },
  reset: () => {
    shown.value = 1;
  },
});

export default function Picture() {
  const k = shown.value;
  const { theta, ahead, asked, next } = ways.value[kind.value][k - 1]!;
  const other = kind.value === 'Nesterov' ? 'heavy ball' : 'Nesterov';
  const off = apart(settings.value, kind.value === 'Nesterov');
  const count = (name: 'Nesterov' | 'heavy ball') => stepsTo(1e-2, valley, pathOf(name)) ?? `more than ${most}`;
  const label = `Step ${k} of ${kind.value} down a valley: from (${theta.map((v) => v.toFixed(2)).join(', ')}) momentum leads to (${ahead.map((v) => v.toFixed(2)).join(', ')}), the gradient is taken at (${asked.map((v) => v.toFixed(2)).join(', ')}), and the step ends at (${next.map((v) => v.toFixed(2)).join(', ')}).`;
  return (
    <div class="stage">
      <figure class="chart">
        <Axes
          x={{ label: 'θ₁, curvature 1', from: -9, to: 9 }}
          y={{ label: 'θ₂, curvature 12', from: -3, to: 3 }}
          ratio={0.5}
          label={label}
        >
          <Contours of={curvatureOf(valley)} levels={[1, 4, 10, 20, 34, 52]} />
          <Path points={pathOf(other).slice(0, k + 1)} tone={1} dashed shape="square" />
          <Path points={pathOf(kind.value).slice(0, k)} tone={0} />
          <Arrow from={theta} to={ahead} tone="soft" />
          <Arrow from={ahead} to={next} tone={2} />
          <Dots points={[asked]} shape="triangle" tone={3} size={6} />
          <Words at={asked}>gradient here</Words>
          <Dots points={[next]} tone={0} size={5} />
          <Start
            at={start.value}
            set={(to) => (start.value = to)}
            within={[
              [-8.8, 8.8],
              [-2.8, 2.8],
            ]}
          />
        </Axes>
        <Legend
          of={[
            { name: kind.value, tone: 0 },
            { name: other, tone: 1, dashed: true },
            { name: 'momentum alone', tone: 'soft' },
            { name: 'the gradient’s part', tone: 2 },
          ]}
        />
      </figure>
      <Controls>
        <PlayButtons of={by} />
        <Choice label="look at" help="Whose step is drawn in detail" of={kind} options={['Nesterov', 'heavy ball'] as const} />
        <Slider label="step" help="Which step is drawn" of={shown} min={1} max={most} />
        <Slider
          label="momentum β"
          help="How much of the last step goes on"
          of={beta}
          min={0}
          max={0.98}
          step={0.01}
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="rate γ"
          help="How far a gradient moves"
          of={rate}
          min={0.005}
          max={0.15}
          step={0.005}
          words={(v) => v.toFixed(3)}
        />
        <Slider
          label="condition number κ"
          help="Steepest over flattest curvature, for the steps counted below"
          of={kappa}
          min={4}
          max={400}
          logarithmic
        />
      </Controls>
      <Numbers
        of={[
          { name: 'apart', label: 'library’s weights from the ▲, apart by', value: figure(off), row: 145 },
          { name: 'nesterov', label: 'Nesterov: within a hundredth after', value: String(count('Nesterov')) },
          { name: 'ball', label: 'heavy ball', value: String(count('heavy ball')) },
        ]}
      />
      <p class="said">Steps until the loss stays within a millionth, with curvatures 1 to {kappa.value}:</p>
      <Numbers
        of={needed.value.map(([name, steps]) => ({
          name: `to a millionth, ${name}`,
          label: name,
          value: steps === undefined ? 'more' : String(steps),
          row: 146,
          strong: name === 'Nesterov',
        }))}
      />
    </div>
  );
}

// The heavy ball down a valley: the library's path, and rings where the chosen form's formula puts each step.

import { computed, signal } from '@preact/signals';
import { Axes, Choice, Controls, figure, Legend, Numbers, type Point, Slider, usePlace } from '../kit';
import { Contours, curvatureOf, Path, Start } from '../descent/contours';
import { descend, lossAt, stepsTo, type Valley } from '../descent/valley';
import { apart, type Form, forms, optimizerOf, scheduled, written } from './numbers';

const valley: Valley = { curvatures: [1, 12] };
const steps = 50;

const words: Readonly<Record<Form, string>> = {
  velocity: 'velocity',
  differences: 'differences of θ',
  sum: 'sum of all gradients',
  average: 'average (EMA)',
  schedule: 'β(k)',
};
const formulas: Readonly<Record<Form, string>> = {
  velocity: 'v ← β v + g,  θ ← θ − γ v',
  differences: 'θ(k+1) = θ(k) − γ g(k) + β (θ(k) − θ(k−1))',
  sum: 'θ(k+1) = θ(k) − γ Σ β^(k−j) g(j)',
  average: 'm ← β m + (1 − β) g,  θ ← θ − γ m',
  schedule: 'v ← β(k) v + g with β(k) = 1 − 2 / (k + 3)',
};

const start = signal<Point>([-8, 2]);
const beta = signal(0.8);
const rate = signal(0.05);
const form = signal<Form>('velocity');

const settings = computed(() => ({ beta: beta.value, rate: rate.value }));
const plain = computed(() => descend(valley, start.value, optimizerOf('velocity', { rate: rate.value, beta: 0 }), steps));
const library = computed(() => descend(valley, start.value, optimizerOf(form.value, settings.value), steps));
const hand = computed(() => written(form.value, settings.value, valley, start.value, library.value.length - 1));

function Rings() {
  const { x, y } = usePlace();
  return (
    <g class="rings">
      {hand.value.map(([u, v], i) => (
        <circle key={i} cx={x(u)} cy={y(v)} r={5.5} />
      ))}
    </g>
  );
}

export default function Picture() {
  const off = apart(hand.value, library.value);
  const [few, many] = [stepsTo(1e-2, valley, library.value), stepsTo(1e-2, valley, plain.value)];
  const share = lossAt(valley, library.value.at(-1)!) / lossAt(valley, start.value);
  const label = `Contours of a valley with curvatures 1 and 12. The heavy ball with beta ${beta.value} from (${start.value.map((v) => v.toFixed(1)).join(', ')}): ${steps} steps leave ${figure(share)} of the loss. The formula's steps and the library's are ${figure(off)} apart at most.`;
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
          <Path points={plain.value} tone={1} dashed shape="square" />
          <Path points={library.value} tone={0} />
          <Rings />
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
            { name: 'the library’s heavy ball; rings: the formula’s steps', tone: 0 },
            { name: 'without momentum', tone: 1, dashed: true },
          ]}
        />
      </figure>
      <Choice label="written as" help="The same idea in another form" of={form} options={forms} words={(f) => words[f]} />
      <p class="said formula">{formulas[form.value]}</p>
      <Controls>
        <Slider
          label="momentum β"
          help="How much of the last step goes on"
          of={beta}
          min={0}
          max={0.98}
          step={0.01}
          words={(v) =>
            form.value === 'schedule' ? `β(0) = ${scheduled(0).toFixed(2)}, β(50) = ${scheduled(50).toFixed(2)}` : v.toFixed(2)
          }
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
      </Controls>
      <Numbers
        of={[
          {
            name: 'apart',
            label: 'formula and library, apart by',
            value: figure(off),
            row: [7, 139, 140, 141, 142],
            strong: true,
          },
          {
            name: 'steps',
            label: 'steps until the loss stays within a hundredth',
            value: few === undefined ? 'more than 50' : String(few),
          },
          { name: 'left', label: `loss left after ${library.value.length - 1}`, value: figure(share, 5) },
          { name: 'plain', label: 'without momentum', value: many === undefined ? 'more than 50' : String(many) },
        ]}
      />
    </div>
  );
}

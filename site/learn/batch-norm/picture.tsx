// A unit's net inputs on one batch, before and after batch normalisation, under the sigmoid that comes next.

import { computed, signal } from '@preact/signals';
import { Axes, Controls, Dots, figure, Legend, Line, Numbers, percent, type Point, Rule, Slider, Switch, Words } from '../kit';
import { batchOf, byHand, normalised, slopeOf } from './numbers';

const mean = signal(4);
const deviation = signal(2);
const gamma = signal(1);
const beta = signal(0);
const on = signal(true);

const z = computed(() => batchOf(mean.value, deviation.value));
const out = computed(() => normalised(z.value, gamma.value, beta.value));
const off = computed(() =>
  byHand(z.value, gamma.value, beta.value).reduce((most, v, i) => Math.max(most, Math.abs(v - out.value.out[i]!)), 0),
);

const sigmoid = Array.from({ length: 121 }, (_, i): Point => [-9 + 0.15 * i, 1 / (1 + Math.exp(9 - 0.15 * i))]);
const on_ = (values: readonly number[], height: number) =>
  values.map((value, i): Point => [value, height + 0.05 * Math.sin(7 * i)]);

const momentsOf = (values: readonly number[]) => {
  const average = values.reduce((sum, v) => sum + v, 0) / values.length;
  return [average, Math.sqrt(values.reduce((sum, v) => sum + (v - average) ** 2, 0) / values.length)] as const;
};

export default function Picture() {
  const [before, after] = [momentsOf(z.value), momentsOf(out.value.out)];
  const [slope, slopeAfter] = [slopeOf(z.value), slopeOf(out.value.out)];
  const label = `64 net inputs of a unit on the sigmoid's axis: mean ${figure(before[0], 1)} and deviation ${figure(before[1], 1)}${on.value ? `; after batch normalisation mean ${figure(after[0], 1)} and deviation ${figure(after[1], 1)}` : ''}.`;
  return (
    <div class="stage">
      <figure class="chart">
        <Axes
          x={{ label: 'net input z', from: -9, to: 9 }}
          y={{ label: 'sigmoid(z)', from: -0.75, to: 1.1, ticks: [0, 0.5, 1] }}
          ratio={0.5}
          label={label}
        >
          <Rule y={0} />
          <Line points={sigmoid} tone="soft" />
          <Dots points={on_(z.value, -0.25)} tone={1} shape="square" size={3.5} />
          <Words at={[-8.8, -0.25]} dy={4}>
            before
          </Words>
          {on.value && <Dots points={on_(out.value.out, -0.55)} tone={0} size={3.5} />}
          {on.value && (
            <Words at={[-8.8, -0.55]} dy={4}>
              after
            </Words>
          )}
          <Dots
            points={(on.value ? out.value.out : z.value).map((v): Point => [v, 1 / (1 + Math.exp(-v))])}
            tone={on.value ? 0 : 1}
            shape={on.value ? 'circle' : 'square'}
            size={3}
          />
        </Axes>
        <Legend
          of={[
            { name: 'net inputs of the batch', tone: 1, dots: 'square' },
            ...(on.value ? [{ name: 'normalised', tone: 0 as const, dots: 'circle' as const }] : []),
          ]}
        />
      </figure>
      <Controls>
        <Slider
          label="mean of the batch"
          help="Shifts all net inputs"
          of={mean}
          min={-6}
          max={6}
          step={0.25}
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="spread of the batch"
          help="Pulls them apart"
          of={deviation}
          min={0.25}
          max={4}
          step={0.25}
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="γ"
          help="The spread that the network wants"
          of={gamma}
          min={0}
          max={4}
          step={0.25}
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="β"
          help="The mean that the network wants"
          of={beta}
          min={-4}
          max={4}
          step={0.25}
          words={(v) => v.toFixed(2)}
        />
        <Switch label="batch norm" help="With and without it" of={on} />
      </Controls>
      <Numbers
        of={[
          { name: 'mean', label: 'mean after', value: figure(after[0], 3) },
          { name: 'deviation', label: 'deviation after', value: figure(after[1], 3) },
          { name: 'apart', label: 'from γ (z − mean) / √(var + ε) + β, off by', value: figure(off.value), row: 10 },
          { name: 'slope', label: 'slope of the sigmoid, on average: before', value: percent(slope, 1) },
          { name: 'slopeAfter', label: 'after', value: percent(slopeAfter, 1), row: 103, strong: true },
        ]}
      />
    </div>
  );
}

import { computed, signal } from '@preact/signals';
import { Chart, Controls, figure, Numbers, percent, PlayButtons, player, type Point, Rule, Slider, Switch } from '../kit';
import { limit, points, wave } from './numbers';

const most = 80;
const sines = signal(6);
const near = signal(false);
const sum = computed(() => wave(sines.value));
const bound = limit();

const grow = player({
  step() {
    sines.value = Math.min(most, sines.value + 1);
    return sines.value < most;
  },
  reset() {
    sines.value = 1;
  },
  perSecond: 8,
});

const jump = points.map((x): Point => [x, Math.sign(x)]);

export default function Picture() {
  const { values, overshoot, peak, top } = sum.value;
  const reach = near.value ? 0.5 : Math.PI;
  const n = sines.value;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'x', from: -reach, to: reach }}
        y={{ label: 'y', from: -1.45, to: 1.45 }}
        ratio={0.52}
        label={`A jump from -1 to 1 and ${n} sines: the first peak is ${percent(overshoot, 2)} of the jump too high.`}
        series={[
          { name: 'the jump', points: jump, tone: 'ink', dashed: true },
          { name: `${n} sine${n === 1 ? '' : 's'}`, points: values.map((v, i): Point => [points[i]!, v]), tone: 0 },
          { name: 'first peak', points: [[peak, top]], tone: 1, dots: 'circle' },
        ]}
      >
        <Rule y={1 + 2 * bound} words={`1 + 2 · ${percent(bound, 3)}`} tone={1} />
      </Chart>
      <Controls>
        <Slider label="sines" help="how many odd waves are added up" of={sines} min={1} max={most} />
        <Switch label="near the jump" help="look at the jump from nearby" of={near} />
        <PlayButtons of={grow} stepWords="One more" />
      </Controls>
      <Numbers
        of={[
          {
            name: 'overshoot',
            label: 'too high, as a share of the jump',
            value: percent(overshoot, 2),
            row: [84, 85],
            strong: true,
          },
          { name: 'peak', label: 'at x', value: figure(peak, 4) },
          { name: 'limit', label: 'limit for any number', value: percent(bound, 3) },
        ]}
      />
    </div>
  );
}

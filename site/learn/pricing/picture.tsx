import { computed, signal } from '@preact/signals';
import { Chart, Choice, Controls, figure, Numbers, PlayButtons, player, type Point, Slider } from '../kit';
import { onChange } from '../kit/changes';
import { exactCurve, type Greek, type Judged, last, StandIn, spots, type Teacher, volatilities } from './numbers';

const samples = signal<number>(256);
const teacher = signal<Teacher>('prices');
const greek = signal<Greek>('delta');
const volatility = signal(0.2);
let proxy = new StandIn(samples.value, teacher.value);
const judged = signal<Judged>(proxy.advance(0));
const run = player({
  step() {
    judged.value = proxy.advance(samples.value > 500 ? 1 : 2);
    return judged.value.epochs < last;
  },
  reset() {
    proxy = new StandIn(samples.value, teacher.value);
    judged.value = proxy.advance(0);
  },
  plays: true,
});
onChange(
  () => [samples.value, teacher.value],
  () => {
    run.reset();
    run.play();
  },
);

const exact = computed(() => exactCurve(greek.value, volatility.value));
const heights: Record<Greek, readonly [number, number]> = { price: [-0.05, 0.6], delta: [-0.15, 1.15], gamma: [-1, 6] };

export default function Picture() {
  const { price, delta, epochs } = judged.value;
  const curve = exact.value;
  const own = proxy.curve(
    greek.value,
    volatility.value,
    curve.map(({ spot }) => spot),
  );
  const off = Math.sqrt(curve.reduce((sum, { exact }, i) => sum + (own[i]! - exact) ** 2, 0) / curve.length);
  const [from, to] = heights[greek.value];
  return (
    <div class="stage">
      <Chart
        x={{ label: 'spot over strike', from: spots.from, to: spots.to }}
        y={{ label: greek.value, from, to }}
        ratio={0.5}
        label={`The ${greek.value} of a call along the spot, exact and by a network after ${epochs} epochs of ${samples.value} calls: its deltas are off by ${figure(delta)}.`}
        series={[
          {
            name: 'exact: Black and Scholes',
            points: curve.map(({ spot, exact }): Point => [spot, exact]),
            tone: 'ink',
            dashed: true,
          },
          {
            name: `learnt from ${teacher.value === 'prices' ? 'prices' : 'prices and derivatives'}`,
            points: own.map((v, i): Point => [curve[i]!.spot, v]),
            tone: 0,
          },
        ]}
      />
      <Controls>
        <Choice
          label="learn from"
          help="what is known of each call"
          of={teacher}
          options={['prices', 'derivatives'] as Teacher[]}
          words={(t) => (t === 'prices' ? 'prices' : 'prices and derivatives')}
        />
        <Choice label="calls" help="how many it learns from" of={samples} options={[64, 256, 1024]} />
        <Choice
          label="look at"
          help="the price, its slope, or its curvature"
          of={greek}
          options={['price', 'delta', 'gamma'] as Greek[]}
        />
        <Slider
          label="volatility"
          help="how wild the share is"
          of={volatility}
          min={volatilities.from}
          max={volatilities.to}
          step={0.05}
          words={(v) => v.toFixed(2)}
        />
        <PlayButtons of={run} />
      </Controls>
      <Numbers
        of={[
          { name: 'price', label: 'prices, off by', value: figure(price, 4), row: 3, strong: true },
          { name: 'delta', label: 'deltas, off by', value: figure(delta, 4), row: 3, strong: true },
          { name: 'curve', label: `this ${greek.value} curve, off by`, value: figure(off, 4) },
          { name: 'epochs', label: `epochs, of ${last}`, value: epochs },
        ]}
      />
    </div>
  );
}

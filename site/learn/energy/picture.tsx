import { computed, signal } from '@preact/signals';
import { Action, Chart, Choice, Controls, figure, Numbers, type Point, Rule, Slider } from '../kit';
import { onChange } from '../kit/changes';
import { breakEven, measure, multiplyAdds } from './numbers';

const paths = signal<number>(5000);
const samples = signal<number>(256);
const watts = signal(4);
const asked = signal(1e6);
const measured = signal(measure(paths.value, samples.value));
const again = (): void => {
  measured.value = measure(paths.value, samples.value);
};
onChange(() => [paths.value, samples.value], again);

const products = multiplyAdds();
const counts = Array.from({ length: 57 }, (_, i) => 10 ** (1 + i / 8));
const joules = computed(() => {
  const { simulated, predicted, learning } = measured.value;
  return {
    simulation: (n: number): number => watts.value * simulated * n,
    network: (n: number): number => watts.value * (learning + predicted * n),
  };
});
const big = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 0 });
/** 1M for a million, where room is short. */
/** Joules: cents of them only where there are few. */
const amount = (value: number): string => (value >= 100 ? big(value) : figure(value, 2));
const short = (value: number): string => value.toLocaleString('en', { notation: 'compact' });

export default function Picture() {
  const { simulated, predicted, error } = measured.value;
  const { simulation, network } = joules.value;
  const pays = breakEven(measured.value);
  const along = (of: (n: number) => number): Point[] => counts.map((n) => [n, of(n)]);
  const n = asked.value;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'prices asked for', from: 10, to: 1e8, log: true }}
        y={{ label: 'joules', from: 1e-4, to: 1e7, log: true }}
        ratio={0.45}
        label={`Joules by the number of prices: the network has paid after ${big(Math.ceil(pays))} prices; ${big(n)} cost ${figure(network(n), 1)} joules by the network and ${figure(simulation(n), 1)} by simulation.`}
        series={[
          { name: 'simulation, each time', points: along(simulation), tone: 1 },
          { name: 'network, and what learning cost', points: along(network), tone: 0 },
          { name: 'pays from here on', points: Number.isFinite(pays) ? [[pays, network(pays)]] : [], tone: 2, dots: 'square' },
        ]}
      >
        <Rule x={n} words={`${short(n)} prices`} tone="ink" />
      </Chart>
      <Controls>
        <Choice
          label="paths of a simulation"
          help="how exact and how dear each simulated price is"
          of={paths}
          options={[1000, 5000, 20_000]}
          words={big}
        />
        <Choice
          label="calls to learn from"
          help="prices simulated for the network"
          of={samples}
          options={[64, 256, 512]}
          words={big}
        />
        <Slider
          label="prices asked for"
          help="how many prices are needed"
          of={asked}
          min={10}
          max={1e8}
          logarithmic
          words={short}
        />
        <Slider label="watts of the processor" help="joules are seconds times watts" of={watts} min={1} max={100} logarithmic />
        <Action act={again}>Measure again</Action>
      </Controls>
      <Numbers
        of={[
          { name: 'products', label: 'multiply-adds of a price', value: products, row: 11 },
          {
            name: 'pays',
            label: 'pays after',
            value: Number.isFinite(pays) ? big(Math.ceil(pays)) : 'never',
            row: [3, 11],
            strong: true,
          },
          { name: 'network', label: 'joules, network', value: amount(network(n)), row: 11 },
          { name: 'simulation', label: 'joules, simulation', value: amount(simulation(n)), row: 11 },
          { name: 'times', label: 'times as fast', value: figure(simulated / predicted, 0) },
          { name: 'error', label: 'network, off by', value: figure(error) },
        ]}
      />
    </div>
  );
}

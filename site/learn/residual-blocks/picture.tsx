// Blocks with and without a way around them: the gradient that reaches each.

import { computed, signal } from '@preact/signals';
import { Chart, Controls, figure, Numbers, type Point, Slider } from '../kit';
import { diagonalOf, gradientsOf, tensorsOf } from './numbers';

const blocks = signal(20);
const scale = signal(0.5);
const outputs = signal(4);

const ways = computed(
  () => [gradientsOf(blocks.value, scale.value, true), gradientsOf(blocks.value, scale.value, false)] as const,
);
const diagonals = computed(() => [true, false].map((skip) => diagonalOf(scale.value, skip)));
const tensors = computed(() => tensorsOf(3, outputs.value));
const pointsOf = (values: readonly number[]) => values.map((value, i): Point => [i + 1, value]);
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Powers of ten only where they are needed. */
const short = (value: number) => figure(value, value < 0.01 ? 3 : 2);

export default function Picture() {
  const [skip, plain] = ways.value;
  const ratio = (values: readonly number[]) => values[0]! / values.at(-1)!;
  const added = tensors.value.find(({ name }) => name.includes('projection'));
  const label = `Gradient of a weight by block, logarithmic, ${blocks.value} blocks. With skips the first block gets ${short(ratio(skip))} times what the last gets, without ${short(ratio(plain))} times.`;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'block, from the inputs', from: 1, to: 30 }}
        y={{ label: 'gradient of a weight', from: 1e-18, to: 1e6, log: true }}
        ratio={0.5}
        series={[
          { name: 'x + F(x)', points: pointsOf(skip), tone: 0 },
          { name: 'F(x)', points: pointsOf(plain), tone: 1, dashed: true },
        ]}
        label={label}
      />
      <Controls>
        <Slider label="blocks" help="How many stand one after the other" of={blocks} min={2} max={30} />
        <Slider
          label="size of the weights in F"
          help="At 0 a block with a skip hands x on as it is"
          of={scale}
          min={0}
          max={1.5}
          step={0.05}
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="outputs of a block with 3 inputs"
          help="Where widths differ the way around needs a matrix"
          of={outputs}
          min={1}
          max={6}
        />
      </Controls>
      <Numbers
        of={[
          { name: 'ratio', label: 'first block / last, x + F(x)', value: short(ratio(skip)), row: 104, strong: true },
          { name: 'plain', label: 'first block / last, F(x)', value: short(ratio(plain)) },
          {
            name: 'jacobian',
            label: 'diagonal of a block’s Jacobian, on average: x + F(x)',
            value: figure(mean(diagonals.value[0]!)),
            row: 104,
          },
          { name: 'plainJacobian', label: 'F(x)', value: figure(mean(diagonals.value[1]!)) },
          {
            name: 'projection',
            label: `around a block 3 → ${outputs.value}`,
            value: added === undefined ? 'x itself' : `x P, P [${added.shape.join(', ')}]`,
            row: 105,
          },
        ]}
      />
    </div>
  );
}

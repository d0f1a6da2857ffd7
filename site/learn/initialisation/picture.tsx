// The signal through thirty ReLU layers, for the variance that the first weights are drawn with.

import { computed, signal } from '@preact/signals';
import { Action, Chart, Controls, figure, Numbers, type Point, Slider } from '../kit';
import { depth, factorOf, spreadsOf, unitsOf } from './numbers';

const variance = signal(0.75);
const equal = signal<ReturnType<typeof unitsOf> | undefined>(undefined);
const random = signal<ReturnType<typeof unitsOf> | undefined>(undefined);

const spreads = computed(() => spreadsOf(variance.value));
const he = spreadsOf(2);
const glorot = spreadsOf(1);
const pointsOf = (values: readonly number[]) => values.map((value, i): Point => [i + 1, value]);
const told = (found: ReturnType<typeof unitsOf> | undefined) =>
  found === undefined ? 'not trained yet' : `${found.units} of 8, loss ${figure(found.loss)}`;

export default function Picture() {
  const factor = factorOf(spreads.value);
  const theory = Math.sqrt(variance.value / 2);
  const last = spreads.value.at(-1)!;
  const state = last < 1e-3 ? 'the signal dies' : last > 1e3 ? 'the signal explodes' : 'the signal stays';
  const label = `Root mean square of the activations by layer, logarithmic, through ${depth} ReLU layers whose weights have variance ${variance.value} / n: after the last it is ${figure(last)}; ${state}. He's 2 / n keeps it level, 1 / n loses it.`;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'layer', from: 1, to: depth }}
        y={{ label: 'root mean square of the activations', from: 1e-8, to: 1e8, log: true }}
        ratio={0.55}
        series={[
          { name: `yours: ${variance.value} / n`, points: pointsOf(spreads.value), tone: 0 },
          { name: 'He: 2 / n', points: pointsOf(he), tone: 2, dashed: true },
          { name: 'Glorot: 1 / n', points: pointsOf(glorot), tone: 1, dashed: true },
        ]}
        label={label}
      />
      <Controls>
        <Slider
          label="variance of a weight, times n"
          help="2 is He's rule, 1 Glorot's"
          of={variance}
          min={0.25}
          max={8}
          step={0.25}
          words={(v) => `${v} / n`}
        />
        <Action
          act={() => {
            equal.value = unitsOf(true);
            random.value = unitsOf(false);
          }}
          help="Trains exclusive or twice: from equal weights, and from random ones"
        >
          train from equal weights
        </Action>
      </Controls>
      <Numbers
        of={[
          { name: 'factor', label: 'a layer multiplies it by', value: figure(factor), row: 103, strong: true },
          { name: 'theory', label: '√(v / 2)', value: figure(theory), row: 103 },
          { name: 'last', label: `after ${depth} layers`, value: figure(last, 4) },
          { name: 'state', label: 'so', value: state },
        ]}
      />
      <Numbers
        of={[
          { name: 'equal', label: 'different units, from equal weights', value: told(equal.value) },
          { name: 'random', label: 'from random ones', value: told(random.value) },
        ]}
      />
    </div>
  );
}

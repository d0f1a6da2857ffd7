// The error of differences by their step, and how many passes they take.

import { computed, signal } from '@preact/signals';
import { Chart, Controls, figure, Numbers, type Point, Rule, scientific, Slider } from '../kit';
import { costOf, errorOf } from './numbers';

const power = signal(-3);
const units = signal(128);

const steps = Array.from({ length: 23 }, (_, i) => 10 ** (-1 - i / 2));
const curve = (kind: 'one-sided' | 'central'): Point[] => steps.map((h) => [h, errorOf(kind, h)] as const);
const oneSided = curve('one-sided');
const central = curve('central');

const h = computed(() => 10 ** power.value);
const errors = computed(() => [errorOf('one-sided', h.value), errorOf('central', h.value)] as const);
const cost = computed(() => costOf(units.value));

/** The powers of h that the errors go with, between steps where rounding is no part of them. */
const order = (kind: 'one-sided' | 'central') => Math.log10(errorOf(kind, 1e-2) / errorOf(kind, 1e-3));
const orders = [order('one-sided'), order('central')] as const;

export default function Picture() {
  const [one, two] = errors.value;
  const { weights, central: passes, ratio } = cost.value;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'step h', from: 1e-12, to: 0.1, log: true }}
        y={{ label: 'relative error', from: 1e-12, to: 1, log: true }}
        ratio={0.5}
        series={[
          { name: 'one-sided: (C(w + h) − C(w)) / h', points: oneSided },
          { name: 'central: (C(w + h) − C(w − h)) / 2h', points: central, dashed: true },
        ]}
        label={`Relative error of differences by their step h, from 1e−12 to 0.1: both curves fall as h shrinks, then rise again. At h = ${h.value.toExponential(0)} the one-sided error is ${scientific(one)}.`}
      >
        <Rule x={h.value} words={`h = ${h.value.toExponential(0)}`} tone="ink" />
      </Chart>
      <Controls>
        <Slider
          label="step h"
          help="Moves the line: how far a weight is moved for the difference"
          of={power}
          min={-12}
          max={-1}
          step={0.5}
          words={(p) => (10 ** p).toExponential(0)}
        />
        <Slider
          label="hidden units of 784-?-10"
          help="A wider network has more weights, each of which needs passes of its own"
          of={units}
          min={1}
          max={1000}
          words={String}
          logarithmic
        />
      </Controls>
      <Numbers
        of={[
          { name: 'oneSided', label: 'one-sided, off by', value: figure(one), row: 148 },
          { name: 'central', label: 'central, off by', value: figure(two), row: 53 },
          {
            name: 'orders',
            label: 'powers of h that the errors go like',
            value: `${figure(orders[0], 2)} and ${figure(orders[1], 2)}`,
          },
        ]}
      />
      <Numbers
        of={[
          { name: 'weights', label: 'weights P', value: weights.toLocaleString('en') },
          {
            name: 'passes',
            label: 'forward passes by central differences, 2P',
            value: passes.toLocaleString('en'),
            row: 149,
            strong: true,
          },
          { name: 'ratio', label: 'forward and backward, in forward passes', value: figure(ratio, 2), row: 150, strong: true },
        ]}
      />
    </div>
  );
}

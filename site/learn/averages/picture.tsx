// A noisy sequence and its exponential moving average; how much each value counts at the place that is looked at.

import { computed, signal } from '@preact/signals';
import {
  Axes,
  Choice,
  Controls,
  figure,
  Handle,
  Legend,
  Line,
  Mark,
  Numbers,
  percent,
  type Point,
  Rule,
  Slider,
  usePlace,
} from '../kit';
import { averageOf, length, sequence, type Start, weightsIn } from './numbers';

const beta = signal(0.9);
const noise = signal(0.4);
const start = signal<Start>('first');
const at = signal(30);

const y = computed(() => sequence(noise.value));
const s = computed(() => averageOf(y.value, beta.value, start.value));
const weights = computed(() => weightsIn(at.value - 1, beta.value, start.value));
const startWords = { first: 's(1) = y(1)', zero: 's(0) = 0', corrected: 's(0) = 0, corrected' } as const;

/** Values of the sequence, as large as they count in s(k). */
function Values() {
  const { x, y: up } = usePlace();
  const most = Math.max(...weights.value);
  return (
    <g>
      {y.value.map((value, j) => (
        <Mark
          key={j}
          cx={x(j + 1)}
          cy={up(value)}
          tone={j < at.value ? 1 : 'soft'}
          size={j < at.value ? 1.6 + 6 * Math.sqrt(weights.value[j]! / most) : 2.2}
        />
      ))}
    </g>
  );
}

export default function Picture() {
  const k = at.value;
  const back = weights.value[k - 3];
  const share = back === undefined ? Number.NaN : back / weights.value[k - 1]!;
  const sum = weights.value.reduce((total, w) => total + w, 0);
  const memory = 1 / (1 - beta.value);
  const label = `A sequence of ${length} noisy values and its average with beta ${beta.value}, ${startWords[start.value]}. At k = ${k} the average is ${figure(s.value[k - 1]!)}; the value two steps back counts ${percent(share)} of the last one.`;
  return (
    <div class="stage">
      <figure class="chart">
        <Axes x={{ label: 'k', from: 0, to: length }} y={{ label: 'value', from: -1.2, to: 3.2 }} ratio={0.52} label={label}>
          <Values />
          <Line points={s.value.map((value, j): Point => [j + 1, value])} tone={0} />
          <Rule x={k} tone="ink" />
          <Handle
            at={[k, s.value[k - 1]!]}
            set={([to]) => (at.value = Math.round(to))}
            label="place k"
            within={[
              [1, length],
              [-9, 9],
            ]}
            fixed="y"
            step={1}
            tone={0}
          />
        </Axes>
        <Legend
          of={[
            { name: 'y(k), as large as it counts in s at the line', tone: 1, dots: 'circle' },
            { name: 's(k)', tone: 0 },
          ]}
        />
      </figure>
      <Controls>
        <Slider
          label="β"
          help="How much of the average stays at each step"
          of={beta}
          min={0}
          max={0.99}
          step={0.01}
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="noise"
          help="How much the values scatter"
          of={noise}
          min={0}
          max={1}
          step={0.05}
          words={(v) => v.toFixed(2)}
        />
        <Choice
          label="start"
          help="What the average is before the first value"
          of={start}
          options={['first', 'zero', 'corrected'] as const}
          words={(v) => startWords[v]}
        />
      </Controls>
      <Numbers
        of={[
          { name: 'first', label: 's(1) / y(1)', value: figure(s.value[0]! / y.value[0]!), row: 138 },
          { name: 'back', label: 'weight two steps back: β²', value: percent(share), row: 143, strong: true },
          { name: 'sum', label: 'all weights together', value: figure(sum) },
          { name: 'memory', label: 'it remembers about 1 / (1 − β)', value: figure(memory, 1) },
        ]}
      />
    </div>
  );
}

// An activation and its derivative, with a point to slide along them.

import { computed, signal } from '@preact/signals';
import { activation, MLP } from 'feedforward';
import { Axes, Choice, Controls, Dots, figure, Handle, Legend, Line, Numbers, type Point, Rule, Slider } from '../kit';

const names = [
  'sigmoid',
  'tanh',
  'relu',
  'leakyRelu',
  'prelu',
  'elu',
  'celu',
  'selu',
  'gelu',
  'silu',
  'softplus',
  'softsign',
  'mish',
  'hardSigmoid',
  'step',
] as const;
type Name = (typeof names)[number];

const [from, to] = [-6, 6];
const range = Array.from({ length: 481 }, (_, i) => from + ((to - from) * i) / 480);
const gap = 1 / 256; // exact in float32

const chosen = signal<Name>('sigmoid');
const compared = signal<Name | 'none'>('none');
const z = signal(2);

/** f and f' at the points: a network that is the activation alone. No gradient passes through a step. */
function evaluate(name: Name, points: readonly number[]) {
  const model = new MLP({ inputs: 1, layers: [activation(name)] });
  const X = points.map((point) => [point]);
  return { f: [...model.predict(X).data], slope: name === 'step' ? points.map(() => 0) : [...model.inputGradient(X).data] };
}
const curve = computed(() => evaluate(chosen.value, range));
const other = computed(() => (compared.value === 'none' ? undefined : evaluate(compared.value, range)));

export default function Picture() {
  const name = chosen.value;
  const at = z.value;
  const { f: values, slope: slopes } = evaluate(name, [at - gap, at, at + gap]);
  const [below, f, above] = values as [number, number, number];
  const slope = slopes[1]!;
  const { f: all, slope: steep } = curve.value;
  const tangent: Point[] = [-1.2, 1.2].map((d) => [at + d, f + d * slope]);
  return (
    <div class="stage">
      <Controls>
        <Choice label="activation" help="Which curve" of={chosen} options={names} />
        <Choice label="beside it" help="Another curve, thin, to compare with" of={compared} options={['none', ...names]} />
        <Slider
          label="z"
          help="The sum that comes into the unit"
          of={z}
          min={from}
          max={to}
          step={0.05}
          words={(value) => figure(value, 2)}
        />
      </Controls>
      <Axes
        x={{ label: 'z, what comes in', from, to, ticks: 7 }}
        y={{ label: 'g(z) and its slope', from: -1.5, to: 3 }}
        ratio={0.6}
        most={600}
        label={`${name}: at z = ${figure(at, 2)} its value is ${figure(f)} and its slope ${figure(slope)}.`}
      >
        <Rule y={0} />
        {other.value && <Line points={range.map((x, i): Point => [x, other.value!.f[i]!])} tone={2} thin />}
        {other.value && <Line points={range.map((x, i): Point => [x, other.value!.slope[i]!])} tone={3} thin dashed />}
        <Line points={range.map((x, i): Point => [x, steep[i]!])} tone={1} dashed />
        <Line points={range.map((x, i): Point => [x, all[i]!])} tone={0} />
        <Line points={tangent} tone="ink" thin />
        <Rule x={at} />
        <Dots points={[[at, slope]]} shape="square" tone={1} size={6} />
        <Handle
          at={[at, f]}
          set={([next]) => (z.value = Math.round(20 * next) / 20)}
          fixed="y"
          within={[
            [from, to],
            [-9, 9],
          ]}
          step={0.25}
          tone={0}
          label="z"
        />
      </Axes>
      <Legend
        of={[
          { name: `${name}`, tone: 0 },
          { name: 'its slope', tone: 1, dashed: true },
          ...(other.value
            ? [
                { name: compared.value, tone: 2 as const },
                { name: 'its slope', tone: 3 as const, dashed: true },
              ]
            : []),
        ]}
      />
      <Numbers
        of={[
          { name: 'f', label: 'g(z)', value: figure(f, 4), row: name === 'step' ? 37 : [36, 72, 117], strong: true },
          { name: 'slope', label: 'slope', value: name === 'step' ? 'none to learn by' : figure(slope, 4), row: 100 },
          ...(name === 'sigmoid' ? [{ name: 'product', label: 'σ(1 − σ)', value: figure(f * (1 - f), 4), row: 122 }] : []),
          { name: 'difference', label: '(g(z+h) − g(z−h)) / 2h', value: figure((above - below) / (2 * gap), 4) },
          { name: 'steepest', label: 'steepest', value: figure(Math.max(...steep), 3) },
        ]}
      />
    </div>
  );
}

// The gradient of a weight by layer, in a deep network before its first step.

import { computed, signal } from '@preact/signals';
import { Action, Chart, Choice, Controls, figure, Numbers, type Point, scientific, Slider } from '../kit';
import { diagnosisOf, gradientsOf, type Kind, kinds, modelOf } from './numbers';

const depth = signal(20);
const kind = signal<Kind>('sigmoid');
const scale = signal(1);
const verdict = signal('');

const words: Readonly<Record<Kind, string>> = {
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  relu: 'ReLU, He',
  'sigmoid, batch norm': 'sigmoid + batch norm',
  'sigmoid, residual': 'sigmoid + residual',
};

const model = computed(() => {
  verdict.value = '';
  return modelOf(kind.value, depth.value, scale.value);
});
const gradients = computed(() => gradientsOf(model.value).slice(0, -1));
const sigmoids = computed(() => gradientsOf(modelOf('sigmoid', depth.value, scale.value)).slice(0, -1));

const pointsOf = (values: readonly number[]) => values.map((value, i): Point => [i + 1, value]);

export default function Picture() {
  const own = gradients.value;
  const ratio = own[0]! / own.at(-1)!;
  const factor = ratio ** (1 / (depth.value - 1));
  const state = ratio < 1e-4 ? 'it vanishes' : ratio > 1e4 ? 'it explodes' : 'it arrives';
  const label = `Gradient of a weight by layer, logarithmic, in ${depth.value} layers of 16 units, ${words[kind.value]}. In the first layer it is ${scientific(ratio)} times that of the last: ${state}.`;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'layer, from the inputs', from: 1, to: 40 }}
        y={{ label: 'gradient of a weight', from: 1e-20, to: 1e6, log: true }}
        ratio={0.55}
        series={[
          ...(kind.value === 'sigmoid'
            ? []
            : [{ name: 'sigmoid, to compare', points: pointsOf(sigmoids.value), tone: 'soft' as const, dashed: true }]),
          { name: words[kind.value], points: pointsOf(own), tone: 0 as const },
        ]}
        label={label}
      />
      <Controls>
        <Slider label="layers" help="How deep the network is" of={depth} min={2} max={40} />
        <Slider
          label="size of the first weights"
          help="1 is the usual rule; larger weights make what comes back larger"
          of={scale}
          min={0.25}
          max={8}
          words={(v) => `${v} ×`}
          logarithmic
        />
        <Choice label="layers are" help="What stands in each layer" of={kind} options={kinds} words={(k) => words[k]} />
        <Action act={() => (verdict.value = diagnosisOf(model.value))} help="Trains a copy for a while and says what came of it">
          diagnose
        </Action>
      </Controls>
      <p class="said">{verdict.value}</p>
      <Numbers
        of={[
          {
            name: 'ratio',
            label: 'first layer’s gradient / last one’s',
            value: scientific(ratio),
            row: [97, 100, 103, 104],
            strong: true,
          },
          { name: 'factor', label: 'a layer back multiplies it by', value: figure(factor) },
          { name: 'state', label: 'the gradient', value: state, row: 99 },
        ]}
      />
    </div>
  );
}

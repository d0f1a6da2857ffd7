// Eight ReLUs over a line: what each puts out, and what the network has learnt of |x|.

import { computed, signal } from '@preact/signals';
import { Action, Axes, Choice, Controls, Dots, figure, Legend, Line, Numbers, percent, type Point, Slider } from '../kit';
import { type Kind, train, units, verdictOn, xs } from './numbers';

const bias = signal(-3.5);
const kind = signal<Kind>('relu');
const verdict = signal('');
const trained = computed(() => {
  verdict.value = '';
  return train(kind.value, bias.value);
});
const pointsOf = (values: readonly number[]) => values.map((value, i): Point => [xs[i]!, value]);

export default function Picture() {
  const { lines, dead, moved, loss, outputs } = trained.value;
  const label = `Outputs of ${units} hidden units over x from -2 to 2, of which ${dead} are 0 everywhere; and what the network has learnt of |x| after 300 epochs, with a loss of ${figure(loss)}.`;
  return (
    <div class="stage">
      <figure class="chart">
        <Axes x={{ label: 'x', from: -2, to: 2 }} y={{ label: 'output', from: -0.6, to: 2.4 }} ratio={0.5} label={label}>
          {lines.map((line, j) => (
            <Line key={j} points={pointsOf(line)} tone="soft" thin />
          ))}
          <Dots points={xs.filter((_, i) => i % 2 === 0).map((x): Point => [x, Math.abs(x)])} tone={1} shape="square" size={3} />
          <Line points={pointsOf(outputs)} tone={0} />
        </Axes>
        <Legend
          of={[
            { name: 'hidden units before training', tone: 'soft' },
            { name: '|x|', tone: 1, dots: 'square' },
            { name: 'the network after 300 epochs', tone: 0 },
          ]}
        />
      </figure>
      <Controls>
        <Slider
          label="first biases"
          help="The further down, the fewer points reach a unit"
          of={bias}
          min={-5}
          max={1}
          step={0.5}
          words={(v) => v.toFixed(2)}
        />
        <Choice
          label="units"
          help="A leaky ReLU has a little slope below 0 too"
          of={kind}
          options={['relu', 'leakyRelu'] as const}
          words={(k) => (k === 'relu' ? 'ReLU' : 'leaky ReLU')}
        />
        <Action
          act={() => {
            verdict.value = verdictOn(kind.value, bias.value);
          }}
          help="Looks at the network before training, and says what it sees"
        >
          diagnose
        </Action>
      </Controls>
      <p class="said">{verdict.value}</p>
      <Numbers
        of={[
          { name: 'dead', label: 'units below 0 everywhere', value: `${dead} of ${units}`, row: 101, strong: true },
          { name: 'moved', label: 'first weights moved by', value: percent(moved, 1), row: 101 },
          { name: 'loss', label: 'loss after 300 epochs', value: figure(loss) },
        ]}
      />
    </div>
  );
}

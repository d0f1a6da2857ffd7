import { computed, signal } from '@preact/signals';
import { Chart, Choice, Controls, figure, Numbers, player, type Point, Slider } from '../kit';
import { onChange } from '../kit/changes';
import { activations, bestPolynomial, type Choice as Activation, type Fit, points, train, wave } from './numbers';

const starts = 4;
const activation = signal<Activation>('square');
const units = signal(8);
const turns = signal(3);
const fit = signal<Fit | undefined>(undefined);
const tried = signal(0);

/** One start a frame, so that a slider stays under the hand. */
const run = player({
  step() {
    const next = train(activation.value, units.value, turns.value, [tried.value]);
    if (tried.value === 0 || next.error < fit.value!.error) fit.value = next;
    tried.value++;
    return tried.value < starts;
  },
  reset() {
    tried.value = 0;
  },
});
const again = (): void => {
  tried.value = 0;
  run.step();
  run.play();
};
onChange(() => [activation.value, units.value, turns.value], again);
again();

const best = computed(() => {
  const { degree } = activations[activation.value];
  return degree === undefined ? undefined : bestPolynomial(degree, turns.value);
});
const along = (values: readonly number[]): Point[] => values.map((value, i) => [points[i]!, value]);

export default function Picture() {
  const { text, degree } = activations[activation.value];
  const now = fit.value!;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'x', from: -1, to: 1 }}
        y={{ label: 'y', from: -1.5, to: 1.5 }}
        ratio={0.5}
        label={`A wave and ${units.value} hidden units with ${text}: root mean square error ${figure(now.error)}${best.value ? `, of the best polynomial of degree ${degree} ${figure(best.value.error)}` : ''}.`}
        series={[
          { name: `sin(${turns.value}x + 0.6)`, points: along(wave(turns.value)), tone: 'ink', dashed: true },
          { name: `${units.value} units with ${text}`, points: along(now.values), tone: 0 },
          ...(best.value
            ? [{ name: `best polynomial of degree ${degree}`, points: along(best.value.values), tone: 1 as const, dashed: true }]
            : []),
        ]}
      />
      <Controls>
        <Choice
          label="activation"
          help="what each hidden unit does with its sum"
          of={activation}
          options={Object.keys(activations) as Activation[]}
          words={(name) => activations[name].text}
        />
        <Slider label="hidden units" help="how wide the hidden layer is" of={units} min={1} max={64} />
        <Slider label="wave turns" help="how often the wave turns" of={turns} min={1} max={8} />
      </Controls>
      <Numbers
        of={[
          { name: 'error', label: 'error of the network', value: figure(now.error, 4), row: 27, strong: true },
          {
            ...{ name: 'best', label: degree === undefined ? 'best polynomial' : `best polynomial of degree ${degree}` },
            ...{ value: best.value ? figure(best.value.error, 4) : '–', row: 27 },
          },
          { name: 'starts', label: `starts, of ${starts}`, value: tried.value },
        ]}
      />
    </div>
  );
}

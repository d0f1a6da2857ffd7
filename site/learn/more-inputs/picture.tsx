import { signal } from '@preact/signals';
import { Chart, Choice, Controls, figure, Numbers, PlayButtons, player, type Point, type Series } from '../kit';
import { onChange } from '../kit/changes';
import { begin, inputCounts, last } from './numbers';

const widths = [4, 8, 16, 32] as const;
const units = signal<number>(16);
let training = begin(units.value);
const now = signal({ units: units.value, ...training(0) });
/** The last errors of each width. */
const seen = signal<Readonly<Record<number, readonly number[]>>>({});

const run = player({
  step() {
    const next = training(3);
    now.value = { units: units.value, ...next };
    seen.value = { ...seen.value, [units.value]: next.errors };
    return next.epochs < last;
  },
  reset() {
    restart();
    seen.value = {};
  },
  plays: true,
});
function restart(): void {
  training = begin(units.peek());
  now.value = { units: units.peek(), ...training(0) };
}
onChange(
  () => units.value,
  () => {
    restart();
    run.play();
  },
);

const along = (errors: readonly number[]): Point[] => errors.map((error, i) => [inputCounts[i]!, error]);

export default function Picture() {
  const { epochs, errors } = now.value;
  const shown = widths.filter((K) => K === units.value || seen.value[K] !== undefined);
  const series = shown.flatMap((K): Series[] => {
    const points = along(K === units.value ? errors : seen.value[K]!);
    const tone = widths.indexOf(K) as 0 | 1 | 2 | 3;
    const dots = (['circle', 'square', 'triangle', 'cross'] as const)[tone];
    return [
      { name: `${K} hidden units`, points, tone, dashed: K !== units.value },
      { name: `${K} `, points, tone, dots, quiet: true },
    ];
  });
  return (
    <div class="stage">
      <Chart
        x={{ label: 'inputs', from: 0.8, to: 3.2, ticks: inputCounts }}
        y={{ label: 'error', from: 2e-4, to: 1, log: true }}
        ratio={0.5}
        label={`With ${units.value} hidden units and after ${epochs} sweeps the error is ${errors.map((e, i) => `${figure(e)} for ${inputCounts[i]} input${i > 0 ? 's' : ''}`).join(', ')}.`}
        series={series}
      />
      <Controls>
        <Choice label="hidden units" help="the width of all three networks" of={units} options={widths} />
        <PlayButtons of={run} />
      </Controls>
      <Numbers
        of={[
          ...errors.map((error, i) => ({
            ...{ name: `inputs${inputCounts[i]}`, label: `${inputCounts[i]} input${i > 0 ? 's' : ''}`, row: 31 },
            value: figure(error, 4),
            strong: i === 2,
          })),
          { name: 'sweeps', label: `sweeps, of ${last}`, value: epochs },
        ]}
      />
    </div>
  );
}

import { computed, signal } from '@preact/signals';
import { Action, Axes, Controls, Dots, figure, Numbers, type Point, Slider } from '../kit';
import { across, labels, lossOfFresh, lossWithout, mapWithout, rows, side, train, units, upwards, worth } from './numbers';

const rate = signal(0);
const cut = signal<readonly number[]>([]);
const model = computed(() => train(rate.value));
const values = computed(() => worth(model.value));
const whole = computed(() => lossWithout(model.value, []));
const fresh = computed(() => lossOfFresh(model.value));
const now = computed(() => lossWithout(model.value, cut.value));
const map = computed(() => mapWithout(model.value, cut.value).data);

const points: Point[] = rows.toArray().map(([a, b]) => [a!, b!]);
const classOf = (c: number): Point[] => points.filter((_, i) => labels.data[i] === c);

const toggle = (unit: number): void => {
  cut.value = cut.value.includes(unit) ? cut.value.filter((u) => u !== unit) : [...cut.value, unit];
};
const mostMissed = (): number => values.value.indexOf(Math.max(...values.value));

export default function Picture() {
  const worths = values.value;
  const most = Math.max(...worths);
  const scale = Math.max(most, 0.05);
  return (
    <div class="stage">
      <Axes
        x={{ label: 'x1', from: across.from, to: across.to }}
        y={{ label: 'x2', from: upwards.from, to: upwards.to }}
        ratio={0.62}
        most={460}
        label={`Two moons and the answers of a network trained with dropout ${rate.value}, ${cut.value.length} of its ${units} hidden units cut: loss ${figure(now.value)}.`}
        map={{ values: map.value, columns: side, level: 0.5, scale: 0.5 }}
      >
        <Dots points={classOf(0)} shape="circle" tone={0} size={3} />
        <Dots points={classOf(1)} shape="square" tone={1} size={3} />
      </Axes>
      <fieldset class="choice">
        <legend>units: the bar is what cutting it adds to the loss; press to cut</legend>
        <div class="units">
          {worths.map((value, unit) => (
            <button
              key={unit}
              type="button"
              aria-pressed={cut.value.includes(unit)}
              aria-label={`hidden unit ${unit + 1}, cutting it adds ${figure(value)}`}
              onClick={() => toggle(unit)}
            >
              <span class="worth" style={{ height: `${Math.max(2, (60 * Math.max(0, value)) / scale)}px` }} />
              <span>{cut.value.includes(unit) ? '×' : unit + 1}</span>
            </button>
          ))}
        </div>
      </fieldset>
      <Controls>
        <Slider
          label="dropout while it learnt"
          help="rate of dropout behind the hidden layer"
          of={rate}
          min={0}
          max={0.8}
          step={0.1}
          words={(p) => p.toFixed(1)}
        />
        <Action act={() => toggle(mostMissed())}>cut the one most missed</Action>
        <Action
          act={() => {
            cut.value = [];
          }}
        >
          all back
        </Action>
      </Controls>
      <Numbers
        of={[
          { name: 'loss', label: 'loss now', value: figure(now.value), strong: true },
          { name: 'whole', label: 'with all units', value: figure(whole.value) },
          { name: 'fresh', label: 'with all, on fresh rows', value: figure(fresh.value) },
          { name: 'most', label: 'most that one unit is worth', value: figure(most), row: 62 },
        ]}
      />
    </div>
  );
}

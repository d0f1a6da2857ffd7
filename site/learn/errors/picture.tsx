import { signal } from '@preact/signals';
import { Axes, Chart, Controls, figure, Numbers, player, type Point, Slider, usePlace } from '../kit';
import { onChange } from '../kit/changes';
import { drawRows, truth } from '../kit/noisyRows';
import { type Parts, partsOf, points, type Setting } from './numbers';

const units = signal(3);
const rows = signal(30);
const noise = signal(0.2);
const sweeps = signal(20);
const setting = (): Setting => ({ units: units.value, rows: rows.value, noise: noise.value, sweeps: sweeps.value });

let work = partsOf(setting());
const parts = signal<Parts>(work.next().value);
/** One network a frame: the picture answers at once, its parts follow. */
const run = player({
  step() {
    const { value, done } = work.next();
    parts.value = value;
    return done !== true;
  },
  reset() {},
});
run.play();
onChange(setting, () => {
  work = partsOf(setting());
  run.step();
  run.play();
});

const names = ['noise', 'approximation', 'estimation', 'optimisation'] as const;

/** A bar for each part, from 0 to the right, or to the left where it is negative; cut at `cap`. */
function Bars({ of, cap }: { of: Parts; cap: number }) {
  const { x, y, height } = usePlace();
  return (
    <g>
      {names.map((name, i) => {
        const value = of[name];
        if (value === undefined) return null;
        const seen = Math.max(-cap, Math.min(cap, value));
        const [from, to] = [x(Math.min(0, seen)), x(Math.max(0, seen))];
        return (
          <g key={name} class={`tone-${i}`}>
            <rect class="mark" x={from} width={Math.max(2, to - from)} y={y(4 - i) + 3} height={height / 4 - 6} />
            <text class="words" x={to + 6} y={y(3.5 - i)} dy="0.32em">
              {`${name} ${figure(value, 4)}${seen === value ? '' : ', bar cut'}`}
            </text>
          </g>
        );
      })}
    </g>
  );
}

export default function Picture() {
  const now = parts.value;
  const all = names.map((name) => now[name]);
  const sum = all.every((part) => part !== undefined) ? all.reduce<number>((total, part) => total + part!, 0) : undefined;
  const { X, y } = drawRows(rows.value, noise.value, 3);
  // Rows that do not hold a network down give parts a hundred times the error: beside such a bar no other would be seen.
  const cap = Math.max(0.1, 2 * now.tested);
  const most = Math.min(cap, Math.max(0.1, ...all.map((part) => part ?? 0)));
  const least = Math.max(-cap, Math.min(0, ...all.map((part) => part ?? 0)));
  const wild = (now.estimation ?? 0) > cap;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'x', from: -2, to: 2 }}
        y={{ label: 'y', from: -2.2, to: 2.2 }}
        ratio={0.3}
        label={`${rows.value} noisy rows, the truth, and what ${units.value} hidden units learnt of them in ${sweeps.value} sweeps.`}
        series={[
          { name: 'rows', points: X.map(([x], i): Point => [x!, y[i]![0]!]), tone: 'soft', dots: 'circle' },
          { name: 'the truth', points: points.map((x): Point => [x, truth(x)]), tone: 'ink', dashed: true },
          { name: 'learnt', points: now.values.map((v, i): Point => [points[i]!, v]), tone: 0 },
        ]}
      />
      <Axes
        x={{ label: 'mean squared error, by what causes it', from: least * 1.2, to: most * (wild ? 2.2 : 1.5) }}
        y={{ label: '', from: 0, to: 4, ticks: 0 }}
        ratio={0.19}
        label={names.map((name, i) => `${name} ${all[i] === undefined ? 'being worked out' : figure(all[i]!, 4)}`).join(', ')}
      >
        <Bars of={now} cap={cap} />
      </Axes>
      {wild && (
        <p class="said">
          So few rows do not hold so many units down: the network that is best for the rows swings wildly between them. Ending
          early saves this one.
        </p>
      )}
      <Controls>
        <Slider label="hidden units" help="what the network can say" of={units} min={1} max={12} />
        <Slider label="rows" help="what is known of the truth" of={rows} min={10} max={300} step={10} />
        <Slider label="sweeps" help="when training ends" of={sweeps} min={1} max={400} logarithmic whole />
        <Slider
          label="noise"
          help="what nobody can predict"
          of={noise}
          min={0}
          max={0.5}
          step={0.05}
          words={(v) => v.toFixed(2)}
        />
      </Controls>
      <Numbers
        of={[
          ...names.map((name) => ({ name, label: name, row: 126, value: now[name] === undefined ? '…' : figure(now[name]!, 4) })),
          { name: 'sum', label: 'their sum', value: sum === undefined ? '…' : figure(sum, 4), strong: true },
          { name: 'tested', label: 'on 4,000 fresh rows', value: figure(now.tested, 4) },
        ]}
      />
    </div>
  );
}

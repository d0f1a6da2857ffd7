// Stochastic descent with a fixed rate and with rates c / k: the loss above its least by step, runs added while it is looked at.

import { effect, signal } from '@preact/signals';
import { Chart, Controls, figure, Numbers, type Point, Rule, Slider } from '../kit';
import { floorOf, marks, powerOf, run } from './numbers';

const most = 16;
const first = signal(0.1);
const c = signal(3);

/** Mean gap at the marks over the runs so far. */
const means = signal<{ runs: number; fixed: number[]; falling: number[] }>({ runs: 0, fixed: [], falling: [] });

let round = 0;
/** A run of each after the other, one pair a frame, until there are enough or a slider has moved. */
effect(() => {
  const settings = { first: first.value, c: c.value };
  const own = ++round;
  let sums = { fixed: marks.map(() => 0), falling: marks.map(() => 0) };
  let runs = 0;
  const next = () => {
    if (own !== round) return;
    runs++;
    const add = (sum: number[], gaps: number[]) => sum.map((value, i) => value + gaps[i]!);
    sums = {
      fixed: add(sums.fixed, run({ ...settings, c: undefined }, runs)),
      falling: add(sums.falling, run(settings, runs)),
    };
    means.value = { runs, fixed: sums.fixed.map((v) => v / runs), falling: sums.falling.map((v) => v / runs) };
    if (runs < most) setTimeout(next);
  };
  next();
});

const onMarks = (gaps: readonly number[]): Point[] => gaps.map((gap, i) => [marks[i]!, gap]);

export default function Picture() {
  const { runs, fixed, falling } = means.value;
  const floor = floorOf(first.value);
  const anchor = marks.findIndex((k) => k >= 200);
  const power = powerOf(falling);
  return (
    <div class="stage">
      <Chart
        x={{ label: 'step k', from: 10, to: 10_000, log: true }}
        y={{ label: 'loss above its least', from: 1e-5, to: 10, log: true }}
        ratio={0.55}
        series={[
          { name: `rate ${figure(first.value)} for ever`, points: onMarks(fixed), tone: 1 },
          { name: `rates that fall like ${figure(c.value, 1)} / k`, points: onMarks(falling), tone: 0 },
          {
            name: 'a line that falls like 1 / k',
            points: marks.slice(anchor).map((k) => [k, (falling[anchor]! * marks[anchor]!) / k]),
            tone: 'soft',
            dashed: true,
          },
        ]}
        label={`Loss above its least by step, both axes logarithmic, mean of ${runs} runs. The fixed rate ends at ${figure(fixed.at(-1)!)}, the falling one at ${figure(falling.at(-1)!)} and falls like k to the ${power.toFixed(2)}.`}
      >
        <Rule y={floor} words="where the fixed rate stalls, by theory" tone={1} />
      </Chart>
      <Controls>
        <Slider
          label="first rate"
          help="A larger one is faster at first, and stalls higher"
          of={first}
          min={0.01}
          max={0.2}
          step={0.01}
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="c of c / k"
          help="How slowly the rates fall"
          of={c}
          min={1}
          max={8}
          step={0.5}
          words={(v) => v.toFixed(1)}
        />
      </Controls>
      <Numbers
        of={[
          { name: 'runs', label: 'runs, mean of', value: `${runs} of ${most}` },
          { name: 'floor', label: 'fixed rate: ends at', value: figure(fixed.at(-1)!, 4) },
          { name: 'floorTheory', label: 'by theory', value: figure(floor, 4) },
          { name: 'falling', label: 'falling rates: end at', value: figure(falling.at(-1)!, 5), row: 131 },
          { name: 'power', label: 'they fall like k to the', value: figure(power, 2), row: 133, strong: true },
        ]}
      />
    </div>
  );
}

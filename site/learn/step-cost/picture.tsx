// Products until the loss is within eps of its least, by eps: all rows a step against one row a step.

import { signal } from '@preact/signals';
import { Chart, Controls, figure, Handle, Numbers, type Point, Rule, Slider } from '../kit';
import { marks, productsOf, singleGaps, wholeGaps } from './numbers';

const rows = signal(400);
const eps = signal(0.01);

const whole = wholeGaps();
const runs = 12;
const single = signal<{ count: number; gaps: number[] }>({ count: 1, gaps: singleGaps(1) });
/** Further runs, one at a time, so that the page is there at once. */
const more = () => {
  const { count, gaps } = single.value;
  const next = singleGaps(count + 1);
  single.value = { count: count + 1, gaps: gaps.map((gap, i) => (count * gap + next[i]!) / (count + 1)) };
  if (count + 1 < runs) setTimeout(more);
};
setTimeout(more);

/** Steps after which the gap stays at most eps; on all rows it only falls. */
const wholeSteps = (to: number) => whole.findIndex((gap) => gap <= to) + 1;
const singleSteps = (to: number) => marks[single.value.gaps.findLastIndex((gap) => !(gap <= to)) + 1];

const precisions = Array.from({ length: 25 }, (_, i) => 10 ** (-i / 6));
const per = { one: productsOf(1) };

export default function Picture() {
  const wholeCost = productsOf(rows.value);
  const curve = (of: (to: number) => number | undefined): Point[] =>
    precisions.map((to): Point => [1 / to, of(to) ?? Number.NaN]).filter(([, products]) => products > 0);
  const atOnce = curve((to) => wholeSteps(to) * wholeCost);
  const oneByOne = curve((to) => {
    const steps = singleSteps(to);
    return steps === undefined ? undefined : steps * per.one;
  });
  const [steps, draws] = [wholeSteps(eps.value), singleSteps(eps.value)];
  const [gd, sgd] = [steps * wholeCost, (draws ?? Number.NaN) * per.one];
  const verdict =
    draws === undefined
      ? 'One row at a time is not there yet.'
      : sgd < gd
        ? `One row at a time is cheaper, ${figure(gd / sgd, 1)} times.`
        : `All rows at once is cheaper, ${figure(sgd / gd, 1)} times.`;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'precision wanted, 1 / ε', from: 1, to: 1e4, log: true }}
        y={{ label: 'products', from: 1, to: 1e9, log: true }}
        ratio={0.55}
        series={[
          { name: `all ${rows.value.toLocaleString('en')} rows a step`, points: atOnce, tone: 0 },
          { name: `one row a step, mean of ${single.value.count} runs`, points: oneByOne, tone: 1, dashed: true },
        ]}
        label={`Products against precision, both logarithmic. With ${rows.value} rows and a precision of ${eps.value.toPrecision(2)}: ${verdict}`}
      >
        <Rule x={1 / eps.value} words={`ε = ${Number(eps.value.toPrecision(2))}`} tone="ink" />
        <Handle
          at={[1 / eps.value, gd]}
          set={([to]) => (eps.value = 1 / to)}
          label="precision"
          within={[
            [1, 9000],
            [1, 1e9],
          ]}
          fixed="y"
          step={1}
        />
      </Chart>
      <p class="said">{verdict}</p>
      <Controls>
        <Slider
          label="rows n"
          help="More rows make a step on all of them dearer, and one row no dearer"
          of={rows}
          min={10}
          max={1_000_000}
          words={(v) => v.toLocaleString('en')}
          logarithmic
        />
        <Slider
          label="precision ε"
          help="How near to the least loss"
          of={eps}
          min={2e-4}
          max={1}
          words={(v) => String(Number(v.toPrecision(2)))}
          logarithmic
        />
      </Controls>
      <Numbers
        of={[
          { name: 'whole', label: 'products of a step on all rows', value: wholeCost.toLocaleString('en'), row: [125, 135] },
          { name: 'one', label: 'on one row', value: String(per.one), row: 135 },
          { name: 'steps', label: 'steps on all rows', value: String(steps), row: 134 },
          { name: 'draws', label: 'steps on one row', value: draws === undefined ? 'more' : String(draws), row: 134 },
          { name: 'cheaper', label: 'cheaper', value: draws === undefined || sgd >= gd ? 'all rows' : 'one row', strong: true },
        ]}
      />
    </div>
  );
}

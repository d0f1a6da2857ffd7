// Losses by epoch, and a handle to go back in time.

import { effect, signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

import { Card, figure } from './controls';
import { lanes, playing, seek, states } from './state';
import { theme } from './theme';
import { themeColour } from '../theme';

const onlyDecades = (value: number) => (Number.isInteger(Math.round(1e6 * Math.log10(value)) / 1e6) ? value : null);

const css = (name: string) => `rgb(${themeColour(name).join(' ')})`;

/** A line at the epoch that is shown, where it is not the newest. */
function markNow({ ctx, bbox, valToPos }: uPlot): void {
  const state = states[0].peek();
  if (state === undefined || state.figures.epoch >= state.newest) return;
  const x = Math.round(valToPos(state.figures.epoch, 'x', true));
  ctx.fillStyle = css('--ink');
  ctx.fillRect(x - 1, bbox.top, 2, bbox.height);
}

function options(width: number, racing: boolean): uPlot.Options {
  const axis = {
    stroke: css('--soft'),
    grid: { stroke: css('--line'), width: 1 },
    ticks: { stroke: css('--line'), width: 1 },
    font: '12px system-ui, sans-serif',
  };
  const line = (label: string, colour: string, dash?: number[]): uPlot.Series => ({
    label,
    stroke: css(colour),
    width: 2,
    ...(dash && { dash }),
    points: { show: false },
  });
  return {
    width,
    height: 124,
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { distr: 3, log: 10 } },
    axes: [
      { ...axis, size: 28, values: (_, ticks) => ticks.map((t) => (t >= 1e4 ? `${t / 1000} k` : String(t))) },
      {
        ...axis,
        // Where the scale spans many decades, a line for each is enough.
        grid: { ...axis.grid, filter: (_, splits) => (splits.at(-1)! / splits[0]! > 1e3 ? splits.map(onlyDecades) : splits) },
        ticks: { show: false },
        size: 52,
        values: (_, ticks) =>
          ticks.map((t) => (t === null ? '' : t >= 0.01 && t < 100 ? String(Number(t.toPrecision(1))) : t.toExponential(0))),
      },
    ],
    hooks: { draw: [markNow] },
    series: [
      {},
      line(racing ? 'A' : 'trained on', '--class0'),
      line('held out', '--class0', [5, 4]),
      ...(racing ? [line('B', '--class1'), line('B held out', '--class1', [5, 4])] : []),
    ],
  };
}

/** The epoch that the handle was drawn to, until the network is there; and when. */
const wish = signal<number | undefined>(undefined);
let wished = 0;
/** Milliseconds in which frames that were on their way before the handle was drawn arrive. */
const late = 200;
effect(() => {
  const state = states[0].value;
  const { value } = wish;
  if (value === undefined || state === undefined) return;
  const gone = playing.value && performance.now() - wished > late;
  const there = !playing.value && state.figures.epoch === value;
  if (gone || there || state.newest < value) wish.value = undefined;
});

const listed = signal(false);

/** The curve as numbers, some twelve of its epochs: for those who do not see it. */
function CurveTable() {
  const curves = listed.value ? states[0].value?.curves : undefined;
  const count = curves?.epochs.length ?? 0;
  const rows = [
    ...new Set(
      Array.from({ length: Math.min(12, count) }, (_, k) => Math.round((k * (count - 1)) / Math.max(1, Math.min(11, count - 1)))),
    ),
  ];
  return (
    <details class="confusion" onToggle={(event) => (listed.value = event.currentTarget.open)}>
      <summary>As numbers</summary>
      {curves && (
        <table>
          <caption class="sr">Loss by epoch</caption>
          <thead>
            <tr>
              <th scope="col">epoch</th>
              <th scope="col">trained on</th>
              <th scope="col">held out</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row}>
                <th scope="row">{curves.epochs[row]}</th>
                <td>{figure(curves.train[row]!)}</td>
                <td>{figure(curves.test[row]!)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </details>
  );
}

export function LossCard() {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const racing = lanes[1].value !== undefined;
  const mode = theme.value;
  useLayoutEffect(() => {
    const node = place.current!;
    plot.current = new uPlot(options(node.clientWidth, racing), racing ? [[], [], [], [], []] : [[], [], []], node);
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: node.clientWidth, height: 124 }));
    watch.observe(node);
    return () => {
      watch.disconnect();
      plot.current?.destroy();
    };
  }, [racing, mode]);
  const a = states[0].value;
  const b = states[1].value;
  // Before the page is painted: an effect after it would have it painted twice for each frame.
  useLayoutEffect(() => {
    if (plot.current === undefined || a === undefined) return;
    const loss = (values: Float64Array) => Array.from(values, (value) => (Number.isFinite(value) && value > 0 ? value : null));
    const { epochs, train, test } = a.curves;
    const data: uPlot.AlignedData = [[...epochs], loss(train), loss(test)];
    if (!racing) plot.current.setData(data);
    else if (b) {
      const joined = uPlot.join([data, [[...b.curves.epochs], loss(b.curves.train), loss(b.curves.test)]]);
      plot.current.setData(joined);
    }
  }, [a, b, racing, mode]);
  return (
    <Card
      title="Loss"
      name="loss"
      aside={
        <span class="legend">
          <i class="solid" /> trained on <i class="dashed" /> held out
        </span>
      }
    >
      <div
        ref={place}
        class="plot"
        role="img"
        aria-label={
          a
            ? `Loss by epoch, from ${a.curves.train[0]?.toFixed(3)} to ${a.curves.train.at(-1)?.toFixed(3)} in ${a.figures.epoch} epochs`
            : 'Loss by epoch'
        }
      />
      <label class="control slider time">
        <span>time travel</span>
        <input
          type="range"
          min={0}
          max={a?.newest ?? 0}
          step={1}
          value={wish.value ?? a?.figures.epoch ?? 0}
          aria-valuetext={`epoch ${a?.figures.epoch ?? 0}`}
          onInput={(event) => {
            wished = performance.now();
            wish.value = Number(event.currentTarget.value);
            seek(wish.value);
          }}
        />
        <output>{a?.figures.epoch ?? 0}</output>
      </label>
      <CurveTable />
    </Card>
  );
}

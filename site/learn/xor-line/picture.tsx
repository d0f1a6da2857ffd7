// One linear neuron on exclusive or: its plane, what it misses, its loss and the loss's derivatives, and descent from wherever it stands.

import { batch, computed, signal } from '@preact/signals';
import { dense, gd, MLP } from 'feedforward';
import {
  Axes,
  Chart,
  Controls,
  Dots,
  figure,
  fixed,
  gridPoints,
  Numbers,
  PlayButtons,
  type Point,
  player,
  Slider,
  usePlace,
} from '../kit';
import { range, X, y } from '../exclusive-or/rows';

const side = 48;
const grid = gridPoints(side, range, range);

const model = new MLP({ inputs: 2, layers: [dense(1)], optimizer: gd({ learningRate: 0.1 }), seed: 1 });
const [w1, w2, b] = [signal(1.2), signal(-0.8), signal(-0.3)];
const losses = signal<readonly number[]>([]);

/** The neuron with the weights of the sliders: its answers, loss and derivatives. */
const state = computed(() => {
  model.setVector([w1.value, w2.value, b.value]);
  model.zeroGrad();
  const answers = [...model.forward(X, { training: true }).data];
  const loss = model.loss(y);
  model.backward();
  return { answers, loss, gradient: model.gradients().flatMap(({ values }) => [...values]), map: model.predict(grid).data };
});

function step(): boolean {
  if (losses.peek().length >= 300) return false;
  const before = losses.peek().length === 0 ? [state.peek().loss] : losses.peek();
  model.setVector([w1.peek(), w2.peek(), b.peek()]);
  model.fitSync(X, y, { epochs: 1, batchSize: 4, reportMetrics: false });
  const [p, q, r] = model.getVector();
  batch(() => {
    [w1.value, w2.value, b.value] = [p!, q!, r!];
  });
  losses.value = [...before, state.peek().loss];
  return true;
}
const playing = player({
  step,
  reset: () => {
    batch(() => {
      [w1.value, w2.value, b.value] = [1.2, -0.8, -0.3];
      losses.value = [];
    });
  },
});

/** What the plane misses at each corner, as an upright bar beside it. */
function Misses() {
  const place = usePlace();
  return (
    <g aria-hidden="true">
      {X.map(([p, q], i) => {
        const [cx, cy] = [place.x(p!) + 18, place.y(q!)];
        const miss = state.value.answers[i]! - y[i]![0]!;
        const height = Math.max(-60, Math.min(60, -miss * 40));
        return (
          <g key={i}>
            <line class="rule tone-soft" x1={cx - 6} x2={cx + 6} y1={cy} y2={cy} />
            <line class="curve tone-ink" x1={cx} x2={cx} y1={cy} y2={cy + height} />
            <text class="words" x={cx + 7} y={cy + height + (height > 0 ? 10 : 0)}>
              {fixed(miss, 2)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

export default function Picture() {
  const { answers, loss, gradient, map } = state.value;
  const right = answers.filter((f, i) => (f > 0.5 ? 1 : 0) === y[i]![0]).length;
  const words = (value: number) => figure(value, 2);
  const path: Point[] = losses.value.map((value, i) => [i, value]);
  return (
    <div class="stage">
      <Controls>
        <PlayButtons of={playing} />
        <Slider label="w1" help="Slope along x1" of={w1} min={-2} max={2} step={0.05} words={words} />
        <Slider label="w2" help="Slope along x2" of={w2} min={-2} max={2} step={0.05} words={words} />
        <Slider label="b" help="Height at the corner 00" of={b} min={-2} max={2} step={0.05} words={words} />
      </Controls>
      <div class="beside">
        <Axes
          x={{ label: 'x1', from: range[0], to: range[1], ticks: [0, 1] }}
          y={{ label: 'x2', from: range[0], to: range[1], ticks: [0, 1] }}
          ratio={1}
          most={300}
          label={`The neuron's answers at 00, 01, 10, 11 are ${answers.map((f) => figure(f, 2)).join(', ')}; wanted are 0, 1, 1, 0.`}
          map={{ values: map, columns: side, level: 0.5, scale: 1.2 }}
        >
          <Dots points={[X[0], X[3]] as unknown as Point[]} shape="circle" tone={0} size={8} />
          <Dots points={[X[1], X[2]] as unknown as Point[]} shape="square" tone={1} size={8} />
          <Misses />
        </Axes>
        <Chart
          x={{ label: 'steps of gradient descent', from: 0, to: 100 * Math.max(1, Math.ceil((path.length - 1) / 100)) }}
          y={{ label: 'loss', from: 0, to: 1.5 }}
          ratio={0.82}
          most={300}
          label={`The loss after each step: ${figure(loss)} now; no line has less than 0.25.`}
          series={[
            { name: 'mean squared error', points: path },
            {
              name: '1/4',
              points: [
                [0, 0.25],
                [300, 0.25],
              ],
              tone: 'soft',
              dashed: true,
            },
          ]}
        />
      </div>
      <Numbers
        of={[
          { name: 'loss', label: 'mean squared error', value: figure(loss, 4), row: 96, strong: true },
          { name: 'gradient', label: 'derivatives by w1, w2, b', value: gradient.map((g) => fixed(g, 3)).join(', '), row: 89 },
          { name: 'right', label: 'right with f > 1/2', value: `${right} of 4`, row: 88 },
        ]}
      />
    </div>
  );
}

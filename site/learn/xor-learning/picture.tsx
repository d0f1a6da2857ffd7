// Two hidden units that learn exclusive or, watched; and where other starts end.

import { effect, signal } from '@preact/signals';
import { adam, dense, MLP } from 'feedforward';
import {
  Action,
  Axes,
  Chart,
  Choice,
  Controls,
  Dots,
  figure,
  fixed,
  gridPoints,
  Line,
  Numbers,
  PlayButtons,
  type Point,
  player,
  Rule,
  Slider,
  Words,
} from '../kit';
import { range, X, y } from '../exclusive-or/rows';

const side = 56;
const grid = gridPoints(side, range, range);
const most = 1500;
const starts = 24;

type Activation = 'tanh' | 'relu' | 'sigmoid';
const activation = signal<Activation>('tanh');
const units = signal(2);
const seed = signal(1);

interface State {
  readonly epoch: number;
  readonly losses: readonly number[];
  readonly answers: readonly number[];
  readonly map: Float32Array;
  readonly theta: readonly number[];
}

const network = (seed: number) =>
  new MLP({
    inputs: 2,
    layers: [dense(units.peek(), { activation: activation.peek() }), dense(1)],
    optimizer: adam({ learningRate: 0.05 }),
    seed,
  });
let model = network(seed.peek());
const look = (losses: readonly number[]): State => ({
  epoch: losses.length - 1,
  losses,
  answers: [...model.predict(X).data],
  map: model.predict(grid).data,
  theta: [...model.getVector()],
});
const state = signal<State>(look([model.evaluate(X, y).loss]));
const ends = signal<readonly number[]>([]);

function step(): boolean {
  const { losses, epoch } = state.peek();
  if (epoch >= most) return false;
  // One epoch a frame while most happens, more later.
  const epochs = Math.min(1 + Math.floor(epoch / 30), most - epoch);
  const more = model.fitSync(X, y, { epochs, batchSize: 4, reportMetrics: false }).values('loss');
  state.value = look([...losses, ...more]);
  return true;
}
function reset(): void {
  model = network(seed.peek());
  state.value = look([model.evaluate(X, y).loss]);
}
const playing = player({ step, reset, plays: true });
let asked = 0;
effect(() => {
  activation.value;
  units.value;
  ends.value = [];
  asked++;
});
effect(() => {
  activation.value;
  units.value;
  seed.value;
  reset();
  playing.play();
});

/** One network after the other, so that the dots come as they are found. */
function tryStarts(): void {
  const now = ++asked;
  ends.value = [];
  const next = () => {
    if (now !== asked || ends.peek().length >= starts) return;
    const one = network(ends.peek().length);
    let loss = 1;
    // In pieces: what has learnt it need not go on.
    for (let epoch = 0; epoch < most && loss > 1e-3; epoch += 250)
      loss = one.fitSync(X, y, { epochs: 250, batchSize: 4, reportMetrics: false }).last!.loss;
    ends.value = [...ends.peek(), loss];
    setTimeout(next);
  };
  next();
}

/** Where a hidden unit's net input is 0: a w1 + b w2 + bias = 0. */
function separations(theta: readonly number[], count: number): Point[][] {
  return Array.from({ length: count }, (_, k) => {
    const [a, b, c] = [theta[k]!, theta[count + k]!, theta[2 * count + k]!];
    const size = Math.hypot(a, b) || 1;
    return [-9, 9].map((t): Point => [(-c * a) / size ** 2 - (t * b) / size, (-c * b) / size ** 2 + (t * a) / size]);
  });
}

const levels = [
  [0.25, '1/4'],
  [1 / 6, '1/6'],
  [0.125, '1/8'],
] as const;

export default function Picture() {
  const { epoch, losses, answers, map, theta } = state.value;
  const loss = losses.at(-1)!;
  const solved = ends.value.filter((end) => end < 0.01).length;
  const stuck = ends.value.length - solved;
  return (
    <div class="stage">
      <Controls>
        <PlayButtons of={playing} />
        <Choice
          label="Hidden activation"
          help="What the hidden units do with their sums"
          of={activation}
          options={['tanh', 'relu', 'sigmoid']}
        />
        <Choice label="Hidden units" help="How many lines the network has" of={units} options={[2, 4, 8]} />
        <Slider label="start" help="Which random weights it begins with" of={seed} min={0} max={39} />
      </Controls>
      <div class="beside">
        <Axes
          x={{ label: 'x1', from: range[0], to: range[1], ticks: [0, 1] }}
          y={{ label: 'x2', from: range[0], to: range[1], ticks: [0, 1] }}
          ratio={1}
          most={270}
          label={`After ${epoch} epochs the network says ${answers.map((f) => fixed(f, 2)).join(', ')} at 00, 01, 10, 11; wanted are 0, 1, 1, 0.`}
          map={{ values: map, columns: side, level: 0.5, scale: 0.7 }}
        >
          {separations(theta, units.value).map((points, k) => (
            <Line key={k} points={points} tone="ink" dashed thin={units.value > 2} />
          ))}
          <Dots points={[X[0], X[3]] as unknown as Point[]} shape="circle" tone={0} size={8} />
          <Dots points={[X[1], X[2]] as unknown as Point[]} shape="square" tone={1} size={8} />
        </Axes>
        <Chart
          x={{ label: 'epoch', from: 0, to: most, ticks: [0, 500, 1000, 1500] }}
          y={{ label: 'loss', from: 1e-6, to: 10, log: true }}
          ratio={0.8}
          most={290}
          label={`The loss is ${figure(loss, 4)} after ${epoch} epochs. ${ends.value.length} other starts ended: ${solved} solved it.`}
          series={[
            { name: 'this network', points: losses.map((value, i) => [i, Math.max(1e-6, value)]) },
            ...(ends.value.length > 0
              ? [
                  {
                    name: 'ends of other starts',
                    dots: 'circle' as const,
                    tone: 1 as const,
                    points: ends.value.map((end, i): Point => [most * (0.1 + (0.85 * i) / starts), Math.max(1.3e-6, end)]),
                  },
                ]
              : []),
          ]}
        >
          <Rule y={levels[0][0]} words={levels[0][1]} />
          <Rule y={levels[2][0]} />
          <Words at={[most, levels[2][0]]} anchor="end" dx={-5} dy={14}>
            {levels[2][1]}
          </Words>
        </Chart>
      </div>
      <Numbers
        of={[
          { name: 'epoch', label: 'epoch', value: epoch },
          { name: 'loss', label: 'mean squared error', value: figure(loss, 4), row: 95, strong: true },
          { name: 'answers', label: 'at 00 01 10 11', value: answers.map((f) => fixed(f, 2)).join(' ') },
          {
            name: 'stuck',
            label: 'starts that got stuck',
            value: ends.value.length === 0 ? '–' : `${stuck} of ${ends.value.length}`,
            row: 51,
          },
        ]}
      />
      <p class="said">
        θ = (
        <output aria-live="off" data-row="116" data-name="theta">
          {theta.map((w) => figure(w, 2)).join(', ')}
        </output>
        )
      </p>
      <Controls>
        <Action act={tryStarts} help="Trains a network from each">
          {`${starts} starts`}
        </Action>
      </Controls>
    </div>
  );
}

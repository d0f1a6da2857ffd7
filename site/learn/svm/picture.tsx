// Two circles, told apart by a linear machine on features of degree 2 and by a network of hidden lines, both while they learn.

import { computed, effect, signal } from '@preact/signals';
import { adam, datasets, dense, MLP, PolynomialFeatures } from 'feedforward';
import {
  Action,
  Axes,
  Choice,
  Controls,
  Dots,
  gridPoints,
  Line,
  Numbers,
  percent,
  PlayButtons,
  type Point,
  player,
  Slider,
  usePlace,
} from '../kit';

const range = [-1.4, 1.4] as const;
const side = 56;
const most = 1200;
const grid = gridPoints(side, range, range);

const factor = signal(0.5);
const noise = signal(0.08);
const C = signal(1);
const units = signal(3);
const start = signal(2); // one from which three neurons enclose the circle
const epochs = signal(0);

const data = computed(() => {
  const { X, y } = datasets.circles({ samples: 160, noise: noise.value, factor: factor.value, seed: 1 });
  return { points: X.toArray() as unknown as Point[], signs: [...y.data].map((id) => (id > 0.5 ? 1 : -1)) };
});

const features = new PolynomialFeatures({ degree: 2, includeBias: false }).fit(grid);
/** The features of (x z + 1)^2: x1, x2, x1^2, x1 x2, x2^2, those that are not squares times the root of 2. */
const weigh = [Math.SQRT2, Math.SQRT2, 1, Math.SQRT2, 1];
const lift = (points: readonly (readonly number[])[]) =>
  features
    .transform(points.map((point) => [...point]))
    .toArray()
    .map((row) => row.map((value, j) => value * weigh[j]!));
const liftedGrid = lift(grid);

function machines() {
  const { signs } = data.peek();
  return {
    svm: new MLP({
      ...{ inputs: 5, layers: [dense(1)], loss: 'hinge', l2: 1 / (C.peek() * signs.length) },
      optimizer: adam({ learningRate: 0.03 }),
      seed: 1,
    }),
    net: new MLP({
      ...{ inputs: 2, layers: [dense(units.peek(), { activation: 'relu' }), dense(1, { activation: 'sigmoid' })] },
      ...{ loss: 'binaryCrossEntropy', optimizer: adam({ learningRate: 0.03 }), seed: start.peek() },
    }),
  };
}
let { svm, net } = machines();
let lifted = lift(data.peek().points);

interface Look {
  readonly map: Float32Array;
  readonly answers: readonly number[];
}
const look = (model: MLP, rows: number[][], over: number[][]): Look => ({
  map: model.predict(over).data,
  answers: [...model.predict(rows).data],
});
const rowsOf = () => data.peek().points.map((point) => [...point]);
const svmLook = signal(look(svm, lifted, liftedGrid));
const netLook = signal(look(net, rowsOf(), grid));
const netWeights = signal<readonly number[]>([...net.getVector()]);

function show(): void {
  svmLook.value = look(svm, lifted, liftedGrid);
  netLook.value = look(net, rowsOf(), grid);
  netWeights.value = [...net.getVector()];
}
function reset(): void {
  ({ svm, net } = machines());
  lifted = lift(data.peek().points);
  epochs.value = 0;
  show();
}
function step(): boolean {
  if (epochs.peek() >= most) return false;
  const { signs } = data.peek();
  // Few epochs a frame while most happens, more later.
  const more = { epochs: Math.min(2 + Math.floor(epochs.peek() / 30), most - epochs.peek()), reportMetrics: false };
  svm.fitSync(
    lifted,
    signs.map((s) => [s]),
    { ...more, batchSize: signs.length },
  );
  net.fitSync(
    rowsOf(),
    signs.map((s) => [s > 0 ? 1 : 0]),
    { ...more, batchSize: 40 },
  );
  epochs.value += more.epochs;
  show();
  return true;
}
const playing = player({ step, reset, plays: true });
effect(() => {
  data.value;
  C.value;
  units.value;
  start.value;
  reset();
  playing.play();
});

const share = (answers: readonly number[], level: number) =>
  answers.filter((answer, i) => answer > level === data.value.signs[i]! > 0).length / answers.length;

function Rings({ at }: { at: readonly Point[] }) {
  const { x, y } = usePlace();
  return (
    <g aria-hidden="true">
      {at.map(([a, b], i) => (
        <circle key={i} class="curve thin tone-ink" cx={x(a)} cy={y(b)} r={7} />
      ))}
    </g>
  );
}

const points = () => (
  <>
    <Dots points={data.value.points.filter((_, i) => data.value.signs[i]! < 0)} shape="circle" tone={0} size={3.5} />
    <Dots points={data.value.points.filter((_, i) => data.value.signs[i]! > 0)} shape="square" tone={1} size={3.5} />
  </>
);
const axis = (label: string) => ({ label, from: range[0], to: range[1], ticks: [-1, 0, 1] });

export default function Picture() {
  const { signs } = data.value;
  const machine = svmLook.value;
  const network = netLook.value;
  const support = data.value.points.filter((_, i) => signs[i]! * machine.answers[i]! < 1.001);
  const [ours, theirs] = [share(network.answers, 0.5), share(machine.answers, 0)];
  const n = units.value;
  const w = netWeights.value;
  const separations = Array.from({ length: n }, (_, k) => {
    const [a, b, c] = [w[k]!, w[n + k]!, w[2 * n + k]!];
    const size = Math.hypot(a, b) || 1;
    return [-9, 9].map((t): Point => [(-c * a) / size ** 2 - (t * b) / size, (-c * b) / size ** 2 + (t * a) / size]);
  });
  return (
    <div class="stage">
      <Controls>
        <PlayButtons of={playing} />
        <Choice label="Hidden neurons" help="How many lines the network has" of={units} options={[1, 2, 3, 4, 8]} />
        <Action act={() => start.value++}>another start</Action>
      </Controls>
      <div class="beside">
        <div>
          <Axes
            x={axis('x1')}
            y={axis('x2')}
            ratio={1}
            most={280}
            label={`The support vector machine has ${percent(theirs)} right; ${support.length} of ${signs.length} points hold its boundary.`}
            map={{ values: machine.map, columns: side, scale: 1.5 }}
          >
            {points()}
            <Rings at={support} />
          </Axes>
          <p class="caption">Chosen features: quadratic SVM</p>
        </div>
        <div>
          <Axes
            x={axis('x1')}
            y={axis('x2')}
            ratio={1}
            most={280}
            label={`The network of ${n} hidden neurons has ${percent(ours)} right; its lines are dashed.`}
            map={{ values: network.map, columns: side, level: 0.5, scale: 0.5 }}
          >
            {points()}
            {separations.map((line, k) => (
              <Line key={k} points={line} tone="ink" dashed />
            ))}
          </Axes>
          <p class="caption">Learnt features: {n} hidden neurons</p>
        </div>
      </div>
      <Numbers
        of={[
          { name: 'svm', label: 'SVM, right', value: percent(theirs), row: [76, 107] },
          { name: 'net', label: 'network, right', value: percent(ours), row: [77, 34], strong: true },
          { name: 'separations', label: 'separations', value: separations.length, row: 78 },
          { name: 'support', label: 'support vectors', value: support.length },
          { name: 'epochs', label: 'epochs', value: epochs.value },
        ]}
      />
      <Controls>
        <Slider
          label="C"
          help="What a point on the wrong side costs the machine: small, and more points share in the boundary"
          of={C}
          min={0.01}
          max={100}
          logarithmic
          words={(v) => String(v)}
        />
        <Slider
          label="inner radius"
          help="How large the inner circle is"
          of={factor}
          min={0.2}
          max={0.8}
          step={0.05}
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="noise"
          help="How far points stray from their circle"
          of={noise}
          min={0}
          max={0.25}
          step={0.01}
          words={(v) => v.toFixed(2)}
        />
      </Controls>
    </div>
  );
}

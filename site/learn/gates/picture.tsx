// A threshold neuron whose line is dragged, and two of them with a third behind.

import { effect, signal } from '@preact/signals';
import { dense, MLP, Random } from 'feedforward';
import { Action, Arrow, Axes, Choice, Controls, Dots, figure, gridPoints, Handle, Line, Numbers, type Point, Row } from '../kit';

const gates = {
  AND: { wanted: [0, 0, 0, 1], row: 39 },
  OR: { wanted: [0, 1, 1, 1], row: 40 },
  'NOT x1': { wanted: [1, 1, 0, 0], row: 38 },
  'exclusive or': { wanted: [0, 1, 1, 0], row: 41 },
} as const;
type Gate = keyof typeof gates;
const gateNames = Object.keys(gates) as Gate[];

const corners: readonly Point[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const range = [-0.5, 1.5] as const;
const side = 64;
const grid = gridPoints(side, range, range);

/** A line by two of its points; the neuron fires to the left of the way from the first to the second. */
type Ends = readonly [Point, Point];
const start: readonly [Ends, Ends] = [
  [
    [0.2, 1.3],
    [-0.3, -0.3],
  ],
  [
    [1.3, 0.6],
    [0.4, 1.4],
  ],
];

const gate = signal<Gate>('AND');
const layers = signal<'one neuron' | 'two layers'>('one neuron');
const lines = signal<readonly [Ends, Ends]>(start);
const tried = signal<number | undefined>(undefined);

/** Weights w1, w2 and bias of the neuron with that line. */
function weightsOf([[a, b], [c, d]]: Ends): [number, number, number] {
  const length = Math.hypot(c - a, d - b) || 1;
  const [w1, w2] = [-(d - b) / length, (c - a) / length];
  return [w1, w2, -(w1 * a + w2 * b)];
}

const one = new MLP({ inputs: 2, layers: [dense(1, { activation: 'step' })] });
const two = new MLP({ inputs: 2, layers: [dense(2, { activation: 'step' }), dense(1, { activation: 'step' })] });

/** The network as the lines are now. */
function network(): MLP {
  const [p, q] = [weightsOf(lines.value[0]), weightsOf(lines.value[1])];
  if (layers.value === 'one neuron') {
    one.setVector(p);
    return one;
  }
  // The output fires for the first and not the second.
  two.setVector([p[0], q[0], p[1], q[1], p[2], q[2], 1, -1, -0.5]);
  return two;
}

const or: Ends = [
  [1, -0.4],
  [-0.4, 1],
];
const and: Ends = [
  [1.4, 0.1],
  [0.1, 1.4],
];
const reversed = ([p, q]: Ends): Ends => [q, p];
/** Lines that do the gate: the second counts in two layers alone. */
const solutions: Record<Gate, readonly [Ends, Ends]> = {
  AND: [reversed(and), start[1]],
  OR: [reversed(or), start[1]],
  'NOT x1': [
    [
      [0.5, -0.3],
      [0.5, 1.3],
    ],
    start[1],
  ],
  'exclusive or': [reversed(or), reversed(and)],
};

function show(): void {
  if (gate.peek() === 'exclusive or') layers.value = 'two layers';
  else layers.value = 'one neuron';
  lines.value = solutions[gate.peek()];
}

/** The most corners that any of a thousand random lines gets right. */
function tryLines(): void {
  const random = new Random(1, 'lines');
  const { wanted } = gates[gate.peek()];
  let best = 0;
  for (let i = 0; i < 1000; i++) {
    const angle = random.between(0, 2 * Math.PI);
    one.setVector([Math.cos(angle), Math.sin(angle), random.between(-1.5, 1.5)]);
    const answers = one.predict(corners.map((corner) => [...corner])).data;
    best = Math.max(best, wanted.filter((value, k) => value === answers[k]).length);
  }
  tried.value = best;
}

effect(() => {
  gate.value;
  tried.value = undefined;
});

function Plane({ net }: { net: MLP }) {
  const { wanted } = gates[gate.value];
  const shown = layers.value === 'one neuron' ? [0] : [0, 1];
  return (
    <Axes
      x={{ label: 'x1', from: range[0], to: range[1], ticks: [0, 1] }}
      y={{ label: 'x2', from: range[0], to: range[1], ticks: [0, 1] }}
      ratio={1}
      most={400}
      label={`Four corners, of which ${gate.value} wants ${wanted.join(', ')} at 00, 01, 10, 11, and the side of the line where the neuron fires.`}
      map={{ values: net.predict(grid).data, columns: side, level: 0.5, flat: true }}
    >
      {shown.map((k) => {
        const [p, q] = lines.value[k]!;
        const [w1, w2] = weightsOf([p, q]);
        const middle: Point = [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2];
        const far = (from: Point, to: Point): Point => [from[0] + 9 * (to[0] - from[0]), from[1] + 9 * (to[1] - from[1])];
        return (
          <>
            <Line key={`line${k}`} points={[far(q, p), far(p, q)]} tone="ink" dashed={k === 1} />
            <Arrow from={middle} to={[middle[0] + 0.22 * w1, middle[1] + 0.22 * w2]} />
          </>
        );
      })}
      <Dots points={corners.filter((_, i) => wanted[i] === 0)} shape="circle" tone={0} size={9} />
      <Dots points={corners.filter((_, i) => wanted[i] === 1)} shape="square" tone={1} size={9} />
      {shown.flatMap((k) =>
        [0, 1].map((end) => (
          <Handle
            key={`${k}${end}`}
            at={lines.value[k]![end]!}
            set={(to) => {
              const next = lines.value.map((ends, j) => (j === k ? ends.map((point, e) => (e === end ? to : point)) : ends));
              lines.value = next as unknown as [Ends, Ends];
            }}
            within={[
              [-0.45, 1.45],
              [-0.45, 1.45],
            ]}
            label={`End ${end + 1} of line ${k + 1}`}
          />
        )),
      )}
    </Axes>
  );
}

export default function Picture() {
  const { wanted, row } = gates[gate.value];
  const net = network();
  const answers = [...net.predict(corners.map((corner) => [...corner])).data];
  const right = answers.filter((answer, i) => answer === wanted[i]).length;
  const [w1, w2, b] = weightsOf(lines.value[0]);
  return (
    <div class="stage">
      <Controls>
        <Choice label="Gate" help="What the neuron shall do" of={gate} options={gateNames} />
        <Choice
          label="Network"
          help="One line, or two and an output that looks at both"
          of={layers}
          options={['one neuron', 'two layers']}
        />
      </Controls>
      <Plane net={net} />
      <Numbers
        of={[
          { name: 'wanted', label: 'wanted at 00 01 10 11', value: wanted.join(' ') },
          {
            name: 'answers',
            label: 'the network says',
            value: answers.join(' '),
            row: layers.value === 'two layers' ? 42 : row,
            strong: true,
          },
          { name: 'right', label: 'right', value: `${right} of 4` },
          { name: 'weights', label: 'w1, w2, b', value: [w1, w2, b].map((w) => figure(w, 2)).join(', '), row: 12 },
        ]}
      />
      <Controls>
        <Action act={show}>show lines that do it</Action>
        <Action act={tryLines}>try 1000 lines</Action>
        <p class="said">
          {tried.value !== undefined && (
            <>
              The best of 1000 random lines gets{' '}
              <Row n={gate.value === 'exclusive or' ? 41 : []} name="best">{`${tried.value} of 4`}</Row>.
            </>
          )}
        </p>
      </Controls>
    </div>
  );
}

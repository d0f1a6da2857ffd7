// A perceptron that learns one mistake at a time, beside the bound on their number.

import { computed, effect, signal } from '@preact/signals';
import { Perceptron, Random } from 'feedforward';
import {
  Action,
  Arrow,
  Axes,
  Choice,
  Controls,
  figure,
  gridPoints,
  Handle,
  Line,
  Numbers,
  PlayButtons,
  type Point,
  player,
  Row,
  Slider,
  Switch,
  usePlace,
} from '../kit';

type Data = 'two groups' | 'AND' | 'exclusive or';
interface Rows {
  readonly X: readonly Point[];
  readonly y: readonly (0 | 1)[];
}

const range = [-1.3, 1.3] as const;
const grid = gridPoints(52, range, range);
const corners: readonly Point[] = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];

const data = signal<Data>('two groups');
const margin = signal(0.15);
const seed = signal(3);
const strict = signal(false);

/** Above the line through the origin at 30 degrees, or, where negative, below it. */
const [sine, cosine] = [0.5, Math.sqrt(3) / 2];
const height = ([a, b]: Point) => -sine * a + cosine * b;

/** Points on both sides of that line, the nearest `gap` away. */
function groups(gap: number, seed: number): Rows {
  const random = new Random(seed, 'points');
  const X: Point[] = [];
  while (X.length < 14) {
    const point: Point = [random.between(-1, 1), random.between(-1, 1)];
    if (Math.abs(height(point)) >= gap && Math.abs(height(point)) <= gap + 0.35) X.push(point);
  }
  // Each side moves up until its first point is just `gap` away.
  for (const side of [1, -1]) {
    const excess = Math.min(...X.map((point) => side * height(point)).filter((distance) => distance > 0)) - gap;
    X.forEach((point, i) => {
      if (side * height(point) > 0) X[i] = [point[0] + side * excess * sine, point[1] - side * excess * cosine];
    });
  }
  return { X, y: X.map((point) => (height(point) > 0 ? 1 : 0)) };
}

const made = (): Rows => {
  if (data.value === 'AND') return { X: corners, y: [0, 0, 0, 1] };
  if (data.value === 'exclusive or') return { X: corners, y: [0, 1, 1, 0] };
  return groups(margin.value, seed.value);
};
const rows = signal<Rows>(made());

/** All of it at once: what the steps below come to, and the bound. */
const whole = computed(() => {
  const { X, y } = rows.value;
  const made = new Perceptron({ strict: strict.value, epochs: 5000 });
  const data = X.map((point) => [...point]);
  // The line that the groups were made with gives the better bound, for as long as it separates them.
  const known = y.every((side, i) => side === (height(X[i]!) > 0 ? 1 : 0)) ? { weights: [-sine, cosine] } : undefined;
  return made.fitSync(data, y, known === undefined ? {} : { separator: known });
});

// ---- step by step --------------------------------------------------------------------------------------------------------------

interface State {
  readonly weights: readonly number[];
  readonly bias: number;
  readonly mistakes: number;
  /** The row that was wrong last. */
  readonly last: number | undefined;
  readonly done: boolean;
}
const zero: State = { weights: [0, 0], bias: 0, mistakes: 0, last: undefined, done: false };
const state = signal<State>(zero);
let learner = new Perceptron();
let next = 0;

/** Goes on to the next mistake. */
function step(): boolean {
  const { X, y } = rows.peek();
  for (let seen = 0; seen < X.length; seen++) {
    const i = next;
    next = (next + 1) % X.length;
    const before = state.peek().mistakes;
    learner.partialFit([[...X[i]!]], [y[i]!], { classes: [0, 1] });
    if (learner.mistakes === before) continue;
    state.value = { weights: [...learner.weights], bias: learner.bias, mistakes: learner.mistakes, last: i, done: false };
    return true;
  }
  state.value = { ...state.peek(), last: undefined, done: true };
  return false;
}
function reset(): void {
  learner = new Perceptron({ strict: strict.peek() });
  next = 0;
  state.value = zero;
}
const playing = player({ step, reset, plays: true, perSecond: () => Math.max(4, whole.peek().mistakes / 6) });

effect(() => {
  rows.value = made();
});
effect(() => {
  rows.value;
  strict.value;
  reset();
  playing.play();
});

const moveTo = (i: number, to: Point) => {
  const { X, y } = rows.peek();
  rows.value = { X: X.map((point, j) => (j === i ? to : point)), y };
};

// ---- the picture ----------------------------------------------------------------------------------------------------------------

function Ring({ at }: { at: Point }) {
  const { x, y } = usePlace();
  return <circle class="curve tone-ink" cx={x(at[0])} cy={y(at[1])} r={14} />;
}

function Plane() {
  const { X, y } = rows.value;
  const { weights, bias, last } = state.value;
  const [a, b] = weights as [number, number];
  const size = Math.hypot(a, b);
  const ends: Point[] =
    size === 0 ? [] : [-4, 4].map((t) => [(-bias * a) / size ** 2 - (t * b) / size, (-bias * b) / size ** 2 + (t * a) / size]);
  const foot: Point = size === 0 ? [0, 0] : [(-bias * a) / size ** 2, (-bias * b) / size ** 2];
  const right = X.filter(([p, q], i) => (y[i] === 1 ? 1 : -1) * (a * p + b * q + bias) > 0).length;
  return (
    <Axes
      x={{ label: 'x1', from: range[0], to: range[1] }}
      y={{ label: 'x2', from: range[0], to: range[1] }}
      ratio={1}
      most={430}
      label={`${X.length} points of two classes, ${right} of them on the right side of the line after ${state.value.mistakes} mistakes.`}
      map={size === 0 ? undefined : { values: grid.map(([p, q]) => a * p! + b * q! + bias), columns: 52, flat: true }}
    >
      <Line points={ends} tone="ink" />
      {size > 0 && <Arrow from={foot} to={[foot[0] + (0.45 * a) / size, foot[1] + (0.45 * b) / size]} />}
      {last !== undefined && <Ring at={X[last]!} />}
      {X.map((at, i) => (
        <Handle
          key={i}
          at={at}
          set={(to) => moveTo(i, to)}
          within={[range, range]}
          label={`Point ${i + 1}, class ${y[i]}`}
          tone={y[i]!}
          shape={y[i] === 0 ? 'circle' : 'square'}
          size={7}
        />
      ))}
    </Axes>
  );
}

export default function Picture() {
  const { X, y } = rows.value;
  const { weights, bias, mistakes, done } = state.value;
  const { bound, verdict, separable } = whole.value;
  const right = X.filter(([a, b], i) => (y[i] === 1 ? 1 : -1) * (weights[0]! * a + weights[1]! * b + bias) > 0).length;
  return (
    <div class="stage">
      <Controls>
        <PlayButtons of={playing} stepWords="Step: next mistake" />
        <Choice
          label="Points"
          help="Which points are to be told apart"
          of={data}
          options={['two groups', 'AND', 'exclusive or']}
        />
      </Controls>
      <Plane />
      <Numbers
        of={[
          { name: 'mistakes', label: 'mistakes so far', value: mistakes, row: 17, strong: true },
          { name: 'total', label: 'until all are right', value: separable === false ? 'never' : whole.value.mistakes, row: 16 },
          { name: 'bound', label: 'bound', value: bound === undefined ? 'none' : Math.floor(bound), row: 18 },
          { name: 'right', label: 'right', value: `${right} of ${X.length}`, row: 14 },
          { name: 'weights', label: 'w1, w2, b', value: [...weights, bias].map((w) => figure(w, 2)).join(', ') },
        ]}
      />
      <p class="said">
        <Row n={19} name="verdict">
          {verdict}
        </Row>
        {done && separable !== false ? ' The rule is at rest.' : ''}
      </p>
      <Controls>
        {data.value === 'two groups' && (
          <Slider
            label="margin"
            help="How far the points keep from a line between them"
            of={margin}
            min={0.02}
            max={0.5}
            step={0.01}
            words={(value) => value.toFixed(2)}
          />
        )}
        {data.value === 'two groups' && <Action act={() => seed.value++}>other points</Action>}
        <Switch label="strict rule" help="A point on the line itself is no mistake" of={strict} />
      </Controls>
    </div>
  );
}

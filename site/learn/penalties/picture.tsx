import { signal } from '@preact/signals';
import { Axes, Chart, Choice, Controls, figure, Numbers, PlayButtons, player, type Point, Slider, usePlace } from '../kit';
import { onChange } from '../kit/changes';
import { drawRows, truth } from '../kit/noisyRows';
import { Learner, type Look, type Penalty, points } from './numbers';

const rows = drawRows(30, 0.2, 3);
const penalty = signal<Penalty>('L2');
const lambda = signal(0.1);
let learner = new Learner(rows);
learner.change(penalty.value, lambda.value);
const look = signal<Look>(learner.advance(0));
const last = 4000;

const run = player({
  step() {
    look.value = learner.advance(30);
    return look.value.epochs < last;
  },
  reset() {
    learner = new Learner(rows);
    learner.change(penalty.value, lambda.value);
    look.value = learner.advance(0);
  },
  plays: true,
});
onChange(
  () => [penalty.value, lambda.value],
  () => {
    learner.change(penalty.value, lambda.value);
    if (look.value.epochs >= last) learner.again();
    look.value = learner.advance(0);
    run.play();
  },
);

/** Below this a weight counts as gone. */
const gone = 0.01;

/** theta as needles: each weight and bias from 0 up or down. */
function Needles({ theta }: { theta: readonly number[] }) {
  const { x, y } = usePlace();
  return (
    <g>
      {theta.map((value, i) => (
        <line
          key={i}
          class={`curve tone-${Math.abs(value) < gone ? 'soft' : value > 0 ? 0 : 1}`}
          x1={x(i)}
          x2={x(i)}
          y1={y(0)}
          y2={y(Math.max(-3.3, Math.min(3.3, value)))}
        />
      ))}
    </g>
  );
}

export default function Picture() {
  const now = look.value;
  const zeros = now.theta.filter((t) => Math.abs(t) < gone).length;
  const row = penalty.value === 'L1' ? 59 : penalty.value === 'L2' ? [8, 60] : undefined;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'x', from: -2, to: 2 }}
        y={{ label: 'y', from: -2.3, to: 2.3 }}
        ratio={0.34}
        label={`30 noisy rows and what 40 hidden units learn of them with ${penalty.value === 'none' ? 'no penalty' : `${penalty.value}, lambda ${lambda.value}`}: error ${figure(now.training)} on the rows, ${figure(now.test)} on fresh ones.`}
        series={[
          { name: 'rows', points: rows.X.map(([x], i): Point => [x!, rows.y[i]![0]!]), tone: 'ink', dots: 'circle' },
          { name: 'the truth', points: points.map((x): Point => [x, truth(x)]), tone: 'ink', dashed: true },
          { name: 'learnt', points: now.values.map((v, i): Point => [points[i]!, v]), tone: 0 },
        ]}
      />
      <Axes
        x={{ label: `theta: ${now.theta.length} weights and biases`, from: -2, to: now.theta.length + 1, ticks: 0 }}
        y={{ label: 'value', from: -3.3, to: 3.3, ticks: [-3, 0, 3] }}
        ratio={0.2}
        label={`${now.theta.length} weights and biases, ${zeros} of them nearly 0, the largest ${figure(Math.max(...now.theta.map(Math.abs)), 2)}.`}
      >
        <Needles theta={now.theta} />
      </Axes>
      <Controls>
        <Choice label="penalty" help="what large weights cost" of={penalty} options={['none', 'L1', 'L2'] as Penalty[]} />
        <Slider label="λ" help="how much they cost" of={lambda} min={0.001} max={10} logarithmic />
        <PlayButtons of={run} />
      </Controls>
      <Numbers
        of={[
          { name: 'training', label: 'error on its rows', value: figure(now.training) },
          { name: 'test', label: 'error on fresh rows', value: figure(now.test), strong: true },
          {
            name: 'penalty',
            label: 'penalty of the model',
            value: figure(now.penalty, 5),
            ...(row === undefined ? {} : { row }),
          },
          {
            name: 'byHand',
            label: penalty.value === 'L1' ? 'λ/2m Σ|θ|' : 'λ/2m Σθ²',
            value: figure(now.byHand, 5),
            ...(row === undefined ? {} : { row }),
          },
          { name: 'zeros', label: `of ${now.theta.length} nearly 0`, value: zeros },
        ]}
      />
    </div>
  );
}

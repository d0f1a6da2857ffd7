// Networks of two hidden ReLUs that do exclusive or exactly: the square as it is, and as the hidden units see it.

import { computed, effect, signal } from '@preact/signals';
import { dense, MLP } from 'feedforward';
import { Axes, Choice, Controls, Dots, figure, gridPoints, Line, Numbers, type Point, Slider, Words } from '../kit';
import { range, X, y } from '../exclusive-or/rows';

const names = ['00', '01', '10', '11'];
const side = 64;
const grid = gridPoints(side, range, range);

/** W1 by inputs (what the library keeps is the transpose of the lecture's), b1, w2, b2. */
const solutions = {
  first: { weights: [1, -1, -1, 1, 0, 0, 1, 1, 0], row: 91 },
  'signs swapped': { weights: [-1, 1, 1, -1, 0, 0, 1, 1, 0], row: 92 },
  'with biases': { weights: [-1, 1, -1, 1, 1, -1, -1, -1, 1], row: 94 },
} as const;
type Name = keyof typeof solutions;

const chosen = signal<Name>('first');
const [d1, d2] = [signal(1), signal(1)];
effect(() => {
  chosen.value;
  [d1.value, d2.value] = [1, 1];
});

const model = new MLP({ inputs: 2, layers: [dense(2, { activation: 'relu' }), dense(1)], metrics: ['accuracy'] });
const hidden = new MLP({ inputs: 2, layers: [dense(2, { activation: 'relu' })] });
const state = computed(() => {
  const [a, b, c, d, e, f, g, h, i] = solutions[chosen.value].weights;
  const [p, q] = [d1.value, d2.value];
  const weights = [a * p, b * q, c * p, d * q, e * p, f * q, g / p, h / q, i];
  model.setVector(weights);
  hidden.setVector(weights.slice(0, 6));
  return {
    weights,
    answers: [...model.predict(X).data],
    loss: model.evaluate(X, y).loss,
    map: model.predict(grid).data,
    seen: hidden.predict(X).toArray() as unknown as Point[],
  };
});

const marks = (points: readonly Point[]) => (
  <>
    <Dots points={[points[0]!, points[3]!]} shape="circle" tone={0} size={8} />
    <Dots points={[points[1]!, points[2]!]} shape="square" tone={1} size={8} />
  </>
);

export default function Picture() {
  const { weights, answers, loss, map, seen } = state.value;
  const [, , , , , , g, h, bias] = weights as [number, number, number, number, number, number, number, number, number];
  const far = Math.max(1.5, 1.3 * Math.max(...seen.flat()));
  // Where g h1 + h h2 + bias = 1/2.
  const cut: Point[] = [-far, 2 * far].map((x) => [x, (0.5 - bias - g * x) / h]);
  const together = new Map<string, { at: Point; words: string }>();
  seen.forEach((at, i) => {
    const key = at.map((v) => v.toFixed(3)).join();
    together.set(key, { at, words: `${together.has(key) ? `${together.get(key)!.words}, ` : ''}${names[i]}` });
  });
  return (
    <div class="stage">
      <Controls>
        <Choice label="Solution" help="Weights that were found by hand" of={chosen} options={Object.keys(solutions) as Name[]} />
        <Slider
          label="d1"
          help="First unit: its weights times d1, its weight in the output through d1"
          of={d1}
          min={0.25}
          max={4}
          logarithmic
          words={(v) => v.toFixed(2)}
        />
        <Slider
          label="d2"
          help="Second unit: its weights times d2, its weight in the output through d2"
          of={d2}
          min={0.25}
          max={4}
          logarithmic
          words={(v) => v.toFixed(2)}
        />
      </Controls>
      <div class="beside">
        <Axes
          x={{ label: 'x1', from: range[0], to: range[1], ticks: [0, 1] }}
          y={{ label: 'x2', from: range[0], to: range[1], ticks: [0, 1] }}
          ratio={1}
          most={290}
          label={`The network's answers over the square; at 00, 01, 10, 11 they are ${answers.map((v) => figure(v, 2)).join(', ')}.`}
          map={{ values: map, columns: side, level: 0.5, scale: 0.7 }}
        >
          {marks(X as unknown as Point[])}
          {X.map((at, i) => (
            <Words key={i} at={at as unknown as Point} dx={10} dy={-9}>
              {figure(answers[i]!, 2)}
            </Words>
          ))}
        </Axes>
        <Axes
          x={{ label: 'hidden unit 1', from: -0.3 * far, to: far }}
          y={{ label: 'hidden unit 2', from: -0.3 * far, to: far }}
          ratio={1}
          most={290}
          label={`Where the corners land in the eyes of the hidden units: ${seen.map((at, i) => `${names[i]} at ${at.map((v) => figure(v, 2)).join(', ')}`).join('; ')}. A line cuts the ones from the zeros.`}
        >
          <Line points={cut} tone="ink" />
          {marks(seen)}
          {[...together.values()].map(({ at, words }) => (
            <Words key={words} at={at} dx={10} dy={-9}>
              {words}
            </Words>
          ))}
        </Axes>
      </div>
      <Numbers
        of={[
          { name: 'answers', label: 'at 00 01 10 11', value: answers.map((v) => figure(v, 2)).join(' '), strong: true },
          {
            name: 'loss',
            label: 'mean squared error',
            value: loss < 1e-12 ? '0' : figure(loss, 6),
            row: d1.value === 1 && d2.value === 1 ? solutions[chosen.value].row : 93,
          },
          {
            name: 'W1',
            label: 'W1',
            value: `(${[weights[0], weights[2]].map((v) => figure(v!, 2)).join(' ')}; ${[weights[1], weights[3]].map((v) => figure(v!, 2)).join(' ')})`,
          },
          {
            name: 'b1',
            label: 'b1',
            value: `(${weights
              .slice(4, 6)
              .map((v) => figure(v, 2))
              .join(', ')})`,
          },
          { name: 'w2', label: 'w2, b2', value: `(${[g, h].map((v) => figure(v, 2)).join(', ')}), ${bias}` },
        ]}
      />
    </div>
  );
}

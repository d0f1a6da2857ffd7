// A ring of points through many layers, beside the one matrix that they are; and what each eigenvalue does with depth.

import { computed, signal } from '@preact/signals';
import { dense, linear, MLP } from 'feedforward/baseline';
import { Axes, Chart, Choice, Controls, Dots, figure, Line, Numbers, type Point, Slider } from '../kit';

type Name = 'identity' | 'µz + c' | 'tanh';
const names: readonly Name[] = ['identity', 'µz + c', 'tanh'];
const chosen = signal<Name>('identity');
const [l1, l2, depth] = [signal(1.15), signal(0.8), signal(4)];

const ring = Array.from({ length: 48 }, (_, i) => [Math.cos((2 * Math.PI * i) / 48), Math.sin((2 * Math.PI * i) / 48)]);
const [mu, shift] = [0.9, 0.1];

/** P diag(l1, l2) P^-1 with P = (1 1; 1 2). */
const matrixOf = (a: number, b: number) => [
  [2 * a - b, b - a],
  [2 * (a - b), 2 * b - a],
];
const activations = { identity: 'identity', 'µz + c': linear({ scale: mu, shift }), tanh: 'tanh' } as const;

function network(layers: number, name: Name): MLP {
  const model = new MLP(
    {
      inputs: 2,
      layers: Array.from({ length: layers }, () => dense(2, { bias: false, activation: activations[name] })),
    },
    { precision: 'float64' },
  );
  const W = matrixOf(l1.value, l2.value);
  // The library keeps a layer's weights by input; W acts on rows from the right.
  for (const parameter of model.parameters())
    parameter.set([
      [W[0]![0]!, W[1]![0]!],
      [W[0]![1]!, W[1]![1]!],
    ]);
  return model;
}

const state = computed(() => {
  const model = network(depth.value, chosen.value);
  const through = model.predict(ring).toArray() as unknown as Point[];
  // The affine map with the same value and slopes at 0: for an affine network it is the network.
  const [c, ...slopes] = [model.predict([[0, 0]]).row(0), ...[0, 1].map((k) => model.inputGradient([[0, 0]], k).row(0))];
  const affine = ring.map(
    ([a, b]): Point => [0, 1].map((k) => c![k]! + a! * slopes[k]![0]! + b! * slopes[k]![1]!) as unknown as Point,
  );
  const size = Math.max(...affine.flat().map(Math.abs), 1e-30);
  const apart =
    Math.max(...through.map(([a, b], i) => Math.max(Math.abs(a - affine[i]![0]), Math.abs(b - affine[i]![1])))) / size;
  const trace = slopes[0]![0]! + slopes[1]![1]!;
  return { through, affine, apart, trace, far: Math.max(1.2, 1.15 * Math.max(...through.flat().map(Math.abs))) };
});

/** Length of what an eigenvector becomes, layer by layer. */
const along = (vector: number[]): Point[] =>
  Array.from(
    { length: depth.value },
    (_, k): Point => [
      k + 1,
      Math.hypot(
        ...network(k + 1, 'identity')
          .predict([vector])
          .row(0),
      ) / Math.hypot(...vector),
    ],
  );

export default function Picture() {
  const { through, affine, apart, trace, far } = state.value;
  const words = (value: number) => value.toFixed(2);
  const k = depth.value;
  return (
    <div class="stage">
      <Controls>
        <Choice label="Activation of every layer" help="What each layer does after its matrix" of={chosen} options={names} />
        <Slider label="layers" help="How often the matrix is applied" of={depth} min={1} max={30} />
        <Slider label="λ1" help="Eigenvalue along the first eigenvector" of={l1} min={-1.3} max={1.3} step={0.05} words={words} />
        <Slider
          label="λ2"
          help="Eigenvalue along the second eigenvector"
          of={l2}
          min={-1.3}
          max={1.3}
          step={0.05}
          words={words}
        />
      </Controls>
      <div class="beside">
        <Axes
          x={{ label: 'first output', from: -far, to: far }}
          y={{ label: 'second output', from: -far, to: far }}
          ratio={1}
          most={290}
          label={`A ring of points after ${k} layers, and where one affine map would put it: they are apart by ${figure(apart, 4)} of its size.`}
        >
          <Line points={ring.concat([ring[0]!]) as unknown as Point[]} tone="soft" thin dashed />
          <Dots points={affine.filter((_, i) => i % 2 === 0)} shape="cross" tone={1} size={4} />
          <Line points={[...through, through[0]!]} tone={0} />
        </Axes>
        <Chart
          x={{ label: 'layers', from: 0, to: 30 }}
          y={{ label: 'length, relative', from: 1e-9, to: 1e5, log: true }}
          ratio={0.82}
          most={300}
          label={`Lengths along the eigenvectors after 1 to ${k} layers: ${figure(Math.abs(l1.value) ** k, 4)} and ${figure(Math.abs(l2.value) ** k, 4)}.`}
          series={[
            { name: 'along the eigenvector of λ1', points: along([1, 1]) },
            { name: 'along that of λ2', points: along([1, 2]), dashed: true },
          ]}
        />
      </div>
      <Numbers
        of={[
          {
            name: 'apart',
            label: 'distance from one affine map',
            value: apart < 1e-5 ? '0' : figure(apart, 3),
            row: chosen.value === 'µz + c' ? 25 : 24,
            strong: true,
          },
          { name: 'trace', label: 'trace of the Jacobian at 0', value: figure(trace, 3), row: 147 },
          { name: 'powers', label: `λ1^${k} + λ2^${k}`, value: figure(l1.value ** k + l2.value ** k, 3), row: 98 },
        ]}
      />
    </div>
  );
}

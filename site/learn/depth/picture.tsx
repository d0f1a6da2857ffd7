import { computed, signal } from '@preact/signals';
import { Axes, Choice, Controls, Line, Numbers, PlayButtons, player, type Point, Slider } from '../kit';
import { onChange } from '../kit/changes';
import { type Curve, curve, deep, pieces } from './numbers';

const folds = signal<number>(2);
const layers = signal(3);
/** More teeth than this nobody can see, and their corners come off the points. */
const mostPieces = 256;
const mostLayers = (by: number): number => Math.floor(Math.log(mostPieces) / Math.log(by) + 1e-9);

const both = computed(() => {
  const units = folds.value * layers.value;
  const tall = curve(deep(folds.value, layers.value), folds.value ** layers.value);
  const flat = curve(deep(units, 1), units);
  return { units, tall, flat, tallPieces: pieces(tall.values), flatPieces: pieces(flat.values) };
});

const grow = player({
  step() {
    layers.value = Math.min(mostLayers(folds.value), layers.value + 1);
    return layers.value < mostLayers(folds.value);
  },
  reset() {
    layers.value = 1;
  },
  perSecond: 1.5,
});
onChange(
  () => folds.value,
  () => {
    layers.value = Math.min(layers.value, mostLayers(folds.value));
  },
);

const along = ({ points, values }: Curve): Point[] => values.map((value, i) => [points[i]!, value]);

function Saw({ of, title, tone }: { of: Curve; title: string; tone: 0 | 1 }) {
  return (
    <div>
      <p class="said">{title}</p>
      <Axes
        x={{ label: 'x', from: 0, to: 1 }}
        y={{ label: 'y', from: -0.05, to: 1.05, ticks: [0, 1] }}
        ratio={0.24}
        label={title}
      >
        <Line points={along(of)} tone={tone} />
      </Axes>
    </div>
  );
}

export default function Picture() {
  const { units, tall, flat, tallPieces, flatPieces } = both.value;
  const deepWords = layers.value === 1 ? `One layer of ${folds.value}` : `${layers.value} layers of ${folds.value}`;
  return (
    <div class="stage">
      <Saw title={`${deepWords}: ${tallPieces} pieces`} of={tall} tone={0} />
      <Saw title={`The same ${units} units in one layer: ${flatPieces} pieces`} of={flat} tone={1} />
      <Controls>
        <Slider label="layers" help="each layer folds what comes in" of={layers} min={1} max={mostLayers(folds.value)} />
        <Choice label="units a layer" help="how often a layer folds" of={folds} options={[2, 3, 4]} />
        <PlayButtons of={grow} stepWords="One more layer" />
      </Controls>
      <Numbers
        of={[
          { name: 'pieces', label: 'pieces, deep', value: tallPieces, row: 32, strong: true },
          { name: 'units', label: 'units', value: units, row: 32 },
          { name: 'flat', label: 'pieces of one layer', value: flatPieces },
          { name: 'needed', label: 'units one layer needs for as many', value: tallPieces - 1 },
        ]}
      />
    </div>
  );
}

// The network as it is: a picture of what each unit sees, and lines as wide as the weights.

import { useMemo } from 'preact/hooks';
import { Pixels } from './canvas';
import { Card, Chip, Choice, Slider } from './controls';
import { activationNames, type HiddenLayer, unitsOf } from './experiment';
import type { LayerState } from './messages';
import { change, edited, experiment, states } from './state';

const cell = 44;
const column = 132;
const top = 8;

const placeOf = (count: number, index: number, most: number) => top + ((most - count) * cell) / 2 + index * cell + 18;

export function NetworkCard() {
  const e = experiment.value;
  const layers = states[edited.value].value?.layers;
  // Many frames leave the layers as they are.
  const drawing = useMemo(() => layers && <Drawing layers={layers} features={e.features} />, [layers, e.features]);
  const count = e.layers.length;
  return (
    <Card
      title="Network"
      name="network"
      aside={
        <div class="chips">
          <button
            type="button"
            class="chip"
            disabled={count >= 8}
            onClick={() =>
              change((old) => ({ ...old, layers: [...old.layers, old.layers.at(-1) ?? { units: 8, activation: 'tanh' }] }))
            }
          >
            + layer
          </button>
          <button
            type="button"
            class="chip"
            disabled={count === 0}
            onClick={() => change((old) => ({ ...old, layers: old.layers.slice(0, -1) }))}
          >
            − layer
          </button>
        </div>
      }
    >
      <section class="scroll" tabIndex={0} aria-label="Layers, from the features to the answer">
        {drawing}
      </section>
      <div class="layers">
        {e.layers.map((layer, i) => (
          <LayerControls key={i} layer={layer} index={i} />
        ))}
      </div>
      <p class="help">
        {unitsOf(e)} hidden units.{' '}
        {e.data.kind === 'digits'
          ? 'Each small picture shows which pixels speak for a unit, and which against it.'
          : 'Each small picture is what one unit answers at every place of the map.'}{' '}
        Lines are weights, wide where they are large.
      </p>
    </Card>
  );
}

function LayerControls({ layer, index }: { layer: HiddenLayer; index: number }) {
  const set = (next: Partial<HiddenLayer>, what = '') =>
    change(
      (old) => ({ ...old, layers: old.layers.map((other, i) => (i === index ? { ...other, ...next } : other)) }),
      what && `${what}${index}`,
    );
  return (
    <fieldset class="layer">
      <legend>layer {index + 1}</legend>
      <Slider
        label="units"
        help="How many neurons this layer has."
        value={layer.units}
        min={1}
        max={32}
        set={(units) => set({ units }, 'units')}
      />
      <Choice
        label="activation"
        help="The bend that each neuron makes."
        value={layer.activation}
        options={activationNames}
        set={(activation) => set({ activation })}
      />
      <div class="chips">
        <Chip
          on={layer.batchNorm === true}
          help="Batch norm: net inputs get mean 0 and deviation 1 in each batch."
          set={(batchNorm) => set({ batchNorm })}
        >
          batch norm
        </Chip>
        <Chip
          on={layer.residual === true}
          help="Residual: the layer adds to what it is given, if it is as wide."
          set={(residual) => set({ residual })}
        >
          residual
        </Chip>
        <Chip
          on={(layer.dropout ?? 0) > 0}
          help="Dropout: a fifth of the units is silent in each step."
          set={(on) => set({ dropout: on ? 0.2 : 0 })}
        >
          dropout
        </Chip>
      </div>
    </fieldset>
  );
}

function Drawing({ layers, features }: { layers: readonly LayerState[]; features: readonly string[] }) {
  const shown = layers.map(({ units }) => units.length);
  const most = Math.max(features.length, ...shown);
  const height = top + most * cell + 26;
  const width = column * layers.length + 90;
  return (
    <div class="drawing" style={{ width: `${width}px`, height: `${height}px` }}>
      <svg width={width} height={height} aria-hidden="true">
        {layers.map((layer, l) => (
          <Lines key={l} layer={layer} from={l === 0 ? features.length : shown[l - 1]!} index={l} most={most} />
        ))}
      </svg>
      {features.map((name, i) => (
        <span key={name} class="feature" style={{ top: `${placeOf(features.length, i, most) - 14}px` }}>
          {name}
        </span>
      ))}
      {layers.map((layer, l) => (
        <div key={l}>
          {layer.units.map((picture, u) => (
            <span
              key={u}
              class="unit"
              style={{ left: `${60 + column * (l + 1) - 80}px`, top: `${placeOf(layer.units.length, u, most) - 18}px` }}
            >
              <Pixels picture={picture} />
            </span>
          ))}
          <span
            class="below"
            style={{ left: `${60 + column * (l + 1) - 104}px`, top: `${height - 22}px` }}
            title="Length of the gradient of this layer's weights"
          >
            {layer.width > layer.units.length ? `+${layer.width - layer.units.length} · ` : ''}∇{' '}
            {Number.isFinite(layer.gradient) ? layer.gradient.toExponential(0) : '–'}
          </span>
        </div>
      ))}
    </div>
  );
}

const lengthOf = (weights: Float32Array, width: number, unit: number) => {
  let sum = 0;
  for (let k = unit; k < weights.length; k += width) sum += weights[k]! ** 2;
  return Math.sqrt(sum);
};

function Lines({ layer, from, index, most }: { layer: LayerState; from: number; index: number; most: number }) {
  const { weights, inputs, width, units } = layer;
  // All pixels come in as one: its line is the length of all their weights.
  const isMany = index === 0 && inputs > from && from === 1;
  let largest = 1e-9;
  if (isMany) for (let j = 0; j < width; j++) largest = Math.max(largest, lengthOf(weights, width, j));
  else for (const weight of weights) largest = Math.max(largest, Math.abs(weight));
  const x0 = index === 0 ? 50 : 60 + column * index - 44;
  const x1 = 60 + column * (index + 1) - 80;
  const lines = [];
  for (let i = 0; i < Math.min(from, inputs); i++)
    for (let j = 0; j < units.length; j++) {
      const weight = isMany ? lengthOf(weights, width, j) : weights[i * width + j]!;
      const share = Math.abs(weight) / largest;
      if (!(share > 0.02)) continue;
      const y0 = placeOf(from, i, most);
      const y1 = placeOf(units.length, j, most);
      const bend = (x1 - x0) / 2;
      lines.push(
        <path
          key={`${i} ${j}`}
          d={`M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`}
          class={weight > 0 ? 'plus' : 'minus'}
          stroke-width={(0.4 + 4.6 * share).toFixed(2)}
          stroke-opacity={(0.2 + 0.7 * share).toFixed(2)}
        />,
      );
    }
  return <g>{lines}</g>;
}

import { computed, signal } from '@preact/signals';
import { Choice, Controls, figure, Numbers, percent, PlayButtons, player, Slider } from '../kit';
import { onChange } from '../kit/changes';
import { begin, type Kind, type Left, shareDropped, sizes } from './numbers';

const kind = signal<Kind>('units');
const rate = signal(0.5);
const steps = signal(0);
let next = begin(kind.value, rate.value);
const left = signal<Left>(next());
const share = computed(() => shareDropped(rate.value));

const run = player({
  step() {
    left.value = next();
    steps.value++;
  },
  reset() {
    next = begin(kind.value, rate.value);
    left.value = next();
    steps.value = 0;
  },
  perSecond: 1.5,
});
onChange(
  () => [kind.value, rate.value],
  () => {
    const playing = run.playing.value;
    run.reset();
    if (playing) run.play();
  },
);

const [inputs, hidden, outputs] = sizes;
const place = (layer: number, unit: number): readonly [number, number] => [
  60 + 240 * layer,
  155 + (unit - (sizes[layer]! - 1) / 2) * (layer === 1 ? 50 : 90),
];

/** One weight: as wide as it is large, dashed where it is negative, a faint thread where it is dropped. */
function Weight({
  from,
  to,
  value,
  kept,
}: {
  from: readonly [number, number];
  to: readonly [number, number];
  value: number;
  kept: boolean;
}) {
  return (
    <line
      class={kept ? `curve tone-${value > 0 ? 0 : 1}${value > 0 ? '' : ' dashed'}` : 'thread'}
      style={{ strokeWidth: kept ? 0.8 + 4 * Math.abs(value) : 1 }}
      x1={from[0]}
      y1={from[1]}
      x2={to[0]}
      y2={to[1]}
    />
  );
}

function Network({ of }: { of: Left }) {
  const units = of.units.filter((u) => u === 0).length;
  const cut = of.connections.filter((c) => c === 0).length;
  const reaches = (i: number, j: number): boolean => of.units[i] === 1 && of.connections[i * outputs + j] === 1;
  return (
    <svg
      class="network"
      viewBox="0 0 600 340"
      role="img"
      aria-label={`A network of ${inputs} inputs, ${hidden} hidden units and ${outputs} outputs: this step drops ${kind.value === 'units' ? `${units} of the units` : `${cut} of ${hidden * outputs} connections`}.`}
    >
      {Array.from({ length: inputs }, (_, i) =>
        Array.from({ length: hidden }, (_, j) => (
          <Weight
            key={`${i} ${j}`}
            from={place(0, i)}
            to={place(1, j)}
            value={of.first[i * hidden + j]!}
            kept={of.units[j] === 1}
          />
        )),
      )}
      {Array.from({ length: hidden }, (_, i) =>
        Array.from({ length: outputs }, (_, j) => (
          <Weight
            key={`${i} ${j}`}
            from={place(1, i)}
            to={place(2, j)}
            value={of.second[i * outputs + j]!}
            kept={reaches(i, j)}
          />
        )),
      )}
      {sizes.map((count, layer) =>
        Array.from({ length: count }, (_, unit) => {
          const [cx, cy] = place(layer, unit);
          const kept = layer !== 1 || of.units[unit] === 1;
          return (
            <g key={`${layer} ${unit}`} class={kept ? 'unit' : 'unit dropped'}>
              <circle {...{ cx, cy }} r={16} />
              {!kept && <path d={`M${cx - 7} ${cy - 7}L${cx + 7} ${cy + 7}M${cx - 7} ${cy + 7}L${cx + 7} ${cy - 7}`} />}
            </g>
          );
        }),
      )}
      {['inputs', 'hidden units', 'outputs'].map((name, layer) => (
        <text key={name} x={60 + 240 * layer} y={334} text-anchor="middle">
          {name}
        </text>
      ))}
    </svg>
  );
}

export default function Picture() {
  const now = left.value;
  const { zeros, others, mean } = share.value;
  const lines =
    now.units.reduce((sum, u) => sum + u * inputs, 0) +
    now.connections.reduce((sum, c, k) => sum + c * now.units[Math.floor(k / outputs)]!, 0);
  return (
    <div class="stage">
      <Network of={now} />
      <Controls>
        <Slider
          label="rate p"
          help="how likely each is dropped"
          of={rate}
          min={0}
          max={0.9}
          step={0.1}
          words={(p) => p.toFixed(1)}
        />
        <Choice
          label="drop"
          help="what is dropped: units, or connections"
          of={kind}
          options={['units', 'connections'] as Kind[]}
        />
        <PlayButtons of={run} stepWords="One more step" />
      </Controls>
      <Numbers
        of={[
          {
            name: 'lines',
            label: `weights left, of ${inputs * hidden + hidden * outputs}`,
            value: lines,
            row: [63, 112],
            strong: true,
          },
          { name: 'zeros', label: 'of 20,000 activations, dropped', value: percent(zeros, 1), row: 61 },
          { name: 'others', label: 'the others, times', value: figure(others), row: 61 },
          { name: 'mean', label: 'their mean', value: figure(mean, 2) },
        ]}
      />
      <Numbers
        of={[
          { name: 'predicted', label: 'a prediction drops nothing', value: now.predicted.map((v) => figure(v, 2)).join(', ') },
          { name: 'steps', label: 'steps', value: steps.value },
        ]}
      />
    </div>
  );
}

// The network 2-2-2 with every number on it: forward, then the deltas from right to left, then a gradient on every weight.

import { computed, signal } from '@preact/signals';
import { Choice, Controls, figure, Numbers, Slider } from '../kit';
import { apart, atFirst, byHand, difference, passesOf } from './numbers';

const stages = ['forward', 'BP1', 'BP2', 'BP3 and BP4', 'differences'] as const;
const names = ['w11', 'w12', 'w21', 'w22', 'b1', 'b2'];
const all = [...names.map((name) => `${name}, layer 1`), ...names.map((name) => `${name}, layer 2`)];

const stage = signal<(typeof stages)[number]>('forward');
const chosen = signal(all[6]!);
const vector = signal<readonly number[]>(atFirst);
const x = [signal(0.75), signal(-0.5)] as const;
const targets = [1, 0];

const inputs = computed(() => x.map(({ value }) => value));
const passes = computed(() => passesOf(vector.value, inputs.value, targets));
const off = computed(() => apart(passes.value, byHand(vector.value, inputs.value, targets)));
const differences = computed(() => vector.value.map((_, k) => difference(vector.value, inputs.value, targets, k)));
const at = computed(() => all.indexOf(chosen.value));

const places = [
  [
    [42, 84],
    [42, 236],
  ],
  [
    [182, 84],
    [182, 236],
  ],
  [
    [322, 84],
    [322, 236],
  ],
] as const;
const short = (value: number) => figure(value, 3);
const sub = (index: number) => '₁₂'[index]!;

/** What a weight's line carries at this stage. */
const carried = (k: number) =>
  stage.value === 'BP3 and BP4'
    ? passes.value.gradient[k]!
    : stage.value === 'differences'
      ? differences.value[k]!
      : vector.value[k]!;

function Edge({ layer, i, j }: { layer: 0 | 1; i: 0 | 1; j: 0 | 1 }) {
  const k = 6 * layer + 2 * i + j;
  const [[x1, y1], [x2, y2]] = [places[layer]![i]!, places[layer + 1]![j]!];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list of weights below does the same by keys
    <g class={`edge${at.value === k ? ' on' : ''}`} onClick={() => (chosen.value = all[k]!)}>
      <line class="hit" {...{ x1, y1, x2, y2 }} />
      <line
        class="wire"
        {...{ x1, y1, x2, y2 }}
        stroke-width={0.8 + 2.2 * Math.min(1.5, Math.abs(carried(k)))}
        stroke-dasharray={carried(k) < 0 ? '5 4' : undefined}
      />
    </g>
  );
}

/** Over all wires, so that none strikes it through. */
function Label({ layer, i, j }: { layer: 0 | 1; i: 0 | 1; j: 0 | 1 }) {
  const k = 6 * layer + 2 * i + j;
  const [[x1, y1], [x2, y2]] = [places[layer]![i]!, places[layer + 1]![j]!];
  const share = i === j ? 0.5 : 0.36;
  return (
    <g class={`edge${at.value === k ? ' on' : ''}`} pointer-events="none">
      <text x={x1 + share * (x2 - x1)} y={y1 + share * (y2 - y1) - (i === j ? 5 : -4)} text-anchor="middle">
        {short(carried(k))}
      </text>
    </g>
  );
}

function Unit({ layer, j }: { layer: 0 | 1 | 2; j: 0 | 1 }) {
  const [cx, cy] = places[layer]![j]!;
  const { z, a, deltas } = passes.value;
  const late = stages.indexOf(stage.value);
  const seen = layer === 2 ? late >= 1 : layer === 1 && late >= 2;
  const bias = layer === 0 ? -1 : 6 * (layer - 1) + 4 + j;
  return (
    <g class={`unit${seen ? ' lit' : ''}${at.value === bias ? ' on' : ''}`}>
      <circle {...{ cx, cy }} r="28" />
      <text class="big" x={cx} y={cy + 5} text-anchor="middle">
        {short(layer === 0 ? inputs.value[j]! : a[layer - 1]![j]!)}
      </text>
      {layer > 0 && (
        <text x={cx} y={cy + 43} text-anchor="middle">
          z {short(z[layer - 1]![j]!)}
        </text>
      )}
      {layer > 0 && (
        <text x={cx} y={cy + 58} text-anchor="middle">
          b {short(carried(bias))}
        </text>
      )}
      {seen && (
        <text class="delta" x={cx} y={cy - 36} text-anchor="middle">
          δ {short(deltas[layer - 1]![j]!)}
        </text>
      )}
    </g>
  );
}

/** The chosen weight or bias in numbers, at this stage. */
function words(): string {
  const k = at.value;
  const layer = k < 6 ? 0 : 1;
  const within = k - 6 * layer;
  const isBias = within >= 4;
  const [i, j] = isBias ? [0, within - 4] : [within >> 1, within % 2];
  const { z, a, deltas, gradient } = passes.value;
  const before = layer === 0 ? inputs.value : a[0]!;
  const w = (row: number) => short(vector.value[6 * layer + 2 * row + j]!);
  const f = layer === 0 ? 'tanh' : 'sigmoid';
  const slope = (l: number, unit: number) => (l === 0 ? 1 - a[0]![unit]! ** 2 : a[1]![unit]! * (1 - a[1]![unit]!));
  switch (stage.value) {
    case 'forward':
      return `z${sub(j)} = ${short(vector.value[6 * layer + 4 + j]!)} + ${w(0)} · ${short(before[0]!)} + ${w(1)} · ${short(before[1]!)} = ${short(z[layer]![j]!)}, a${sub(j)} = ${f}(z${sub(j)}) = ${short(a[layer]![j]!)}`;
    case 'BP1':
      return `output ${j + 1}: δ = (a − t) f′(z) = (${short(a[1]![j]!)} − ${targets[j]}) · ${short(slope(1, j))} = ${short(deltas[1]![j]!)}`;
    case 'BP2': {
      const unit = layer === 0 ? j : i;
      const out = (to: number) => `${short(vector.value[6 + 2 * unit + to]!)} · ${short(deltas[1]![to]!)}`;
      return `hidden unit ${unit + 1}: δ = (${out(0)} + ${out(1)}) · ${short(slope(0, unit))} = ${short(deltas[0]![unit]!)}`;
    }
    case 'BP3 and BP4':
      return isBias
        ? `dC/db${sub(j)} = δ${sub(j)} = ${short(gradient[k]!)}`
        : `dC/dw${sub(i)}${sub(j)} = a${sub(i)} δ${sub(j)} = ${short(before[i]!)} · ${short(deltas[layer]![j]!)} = ${short(gradient[k]!)}`;
    default:
      return `(C(w + h) − C(w − h)) / 2h = ${figure(differences.value[k]!, 6)}: two forward passes for this one number`;
  }
}

export default function Picture() {
  const k = at.value;
  const weight = {
    get value() {
      return vector.value[at.value]!;
    },
    set value(value: number) {
      vector.value = vector.value.map((w, i) => (i === at.value ? value : w));
    },
  } as (typeof x)[0];
  const label = `A network with 2 inputs, 2 hidden units and 2 outputs, at ${stage.value}. Loss ${figure(passes.value.loss, 4)}. ${words()}`;
  return (
    <div class="stage">
      <Choice label="How far" help="Forward first, then backward, equation by equation" of={stage} options={stages} />
      <svg class="numbered" viewBox="0 0 400 312" role="img" aria-label={label}>
        <text class="head" x="42" y="16" text-anchor="middle">
          x
        </text>
        <text class="head" x="182" y="16" text-anchor="middle">
          tanh
        </text>
        <text class="head" x="322" y="16" text-anchor="middle">
          sigmoid
        </text>
        <text class="head" x="382" y="16" text-anchor="middle">
          t
        </text>
        {([0, 1] as const).map((layer) =>
          ([0, 1] as const).map((i) => ([0, 1] as const).map((j) => <Edge key={`${layer}${i}${j}`} {...{ layer, i, j }} />)),
        )}
        {([0, 1] as const).map((layer) =>
          ([0, 1] as const).map((i) => ([0, 1] as const).map((j) => <Label key={`${layer}${i}${j}`} {...{ layer, i, j }} />)),
        )}
        {([0, 1, 2] as const).map((layer) => ([0, 1] as const).map((j) => <Unit key={`${layer}${j}`} {...{ layer, j }} />))}
        {targets.map((t, j) => (
          <text key={j} class="big" x="382" y={places[2][j]![1] + 5} text-anchor="middle">
            {t}
          </text>
        ))}
      </svg>
      <p class="said">{words()}</p>
      <Controls>
        <Slider label="x₁" help="The first input" of={x[0]} min={-2} max={2} step={0.0625} words={short} />
        <Slider label="x₂" help="The second input" of={x[1]} min={-2} max={2} step={0.0625} words={short} />
        <Choice
          label="weight"
          help="Which weight or bias is looked at; a click on its line does the same"
          of={chosen}
          options={all}
        />
        <Slider label="its value" help="Changes that weight" of={weight} min={-2} max={2} step={0.0625} words={short} />
      </Controls>
      <Numbers
        of={[
          { name: 'loss', label: 'loss C', value: figure(passes.value.loss, 5), row: [4, 22, 44, 113] },
          {
            name: 'gradient',
            label: 'gradient of the weight',
            value: figure(passes.value.gradient[k]!, 6),
            row: [74, 114],
            strong: true,
          },
          { name: 'difference', label: 'by differences', value: figure(differences.value[k]!, 6), row: 53 },
          { name: 'apart', label: 'BP1 to BP4 by hand, off by', value: figure(off.value), row: [118, 119, 120, 121] },
        ]}
      />
    </div>
  );
}

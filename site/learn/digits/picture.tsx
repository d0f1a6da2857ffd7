// A digit drawn by hand, what the network sees of it, and its ten probabilities.

import { computed, signal } from '@preact/signals';
import { activation, dense, MLP } from 'feedforward';
import { Action, Controls, figure, Numbers, PlayButtons, percent, player, Slider } from '../kit';
import { type Stroke, seen } from './strokes';

declare global {
  /** Set by digits-data.js, which scripts/digits.mjs makes. */
  var digits: {
    /** What a byte of each of W1, b1, W2, b2 stands for. */
    readonly scales: readonly number[];
    readonly weights: string;
    /** Of the 10,000 test digits. */
    readonly right: number;
    /** 14 x 14 bytes each. */
    readonly images: string;
    readonly labels: string;
  };
}

const bytesOf = (text: string) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

const side = 14;
const model = new MLP({ inputs: side * side, layers: [dense(64, { activation: 'relu' }), dense(10)] });
const weights = new Int8Array(bytesOf(digits.weights).buffer);
let read = 0;
for (const [i, parameter] of model.parameters().entries()) {
  const size = parameter.values.length;
  parameter.set(Array.from(weights.subarray(read, read + size), (byte) => byte * digits.scales[i]!));
  read += size;
}
const softmax = new MLP({ inputs: 10, layers: [activation('softmax')] });
const images = bytesOf(digits.images);
const imageOf = (i: number) => Float32Array.from(images.subarray(i * side * side, (i + 1) * side * side), (byte) => byte / 255);

const strokes = signal<readonly Stroke[]>([]);
/** Which of the test digits is shown; undefined while it is a drawing. */
const example = signal<number | undefined>(0);
const temperature = signal(1);
const judged = signal({ right: 0, of: 0 });

const image = computed(() => (example.value === undefined ? seen(strokes.value, side) : imageOf(example.value)));
const outputs = computed(() => [...model.predict([[...image.value]]).data]);
const probabilities = computed(() => [...softmax.predict([outputs.value.map((z) => z / temperature.value)]).data]);
const largest = (numbers: readonly number[]) => numbers.indexOf(Math.max(...numbers));

function next(): void {
  example.value = example.peek() === undefined ? 0 : (example.peek()! + 1) % digits.labels.length;
}
/** Goes through the test digits and counts. */
const playing = player({
  perSecond: 40,
  step: () => {
    const { right, of } = judged.peek();
    if (of >= digits.labels.length) return false;
    example.value = of;
    judged.value = { right: right + (largest(outputs.peek()) === Number(digits.labels[of]) ? 1 : 0), of: of + 1 };
    return true;
  },
  reset: () => {
    judged.value = { right: 0, of: 0 };
    example.value = 0;
  },
});

// ---- drawing ----------------------------------------------------------------------------------------------------------------------

function draw(event: PointerEvent): void {
  if (event.button !== 0) return;
  event.preventDefault();
  playing.pause();
  const box = (event.currentTarget as Element).getBoundingClientRect();
  const where = ({ clientX, clientY }: PointerEvent): [number, number] => [
    (clientX - box.left) / box.width,
    (clientY - box.top) / box.height,
  ];
  if (example.peek() !== undefined) {
    example.value = undefined;
    strokes.value = [];
  }
  strokes.value = [...strokes.peek(), [where(event)]];
  const move = (next: PointerEvent) => {
    const all = strokes.peek();
    strokes.value = [...all.slice(0, -1), [...all.at(-1)!, where(next)]];
  };
  const end = () => {
    removeEventListener('pointermove', move);
    removeEventListener('pointerup', end);
    removeEventListener('pointercancel', end);
  };
  addEventListener('pointermove', move);
  addEventListener('pointerup', end);
  addEventListener('pointercancel', end);
}

function Pad() {
  const digit = example.value;
  return (
    <svg
      class="pad"
      viewBox="0 0 1 1"
      role="img"
      aria-label={
        digit === undefined
          ? `Your drawing of ${strokes.value.length} strokes.`
          : `Test digit ${digit + 1}, a ${digits.labels[digit]}.`
      }
      onPointerDown={draw}
    >
      {digit === undefined
        ? strokes.value.map((points, i) => <polyline key={i} points={points.map((point) => point.join()).join(' ')} />)
        : [...image.value].map((p, i) =>
            p > 0.02 ? (
              <rect
                key={i}
                x={(i % side) / side}
                y={Math.floor(i / side) / side}
                width={1 / side + 0.001}
                height={1 / side + 0.001}
                opacity={p}
              />
            ) : null,
          )}
      {digit === undefined && strokes.value.length === 0 && (
        <text x="0.5" y="0.52" text-anchor="middle">
          draw here
        </text>
      )}
    </svg>
  );
}

const Small = () => (
  <svg class="small" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={`What the network sees: ${side} by ${side} pixels.`}>
    {[...image.value].map((p, i) =>
      p > 0.02 ? <rect key={i} x={i % side} y={Math.floor(i / side)} width="1.02" height="1.02" opacity={p} /> : null,
    )}
  </svg>
);

function Bars() {
  const p = probabilities.value;
  const best = largest(p);
  return (
    <table class="bars">
      <caption class="sr">The probability of each digit</caption>
      <tbody>
        {p.map((share, k) => (
          <tr key={k} class={k === best ? 'best' : undefined}>
            <th scope="row">{k}</th>
            <td class="share">
              <span style={{ width: `${100 * share}%` }} />
            </td>
            <td data-name={`p${k}`}>{percent(share, 1)}</td>
            <td class="logit">{figure(outputs.value[k]!, 1)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export default function Picture() {
  const p = probabilities.value;
  const best = largest(p);
  const { right, of } = judged.value;
  const nothing = example.value === undefined && strokes.value.length === 0;
  return (
    <div class="stage digits">
      <Controls>
        <Action
          act={() => {
            playing.pause();
            example.value = undefined;
            strokes.value = [];
          }}
        >
          clear, and draw
        </Action>
        <Action
          act={() => {
            playing.pause();
            next();
          }}
        >
          next test digit
        </Action>
        <Slider
          label="temperature"
          help="What the ten numbers are divided by before softmax"
          of={temperature}
          min={0.2}
          max={10}
          logarithmic
          words={(v) => v.toFixed(1)}
        />
      </Controls>
      <div class="beside">
        <div class="sketch">
          <Pad />
          <div>
            <Small />
            <p class="caption">what it sees</p>
          </div>
        </div>
        <Bars />
      </div>
      <Numbers
        of={[
          {
            name: 'answer',
            label: 'it reads',
            value: nothing ? 'nothing yet' : `${best}, ${percent(p[best]!)}`,
            row: 109,
            strong: true,
          },
          {
            name: 'sum',
            label: 'probabilities together',
            value: figure(
              p.reduce((sum, share) => sum + share, 0),
              4,
            ),
            row: 75,
          },
          { name: 'accuracy', label: 'test digits right', value: `${right} of ${of}`, row: 52 },
          { name: 'all', label: 'of all 10,000', value: percent(digits.right / 10_000, 1) },
        ]}
      />
      <Controls>
        <PlayButtons of={playing} stepWords="Step" />
        <span class="help">Play runs through a hundred test digits.</span>
      </Controls>
    </div>
  );
}

// A place to draw a digit with the mouse or a finger, and what the network reads in it.

import { effect, signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';

import { percent } from './controls';
import { ask, lanes, news, states } from './state';
import { digitSide, pixelsOf, type Strokes } from './strokes';
import { theme } from './theme';
import { themeColour } from '../theme';

/** What is shown to the network: a drawing as digits of the data are, or one of them with what it is. */
const shown = signal<{ readonly pixels: Float32Array<ArrayBuffer>; readonly truth?: number } | undefined>(undefined);
const strokes = signal<Strokes>([]);
const outputs = signal<readonly number[]>([]);

let asking = false;
async function read(): Promise<void> {
  const { value } = shown;
  if (value === undefined || asking) return;
  asking = true;
  const told = await ask({ what: 'digit', pixels: value.pixels }).catch(() => undefined);
  asking = false;
  if (told !== undefined) outputs.value = told.outputs;
  if (shown.peek() !== value) void read();
}

effect(() => {
  // A network that trains on reads otherwise than it did.
  void states[0].value?.figures.epoch;
  if (lanes[0].value.data.kind === 'digits') void read();
});

function clear(): void {
  strokes.value = [];
  shown.value = undefined;
  outputs.value = [];
}

let next = 0;
async function sample(): Promise<void> {
  const { pixels, truth } = await ask({ what: 'sample', index: next++ });
  strokes.value = [];
  shown.value = { pixels, truth };
  await read();
  news.value = words();
}

function words(): string {
  const list = outputs.value;
  if (list.length === 0) return 'Draw a digit here, or take one that was held out.';
  const best = list.indexOf(Math.max(...list));
  const truth = shown.value?.truth;
  return `It reads ${best}, by ${percent(list[best]!)}.${truth === undefined ? '' : truth === best ? ' Right.' : ` It is ${truth}.`}`;
}

export function DigitPad() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef(false);
  const lines = strokes.value;
  const digit = shown.value;
  const mode = theme.value;
  useLayoutEffect(() => paint(canvas.current!, lines, digit?.pixels), [lines, digit, mode]);
  const place = (event: PointerEvent): [number, number] => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  };
  const draw = (all: Strokes) => {
    strokes.value = all;
    shown.value = { pixels: pixelsOf(all) };
    void read();
  };
  return (
    <div class="digit">
      <canvas
        ref={canvas}
        width={320}
        height={320}
        role="img"
        aria-label={`A place to draw a digit. ${words()}`}
        onPointerDown={(event) => {
          canvas.current!.setPointerCapture(event.pointerId);
          drawing.current = true;
          draw([...(digit?.truth === undefined ? lines : []), [place(event)]]);
        }}
        onPointerMove={(event) => {
          if (drawing.current) draw([...strokes.peek().slice(0, -1), [...strokes.peek().at(-1)!, place(event)]]);
        }}
        onPointerUp={() => {
          drawing.current = false;
          news.value = words();
        }}
      />
      <ol class="answers" start={0} aria-label="How sure it is of each digit">
        {Array.from({ length: 10 }, (_, c) => (
          <li key={c} class={digit?.truth === c ? 'truth' : ''}>
            <span>{c}</span>
            <span class="bar plus" style={{ width: `${100 * (outputs.value[c] ?? 0)}%` }} />
          </li>
        ))}
      </ol>
      <p class="reads">{words()}</p>
      <div class="chips">
        <button type="button" class="chip" onClick={clear}>
          wipe
        </button>
        <button type="button" class="chip" onClick={() => void sample().catch(() => undefined)}>
          a held out digit
        </button>
      </div>
    </div>
  );
}

/** The drawing, with what the network sees of it in the corner; or a digit of the data. */
function paint(canvas: HTMLCanvasElement, lines: Strokes, pixels: Float32Array | undefined): void {
  const context = canvas.getContext('2d')!;
  const { width } = canvas;
  const ink = themeColour('--ink').join(' ');
  context.clearRect(0, 0, width, width);
  const grid = (left: number, top: number, cell: number) => {
    pixels?.forEach((value, k) => {
      context.fillStyle = `rgb(${ink} / ${value})`;
      context.fillRect(left + (k % digitSide) * cell, top + Math.floor(k / digitSide) * cell, cell, cell);
    });
  };
  if (lines.length === 0) {
    grid(0, 0, width / digitSide);
    return;
  }
  context.strokeStyle = `rgb(${ink})`;
  context.lineWidth = 18;
  context.lineCap = 'round';
  context.lineJoin = 'round';
  for (const line of lines) {
    context.beginPath();
    for (const [i, [x, y]] of line.entries()) {
      if (i === 0) context.moveTo(x * width, y * width);
      context.lineTo(x * width, y * width);
    }
    context.stroke();
  }
  context.strokeStyle = `rgb(${themeColour('--line').join(' ')})`;
  context.lineWidth = 1;
  context.strokeRect(width - 70.5, 5.5, 65, 65);
  grid(width - 70, 6, 8);
}

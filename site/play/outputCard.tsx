// What the network answers everywhere, and the points it learns from.

import { effect, signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { classColours, Pixels } from './canvas';
import { Confusion } from './confusion';
import { Card, figure, percent } from './controls';
import { DigitPad } from './digitPad';
import { coordinatesOf, type DataChoice, isClasses } from './experiment';
import type { Colour, Lane, LaneState, PointSet, Told } from './messages';
import { ask, change, edited, lanes, news, points, spoken, states } from './state';
import { theme } from './theme';
import { themeColour } from '../theme';

/** The class of points that are drawn by hand. */
export const drawing = signal(0);
/** What lies under the pointer, and why the network says so. */
const hovered = signal<{ readonly at: readonly [number, number]; readonly outputs: readonly number[] } | undefined>(undefined);
const explained = signal<{ readonly at: readonly [number, number]; readonly why: Told['explain'] } | undefined>(undefined);

effect(() => {
  // A network that trains on answers otherwise than it did.
  void states[0].value?.figures.epoch;
  explained.value = undefined;
  hovered.value = undefined;
});

export function OutputCard() {
  const state = states[0].value;
  const rival = states[1].value;
  const e = lanes[0].value;
  return (
    <Card title="Answer" name="output" aside={rival && <RaceFigures />}>
      <div class={rival && e.data.kind !== 'digits' ? 'maps two' : 'maps'}>
        {e.data.kind === 'digits' ? <DigitPad /> : <View lane={0} state={state} />}
        {rival && e.data.kind !== 'digits' && <View lane={1} state={rival} />}
      </div>
      {state && <Score state={state} rival={rival} classes={isClasses(e.data)} />}
      <p class="help under" aria-live="off">
        {hovered.value ? pointed(hovered.value, isClasses(e.data)) : helpOf(e.data)}
      </p>
      {explained.value && <Why />}
      {state?.confusion && <Confusion counts={state.confusion} />}
    </Card>
  );
}

function helpOf(data: DataChoice): string {
  if (data.kind === 'digits') return 'In the corner: your drawing as the network sees it.';
  if (data.kind === 'points') return 'Click to put a point of the chosen class.';
  if (data.kind === 'curve') return 'The line is what the net answers, rings are held out. Click a place to ask why.';
  return isClasses(data)
    ? 'Colour is the class, pale where unsure; rings are held out. Click a place to ask why.'
    : 'Colour is height, rings are held out. Click a place to ask why.';
}

const pointed = ({ at, outputs }: { at: readonly [number, number]; outputs: readonly number[] }, classes: boolean) =>
  `x ${at[0].toFixed(2)}, y ${at[1].toFixed(2)}: ${
    classes
      ? outputs.length === 1
        ? `class 1 with ${percent(outputs[0]!)}`
        : outputs.map((p, c) => `class ${c} ${percent(p)}`).join(', ')
      : outputs[0]!.toFixed(3)
  }`;

function Score({ state, rival, classes }: { state: LaneState; rival: LaneState | undefined; classes: boolean }) {
  const words = classes ? 'right' : 'R²';
  const show = (value: number) => (classes ? percent(value) : figure(value));
  const both = rival === undefined ? [state] : [state, rival];
  const name = (lane: number) => (rival === undefined ? '' : lane === 0 ? 'A ' : 'B ');
  return (
    <table class="score">
      <thead>
        <tr>
          <td />
          {both.map((_, lane) => [
            <th key={`loss ${lane}`} scope="col">
              {name(lane)}loss
            </th>,
            <th key={`score ${lane}`} scope="col">
              {name(lane)}
              {words}
            </th>,
          ])}
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">trained on</th>
          {both.map(({ figures }, lane) => [
            <td key={`loss ${lane}`}>{figure(figures.loss)}</td>,
            <td key={`score ${lane}`}>{show(figures.score)}</td>,
          ])}
        </tr>
        <tr>
          <th scope="row">held out</th>
          {both.map(({ figures }, lane) => [
            <td key={`loss ${lane}`}>{figure(figures.testLoss)}</td>,
            <td key={`score ${lane}`}>{show(figures.testScore)}</td>,
          ])}
        </tr>
      </tbody>
    </table>
  );
}

function RaceFigures() {
  const [a, b] = [states[0].value, states[1].value];
  if (!a || !b) return null;
  const [x, y] = [a.figures.testLoss, b.figures.testLoss];
  return <span class="ahead">{x === y ? 'level' : x < y || Number.isNaN(y) ? 'A is ahead' : 'B is ahead'}</span>;
}

function View({ lane, state }: { lane: Lane; state: LaneState | undefined }) {
  const e = lanes[0].value;
  const set = state === undefined ? drawnSoFar(e.data.points ?? []) : points[lane].value;
  const label = `${lanes[1].value ? (lane === 0 ? 'A: ' : 'B: ') : ''}${coordinatesOf(e.data) === 1 ? 'the fitted curve' : 'decision map'}. ${state ? spoken(state.figures) : 'No network yet.'}`;
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const mode = theme.value;
  useLayoutEffect(() => {
    if (canvas.current && set) paint(canvas.current, set, state, isClasses(e.data), coordinatesOf(e.data));
  }, [set, state?.curve, mode, e.data.kind]);
  // Before anybody can point at the new map: what comes later would take away what they then see.
  useLayoutEffect(() => {
    hovered.value = undefined;
    explained.value = undefined;
  }, [e.data.kind]);
  const at = (event: MouseEvent): [number, number] => {
    const { left, top, width, height } = box.current!.getBoundingClientRect();
    const [low, high] = set?.range ?? [-1, 1];
    return [low + ((high - low) * (event.clientX - left)) / width, high - ((high - low) * (event.clientY - top)) / height];
  };
  const press = async (place: [number, number]) => {
    if (e.data.kind === 'points') {
      const [x, y] = place.map((value) => Math.max(-1, Math.min(1, Number(value.toFixed(3))))) as [number, number];
      change((old) => ({ ...old, data: { ...old.data, points: [...(old.data.points ?? []), [x, y, drawing.value] as const] } }));
      return;
    }
    explained.value = { at: place, why: await ask({ what: 'explain', at: place }) };
    news.value = words(explained.value.why);
  };
  const look = async (place: readonly [number, number]) => {
    const { outputs } = await ask({ what: 'answer', at: place }).catch(() => ({ outputs: [] }));
    if (outputs.length > 0) hovered.value = { at: place, outputs };
  };
  const byKey = (event: KeyboardEvent) => {
    const [x, y] = hovered.peek()?.at ?? [0, 0];
    const [low, high] = set?.range ?? [-1, 1];
    const step = (high - low) / 20;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, step],
      ArrowDown: [0, -step],
    };
    const move = moves[event.key];
    if (move === undefined && event.key !== 'Enter') return;
    event.preventDefault();
    event.stopPropagation();
    if (move === undefined) {
      void press([x, y]).catch(() => undefined);
      return;
    }
    const clamp = (value: number) => Math.min(high, Math.max(low, value));
    void look([clamp(x + move[0]), clamp(y + move[1])]).then(() => {
      if (hovered.peek()) news.value = pointed(hovered.peek()!, isClasses(e.data));
    });
  };
  return (
    <div
      ref={box}
      class="map"
      role="application"
      tabIndex={0}
      aria-label="Map: arrow keys move over it, Enter asks why"
      onKeyDown={byKey}
      onPointerMove={(event) => void look(at(event))}
      onPointerLeave={() => {
        hovered.value = undefined;
      }}
      onClick={(event) => void press(at(event)).catch(() => undefined)}
    >
      {state?.map ? <Pixels picture={state.map} label={label} class="pixels" /> : <span role="img" aria-label={label} />}
      <canvas ref={canvas} class="points" width={720} height={720} />
      {lanes[1].value && (
        <button
          type="button"
          class="lane"
          aria-pressed={edited.value === lane}
          onClick={(event) => {
            event.stopPropagation();
            edited.value = lane;
          }}
        >
          {lane === 0 ? 'A' : 'B'}
        </button>
      )}
    </div>
  );
}

/** Points of a drawing that is no data set yet. */
const drawnSoFar = (drawn: readonly (readonly [number, number, number])[]): PointSet => ({
  train: Float32Array.from({ length: 2 * drawn.length }, (_, k) => drawn[k >> 1]![k & 1]!),
  trainTargets: Float32Array.from(drawn, ([, , label]) => label),
  test: new Float32Array(0),
  testTargets: new Float32Array(0),
  range: [-1, 1],
  targets: [0, 1],
});

/** Points as circles where trained on and as rings where held out; a curve as a line. */
function paint(
  canvas: HTMLCanvasElement,
  set: PointSet,
  state: LaneState | undefined,
  classes: boolean,
  coordinates: 1 | 2,
): void {
  const side = canvas.width;
  const context = canvas.getContext('2d')!;
  context.clearRect(0, 0, side, side);
  const [low, high] = set.range;
  const colours = classColours.map((name) => `rgb(${themeColour(name).join(' ')})`);
  const ink = `rgb(${themeColour('--ink').join(' ')})`;
  const ground = `rgb(${themeColour('--card').join(' ')})`;
  const across = (x: number) => ((x - low) / (high - low)) * side;
  const size = Math.max(Math.abs(set.targets[0]), Math.abs(set.targets[1]), 1e-9) * 1.15;
  const up = (y: number) => (coordinates === 1 ? ((1 - y / size) / 2) * side : side - ((y - low) / (high - low)) * side);
  const [blue, orange, paper] = ['--class0', '--class1', '--line'].map(themeColour) as unknown as [Colour, Colour, Colour];
  // Numbers by their size: pale around 0.
  const tone = (value: number) => {
    const share = coordinates === 1 ? 1 : Math.min(1, Math.abs(value) / (size / 1.15));
    return `rgb(${(value > 0 ? orange : blue).map((c, k) => Math.round(paper[k]! + (c - paper[k]!) * share)).join(' ')})`;
  };
  const dots = (places: Float32Array, targets: Float32Array, held: boolean) => {
    for (let i = 0; i < targets.length; i++) {
      const x = across(places[coordinates * i]!);
      const y = coordinates === 1 ? up(targets[i]!) : up(places[2 * i + 1]!);
      const colour = classes ? colours[targets[i]!]! : tone(targets[i]!);
      context.beginPath();
      context.arc(x, y, held ? 5 : 6.5, 0, 2 * Math.PI);
      context.fillStyle = held ? ground : colour;
      context.strokeStyle = held ? colour : ground;
      context.lineWidth = held ? 4 : 1.5;
      context.fill();
      context.stroke();
    }
  };
  dots(set.test, set.testTargets, true);
  dots(set.train, set.trainTargets, false);
  if (state?.curve) {
    const { curve } = state;
    context.beginPath();
    curve.forEach((value, i) => {
      const x = ((i + 0.5) / curve.length) * side;
      context[i === 0 ? 'moveTo' : 'lineTo'](x, up(value));
    });
    context.strokeStyle = ink;
    context.lineWidth = 5;
    context.stroke();
  }
}

const words = ({ base, prediction, parts, output }: Told['explain']) =>
  `${output}: ${prediction.toFixed(3)} here, ${base.toFixed(3)} on average. ${parts.map(({ name, value }) => `${name} ${value >= 0 ? 'adds' : 'takes'} ${Math.abs(value).toFixed(3)}`).join(', ')}.`;

function Why() {
  const { why, at } = explained.value!;
  const most = Math.max(1e-9, ...why.parts.map(({ value }) => Math.abs(value)));
  return (
    <div class="explained">
      <p>
        {`Why ${why.prediction.toFixed(3)} at (${at[0].toFixed(2)}, ${at[1].toFixed(2)})? The mean answer is ${why.base.toFixed(3)}. Here:`}
      </p>
      <ul>
        {why.parts.map(({ name, value }) => (
          <li key={name}>
            <span>{name}</span>
            <span class={value >= 0 ? 'bar plus' : 'bar minus'} style={{ width: `${(60 * Math.abs(value)) / most}%` }} />
            <span>{(value >= 0 ? '+' : '−') + Math.abs(value).toFixed(3)}</span>
          </li>
        ))}
      </ul>
      <button type="button" class="chip" onClick={() => (explained.value = undefined)}>
        close
      </button>
    </div>
  );
}

// Five optimizers from one start: step by step down a valley that can be turned.

import { computed, signal } from '@preact/signals';
import { Axes, Controls, Legend, Numbers, PlayButtons, player, type Point, type Shape, Slider, type Tone } from '../kit';
import { Contours, curvatureOf, Path, Start } from '../descent/contours';
import { descend, stepsTo, stepsToReach, type Valley } from '../descent/valley';
import { optimizerOf, type Racer, racers } from './numbers';

const most = 150;
/** Along and across the valley: it turns with the valley, so that methods which go by directions see no difference. */
const own = signal<Point>([-4, 1.6]);
const kappa = signal(30);
const angle = signal(0);
const rate = signal(0.3);
const shown = signal(most);

const looks: Readonly<Record<Racer, { tone: Tone; shape: Shape; dashed?: boolean }>> = {
  'gradient descent': { tone: 'soft', shape: 'cross', dashed: true },
  momentum: { tone: 3, shape: 'triangle' },
  Adagrad: { tone: 2, shape: 'square' },
  RMSprop: { tone: 1, shape: 'triangle', dashed: true },
  Adam: { tone: 0, shape: 'circle' },
};

const within = [
  [-4.8, 4.8],
  [-2.6, 2.6],
] as const;
const turned = ([u, v]: Point, degrees: number): Point => {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  return [c * u - s * v, s * u + c * v];
};
/** Where that is in the picture; nearer where it would be outside. */
const start = computed((): Point => {
  const [u, v] = turned(own.value, angle.value);
  const share = Math.min(1, within[0][1] / Math.abs(u || 1), within[1][1] / Math.abs(v || 1));
  return [share * u, share * v];
});

const valley = computed((): Valley => ({ curvatures: [1, kappa.value], angle: angle.value }));
const paths = computed(() =>
  racers.map((racer) => [racer, descend(valley.value, start.value, optimizerOf(racer, kappa.value, rate.value), most)] as const),
);

const race = player({
  perSecond: 15,
  step: () => {
    shown.value = shown.value >= most ? 1 : shown.value + 1;
    return shown.value < most;
  },
  reset: () => {
    shown.value = 0;
  },
});

const stepWords = (steps: number | undefined, reached: number | undefined): string =>
  reached === undefined
    ? `> ${most}`
    : steps === undefined
      ? `${reached}, not for good`
      : steps === reached
        ? `${steps}`
        : `${steps}, first at ${reached}`;

export default function Picture() {
  const times = paths.value.map(
    ([racer, path]) => [racer, stepsTo(1e-3, valley.value, path), stepsToReach(1e-3, valley.value, path)] as const,
  );
  const first = times.filter(([, steps]) => steps !== undefined).sort((a, b) => a[1]! - b[1]!)[0]?.[0] ?? 'nobody';
  const label = `Contours of a valley turned by ${angle.value} degrees with curvatures 1 and ${kappa.value}, and the paths of five optimizers after ${shown.value} steps. First to stay within a thousandth of the loss: ${first}.`;
  return (
    <div class="stage">
      <figure class="chart">
        <Axes x={{ label: 'θ₁', from: -5, to: 5 }} y={{ label: 'θ₂', from: -2.8, to: 2.8 }} ratio={0.56} label={label}>
          <Contours of={curvatureOf(valley.value)} levels={[0.4, 1.5, 4, 9, 16, 30, 60]} />
          {paths.value.map(([racer, path]) => (
            <Path key={racer} points={path.slice(0, shown.value + 1)} {...looks[racer]} size={0} />
          ))}
          {paths.value.map(([racer, path]) => (
            <Path
              key={racer}
              points={[path[0]!, path[Math.min(shown.value, path.length - 1)]!].slice(1).flatMap((p) => [p, p])}
              {...looks[racer]}
              size={6}
            />
          ))}
          <Start at={start.value} set={(to) => (own.value = turned(to, -angle.value))} within={within} />
        </Axes>
        <Legend of={racers.map((name) => ({ name, tone: looks[name].tone, dashed: looks[name].dashed ?? false }))} />
      </figure>
      <Controls>
        <PlayButtons of={race} />
        <Slider label="steps shown" help="How far the race has gone" of={shown} min={0} max={most} />
        <Slider
          label="turn of the valley"
          help="At 0 it lies along an axis; the start turns with it"
          of={angle}
          min={0}
          max={45}
          step={5}
          words={(v) => `${v}°`}
        />
        <Slider label="condition number κ" help="How much steeper across than along" of={kappa} min={2} max={100} />
        <Slider
          label="rate of Adagrad, RMSprop, Adam"
          help="Their steps are about that long"
          of={rate}
          min={0.01}
          max={1}
          words={String}
          logarithmic
        />
      </Controls>
      <Numbers
        of={[
          ...times.map(([racer, steps, reached]) => ({
            name: racer,
            label: racer,
            value: stepWords(steps, reached),
            row: 56,
          })),
          { name: 'first', label: 'first to stay within a thousandth', value: first, strong: true },
        ]}
      />
    </div>
  );
}

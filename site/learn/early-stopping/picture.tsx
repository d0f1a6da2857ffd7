import { computed, signal } from '@preact/signals';
import { Action, Chart, Controls, figure, Numbers, type Point, Rule, Slider } from '../kit';
import { longest, stopped, unstopped } from './numbers';

/** These first: here it matters how long one waits. */
const draw = signal(4);
const patience = signal(40);
const run = computed(() => stopped(draw.value, patience.value));
const whole = computed(() => unstopped(draw.value));

const by = (losses: readonly number[], from = 0): Point[] => losses.map((loss, i) => [i + 1 + from, loss]);

export default function Picture() {
  const { watched, training, bestEpoch, test } = run.value;
  const all = whole.value;
  const end = watched.length;
  return (
    <div class="stage">
      <Chart
        x={{ label: 'epoch', from: 1, to: longest, log: true, ticks: [1, 10, 100, longest] }}
        y={{ label: 'loss', from: 0, to: 0.9 }}
        ratio={0.5}
        label={`Training ends after epoch ${end} and goes back to epoch ${bestEpoch}, where the loss of the watched rows was least.`}
        series={[
          { name: 'its own rows', points: by(training), tone: 0 },
          { name: 'rows it watches', points: by(watched), tone: 1 },
          { name: 'what would have come', points: by(all.watched.slice(end - 1), end - 1), tone: 1, dashed: true },
          { name: 'own, later', points: by(all.training.slice(end - 1), end - 1), tone: 0, dashed: true, quiet: true },
          { name: 'kept', points: [[bestEpoch, watched[bestEpoch - 1]!]], tone: 2, dots: 'square' },
        ]}
      >
        <Rule x={bestEpoch} words="best" tone={2} />
        <Rule x={end} words="end" tone="ink" />
      </Chart>
      <Controls>
        <Slider
          label="patience"
          help="epochs without a better one until it ends"
          of={patience}
          min={1}
          max={200}
          logarithmic
          whole
        />
        <Action act={() => (draw.value = (draw.value + 1) % 5)}>other rows</Action>
      </Controls>
      <Numbers
        of={[
          { name: 'best', label: 'best epoch', value: bestEpoch, row: 64, strong: true },
          { name: 'end', label: 'ended after epoch', value: end, row: 64 },
          { name: 'test', label: 'loss of 1,000 fresh rows', value: figure(test) },
          { name: 'unstopped', label: `after ${longest} epochs`, value: figure(all.test) },
        ]}
      />
    </div>
  );
}

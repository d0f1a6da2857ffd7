import { Card, Choice, Slider } from './controls';
import { lossesFor, type LossName, optimizerNames, scheduleNames } from './experiment';
import type { Pace } from './messages';
import { change, experiment, pace, playing, reset, rowsPerSecond, step, toggle, usePace } from './state';

const lossWords: Record<LossName, string> = {
  crossEntropy: 'cross-entropy',
  meanSquaredError: 'squared error',
  meanAbsoluteError: 'absolute error',
  huber: 'Huber',
};
const paces: readonly Pace[] = [1, 10, 100, 0];

/** Play, and how it learns. */
export function TrainCard() {
  const e = experiment.value;
  const rate = rowsPerSecond.value;
  return (
    <Card
      title="Training"
      name="train"
      aside={
        <span class="speed" aria-hidden="true">
          {rate > 0 ? `${rate >= 1e6 ? `${(rate / 1e6).toFixed(2)} M` : `${Math.round(rate / 1e3)} k`} rows a second` : ''}
        </span>
      }
    >
      <div class="transport">
        <button type="button" class="play" aria-keyshortcuts="Space" onClick={toggle}>
          {playing.value ? 'Pause' : 'Play'}
        </button>
        <button type="button" aria-keyshortcuts="ArrowRight" title="One epoch: every row once (arrow right)" onClick={step}>
          Step
        </button>
        <button type="button" aria-keyshortcuts="R" title="From the beginning, with the same seed (R)" onClick={reset}>
          Reset
        </button>
      </div>
      <Choice
        label="speed"
        help="Epochs for each picture: slow to look, full to see what the machine can do."
        value={pace.value}
        options={paces}
        set={usePace}
        words={(value) => (value === 0 ? 'full' : value === 1 ? '1 epoch' : `${value} epochs`)}
      />
      <Choice
        label="loss"
        help="What counts as wrong, and how much."
        value={e.loss}
        options={lossesFor(e.data)}
        words={(name) => lossWords[name]}
        set={(loss) => change({ loss })}
      />
      <Choice
        label="optimizer"
        help="How a gradient becomes a step."
        value={e.optimizer}
        options={optimizerNames}
        set={(optimizer) => change({ optimizer })}
      />
      <Slider
        label="learning rate"
        help="How long a step is: too small crawls, too large breaks."
        value={e.rate}
        min={1e-5}
        max={10}
        logarithmic
        set={(rate) => change({ rate }, 'rate')}
      />
      <Choice
        label="schedule"
        help="Whether the learning rate falls, over 1,000 epochs."
        value={e.schedule}
        options={scheduleNames}
        set={(schedule) => change({ schedule })}
      />
      <Slider
        label="batch"
        help="Rows for each step: few make noisy steps, many make few steps."
        value={e.batch}
        min={1}
        max={256}
        logarithmic
        words={(value) => String(Math.round(value))}
        set={(batch) => change({ batch: Math.round(batch) }, 'batch')}
      />
      <Slider
        label="seed"
        help="Other rows, another start, another order: what stays is no luck."
        value={e.seed}
        min={0}
        max={50}
        set={(seed) => change({ seed }, 'seed')}
      />
      <Slider
        label="L1"
        help="Pulls weights to exactly 0: lines vanish from the network."
        value={e.l1}
        min={0}
        max={0.1}
        logarithmic
        set={(l1) => change({ l1 }, 'l1')}
      />
      <Slider
        label="L2"
        help="Keeps weights small: the boundary gets smoother."
        value={e.l2}
        min={0}
        max={0.1}
        logarithmic
        set={(l2) => change({ l2 }, 'l2')}
      />
    </Card>
  );
}

// Whether other libraries can end in the same loss. They round differently, and training can make much of little: so a copy that starts a
// little beside, and one that writes Adam's epsilon where others have it, must end where the page does.

import { MLP } from 'feedforward';
import { optionsOf } from '../model';
import type { Recipe } from './index';

/** Relative difference of losses that is promised, and the share of it that a copy may use up. */
const promised = 1e-4;
const share = 0.25;
/** By how much the copy's weights start beside: some sixteen roundings of float32. */
const nudge = 1e-6;

/** Why the promise cannot be kept, or undefined. `hat`: the other library adds Adam's epsilon before it corrects the root. */
export function promiseOf({ experiment, session, epochs, loss }: Recipe, hat: boolean): string | undefined {
  const { center, scale, train } = session.made;
  const { options } = optionsOf(experiment, center, scale);
  const named = options.optimizer as { name?: string };
  const optimizer = hat && (named.name === 'adam' || named.name === 'adamw') ? { ...named, epsilonHat: true } : options.optimizer;
  const copies = [1, -1].map((sign) => {
    const copy = new MLP({ ...options, optimizer } as typeof options);
    copy.setVector(copy.getVector().map((w, i) => w * (1 + sign * nudge * ((i % 3) - 1))));
    return copy;
  });
  let kept = 0;
  for (const end of ends(epochs)) {
    const losses = copies.map((copy) => {
      copy.fitSync(train.X, train.y, { epochs: end - copy.epoch, batchSize: experiment.batch });
      return (copy.evaluate(train.X, train.y) as { loss: number }).loss;
    });
    const goal = end === epochs ? loss : losses[0]!;
    const apart = Math.max(...losses.map((value) => Math.abs(value - goal))) / Math.max(Math.abs(goal), 1e-12);
    if (!(apart <= share * promised))
      return `After ${end} epochs, roundings have grown to ${apart.toExponential(0)} of the loss, so code in another library would not print the same number. ${
        kept > 0
          ? `Travel back in time to epoch ${kept} or before, and ask again.`
          : 'A lower learning rate, or larger batches, help.'
      }`;
    kept = end;
  }
  return undefined;
}

/** Some epochs on the way, twice as many each time, and the last. */
function ends(epochs: number): number[] {
  const list: number[] = [];
  for (let end = 1; end < epochs; end *= 2) list.push(end);
  return [...list, epochs].filter((end) => end > 0);
}

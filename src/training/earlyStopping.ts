// Watching a figure from epoch to epoch: early stopping, the learning rate's plateau, and scikit-learn's stop when the
// training loss stalls. All keep plain numbers, so that an interrupted training goes on where it was.

import { fail, nearest, show } from '../errors.js';
import { choice, flag, given, number, readOptions, whole, type Schema } from '../options.js';
import type { CompatDefaults } from '../plan/compat.js';
import type { PlateauRule } from '../plan/resolveRate.js';

/**
 * When training stops by itself. What is watched is measured on the weights that an epoch ends with, a figure of the training rows
 * by one more pass over them, and (but for compat 'sklearn' and 'keras') on the weights before training: the model never ends with worse ones.
 */
export interface EarlyStoppingOptions {
  /** A figure of the history. Default valLoss with validation rows, else loss; compat 'sklearn': valAccuracy or valR2 where there is one. */
  readonly monitor?: string;
  /** Epochs without improvement before training stops. Default 10; compat 'keras': 0, which is 1; 'sklearn': 10, and training stops after one more. */
  readonly patience?: number;
  /** The least change that counts as one (>= 0). Default 0; compat 'sklearn': 1e-4. */
  readonly minDelta?: number;
  /** Whether the model goes back to its best epoch when training ends (not for a stream without validationData). Default true; compat 'keras': false. */
  readonly restoreBest?: boolean;
  /** Which of epochs with an equal figure is the best. Default 'first'; the last has trained longest. It counts as no improvement to `patience`. */
  readonly ties?: 'first' | 'last';
  /** Whether smaller or larger is better. Default 'auto': larger for accuracy, topKAccuracy and r2, else smaller. */
  readonly mode?: 'auto' | 'min' | 'max';
}

export interface EarlyStoppingRule {
  readonly monitor: string;
  readonly patience: number;
  readonly minDelta: number;
  readonly restoreBest: boolean;
  readonly ties: 'first' | 'last';
  readonly maximise: boolean;
  /** scikit-learn's count of epochs (CompatDefaults). */
  readonly asSklearn: boolean;
}

const rising = new Set(['accuracy', 'topKAccuracy', 'r2']);

/** Whether a larger value of the figure is better. */
function isRising(figure: string): boolean {
  return rising.has(figure) || (figure.startsWith('val') && rising.has(figure[3]!.toLowerCase() + figure.slice(4)));
}

const rows = {
  monitor: given<string>(),
  patience: whole({ min: 0 }),
  minDelta: number({ min: 0 }),
  restoreBest: flag(),
  ties: choice(['first', 'last'], 'first'),
  mode: choice(['auto', 'min', 'max'], 'auto'),
} satisfies Schema<EarlyStoppingOptions>;

/** `preset`: what silent options mean. @throws ERR_OPTION; a figure that the history will not have is named with those it will. */
export function resolveEarlyStopping(
  value: unknown,
  figures: readonly string[],
  preset: CompatDefaults['earlyStopping'],
): EarlyStoppingRule | undefined {
  if (value === undefined || value === false) return undefined;
  const asked = readOptions(rows, value === true ? {} : value, 'earlyStopping', 'earlyStopping.');
  const { mode, ties, patience = preset.patience, minDelta = preset.minDelta, restoreBest = preset.restoreBest } = asked;
  const { asSklearn } = preset;
  const score = asSklearn ? figures.find((figure) => figure === 'valAccuracy' || figure === 'valR2') : undefined;
  const monitor = checkMonitor(asked.monitor ?? score, figures, 'earlyStopping.monitor');
  return {
    monitor,
    patience,
    minDelta,
    restoreBest,
    ties,
    maximise: mode === 'auto' ? isRising(monitor) : mode === 'max',
    asSklearn,
  };
}

/** The figure to watch: as asked, or valLoss where there is one, else loss. @throws ERR_OPTION. */
export function checkMonitor(value: unknown, figures: readonly string[], path: string): string {
  if (value === undefined || value === '') return figures.includes('valLoss') ? 'valLoss' : 'loss';
  if (typeof value === 'string' && figures.includes(value)) return value;
  const near = typeof value === 'string' ? nearest(value, figures) : undefined;
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  const way =
    typeof value === 'string' && value.startsWith('val') && !figures.includes('valLoss')
      ? ' There are no validation rows: pass validationSplit or validationData.'
      : '';
  return fail('ERR_OPTION', `${path}: the history has no ${show(value)}.${hint} Expected one of: ${figures.join(', ')}.${way}`);
}

/** What watching has seen. */
export interface Watch {
  best: number;
  bestEpoch: number;
  /** Epochs since the best. */
  bad: number;
  /** Plateau: epochs left before bad ones count again. */
  cooldown: number;
}

export const newWatch = (): Watch => ({ best: NaN, bestEpoch: 0, bad: 0, cooldown: 0 });

/** Whether `value` beats the best so far by more than `minDelta`. NaN beats nothing. */
function improves(value: number, best: number, minDelta: number, maximise: boolean): boolean {
  if (value !== value) return false;
  if (best !== best) return true;
  return maximise ? value > best + minDelta : value < best - minDelta;
}

interface Counting {
  readonly minDelta: number;
  readonly maximise: boolean;
  readonly asSklearn?: boolean;
  readonly ties?: 'first' | 'last';
}

/** Notes a figure; true when it is the best so far. */
export function observe(watch: Watch, value: number, epoch: number, rule: Counting): boolean {
  const { minDelta, maximise, ties, asSklearn = false } = rule;
  const { best } = watch;
  const better = improves(value, best, asSklearn ? 0 : minDelta, maximise);
  // Without this rule's help a loss that creeps down by less than minDelta each epoch would go on for ever.
  const good = asSklearn ? (maximise ? value >= best + minDelta : value <= best - minDelta) || best !== best : better;
  watch.bad = good ? 0 : watch.bad + 1;
  if (!better && !(ties === 'last' && value === best)) return false;
  watch.best = value;
  watch.bestEpoch = epoch;
  return true;
}

/**
 * One epoch of the plateau rule; true when the rate is to be cut. More than `patience` epochs without an improvement by
 * `minDelta` of the best, as PyTorch counts them. See: torch.optim.lr_scheduler.ReduceLROnPlateau.
 */
export function observePlateau(watch: Watch, value: number, epoch: number, rule: PlateauRule): boolean {
  const maximise = isRising(rule.monitor);
  const delta = watch.best === watch.best ? Math.abs(watch.best) * rule.minDelta : 0;
  observe(watch, value, epoch, { minDelta: delta, maximise });
  if (watch.cooldown > 0) {
    watch.cooldown--;
    watch.bad = 0;
  }
  if (watch.bad <= rule.patience) return false;
  watch.cooldown = rule.cooldown;
  watch.bad = 0;
  return true;
}

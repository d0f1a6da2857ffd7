// Whether backpropagation computes the gradient: analytic gradients against differences of the loss, parameter by
// parameter. Differences are taken in float64 where there is a backend that computes in it.

import type { Floats } from '../data/allocate.js';
import type { MatrixLike } from '../data/matrix.js';
import { Random } from '../data/random.js';
import { choice, number, readOptions, whole, type Schema } from '../options.js';
import type { TargetsLike } from '../training/feeding.js';
import { NO_WEIGHT } from '../plan/signs.js';
import { table } from './summary.js';
import type { Trainer } from '../training/trainer.js';
import { formatFigure } from '../training/history.js';

/** Options of gradientCheck: how many parameters, how far apart, how strict. */
export interface GradientCheckOptions {
  /** Parameters tried in each tensor (all of a smaller one). Default 20. */
  readonly samples?: number;
  /**
   * Default 'central': differences of the loss on both sides, at two distances, four forward passes for each parameter. 'forward':
   * (loss(w + epsilon) - loss(w)) / epsilon, one forward pass for each and one in all, with an error that falls like epsilon and not like
   * its fourth power.
   */
  readonly differences?: 'central' | 'forward';
  /** How far from the parameter (times its size where that is above 1) the loss is taken. Default 1e-5 in float64, 0.004 in float32; of forward differences 1e-7 and 0.004. */
  readonly epsilon?: number;
  /** The relative error above which a group fails. Default 1e-3 in float64, 0.02 in float32. */
  readonly tolerance?: number;
}

const above0 = { min: 0, minExclusive: true } as const;

const optionRows = {
  samples: whole({ min: 1, default: 20 }),
  differences: choice(['central', 'forward'], 'central'),
  epsilon: number(above0),
  tolerance: number(above0),
} satisfies Schema<GradientCheckOptions>;

/** One tensor's verdict. */
export interface GradientGroup {
  /** The tensor's name: 'layers.0.weight'. */
  readonly name: string;
  /** Parameters compared. */
  readonly checked: number;
  /** Parameters beside a kink (of a ReLU, say), where differences say nothing. */
  readonly skipped: number;
  /**
   * Largest |analytic - numeric| over the largest of either in the group (or a thousandth of the largest anywhere). NaN where every parameter
   * looked at lies beside a kink: differences say nothing there, and a smaller epsilon may help.
   */
  readonly relativeError: number;
  /** Whether the relative error is within the tolerance; false where it is NaN. */
  readonly ok: boolean;
}

/** What gradientCheck found: the gradients of backpropagation beside differences of the loss. */
export interface GradientCheck {
  /** Whether every group is within the tolerance. */
  readonly ok: boolean;
  /** The largest relative error of any group; NaN where one has none. */
  readonly maxRelativeError: number;
  /** One entry per tensor that is trained. */
  readonly groups: readonly GradientGroup[];
  /** Whether differences were taken in float64. */
  readonly double: boolean;
  /** Forward passes that the differences took, of all rows each; backpropagation took one, and one backward. */
  readonly forwardPasses: number;
  /** A table of the groups. */
  toString(): string;
}

/**
 * Compares gradients of the loss on X and y (as in training: dropout with one fixed mask, statistics of the batch) with
 * differences. `own` computes the gradients, a copy's: its state is used up. `probe` takes the differences: in float64
 * where it can. @throws ERR_SHAPE, ERR_TYPE, ERR_EMPTY, ERR_NONFINITE, ERR_RANGE, ERR_LABEL, ERR_BATCH for X and y; ERR_OPTION.
 */
export function checkGradients(
  own: Trainer,
  probe: Trainer,
  X: MatrixLike,
  y: TargetsLike,
  options: GradientCheckOptions,
): GradientCheck {
  const asked = readOptions(optionRows, options, 'gradientCheck');
  const { plan } = own;
  own.refuseUntrainable();
  const rows = own.loadBatch(X, y, undefined, false);
  const double = probe.backend.x instanceof Float64Array && plan.loss.custom === undefined; // a custom loss sees float32
  const { samples, differences, tolerance = double ? 1e-3 : 0.02 } = asked;
  const { epsilon = double ? (differences === 'central' ? 1e-5 : 1e-7) : 0.004 } = asked;

  const analytic = analyticGradients(own, rows);
  const loss = probeLoss(probe, X, y, rows);
  let forwardPasses = 0;
  const lossAt = () => {
    forwardPasses++;
    return loss();
  };
  const base = differences === 'forward' ? lossAt() : undefined;
  const raw = plan.tensors.flatMap((tensor, i) => {
    if (!tensor.trainable || own.rules[i]!.frozen) return [];
    return [compare(tensor.name, i, analytic[i]!, probe, lossAt, base, samples, epsilon)];
  });
  const overall = raw.reduce((most, group) => Math.max(most, group.largest), 0);
  const groups = raw.map(({ name, checked, skipped, difference, largest }) => {
    const scale = Math.max(largest, 1e-3 * overall);
    const relativeError = checked === 0 && skipped > 0 ? NaN : difference === 0 ? 0 : difference / Math.max(scale, 1e-30);
    return { name, checked, skipped, relativeError, ok: relativeError <= tolerance };
  });
  const maxRelativeError = Math.max(0, ...groups.map((group) => group.relativeError));
  const ok = groups.every((group) => group.ok);
  const found = { ok, maxRelativeError, groups, double, forwardPasses };
  return { ...found, toString: () => describe(found, tolerance) };
}

function analyticGradients(own: Trainer, rows: number): Floats[] {
  const { backend, plan } = own;
  const counters = backend.readCounters();
  backend.zeroGradients();
  backend.forward(0, rows, true);
  own.loss(rows, false, rows);
  backend.backward(false, true);
  backend.writeCounters(counters); // the same masks for the differences
  return plan.tensors.map((tensor, i) => (tensor.trainable ? backend.readGradient(i) : new Float32Array(0)));
}

/** The loss of the batch with the weights as they stand, always with the same masks. */
function probeLoss(probe: Trainer, X: MatrixLike, y: TargetsLike, rows: number): () => number {
  const { backend } = probe;
  probe.loadBatch(X, y, undefined, false);
  const counters = backend.readCounters();
  return () => {
    backend.writeCounters(counters);
    backend.forward(0, rows, true);
    return probe.loss(rows, false, rows);
  };
}

interface RawGroup {
  readonly name: string;
  readonly checked: number;
  readonly skipped: number;
  readonly difference: number;
  readonly largest: number;
}

function compare(
  name: string,
  i: number,
  analytic: Floats,
  probe: Trainer,
  lossAt: () => number,
  base: number | undefined,
  samples: number,
  epsilon: number,
): RawGroup {
  const { backend, plan } = probe;
  const { signs } = plan.tensors[i]!;
  const values = backend.readTensor(i);
  const order = new Random(plan.key, `gradient check ${name}`).permutation(values.length);
  let checked = 0;
  let skipped = 0;
  let difference = 0;
  let largest = 0;
  for (let s = 0; s < order.length && checked < samples && s < 4 * samples; s++) {
    const k = order[s]!;
    if (signs?.[k] === NO_WEIGHT) continue; // no connection: nothing to learn
    const kept = values[k]!;
    const moved = (to: number) => {
      values[k] = to;
      const at = values[k]!; // as float32 has it, where the tensor is of that
      backend.writeTensor(i, values);
      return { at, loss: lossAt() };
    };
    const oneSided = (h: number) => {
      const there = moved(kept + h);
      return (there.loss - base!) / (there.at - kept);
    };
    const central = (h: number) => {
      const above = moved(kept + h);
      const below = moved(kept - h);
      return (above.loss - below.loss) / (above.at - below.at);
    };
    const h = epsilon * Math.max(1, Math.abs(kept));
    const first = base === undefined ? central(h) : oneSided(h);
    // A one-sided difference that is near needs no second one: a kink would show.
    const near = base !== undefined && Math.abs(first - analytic[k]!) <= 0.02 * Math.abs(analytic[k]!) + 1e-7;
    const second = near ? first : base === undefined ? central(h / 2) : oneSided(-h);
    values[k] = kept;
    // Beside a kink the two disagree however right the gradient is; elsewhere they differ by rounding and h^2 (h, one-sided).
    const numeric = base === undefined ? second + (second - first) / 3 : first;
    const size = Math.max(Math.abs(numeric), Math.abs(analytic[k]!));
    if (Math.abs(first - second) > 0.02 * size + 1e-7 && Math.abs(numeric - analytic[k]!) > 1e-3 * size) {
      skipped++;
      continue;
    }
    checked++;
    difference = Math.max(difference, Math.abs(numeric - analytic[k]!));
    largest = Math.max(largest, size);
  }
  backend.writeTensor(i, values);
  return { name, checked, skipped, difference, largest };
}

function describe({ ok, groups, double, forwardPasses }: GradientCheck, tolerance: number): string {
  const rows = groups.map((group) => [
    group.name,
    String(group.checked),
    String(group.skipped),
    formatFigure(group.relativeError),
    Number.isNaN(group.relativeError) ? 'NOT CHECKED' : group.ok ? 'ok' : 'WRONG',
  ]);
  const unchecked = groups.filter(({ relativeError }) => Number.isNaN(relativeError)).length;
  const failed = groups.filter((group) => !group.ok).length - unchecked;
  const verdict = [
    ...(ok ? ['Gradients agree with differences of the loss'] : []),
    ...(failed > 0 ? [`${failed} of ${groups.length} groups differ from differences of the loss`] : []),
    ...(unchecked > 0
      ? [`${unchecked} of ${groups.length} groups lie beside kinks and were not checked: try a smaller epsilon`]
      : []),
  ].join('; ');
  return [
    ...table([['parameter', 'checked', 'skipped', 'relative error', ''], ...rows]),
    `${verdict} (${double ? 'float64' : 'float32'}, tolerance ${tolerance}, ${forwardPasses} forward passes).`,
  ].join('\n');
}

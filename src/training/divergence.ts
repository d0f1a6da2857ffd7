// When a loss stops being finite: which batch, which layer, why, and what to try. The model is left with finite weights.

import type { Floats } from '../data/allocate.js';
import { LayerKind } from '../../assembly/abi.js';
import { FeedforwardError } from '../errors.js';
import type { Trainer } from './trainer.js';

/** Inputs and targets beyond this need scaling. */
const large = 100;
/** Outputs below this cannot make any built-in loss overflow. */
const wild = 1e9;

/** What a layer puts out, at its largest. */
interface Peak {
  readonly layer: string;
  /** NaN when there is one, else the largest magnitude. */
  readonly value: number;
  /** The least output of the network. */
  readonly least: number;
}

/** A batch that diverged: rows [first, first + rows) of the window. */
export interface Diverged {
  /** "epoch 3, batch 17". */
  readonly where: string;
  readonly loss: number;
  readonly first: number;
  readonly rows: number;
  readonly learningRate: number;
  readonly details: Record<string, unknown>;
}

/** One step on all rows of the window. Returns their mean loss before it. @throws ERR_DIVERGED. */
export function trainLoaded(trainer: Trainer, rows: number, weighted: boolean, derivatives = false): number {
  const { backend, progress } = trainer;
  const loss = trainer.stepLoaded(rows, weighted, derivatives);
  if (loss - loss === 0 && !backend.weightsDiverged) return loss;
  const taken = loss - loss === 0 ? 1 : 0;
  const step = progress.steps + 1 - taken;
  const learningRate = trainer.largestRate();
  const kept = taken === 0 ? 'of the step before' : 'it left: go back to an earlier state';
  throw explainDivergence(trainer, { where: `step ${step}`, loss, first: 0, rows, learningRate, details: { step, rows } })(kept);
}

/**
 * Words for a batch that diverged, whose rows are still in the window. Leaves the model as it is. The error takes which weights
 * the model is left with: "of the last step before it".
 */
export function explainDivergence(
  trainer: Trainer,
  { where, loss, first, rows, learningRate, details }: Diverged,
): (kept: string) => FeedforwardError {
  const { backend } = trainer;
  const data = {
    X: largestInput(trainer, first, rows),
    y: largest(part(backend.targets, backend.targetStride, first, rows)).value,
  };
  const given = Object.entries(data).find(([, size]) => !Number.isFinite(size));
  const broken = brokenTensor(trainer);
  const peak = broken === undefined ? findPeak(trainer, first, rows) : undefined;
  const what = broken === undefined ? `Loss became ${Number.isNaN(loss) ? 'NaN' : loss}` : `${broken} stopped being finite`;
  const reason =
    given !== undefined
      ? `: ${given[0]} has ${given[1]} in these rows, let through by checkFinite: false`
      : peak === undefined
        ? ''
        : `: ${peak.layer} ${Number.isNaN(peak.value) ? 'put out NaN' : `outputs reached ${short(peak.value)}`}`;
  const advice =
    given === undefined
      ? adviceOn(trainer, data, peak, learningRate)
      : 'Replace or drop such rows (SimpleImputer fills in missing values).';
  const layer = given === undefined ? (peak?.layer ?? broken) : undefined;
  return (kept) =>
    new FeedforwardError('ERR_DIVERGED', `${what} in ${where}${reason}. ${advice} The weights are those ${kept}.`, {
      ...details,
      loss,
      learningRate,
      layer,
      largest: peak?.value,
    });
}

/** What to try: what is wrong with the data or the loss first, then smaller steps, unless none was taken yet. */
function adviceOn(trainer: Trainer, data: { X: number; y: number }, peak: Peak | undefined, learningRate: number): string {
  const { plan, progress } = trainer;
  const advice: string[] = [];
  if (data.X > large) advice.push(`Inputs reach ${short(data.X)}: scale them (StandardScaler, or scale: 'standard').`);
  if (plan.loss.targets === 'real' && data.y > large) advice.push(`Targets reach ${short(data.y)}: scale them too.`);
  if (peak !== undefined && peak.value < wild) {
    // The outputs are fine, so the loss is what is not.
    if (plan.loss.custom !== undefined)
      advice.push('Your loss is not finite for such outputs: look for 0 / 0, and for log and sqrt of what is not positive.');
    else if (plan.loss.name === 'poisson' && peak.least < 0)
      advice.push(`poisson takes the logarithm of outputs, and one is ${short(peak.least)}: end with activation "softplus".`);
  }
  if (plan.optimizer.searches || progress.steps === 0) {
    if (advice.length === 0) advice.push('Start from smaller weights (leave weightInit out).');
  } else {
    const clip = plan.clip.globalNorm === Infinity ? ', or clip: { globalNorm: 1 }' : '';
    advice.push(`${advice.length > 0 ? 'Or try' : 'Try'} a learning rate below ${short(learningRate)}${clip}.`);
  }
  return advice.join(' ');
}

/** The name of the first tensor that is not finite. */
function brokenTensor({ backend, plan }: Trainer): string | undefined {
  return plan.tensors.find((_, i) => !largest(backend.readTensor(i)).finite)?.name;
}

/** The first layer that puts out something not finite, else the one with the largest outputs, on these rows again. */
function findPeak({ backend, plan }: Trainer, first: number, rows: number): Peak | undefined {
  const snapshot = backend.snapshot();
  try {
    backend.forward(first, rows, true);
    const least = smallest(backend.readActivations(plan.layers.length - 1));
    let peak: Peak | undefined;
    for (const [i, layer] of plan.layers.entries()) {
      if (layer.kind === LayerKind.ResidualBegin || layer.kind === LayerKind.Edge) continue;
      const { value, finite } = largest(backend.readActivations(i));
      if (peak === undefined || !finite || value > peak.value) peak = { layer: layer.path, value, least };
      if (!finite) break;
    }
    return peak;
  } finally {
    backend.restore(snapshot);
  }
}

function part(values: Floats, stride: number, first: number, rows: number): Floats {
  return values.subarray(first * stride, (first + rows) * stride);
}

/** Of what the network's first weights see: behind a rescale layer in front. */
function largestInput({ backend, plan }: Trainer, first: number, rows: number): number {
  const { x, xStride } = backend;
  const front = plan.layers.find((layer) => layer.rescale?.centered)?.rescale;
  const seen = part(x, xStride, first, rows);
  return largest(front === undefined ? seen : seen.map((v, k) => v / (front.scale[k % xStride] ?? 1))).value;
}

function largest(values: Floats): { value: number; finite: boolean } {
  let value = 0;
  let finite = true;
  for (let k = 0; k < values.length; k++) {
    const size = Math.abs(values[k]!);
    if (size !== size) return { value: NaN, finite: false };
    if (size > value) value = size;
  }
  if (value === Infinity) finite = false;
  return { value, finite };
}

function smallest(values: Floats): number {
  let value = Infinity;
  for (let k = 0; k < values.length; k++) value = Math.min(value, values[k]!);
  return value;
}

/** Two digits: 3.4e38, 0.001, 120. */
function short(value: number): string {
  const digits = Number(value.toPrecision(2));
  return (Math.abs(digits) >= 1e6 ? digits.toExponential() : String(digits)).replace('e+', 'e');
}

// When a loss stops being finite: which batch, which layer, why, and what to try. The model is left with finite weights.

import { LayerKind } from '../../assembly/abi.js';
import { FeedforwardError } from '../errors.js';
import type { Numbers } from './feeding.js';
import type { Trainer } from './trainer.js';

/** Inputs and targets beyond this want scaling. */
const large = 100;

/** What a layer puts out, at its largest. */
interface Peak {
  readonly layer: string;
  /** NaN when there is one, else the largest magnitude. */
  readonly value: number;
}

/** A batch that diverged: rows [first, first + rows) of the window. */
export interface Diverged {
  /** "epoch 3, batch 17". */
  readonly where: string;
  /** Which weights the model is left with: "of the last step before it". */
  readonly kept: string;
  readonly loss: number;
  readonly first: number;
  readonly rows: number;
  readonly learningRate: number;
  readonly details: Record<string, unknown>;
}

/** Words for a batch that diverged, whose rows are still in the window. Leaves the model as it is. */
export function divergenceError(
  trainer: Trainer,
  { where, kept, loss, first, rows, learningRate, details }: Diverged,
): FeedforwardError {
  const { backend, plan } = trainer;
  const broken = brokenTensor(trainer);
  const peak = broken === undefined ? findPeak(trainer, first, rows) : undefined;
  const input = largest(part(backend.x, backend.xStride, first, rows)).value;
  const target = largest(part(backend.targets, backend.targetStride, first, rows)).value;
  const what = broken === undefined ? `Loss became ${Number.isNaN(loss) ? 'NaN' : loss}` : `${broken} stopped being finite`;
  const advice: string[] = [];
  if (input > large) advice.push(`Inputs reach ${short(input)}: scale them (StandardScaler, or scale: 'standard').`);
  if (plan.loss.targets === 'real' && target > large) advice.push(`Targets reach ${short(target)}: scale them too.`);
  const clip = plan.clip.globalNorm === Infinity ? ', or clip: { globalNorm: 1 }' : '';
  advice.push(`${advice.length > 0 ? 'Or try' : 'Try'} a learning rate below ${short(learningRate)}${clip}.`);
  const reason =
    peak === undefined
      ? ''
      : `: ${peak.layer} ${Number.isNaN(peak.value) ? 'put out NaN' : `outputs reached ${short(peak.value)}`}`;
  return new FeedforwardError(
    'ERR_DIVERGED',
    `${what} in ${where}${reason}. ${advice.join(' ')} The weights are those ${kept}.`,
    {
      ...details,
      loss,
      learningRate,
      layer: peak?.layer ?? broken,
      largest: peak?.value,
    },
  );
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
    let peak: Peak | undefined;
    for (const [i, layer] of plan.layers.entries()) {
      if (layer.kind === LayerKind.ResidualBegin) continue;
      const { value, finite } = largest(backend.readActivations(i));
      if (peak === undefined || !finite || value > peak.value) peak = { layer: layer.path, value };
      if (!finite) break;
    }
    return peak;
  } finally {
    backend.restore(snapshot);
  }
}

function part(values: Numbers, stride: number, first: number, rows: number): Numbers {
  return values.subarray(first * stride, (first + rows) * stride);
}

function largest(values: Numbers): { value: number; finite: boolean } {
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

/** Two digits: 3.4e38, 0.001, 120. */
function short(value: number): string {
  const digits = Number(value.toPrecision(2));
  return (Math.abs(digits) >= 1e6 ? digits.toExponential() : String(digits)).replace('e+', 'e');
}

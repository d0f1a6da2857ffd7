// When a loss stops being finite: which batch, which layer, why, and what to try. The model is left with finite weights.

import { LayerKind } from '../../assembly/abi.js';
import { FeedforwardError } from '../errors.js';
import type { Numbers } from './feeding.js';
import type { Trainer } from './trainer.js';

/** Inputs beyond this, or outputs, are worth scaling. */
const largeInput = 100;

/** What a layer puts out, at its largest. */
interface Peak {
  readonly layer: string;
  /** NaN when there is one, else the largest magnitude. */
  readonly value: number;
}

/** Words for a batch that diverged: `where` is "epoch 3, batch 17". Call right after it, with its activations still there. */
export function divergenceError(
  trainer: Trainer,
  loss: number,
  where: string,
  rate: number,
  details: Record<string, unknown>,
): FeedforwardError {
  const { backend, plan } = trainer;
  const peak = findPeak(trainer);
  const input = largest(backend.x).value;
  const what = Number.isFinite(loss) ? 'A weight stopped being finite' : `Loss became ${Number.isNaN(loss) ? 'NaN' : loss}`;
  const reason =
    peak === undefined
      ? ''
      : Number.isNaN(peak.value)
        ? `: ${peak.layer} put out NaN`
        : `: ${peak.layer} outputs reached ${short(peak.value)}`;
  const advice: string[] = [];
  if (input > largeInput) advice.push(`Inputs reach ${short(input)}: scale them (StandardScaler, or scale: 'standard').`);
  const unbounded = plan.loss.targets === 'real' ? largest(backend.targets).value : 0;
  if (unbounded > largeInput) advice.push(`Targets reach ${short(unbounded)}: scale them too.`);
  advice.push(
    `${advice.length > 0 ? 'Or try' : 'Try'} a learning rate below ${short(rate)}${plan.clip.globalNorm === Infinity ? ', or clip: { globalNorm: 1 }' : ''}.`,
  );
  return new FeedforwardError('ERR_DIVERGED', `${what} in ${where}${reason}. ${advice.join(' ')}`, {
    ...details,
    loss,
    layer: peak?.layer,
    largest: peak?.value,
    learningRate: rate,
  });
}

/** The first layer that puts out something not finite, else the one with the largest outputs. */
function findPeak({ backend, plan }: Trainer): Peak | undefined {
  let peak: Peak | undefined;
  for (let i = 0; i < plan.layers.length; i++) {
    const layer = plan.layers[i]!;
    if (layer.kind === LayerKind.ResidualBegin) continue;
    const { value, finite } = largest(backend.readActivations(i));
    if (!finite)
      return {
        layer: layer.path,
        value: peak !== undefined && peak.value > 1e30 ? peak.value : Number.isNaN(value) ? NaN : Infinity,
      };
    if (peak === undefined || value > peak.value) peak = { layer: layer.path, value };
  }
  return peak;
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

/** Two digits: 3.4e+38, 0.001, 120. */
function short(value: number): string {
  return String(Number(value.toPrecision(2))).replace('e+', 'e');
}

// A network as a chain of dense layers with activations, where it is one: batch norm and rescale folded into the weights beside them, dropout
// and noise left out, as prediction has it. In float64, from the tensors that predict.

import { Activation, LayerKind } from '../../assembly/abi.js';
import type { LayerPlan, TensorRole } from '../plan/network.js';
import type { Trainer } from '../training/trainer.js';

/** y = f(x W + b). */
export interface Link {
  readonly inputs: number;
  readonly units: number;
  /** [inputs][units]. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  /** Its id and numbers; a PReLU of one slope has it in `a`. */
  activation: Activation;
  a: number;
  b: number;
}

/** What a column is multiplied by and what is added, before the next product. */
interface Affine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

/** The chain; undefined where the network is none: residual blocks, layer norm, softmax within, a slope for each unit. */
export function chainOf({ plan, backend }: Trainer): Link[] | undefined {
  const links: Link[] = [];
  let pending: Affine | undefined;
  let open = false; // whether the last link's outputs are net inputs still
  const tensor = (layer: LayerPlan, role: TensorRole) => {
    const i = layer.tensors[role]!;
    return plan.averagingDecay > 0 && plan.tensors[i]!.trainable ? backend.readAverage(i) : backend.readTensor(i);
  };
  const stretch = (affine: Affine): boolean => {
    const link = links[links.length - 1];
    if (link !== undefined && open) scaleUnits(link, affine);
    else if (pending !== undefined) return false;
    else pending = affine;
    return true;
  };
  const bend = (layer: LayerPlan): boolean => {
    const { id, a, b, shared, custom } = layer.activation;
    if (id === Activation.Polynomial || custom !== undefined) return false; // this module has no room for either
    const link = links[links.length - 1];
    if (id === Activation.Identity) return true;
    if (link === undefined || !open || (id === Activation.Prelu && !shared)) return false;
    link.activation = id;
    link.a = id === Activation.Prelu ? tensor(layer, 'slope')[0]! : a;
    link.b = b;
    open = false;
    return true;
  };
  for (const layer of plan.layers) {
    if (layer.kind === LayerKind.Dropout || layer.kind === LayerKind.Noise) continue;
    let fits = false;
    if (layer.kind === LayerKind.Dense) {
      const bias = layer.bias ? tensor(layer, 'bias') : new Float64Array(layer.outputs);
      links.push(linkOf(layer, tensor(layer, 'weight'), bias, pending));
      pending = undefined;
      open = true;
      fits = bend(layer);
    } else if (layer.kind === LayerKind.Activation) fits = bend(layer);
    else if (layer.kind === LayerKind.BatchNorm) {
      const [mean, variance] = [tensor(layer, 'runningMean'), tensor(layer, 'runningVariance')];
      const [gamma, beta] = [tensor(layer, 'gamma'), tensor(layer, 'beta')];
      const scale = Float64Array.from(gamma, (g, j) => g / Math.sqrt(variance[j]! + layer.epsilon));
      fits = stretch({ scale, shift: scale.map((s, j) => beta[j]! - s * mean[j]!) });
    } else if (layer.kind === LayerKind.Rescale) {
      const { center, scale: spread, centered } = layer.rescale!;
      const scale = Float64Array.from(tensor(layer, 'gain'), (gain, j) => gain / spread[j]!);
      fits = stretch({ scale, shift: scale.map((s, j) => (centered ? 0 : -s * center[j]!)) });
    }
    if (!fits) return undefined;
  }
  const inner = links.slice(0, -1).some(({ activation }) => rowwise(activation));
  const last = links[links.length - 1];
  return pending !== undefined || inner || last === undefined || last.activation === Activation.LogSoftmax ? undefined : links;
}

const rowwise = (id: Activation) => id === Activation.Softmax || id === Activation.LogSoftmax;

function linkOf(
  { inputs, outputs: units }: LayerPlan,
  w: ArrayLike<number>,
  b: ArrayLike<number>,
  before: Affine | undefined,
): Link {
  const weights = Float64Array.from(w);
  const bias = Float64Array.from(b);
  if (before !== undefined)
    for (let i = 0; i < inputs; i++)
      for (let u = 0; u < units; u++) {
        bias[u]! += before.shift[i]! * weights[i * units + u]!;
        weights[i * units + u]! *= before.scale[i]!;
      }
  return { inputs, units, weights, bias, activation: Activation.Identity, a: 0, b: 0 };
}

function scaleUnits({ inputs, units, weights, bias }: Link, { scale, shift }: Affine): void {
  for (let u = 0; u < units; u++) {
    bias[u] = bias[u]! * scale[u]! + shift[u]!;
    for (let i = 0; i < inputs; i++) weights[i * units + u]! *= scale[u]!;
  }
}

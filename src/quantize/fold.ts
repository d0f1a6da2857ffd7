// A trained network as a short list of exact steps in float64: what does nothing at prediction left out, batch norm, rescaling and affine
// activations multiplied into the dense layer before or after them, where no curve stands between.

import { LayerKind } from '../../assembly/abi.js';
import { fail } from '../errors.js';
import { rescaleMap, tensorOf, type Network } from '../formats/network.js';
import type { Curve, Stage } from '../integer/stages.js';
import type { LayerPlan } from '../plan/network.js';
import { Curves } from './curves.js';

/** y = f(W x + b), W by rows: [outputs][inputs]. */
export interface FoldedDense {
  readonly kind: 'dense';
  readonly path: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly weight: Float64Array;
  readonly bias: Float64Array;
  readonly curve: Curve;
}

type FoldedAffine = Extract<Stage, { readonly kind: 'affine' }>;

/** What has no weights in whole numbers is the stage it becomes. */
export type Folded =
  | FoldedDense
  | Extract<Stage, { readonly kind: 'affine' | 'activation' | 'layerNorm' }>
  | {
      readonly kind: 'residual';
      readonly inputs: number;
      readonly outputs: number;
      readonly steps: readonly Folded[];
      readonly projection: FoldedDense | undefined;
    };

/** The steps of a network. @throws ERR_UNSUPPORTED for a layer of a kind that is not known. */
export function foldedSteps(network: Network): Folded[] {
  const { layers } = network.plan;
  const fold = new Fold(network);
  return fold.steps(layers, 0, layers.length);
}

class Fold {
  private readonly curves: Curves;

  constructor(private readonly network: Network) {
    this.curves = new Curves(network.plan.layers[network.plan.layers.length - 1]!);
  }

  /** Layers [from, to), which are whole residual blocks or none of one. */
  steps(layers: readonly LayerPlan[], from: number, to: number): Folded[] {
    const out: Folded[] = [];
    for (let i = from; i < to; i++) {
      const layer = layers[i]!;
      const { inputs, outputs, path } = layer;
      switch (layer.kind) {
        case LayerKind.Dense:
          this.dense(out, this.product(layer, path));
          this.activation(out, layer);
          break;
        case LayerKind.Activation:
          this.activation(out, layer);
          break;
        case LayerKind.BatchNorm: {
          const [gamma, beta, mean, variance] = (['gamma', 'beta', 'runningMean', 'runningVariance'] as const).map((role) =>
            Float64Array.from(tensorOf(this.network, layer, role)!),
          );
          const factor = gamma!.map((g, j) => g / Math.sqrt(variance![j]! + layer.epsilon));
          this.affine(out, { kind: 'affine', width: outputs, center: mean!, factor, shift: beta! });
          break;
        }
        case LayerKind.Rescale: {
          const { center, factor, shift } = rescaleMap(this.network, layer);
          const done = layer.rescale!.centered; // as rows are read
          this.affine(out, {
            kind: 'affine',
            width: outputs,
            center: done ? new Float64Array(outputs) : center,
            factor,
            shift,
          });
          break;
        }
        case LayerKind.LayerNorm:
          out.push({
            kind: 'layerNorm',
            width: outputs,
            epsilon: layer.epsilon,
            gamma: tensorOf(this.network, layer, 'gamma')!,
            beta: tensorOf(this.network, layer, 'beta')!,
          });
          break;
        case LayerKind.Dropout:
        case LayerKind.Noise:
          break;
        case LayerKind.ResidualBegin: {
          const end = layers[layer.partner]!;
          out.push({
            kind: 'residual',
            inputs,
            outputs: end.outputs,
            steps: this.steps(layers, i + 1, layer.partner),
            projection: end.tensors.weight === undefined ? undefined : this.product(end, `${end.path}.projection`),
          });
          i = layer.partner;
          break;
        }
        case LayerKind.Edge:
          return fail(
            'ERR_UNSUPPORTED',
            `quantize: ${path}: this layer reads others than the one before it, which models of whole numbers do not have. Use residual([…]), or keep float32.`,
          );
        default:
          fail('ERR_UNSUPPORTED', `quantize: ${path} is of a kind that models of whole numbers do not have.`);
      }
    }
    return out;
  }

  private product(layer: LayerPlan, path: string): FoldedDense {
    const { inputs, outputs } = layer;
    const given = tensorOf(this.network, layer, 'weight')!;
    const weight = new Float64Array(inputs * outputs);
    for (let i = 0; i < inputs; i++) for (let j = 0; j < outputs; j++) weight[j * inputs + i] = given[i * outputs + j]!;
    const bias = Float64Array.from(tensorOf(this.network, layer, 'bias') ?? new Float32Array(outputs));
    return { kind: 'dense', path, inputs, outputs, weight, bias, curve: { form: 'none' } };
  }

  /** W (factor (x - center) + shift) + b, where an affine step stands right before. */
  private dense(out: Folded[], dense: FoldedDense): void {
    const before = out[out.length - 1];
    if (before?.kind !== 'affine') {
      out.push(dense);
      return;
    }
    const { inputs, outputs, weight, bias } = dense;
    const { center, factor, shift } = before;
    for (let j = 0; j < outputs; j++)
      for (let i = 0, at = j * inputs; i < inputs; i++, at++) {
        bias[j] = bias[j]! + weight[at]! * (shift[i]! - center[i]! * factor[i]!);
        weight[at] = weight[at]! * factor[i]!;
      }
    out[out.length - 1] = dense;
  }

  /** factor (W x + b - center) + shift, where the step before is a dense one without a curve. */
  private affine(out: Folded[], step: FoldedAffine): void {
    const { width, center, factor, shift } = step;
    const before = out[out.length - 1];
    if (before?.kind === 'dense' && before.curve.form === 'none') {
      const { inputs, outputs, weight, bias } = before;
      for (let j = 0; j < outputs; j++) {
        for (let i = 0; i < inputs; i++) weight[j * inputs + i] = weight[j * inputs + i]! * factor[j]!;
        bias[j] = (bias[j]! - center[j]!) * factor[j]! + shift[j]!;
      }
    } else if (before?.kind === 'affine')
      out[out.length - 1] = {
        kind: 'affine',
        width,
        center: before.center,
        factor: before.factor.map((f, j) => f * factor[j]!),
        shift: before.shift.map((s, j) => (s - center[j]!) * factor[j]! + shift[j]!),
      };
    else out.push(step);
  }

  private activation(out: Folded[], layer: LayerPlan): void {
    const { outputs: width, activation } = layer;
    const { name, a, b } = activation;
    if (name === 'identity') return;
    if (name === 'linear') {
      const fill = (value: number) => new Float64Array(width).fill(value);
      this.affine(out, { kind: 'affine', width, center: fill(0), factor: fill(a), shift: fill(b) });
      return;
    }
    const curve = this.curves.of(layer, tensorOf(this.network, layer, 'slope'));
    const before = out[out.length - 1];
    if (before?.kind === 'dense' && before.curve.form === 'none') out[out.length - 1] = { ...before, curve };
    else out.push({ kind: 'activation', width, curve });
  }
}

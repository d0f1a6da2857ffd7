// Networks put together from parts as importers find them (matrices, norms, activations, plain affine maps), in order:
// widths are checked, activations join the dense layer before them, affine maps are folded into it, and everything gets the
// names a model gives it.

import type { Label } from '../data/labels.js';
import { fail, FeedforwardError } from '../errors.js';
import type { ActivationLike } from '../plan/activations.js';
import type { LayerSpec } from '../plan/layers.js';
import type { LossLike } from '../plan/losses.js';
import { resolveNetwork } from '../plan/network.js';
import type { ImportedNetwork, Tensor } from './imported.js';

type Values = ArrayLike<number>;

/** Weights are row-major [inputs][outputs]; `from` is what messages call the part. */
export type Part = { readonly from: string } & (
  | {
      readonly kind: 'dense';
      readonly inputs: number;
      readonly outputs: number;
      readonly weight: Values;
      readonly bias?: Values | undefined;
    }
  /** y = scale x + shift, each of one number or one per column. */
  | { readonly kind: 'affine'; readonly scale: Values; readonly shift: Values }
  | { readonly kind: 'activation'; readonly activation: ActivationLike; readonly slope?: Values }
  | {
      readonly kind: 'batchNorm';
      readonly gamma: Values;
      readonly beta: Values;
      readonly mean: Values;
      readonly variance: Values;
      readonly epsilon: number;
      readonly momentum?: number;
    }
  /** Without gamma and beta: those of the affine part after it, or 1 and 0. */
  | { readonly kind: 'layerNorm'; readonly gamma?: Values; readonly beta?: Values; readonly epsilon: number }
  | { readonly kind: 'dropout' | 'noise'; readonly rate: number }
  | {
      readonly kind: 'residual';
      readonly parts: readonly Part[];
      readonly projection?: { readonly inputs: number; readonly outputs: number; readonly weight: Values };
    }
  /** Only checks. */
  | { readonly kind: 'width'; readonly width: number }
);

/**
 * The network of the parts. `inputs` may be left out when a part tells it.
 * @throws ERR_FORMAT when parts do not fit each other; ERR_UNSUPPORTED for options out of range (a dropout of 1); ERR_NONFINITE and ERR_RANGE for weights that float32 cannot hold.
 */
export function assemble(parts: readonly Part[], inputs: number | undefined, labels?: readonly Label[]): ImportedNetwork {
  const width = inputs ?? firstWidth(parts);
  if (width === undefined) return fail('ERR_FORMAT', 'The file says nowhere how many inputs the network has.');
  const parameters = new Map<string, Tensor>();
  const { layers, outputs } = sequence(parts, width, 'layers', parameters);
  if (layers.length === 0) fail('ERR_FORMAT', 'The file holds a network without layers.');
  const options = { inputs: width, layers, loss: lossFor(layers[layers.length - 1]!, outputs) };
  try {
    resolveNetwork(options);
  } catch (error) {
    if (!(error instanceof FeedforwardError)) throw error;
    throw new FeedforwardError(
      'ERR_UNSUPPORTED',
      `The file holds a network that this library cannot build: ${error.message}`,
      error.details,
      error,
    );
  }
  return { options, parameters, ...(labels ? { labels } : {}) };
}

/** Columns the first part that fixes a width takes, as far as everything before it keeps the width. */
function firstWidth(parts: readonly Part[]): number | undefined {
  for (const part of parts) {
    if (part.kind === 'dense') return part.inputs;
    if (part.kind === 'width') return part.width;
    if ((part.kind === 'batchNorm' || part.kind === 'layerNorm') && part.gamma) return part.gamma.length;
    if (part.kind === 'affine' && Math.max(part.scale.length, part.shift.length) > 1)
      return Math.max(part.scale.length, part.shift.length);
    if (part.kind === 'activation' && (part.slope?.length ?? 1) > 1) return part.slope!.length;
    if (part.kind === 'residual') {
      const inside = part.projection?.inputs ?? firstWidth(part.parts);
      if (inside !== undefined) return inside;
    }
  }
  return undefined;
}

/** The loss that goes with the last activation; mean squared error otherwise. */
function lossFor(last: LayerSpec, outputs: number): LossLike {
  const activation = 'activation' in last ? last.activation : undefined;
  if ((activation === 'softmax' || activation === 'logSoftmax') && outputs > 1) return 'categoricalCrossEntropy';
  return activation === 'sigmoid' ? 'binaryCrossEntropy' : 'meanSquaredError';
}

function sequence(
  parts: readonly Part[],
  inputs: number,
  path: string,
  parameters: Map<string, Tensor>,
): { layers: LayerSpec[]; outputs: number } {
  const layers: LayerSpec[] = [];
  let width = inputs;
  /** The last layer, while it is a dense one that still may take a bias or an activation. */
  let open: OpenDense | undefined;
  const close = () => {
    if (open === undefined) return;
    const { at, from, weight, bias } = open;
    const outputs = weight.length / open.inputs;
    put(parameters, `${at}.weight`, [open.inputs, outputs], weight, from);
    if (bias) put(parameters, `${at}.bias`, [outputs], bias, from);
    layers.push({
      type: 'dense',
      units: outputs,
      ...(open.activation ? { activation: open.activation } : {}),
      ...(bias ? {} : { bias: false }),
    });
    open = undefined;
  };
  const next = () => {
    close();
    return `${path}.${layers.length}`;
  };
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    const { from } = part;
    switch (part.kind) {
      case 'width':
        need(part.width, width, from);
        break;
      case 'dense':
        need(part.inputs, width, from);
        if (part.weight.length !== part.inputs * part.outputs)
          misfit(`${from} has ${part.weight.length} weights for ${part.inputs} x ${part.outputs}`);
        if (part.bias) need(part.bias.length, part.outputs, from);
        open = { at: next(), from, inputs: part.inputs, weight: part.weight, bias: part.bias };
        width = part.outputs;
        break;
      case 'affine': {
        const count = Math.max(part.scale.length, part.shift.length);
        if (count > 1) need(count, width, from);
        if (open !== undefined && open.activation === undefined) open = fold(open, part.scale, part.shift);
        else {
          const at = next();
          const fixed = count > 1 || at === 'layers.0' ? rescaleOf(part) : undefined;
          layers.push(fixed ?? (count > 1 ? fixedNorm(at, part, parameters) : linearOf(part)));
        }
        break;
      }
      case 'activation': {
        const { slope } = part;
        if (slope && slope.length > 1) need(slope.length, width, from);
        let at: string;
        if (open !== undefined && open.activation === undefined) {
          open.activation = part.activation;
          ({ at } = open);
        } else {
          at = next();
          layers.push({ type: 'activation', activation: part.activation });
        }
        if (slope) put(parameters, `${at}.slope`, [slope.length], slope, from);
        break;
      }
      case 'batchNorm': {
        const at = next();
        for (const [role, values] of Object.entries({
          gamma: part.gamma,
          beta: part.beta,
          runningMean: part.mean,
          runningVariance: part.variance,
        })) {
          need(values.length, width, from);
          put(parameters, `${at}.${role}`, [width], values, from);
        }
        layers.push({
          type: 'batchNorm',
          epsilon: part.epsilon,
          ...(part.momentum === undefined ? {} : { momentum: part.momentum }),
        });
        break;
      }
      case 'layerNorm': {
        const at = next();
        let { gamma, beta } = part;
        const after = parts[i + 1];
        if (gamma === undefined && after?.kind === 'affine') {
          i++;
          gamma = spread(after.scale, width);
          beta = spread(after.shift, width);
        }
        for (const [role, values] of Object.entries({ gamma: gamma ?? spread([1], width), beta: beta ?? spread([0], width) })) {
          need(values.length, width, from);
          put(parameters, `${at}.${role}`, [width], values, from);
        }
        layers.push({ type: 'layerNorm', epsilon: part.epsilon });
        break;
      }
      case 'dropout':
        next();
        layers.push({ type: 'dropout', rate: part.rate });
        break;
      case 'noise':
        next();
        layers.push({ type: 'noise', deviation: part.rate });
        break;
      case 'residual': {
        const at = next();
        const inside = sequence(part.parts, width, `${at}.layers`, parameters);
        const { projection } = part;
        if (projection) {
          need(projection.inputs, width, from);
          need(projection.outputs, inside.outputs, from);
          put(parameters, `${at}.projection.weight`, [width, inside.outputs], projection.weight, from);
        } else need(inside.outputs, width, from);
        layers.push({ type: 'residual', layers: inside.layers, projection: projection !== undefined });
        width = inside.outputs;
      }
    }
  }
  close();
  return { layers, outputs: width };
}

const spread = (values: Values, width: number): Values =>
  values.length === 1 ? new Float64Array(width).fill(values[0]!) : values;

interface OpenDense {
  readonly at: string;
  readonly from: string;
  readonly inputs: number;
  readonly weight: Values;
  readonly bias: Values | undefined;
  activation?: ActivationLike;
}

/** scale (x W + b) + shift = x (W scale) + (b scale + shift), in float64. */
function fold(dense: OpenDense, scale: Values, shift: Values): OpenDense {
  const outputs = dense.weight.length / dense.inputs;
  const of = (values: Values, j: number) => values[values.length === 1 ? 0 : j]!;
  const plain = Array.from(scale).every((s) => s === 1);
  return {
    ...dense,
    weight: plain ? dense.weight : Float64Array.from(dense.weight, (w, k) => w * of(scale, k % outputs)),
    bias: Float64Array.from({ length: outputs }, (_, j) => (dense.bias?.[j] ?? 0) * of(scale, j) + of(shift, j)),
  };
}

interface AffineMap {
  readonly scale: Values;
  readonly shift: Values;
  readonly from: string;
}

const linearOf = ({ scale, shift }: AffineMap): LayerSpec => ({
  type: 'activation',
  activation: { name: 'linear', scale: scale[0]!, shift: shift[0]! },
});

/**
 * An affine map with nothing to fold it into is a layer of fixed numbers, (x - center) / scale: in training too it is what it is at
 * prediction, and large columns lose nothing in float32. Undefined where a column is constant, which that layer cannot be.
 */
function rescaleOf({ scale, shift, from }: AffineMap): LayerSpec | undefined {
  const columns = eachColumn(scale, shift);
  for (const [j, { a, b }] of columns.entries())
    if (!Number.isFinite(a) || !Number.isFinite(b))
      fail('ERR_NONFINITE', `${from}: column ${j} is scaled by ${a} and shifted by ${b}.`);
  if (columns.some(({ a, b }) => Math.abs(a) < SMALLEST && (a !== 0 || b !== 0))) return undefined;
  const listed = (value: (column: { a: number; b: number }) => number) =>
    columns.length === 1 ? value(columns[0]!) : columns.map(value);
  return {
    type: 'rescale',
    center: listed(({ a, b }) => (a === 0 || b === 0 ? 0 : -b / a)),
    scale: listed(({ a }) => (a === 0 ? 1 : 1 / a)),
    ...(columns.some(({ a }) => a === 0) ? { gain: listed(({ a }) => (a === 0 ? 0 : 1)) } : {}),
  };
}

/** Below this a column is divided by more than float32 holds. */
const SMALLEST = 1e-37;

/** With a constant column it is a batch norm that never learns: scale (x - mean) + beta. Variance 1 hides this epsilon. */
const EPSILON = 1e-12;

function fixedNorm(at: string, { scale, shift, from }: AffineMap, parameters: Map<string, Tensor>): LayerSpec {
  const columns = eachColumn(scale, shift);
  const set = (role: string, value: (column: { a: number; b: number }) => number) =>
    put(parameters, `${at}.${role}`, [columns.length], columns.map(value), from);
  set('gamma', ({ a }) => a);
  set('beta', ({ a, b }) => (a === 0 ? b : 0));
  set('runningMean', ({ a, b }) => (a === 0 ? 0 : -b / a));
  set('runningVariance', () => 1);
  return { type: 'batchNorm', momentum: 0, epsilon: EPSILON, trainable: false };
}

function eachColumn(scale: Values, shift: Values): { a: number; b: number }[] {
  const of = (values: Values, j: number) => values[values.length === 1 ? 0 : j]!;
  return Array.from({ length: Math.max(scale.length, shift.length) }, (_, j) => ({ a: of(scale, j), b: of(shift, j) }));
}

function put(parameters: Map<string, Tensor>, name: string, shape: readonly number[], values: Values, from: string): void {
  const narrow = Float32Array.from(values);
  for (let i = 0; i < narrow.length; i++) {
    if (Number.isFinite(narrow[i]!)) continue;
    if (Number.isFinite(values[i]!))
      fail('ERR_RANGE', `${from}: value ${i} of ${name} is ${values[i]}, beyond the largest float32 (3.4e38).`);
    fail('ERR_NONFINITE', `${from}: value ${i} of ${name} is ${values[i]}.`);
  }
  parameters.set(name, { shape, values: narrow });
}

function need(columns: number, width: number, from: string): void {
  if (columns !== width) misfit(`${from} needs ${columns} columns, but gets ${width}`);
}

function misfit(problem: string): never {
  return fail('ERR_FORMAT', `The layers do not fit each other: ${problem}.`);
}

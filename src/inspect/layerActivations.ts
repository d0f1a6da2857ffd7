// What goes through a network, layer by layer: net inputs, activations, and after backward the deltas.

import { Counter, LayerKind } from '../../assembly/abi.js';
import { floats, type Floats } from '../data/allocate.js';
import type { Matrix } from '../data/matrix.js';
import { dropsWeights, keptOf } from '../plan/drops.js';
import { countInputs, copyInputs } from '../training/feeding.js';
import { toMatrix } from '../training/rows.js';
import type { Trainer } from '../training/trainer.js';

/** One layer on some rows. */
export interface LayerActivations {
  /** 'layers.0', 'layers.2.layers.1', … as in parameters(). */
  readonly layer: string;
  /** What the layer's activation is applied to, [rows, units]: x W + b of a dense layer. Without an activation, the activations. */
  readonly netInputs: Matrix;
  /** What the layer puts out, [rows, units]. */
  readonly activations: Matrix;
  /** d loss / d net inputs of dense layers, [rows, units] and row: after backward() on these rows. */
  readonly deltas?: Matrix;
}

/** Every layer's net inputs and activations on X; where X is what backward() was just called for, those of that pass, and its deltas. */
export function activationsOf(trainer: Trainer, X: unknown): LayerActivations[] {
  const { backend, plan } = trainer;
  const rows = countInputs(X, plan);
  const seen = floats(rows * plan.inputs, 'activations');
  copyInputs(seen, plan.inputs, X, 0, rows, plan, false);
  const again = trainer.stage === 'backward' && isLoaded(trainer, rows, seen);
  if (!again) {
    trainer.loadInputs(X, rows, false);
    backend.forward(0, rows, false);
  }
  const lowest = plan.layers.findIndex((layer) => Object.values(layer.tensors).some((t) => plan.tensors[t]!.trainable));
  let x: Floats = seen;
  return plan.layers.flatMap(({ kind, path, inputs, outputs, tensors }, i) => {
    const given = x;
    x = backend.readActivations(i);
    if (kind === LayerKind.ResidualBegin || kind === LayerKind.Edge) return [];
    const dense = kind === LayerKind.Dense;
    const weights = dense
      ? [tensors.weight, tensors.bias].map((t) =>
          t === undefined ? undefined : tensorOf(trainer, t, again && trainer.loopTraining),
        )
      : [];
    if (again && trainer.loopTraining && dropsWeights(plan.layers[i]!)) keepConnections(trainer, i, weights[0]!);
    const net = dense
      ? product(given, weights[0]!, weights[1], rows, inputs, outputs)
      : kind === LayerKind.Activation
        ? given
        : x;
    const matrixOf = (values: Floats) => toMatrix(values, outputs, rows, outputs);
    return [
      {
        layer: path,
        netInputs: matrixOf(net),
        activations: matrixOf(x),
        ...(again && dense && i >= lowest ? { deltas: matrixOf(backend.readDeltas(i)) } : {}),
      },
    ];
  });
}

/** Training reads the weights; prediction, where weights are averaged, the averages. */
function tensorOf({ backend, plan }: Trainer, t: number, training: boolean): Floats {
  const averaged = !training && plan.averagingDecay > 0 && plan.tensors[t]!.trainable;
  return averaged ? backend.readAverage(t) : backend.readTensor(t);
}

/** The weights that the last pass in training read, of a layer that drops some. */
function keepConnections({ backend, plan }: Trainer, i: number, weights: Floats): void {
  const layer = plan.layers[i]!;
  const kept = keptOf(layer, plan.key, backend.readCounters()[Counter.Draws]! - 1, layer.inputs);
  kept.forEach((is, k) => {
    weights[k] = is ? weights[k]! / (1 - layer.dropRate) : 0;
  });
}

/** Whether the rows of the step loop are these. */
function isLoaded(trainer: Trainer, rows: number, seen: Float32Array): boolean {
  if (rows !== trainer.loopRows) return false;
  trainer.roomToTrain(rows, rows); // other models may have sent this one into hibernation since
  const { backend, plan } = trainer;
  for (let k = 0; k < seen.length; k++) {
    const at = Math.floor(k / plan.inputs) * backend.xStride + (k % plan.inputs);
    if (Math.fround(backend.x[at]!) !== seen[k]) return false;
  }
  return true;
}

/** x W + b, each element a sum in float64. */
function product(x: Floats, w: Floats, b: Floats | undefined, rows: number, inputs: number, units: number): Float64Array {
  const z = new Float64Array(rows * units);
  for (let i = 0; i < rows; i++) {
    for (let u = 0; u < units; u++) z[i * units + u] = b?.[u] ?? 0;
    for (let j = 0; j < inputs; j++) for (let u = 0; u < units; u++) z[i * units + u]! += x[i * inputs + j]! * w[j * units + u]!;
  }
  return z;
}

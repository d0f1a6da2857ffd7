// A network in the core's memory: described, its weights copied in, rows through it and derivatives back. Knows nothing of what its
// columns and outputs mean.

import { Address, LayerField, Measure, NetworkField, OptimizerField, TensorField } from '../../assembly/abi.js';
import { fail } from '../errors.js';
import { toPanels } from '../engine/panels.js';
import { type CoreBytes, newCore, type PredictCore } from './core.js';
import type { Layers, Tensor } from './layers.js';

/** A number or a row per window at most: rows are taken through the network in windows of about a megabyte. */
const WINDOW_FLOATS = 2 ** 18;

const none: Float32Array = new Float32Array(0);

export class Network {
  readonly inputs: number;
  readonly outputs: number;
  /** What is subtracted from every row in float64 before it is rounded. */
  readonly center: Float64Array | undefined;
  /** @internal What each layer is. */
  readonly records: Layers['records'];
  /** The window: row r begins at r * xStride, and its outputs at r * yStride. Refreshed by reserve. */
  x = none;
  y = none;
  xStride = 0;
  yStride = 0;
  private rows = 0;
  /** @internal */
  readonly core: PredictCore;
  private readonly tensors: readonly Tensor[];
  /** Weights and biases of the last layer. */
  private last: readonly Float32Array[] | undefined;

  /** `values`: the numbers of each tensor that is in a file. @throws ERR_MEMORY, ERR_UNSUPPORTED. */
  constructor(layers: Layers, deterministic: boolean, values: ValuesOf, bytes?: CoreBytes, module?: WebAssembly.Module) {
    this.inputs = layers.inputs;
    this.outputs = layers.outputs;
    this.center = layers.center;
    this.records = layers.records;
    this.core = newCore(deterministic, bytes, module);
    this.tensors = layers.tensors;
    buildLayers(this.core, layers, values);
  }

  /** How many rows go through at a time. */
  window(rows: number): number {
    return Math.max(1, Math.min(rows, Math.floor(WINDOW_FLOATS / Math.max(this.inputs, this.outputs))));
  }

  /** Makes room for that many rows at once. @throws ERR_MEMORY. */
  reserve(rows: number): void {
    if (rows <= this.rows) return;
    const { core } = this;
    reserveRows(core, rows);
    this.rows = rows;
    this.xStride = core.measure(Measure.InputStride);
    this.yStride = core.measure(Measure.OutputStride);
    this.x = this.view(Address.Inputs, rows * this.xStride);
    this.y = this.view(Address.Outputs, rows * this.yStride);
    this.last = undefined; // a view is empty once memory grows
  }

  /** @internal */
  view(what: Address, length: number): Float32Array {
    return new Float32Array(this.core.memory.buffer, this.core.address(what) >>> 0, length);
  }

  /** The first rows of x through the network, into y. */
  forward(rows: number): void {
    this.core.forward(rows);
  }

  /** forward with the weights of the last layer negated: sigmoid(-z) where forward gives sigmoid(z), which float32 tells from 0 for longer. */
  forwardNegated(rows: number): void {
    this.negateLast();
    this.core.forward(rows);
    this.negateLast();
  }

  /** @internal */
  negateLast(): void {
    const { core, records, tensors } = this;
    const end = records[records.length - 1]!;
    this.last ??= [end[LayerField.Weight]!, end[LayerField.Bias]!].flatMap((i) => (i < 0 ? [] : [homeOf(core, tensors[i]!, i)]));
    for (const values of this.last) for (let k = 0; k < values.length; k++) values[k] = -values[k]!;
  }
}

/** What gives the numbers of a tensor. */
type ValuesOf = (tensor: Tensor, i: number) => ArrayLike<number>;

function refuseMemory(): never {
  return fail('ERR_MEMORY', 'WebAssembly memory could not grow to hold this network and its rows. Predict fewer rows at a time.');
}

/** Makes room for that many rows at once. @throws ERR_MEMORY. */
export function reserveRows(core: PredictCore, rows: number): void {
  if (!core.reserve(rows, rows, false, false)) refuseMemory();
}

/** Builds the network in a fresh core. @throws ERR_MEMORY. */
export function buildLayers(core: PredictCore, layers: Layers, values: ValuesOf): void {
  const { records, tensors, inputs, outputs } = layers;
  const start = core.describe(records.length, tensors.length) >>> 0;
  if (start === 0) refuseMemory();
  const numbers = new Float64Array(core.memory.buffer, start); // all 0: the memory of a fresh core
  numbers[NetworkField.Inputs] = inputs;
  numbers[NetworkField.Outputs] = outputs;
  numbers[NetworkField.Threads] = 1;
  let at = NetworkField.Count + OptimizerField.Count;
  for (const record of records) {
    numbers.set(record, at);
    at += LayerField.Count;
  }
  for (const tensor of tensors) {
    const { shape } = tensor;
    const matrix = shape.length === 2;
    numbers[at + TensorField.Inputs] = matrix ? shape[0]! : 1;
    numbers[at + TensorField.Outputs] = shape[shape.length - 1]!;
    numbers[at + TensorField.IsWeight] = Number(matrix && tensor.values === undefined);
    at += TensorField.Count;
  }
  if (!core.build()) refuseMemory();
  for (let i = 0; i < tensors.length; i++) {
    const tensor = tensors[i]!;
    const { shape, values: made } = tensor;
    const home = homeOf(core, tensor, i);
    if (shape.length === 2 && made === undefined) toPanels(home, values(tensor, i), shape[0]!, shape[1]!);
    else home.set(made ?? values(tensor, i));
  }
}

/** Where the numbers of tensor i are: a view that is empty once memory grows. */
function homeOf(core: PredictCore, { shape }: Tensor, i: number): Float32Array {
  const start = (core.address(Address.Parameters) >>> 0) + 4 * core.tensorOffset(i);
  const padded = (shape[shape.length - 1]! + 3) & ~3;
  return new Float32Array(core.memory.buffer, start, (shape.length === 2 ? shape[0]! : 1) * padded);
}

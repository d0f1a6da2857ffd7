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
  /** Where the weights and biases of the last layer are, in bytes, and how many floats. */
  private readonly last: readonly { readonly byteOffset: number; readonly length: number }[];
  private lastViews: readonly Float32Array[] = [];

  /** `values`: the numbers of each tensor that is in a file. @throws ERR_MEMORY, ERR_UNSUPPORTED. */
  constructor(
    layers: Layers,
    deterministic: boolean,
    values: (tensor: Tensor) => ArrayLike<number>,
    bytes?: CoreBytes,
    module?: WebAssembly.Module,
  ) {
    this.inputs = layers.inputs;
    this.outputs = layers.outputs;
    this.center = layers.center;
    this.records = layers.records;
    this.core = newCore(deterministic, bytes, module);
    const tensors = buildLayers(this.core, layers, values);
    const end = layers.records[layers.records.length - 1]!;
    // As numbers: a view forgets where it was when memory grows.
    this.last = [tensors[end[LayerField.Weight]!], tensors[end[LayerField.Bias]!]].flatMap((tensor) =>
      tensor === undefined ? [] : [{ byteOffset: tensor.byteOffset, length: tensor.length }],
    );
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
    this.lastViews = this.last.map(({ byteOffset, length }) => new Float32Array(core.memory.buffer, byteOffset, length));
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
    for (const values of this.lastViews) for (let k = 0; k < values.length; k++) values[k] = -values[k]!;
  }
}

function refuseMemory(): never {
  return fail('ERR_MEMORY', 'WebAssembly memory could not grow to hold this network and its rows. Predict fewer rows at a time.');
}

/** Makes room for that many rows at once. @throws ERR_MEMORY. */
export function reserveRows(core: PredictCore, rows: number): void {
  if (!core.reserve(rows, rows, false, false)) refuseMemory();
}

/** Builds the network in a fresh core; returns where the numbers of each tensor are. @throws ERR_MEMORY. */
export function buildLayers(core: PredictCore, layers: Layers, values: (tensor: Tensor) => ArrayLike<number>): Float32Array[] {
  if (!describe(core, layers)) refuseMemory();
  return layers.tensors.map((tensor, i) => write(core, tensor, i, tensor.values ?? values(tensor)));
}

function write(core: PredictCore, { shape, values: made }: Tensor, i: number, values: ArrayLike<number>): Float32Array {
  const columns = shape[shape.length - 1]!;
  const padded = (columns + 3) & ~3;
  const start = (core.address(Address.Parameters) >>> 0) + 4 * core.tensorOffset(i);
  const home = new Float32Array(core.memory.buffer, start, (shape.length === 2 ? shape[0]! : 1) * padded);
  if (shape.length === 2 && made === undefined) toPanels(home, values, shape[0]!, columns);
  else home.set(values);
  return home;
}

type Field = Readonly<Record<number, number>>;

/** Builds the network, all weights 0. False when memory refuses. */
function describe(core: PredictCore, { records, tensors, inputs, outputs }: Layers): boolean {
  const start = core.describe(records.length, tensors.length) >>> 0;
  if (start === 0) return false;
  const numbers = new Float64Array(core.memory.buffer, start);
  let at = 0;
  const write = (record: Field, count: number) => {
    for (let field = 0; field < count; field++) numbers[at + field] = record[field] ?? 0;
    at += count;
  };
  write({ [NetworkField.Inputs]: inputs, [NetworkField.Outputs]: outputs, [NetworkField.Threads]: 1 }, NetworkField.Count);
  write({}, OptimizerField.Count);
  for (const record of records) write(record, LayerField.Count);
  for (const { shape, values } of tensors) {
    const matrix = shape.length === 2;
    write(
      {
        [TensorField.Inputs]: matrix ? shape[0]! : 1,
        [TensorField.Outputs]: shape[shape.length - 1]!,
        [TensorField.IsWeight]: Number(matrix && values === undefined),
      },
      TensorField.Count,
    );
  }
  return Boolean(core.build());
}

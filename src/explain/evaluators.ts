// Values of many made-up rows: of a network through the window of its backend, of a function of the user's through matrices. Rows are
// written where they are read, so that nothing is copied on the way.

import { floats, type Floats } from '../data/allocate.js';
import { float64Targets, Matrix, type MatrixLike } from '../data/matrix.js';
import { fail, show } from '../errors.js';
import type { Trainer } from '../training/trainer.js';
import type { Head } from './head.js';

/** Where rows are written, and their values read. */
export interface Evaluator {
  /** The most rows at a time. */
  readonly chunk: number;
  /** The array for the next rows, each `stride` numbers after the one before. Ask again after every run. */
  window(): { readonly x: Floats; readonly stride: number };
  /** The values of the first `rows` rows of the window, into out[0 …]. */
  run(rows: number, out: Float64Array): void;
}

/** A network as predict sees it, and the number made of its outputs. */
export function networkEvaluator(trainer: Trainer, head: Head): Evaluator {
  const { backend, chunk } = trainer;
  const { affine, column } = head;
  return {
    chunk,
    window: () => {
      trainer.stage = 'none';
      trainer.roomToPredict(chunk);
      return { x: backend.x, stride: backend.xStride };
    },
    run: (rows, out) => {
      backend.forward(0, rows, false);
      const { outputs, outputStride } = backend;
      if (affine === undefined) for (let i = 0; i < rows; i++) out[i] = head.value(outputs, i * outputStride);
      else for (let i = 0, at = column; i < rows; i++, at += outputStride) out[i] = outputs[at]! * affine.scale + affine.shift;
    },
  };
}

/** Rows for a function at a time. */
const functionRows = 1024;

/** A function of rows: a Matrix in; a number per row or rows of outputs back. Its answers are checked, those of made-up rows too. */
export function functionEvaluator(f: (X: Matrix) => unknown, inputs: number, output: number): Evaluator {
  let x = floats(functionRows * inputs, 'explain');
  return {
    chunk: functionRows,
    window: () => ({ x, stride: inputs }),
    run: (rows, out) => {
      const given = x.subarray(0, rows * inputs);
      x = floats(functionRows * inputs, 'explain'); // the function may keep what it was given
      const answer = f(new Matrix(given, rows, inputs));
      if (typeof (answer as { then?: unknown } | undefined)?.then === 'function')
        fail('ERR_TYPE', 'model: the function returned a promise; explanations need a function that answers at once.');
      const { data, shape } = float64Targets(answer as MatrixLike, { name: "the function's answer" });
      if (shape[0] !== rows)
        fail(
          'ERR_SHAPE',
          `the function's answer has ${shape[0]} rows, but it was given ${rows}. Return one row, or one number, for each.`,
        );
      if (output >= shape[1])
        fail('ERR_SHAPE', `output: expected 0 to ${shape[1] - 1}, as the function answers, got ${show(output)}.`);
      for (let i = 0; i < rows; i++) out[i] = data[i * shape[1] + output]!;
    },
  };
}

/** The values of rows as they are. */
export function valuesOf(evaluator: Evaluator, data: Floats, rows: number, inputs: number): Float64Array {
  const values = new Float64Array(rows);
  const out = new Float64Array(evaluator.chunk);
  for (let first = 0; first < rows; first += evaluator.chunk) {
    const n = Math.min(evaluator.chunk, rows - first);
    const { x, stride } = evaluator.window();
    for (let i = 0; i < n; i++) for (let j = 0, from = (first + i) * inputs; j < inputs; j++) x[i * stride + j] = data[from + j]!;
    evaluator.run(n, out);
    values.set(out.subarray(0, n), first);
  }
  return values;
}

/**
 * Made-up rows, many at a time: each is written into the window, and its value added to a sum, or kept, once the window is full. `flush`
 * settles what is left.
 */
export class RowQueue {
  private rows = 0;
  private x: Floats;
  private stride: number;
  private readonly out: Float64Array;
  private readonly sums: Float64Array[] = [];
  private readonly places: Int32Array;

  constructor(private readonly evaluator: Evaluator) {
    this.out = new Float64Array(evaluator.chunk);
    this.places = new Int32Array(evaluator.chunk);
    ({ x: this.x, stride: this.stride } = evaluator.window());
  }

  /** The row whose inputs are those of `known` where `from` says 1, of `unknown` elsewhere; its value is added to sums[place]. */
  add(
    inputs: number,
    known: Floats,
    knownAt: number,
    unknown: Floats,
    unknownAt: number,
    from: Uint8Array,
    sums: Float64Array,
    place: number,
  ): void {
    const { x, rows } = this;
    const at = rows * this.stride;
    for (let j = 0; j < inputs; j++) x[at + j] = from[j] === 1 ? known[knownAt + j]! : unknown[unknownAt + j]!;
    this.sums[rows] = sums;
    this.places[rows] = place;
    this.rows = rows + 1;
    if (this.rows === this.evaluator.chunk) this.flush();
  }

  flush(): void {
    const { rows, out, sums, places } = this;
    if (rows === 0) return;
    this.evaluator.run(rows, out);
    for (let i = 0; i < rows; i++) sums[i]![places[i]!]! += out[i]!;
    this.rows = 0;
    ({ x: this.x, stride: this.stride } = this.evaluator.window());
  }
}

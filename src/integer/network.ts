// An integer network at work: rows in, rows out, through the stages one after the other, dense ones by the kernel where it runs. Knows nothing of
// what its columns mean. It has the face of the network of src/predict, so that one predictor serves both.

import { fail } from '../errors.js';
import { addRows, affineRows, bendRows, normRows, type Rows } from './curves.js';
import { Kernel, type IntegerBuild } from './kernel.js';
import { denseRows } from './product.js';
import { widthOf, type Curve, type DenseStage, type IntegerLayers, type Stage } from './stages.js';

/** Numbers of a window at most in its widest rows. */
const WINDOW_FLOATS = 2 ** 18;

const none: Float32Array = new Float32Array(0);

/** Where the rows between two stages are. */
interface Place extends Rows {
  readonly width: number;
  readonly stride: number;
  data: Float32Array;
  /** Address in the kernel's memory. */
  at: number;
}

type Step = (rows: number) => void;

export class IntegerNetwork {
  readonly inputs: number;
  readonly outputs: number;
  /** What is subtracted from every row in float64 before it is rounded. */
  readonly center: Float64Array | undefined;
  /** The window: row r begins at r * xStride, and its outputs at r * yStride. Refreshed by reserve. */
  x = none;
  y = none;
  readonly xStride: number;
  readonly yStride: number;
  /** What computes the dense stages. */
  readonly build: IntegerBuild;
  private rows = 0;
  private readonly kernel: Kernel | undefined;
  private readonly places: Place[] = [];
  private readonly steps: Step[] = [];
  private readonly dense: { readonly stage: DenseStage; readonly record: number }[] = [];
  private readonly widest: number;
  private readonly last: Place;
  /** What the last step begins with, and its curve. */
  private end: { readonly curve: Curve; readonly from: Place; readonly to: Place } | undefined;

  /** `build`: what is to compute dense stages; by default the fastest that runs here. @throws ERR_MEMORY, ERR_UNSUPPORTED. */
  constructor({ inputs, outputs, center, stages }: IntegerLayers, build?: IntegerBuild) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.center = center;
    this.kernel = build === 'javascript' ? undefined : Kernel.start(build);
    if (this.kernel === undefined && (build === 'simd' || build === 'relaxed'))
      fail('ERR_UNSUPPORTED', `build: "${build}" does not run here: the engine lacks it, or nothing may be compiled.`);
    this.build = this.kernel?.build ?? 'javascript';
    const first = this.place(inputs);
    this.last = this.guarded(() => this.lay(stages, first));
    this.xStride = first.stride;
    this.yStride = this.last.stride;
    this.widest = Math.max(...this.places.map(({ stride }) => stride));
  }

  private place(width: number): Place {
    const place = { width, stride: (width + 15) & ~15, data: none, at: 0 };
    this.places.push(place);
    return place;
  }

  private lay(stages: readonly Stage[], from: Place): Place {
    return stages.reduce((now, stage) => this.one(stage, now), from);
  }

  private one(stage: Stage, from: Place): Place {
    if (stage.kind === 'dense') return this.product(stage, from);
    if (stage.kind === 'residual') {
      const { stages, projection, outputs } = stage;
      const own = this.lay(stages, from);
      const skip = projection === undefined ? from : this.product(projection, from);
      const to = this.place(outputs);
      return this.step(to, (rows) => addRows(to, own, skip, outputs, rows));
    }
    const to = this.place(widthOf(stage));
    switch (stage.kind) {
      case 'affine':
        return this.step(to, (rows) => affineRows(stage, to, from, rows));
      case 'layerNorm':
        return this.step(to, (rows) => normRows(stage, to, from, rows));
      case 'activation':
        return this.bent(stage.curve, to, from);
    }
  }

  private product(stage: DenseStage, from: Place): Place {
    const { kernel } = this;
    const { curve, outputs } = stage;
    const to = this.place(outputs);
    if (kernel === undefined) {
      const steps = new Int32Array(stage.inputs);
      this.step(to, (rows) => denseRows(stage, to, from, rows, steps));
    } else {
      const record = kernel.lay(stage, kernel.widens(stage));
      this.dense.push({ stage, record });
      this.step(to, (rows) => kernel.dense(record, from.at, from.stride, to.at, to.stride, rows));
    }
    const done = curve.form === 'none' || curve.form === 'bend' || curve.form === 'table';
    return done ? to : this.bent(curve, this.place(outputs), to);
  }

  private bent(curve: Curve, to: Place, from: Place): Place {
    this.step(to, (rows) => bendRows(curve, to, from, to.width, rows));
    this.end = { curve, from, to };
    return to;
  }

  private step(to: Place, step: Step): Place {
    this.steps.push(step);
    this.end = undefined;
    return to;
  }

  /** How many rows go through at a time. */
  window(rows: number): number {
    return Math.max(1, Math.min(rows, Math.floor(WINDOW_FLOATS / this.widest)));
  }

  /** Makes room for that many rows at once. @throws ERR_MEMORY. */
  reserve(rows: number): void {
    if (rows <= this.rows) return;
    const { kernel, places, dense } = this;
    this.guarded(() => {
      const sizes = places.map(({ stride }) => 4 * stride * rows);
      const at = kernel?.rooms([...sizes, Math.max(0, ...dense.map(({ stage }) => kernel!.stepBytes(stage))) * rows]);
      places.forEach((place, i) => {
        place.at = at?.[i] ?? 0;
        place.data =
          kernel === undefined
            ? new Float32Array(place.stride * rows)
            : new Float32Array(kernel.buffer, place.at, place.stride * rows);
      });
      for (const { record } of dense) kernel!.setSteps(record, at![places.length]!);
    });
    this.rows = rows;
    this.x = places[0]!.data;
    this.y = this.last.data;
  }

  private guarded<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      if ((error as Error).name !== 'RangeError') throw error;
      return fail('ERR_MEMORY', 'Memory could not grow to hold this network and its rows. Predict fewer rows at a time.');
    }
  }

  /** Takes all rows of x at once where they need no more than a copy and are finite; else does nothing. */
  take(x: Float32Array | Float64Array, rows: number): boolean {
    const { inputs, kernel, places, xStride } = this;
    const whole = x.length === rows * inputs && (rows === 1 || inputs === xStride);
    if (!whole || kernel === undefined || this.center !== undefined || x.BYTES_PER_ELEMENT !== 4) return false;
    this.x.set(x);
    return kernel.finite(places[0]!.at, rows * xStride);
  }

  /** Gives all rows of the answers at once where they need no more than a copy; else does nothing. */
  give(out: Float32Array | Float64Array, rows: number): boolean {
    const { y, outputs } = this;
    if (out.length !== y.length || y.length !== rows * outputs || out.BYTES_PER_ELEMENT !== 4) return false;
    out.set(y);
    return true;
  }

  /** The first rows of x through the network, into y. */
  forward(rows: number): void {
    for (const step of this.steps) step(rows);
  }

  /** After forward, of a network that ends in a sigmoid: y = sigmoid(-z), which float32 tells from 0 for longer than 1 - sigmoid(z). */
  forwardNegated(rows: number): void {
    const { end, y } = this;
    if (end?.curve.form === 'sigmoid') bendRows(end.curve, end.to, end.from, this.outputs, rows, -1);
    else for (let k = 0; k < rows * this.yStride; k++) y[k] = 1 - y[k]!;
  }
}

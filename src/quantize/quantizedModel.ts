// The public face of a model of whole numbers: a predictor whose network has them, and what making them cost.

import { SavedState } from '../data/columns.js';
import { fail } from '../errors.js';
import type { IntegerBuild } from '../integer/kernel.js';
import { integerLayers, isInteger } from '../integer/layers.js';
import { IntegerNetwork } from '../integer/network.js';
import type { IntegerLayers } from '../integer/stages.js';
import { choice, readOptions, type Schema } from '../options.js';
import type { Prediction } from '../predict/answering.js';
import { openModelFile, type ModelFile } from '../predict/container.js';
import { dates } from '../predict/parts/dates.js';
import { noGradients } from '../predict/parts/integers.js';
import { intervals } from '../predict/parts/intervals.js';
import { Predictor } from '../predict/predictor.js';
import { surroundings } from '../predict/surroundings.js';
import type { QuantizationReport } from './report.js';

/** Options of QuantizedModel.load. */
export interface LoadQuantizedOptions {
  /**
   * What computes the dense layers: the relaxed dot product of WebAssembly, its plain SIMD, or JavaScript (default: the first of these that
   * runs here). All give the same bits; the choice is there to compare them.
   */
  readonly build?: IntegerBuild;
}

/** What of a predictor such a file may need. */
export const parts = { dates, intervals, gradients: noGradients };

const loadRows = { build: choice(['relaxed', 'simd', 'javascript']) } satisfies Schema<LoadQuantizedOptions>;

/**
 * A model whose weights are 8-bit and whose activations are 7-bit whole numbers, made by quantize: predicts as the model or estimator that it was
 * made of, with the same bits on every engine, and does not train.
 * @example
 * const small = quantize(model, X);
 * const again = QuantizedModel.load(small.save());
 * again.predict(X).shape;  // [40, 1]
 */
export class QuantizedModel<Answer extends Prediction = Prediction> extends Predictor<Answer> {
  /** What whole numbers cost, on the rows given to quantize. */
  readonly report: QuantizationReport;
  /** What computes the dense layers here. */
  readonly build: IntegerBuild;
  /** @internal */
  readonly layers: IntegerLayers;
  /** @internal */
  readonly file: ModelFile;
  private readonly bytes: Uint8Array<ArrayBuffer>;

  /** @internal */
  constructor(bytes: Uint8Array<ArrayBuffer>, build?: IntegerBuild) {
    const file = openModelFile(bytes);
    const model = new SavedState(file.section('model'), 'model', true);
    if (!isInteger(model))
      fail(
        'ERR_FORMAT',
        'QuantizedModel.load: this file holds a model of float32 weights. Use MLP.load or loadEstimator, then quantize.',
      );
    const layers = integerLayers(model, file);
    const network = new IntegerNetwork(layers, build);
    super({ ...surroundings(file, layers, parts), network });
    this.build = network.build;
    this.layers = layers;
    this.file = file;
    this.bytes = bytes;
    this.report = { ...(file.section('quantized') as QuantizationReport), bytesAfter: bytes.length };
  }

  /**
   * The model of whole numbers that save() wrote.
   * @throws ERR_FORMAT for anything but a whole, unchanged file of one; ERR_UNSUPPORTED for one of a later version; ERR_NONFINITE; ERR_MEMORY;
   * ERR_TYPE; ERR_OPTION.
   */
  static load<Answer extends Prediction = Prediction>(
    bytes: Uint8Array | ArrayBuffer,
    options: LoadQuantizedOptions = {},
  ): QuantizedModel<Answer> {
    const { build } = readOptions(loadRows, options, 'load', 'load.');
    if (!ArrayBuffer.isView(bytes)) return new QuantizedModel(new Uint8Array(bytes).slice(), build);
    return new QuantizedModel(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice(), build);
  }

  /** Size of the file in bytes, about a fourth of that of float32 weights. */
  get byteLength(): number {
    return this.bytes.length;
  }

  /** The bytes of a model file (.ff), which loadPredictor and QuantizedModel.load read. */
  save(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice();
  }
}

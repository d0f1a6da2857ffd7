// A model file with its weights in half precision: half the size, whatever the file holds beside them.

import { fail } from '../errors.js';
import { readContainer, seal } from './container.js';
import { toFloat16 } from './float16.js';
import { asBytes, readSafetensors, writeSafetensors, type TensorInput } from './safetensors.js';

/**
 * The file of a model or an estimator with the matrices of its weights as float16, rounded to the nearest (ties to even): about half as large.
 * Biases, norms, slopes and statistics stay as they are. MLP.load, loadEstimator and loadPredictor read it; what is loaded computes in float32.
 * @throws ERR_RANGE for a weight of 65,520 or more in size, which float16 cannot hold; ERR_STATE for a file with the optimizer's state, whose
 * training could not go on to the same bits; ERR_UNSUPPORTED for a file of whole numbers; ERR_FORMAT, ERR_TYPE.
 * @example
 * const model = new MLP({ inputs: 64, layers: [dense(64, { activation: 'relu' }), dense(1)] });
 * const half = inFloat16(model.save());
 * MLP.load(half).predict([new Array(64).fill(1)]).shape;  // [1, 1]
 * half.length < 0.6 * model.save().length;  // true
 */
export function inFloat16(file: Uint8Array | ArrayBuffer): Uint8Array<ArrayBuffer> {
  const bytes = asBytes(file, 'inFloat16');
  const { section } = readContainer(bytes);
  if (section('training') !== undefined)
    fail(
      'ERR_STATE',
      'inFloat16: this file holds a training that is to go on to the same bits, which rounded weights would not. Save without optimizer: true.',
    );
  const model = section('model');
  if (typeof model === 'object' && model !== null && 'integers' in model)
    fail('ERR_UNSUPPORTED', 'inFloat16: this file holds whole numbers of 8 bits (quantize), which are smaller already.');
  const { tensors, metadata } = readSafetensors(bytes);
  const halved = new Map<string, TensorInput>();
  for (const [name, { dtype, shape, data }] of tensors)
    halved.set(
      name,
      shape.length === 2 && (dtype === 'F32' || dtype === 'F64')
        ? { dtype: 'F16', shape, data: halves(data as Float32Array | Float64Array, name) }
        : { dtype, shape, data },
    );
  metadata.set('checksum', 'crc32:00000000');
  const written = writeSafetensors(halved, metadata);
  seal(written);
  return written;
}

function halves(values: Float32Array | Float64Array, name: string): Uint16Array {
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    bits[i] = toFloat16(values[i]!);
    if ((bits[i]! & 0x7c00) === 0x7c00 && Number.isFinite(values[i]!))
      fail(
        'ERR_RANGE',
        `inFloat16: ${name}[${i}] is ${values[i]}, beyond the largest float16 (65504). Keep this model in float32.`,
        {
          name,
          index: i,
        },
      );
  }
  return bits;
}

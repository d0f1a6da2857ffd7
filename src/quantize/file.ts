// Writing a model file of whole numbers: the layout that src/integer/layers.ts reads, and beside it the sections of the file of the model it was
// made of (encoder, scaler, labels).

import { seal, VERSION } from '../formats/container.js';
import { writeJson } from '../formats/json.js';
import { writeSafetensors, type TensorInput } from '../formats/safetensors.js';
import { version as library } from '../formats/version.js';
import { INTEGERS } from '../integer/layers.js';
import type { Curve, DenseStage, IntegerLayers, Stage } from '../integer/stages.js';

/** The bytes of the file. */
export function encodeIntegers(layers: IntegerLayers, sections: Readonly<Record<string, unknown>>): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  const model = {
    integers: INTEGERS,
    inputs: layers.inputs,
    layers: writer.sequence(layers.stages, 'layers'),
    ...(layers.center === undefined ? {} : { center: true }),
  };
  if (layers.center !== undefined) writer.put('center', layers.center);
  const metadata = new Map<string, string>([
    ['format', 'feedforward'],
    ['version', String(VERSION)],
    ['checksum', 'crc32:00000000'],
    ['library', library],
    ['model', writeJson(model, 'model')],
  ]);
  for (const [name, value] of Object.entries(sections)) metadata.set(name, writeJson(value, name));
  const file = writeSafetensors(writer.tensors, metadata);
  seal(file);
  return file;
}

class Writer {
  readonly tensors = new Map<string, TensorInput>();
  private readonly tables: Float32Array[] = [];

  put(name: string, data: Int8Array | Float32Array | Float64Array, shape: readonly number[] = [data.length]): void {
    this.tensors.set(name, { shape, data });
  }

  sequence(stages: readonly Stage[], path: string): object[] {
    return stages.map((stage, i) => this.stage(stage, `${path}.${i}`));
  }

  private stage(stage: Stage, path: string): object {
    switch (stage.kind) {
      case 'dense':
        return this.dense(stage, path);
      case 'activation':
        return { type: 'activation', curve: this.curve(stage.curve, path) };
      case 'affine':
        for (const name of ['center', 'factor', 'shift'] as const) this.put(`${path}.${name}`, stage[name]);
        return { type: 'affine' };
      case 'layerNorm':
        for (const name of ['gamma', 'beta'] as const) this.put(`${path}.${name}`, stage[name]);
        return { type: 'layerNorm', epsilon: stage.epsilon };
      case 'residual':
        return {
          type: 'residual',
          layers: this.sequence(stage.stages, `${path}.layers`),
          ...(stage.projection === undefined ? {} : { projection: this.dense(stage.projection, `${path}.projection`) }),
        };
    }
  }

  private dense(stage: DenseStage, path: string): object {
    const { inputs, outputs, digits, integers, curve } = stage;
    this.put(`${path}.integers`, integers, [outputs, inputs]);
    for (const name of ['scale', 'bias', 'low', 'inverse'] as const) this.put(`${path}.${name}`, stage[name]);
    return { type: 'dense', units: outputs, digits, curve: this.curve(curve, path) };
  }

  private curve(curve: Curve, path: string): object {
    const { form } = curve;
    if (form === 'bend') {
      this.put(`${path}.slopes`, curve.slopes);
      return { form, shared: curve.slopes.length === 1 };
    }
    if (form !== 'table') return { form };
    let table = this.tables.indexOf(curve.table);
    if (table < 0) {
      table = this.tables.push(curve.table) - 1;
      this.put(`tables.${table}`, curve.table);
    }
    return { form, table };
  }
}

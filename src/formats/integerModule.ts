// A model of whole numbers as an ES module: its int8 weights as base64, the code of src/integer/product.ts, no imports.

import { mostOf } from '../integer/product.js';
import { functionsText, integerCode, introduction, base64, neededText, type IntegerSource } from './integerCode.js';
import { functionsDeclared } from './moduleText.js';

/** @throws ERR_UNSUPPORTED for what stands around the network and cannot be exported, by its name. */
export function integerModule(model: IntegerSource): { code: string; declaration: string } {
  const code = integerCode(model, 'exportModule');
  const floats: Float32Array[] = [];
  let end = code.floats.length;
  const put = (values: Float32Array) => {
    floats.push(values);
    end += values.length;
    return end - values.length;
  };
  let integers = 0;
  const tables = new Map<Float32Array, number>();
  const layers = code.dense.map((stage) => {
    const { inputs, outputs, digits, scale, bias, low, inverse, curve } = stage;
    const layer = {
      ...{ inputs, outputs, most: mostOf(digits), at: integers },
      ...{ scale: put(scale), bias: put(bias), low: put(low), inverse: put(inverse) },
      ...(curve.form === 'bend' ? { slopes: put(curve.slopes), shared: curve.slopes.length === 1 } : {}),
      ...(curve.form === 'table' ? { table: tables.get(curve.table) ?? put(curve.table) } : {}),
    };
    if (curve.form === 'table') tables.set(curve.table, layer.table!);
    integers += stage.integers.length;
    return layer;
  });
  const weights = new Int8Array(integers);
  code.dense.forEach((stage, k) => {
    weights.set(stage.integers, layers[k]!.at);
  });
  const needed = tables.size > 0 ? new Set([...code.needed, 'tabled' as const]) : code.needed;
  const text = [
    ...introduction(model, code),
    ...functionsText(code, model.layers.outputs),
    '',
    `const layers = ${JSON.stringify(layers)};`,
    dense,
    ...neededText({ ...code, needed }, floats),
    `const weights = new Int8Array(decode(${JSON.stringify(base64(weights))}));`,
    '',
  ];
  const declared = [...introduction(model, code, true), ...functionsDeclared(code, 'export declare function ', false), ''];
  return { code: text.join('\n'), declaration: declared.join('\n') };
}

const dense = `
/** Sums of whole numbers: exact, so the same on every engine. */
function dense(k, x) {
  const { inputs, outputs, most, at, scale, bias, low, inverse, slopes, shared, table } = layers[k];
  const steps = new Int32Array(inputs);
  for (let i = 0; i < inputs; i++) {
    const t = Math.fround(Math.fround(x[i] - floats[low + i]) * floats[inverse + i]);
    steps[i] = !(t > 0) ? 0 : t >= most ? most : Math.fround(t + 8388608) - 8388608;
  }
  const y = new Float32Array(outputs);
  for (let j = 0; j < outputs; j++) {
    let sum = 0;
    for (let i = 0, w = at + j * inputs; i < inputs; i++, w++) sum += weights[w] * steps[i];
    y[j] = sum * floats[scale + j] + floats[bias + j];
    const z = y[j];
    if (slopes !== undefined && z < 0) y[j] = z * floats[shared ? slopes : slopes + j];
    if (table !== undefined) y[j] = tabled(table, z);
  }
  return y;
}`;

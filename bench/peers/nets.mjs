// The nets, their seeded data and initial weights, and the two files every engine reads them from. A net is named by its
// spec "784-128-10:relu:softmax" (widths, hidden activation, output). Softmax nets train on sparse cross-entropy,
// identity nets on mean squared error.

import { readFileSync, writeFileSync } from 'node:fs';

export const NETS = [
  '2-16-16-1:tanh:identity',
  '10-64-64-1:relu:identity',
  '784-128-10:relu:softmax',
  '784-512-512-10:relu:softmax',
];
export const ROWS = 1024; // batches are consecutive rows of these, round and round
export const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

export function parse(spec) {
  const [name, activation, output] = spec.split(':');
  const widths = name.split('-').map(Number);
  return { spec, name, widths, activation, output, inputs: widths[0], outputs: widths.at(-1) };
}

/** Writes `${name}.f32`: | W0 [in][out] | b0 | W1 | ... | X [ROWS][in] | Y [ROWS][1] |, and square.f32 for the products. */
export function writeData(folder) {
  for (const spec of NETS) {
    const net = parse(spec);
    const uniform = generator(1);
    const parameters = [];
    for (let l = 0; l + 1 < net.widths.length; l++) {
      const [inputs, outputs] = net.widths.slice(l, l + 2);
      const bound = Math.sqrt(6 / (inputs + outputs));
      for (let i = 0; i < inputs * outputs; i++) parameters.push(bound * uniform());
      for (let i = 0; i < outputs; i++) parameters.push(0.1 * uniform());
    }
    const x = Float32Array.from({ length: ROWS * net.inputs }, uniform);
    const y = Float32Array.from({ length: ROWS }, () =>
      net.output === 'softmax' ? Math.floor(((uniform() + 1) / 2) * net.outputs) : uniform(),
    );
    writeFileSync(`${folder}/${net.name}.f32`, concat([Float32Array.from(parameters), x, y]));
  }
  const uniform = generator(2);
  writeFileSync(`${folder}/square.f32`, concat([Float32Array.from({ length: 2 * 512 * 512 }, uniform)]));
}

/** Writes mnist.f32: | X [60000][784], 0 to 1 | labels [60000] | in one shuffled order. */
export function writeMnist(folder, { XTrain: { data: images }, yTrain: { data: labels } }) {
  const count = labels.length;
  const uniform = generator(3);
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(((uniform() + 1) / 2) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  const x = new Float32Array(count * 784);
  const y = new Float32Array(count);
  order.forEach((from, to) => {
    x.set(images.subarray(from * 784, (from + 1) * 784), to * 784);
    y[to] = labels[from];
  });
  writeFileSync(`${folder}/mnist.f32`, concat([x, y]));
}

/** { x, y } of MNIST. */
export function readMnist(folder) {
  const all = floats(`${folder}/mnist.f32`);
  const count = all.length / 785;
  return { x: all.subarray(0, count * 784), y: all.subarray(count * 784) };
}

/** { layers: [{ weight, bias, inputs, outputs }], x, y } of a parsed net. */
export function readData(folder, net) {
  const all = floats(`${folder}/${net.name}.f32`);
  let at = 0;
  const take = (length) => {
    at += length;
    return all.subarray(at - length, at);
  };
  const layers = net.widths.slice(1).map((outputs, l) => {
    const inputs = net.widths[l];
    return { inputs, outputs, weight: take(inputs * outputs), bias: take(outputs) };
  });
  return { layers, x: take(ROWS * net.inputs), y: take(ROWS) };
}

/** Two 512 x 512 matrices. */
export function readSquares(folder) {
  const all = floats(`${folder}/square.f32`);
  return [all.subarray(0, 512 * 512), all.subarray(512 * 512)];
}

/** Consecutive batches: [{ x, y, rows }]. */
export function batches(net, { x, y }, rows) {
  return Array.from({ length: y.length / rows }, (_, i) => ({
    rows,
    x: x.slice(i * rows * net.inputs, (i + 1) * rows * net.inputs),
    y: y.slice(i * rows, (i + 1) * rows),
  }));
}

function floats(path) {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function concat(parts) {
  return Buffer.concat(parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength)));
}

/** Uniform in [-1, 1): mulberry32. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2147483648 - 1;
  };
}

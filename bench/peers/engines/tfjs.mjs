// TensorFlow.js, variants wasm and cpu. Core operations and optimizer.minimize: less overhead per step than a layers model
// and its trainOnBatch. Fused matMul + bias + activation forward; batches are tensors prepared beforehand.

import * as tf from '@tensorflow/tfjs';
import { ADAM } from '../nets.mjs';

export async function open(variant) {
  if (variant === 'wasm') await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend(variant);
  await tf.ready();
  return { version: `${tf.version.tfjs}, ${tf.getBackend()}`, train, forward, predict, product };
}

const dense = (x, { weight, bias }, activation) =>
  tf.fused.matMul({ a: x, b: weight, bias, activation: activation === 'relu' ? 'relu' : 'linear' });

function logits(net, layers, x) {
  layers.forEach((layer, l) => {
    const last = l === layers.length - 1;
    x = dense(x, layer, last ? 'linear' : net.activation);
    if (!last && net.activation === 'tanh') x = tf.tanh(x);
  });
  return x;
}

const output = (net, layers, x) => (net.output === 'softmax' ? tf.softmax(logits(net, layers, x)) : logits(net, layers, x));

const tensors = (data, make = (t) => t) =>
  data.layers.map(({ weight, bias, inputs, outputs }) => ({
    weight: make(tf.tensor2d(weight, [inputs, outputs])),
    bias: make(tf.tensor1d(bias)),
  }));

function train(net, data, batches) {
  const layers = tensors(data, (t) => tf.variable(t));
  const variables = layers.flatMap(({ weight, bias }) => [weight, bias]);
  const optimizer = tf.train.adam(ADAM.learningRate, ADAM.beta1, ADAM.beta2, ADAM.epsilon);
  const prepared = batches.map(({ x, y, rows }) => ({
    x: tf.tensor2d(x, [rows, net.inputs]),
    y:
      net.output === 'softmax'
        ? tf.oneHot(tf.tensor1d(Int32Array.from(y), 'int32'), net.outputs).toFloat()
        : tf.tensor2d(y, [rows, 1]),
  }));
  let t = 0;
  let loss = null;
  return {
    step() {
      const { x, y } = prepared[t++ % prepared.length];
      loss?.dispose();
      const cost = () => {
        const z = logits(net, layers, x);
        return net.output === 'softmax' ? tf.losses.softmaxCrossEntropy(y, z) : tf.mean(tf.squaredDifference(z, y));
      };
      loss = tf.tidy(() => optimizer.minimize(cost, true, variables));
    },
    loss: () => loss.dataSync()[0],
    predictions: () => tf.tidy(() => output(net, layers, prepared[0].x).dataSync()),
    dispose() {
      tf.dispose([loss, variables, prepared]);
      optimizer.dispose();
    },
  };
}

function forward(net, data, batch) {
  const layers = tensors(data);
  const x = tf.tensor2d(batch.x, [batch.rows, net.inputs]);
  return () => tf.tidy(() => output(net, layers, x).dataSync());
}

function predict(net, data) {
  const layers = tensors(data);
  return (row) => tf.tidy(() => output(net, layers, tf.tensor2d(row, [1, net.inputs])).dataSync());
}

function product(n, a, b) {
  const [left, right] = [a, b].map((m) => tf.tensor2d(m, [n, n]));
  return () => {
    const y = tf.matMul(left, right);
    const values = y.dataSync();
    y.dispose();
    return values;
  };
}

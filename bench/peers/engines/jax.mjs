// jax-js on its WebAssembly device: the whole step, gradients and Adam included, is one jitted function, as in JAX. Its
// package has no optimizers, so Adam is written out. Arrays are reference-counted: .ref keeps one that is used again.

import { init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax';
import { readFileSync } from 'node:fs';
import { ADAM } from '../nets.mjs';

export async function open() {
  await init('wasm');
  const { version } = JSON.parse(readFileSync(new URL('../node_modules/@jax-js/jax/package.json', import.meta.url)));
  return { version: `${version}, wasm`, train, forward, predict, product };
}

const matrix = (values, rows, columns) => np.array(values.slice()).reshape([rows, columns]);
const arrays = (data) =>
  data.layers.map(({ weight, bias, inputs, outputs }) => ({
    weight: matrix(weight, inputs, outputs),
    bias: np.array(bias.slice()),
  }));

function logits(net, layers, x) {
  layers.forEach(({ weight, bias }, l) => {
    x = np.matmul(x, weight).add(bias);
    if (l < layers.length - 1) x = net.activation === 'tanh' ? np.tanh(x) : nn.relu(x);
  });
  return x;
}

const outputs = new Map();
const steps = new Map();
const memo = (map, net, make) => map.get(net.spec) ?? map.set(net.spec, make()).get(net.spec);

const outputOf = (net) =>
  memo(outputs, net, () =>
    jit((layers, x) => (net.output === 'softmax' ? nn.softmax(logits(net, layers, x)) : logits(net, layers, x))),
  );

const stepOf = (net) =>
  memo(steps, net, () => {
    const cost = (layers, x, y) => {
      const z = logits(net, layers, x);
      return net.output === 'softmax' ? np.mean(np.sum(nn.logSoftmax(z).mul(y), -1)).mul(-1) : np.mean(np.square(z.sub(y)));
    };
    const gradient = valueAndGrad(cost);
    const { learningRate, beta1, beta2, epsilon } = ADAM;
    return jit((layers, m, v, x, y, c1, c2) => {
      const [loss, g] = gradient(tree.ref(layers), x, y);
      m = tree.map((m, g) => m.mul(beta1).add(g.mul(1 - beta1)), m, tree.ref(g));
      v = tree.map((v, g) => v.mul(beta2).add(np.square(g).mul(1 - beta2)), v, g);
      const change = (p, m, v) => p.sub(m.mul(c1.ref.mul(learningRate)).div(np.sqrt(v.mul(c2.ref)).add(epsilon)));
      const next = tree.map(change, layers, tree.ref(m), tree.ref(v));
      c1.dispose();
      c2.dispose();
      return [next, m, v, loss];
    });
  });

function train(net, data, batches) {
  const step = stepOf(net);
  let layers = arrays(data);
  let [m, v] = [0, 0].map(() => tree.map((p) => np.zeros(p.shape), layers));
  const prepared = batches.map(({ x, y, rows }) => ({
    x: matrix(x, rows, net.inputs),
    y: net.output === 'softmax' ? nn.oneHot(np.array(Int32Array.from(y)), net.outputs) : matrix(y, rows, 1),
  }));
  let t = 0;
  let loss = null;
  let cost = 0;
  return {
    step() {
      const { x, y } = prepared[t++ % prepared.length];
      loss?.dispose();
      const [c1, c2] = [ADAM.beta1, ADAM.beta2].map((beta) => np.array(1 / (1 - beta ** t)));
      [layers, m, v, loss] = step(layers, m, v, x.ref, y.ref, c1, c2);
      // Work is queued until something is read, and a long queue costs more than the work: read the loss every step.
      cost = loss.ref.dataSync()[0];
    },
    loss: () => cost,
    predictions: () => outputOf(net)(tree.ref(layers), prepared[0].x.ref).dataSync(),
    dispose: () => tree.dispose([layers, m, v, loss, prepared]),
  };
}

function forward(net, data, batch) {
  const layers = arrays(data);
  const x = matrix(batch.x, batch.rows, net.inputs);
  const run = outputOf(net);
  return () => run(tree.ref(layers), x.ref).dataSync();
}

function predict(net, data) {
  const layers = arrays(data);
  const run = outputOf(net);
  return (row) => run(tree.ref(layers), matrix(row, 1, net.inputs)).dataSync();
}

function product(n, a, b) {
  const [left, right] = [a, b].map((m) => matrix(m, n, n));
  const run = jit((x, y) => np.matmul(x, y));
  return () => run(left.ref, right.ref).dataSync();
}

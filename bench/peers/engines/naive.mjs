// Plain JavaScript as one writes it the first time: Float32Arrays and triple loops in the order i-k-j. The reference of the
// checks, since nothing in it is clever.

import { ADAM } from '../nets.mjs';

export async function open() {
  return { version: 'plain loops', train, forward, predict, product };
}

function train(net, data, batches) {
  const layers = data.layers.map((layer) => ({
    ...layer,
    weight: layer.weight.slice(),
    bias: layer.bias.slice(),
    slots: [layer.weight, layer.bias].map((p) => ({
      gradient: new Float32Array(p.length),
      m: new Float32Array(p.length),
      v: new Float32Array(p.length),
    })),
  }));
  const { rows } = batches[0];
  const buffers = layers.map((l) => ({ y: new Float32Array(rows * l.outputs), dy: new Float32Array(rows * l.outputs) }));
  let t = 0;
  let loss = 0;
  return {
    step() {
      const { x, y } = batches[t % batches.length];
      t++;
      let input = x;
      layers.forEach((layer, l) => {
        dense(buffers[l].y, input, layer, rows);
        if (l < layers.length - 1) activate(buffers[l].y, net.activation);
        input = buffers[l].y;
      });
      loss = lossAndGradient(buffers.at(-1).dy, buffers.at(-1).y, y, net, rows);
      for (let l = layers.length - 1; l >= 0; l--) {
        const { dy } = buffers[l];
        if (l < layers.length - 1) deactivate(dy, buffers[l].y, net.activation);
        gradients(layers[l], l > 0 ? buffers[l - 1].y : x, dy, rows);
        if (l > 0) inputGradient(buffers[l - 1].dy, dy, layers[l], rows);
      }
      for (const layer of layers) {
        adam(layer.weight, layer.slots[0], t);
        adam(layer.bias, layer.slots[1], t);
      }
    },
    loss: () => loss,
    predictions: () => forward(net, { layers }, batches[0])(),
  };
}

function forward(net, { layers }, { x, rows }) {
  const outputs = layers.map((l) => new Float32Array(rows * l.outputs));
  return () => {
    let input = x;
    layers.forEach((layer, l) => {
      dense(outputs[l], input, layer, rows);
      if (l < layers.length - 1) activate(outputs[l], net.activation);
      input = outputs[l];
    });
    if (net.output === 'softmax') softmax(input, net.outputs, rows);
    return input;
  };
}

function predict(net, data) {
  const batch = { x: null, rows: 1 };
  const layers = data.layers;
  const outputs = layers.map((l) => new Float32Array(l.outputs));
  return (row) => {
    batch.x = row;
    let input = row;
    for (let l = 0; l < layers.length; l++) {
      dense(outputs[l], input, layers[l], 1);
      if (l < layers.length - 1) activate(outputs[l], net.activation);
      input = outputs[l];
    }
    if (net.output === 'softmax') softmax(input, net.outputs, 1);
    return input;
  };
}

function product(n, a, b) {
  const y = new Float32Array(n * n);
  const layer = { weight: b, bias: new Float32Array(n), inputs: n, outputs: n };
  return () => {
    dense(y, a, layer, n);
    return y;
  };
}

// ---- loops ----------------------------------------------------------------------------------------------------------

function dense(y, x, { weight, bias, inputs, outputs }, rows) {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < outputs; j++) y[i * outputs + j] = bias[j];
    for (let k = 0; k < inputs; k++) {
      const value = x[i * inputs + k];
      for (let j = 0; j < outputs; j++) y[i * outputs + j] += value * weight[k * outputs + j];
    }
  }
}

function activate(y, activation) {
  if (activation === 'tanh') for (let i = 0; i < y.length; i++) y[i] = Math.tanh(y[i]);
  else for (let i = 0; i < y.length; i++) if (y[i] < 0) y[i] = 0;
}

function deactivate(dy, y, activation) {
  if (activation === 'tanh') for (let i = 0; i < y.length; i++) dy[i] *= 1 - y[i] * y[i];
  else for (let i = 0; i < y.length; i++) if (y[i] <= 0) dy[i] = 0;
}

function softmax(y, outputs, rows) {
  for (let i = 0; i < rows; i++) {
    let max = -Infinity;
    for (let j = 0; j < outputs; j++) max = Math.max(max, y[i * outputs + j]);
    let sum = 0;
    for (let j = 0; j < outputs; j++) sum += y[i * outputs + j] = Math.exp(y[i * outputs + j] - max);
    for (let j = 0; j < outputs; j++) y[i * outputs + j] /= sum;
  }
}

function lossAndGradient(dy, prediction, target, net, rows) {
  let loss = 0;
  if (net.output === 'softmax') {
    softmax(prediction, net.outputs, rows);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < net.outputs; j++) {
        const p = prediction[i * net.outputs + j];
        const hit = target[i] === j;
        if (hit) loss -= Math.log(p);
        dy[i * net.outputs + j] = (p - (hit ? 1 : 0)) / rows;
      }
    }
  } else {
    for (let i = 0; i < rows; i++) {
      const error = prediction[i] - target[i];
      loss += error * error;
      dy[i] = (2 * error) / rows;
    }
  }
  return loss / rows;
}

function gradients({ inputs, outputs, slots }, x, dy, rows) {
  const [dw, db] = slots.map((slot) => slot.gradient.fill(0));
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inputs; k++) {
      const value = x[i * inputs + k];
      for (let j = 0; j < outputs; j++) dw[k * outputs + j] += value * dy[i * outputs + j];
    }
    for (let j = 0; j < outputs; j++) db[j] += dy[i * outputs + j];
  }
}

function inputGradient(dx, dy, { weight, inputs, outputs }, rows) {
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inputs; k++) {
      let sum = 0;
      for (let j = 0; j < outputs; j++) sum += dy[i * outputs + j] * weight[k * outputs + j];
      dx[i * inputs + k] = sum;
    }
  }
}

function adam(parameter, { gradient, m, v }, t) {
  const { learningRate, beta1, beta2, epsilon } = ADAM;
  const rate = learningRate / (1 - beta1 ** t);
  const correction = 1 / (1 - beta2 ** t);
  for (let i = 0; i < parameter.length; i++) {
    const g = gradient[i];
    m[i] = beta1 * m[i] + (1 - beta1) * g;
    v[i] = beta2 * v[i] + (1 - beta2) * g * g;
    parameter[i] -= (rate * m[i]) / (Math.sqrt(v[i] * correction) + epsilon);
  }
}

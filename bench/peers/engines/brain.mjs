// brain.js: one activation for every layer, the output too, and training row by row with a rule of its own. So only its
// one-row predict is comparable, on nets without softmax; the runner applies the hidden activation to the reference.

import brain from 'brain.js';
import { readFileSync } from 'node:fs';

export async function open() {
  const { version } = JSON.parse(readFileSync(new URL('../node_modules/brain.js/package.json', import.meta.url)));
  return { version, predict };
}

function predict(net, data) {
  if (net.output === 'softmax') throw Object.assign(new Error('brain.js has no softmax'), { unsupported: true });
  const network = new brain.NeuralNetwork({
    inputSize: net.inputs,
    hiddenLayers: net.widths.slice(1, -1),
    outputSize: net.outputs,
    activation: net.activation,
  });
  network.sizes = net.widths;
  network.initialize();
  data.layers.forEach(({ weight, bias, inputs, outputs }, l) => {
    for (let j = 0; j < outputs; j++) {
      network.biases[l + 1][j] = bias[j];
      for (let k = 0; k < inputs; k++) network.weights[l + 1][j][k] = weight[k * outputs + j];
    }
  });
  return (row) => network.run(row);
}

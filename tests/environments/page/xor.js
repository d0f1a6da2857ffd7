// The program of learnXor.js with the package under its names, as users import it.

import { MLP, MLPClassifier, adam, dense, parseCsv } from 'feedforward';
import { exportOnnx } from 'feedforward/onnx';
import { WorkerMLP } from 'feedforward/worker';
import { learnXor } from './learnXor.js';

export async function run() {
  const { model, xor, same, offThread, labels } = await learnXor({ MLP, MLPClassifier, WorkerMLP, adam, dense, parseCsv });
  const worker = offThread ? 'off the main thread' : 'on the main thread';
  return { xor, worker, same, labels, onnx: exportOnnx(model).length > 100 };
}

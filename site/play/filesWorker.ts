// A second worker, loaded when somebody wants a file: writers of formats that the playground itself does not need.

import { MLP, quantize } from 'feedforward';
import { exportOnnx } from 'feedforward/onnx';
import { exportModule } from 'feedforward/standalone';
import type { FileOrder, MadeFile } from './messages';

function make({ kind, model: bytes, rows, names }: FileOrder): MadeFile {
  if (kind === 'model') return { name: 'playground.ff', bytes };
  const model = MLP.load(bytes);
  switch (kind) {
    case 'onnx':
      return { name: 'playground.onnx', bytes: exportOnnx(model, { featureNames: [...names] }) };
    case 'module':
      return { name: 'playground.mjs', bytes: new TextEncoder().encode(exportModule(model).code) as Uint8Array<ArrayBuffer> };
    case 'int8':
      return {
        name: 'playground-int8.ff',
        bytes: quantize(model, { data: rows, shape: [rows.length / names.length, names.length] }).save(),
      };
  }
}

globalThis.onmessage = ({ data }: MessageEvent<FileOrder>) => {
  let made: MadeFile;
  try {
    made = make(data);
  } catch (error) {
    made = { error: (error as Error).message };
  }
  postMessage(made);
};

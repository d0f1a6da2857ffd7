// A model file opened for prediction: the network built from it and what stands around the network. Options, names and shapes are checked
// before anything is made of them.

import { SavedState } from '../data/columns.js';
import { show } from '../errors.js';
import { damaged, openModelFile } from './container.js';
import { layersOf, refuseOthers } from './layers.js';
import { Network } from './network.js';
import { type Opened, type PredictorParts, refusePart } from './parts.js';
import { surroundings } from './surroundings.js';

/** What a model's options hold that decides what it predicts, and what only training reads. */
export const MODEL_OPTIONS =
  'inputs layers deterministic inputNoise weightAveraging loss optimizer metrics seed l1 l2 biasL1 biasL2 maxNorm clip compat';

/** @throws ERR_FORMAT, ERR_UNSUPPORTED, ERR_NONFINITE, ERR_MEMORY, ERR_TYPE. */
export function openFile(
  bytes: Uint8Array | ArrayBuffer,
  parts: PredictorParts & { readonly module?: WebAssembly.Module },
): Opened {
  const file = openModelFile(bytes);
  const json = file.section('model');
  const model = new SavedState(json, 'model', true);
  if (model.raw('integers') !== undefined)
    return (parts.integers ?? refusePart('integers', 'Model file: a model of whole numbers')).open(file, model, parts);
  refuseOthers(json as object, MODEL_OPTIONS, 'the model');
  const layers = layersOf(model);
  const averaged = model.raw('weightAveraging') !== undefined;
  const names = new Set<string>();
  const tensors = layers.tensors.map(({ name, shape, trained, values }) => {
    if (values !== undefined) return () => values;
    names.add(name);
    return file.tensor(averaged && trained ? `average/${name}` : name, shape, 'F16 F32 F64');
  });
  for (const name of file.names)
    if (!names.has(name) && !/^((average|slot\d|best|curvature)\/|counters$)/.test(name))
      damaged(`${show(name)} is no tensor of the model`);
  const around = surroundings(file, layers, parts);
  const deterministic = model.raw('deterministic') === true;
  return { ...around, network: new Network(layers, deterministic, (_, i) => tensors[i]!(), parts.gradients?.core, parts.module) };
}

// A model file opened for prediction: the network built from it and what stands around the network. Options, names and shapes are checked
// before anything is made of them.

import { SavedState } from '../data/columns.js';
import { fail, show } from '../errors.js';
import { fromFloat16 } from '../formats/float16.js';
import { openModelFile, type ModelFile, type StoredTensor } from './container.js';
import { layersOf, refuseOthers, type Tensor } from './layers.js';
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
  const tensors = tensorsOf(file, layers.tensors, model.raw('weightAveraging') !== undefined);
  const around = surroundings(file, layers, parts);
  const deterministic = model.raw('deterministic') === true;
  return { ...around, network: new Network(layers, deterministic, tensors, parts.gradients?.core, parts.module) };
}

/** Reads the numbers of a tensor. Names and shapes of all are checked first. */
function tensorsOf({ tensors: stored }: ModelFile, tensors: readonly Tensor[], averaged: boolean) {
  const nameOf = ({ name, trained }: Tensor) => (averaged && trained ? `average/${name}` : name);
  const names = new Set<string>();
  for (const tensor of tensors) {
    if (tensor.values !== undefined) continue;
    names.add(tensor.name);
    const { dtype, shape } = find(nameOf(tensor));
    if (!/^F(16|32|64)$/.test(dtype)) refuse(`${show(tensor.name)} is of dtype ${show(dtype)}`);
    if (shape.join() !== tensor.shape.join())
      refuse(`${show(tensor.name)} has the shape [${shape.join(', ')}], but the model needs [${tensor.shape.join(', ')}]`);
  }
  for (const name of stored.keys())
    if (!names.has(name) && !/^((average|slot\d|best|curvature)\/|counters$)/.test(name))
      refuse(`${show(name)} is no tensor of the model`);
  return (tensor: Tensor): Float32Array | Float64Array => {
    const { dtype, bytes } = find(nameOf(tensor));
    const values =
      dtype === 'F16'
        ? Float32Array.from(new Uint16Array(bytes()), fromFloat16)
        : new (dtype === 'F32' ? Float32Array : Float64Array)(bytes());
    const bad = values.findIndex((value: number) => !Number.isFinite(value));
    if (bad >= 0) fail('ERR_NONFINITE', `Model file: ${tensor.name}[${bad}] is ${values[bad]}, so it predicts nothing.`);
    return values;
  };

  function find(name: string): StoredTensor {
    return stored.get(name) ?? refuse(`the tensor ${show(name)} is missing`);
  }
}

function refuse(problem: string): never {
  return fail('ERR_FORMAT', `Model file: ${problem}.`);
}

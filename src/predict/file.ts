// A model file opened for prediction: the network built from it and what stands around the network. Options, names and shapes are checked
// before anything is made of them.

import { SavedState } from '../data/columns.js';
import { intervalsFromJSON } from '../data/certainty/intervals.js';
import { Domain } from '../data/domain.js';
import { readEncoding, type Encoding } from '../data/encodedColumns.js';
import { fail, show } from '../errors.js';
import { estimators, plain, type Answers } from './answers.js';
import { openModelFile, type ModelFile, type StoredTensor } from './container.js';
import { layersOf, refuseOthers, refuseUnknown, type Tensor } from './layers.js';
import { Network } from './network.js';
import { scalingOf, type ColumnMap } from './scaling.js';

/** Everything that a predictor needs. */
export interface Opened {
  readonly network: Network;
  readonly answers: Answers;
  readonly scaling: ColumnMap | undefined;
  readonly encoding: Encoding | undefined;
  readonly featureNames: readonly string[] | undefined;
  /** The box that points must lie in; undefined where there is none. */
  readonly domain: Domain | undefined;
  /** What kind of thing the file holds: 'model', or what the estimator is called. */
  readonly kind: string;
}

/** What a model's options hold that decides what it predicts, and what only training reads. */
export const MODEL_OPTIONS =
  'inputs layers deterministic inputNoise weightAveraging loss optimizer metrics seed l1 l2 maxNorm clip compat';

/** The members of an estimator's section. All but inputs and head tell how it was trained. */
const ESTIMATOR =
  'type options inputs head lossCurve validationLossCurve bestEpoch bestValidationScore stoppedBy rows fingerprint members temperature';

/** @throws ERR_FORMAT, ERR_UNSUPPORTED, ERR_NONFINITE, ERR_MEMORY, ERR_TYPE. */
export function openFile(bytes: Uint8Array | ArrayBuffer, module: WebAssembly.Module | undefined): Opened {
  const file = openModelFile(bytes);
  const json = file.section('model');
  const model = new SavedState(json, 'model', true);
  refuseOthers(json as object, MODEL_OPTIONS, 'the model');
  const layers = layersOf(model);
  const tensors = tensorsOf(file, layers.tensors, model.raw('weightAveraging') !== undefined);
  const around = surroundings(file, layers);
  const deterministic = model.raw('deterministic') === true;
  return { ...around, network: new Network(layers, deterministic, tensors, module) };
}

/** What stands before and after the network. */
function surroundings({ section }: ModelFile, { inputs, outputs }: { inputs: number; outputs: number }): Omit<Opened, 'network'> {
  const approximation = section('approximation');
  if (approximation !== undefined) return approximationOf(approximation, inputs, outputs);
  const estimator = section('estimator');
  if (estimator === undefined) {
    const names = section('featureNames');
    const fits = Array.isArray(names) && names.length === inputs && names.every((name) => typeof name === 'string');
    const featureNames = fits ? (names as string[]) : undefined;
    return { answers: plain, scaling: undefined, encoding: undefined, featureNames, domain: undefined, kind: 'model' };
  }
  const saved = new SavedState(estimator, 'estimator', true);
  const kind = saved.string('type');
  if (!Object.hasOwn(estimators, kind)) refuseUnknown(`it holds a ${show(kind)}`);
  refuseOthers(estimator as object, ESTIMATOR, `its ${kind}`);
  // Its network is then the net in the making, and the answers are those of the ones before it.
  if (section('unfinished') !== undefined)
    fail(
      'ERR_UNSUPPORTED',
      `Model file: its ${kind} is in the middle of a training. Load it with ${kind}.load, and save() it without optimizer.`,
    );
  const columns = saved.inner('inputs', saved.raw('inputs'));
  refuseOthers(saved.raw('inputs') as object, 'encoder target featureNames low high', `its ${kind}'s inputs`);
  const encoder = columns.raw('encoder');
  const encoding = encoder === null ? undefined : readEncoding(encoder);
  const featureNames = columns.strings('featureNames');
  if (featureNames.length !== inputs || (encoding !== undefined && encoding.outputs !== inputs))
    columns.refuse('featureNames', `${inputs} names, as the network has inputs`, featureNames);
  return {
    answers: estimators[kind]!(saved.raw('head'), section, outputs),
    scaling: scalingOf(section('scaler'), inputs, 'scaler'),
    encoding,
    featureNames,
    domain: undefined,
    kind,
  };
}

/** A network in place of a costly function: what it was made for, and how far it may be off. */
function approximationOf(json: unknown, inputs: number, outputs: number): Omit<Opened, 'network'> {
  const saved = new SavedState(json, 'approximation', true);
  refuseOthers(json as object, 'names low high outside intervals certificate', 'its approximation');
  const domain = Domain.fromJSON(saved);
  if (domain.names.length !== inputs) saved.refuse('names', `${inputs} names, as the network has inputs`, domain.names);
  const intervals = intervalsFromJSON(saved.inner('intervals', saved.raw('intervals')), outputs);
  const around = { scaling: undefined, encoding: undefined, featureNames: domain.names };
  return { ...around, answers: { ...plain, intervals }, domain, kind: 'Approximation' };
}

/** Reads the numbers of a tensor. Names and shapes of all are checked first. */
function tensorsOf({ tensors: stored }: ModelFile, tensors: readonly Tensor[], averaged: boolean) {
  const nameOf = ({ name, trained }: Tensor) => (averaged && trained ? `average/${name}` : name);
  const names = new Set<string>();
  for (const tensor of tensors) {
    if (tensor.values !== undefined) continue;
    names.add(tensor.name);
    const { dtype, shape } = find(nameOf(tensor));
    if (dtype !== 'F32' && dtype !== 'F64') refuse(`${show(tensor.name)} is of dtype ${show(dtype)}`);
    if (shape.join() !== tensor.shape.join())
      refuse(`${show(tensor.name)} has the shape [${shape.join(', ')}], but the model needs [${tensor.shape.join(', ')}]`);
  }
  for (const name of stored.keys())
    if (!names.has(name) && !/^((average|slot\d|best|curvature)\/|counters$)/.test(name))
      refuse(`${show(name)} is no tensor of the model`);
  return (tensor: Tensor): Float32Array | Float64Array => {
    const { dtype, bytes } = find(nameOf(tensor));
    const values = new (dtype === 'F32' ? Float32Array : Float64Array)(bytes());
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

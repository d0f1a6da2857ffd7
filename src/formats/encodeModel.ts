// Writing a model file. What it holds is described in modelFile.ts.

import type { Floats } from '../data/allocate.js';
import { matrix } from '../data/matrix.js';
import { fail } from '../errors.js';
import { flag, given, readOptions, type Schema } from '../options.js';
import { activationSpec } from '../plan/activations.js';
import type { LayerSpec } from '../plan/layers.js';
import { lossSpec } from '../plan/losses.js';
import { type LayerPlan, type NetworkPlan, resolveNetwork } from '../plan/network.js';
import { functionsOf, optimizerSpec } from '../plan/resolveOptimizer.js';
import { rescaleSpec } from '../plan/rescale.js';
import type { ModelState, TensorState } from '../training/state.js';
import { reserved, seal, VERSION } from './container.js';
import { type Json, writeJson } from './json.js';
import { type TensorInput, writeSafetensors } from './safetensors.js';
import { writeTraining } from './trainingSection.js';
import { version as library } from './version.js';

/** What training has done: goes into the file as the section "card". Free to hold more. */
export interface TrainingCard {
  /** Rows and columns of the training data. */
  readonly rows?: number;
  /** Columns of the training data. */
  readonly columns?: number;
  /** The seed of the weights, the shuffling and the noise. */
  readonly seed?: number;
  /** Epochs trained. */
  readonly epochs?: number;
  /** Figures of the trained model by name, such as valLoss. */
  readonly scores?: { readonly [name: string]: number | null };
  readonly [note: string]: Json | undefined;
}

/** JSON by name that travels with the weights. */
export type Sections = Readonly<Record<string, unknown>> & {
  /** What training has done. */
  readonly card?: TrainingCard;
};

/** Options of save: what goes into the file beside the weights. */
export interface SaveOptions {
  /** Whether the optimizer's state and the position in the data go along, so that training goes on to the same bits (default false). */
  readonly optimizer?: boolean;
  /** JSON to travel with the weights, by name: scaler, labels, featureNames, card, … */
  readonly sections?: Sections;
}

const saveRows = { optimizer: flag(false), sections: given() } satisfies Schema<SaveOptions>;

/**
 * The bytes of a model file. The same state gives the same bytes.
 * @throws ERR_TYPE for sections that are not JSON, ERR_OPTION for an unknown option or a section with a reserved name.
 */
export function encodeModel(state: ModelState, options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
  const { optimizer: withOptimizer } = readOptions(saveRows, options, 'save', 'save.');
  const plan = resolveNetwork(state.options);
  const tensors = new Map<string, TensorInput>();
  const put = (prefix: string, values: readonly Floats[]) =>
    values.forEach((data, i) => {
      if (data.length > 0) tensors.set(`${prefix}${plan.tensors[i]!.name}`, { shape: plan.tensors[i]!.shape, data });
    });
  const putState = (prefix: string, { tensors: values, averages, slots, counters }: TensorState) => {
    put(prefix, values);
    put(`${prefix}average/`, averages);
    for (const [s, slot] of slots.entries()) put(`${prefix}slot${s}/`, slot);
    tensors.set(`${prefix}counters`, { shape: [counters.length], data: counters });
  };

  for (const { path, activation } of plan.layers)
    if (activation.custom !== undefined)
      fail(
        'ERR_UNSUPPORTED',
        `save: ${path} has the activation "${activation.name}", a function of yours, which a file cannot hold. Keep model.getVector(), and give it to setVector of a model made anew.`,
      );
  const functions = [...(plan.loss.custom ? ['loss'] : []), ...functionsOf(plan.optimizer)];
  const metadata = new Map<string, string>([
    ['format', 'feedforward'],
    ['version', String(VERSION)],
    ['checksum', 'crc32:00000000'],
    ['library', library],
    ['model', writeJson(plainOptions(plan), 'model')],
    ['rules', writeJson(state.rules, 'rules')],
  ]);
  if (functions.length > 0) metadata.set('functions', JSON.stringify(functions));
  if (withOptimizer) {
    putState('', state);
    if (state.best) putState('best/', state.best);
    state.curvature.forEach(({ s, y }, i) => {
      tensors.set(`curvature/${i}/s`, { shape: [s.length], data: s });
      tensors.set(`curvature/${i}/y`, { shape: [y.length], data: y });
    });
    metadata.set('training', writeJson(writeTraining(state), 'training'));
  } else {
    put('', state.tensors);
    put('average/', state.averages);
  }
  for (const [name, value] of Object.entries(options.sections ?? {})) {
    if (reserved.includes(name))
      fail('ERR_OPTION', `sections.${name}: this name is the file's own. Reserved are ${reserved.join(', ')}.`);
    if (name === '__proto__') fail('ERR_OPTION', 'sections: a section cannot be called __proto__.');
    if (value !== undefined) metadata.set(name, writeJson(value, `sections.${name}`));
  }

  const file = writeSafetensors(tensors, metadata);
  seal(file);
  return file;
}

/** Options with every default that decides what the network computes written out. */
export function plainOptions(plan: NetworkPlan): Record<string, unknown> {
  const { options } = plan;
  const layers = new Map(plan.layers.map((layer) => [layer.path, layer])); // a residual block's last entry is its end
  return {
    ...options,
    layers: plainLayers(options.layers, 'layers', layers),
    loss: lossSpec(plan.loss),
    optimizer: optimizerSpec(plan.optimizer),
    seed: plan.seed,
    deterministic: plan.deterministic,
    ...(plan.averagingDecay > 0 ? { weightAveraging: { decay: plan.averagingDecay, warmUp: plan.averagingWarmsUp } } : {}),
  };
}

function plainLayers(specs: readonly LayerSpec[], path: string, layers: ReadonlyMap<string, LayerPlan>): LayerSpec[] {
  return specs.map((spec, i) => {
    const at = `${path}.${i}`;
    const { activation, momentum, epsilon, bias, projection, rescale, column } = layers.get(at)!;
    switch (spec.type) {
      case 'dense':
        return {
          ...spec,
          activation: activationSpec(activation),
          bias,
          ...(spec.mask === undefined ? {} : { mask: matrix(spec.mask).toArray() }),
        };
      case 'activation':
        return { ...spec, activation: activationSpec(activation) };
      case 'batchNorm':
        return { ...spec, momentum, epsilon };
      case 'layerNorm':
        return { ...spec, epsilon };
      case 'rescale':
        return rescaleSpec(spec, rescale!);
      case 'embedding':
        return { ...spec, column };
      case 'residual':
        return { ...spec, layers: plainLayers(spec.layers, `${at}.layers`, layers), projection };
      default:
        return { ...spec };
    }
  });
}

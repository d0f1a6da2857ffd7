// A network read from another tool's file, and a model made of it.

import type { Label } from '../data/labels.js';
import { fail } from '../errors.js';
import type { MLPOptions } from '../plan/network.js';

/** Numbers with a shape, row-major. */
export interface Tensor {
  /** The length of each side. */
  readonly shape: readonly number[];
  /** As many numbers as the shape has places. */
  readonly values: Float32Array | Float64Array;
}

/** A network read from another tool's file: the options of a model, and its parameters by name. */
export interface ImportedNetwork {
  /** The options of a model of this network. */
  readonly options: MLPOptions;
  /** Its parameters by name. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** The classes the outputs stand for, when the file says so. */
  readonly labels?: readonly Label[];
}

/** What `build` makes: MLP and the baseline's MLP are such. */
export interface Settable {
  /** Its parameters, each with a way to overwrite it. */
  parameters(): readonly {
    /** Such as 'layers.0.weight'. */
    readonly name: string;
    /** Overwrites it with as many numbers, row-major. */
    set(values: ArrayLike<number>): void;
  }[];
}

/**
 * A model of the given class with an imported network's parameters; the gain of a rescale layer may be left to its options.
 * @throws ERR_SHAPE when a parameter is missing.
 * @example
 * const model = build(MLP, fromPyTorch(readFileSync('torch.safetensors')));
 */
export function build<M extends Settable>(Model: new (options: MLPOptions) => M, network: ImportedNetwork): M {
  const model = new Model(network.options);
  for (const parameter of model.parameters()) {
    const tensor = network.parameters.get(parameter.name);
    if (tensor !== undefined) parameter.set(tensor.values);
    else if (!parameter.name.endsWith('.gain')) fail('ERR_SHAPE', `build: ${parameter.name} is missing.`);
  }
  return model;
}

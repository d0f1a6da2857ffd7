// From what the user wrote to what a backend runs: every option checked, every default filled in, the layers laid end to end.

import { LayerKind } from '../../assembly/abi.js';
import { sizeOf } from '../data/allocate.js';
import { keyOf } from '../data/random.js';
import { fail, show } from '../errors.js';
import { readOptions } from '../options.js';
import type { ResolvedActivation } from './activations.js';
import { Builder, maxBytes } from './builder.js';
import { compatDefaults } from './compat.js';
import { resolveLoss, targetColumns } from './losses.js';
import { modelRows, refuseMisplaced, type MLPOptions } from './modelOptions.js';
import type { LayerPlan, NetworkPlan } from './networkPlan.js';
import { resolveInitializer } from './initializers.js';
import { orderedFor } from './ordered.js';
import { fitsNtk, optimizerNames, optimizerRow, resolveOptimizer } from './resolveOptimizer.js';

export type { MLPOptions } from './modelOptions.js';

export type { LayerPlan, NetworkPlan, TensorPlan, TensorRole } from './networkPlan.js';

/** Checks everything and fills in every default. @throws ERR_OPTION, ERR_SHAPE, ERR_MEMORY. */
export function resolveNetwork(options: MLPOptions): NetworkPlan {
  if (options === undefined) fail('ERR_OPTION', 'new MLP(options): expected { inputs, layers, … }, got undefined.');
  refuseMisplaced(options);
  const read = readOptions(modelRows, options, 'MLP');
  const { inputs, metrics, deterministic, weightAveraging, inputNoise, compat = 'feedforward' } = read;
  if (!Array.isArray(options.layers)) fail('ERR_OPTION', `layers: expected an array of layers, got ${show(options.layers)}.`);
  if (options.layers.length === 0) fail('ERR_OPTION', 'layers: expected at least one layer, for instance [dense(1)].');
  const defaults = compatDefaults[compat];
  const specs = orderedFor(options.loss, options.layers);
  const key = keyOf(options.seed ?? 0);
  const builder = new Builder(read, defaults, `layers.${specs.length - 1}`, key);
  if (inputNoise !== undefined) builder.push('inputNoise', LayerKind.Noise, inputs, inputs, { deviation: inputNoise });
  const outputs = builder.graph(specs, inputs);
  const { layers, tensors } = builder;

  const bytes = 4 * tensors.reduce((sum, t) => sum + sizeOf(t.shape), 0);
  if (bytes > maxBytes)
    fail('ERR_MEMORY', `layers: the network's weights need ${bytes} bytes, and WebAssembly memory ends at 4 GiB.`, { bytes });
  const parameterCount = tensors.reduce((sum, t) => sum + (t.trainable ? sizeOf(t.shape) : 0), 0);
  const optimizer = resolveOptimizer(options.optimizer ?? 'adam', defaults.name);
  if (builder.ntk !== undefined && !fitsNtk(optimizer)) {
    const fitting = optimizerNames.filter((name) => optimizerRow(name).fitsNtk).join(', ');
    fail(
      'ERR_OPTION',
      `${builder.ntk}.parametrization: 'ntk' goes with ${fitting} (adamw and lion alone with weightDecay), got "${optimizer.name}".`,
    );
  }
  const loss = resolveLoss(options.loss ?? 'meanSquaredError', outputActivation(layers), outputs, defaults.lossScale);
  if (loss.each > 1 && metrics.length > 0)
    fail(
      'ERR_OPTION',
      `metrics: with the loss "${loss.name}" outputs are no guesses of the targets, one for each. Leave metrics out.`,
    );
  return {
    inputs,
    outputs,
    inputCenter: inputCenterOf(layers),
    layers,
    tensors,
    loss,
    targetColumns: targetColumns(loss, outputs),
    optimizer,
    metrics,
    seed: options.seed ?? 0,
    key,
    deterministic,
    clip: read.clip,
    averagingDecay: weightAveraging?.decay ?? 0,
    averagingWarmsUp: weightAveraging?.warmUp ?? false,
    untrainable: builder.untrainable,
    usesBatchStatistics: layers.some((l) => l.kind === LayerKind.BatchNorm),
    parameterCount,
    defaults,
    options: { ...options, layers: [...specs] },
  };
}

/** The plan of a network that gets all its weights from somewhere: its tensors start at 0, so that no random ones are drawn only to be replaced. */
export function blank(plan: NetworkPlan): NetworkPlan {
  const init = resolveInitializer('zeros', 'init');
  return { ...plan, tensors: plan.tensors.map((tensor) => ({ ...tensor, init })) };
}

/** The activation whose output the loss sees: that of the last dense or activation layer, identity after anything else. */
function outputActivation(layers: readonly LayerPlan[]): ResolvedActivation {
  return layers[layers.length - 1]!.activation;
}

function inputCenterOf(layers: readonly LayerPlan[]): Float64Array | undefined {
  const center = layers.find((layer) => layer.rescale?.centered)?.rescale?.center;
  return center?.some((c) => c !== 0) ? center : undefined;
}

// An experiment as a model of the library: what `copy as code` prints, the page runs.

import {
  activation,
  adagrad,
  adam,
  adamw,
  batchNorm,
  cosineDecay,
  dense,
  dropout,
  huber,
  type LayerSpec,
  lion,
  MLP,
  type MLPOptions,
  nadam,
  rescale,
  residual,
  rmsprop,
  sgd,
  stepDecay,
} from 'feedforward';
import { type Experiment, isClasses } from './experiment';
import { outputsOf } from './data';

/** Epochs over which a falling rate falls. */
export const scheduled = 1000;

const starts = { zeros: 'zeros', fanInUniform: 'fanInUniform', normalLarge: { name: 'normal', deviation: 3 } } as const;

export interface Block {
  /** Name of the weights between the block before and this one. */
  readonly weight: string;
  /** Index of the layer whose activations are the block's answer. */
  readonly end: number;
}

export interface Built {
  readonly model: MLP;
  readonly blocks: readonly Block[];
}

/** Layers, and where each block of them begins and ends. */
function layersOf(
  experiment: Experiment,
  center: readonly number[],
  scale: readonly number[],
): { layers: LayerSpec[]; blocks: Block[] } {
  const start = experiment.weightInit === undefined ? {} : { weightInit: starts[experiment.weightInit] };
  const layers: LayerSpec[] = [rescale({ center: [...center], scale: [...scale] })];
  const blocks: Block[] = [];
  let width = center.length;
  for (const layer of experiment.layers) {
    const at = layers.length;
    const own: LayerSpec[] = layer.batchNorm
      ? [dense(layer.units, { bias: false, ...start }), batchNorm(), activation(layer.activation)]
      : [dense(layer.units, { activation: layer.activation, ...start })];
    const inBlock = layer.residual === true && layer.units === width;
    layers.push(...(inBlock ? [residual(own)] : own));
    blocks.push({ weight: inBlock ? `layers.${at}.layers.0.weight` : `layers.${at}.weight`, end: layers.length - 1 });
    if (layer.dropout) layers.push(dropout(layer.dropout));
    width = layer.units;
  }
  const outputs = outputsOf(experiment);
  const classes = isClasses(experiment.data);
  layers.push(dense(outputs, { ...(classes && { activation: outputs > 1 ? 'softmax' : 'sigmoid' }), ...start }));
  blocks.push({ weight: `layers.${layers.length - 1}.weight`, end: layers.length - 1 });
  return { layers, blocks };
}

function optimizerOf({ optimizer, rate, schedule }: Experiment): MLPOptions['optimizer'] {
  const learningRate =
    schedule === 'cosine'
      ? cosineDecay(rate, { over: scheduled })
      : schedule === 'step'
        ? stepDecay(rate, { every: scheduled / 5, factor: 0.5 })
        : rate;
  switch (optimizer) {
    case 'sgd':
      return sgd({ learningRate });
    case 'momentum':
      return sgd({ learningRate, momentum: 0.9 });
    case 'nesterov':
      return sgd({ learningRate, momentum: 0.9, nesterov: true });
    case 'adam':
      return adam({ learningRate });
    case 'adamw':
      return adamw({ learningRate, weightDecay: 0.01 });
    case 'nadam':
      return nadam({ learningRate });
    case 'rmsprop':
      return rmsprop({ learningRate });
    case 'adagrad':
      return adagrad({ learningRate });
    case 'lion':
      return lion({ learningRate });
  }
}

function lossOf(experiment: Experiment): MLPOptions['loss'] {
  switch (experiment.loss) {
    case 'crossEntropy':
      return outputsOf(experiment) > 1 ? 'sparseCategoricalCrossEntropy' : 'binaryCrossEntropy';
    case 'huber':
      return huber({ delta: 0.1 });
    default:
      return experiment.loss;
  }
}

/** Options of the model that an experiment describes. */
export function optionsOf(
  experiment: Experiment,
  center: readonly number[],
  scale: readonly number[],
): { options: MLPOptions; blocks: Block[] } {
  const { layers, blocks } = layersOf(experiment, center, scale);
  const { l1, l2, seed } = experiment;
  return {
    options: {
      inputs: center.length,
      layers,
      loss: lossOf(experiment),
      optimizer: optimizerOf(experiment),
      metrics: isClasses(experiment.data) ? ['accuracy'] : ['r2'],
      ...(l1 > 0 && { l1 }),
      ...(l2 > 0 && { l2 }),
      seed,
      deterministic: true,
    },
    blocks,
  };
}

export function buildModel(experiment: Experiment, center: readonly number[], scale: readonly number[]): Built {
  const { options, blocks } = optionsOf(experiment, center, scale);
  return { model: new MLP(options), blocks };
}

/**
 * A model of the same weights that draws the map, and answers faster: it takes columns that are scaled already, leaves the sigmoid of one
 * answer to whoever paints, and may round as the machine likes. None where layers hold more than weights.
 */
export function buildSurface(experiment: Experiment): MLP | undefined {
  if (experiment.data.kind === 'digits' || experiment.layers.some(({ batchNorm }) => batchNorm)) return undefined;
  const [, ...layers] = layersOf(
    experiment,
    experiment.features.map(() => 0),
    experiment.features.map(() => 1),
  ).layers;
  if (outputsOf(experiment) === 1) layers.splice(-1, 1, dense(1));
  return new MLP({ inputs: experiment.features.length, layers });
}

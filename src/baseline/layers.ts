// The layers of a plan as objects that compute.

import { LayerKind } from '../../assembly/abi.js';
import type { Key } from '../data/random.js';
import type { LayerPlan } from '../plan/network.js';
import type { Values } from './products.js';
import { ActivationLayer } from './activationLayer.js';
import { BatchNorm } from './batchNorm.js';
import { Dense } from './dense.js';
import { Edge } from './edge.js';
import { Embedding } from './embedding.js';
import { Dropout, Noise } from './drawing.js';
import type { Allocate, Layer } from './layer.js';
import { LayerNorm } from './layerNorm.js';
import { Rescale } from './rescale.js';
import { ResidualBegin, ResidualEnd } from './residual.js';

/** The layers of a plan, in order, blocks and edges joined up. */
export function buildLayers(plans: readonly LayerPlan[], allocate: Allocate, key: Key): Layer[] {
  const layers = plans.map((plan) => buildLayer(plan, allocate, key));
  for (const layer of layers)
    if (layer instanceof ResidualEnd) {
      layer.begin = layers[layer.plan.partner] as ResidualBegin;
      layer.begin.end = layer;
    } else if (layer instanceof Edge && layer.plan.partner >= 0) layer.source = layers[layer.plan.partner]!;
  return layers;
}

function buildLayer(plan: LayerPlan, allocate: Allocate, key: Key): Layer {
  switch (plan.kind) {
    case LayerKind.Dense:
      return new Dense(plan, allocate, key);
    case LayerKind.Activation:
      return new ActivationLayer(plan, allocate);
    case LayerKind.BatchNorm:
      return new BatchNorm(plan, allocate);
    case LayerKind.LayerNorm:
      return new LayerNorm(plan, allocate);
    case LayerKind.Rescale:
      return new Rescale(plan, allocate);
    case LayerKind.Embedding:
      return new Embedding(plan, allocate);
    case LayerKind.Dropout:
      return new Dropout(plan, allocate, key);
    case LayerKind.Noise:
      return new Noise(plan, allocate, key);
    case LayerKind.Edge:
      return new Edge(plan, allocate);
    case LayerKind.ResidualBegin:
      return new ResidualBegin(plan, allocate);
    case LayerKind.ResidualEnd:
      return new ResidualEnd(plan, allocate);
  }
}

/** What the loss reads when it is fused: the weighted inputs of the last layer, before its activation. */
export function preActivation(layer: Layer): Values {
  if (layer instanceof Dense) return layer.z;
  return layer instanceof ActivationLayer ? layer.x : layer.y;
}

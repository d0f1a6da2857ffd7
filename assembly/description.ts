// From a network's description, records of float64 in the order of abi.ts, to the model laid out in memory. The records
// stand where the parameters will be, one after another, and are gone once the model is built:
//
//   | NetworkField | OptimizerField | LayerField, for each layer | TensorField, for each tensor |

import { Activation, LayerField, LayerKind, Loss, NetworkField, Optimizer, OptimizerField, TensorField } from './abi';
import { TRAINS } from './build';
import { needsInput } from './functions/activations';
import { coefficientsOf } from './functions/activations/pieces';
import { prepareMath } from './kernels/math';
import { makeParameters, offsetOf, placeHeader, placeTensors } from './memory/layout';
import { Layer, layerAt, Model, NONE, sharesBuffers, tensorAt, theModel } from './memory/model';

/**
 * Begins a model: room for the description of a network of that many layers and tensors. Returns where, or 0 when memory
 * refuses.
 */
export function describe(layers: i32, tensors: i32): usize {
  const numbers =
    ((NetworkField.Count + OptimizerField.Count) as u64) +
    (layers as u64) * LayerField.Count +
    (tensors as u64) * TensorField.Count;
  return placeHeader(layers, tensors, numbers * 8) ? theModel().parameters : 0;
}

/** Builds the model that the description says; all weights are 0. False when memory refuses. */
export function build(): bool {
  prepareMath(); // before there are threads
  const model = theModel();
  const network = model.parameters;
  const optimizer = network + NetworkField.Count * 8;
  const layers = optimizer + OptimizerField.Count * 8;
  const tensors = layers + (model.layerCount as usize) * LayerField.Count * 8;
  readNetwork(model, network);
  if (TRAINS) readOptimizer(model, optimizer);
  for (let i = 0; i < model.tensorCount; i++) readTensor(model, i, tensors + (i as usize) * TensorField.Count * 8);
  placeTensors(model);
  if (TRAINS) {
    const levels = read(network, NetworkField.LossLevels) as i32;
    model.lossLevels = levels < 0 ? 0 : model.parameters + offsetOf(model, levels);
  }
  for (let i = 0; i < model.layerCount; i++) readLayer(model, i, layers + (i as usize) * LayerField.Count * 8);
  return makeParameters(model); // over the records
}

function readNetwork(model: Model, record: usize): void {
  model.inputs = read(record, NetworkField.Inputs) as i32;
  model.outputs = read(record, NetworkField.Outputs) as i32;
  if (!TRAINS) return;
  model.targetColumns = read(record, NetworkField.TargetColumns) as i32;
  model.loss = read(record, NetworkField.Loss) as Loss;
  model.lossParameter = read(record, NetworkField.LossParameter) as f32;
  model.lossIsFused = read(record, NetworkField.LossIsFused) != 0;
  model.lossScale = read(record, NetworkField.LossScale);
  model.clipValue = read(record, NetworkField.ClipValue) as f32;
  model.clipNorm = read(record, NetworkField.ClipNorm);
  model.clipGlobalNorm = read(record, NetworkField.ClipGlobalNorm);
  model.averagingDecay = read(record, NetworkField.AveragingDecay) as f32;
  model.averagingWarmsUp = read(record, NetworkField.AveragingWarmsUp) != 0;
  model.threads = read(record, NetworkField.Threads) as i32;
  model.mayWait = read(record, NetworkField.MayWait) != 0;
  model.patience = read(record, NetworkField.Patience) as i32;
  model.power1 = 1;
  model.power2 = 1;
  model.momentumProduct = 1;
  model.fadePower = 1;
  model.needsZero = true;
}

function readOptimizer(model: Model, record: usize): void {
  memory.copy(model.optimizer, record, OptimizerField.Count * 8); // rules read their constants from it
  model.rule = read(record, OptimizerField.Rule) as Optimizer;
  model.slotCount = read(record, OptimizerField.Slots) as i32;
  model.changes = read(record, OptimizerField.Changes) as u32;
  model.decaysApart = read(record, OptimizerField.DecaysApart) != 0;
  model.historySize = read(record, OptimizerField.HistorySize) as i32;
}

function readTensor(model: Model, i: i32, record: usize): void {
  const tensor = tensorAt(model, i);
  tensor.inputs = read(record, TensorField.Inputs) as i32;
  tensor.outputs = read(record, TensorField.Outputs) as i32;
  tensor.isWeight = read(record, TensorField.IsWeight) != 0;
  if (!TRAINS) return;
  tensor.trainable = read(record, TensorField.Trainable) != 0;
  tensor.frozen = read(record, TensorField.Frozen) != 0;
  tensor.layer = read(record, TensorField.Layer) as i32;
  tensor.l1 = read(record, TensorField.L1) as f32;
  tensor.l2 = read(record, TensorField.L2) as f32;
  tensor.l2PerRow = read(record, TensorField.L2PerRow);
  tensor.maxNorm = read(record, TensorField.MaxNorm) as f32;
  tensor.rateScale = read(record, TensorField.RateScale) as f32;
  if (tensor.maxNorm != Infinity) model.boundsWeights = true;
  if (tensor.trainable && !tensor.frozen) layerAt(model, tensor.layer).trainable = true;
}

function readLayer(model: Model, i: i32, record: usize): void {
  const layer = layerAt(model, i);
  layer.kind = read(record, LayerField.Kind) as LayerKind;
  layer.inputs = read(record, LayerField.Inputs) as i32;
  layer.outputs = read(record, LayerField.Outputs) as i32;
  layer.activation = read(record, LayerField.Activation) as Activation;
  layer.activationA = read(record, LayerField.ActivationA) as f32;
  layer.activationB = read(record, LayerField.ActivationB) as f32;
  for (let k = 0; k < 8; k++)
    f32.store(coefficientsOf(layer) + ((k as usize) << 2), read(record, LayerField.Coefficient0 + k) as f32);
  layer.sharesSlope = read(record, LayerField.SharesSlope) != 0;
  if (TRAINS) readTraining(model, layer, record);
  layer.epsilon = read(record, LayerField.Epsilon) as f32;
  layer.partner = read(record, LayerField.Partner) as i32;
  layer.projects = read(record, LayerField.Projects) != 0;
  layer.weight = offsetOf(model, read(record, LayerField.Weight) as i32);
  layer.bias = offsetOf(model, read(record, LayerField.Bias) as i32);
  layer.slope = offsetOf(model, read(record, LayerField.Slope) as i32);
  layer.gamma = offsetOf(model, read(record, LayerField.Gamma) as i32);
  layer.beta = offsetOf(model, read(record, LayerField.Beta) as i32);
  layer.runningMean = offsetOf(model, read(record, LayerField.RunningMean) as i32);
  layer.runningVariance = offsetOf(model, read(record, LayerField.RunningVariance) as i32);
  layer.gain = offsetOf(model, read(record, LayerField.Gain) as i32);
  layer.constants = offsetOf(model, read(record, LayerField.Constants) as i32);
  layer.column = read(record, LayerField.Column) as i32;
  layer.categories = read(record, LayerField.Categories) as i32;
  if (TRAINS && layer.kind == LayerKind.BatchNorm) model.batchStatistics = true;
  const last = i == model.layerCount - 1;
  if (layer.kind == LayerKind.Edge) addEdge(model, layer, i);
  layer.inPlace =
    sharesBuffers(layer) || (layer.kind == LayerKind.Activation && layer.activation == Activation.Identity && !last);
  // z apart from y: where the derivative needs it, where a fused loss reads it, and for PReLU's slope.
  layer.keepsInput =
    layer.kind == LayerKind.Dense &&
    layer.activation != Activation.Identity &&
    (needsInput(layer.activation) || layer.activation == Activation.Prelu || (TRAINS && last && model.lossIsFused));
}

/** Joins the edges that leave the same layer. */
function addEdge(model: Model, edge: Layer, i: i32): void {
  model.branches = true;
  if (edge.partner < 0) {
    edge.nextEdge = model.inputEdge;
    model.inputEdge = i;
  } else {
    const source = layerAt(model, edge.partner);
    edge.nextEdge = source.edge;
    source.edge = i;
  }
}

/** What only training reads of a layer. */
function readTraining(model: Model, layer: Layer, record: usize): void {
  layer.signs = offsetOf(model, read(record, LayerField.Signs) as i32);
  if (layer.signs != NONE) model.boundsWeights = true;
  layer.dropRate = read(record, LayerField.DropRate);
  if (layer.kind == LayerKind.Dense && layer.dropRate > 0) model.dropsWeights = true;
  layer.deviation = read(record, LayerField.Deviation);
  layer.statisticsMomentum = read(record, LayerField.StatisticsMomentum);
  layer.biasedVariance = read(record, LayerField.BiasedVariance) != 0;
  layer.key0 = read(record, LayerField.Key0) as u32;
  layer.key1 = read(record, LayerField.Key1) as u32;
}

function read(record: usize, field: i32): f64 {
  return f64.load(record + ((field as usize) << 3));
}

/** From now on tensor i learns at `rateScale` times the learning rate, or not at all. */
export function setTensorRule(i: i32, rateScale: f64, frozen: bool): void {
  const model = theModel();
  const tensor = tensorAt(model, i);
  tensor.rateScale = rateScale as f32;
  tensor.frozen = frozen;
  if (frozen && model.training && tensor.trainable) memory.fill(model.gradients + tensor.offset, 0, tensor.bytes);
  // The layer's tensors stand side by side.
  let first = i;
  while (first > 0 && tensorAt(model, first - 1).layer == tensor.layer) first--;
  let trains = false;
  for (let k = first; k < model.tensorCount && tensorAt(model, k).layer == tensor.layer; k++) {
    const other = tensorAt(model, k);
    if (other.trainable && !other.frozen) trains = true;
  }
  layerAt(model, tensor.layer).trainable = trains;
}

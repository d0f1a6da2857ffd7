// A network's plan as the core reads it: records of float64 in its memory, by the fields of assembly/abi.ts. A record that
// leaves out a field does not compile.

import { Address, LayerField, NetworkField, OptimizerField, TensorField } from '../../assembly/abi.js';
import { derive } from '../data/random.js';
import type { Core } from '../engine/engine.js';
import { toPanels } from '../engine/panels.js';
import { mayBlock, patience, threadCount } from '../engine/threads.js';
import type { LayerPlan, NetworkPlan, TensorPlan } from '../plan/network.js';

type Field = number | boolean;
type NetworkRecord = Readonly<Record<Exclude<NetworkField, NetworkField.Count>, Field>>;
type LayerRecord = Readonly<Record<Exclude<LayerField, LayerField.Count>, Field>>;
type TensorRecord = Readonly<Record<Exclude<TensorField, TensorField.Count>, Field>>;
type OptimizerRecord = Readonly<Record<Exclude<OptimizerField, OptimizerField.Count>, Field>>;

/** Builds the planned network in the core's memory, all weights 0; with `shared`, for threads to share. False when memory refuses. */
export function buildNetwork(core: Core, plan: NetworkPlan, shared: boolean): boolean {
  const { layers, tensors } = plan;
  const start =
    core.describe(layers.length, tensors.length + fixedOf(plan).length + (plan.loss.levels === undefined ? 0 : 1)) >>> 0;
  if (start === 0) return false;
  const numbers = new Float64Array(core.memory.buffer, start);
  let at = 0;
  const write = (record: Readonly<Record<number, Field>>, count: number) => {
    for (let field = 0; field < count; field++) numbers[at + field] = Number(record[field]);
    at += count;
  };
  write(networkRecord(plan, shared), NetworkField.Count);
  write(optimizerRecord(plan), OptimizerField.Count);
  for (const layer of layers) write(layerRecord(layer, plan), LayerField.Count);
  for (const tensor of tensors) write(tensorRecord(tensor), TensorField.Count);
  for (const layer of fixedOf(plan)) write(fixedRecord(layer, layers.indexOf(layer)), TensorField.Count);
  if (plan.loss.levels !== undefined) write(fixedTensorRecord(1, plan.outputs, layers.length - 1), TensorField.Count);
  return Boolean(core.build());
}

function networkRecord(plan: NetworkPlan, shared: boolean): NetworkRecord {
  const { loss, clip } = plan;
  return {
    [NetworkField.Inputs]: plan.inputs,
    [NetworkField.Outputs]: plan.outputs,
    [NetworkField.TargetColumns]: plan.targetColumns,
    [NetworkField.Loss]: loss.id,
    [NetworkField.LossParameter]: loss.a,
    [NetworkField.LossLevels]: loss.levels === undefined ? -1 : plan.tensors.length + fixedOf(plan).length,
    [NetworkField.LossIsFused]: loss.fused,
    [NetworkField.LossScale]: loss.scale,
    [NetworkField.ClipValue]: clip.value,
    [NetworkField.ClipNorm]: clip.norm,
    [NetworkField.ClipGlobalNorm]: clip.globalNorm,
    [NetworkField.AveragingDecay]: plan.averagingDecay,
    [NetworkField.AveragingWarmsUp]: plan.averagingWarmsUp,
    [NetworkField.Threads]: shared ? threadCount() : 1,
    [NetworkField.MayWait]: mayBlock(),
    [NetworkField.Patience]: patience(),
  };
}

function optimizerRecord({ optimizer }: NetworkPlan): OptimizerRecord {
  const { constants, slots } = optimizer;
  return {
    ...constants,
    [OptimizerField.Rule]: optimizer.rule,
    [OptimizerField.Changes]: optimizer.changing.reduce((bits, { field }) => bits + 2 ** field, 0),
    [OptimizerField.WeightDecay]: optimizer.weightDecay,
    [OptimizerField.DecaysApart]: optimizer.decaysApart,
    [OptimizerField.Slots]: slots.length,
    [OptimizerField.Slot0]: slots[0] ?? 0,
    [OptimizerField.Slot1]: slots[1] ?? 0,
    [OptimizerField.Slot2]: slots[2] ?? 0,
  };
}

function layerRecord(layer: LayerPlan, plan: NetworkPlan): LayerRecord {
  const { activation, tensors } = layer;
  const [key0, key1] = derive(plan.key, layer.path);
  return {
    [LayerField.Kind]: layer.kind,
    [LayerField.Inputs]: layer.inputs,
    [LayerField.Outputs]: layer.outputs,
    [LayerField.Activation]: activation.id,
    [LayerField.ActivationA]: activation.a,
    [LayerField.ActivationB]: activation.b,
    [LayerField.Coefficient0]: activation.coefficients[0] ?? 0,
    [LayerField.Coefficient1]: activation.coefficients[1] ?? 0,
    [LayerField.Coefficient2]: activation.coefficients[2] ?? 0,
    [LayerField.Coefficient3]: activation.coefficients[3] ?? 0,
    [LayerField.Coefficient4]: activation.coefficients[4] ?? 0,
    [LayerField.Coefficient5]: activation.coefficients[5] ?? 0,
    [LayerField.Coefficient6]: activation.coefficients[6] ?? 0,
    [LayerField.Coefficient7]: activation.coefficients[7] ?? 0,
    [LayerField.SharesSlope]: activation.shared,
    [LayerField.DropRate]: layer.dropRate,
    [LayerField.Deviation]: layer.deviation,
    [LayerField.StatisticsMomentum]: layer.momentum,
    [LayerField.BiasedVariance]: layer.biasedVariance,
    [LayerField.Epsilon]: layer.epsilon,
    [LayerField.Partner]: layer.partner,
    [LayerField.Projects]: layer.projection,
    [LayerField.Key0]: key0 >>> 0,
    [LayerField.Key1]: key1 >>> 0,
    [LayerField.Weight]: tensors.weight ?? -1,
    [LayerField.Bias]: tensors.bias ?? -1,
    [LayerField.Slope]: tensors.slope ?? -1,
    [LayerField.Gamma]: tensors.gamma ?? -1,
    [LayerField.Beta]: tensors.beta ?? -1,
    [LayerField.RunningMean]: tensors.runningMean ?? -1,
    [LayerField.RunningVariance]: tensors.runningVariance ?? -1,
    [LayerField.Gain]: tensors.gain ?? -1,
    [LayerField.Constants]: layer.rescale === undefined ? -1 : fixedTensor(layer, plan),
    [LayerField.Signs]: signsOf(layer, plan) === undefined ? -1 : fixedTensor(layer, plan),
    [LayerField.Column]: layer.column,
    [LayerField.Categories]: layer.categories,
  };
}

function tensorRecord(tensor: TensorPlan): TensorRecord {
  const { shape } = tensor;
  return {
    [TensorField.Inputs]: shape.length === 2 ? shape[0]! : 1,
    [TensorField.Outputs]: shape[shape.length - 1]!,
    [TensorField.IsWeight]: tensor.role === 'weight',
    [TensorField.Trainable]: tensor.trainable,
    [TensorField.Frozen]: tensor.frozen,
    [TensorField.Layer]: tensor.layer,
    [TensorField.L1]: tensor.l1,
    [TensorField.L2]: tensor.l2,
    [TensorField.L2PerRow]: tensor.l2PerRow,
    [TensorField.MaxNorm]: tensor.maxNorm,
    [TensorField.RateScale]: tensor.learningRateScale,
  };
}

// ---- the fixed numbers of rescale layers, and the signs that weights keep: tensors of the core's alone, behind those of the plan --------

function fixedOf(plan: NetworkPlan): LayerPlan[] {
  return plan.layers.filter((layer) => layer.rescale !== undefined || signsOf(layer, plan) !== undefined);
}

function fixedTensor(layer: LayerPlan, plan: NetworkPlan): number {
  return plan.tensors.length + fixedOf(plan).indexOf(layer);
}

function signsOf({ tensors }: LayerPlan, plan: NetworkPlan): Int8Array | undefined {
  return plan.tensors[tensors.weight ?? -1]?.signs;
}

function fixedRecord({ rescale, inputs, outputs }: LayerPlan, layer: number): TensorRecord {
  return fixedTensorRecord(rescale === undefined ? inputs : 3, outputs, layer);
}

function fixedTensorRecord(inputs: number, outputs: number, layer: number): TensorRecord {
  return {
    [TensorField.Inputs]: inputs,
    [TensorField.Outputs]: outputs,
    [TensorField.IsWeight]: false,
    [TensorField.Trainable]: false,
    [TensorField.Frozen]: true,
    [TensorField.Layer]: layer,
    [TensorField.L1]: 0,
    [TensorField.L2]: 0,
    [TensorField.L2PerRow]: 0,
    [TensorField.MaxNorm]: Infinity,
    [TensorField.RateScale]: 1,
  };
}

/**
 * After buildNetwork: of a rescale layer center, what float32 loses of it, and scale, three rows of padded width (see assembly/layers/rescale.ts);
 * of weights the signs they keep, in panels as they are; the levels of the loss, one for each output.
 */
export function writeConstants(core: Core, plan: NetworkPlan): void {
  const { levels } = plan.loss;
  if (levels !== undefined) {
    const start = (core.address(Address.Parameters) >>> 0) + 4 * core.tensorOffset(plan.tensors.length + fixedOf(plan).length);
    const row = new Float32Array(core.memory.buffer, start, plan.outputs);
    row.forEach((_, j) => {
      row[j] = levels[j % levels.length]!;
    });
  }
  for (const [k, layer] of fixedOf(plan).entries()) {
    const start = (core.address(Address.Parameters) >>> 0) + 4 * core.tensorOffset(plan.tensors.length + k);
    const signs = signsOf(layer, plan);
    if (signs !== undefined) {
      const { inputs, outputs } = layer;
      toPanels(new Float32Array(core.memory.buffer, start, inputs * ((outputs + 3) & ~3)), signs, inputs, outputs);
      continue;
    }
    const { center, scale, centered } = layer.rescale!;
    const width = (scale.length + 3) & ~3;
    const rows = new Float32Array(core.memory.buffer, start, 3 * width);
    if (!centered)
      center.forEach((c, j) => {
        rows[j] = c;
        rows[width + j] = c - rows[j]!;
      });
    rows.fill(1, 2 * width);
    rows.set(scale, 2 * width);
  }
}

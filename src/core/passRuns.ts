// One network in an instance of the core, by its exports alone: trained, evaluated, differentiated. For the test of the 256-bit pass, which
// compares the whole memory afterwards.

import { Address, LayerKind, Measure, OptimizerField, StepField, TrainField, type Tile } from '../../assembly/abi.js';
import type { Random } from '../data/random.js';
import type { Core } from '../engine/engine.js';
import type { NetworkPlan } from '../plan/network.js';
import type { Comparison } from './passNetworks.js';
import type { Parts } from './passParts.js';

/** Numbers where rounding, signs and underflow show, among ordinary ones. */
const awkward = [0, -0, 1e-40, -1e-40, 1e-20, 30, -30, 100, -100, 0.5];

/** The core's memory after the network has trained and been differentiated. The same seed gives the same work. */
export function runNetwork(parts: Parts, core: Core, comparison: Comparison, tile: Tile): ArrayBuffer {
  const { rows, batchSize, weighted } = comparison;
  const plan = parts.resolveNetwork(comparison.options);
  const curved = parts.whyNoCurvature(plan) === undefined;
  core.chooseTiles(tile, tile);
  open(parts, core, plan, rows, batchSize, curved);
  fillWindow(parts, core, plan, rows);
  if (curved) floatsAt(core, Address.DerivativeTargets, rows * core.measure(Measure.DerivativeStride)).fill(0.25);
  if (curved) floatsAt(core, Address.DerivativeWeights, plan.outputs * plan.inputs).fill(0.5);
  train(core, rows, batchSize, weighted, false);
  if (curved) train(core, rows, batchSize, weighted, true);
  core.forward(0, batchSize, false, 0, 1);
  core.loss(0, weighted, batchSize);
  core.zeroGradients();
  core.backward(true, true);
  core.step(batchSize);
  if (plan.optimizer.constants[OptimizerField.HistorySize] > 0) direct(parts, core);
  if (curved) {
    core.forward(0, batchSize, false, 0, 1);
    core.hessianProduct(plan.outputs - 1);
  }
  return core.memory.buffer as ArrayBuffer;
}

/** A thousand rows through 2-16-16-1 with tanh, in batches of 32, by Adam: a function that does it again. */
export function smallSteps(parts: Parts, core: Core): () => void {
  const hidden = parts.dense(16, { activation: 'tanh' });
  const plan = parts.resolveNetwork({ inputs: 2, layers: [hidden, hidden, parts.dense(1)] });
  open(parts, core, plan, 1024, 32, false);
  fillWindow(parts, core, plan, 1024, 0);
  return () => train(core, 1024, 32, false, false);
}

/** The network in the core's memory, with its initial weights and room for the window. */
function open(parts: Parts, core: Core, plan: NetworkPlan, rows: number, batchSize: number, derivatives: boolean): void {
  const { tensors, key } = plan;
  if (!parts.buildNetwork(core, plan, false)) throw new RangeError('no memory for a network of the test');
  parts.writeConstants(core, plan);
  tensors.forEach((tensor, i) => {
    parts.writeTensor(
      core,
      plan,
      Address.Parameters,
      i,
      parts.initialValues(tensor.init, tensor.shape, tensor, key, tensor.name),
    );
  });
  if (!core.reserve(rows, batchSize + 1, true, derivatives)) throw new RangeError('no memory for a network of the test');
}

function floatsAt(core: Core, what: Address, length: number): Float32Array {
  return new Float32Array(core.memory.buffer, core.address(what) >>> 0, length);
}

/** Rows, targets, their weights, and a learning rate for each step. Of the rows, every `oddities`-th number is an awkward one; 0: none is. */
function fillWindow(parts: Parts, core: Core, plan: NetworkPlan, rows: number, oddities = 7): void {
  const random = new parts.Random(1, 'rows');
  const xStride = core.measure(Measure.InputStride);
  const x = floatsAt(core, Address.Inputs, rows * xStride);
  const categories = plan.layers.find(({ kind }) => kind === LayerKind.Embedding)?.categories ?? 0;
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < plan.inputs; j++) {
      const odd = oddities > 0 && random.below(oddities) === 0;
      x[i * xStride + j] =
        j === 0 && categories > 0 ? random.below(categories) : odd ? awkward[random.below(awkward.length)]! : random.normal();
    }
  const stride = core.measure(Measure.TargetStride);
  const targets = floatsAt(core, Address.Targets, rows * stride);
  for (let i = 0; i < rows; i++) {
    const chosen = random.below(plan.outputs);
    for (let j = 0; j < plan.targetColumns; j++) targets[i * stride + j] = target(plan, random, chosen, j);
  }
  floatsAt(core, Address.SampleWeights, rows).forEach((_, i, weights) => {
    weights[i] = i % 3;
  });
  const numbers = parts.stepNumbers(plan);
  const steps = new Float64Array(core.memory.buffer, core.address(Address.Steps) >>> 0, rows * numbers);
  for (let i = 0; i < rows; i++) steps[i * numbers + StepField.Rate] = 0.01;
}

/** What column j of a target holds, of a row whose class is `chosen`. */
function target({ loss }: NetworkPlan, random: Random, chosen: number, j: number): number {
  switch (loss.targets) {
    case 'class':
      return chosen;
    case 'simplex':
      return Number(j === chosen);
    case 'unit':
      return random.uniform();
    case 'sign':
      return random.below(2) * 2 - 1;
    case 'count':
      return random.below(4);
    case 'real':
      return random.normal();
  }
}

/** One pass over the window. */
function train(core: Core, rows: number, batchSize: number, weighted: boolean, derivatives: boolean): void {
  const request = new Float64Array(core.memory.buffer, core.address(Address.TrainRequest) >>> 0, TrainField.Count);
  request[TrainField.Rows] = rows;
  request[TrainField.BatchSize] = batchSize;
  request[TrainField.Accumulate] = 1;
  request[TrainField.Weighted] = Number(weighted);
  request[TrainField.KeepOutputs] = 1;
  request[TrainField.IgnoreDivergence] = 1;
  request[TrainField.Derivatives] = Number(derivatives);
  core.train(0, 1);
}

/** L-BFGS: a pair of vectors and the direction they give, of the network's gradient. */
function direct({ Random }: Parts, core: Core): void {
  const length = core.measure(Measure.TrainableFloats);
  const vector = (at: number) => new Float64Array(core.memory.buffer, at >>> 0, length);
  const s = core.pairAt(core.measure(Measure.Pairs)) >>> 0;
  const random = new Random(2, 'pairs');
  for (const at of [s, s + 8 * core.measure(Measure.TrainableFloats), core.address(Address.Direction)])
    vector(at).forEach((_, k, values) => {
      values[k] = 1 + random.uniform();
    });
  core.keepPair(length);
  core.findDirection(length);
}

// Export to ONNX: any network, as a graph of standard operators that onnxruntime-web runs. Opset 13 suffices, 17 with
// layerNorm; activations without an operator that old are composed. Dropout and noise do nothing at prediction and are left
// out. Rows are the free dimension "rows".

import { LayerKind } from '../../../assembly/abi.js';
import { fail } from '../../errors.js';
import type { ActivationName, ResolvedActivation } from '../../plan/activations.js';
import { checkBoolean, checkKeys } from '../../options.js';
import type { LayerPlan } from '../../plan/network.js';
import {
  type Affine,
  type FittedEstimator,
  type Network,
  type NetworkSource,
  openNetwork,
  split,
  type Surroundings,
  tensorOf,
} from '../network.js';
import { type AttributeValue, DataType, type NodeMessage, type TensorMessage, writeModel } from './messages.js';

export interface OnnxExportOptions extends Surroundings {
  /** Batch norm right after a dense layer without activation becomes part of its weights (default true). */
  readonly foldBatchNorm?: boolean;
  /** Name of the graph's input, rows x inputs (default 'x'). */
  readonly inputName?: string;
  /** Name of the graph's output, rows x outputs (default 'y'). */
  readonly outputName?: string;
}

/**
 * The network of a model or a fitted estimator as ONNX: input rows x inputs of float32, output rows x outputs, as the model's
 * predict gives them. A scaler goes in front; labels and feature names become metadata. Of an estimator fitted on a table the
 * inputs are the columns its encoder makes (featureNames).
 * @throws ERR_UNSUPPORTED naming the layer that has no operator, ERR_NONFINITE for weights that are not numbers.
 * @example
 * writeFileSync('model.onnx', exportOnnx(model, { scaler }));
 */
export function exportOnnx(model: NetworkSource | FittedEstimator<NetworkSource>, options: OnnxExportOptions = {}): Uint8Array {
  checkKeys(
    options,
    ['scaler', 'targetScaler', 'labels', 'featureNames', 'foldBatchNorm', 'inputName', 'outputName'],
    'exportOnnx',
  );
  const { network } = openNetwork(model, options, 'exportOnnx');
  const fold = checkBoolean(options.foldBatchNorm ?? true, 'exportOnnx.foldBatchNorm');
  const input = checkName(options.inputName ?? 'x', 'inputName');
  const output = checkName(options.outputName ?? 'y', 'outputName');
  if (input === output) fail('ERR_OPTION', `exportOnnx.outputName: is ${JSON.stringify(output)}, as the input.`);

  const graph = new Graph(input);
  if (network.before) affine(graph, network.before, 'scaler');
  walk(graph, network, fold);
  if (network.after) affine(graph, network.after, 'targetScaler');
  graph.finish(output);

  const { plan } = network;
  const metadata = new Map<string, string>();
  if (network.labels) metadata.set('labels', JSON.stringify(network.labels));
  if (network.featureNames) metadata.set('featureNames', JSON.stringify(network.featureNames));
  return writeModel({
    irVersion: 8,
    producer: 'feedforward',
    producerVersion: '',
    opsets: new Map([['', graph.opset]]),
    metadata,
    graphName: 'network',
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: [{ name: input, dataType: DataType.Float, dims: ['rows', plan.inputs] }],
    outputs: [{ name: output, dataType: DataType.Float, dims: ['rows', plan.outputs] }],
  });
}

function checkName(name: unknown, option: string): string {
  // Names inside the graph have a dot or a slash; this cannot meet them.
  if (typeof name !== 'string' || !/^[A-Za-z_]\w*$/.test(name))
    return fail('ERR_OPTION', `exportOnnx.${option}: expected letters, digits and underscores, got ${JSON.stringify(name)}.`);
  return name;
}

/** A graph under construction: a chain of nodes, `value` being the output of the last. */
class Graph {
  readonly nodes: NodeMessage[] = [];
  readonly initializers: TensorMessage[] = [];
  opset = 13;

  constructor(public value: string) {}

  /** Adds a node; its output becomes `value`. */
  add(op: string, inputs: string[], path: string, attributes: Record<string, AttributeValue> = {}): string {
    this.value = `${path}/${op}.${this.nodes.length}`;
    const node = {
      op,
      domain: '',
      name: this.value,
      inputs,
      outputs: [this.value],
      attributes: new Map(Object.entries(attributes)),
    };
    this.nodes.push(node);
    return this.value;
  }

  constant(name: string, values: ArrayLike<number>, dims: number[] = [values.length]): string {
    if (!this.initializers.some((t) => t.name === name))
      this.initializers.push({ name, dataType: DataType.Float, dims, values, strings: [] });
    return name;
  }

  scalar(value: number): string {
    return this.constant(`constant.${value}`, [value], []);
  }

  /** The last value gets the name of the output. */
  finish(output: string): void {
    const last = this.nodes[this.nodes.length - 1];
    if (last === undefined) this.add('Identity', [this.value], 'network');
    (this.nodes[this.nodes.length - 1] as NodeMessage).outputs = [output];
  }
}

function walk(graph: Graph, network: Network, fold: boolean): void {
  const { layers } = network.plan;
  const saved: string[] = [];
  for (let i = 0; i < layers.length; i++) {
    const layer = layers[i]!;
    const { path } = layer;
    switch (layer.kind) {
      case LayerKind.Dense: {
        const next = fold && layer.activation.name === 'identity' ? batchNormAfter(layers, i) : -1;
        dense(graph, network, layer, layers[next]);
        if (next >= 0) i = next;
        break;
      }
      case LayerKind.Activation:
        activation(graph, network, layer);
        break;
      case LayerKind.BatchNorm: {
        const role = (name: 'gamma' | 'beta' | 'runningMean' | 'runningVariance') =>
          graph.constant(`${path}.${name}`, tensorOf(network, layer, name)!);
        const inputs = [graph.value, role('gamma'), role('beta'), role('runningMean'), role('runningVariance')];
        graph.add('BatchNormalization', inputs, path, { epsilon: layer.epsilon });
        break;
      }
      case LayerKind.LayerNorm: {
        graph.opset = 17;
        const inputs = [
          graph.value,
          graph.constant(`${path}.gamma`, tensorOf(network, layer, 'gamma')!),
          graph.constant(`${path}.beta`, tensorOf(network, layer, 'beta')!),
        ];
        graph.add('LayerNormalization', inputs, path, { axis: -1, epsilon: layer.epsilon });
        break;
      }
      case LayerKind.Dropout:
      case LayerKind.Noise:
        break;
      case LayerKind.ResidualBegin:
        saved.push(graph.value);
        break;
      case LayerKind.ResidualEnd: {
        const inside = graph.value;
        let skip = saved.pop()!;
        const weight = tensorOf(network, layer, 'weight');
        if (weight)
          skip = graph.add(
            'MatMul',
            [skip, graph.constant(`${path}.projection.weight`, weight, [layer.inputs, layer.outputs])],
            path,
          );
        graph.add('Add', [skip, inside], path);
        break;
      }
      default:
        fail(
          'ERR_UNSUPPORTED',
          `exportOnnx: ${path} is of a kind (${LayerKind[layer.kind as LayerKind] ?? layer.kind}) that ONNX export does not know.`,
        );
    }
  }
}

/** Index of a batch norm that follows layer i with nothing between that matters, or -1. */
function batchNormAfter(layers: readonly LayerPlan[], i: number): number {
  let next = i + 1;
  while (layers[next]?.kind === LayerKind.Dropout || layers[next]?.kind === LayerKind.Noise) next++;
  return layers[next]?.kind === LayerKind.BatchNorm ? next : -1;
}

/** y = f(x W + b), with the batch norm after it folded in: W g / sqrt(v + e), (b - m) g / sqrt(v + e) + beta. */
function dense(graph: Graph, network: Network, layer: LayerPlan, norm: LayerPlan | undefined): void {
  const { path, inputs, outputs } = layer;
  let weight = tensorOf(network, layer, 'weight')!;
  let bias = tensorOf(network, layer, 'bias');
  if (norm) {
    const [gamma, beta, mean, variance] = (['gamma', 'beta', 'runningMean', 'runningVariance'] as const).map(
      (role) => tensorOf(network, norm, role)!,
    );
    const factor = Float64Array.from(gamma!, (g, j) => g / Math.sqrt(variance![j]! + norm.epsilon));
    weight = weight.map((w, k) => w * factor[k % outputs]!);
    bias = Float32Array.from(factor, (f, j) => ((bias?.[j] ?? 0) - mean![j]!) * f + beta![j]!);
  }
  const operands = [graph.value, graph.constant(`${path}.weight`, weight, [inputs, outputs])];
  if (bias) operands.push(graph.constant(`${path}.bias`, bias));
  graph.add('Gemm', operands, path);
  activation(graph, network, layer);
}

/** Sub, Mul, Add and Clip, leaving out what does nothing. What float32 loses of the centre is subtracted after it. */
function affine(graph: Graph, { center, factor, shift, low, high }: Affine, path: string): void {
  const needed = (values: ArrayLike<number>, neutral: number) => Array.from(values).some((v) => v !== neutral);
  const middle = split(center);
  if (needed(center, 0)) graph.add('Sub', [graph.value, graph.constant(`${path}.center`, middle.high)], path);
  if (middle.low.some((v, j) => Math.abs(v * factor[j]!) > 2 ** -26))
    graph.add('Sub', [graph.value, graph.constant(`${path}.centerRest`, middle.low)], path);
  if (needed(factor, 1)) graph.add('Mul', [graph.value, graph.constant(`${path}.factor`, Float32Array.from(factor))], path);
  if (needed(shift, 0)) graph.add('Add', [graph.value, graph.constant(`${path}.shift`, Float32Array.from(shift))], path);
  if (low > -Infinity) graph.add('Clip', [graph.value, graph.scalar(low), graph.scalar(high)], path);
}

// ---- activations ------------------------------------------------------------------------------------------------------------

type Emit = (graph: Graph, activation: ResolvedActivation, path: string, slope: Float32Array | undefined) => void;

/** One operator, with attributes made of the activation's numbers. */
function operator(op: string, attributes: (a: number) => Record<string, number> = () => ({})): Emit {
  return (graph, { a }, path) => void graph.add(op, [graph.value], path, attributes(a));
}

const emit: Readonly<Record<ActivationName, Emit>> = {
  identity: () => undefined,
  linear: (graph, { a, b }, path) => {
    graph.add('Mul', [graph.value, graph.scalar(a)], path);
    graph.add('Add', [graph.value, graph.scalar(b)], path);
  },
  sign: operator('Sign'),
  // 1 where z >= 0, that is not z < 0.
  step: (graph, _, path) => {
    graph.add('GreaterOrEqual', [graph.value, graph.scalar(0)], path);
    graph.add('Cast', [graph.value], path, { to: DataType.Float });
  },
  sigmoid: operator('Sigmoid'),
  tanh: operator('Tanh'),
  relu: operator('Relu'),
  leakyRelu: operator('LeakyRelu', (alpha) => ({ alpha })),
  prelu: (graph, _, path, slope) => void graph.add('PRelu', [graph.value, graph.constant(`${path}.slope`, slope!)], path),
  elu: operator('Elu', (alpha) => ({ alpha })),
  celu: operator('Celu', (alpha) => ({ alpha })),
  selu: operator('Selu'),
  // z (1 + erf(z / sqrt 2)) / 2
  gelu: (graph, _, path) => {
    const z = graph.value;
    graph.add('Mul', [z, graph.scalar(Math.SQRT1_2)], path);
    graph.add('Erf', [graph.value], path);
    graph.add('Add', [graph.value, graph.scalar(1)], path);
    graph.add('Mul', [graph.value, z], path);
    graph.add('Mul', [graph.value, graph.scalar(0.5)], path);
  },
  // z sigmoid(2 sqrt(2 / pi) (z + 0.044715 z^3))
  geluTanh: (graph, _, path) => {
    const z = graph.value;
    const square = graph.add('Mul', [z, z], path);
    const inner = graph.add('Mul', [square, graph.scalar(0.044715 * Math.sqrt(8 / Math.PI))], path);
    const factor = graph.add('Add', [inner, graph.scalar(Math.sqrt(8 / Math.PI))], path);
    graph.add('Mul', [factor, z], path);
    graph.add('Sigmoid', [graph.value], path);
    graph.add('Mul', [graph.value, z], path);
  },
  silu: (graph, _, path) => {
    const z = graph.value;
    graph.add('Mul', [graph.add('Sigmoid', [z], path), z], path);
  },
  softplus: operator('Softplus'),
  softsign: operator('Softsign'),
  mish: (graph, _, path) => {
    const z = graph.value;
    graph.add('Softplus', [z], path);
    graph.add('Tanh', [graph.value], path);
    graph.add('Mul', [graph.value, z], path);
  },
  hardSigmoid: operator('HardSigmoid', () => ({ alpha: 1 / 6, beta: 0.5 })),
  softmax: operator('Softmax', () => ({ axis: -1 })),
  logSoftmax: operator('LogSoftmax', () => ({ axis: -1 })),
};

function activation(graph: Graph, network: Network, layer: LayerPlan): void {
  const { activation, path } = layer;
  if (!Object.hasOwn(emit, activation.name))
    fail(
      'ERR_UNSUPPORTED',
      `exportOnnx: ${path} has the activation ${JSON.stringify(activation.name)}, which ONNX export does not know.`,
    );
  emit[activation.name](graph, activation, path, tensorOf(network, layer, 'slope'));
}

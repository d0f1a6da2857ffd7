// Export to ONNX: any network, as a graph of standard operators that onnxruntime-web runs. Opset 13 suffices, 17 with
// layerNorm; activations without an operator that old are composed. Dropout and noise do nothing at prediction and are left
// out. Rows are the free dimension "rows".

import { LayerKind } from '../../../assembly/abi.js';
import { fail } from '../../errors.js';
import { parameterOf, type ResolvedActivation } from '../../plan/activations.js';
import { formulas, isElementwise } from '../../plan/activations.js';
import { choice, flag, readOptions, type Schema } from '../../options.js';
import type { LayerPlan } from '../../plan/network.js';
import { type Affine, roundingLoss, split } from '../affine.js';
import {
  type FittedEstimator,
  type Network,
  type NetworkSource,
  exportRows,
  openNetwork,
  refuseActivation,
  refuseLayer,
  rescaleMap,
  type ExportOptions,
  tensorOf,
} from '../network.js';
import { printOnnx } from '../expression/onnx.js';
import { namesElsewhere, type OnnxOperator } from '../names.js';
import { type AttributeValue, DataType, type NodeMessage, type TensorMessage, writeModel } from './messages.js';

/** Options of exportOnnx: what stands before and after the network, and how the graph is written. */
export interface OnnxExportOptions extends ExportOptions {
  /** Batch norm right after a dense layer without activation becomes part of its weights (default true). */
  readonly foldBatchNorm?: boolean;
  /**
   * What the graph's input is made of. float32 (the default) rounds every number before the scaler, or a rescale layer in
   * front, subtracts from it; where that makes an error above 1e-4 after scaling, the choice must be made: 'float64' subtracts
   * in float64 and goes on in float32, 'float32' rounds all the same.
   */
  readonly inputType?: 'float32' | 'float64';
  /** Name of the graph's input, rows x inputs (default 'x'). */
  readonly inputName?: string;
  /** Name of the graph's output, rows x outputs (default 'y'). */
  readonly outputName?: string;
}

const optionRows = {
  ...exportRows,
  foldBatchNorm: flag(true),
  inputType: choice(['float32', 'float64']),
  inputName: (value = 'x', name) => checkName(value, name),
  outputName: (value = 'y', name) => checkName(value, name),
} satisfies Schema<OnnxExportOptions>;

/**
 * The network of a model or a fitted estimator as ONNX: input rows x inputs of float32, output rows x outputs, as the model's
 * predict gives them. A scaler goes in front; labels and feature names become metadata. Of an estimator fitted on a table the
 * inputs are the columns its encoder makes (featureNames). Outputs in onnxruntime are within 1e-5 of predict's, relative to the largest
 * output in size where that is above 1: both compute in float32.
 * @throws ERR_UNSUPPORTED naming the layer that has no operator, ERR_NONFINITE for weights that are not numbers, ERR_RANGE for
 * a scaler or rescale layer in front that float32 inputs would lose too many digits for: see inputType.
 * @example
 * writeFileSync('model.onnx', exportOnnx(model, { featureNames: ['length', 'width'] }));
 */
export function exportOnnx(
  model: NetworkSource | FittedEstimator<NetworkSource>,
  options: OnnxExportOptions = {},
): Uint8Array<ArrayBuffer> {
  const read = readOptions(optionRows, options, 'exportOnnx', 'exportOnnx.');
  const { foldBatchNorm: fold, inputName: input, outputName: output } = read;
  const { network } = openNetwork(model, options, 'exportOnnx');
  if (input === output) fail('ERR_OPTION', `exportOnnx.outputName: is ${JSON.stringify(output)}, as the input.`);

  const graph = new Graph(input);
  const double = readsDoubles(network, read.inputType);
  const path = network.firstLayer?.path ?? 'scaler';
  if (double) affineDouble(graph, network.first, path);
  else if (network.first) affine(graph, network.first, path);
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
    inputs: [{ name: input, dataType: double ? DataType.Double : DataType.Float, dims: ['rows', plan.inputs] }],
    outputs: [{ name: output, dataType: DataType.Float, dims: ['rows', plan.outputs] }],
  });
}

/** The largest error, in what comes out of the first map, that rounding rows to float32 may make without being asked for. */
const worstLoss = 1e-4;

/** Whether rows come in float64. @throws ERR_OPTION; ERR_RANGE where nobody said and float32 would lose too much. */
function readsDoubles({ first, featureNames }: Network, inputType: 'float32' | 'float64' | undefined): boolean {
  if (inputType !== undefined) return inputType === 'float64';
  if (first === undefined) return false;
  const { loss, column } = roundingLoss(first);
  if (loss <= worstLoss) return false;
  const name = featureNames?.[column];
  const problem = `Column ${column}${name === undefined ? '' : ` (${name})`} lies around ${first.center[column]}, and float32 would round it before the network subtracts that: an error of up to ${loss.toPrecision(2)} after scaling.`;
  return fail(
    'ERR_RANGE',
    `exportOnnx: ${problem[0]!.toLowerCase()}${problem.slice(1)} Pass inputType: 'float64' for a graph whose input is float64, or inputType: 'float32' to round all the same.`,
    { column, loss, problem, fix: [{ inputType: 'float64' }, { inputType: 'float32' }] },
  );
}

function checkName(value: unknown, name: string): string {
  // Names inside the graph have a dot or a slash; this cannot meet them.
  if (typeof value !== 'string' || !/^[A-Za-z_]\w*$/.test(value))
    return fail('ERR_OPTION', `${name}: expected letters, digits and underscores, got ${JSON.stringify(value)}.`);
  return value;
}

/** A graph under construction: a chain of nodes, `value` being the output of the last. */
class Graph {
  readonly nodes: NodeMessage[] = [];
  readonly initializers: TensorMessage[] = [];
  opset = 13;

  constructor(public value: string) {}

  /** Adds a node; its output becomes `value`. */
  add(op: string, inputs: readonly string[], path: string, attributes: Record<string, AttributeValue> = {}): string {
    this.value = `${path}/${op}.${this.nodes.length}`;
    const node = {
      op,
      domain: '',
      name: this.value,
      inputs: [...inputs],
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

  /** A row of float64. */
  double(name: string, values: Float64Array): string {
    this.initializers.push({ name, dataType: DataType.Double, dims: [values.length], values, strings: [] });
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
  const values = new Map([[-1, graph.value]]); // what each layer gave, -1 the inputs
  for (let i = 0; i < layers.length; values.set(i, graph.value), i++) {
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
      case LayerKind.Rescale:
        if (layer !== network.firstLayer) affine(graph, rescaleMap(network, layer), path);
        break;
      case LayerKind.Dropout:
      case LayerKind.Noise:
        break;
      case LayerKind.Edge: {
        const parts: string[] = [];
        for (; layers[i]!.kind === LayerKind.Edge; i++) parts.push(values.get(layers[i]!.partner)!);
        i--;
        // Of one part there is nothing to join.
        if (parts.length > 1) graph.add('Concat', parts, path, { axis: 1 });
        else graph.value = parts[0]!;
        break;
      }
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
        refuseLayer(layer, 'exportOnnx', 'ONNX export');
    }
  }
}

/** Index of a batch norm that follows layer i with nothing between that matters, or -1. */
function batchNormAfter(layers: readonly LayerPlan[], i: number): number {
  let next = i + 1;
  while (layers[next]?.kind === LayerKind.Dropout || layers[next]?.kind === LayerKind.Noise) next++;
  // What edges read before the norm must stay as it is.
  if (layers.some(({ kind, partner }) => kind === LayerKind.Edge && partner >= i && partner < next)) return -1;
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

/** Sub and Mul on float64, then Cast; Add and Clip on float32. Without a map just Cast. */
function affineDouble(graph: Graph, map: Affine | undefined, path: string): void {
  if (map) {
    graph.add('Sub', [graph.value, graph.double(`${path}.center`, map.center)], path);
    graph.add('Mul', [graph.value, graph.double(`${path}.factor`, map.factor)], path);
  }
  graph.add('Cast', [graph.value], path, { to: DataType.Float });
  if (map) affine(graph, { ...map, center: map.center.map(() => 0), factor: map.factor.map(() => 1) }, path);
}

// ---- activations ------------------------------------------------------------------------------------------------------------

/** The last opset whose operators the exporter may use (17 for layer norm); later ones are composed. */
const newestOperators = 13;

function activation(graph: Graph, network: Network, layer: LayerPlan): void {
  const { activation, path } = layer;
  const { name } = activation;
  if (name === 'identity') return;
  const slope = tensorOf(network, layer, 'slope');
  const operator = Object.hasOwn(namesElsewhere, name) ? namesElsewhere[name]?.onnx : undefined;
  if (operator && (operator.since ?? 0) <= newestOperators) {
    const slopes = slope ? [graph.constant(`${path}.slope`, slope)] : [];
    graph.add(operator.name, [graph.value, ...slopes], path, attributes(operator, activation));
    return;
  }
  if (!isElementwise(name)) refuseActivation(layer, 'exportOnnx', 'ONNX export');
  printOnnx(
    {
      add: (op, inputs) => graph.add(op, inputs, path),
      scalar: (value) => graph.scalar(value),
      truth: (condition) => graph.add('Cast', [condition], path, { to: DataType.Float }),
    },
    formulas[name](activation.a, activation.b, activation.coefficients),
    graph.value,
  );
}

/** Of an operator for an activation: what differs from what it is when nothing is said, and the axis of those that read a row. */
function attributes({ parameters, settings }: OnnxOperator, activation: ResolvedActivation): Record<string, AttributeValue> {
  const all: Record<string, AttributeValue> = {};
  for (const [own, { name }] of Object.entries(parameters ?? {})) all[name] = parameterOf(activation, own);
  for (const [setting, { value, preset }] of Object.entries(settings ?? {})) if (value !== preset) all[setting] = value!;
  if (!isElementwise(activation.name)) all['axis'] = -1;
  return all;
}

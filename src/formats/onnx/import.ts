// Import from ONNX: dense networks as the exporters of PyTorch, Keras and scikit-learn write them. The graph is read from its
// output back to its input, a chain of matrices, norms and activations with residual branches; constants are folded on the
// way. What elementwise operators compute together is recognised by its values: however an exporter spells gelu, it is gelu.

import { rules } from '../../baseline/activations.js';
import type { Label } from '../../data/labels.js';
import { fail, show } from '../../errors.js';
import { has } from '../../options.js';
import type { ActivationLike, ActivationName } from '../../plan/activations.js';
import { assemble, type Part } from '../assemble.js';
import type { ImportedNetwork } from '../network.js';
import { asBytes } from '../safetensors.js';
import { parseJson } from '../json.js';
import { type AttributeValue, DataType, type NodeMessage, readModel, type TensorMessage } from './messages.js';

/**
 * The dense network in an ONNX model: options and parameters, from which `build` makes a model. What follows the
 * probabilities (labels, ZipMap, ArgMax) is cut off; of a binary classifier's two columns the second is left.
 * @throws ERR_UNSUPPORTED naming the operator that no layer stands for; ERR_FORMAT for a file that is no ONNX model;
 * ERR_NONFINITE for weights that are not numbers.
 * @example
 * const model = build(MLP, importOnnx(bytes));
 */
export function importOnnx(bytes: Uint8Array | ArrayBuffer): ImportedNetwork {
  const model = readModel(asBytes(bytes, 'importOnnx'));
  if (model.nodes.length > MAX_NODES)
    fail('ERR_UNSUPPORTED', `importOnnx: a graph of ${model.nodes.length} operators; dense networks have at most ${MAX_NODES}.`);
  const graph = new Graph(model.nodes, model.initializers, model.opsets.get('') ?? 0);
  const inputs = model.inputs.filter((value) => !graph.constants.has(value.name));
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1)
    return fail('ERR_UNSUPPORTED', `importOnnx: the graph has ${inputs.length} inputs; expected one, rows of features.`);
  graph.begin(input.name);
  const output = chooseOutput(
    graph,
    model.outputs.map((value) => value.name),
  );
  const parts = new Walk(graph, input.name).back(output);
  const columns = input.dims.slice(1);
  const known = columns.length > 0 && columns.every((dim) => typeof dim === 'number' && dim > 0);
  const labels = readLabels(graph, model.metadata.get('labels'));
  return assemble(parts, known ? (columns as number[]).reduce((a, b) => a * b, 1) : undefined, labels);
}

const MAX_NODES = 5000;
const MAX_NESTING = 64;

// ---- the graph ----------------------------------------------------------------------------------------------------------------

interface Node extends NodeMessage {
  /** Place in the file's order, in which every value is made before it is used. */
  readonly index: number;
}

class Graph {
  readonly nodes: readonly Node[];
  readonly constants = new Map<string, TensorMessage>();
  private readonly makers = new Map<string, Node>();
  private folded = 0;

  constructor(
    nodes: readonly NodeMessage[],
    initializers: readonly TensorMessage[],
    readonly opset: number,
  ) {
    for (const tensor of initializers) this.define(tensor.name, tensor);
    this.nodes = nodes.map((node, index) => ({ ...node, index }));
  }

  /** Indexes the nodes and folds constants, given the name of the input. */
  begin(input: string): void {
    const made = new Set([input, '']);
    const limit = 8 * [...this.constants.values()].reduce((sum, t) => sum + t.values.length, 1000);
    for (const node of this.nodes) {
      for (const name of node.inputs)
        if (!made.has(name) && !this.constants.has(name)) refuse(`${describe(node)} reads ${show(name)} before it is made`);
      for (const name of node.outputs) {
        if (name === '') continue;
        if (made.has(name) || this.constants.has(name)) refuse(`two operators make ${show(name)}`);
        made.add(name);
        this.makers.set(name, node);
      }
      const value = foldConstant(node, this);
      if (value === undefined || node.outputs[0] === undefined) continue;
      this.folded += value.values.length;
      if (this.folded > limit)
        fail('ERR_UNSUPPORTED', 'importOnnx: the weights are computed from each other. Export the model with constants folded.');
      this.define(node.outputs[0], value);
    }
  }

  private define(name: string, value: TensorMessage): void {
    if (this.constants.has(name)) refuse(`two tensors are called ${show(name)}`);
    this.constants.set(name, value);
  }

  /** The node that makes a value; undefined for the input. */
  maker(name: string): Node | undefined {
    return this.makers.get(name);
  }

  constant(node: Node, input: number): TensorMessage | undefined {
    const name = node.inputs[input];
    return name === undefined || name === '' ? undefined : this.constants.get(name);
  }

  /** Inputs of a node that are not constants. */
  variables(node: Node): string[] {
    return node.inputs.filter((name) => name !== '' && !this.constants.has(name));
  }
}

function refuse(problem: string): never {
  return fail('ERR_FORMAT', `Not a valid ONNX graph: ${problem}.`);
}

function describe(node: Node): string {
  return `${node.op}${node.name === '' ? '' : ` (${show(node.name)})`}`;
}

function unsupported(node: Node, why = 'no layer stands for it'): never {
  const domain = node.domain === '' ? '' : `${node.domain}.`;
  return fail('ERR_UNSUPPORTED', `importOnnx: the operator ${domain}${describe(node)} is not supported: ${why}.`, {
    op: node.op,
  });
}

function numberOf(node: Node, name: string, preset: number): number {
  const value: AttributeValue = node.attributes.get(name) ?? preset;
  return typeof value === 'number' ? value : unsupported(node, `its ${name} is ${show(value)}`);
}

/** An attribute as people write it: 0.2, not the nearest float32. */
const short = (value: number): number => Number(Math.fround(value).toPrecision(7));

// ---- constants ----------------------------------------------------------------------------------------------------------------

function foldConstant(node: Node, graph: Graph): TensorMessage | undefined {
  if (node.op === 'Constant' && node.domain === '') return constantOf(node);
  const given = node.inputs.filter((name) => name !== '').map((name) => graph.constants.get(name));
  const [first] = given;
  if (first === undefined || given.some((tensor) => tensor === undefined) || node.domain !== '') return undefined;
  const values = given as TensorMessage[];
  switch (node.op) {
    case 'Identity':
      return first;
    case 'Cast':
      return isFloat(numberOf(node, 'to', 1)) || isFloat(first.dataType) === false ? first : undefined;
    case 'Transpose':
      return transpose(first, node);
    case 'Reshape':
      return { ...first, dims: reshaped(first, Array.from(values[1]?.values ?? [])) };
    case 'Unsqueeze':
    case 'Squeeze':
      return { ...first, dims: first.dims.filter((n) => n !== 1) };
  }
  const compute = has(elementwise, node.op) ? elementwise[node.op] : undefined;
  const size = Math.max(...values.map((tensor) => tensor.values.length));
  if (compute === undefined || values.some((t) => t.strings.length > 0 || (t.values.length !== 1 && t.values.length !== size)))
    return undefined;
  const rule = compute(node);
  const data = new Float64Array(size);
  const operands = new Array<number>(values.length);
  for (let i = 0; i < size; i++) {
    values.forEach((tensor, k) => {
      operands[k] = tensor.values[tensor.values.length === 1 ? 0 : i]!;
    });
    data[i] = rule(...operands);
  }
  const largest = values.find((tensor) => tensor.values.length === size)!;
  return { ...largest, dataType: DataType.Double, values: data };
}

function constantOf(node: Node): TensorMessage | undefined {
  const [name, value] = [...node.attributes][0] ?? [];
  const whole = name === 'value_int' || name === 'value_ints';
  if (typeof value === 'object' && 'dims' in value) return value;
  const values =
    typeof value === 'number' ? [value] : Array.isArray(value) && value.every((v) => typeof v === 'number') ? value : undefined;
  if (values === undefined) return undefined;
  return {
    name: '',
    dataType: whole ? DataType.Int64 : DataType.Float,
    dims: typeof value === 'number' ? [] : [values.length],
    values,
    strings: [],
  };
}

const isFloat = (dataType: number): boolean =>
  dataType === DataType.Float || dataType === DataType.Double || dataType === 10 || dataType === 16;

function transpose(tensor: TensorMessage, node: Node): TensorMessage | undefined {
  const perm = node.attributes.get('perm');
  const [rows, columns] = tensor.dims;
  if (tensor.dims.length === 1) return tensor;
  if (tensor.dims.length !== 2 || (Array.isArray(perm) && perm.join() !== '1,0')) return undefined;
  return { ...tensor, dims: [columns!, rows!], values: transposed(tensor.values, rows!, columns!) };
}

function transposed(values: ArrayLike<number>, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, k) => values[(k % rows) * columns + Math.floor(k / rows)]!);
}

function reshaped({ values, dims }: TensorMessage, wanted: number[]): number[] {
  const shape = wanted.map((n, i) => (n === 0 ? (dims[i] ?? 0) : n));
  const rest = shape.reduce((a, b) => (b === -1 ? a : a * b), 1);
  const whole = shape.map((n) => (n === -1 ? values.length / rest : n));
  if (whole.some((n) => !Number.isInteger(n) || n < 0) || whole.reduce((a, b) => a * b, 1) !== values.length)
    refuse(`a Reshape of ${values.length} numbers to [${wanted.join(', ')}]`);
  return whole;
}

// ---- outputs and labels ----------------------------------------------------------------------------------------------------------

/** The output that carries the network's values: the first that no ArgMax stands before. Returns the value before any tail. */
function chooseOutput(graph: Graph, outputs: readonly string[]): string {
  let label: string | undefined;
  for (const output of outputs) {
    const { value, picked } = cutTail(graph, output);
    if (!picked) return value;
    label ??= value;
  }
  return label ?? refuse('it has no outputs');
}

/** Goes back over what turns probabilities into answers. `picked`: an ArgMax was among it. */
function cutTail(graph: Graph, output: string): { value: string; picked: boolean } {
  let value = output;
  let reached = output;
  let picked = false;
  for (let node = graph.maker(value); node !== undefined; node = graph.maker(value)) {
    const { op, domain } = node;
    const tail =
      domain === 'ai.onnx.ml'
        ? ['ZipMap', 'ArrayFeatureExtractor', 'LabelEncoder'].includes(op)
        : op === 'ArgMax' || op === 'Gather';
    const plain = domain === '' && ['Identity', 'Cast', 'Reshape', 'Squeeze'].includes(op);
    if (!tail && !plain) break;
    const [before] = graph.variables(node);
    if (before === undefined) break;
    if (op === 'ArgMax') picked = true;
    value = before;
    if (tail) reached = value; // Identity and the like are cut only together with a tail behind them
  }
  return { value: reached, picked };
}

function readLabels(graph: Graph, metadata: string | undefined): Label[] | undefined {
  if (metadata !== undefined) {
    const json = parseJson(metadata, 'ONNX metadata, labels');
    if (Array.isArray(json) && json.every((label) => ['string', 'number', 'boolean'].includes(typeof label)))
      return [...(json as Label[])];
  }
  for (const node of graph.nodes) {
    if (node.domain !== 'ai.onnx.ml') continue;
    const classes = node.op === 'ArrayFeatureExtractor' ? graph.constant(node, 0) : undefined;
    if (classes) return classes.strings.length > 0 ? classes.strings : Array.from(classes.values);
    const listed =
      node.op === 'ZipMap'
        ? (node.attributes.get('classlabels_strings') ?? node.attributes.get('classlabels_int64s'))
        : undefined;
    if (Array.isArray(listed)) return [...listed];
  }
  return undefined;
}

// ---- from the output back to the input --------------------------------------------------------------------------------------------

class Walk {
  private depth = 0;

  constructor(
    private readonly graph: Graph,
    private readonly input: string,
  ) {}

  /** The parts from `start` (the input, if not given) to `value`, in order. */
  back(value: string, start = this.input): Part[] {
    const parts: Part[] = [];
    let at = value;
    while (at !== start) {
      const node = this.graph.maker(at);
      if (node === undefined || this.graph.constants.has(at))
        return fail('ERR_UNSUPPORTED', `importOnnx: ${show(at)} does not come from the input alone.`);
      at = this.step(node, at, parts);
    }
    return parts.reverse();
  }

  /** Adds what a node does, last part first; returns the value it works on. */
  private step(node: Node, at: string, parts: Part[]): string {
    const { graph } = this;
    const variables = graph.variables(node);
    const from = describe(node);
    const operator = `${node.domain}:${node.op}`;
    if (operator === ':Add' && variables.length === 2 && variables[0] !== variables[1]) {
      const found = recognise(graph, node, at);
      if (found === undefined) return this.residual(node, variables as [string, string], parts);
      parts.push(...found.parts);
      return found.value;
    }
    const [x] = variables;
    if (x === undefined) return unsupported(node, 'all it reads is constant');
    switch (operator) {
      case ':Identity':
      case ':Dropout':
        return x;
      case ':Cast':
        return isFloat(numberOf(node, 'to', 1))
          ? this.castOrStep(node, at, x, parts)
          : unsupported(node, 'it rounds to whole numbers');
      case ':Flatten':
        if (numberOf(node, 'axis', 1) !== 1) unsupported(node, 'it flattens rows');
        return x;
      case ':Reshape':
        parts.push(...this.reshape(node));
        return x;
      case ':Squeeze':
      case ':Unsqueeze':
        parts.push({ kind: 'width', width: 1, from });
        return x;
      case ':Gemm':
        parts.push(this.gemm(node));
        return x;
      case ':MatMul': {
        const weight = this.graph.constant(node, 1);
        if (weight === undefined) unsupported(node, 'its second matrix is not constant');
        const [inputs, outputs] = matrixDims(weight, node);
        parts.push({ kind: 'dense', inputs, outputs, weight: weight.values, from });
        return x;
      }
      case ':BatchNormalization': {
        const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => this.vector(node, i));
        if (numberOf(node, 'training_mode', 0) !== 0) unsupported(node, 'it is in training mode');
        const epsilon = short(numberOf(node, 'epsilon', 1e-5));
        const momentum = short(1 - numberOf(node, 'momentum', 0.9)); // ONNX counts the share that is kept
        parts.push({ kind: 'batchNorm', gamma: gamma!, beta: beta!, mean: mean!, variance: variance!, epsilon, momentum, from });
        return x;
      }
      case ':LayerNormalization': {
        const gamma = this.vector(node, 1);
        const axis = numberOf(node, 'axis', -1);
        if (axis !== -1 && axis !== 1) unsupported(node, `its axis is ${axis}`);
        const beta = graph.constant(node, 2)?.values ?? new Float32Array(gamma.length);
        parts.push({ kind: 'layerNorm', gamma, beta, epsilon: short(numberOf(node, 'epsilon', 1e-5)), from });
        return x;
      }
      case 'ai.onnx.ml:Scaler':
        parts.push(scaler(node));
        return x;
      case 'ai.onnx.ml:Normalizer':
        if (!this.sumsToOne(x) || node.attributes.get('norm') === 'L2')
          unsupported(node, 'what it normalises is no row of probabilities');
        return x;
      case ':Concat': {
        // scikit-learn's binary classifier: 1 - p beside p.
        const minus = this.graph.maker(variables[0] ?? '');
        if (
          variables.length === 2 &&
          minus?.op === 'Sub' &&
          graph.constant(minus, 0)?.values[0] === 1 &&
          minus.inputs[1] === variables[1]
        )
          return variables[1]!;
        return unsupported(node);
      }
    }
    if (node.domain === '' && has(direct, node.op)) {
      parts.push({ kind: 'activation', ...direct[node.op]!(node, graph), from });
      return x;
    }
    const norm = operator === ':Div' ? layerNorm(graph, node) : undefined;
    if (norm) {
      parts.push(norm.part);
      return norm.value;
    }
    const found = recognise(graph, node, at);
    if (found === undefined)
      return unsupported(node, has(elementwise, node.op) ? 'what it computes is no activation this library has' : undefined);
    parts.push(...found.parts);
    return found.value;
  }

  /** A cast of a number to a number does nothing; one of a comparison may be a step. */
  private castOrStep(node: Node, at: string, x: string, parts: Part[]): string {
    const maker = this.graph.maker(x);
    if (maker === undefined || !['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Not'].includes(maker.op)) return x;
    const found = recognise(this.graph, node, at) ?? unsupported(maker);
    parts.push(...found.parts);
    return found.value;
  }

  /** Rows stay rows: only the columns of the new shape matter, and they are checked against the width. */
  private reshape(node: Node): Part[] {
    const shape = this.graph.constant(node, 1);
    if (shape === undefined) return unsupported(node, 'its shape is not constant');
    const [rows, ...columns] = Array.from(shape.values);
    if (rows === undefined || (rows !== -1 && rows !== 0 && columns.every((n) => n !== -1)))
      return unsupported(node, 'it changes the number of rows');
    if (columns.some((n) => n <= 0)) return [];
    return [{ kind: 'width', width: columns.reduce((a, b) => a * b, 1), from: describe(node) }];
  }

  private gemm(node: Node): Part {
    const weight = this.graph.constant(node, 1);
    if (weight === undefined) return unsupported(node, 'its second matrix is not constant');
    if (numberOf(node, 'transA', 0) !== 0) return unsupported(node, 'it transposes its rows');
    const turned = numberOf(node, 'transB', 0) !== 0;
    const [rows, columns] = matrixDims(weight, node);
    const [inputs, outputs] = turned ? [columns, rows] : [rows, columns];
    const alpha = numberOf(node, 'alpha', 1);
    const beta = numberOf(node, 'beta', 1);
    let { values } = weight;
    if (turned) values = transposed(values, rows, columns);
    if (alpha !== 1) values = Float64Array.from(values, (w) => w * alpha);
    const shift = this.graph.constant(node, 2);
    if (shift === undefined && node.inputs[2]) return unsupported(node, 'its bias is not constant');
    const bias =
      shift && Float64Array.from({ length: outputs }, (_, j) => beta * shift.values[shift.values.length === 1 ? 0 : j]!);
    if (shift && shift.values.length !== 1 && shift.values.length !== outputs)
      refuse(`${describe(node)} has ${shift.values.length} biases for ${outputs} outputs`);
    return { kind: 'dense', inputs, outputs, weight: values, bias, from: describe(node) };
  }

  private vector(node: Node, input: number): ArrayLike<number> {
    const tensor = this.graph.constant(node, input);
    return tensor?.values ?? unsupported(node, `its input ${input} is not constant`);
  }

  private sumsToOne(value: string): boolean {
    let node = this.graph.maker(value);
    while (node && ['Identity', 'Cast'].includes(node.op)) node = this.graph.maker(node.inputs[0]!);
    return node?.op === 'Softmax' || node?.op === 'Concat';
  }

  /** x + F(x), or x P + F(x), P a matrix without bias. */
  private residual(node: Node, [a, b]: [string, string], parts: Part[]): string {
    const from = describe(node);
    for (const [inside, skip] of [
      [a, b],
      [b, a],
    ] as const) {
      if (!this.dependsOn(inside, skip)) continue;
      parts.push({ kind: 'residual', parts: this.within(inside, skip, node), from });
      return skip;
    }
    for (const [inside, skip] of [
      [a, b],
      [b, a],
    ] as const) {
      const maker = this.graph.maker(skip);
      const [x] = maker === undefined ? [] : this.graph.variables(maker);
      if (maker === undefined || x === undefined || !['MatMul', 'Gemm'].includes(maker.op) || !this.dependsOn(inside, x))
        continue;
      const made: Part[] = [];
      this.step(maker, skip, made);
      const [projection] = made;
      if (projection?.kind !== 'dense' || (projection.bias && Array.from(projection.bias).some((v) => v !== 0))) continue;
      parts.push({ kind: 'residual', parts: this.within(inside, x, node), projection, from });
      return x;
    }
    return unsupported(node, 'its two sides are neither x and F(x) nor x P and F(x)');
  }

  private within(value: string, start: string, node: Node): Part[] {
    if (++this.depth > MAX_NESTING) unsupported(node, `residual blocks are nested more than ${MAX_NESTING} deep`);
    const parts = this.back(value, start);
    this.depth--;
    return parts;
  }

  /** Whether `value` is computed from `on`: a search that stops at what was made before `on`. */
  private dependsOn(value: string, on: string): boolean {
    const floor = this.graph.maker(on)?.index ?? -1;
    const seen = new Set([value]);
    for (const name of seen) {
      const maker = this.graph.maker(name);
      if (maker === undefined || maker.index <= floor) continue;
      for (const input of this.graph.variables(maker)) {
        if (input === on) return true;
        seen.add(input);
      }
    }
    return false;
  }
}

function matrixDims({ dims }: TensorMessage, node: Node): [number, number] {
  if (dims.length !== 2) unsupported(node, `its weights have ${dims.length} dimensions`);
  return [dims[0]!, dims[1]!];
}

function scaler(node: Node): Part {
  const listed = (name: string, preset: number) => {
    const value = node.attributes.get(name) ?? [preset];
    return Array.isArray(value) && value.every((v) => typeof v === 'number')
      ? value
      : unsupported(node, `its ${name} is ${show(value)}`);
  };
  const scale = listed('scale', 1);
  const offset = listed('offset', 0);
  const count = Math.max(scale.length, offset.length);
  const of = (values: readonly number[], j: number) =>
    values[values.length === 1 ? 0 : j] ?? unsupported(node, 'its scale and offset differ in length');
  const columns = Array.from({ length: count }, (_, j) => [of(scale, j), -of(offset, j) * of(scale, j)] as const);
  return { kind: 'affine', scale: columns.map(([s]) => s), shift: columns.map(([, t]) => t), from: describe(node) };
}

/**
 * Layer norm written out, as PyTorch exports it below opset 17: (x - mean) / sqrt(variance + epsilon); scale and shift, if
 * any, come after it as an affine map. Recognised at its Div.
 */
function layerNorm(graph: Graph, node: Node): { part: Part; value: string } | undefined {
  const [top, root] = node.inputs.map((name) => graph.maker(name));
  const x = top?.op === 'Sub' ? top.inputs[0] : undefined;
  const sum = root?.op === 'Sqrt' ? graph.maker(root.inputs[0]!) : undefined;
  if (x === undefined || sum?.op !== 'Add') return undefined;
  const epsilon = graph.constant(sum, 1) ?? graph.constant(sum, 0);
  const spread = graph.maker(graph.variables(sum)[0] ?? '');
  const square = graph.maker(spread?.inputs[0] ?? '');
  const centre = graph.maker(top!.inputs[1]!);
  const isMean = (n: Node | undefined) => n?.op === 'ReduceMean' && [n.attributes.get('axes')].flat().join() === '-1';
  const squares =
    square?.op === 'Pow'
      ? graph.constant(square, 1)?.values[0] === 2
      : square?.op === 'Mul' && square.inputs[0] === square.inputs[1];
  const fits = isMean(centre) && centre!.inputs[0] === x && isMean(spread) && squares && square!.inputs[0] === node.inputs[0];
  if (!fits || epsilon?.values.length !== 1) return undefined;
  return { part: { kind: 'layerNorm', epsilon: short(epsilon.values[0]!), from: describe(node) }, value: x };
}

// ---- activations that are one operator -------------------------------------------------------------------------------------------

type Found = { readonly activation: ActivationLike; readonly slope?: ArrayLike<number> };
type Direct = (node: Node, graph: Graph) => Found;

const plain =
  (activation: ActivationName): Direct =>
  () =>
    ({ activation }) as Found;

/** An activation with one number, given as attribute. */
const withNumber =
  (name: 'leakyRelu' | 'elu' | 'celu', option: string, preset: number): Direct =>
  (node) => {
    const value = short(numberOf(node, 'alpha', preset));
    return { activation: { name, [option]: value } as ActivationLike };
  };

const lastAxis =
  (activation: 'softmax' | 'logSoftmax'): Direct =>
  (node, graph) => {
    const axis = numberOf(node, 'axis', graph.opset < 13 ? 1 : -1);
    return axis === -1 || axis === 1 ? { activation } : unsupported(node, `its axis is ${axis}`);
  };

/** An operator whose attributes must be these. */
const exactly =
  (activation: ActivationName, wanted: Readonly<Record<string, readonly [preset: number, value: number]>>): Direct =>
  (node) => {
    for (const [name, [preset, value]] of Object.entries(wanted)) {
      const got = numberOf(node, name, preset);
      if (Math.abs(got - value) > 1e-6) unsupported(node, `its ${name} is ${short(got)}, but ${activation} has ${short(value)}`);
    }
    return { activation } as Found;
  };

const direct: Readonly<Record<string, Direct>> = {
  Relu: plain('relu'),
  Sigmoid: plain('sigmoid'),
  Tanh: plain('tanh'),
  Softplus: plain('softplus'),
  Softsign: plain('softsign'),
  Sign: plain('sign'),
  Mish: plain('mish'),
  LeakyRelu: withNumber('leakyRelu', 'slope', 0.01),
  Elu: withNumber('elu', 'alpha', 1),
  Celu: withNumber('celu', 'alpha', 1),
  Selu: exactly('selu', { alpha: [1.6732632, 1.6732632], gamma: [1.0507009, 1.0507009] }),
  HardSigmoid: exactly('hardSigmoid', { alpha: [0.2, 1 / 6], beta: [0.5, 0.5] }),
  Swish: exactly('silu', { alpha: [1, 1] }),
  Gelu: (node) => ({ activation: node.attributes.get('approximate') === 'tanh' ? 'geluTanh' : 'gelu' }),
  Softmax: lastAxis('softmax'),
  LogSoftmax: lastAxis('logSoftmax'),
  PRelu: (node, graph) => {
    const slope = graph.constant(node, 1)?.values ?? unsupported(node, 'its slope is not constant');
    return { activation: { name: 'prelu', shared: slope.length === 1 }, slope };
  },
};

// ---- activations that are several operators: recognised by their values -----------------------------------------------------------

type Rule = (...operands: number[]) => number;

const rule = (compute: Rule) => (): Rule => compute;
const truth = (value: boolean): number => (value ? 1 : 0);

/** erf(x) = 2 Phi(sqrt 2 x) - 1, and gelu(z) = z Phi(z). */
function erf(x: number): number {
  const z = x * Math.SQRT2;
  return x === 0 ? 0 : (2 * rules.gelu.value(z, 0, 0)) / z - 1;
}

/** Operators that work number by number. */
const elementwise: Readonly<Record<string, (node: Node) => Rule>> = {
  Identity: rule((x) => x!),
  Cast: rule((x) => x!),
  Add: rule((a, b) => a! + b!),
  Sub: rule((a, b) => a! - b!),
  Mul: rule((a, b) => a! * b!),
  Div: rule((a, b) => a! / b!),
  Pow: rule((a, b) => a! ** b!),
  Neg: rule((x) => -x!),
  Abs: rule((x) => Math.abs(x!)),
  Reciprocal: rule((x) => 1 / x!),
  Sqrt: rule((x) => Math.sqrt(x!)),
  Exp: rule((x) => Math.exp(x!)),
  Log: rule((x) => Math.log(x!)),
  Erf: rule((x) => erf(x!)),
  Tanh: rule((x) => Math.tanh(x!)),
  Sigmoid: rule((x) => 1 / (1 + Math.exp(-x!))),
  Relu: rule((x) => Math.max(x!, 0)),
  Softplus: rule((x) => rules.softplus.value(x!, 0, 0)),
  Softsign: rule((x) => x! / (1 + Math.abs(x!))),
  Sign: rule((x) => Math.sign(x!)),
  Min: rule((...x) => Math.min(...x)),
  Max: rule((...x) => Math.max(...x)),
  Greater: rule((a, b) => truth(a! > b!)),
  GreaterOrEqual: rule((a, b) => truth(a! >= b!)),
  Less: rule((a, b) => truth(a! < b!)),
  LessOrEqual: rule((a, b) => truth(a! <= b!)),
  Not: rule((x) => 1 - x!),
  Where: rule((c, a, b) => (c ? a! : b!)),
  Elu: (node) => (x) => rules.elu.value(x!, numberOf(node, 'alpha', 1), 0),
  LeakyRelu: (node) => (x) => rules.leakyRelu.value(x!, numberOf(node, 'alpha', 0.01), 0),
  HardSigmoid: (node) => (x) => Math.max(0, Math.min(1, numberOf(node, 'alpha', 0.2) * x! + numberOf(node, 'beta', 0.5))),
  Clip: (node) => (x, low, high) =>
    Math.min(high ?? numberOf(node, 'max', Infinity), Math.max(low ?? numberOf(node, 'min', -Infinity), x!)),
};

const MAX_COMPOSED = 16;
const grid = Float64Array.from([0, 1, -1, 0.5, -0.5, 0.1, -0.1, 2, -2, 3, -3, 4.5, -4.5, 6, -6, 9, -9, 14, -14, 25, -25]);

/**
 * What the operators before `at` compute, as a function of one earlier value. Of all the values it could be a function of,
 * the nearest that makes it an activation; failing that, the farthest that makes it an affine map.
 */
function recognise(graph: Graph, node: Node, at: string): { parts: Part[]; value: string } | undefined {
  const nodes = collect(graph, node);
  const values = [...new Set(nodes.flatMap((n) => graph.variables(n)))];
  // Later in the file is nearer; the input has no maker and is the farthest.
  values.sort((a, b) => (graph.maker(b)?.index ?? -1) - (graph.maker(a)?.index ?? -1));
  const from = describe(node);
  let affine: { parts: Part[]; value: string } | undefined;
  for (const value of values) {
    const compute = functionOf(graph, nodes, at, value);
    if (compute === undefined) continue;
    const straight = asAffine(compute);
    if (straight) affine = { parts: [{ kind: 'affine', ...straight, from }], value };
    else {
      const found = asActivation(compute);
      if (found) return { parts: [{ kind: 'activation', ...found, from }], value };
    }
  }
  return affine;
}

/** The node and the elementwise ones before it, nearest first, at most MAX_COMPOSED. */
function collect(graph: Graph, node: Node): Node[] {
  const simple = (n: Node | undefined): n is Node => n !== undefined && n.domain === '' && has(elementwise, n.op);
  const found = new Set(simple(node) ? [node] : []);
  for (const next of found)
    for (const name of graph.variables(next)) {
      const maker = graph.maker(name);
      if (simple(maker) && found.size < MAX_COMPOSED) found.add(maker);
    }
  return [...found].sort((a, b) => b.index - a.index);
}

interface Computed {
  /** Columns its constants differ in: 1 when they are single numbers. */
  readonly columns: number;
  readonly value: (x: number, column: number) => number;
}

/** `at` as a function of `of` alone, or undefined when it depends on more than that. */
function functionOf(graph: Graph, nodes: readonly Node[], at: string, of: string): Computed | undefined {
  let columns = 1;
  // Operations in the order of the file; registers 0 is x, then constants and results.
  const registers = new Map<string, number>([[of, 0]]);
  const constants: { readonly register: number; readonly values: ArrayLike<number> }[] = [];
  const operations: { readonly rule: Rule; readonly operands: number[]; readonly to: number }[] = [];
  let count = 1;
  let hopeless = false;
  const visit = (name: string): number | undefined => {
    const known = registers.get(name);
    if (known !== undefined || hopeless) return known;
    const made = make(name);
    hopeless ||= made === undefined;
    return made;
  };
  const make = (name: string): number | undefined => {
    const constant = graph.constants.get(name);
    if (constant !== undefined) {
      const size = constant.values.length;
      const last = constant.dims[constant.dims.length - 1] ?? 1;
      if (constant.strings.length > 0 || size === 0 || (size > 1 && (last !== size || (columns > 1 && columns !== size))))
        return undefined;
      columns = Math.max(columns, size);
      constants.push({ register: count, values: constant.values });
      registers.set(name, count);
      return count++;
    }
    const maker = graph.maker(name);
    if (maker === undefined || !nodes.includes(maker)) return undefined;
    const operands: number[] = [];
    for (const input of maker.inputs) {
      // A missing optional input (Clip's) is undefined to the rule: a register that is never written.
      const register = input === '' ? count++ : visit(input);
      if (register === undefined) return undefined;
      operands.push(register);
    }
    const to = count++;
    operations.push({ rule: elementwise[maker.op]!(maker), operands, to });
    registers.set(name, to);
    return to;
  };
  const result = visit(at);
  if (result === undefined || result === 0) return undefined;
  const cells: number[] = [];
  return {
    columns,
    value: (x, column) => {
      cells.length = 0;
      cells[0] = x;
      for (const { register, values } of constants) cells[register] = values[values.length === 1 ? 0 : column]!;
      for (const { rule, operands, to } of operations) cells[to] = rule(...operands.map((r) => cells[r]!));
      return cells[result]!;
    },
  };
}

function asAffine({ columns, value }: Computed): { scale: Float64Array; shift: Float64Array } | undefined {
  const scale = new Float64Array(columns);
  const shift = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    shift[j] = value(0, j);
    scale[j] = (value(1024, j) - value(-1024, j)) / 2048;
    const tolerance = 1e-9 * (Math.abs(shift[j]!) + 1024 * Math.abs(scale[j]!));
    for (const x of [-1024, -3, -1, -0.01, 0.01, 1, 3, 1024])
      if (!(Math.abs(value(x, j) - (scale[j]! * x + shift[j]!)) <= tolerance)) return undefined;
  }
  return { scale, shift };
}

/** Constants in files are float32, and some are cut short: 0.7978846 for sqrt(2 / pi). */
const TOLERANCE = 2e-6;

function asActivation(computed: Computed): Found | undefined {
  const { columns, value } = computed;
  const slopes = asPrelu(computed);
  if (slopes) return slopes;
  if (columns > 1) return undefined;
  // Most candidates differ at the first points: those further on are computed when a rule gets as far.
  const y: number[] = [];
  const matches = (name: keyof typeof rules, a = 0, b = 0) =>
    grid.every((x, i) => {
      y[i] ??= value(x, 0);
      return Math.abs(y[i]! - rules[name].value(x, a, b)) <= TOLERANCE * Math.max(1, Math.abs(x));
    });
  for (const activation of [
    'relu',
    'sigmoid',
    'tanh',
    'selu',
    'gelu',
    'geluTanh',
    'silu',
    'softplus',
    'softsign',
    'mish',
    'hardSigmoid',
    'sign',
    'step',
  ] as const)
    if (matches(activation)) return { activation };
  // Far below 0 elu and celu are -alpha.
  const alpha = short(-value(-1000, 0));
  for (const name of ['elu', 'celu'] as const)
    if (alpha > 0 && alpha < 40 && matches(name, alpha)) return { activation: { name, alpha } };
  return undefined;
}

/** z from 0 up, and below 0 a slope times z, the same for all columns or one for each. */
function asPrelu({ columns, value }: Computed): Found | undefined {
  const slope = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    slope[j] = -value(-1, j);
    for (const x of [0, 0.1, 1, 25, -0.1, -3, -25])
      if (!(Math.abs(value(x, j) - (x >= 0 ? x : slope[j]! * x)) <= 1e-6 * Math.abs(x))) return undefined;
  }
  if (columns > 1) return { activation: { name: 'prelu', shared: false }, slope };
  if (slope[0] === 0) return { activation: 'relu' };
  return { activation: { name: 'leakyRelu', slope: short(slope[0]!) } };
}

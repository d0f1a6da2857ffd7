// Import from ONNX: dense networks as the exporters of PyTorch, Keras and scikit-learn write them. The graph is read forward with
// the shape of every value known: constants are folded, what each row becomes is an expression; the output's expression, read back
// to the input, is a chain of layers with residual branches. Right, or refused by the operator's name.

import { isArrayBuffer } from '../../brands.js';
import type { Label } from '../../data/labels.js';
import { fail, FeedforwardError, show } from '../../errors.js';
import { checkKeys } from '../../options.js';
import { assemble } from '../assemble.js';
import { parseJson } from '../json.js';
import type { ImportedNetwork } from '../imported.js';
import { asBytes } from '../safetensors.js';
import { Expressions } from './expressions.js';
import { partsOf } from './extract.js';
import { checkAttributes, inOrder, type Node, unsupported } from './graph.js';
import { type Interpretation, interpretations } from './inputs.js';
import { type ModelMessage, readModel } from './messages.js';
import { binary, compute } from './operators.js';
import type { ExternalData } from './tensors.js';
import type { Reading, Rows, Value } from './values.js';

/** Options of importOnnx. */
export interface OnnxImportOptions {
  /** The value to end at: an output of the graph, or any value inside it. Needed where the graph has several outputs. */
  readonly output?: string;
  /** The bytes of files beside the model (model.onnx.data): of the only one, or by the name the model calls them. */
  readonly externalData?: Uint8Array | ArrayBuffer | { readonly [location: string]: Uint8Array | ArrayBuffer };
}

/**
 * The dense network in an ONNX model: options and parameters, from which `build` makes a model that predicts what the graph
 * computes. Labels that ArgMax picks and the map of ZipMap are left out, their class names kept; of a binary classifier's two
 * columns, 1 - p and p, the second is left.
 * @throws ERR_UNSUPPORTED naming the operator that no layer stands for, or the outputs to choose from; ERR_FORMAT for a file that
 * is no ONNX model; ERR_NONFINITE for weights that are not numbers; ERR_OPTION for an output that is not in the graph.
 * @example
 * const bytes = exportOnnx(model, { outputName: 'price' });
 * const back = build(MLP, importOnnx(bytes));
 * const part = build(MLP, importOnnx(bytes, { output: 'price' }));  // or a value inside the graph: the network up to it
 */
export function importOnnx(bytes: Uint8Array | ArrayBuffer, options: OnnxImportOptions = {}): ImportedNetwork {
  checkKeys(options, ['output', 'externalData'], 'importOnnx');
  const model = readModel(asBytes(bytes, 'importOnnx'), besideOf(options.externalData));
  if (model.nodes.length > MAX_NODES)
    fail('ERR_UNSUPPORTED', `importOnnx: a graph of ${model.nodes.length} operators; dense networks have at most ${MAX_NODES}.`);
  const constants = new Set<string>();
  for (const { name } of model.initializers) {
    if (constants.has(name)) fail('ERR_FORMAT', `Not a valid ONNX graph: two tensors are called ${show(name)}.`);
    constants.add(name);
  }
  const inputs = model.inputs.filter(({ name }) => !constants.has(name));
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1)
    return fail('ERR_UNSUPPORTED', `importOnnx: the graph has ${inputs.length} inputs; expected one, rows of features.`);
  const nodes = inOrder(model.nodes, new Set([...constants, ...inputs.map(({ name }) => name)]), model.opsets);
  let refusal: unknown;
  for (const interpretation of interpretations(model, input, nodes)) {
    try {
      return network(model, nodes, input.name, interpretation, options.output);
    } catch (error) {
      // The first way to read the input is the likeliest: its refusal is the one to show.
      refusal ??= error;
      if (!(error instanceof FeedforwardError)) throw error;
    }
  }
  throw refusal;
}

const MAX_NODES = 5000;
/** Numbers that may be made on the way, beside eight times as many as the file has. */
const MAX_MADE = 2 ** 22;

function besideOf(given: OnnxImportOptions['externalData']): ExternalData | undefined {
  if (given === undefined) return undefined;
  const one = isArrayBuffer(given) || ArrayBuffer.isView(given);
  if (!one && (typeof given !== 'object' || given === null))
    return fail('ERR_TYPE', `importOnnx.externalData: expected bytes, or bytes by name, got ${show(given)}.`);
  return (location) => {
    if (one) return asBytes(given as Uint8Array, 'importOnnx.externalData');
    const bytes = Object.hasOwn(given, location) ? (given as Record<string, Uint8Array>)[location] : undefined;
    return bytes === undefined ? undefined : asBytes(bytes, `importOnnx.externalData[${JSON.stringify(location)}]`);
  };
}

function network(
  model: ModelMessage,
  nodes: readonly Node[],
  inputName: string,
  { dims, axis, rows, free, type }: Interpretation,
  wanted: string | undefined,
): ImportedNetwork {
  const make = new Expressions();
  let left = 8 * model.initializers.reduce((sum, { values }) => sum + values.length, 0) + MAX_MADE;
  const reading: Reading = {
    make,
    rows,
    freeRows: free,
    spend: (numbers) => {
      left -= numbers;
      if (left < 0)
        fail('ERR_UNSUPPORTED', 'importOnnx: the weights are computed from each other. Export the model with constants folded.');
    },
  };
  const width = dims.reduce((product, n, i) => (i === axis ? product : product * n), 1);
  const start = make.input(
    { op: 'input', domain: '', name: inputName, inputs: [], outputs: [], attributes: new Map(), opset: 0 },
    width,
  );
  const values = new Map(
    model.initializers.map(({ name, dataType, dims: shape, values: numbers, strings }): [string, Value] => [
      name,
      { kind: 'constant', dataType, dims: shape, values: numbers, strings, counted: false },
    ]),
  );
  const first: Rows = { kind: 'rows', dims, axis, expression: start, type };
  values.set(inputName, first);
  run(nodes, values, reading);
  const { name, value: output } = outputOf(model, nodes, values, wanted);
  const maker = nodes.find(({ outputs }) => outputs.includes(name)) ?? output.expression.node;
  const lead = (value: Rows) => value.axis < 0 || value.dims.slice(0, value.axis).every((n) => n === 1);
  if (lead(output) !== lead(first)) unsupported(maker, 'the rows of the output lie along another axis than those of the input');
  if (output.type !== 'numbers')
    unsupported(maker, `the output is of ${output.type === 'truth' ? 'truth values' : 'whole numbers'}`);
  const probability = wanted === undefined ? binary(output) : undefined;
  const expression = probability ?? output.expression;
  const labels = labelsOf(model, nodes, values, probability === undefined ? output.expression.width : 2);
  const parts = partsOf(expression, start);
  // A graph that gives back what it gets is a network all the same.
  return assemble(parts.length > 0 ? parts : [{ kind: 'activation', activation: 'identity', from: 'Identity' }], width, labels);
}

/** Every operator in order. What cannot be done is kept as the refusal it is until something needs it. */
function run(nodes: readonly Node[], values: Map<string, Value>, reading: Reading): void {
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => (name === '' ? undefined : values.get(name)));
    while (inputs.length > 0 && inputs[inputs.length - 1] === undefined) inputs.pop();
    let outputs: readonly Value[];
    const refused = inputs.find((input) => input?.kind === 'refused');
    try {
      if (refused === undefined) checkAttributes(node);
      outputs = refused === undefined ? compute(node, inputs, reading) : node.outputs.map(() => refused);
    } catch (error) {
      if (!(error instanceof FeedforwardError)) throw error;
      outputs = node.outputs.map((): Value => ({ kind: 'refused', error }));
    }
    node.outputs.forEach((name, i) => {
      if (name === '') return;
      values.set(name, outputs[i] ?? refusedOutput(node, i));
    });
  }
}

function refusedOutput(node: Node, i: number): Value {
  try {
    return unsupported(node, `no layer gives its output ${i}`);
  } catch (error) {
    return { kind: 'refused', error: error as FeedforwardError };
  }
}

/** The output that carries the network's values. */
function outputOf(
  model: ModelMessage,
  nodes: readonly Node[],
  values: ReadonlyMap<string, Value>,
  wanted: string | undefined,
): { name: string; value: Rows } {
  const names = model.outputs.map(({ name }) => name);
  const listed = names.map((name) => show(name)).join(', ');
  if (wanted !== undefined && (typeof wanted !== 'string' || !values.has(wanted)))
    return fail('ERR_OPTION', `importOnnx.output: the graph makes no ${show(wanted)}. Its outputs: ${listed}.`);
  const missing = names.find((name) => !values.has(name));
  if (missing !== undefined) fail('ERR_FORMAT', `Not a valid ONNX graph: nothing makes its output ${show(missing)}.`);
  if (names.length === 0 && wanted === undefined) fail('ERR_FORMAT', 'Not a valid ONNX graph: it has no outputs.');
  const candidates = wanted !== undefined ? [wanted] : names.filter((name) => values.get(name)!.kind !== 'answer');
  if (candidates.length > 1)
    fail(
      'ERR_UNSUPPORTED',
      `importOnnx: the graph has ${names.length} outputs (${listed}). Name one: importOnnx(bytes, { output: ${show(candidates[0])} }).`,
      {
        outputs: names,
      },
    );
  const [name] = candidates;
  const value = name === undefined ? undefined : values.get(name);
  if (value?.kind === 'refused') throw value.error;
  if (name !== undefined && value?.kind === 'rows') return { name, value };
  if (value?.kind === 'constant')
    return fail('ERR_UNSUPPORTED', `importOnnx: the output ${show(name)} does not depend on the input.`);
  const picker = nodes.find(({ op }) => op === 'ArgMax' || op === 'LinearClassifier');
  return fail(
    'ERR_UNSUPPORTED',
    `importOnnx: the output is the class that the operator ${picker?.op} picks, not what it picks from. Name that: importOnnx(bytes, { output: ${show(picker?.op === 'ArgMax' ? picker.inputs[0] : picker?.outputs[1])} }).`,
  );
}

function labelsOf(
  { metadata }: ModelMessage,
  nodes: readonly Node[],
  values: ReadonlyMap<string, Value>,
  width: number,
): Label[] | undefined {
  const fits = (labels: Label[]) => (labels.length === width || (labels.length === 2 && width === 1) ? labels : undefined);
  const given = metadata.get('labels');
  if (given !== undefined) {
    const json = parseJson(given, 'ONNX metadata, labels');
    if (Array.isArray(json) && json.every((label) => ['string', 'number', 'boolean'].includes(typeof label)))
      return fits([...(json as Label[])]);
  }
  for (const node of nodes) {
    if (node.domain !== 'ai.onnx.ml') continue;
    const classes = node.op === 'ArrayFeatureExtractor' ? values.get(node.inputs[0] ?? '') : undefined;
    if (classes?.kind === 'constant') return fits(classes.strings.length > 0 ? [...classes.strings] : Array.from(classes.values));
    for (const name of ['classlabels_strings', 'classlabels_int64s', 'classlabels_ints']) {
      const listed = node.attributes.get(name);
      if (Array.isArray(listed)) return fits([...listed]);
    }
  }
  return undefined;
}

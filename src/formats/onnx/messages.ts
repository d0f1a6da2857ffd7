// The part of ONNX's protobuf schema that dense networks need: types, reader, writer. Unknown fields are skipped, as
// protobuf needs; lengths are checked against the file before anything is read or copied.
// See: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

import { utf8 } from '../../platform.js';
import { PbfReader, PbfWriter } from 'pbf';
import { fail, FeedforwardError } from '../../errors.js';
import { Fields } from './fields.js';
import { DataType, type ExternalData, readSparse, readTensor, type TensorMessage } from './tensors.js';

export { DataType, type TensorMessage };

export type AttributeValue = number | string | TensorMessage | number[] | string[];

/** Kinds of attributes, by ONNX's numbers. */
export const AttributeType = { Float: 1, Int: 2, String: 3, Tensor: 4, Floats: 6, Ints: 7, Strings: 8, Sparse: 11 } as const;

export interface NodeMessage {
  op: string;
  domain: string;
  name: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, AttributeValue>;
  /** Of attributes that were read: which kind (AttributeType) the file says they are. */
  kinds?: Map<string, number>;
}

export interface ValueMessage {
  name: string;
  dataType: number;
  /** A dimension is a number or the name of one that is free. */
  dims: (number | string)[];
}

export interface ModelMessage {
  irVersion: number;
  producer: string;
  producerVersion: string;
  /** Version of each operator set by domain; '' is ONNX's own. */
  opsets: Map<string, number>;
  metadata: Map<string, string>;
  graphName: string;
  nodes: NodeMessage[];
  initializers: TensorMessage[];
  inputs: ValueMessage[];
  outputs: ValueMessage[];
}

// ---- writing --------------------------------------------------------------------------------------------------------------

/** The bytes of a model. Tensors are written raw: float32, float64 or int64. */
export function writeModel(model: ModelMessage): Uint8Array<ArrayBuffer> {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, model.irVersion);
  pbf.writeStringField(2, model.producer);
  pbf.writeStringField(3, model.producerVersion);
  pbf.writeMessage(7, writeGraph, model);
  for (const [domain, version] of model.opsets)
    pbf.writeMessage(
      8,
      (_, p) => {
        if (domain !== '') p.writeStringField(1, domain);
        p.writeVarintField(2, version);
      },
      model,
    );
  for (const [key, value] of model.metadata)
    pbf.writeMessage(
      14,
      (_, p) => {
        p.writeStringField(1, key);
        p.writeStringField(2, value);
      },
      model,
    );
  return pbf.finish().slice();
}

function writeGraph(model: ModelMessage, pbf: PbfWriter): void {
  for (const node of model.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, model.graphName);
  for (const tensor of model.initializers) pbf.writeMessage(5, writeTensor, tensor);
  for (const value of model.inputs) pbf.writeMessage(11, writeValue, value);
  for (const value of model.outputs) pbf.writeMessage(12, writeValue, value);
}

function writeNode(node: NodeMessage, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, node.name);
  pbf.writeStringField(4, node.op);
  for (const [name, value] of node.attributes) pbf.writeMessage(5, writeAttribute, { name, value });
  if (node.domain !== '') pbf.writeStringField(7, node.domain);
}

// ONNX tells floats from whole numbers by the field they are in; here the operator's schema decides.
const wholeAttributes = new Set(['axis', 'transA', 'transB', 'to', 'stash_type', 'axes', 'keepdims']);

function writeAttribute({ name, value }: { name: string; value: AttributeValue }, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'string') {
    pbf.writeBytesField(4, utf8(value));
    pbf.writeVarintField(20, AttributeType.String);
  } else if (typeof value !== 'number') {
    fail('ERR_UNSUPPORTED', `ONNX: attribute ${name} of a kind this writer does not write.`);
  } else if (wholeAttributes.has(name)) {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, AttributeType.Int);
  } else {
    pbf.writeFloatField(2, value);
    pbf.writeVarintField(20, AttributeType.Float);
  }
}

function writeTensor(tensor: TensorMessage, pbf: PbfWriter): void {
  pbf.writePackedVarint(1, tensor.dims);
  pbf.writeVarintField(2, tensor.dataType);
  pbf.writeStringField(8, tensor.name);
  const given = Array.from(tensor.values);
  const values =
    tensor.dataType === DataType.Int64
      ? BigInt64Array.from(given, BigInt)
      : tensor.dataType === DataType.Double
        ? Float64Array.from(given)
        : Float32Array.from(given);
  pbf.writeBytesField(9, new Uint8Array(values.buffer));
}

function writeValue(value: ValueMessage, pbf: PbfWriter): void {
  pbf.writeStringField(1, value.name);
  pbf.writeMessage(
    2,
    (_, type) => {
      type.writeMessage(
        1,
        (_, tensor) => {
          tensor.writeVarintField(1, value.dataType);
          tensor.writeMessage(
            2,
            (_, shape) => {
              for (const dim of value.dims)
                shape.writeMessage(
                  1,
                  (_, d) => {
                    if (typeof dim === 'string') d.writeStringField(2, dim);
                    else d.writeVarintField(1, dim);
                  },
                  value,
                );
            },
            value,
          );
        },
        value,
      );
    },
    value,
  );
}

// ---- reading --------------------------------------------------------------------------------------------------------------

/** @throws ERR_FORMAT for bytes that are no ONNX model. */
export function readModel(bytes: Uint8Array, external?: ExternalData): ModelMessage {
  const model: ModelMessage = {
    irVersion: 0,
    producer: '',
    producerVersion: '',
    opsets: new Map(),
    metadata: new Map(),
    graphName: '',
    nodes: [],
    initializers: [],
    inputs: [],
    outputs: [],
  };
  let graphs = 0;
  try {
    new Fields(new PbfReader(bytes), bytes.length).each((field, f) => {
      if (field === 1) model.irVersion = f.whole();
      else if (field === 2) model.producer = f.string();
      else if (field === 3) model.producerVersion = f.string();
      else if (field === 7) {
        graphs++;
        readGraph(f.message(), model, external);
      } else if (field === 8) readOpset(f.message(), model.opsets);
      else if (field === 14) f.message().entry(model.metadata);
      else if (field === 25)
        fail('ERR_UNSUPPORTED', 'ONNX: the model defines functions of its own. Export it with them inlined.');
    });
  } catch (error) {
    if (error instanceof FeedforwardError) throw error;
    return refuse('its fields do not add up');
  }
  if (graphs !== 1) refuse(`it holds ${graphs} graphs`);
  return model;
}

function refuse(problem: string): never {
  return fail('ERR_FORMAT', `Not an ONNX model: ${problem}.`);
}

function readOpset(fields: Fields, opsets: Map<string, number>): void {
  let domain = '';
  let version = 0;
  fields.each((field, f) => {
    if (field === 1) domain = f.string();
    else if (field === 2) version = f.whole();
  });
  opsets.set(domain === 'ai.onnx' ? '' : domain, version);
}

function readGraph(fields: Fields, model: ModelMessage, external?: ExternalData): void {
  fields.each((field, f) => {
    if (field === 1) model.nodes.push(readNode(f.message(), external));
    else if (field === 2) model.graphName = f.string();
    else if (field === 5) model.initializers.push(readTensor(f.message(), external));
    else if (field === 11) model.inputs.push(readValue(f.message()));
    else if (field === 12) model.outputs.push(readValue(f.message()));
    else if (field === 15) model.initializers.push(readSparse(f.message(), external));
  });
}

function readNode(fields: Fields, external?: ExternalData): NodeMessage {
  const node: NodeMessage = { op: '', domain: '', name: '', inputs: [], outputs: [], attributes: new Map(), kinds: new Map() };
  fields.each((field, f) => {
    if (field === 1) node.inputs.push(f.string());
    else if (field === 2) node.outputs.push(f.string());
    else if (field === 3) node.name = f.string();
    else if (field === 4) node.op = f.string();
    else if (field === 5) readAttribute(f.message(), node, external);
    else if (field === 7) node.domain = f.string();
  });
  if (node.domain === 'ai.onnx') node.domain = '';
  return node;
}

function readAttribute(fields: Fields, { attributes, kinds }: NodeMessage, external?: ExternalData): void {
  let name = '';
  let value: AttributeValue | undefined;
  let type = 0;
  let found = 0;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  const is = (kind: number, given: AttributeValue): void => {
    found = kind;
    value = given;
  };
  fields.each((field, f) => {
    if (field === 1) name = f.string();
    else if (field === 2) is(AttributeType.Float, f.float());
    else if (field === 3) is(AttributeType.Int, f.whole());
    else if (field === 4) is(AttributeType.String, f.text());
    else if (field === 5) is(AttributeType.Tensor, readTensor(f.message(), external));
    else if (field === 7) f.floats(floats, 4);
    else if (field === 8) f.wholes(ints);
    else if (field === 9) strings.push(f.text());
    else if (field === 20) type = f.whole();
    else if (field === 22) is(AttributeType.Sparse, readSparse(f.message(), external));
  });
  if (floats.length > 0) is(AttributeType.Floats, floats);
  else if (ints.length > 0) is(AttributeType.Ints, ints);
  else if (strings.length > 0) is(AttributeType.Strings, strings);
  // Proto3 leaves zeros and empty lists out: then only the type says that there is a value.
  if (value === undefined)
    value = type === AttributeType.String ? '' : type >= AttributeType.Floats && type <= AttributeType.Strings ? [] : 0;
  attributes.set(name, value);
  kinds?.set(name, type || found);
}

function readValue(fields: Fields): ValueMessage {
  const value: ValueMessage = { name: '', dataType: 0, dims: [] };
  fields.each((field, f) => {
    if (field === 1) value.name = f.string();
    else if (field === 2)
      f.message().each((kind, type) => {
        if (kind === 1)
          type.message().each((part, tensor) => {
            if (part === 1) value.dataType = tensor.whole();
            else if (part === 2)
              tensor.message().each((n, shape) => {
                if (n === 1) value.dims.push(readDim(shape.message()));
              });
          });
      });
  });
  return value;
}

function readDim(fields: Fields): number | string {
  let dim: number | string = '';
  fields.each((field, f) => {
    if (field === 1) dim = f.whole();
    else if (field === 2) dim = f.string();
  });
  return dim;
}

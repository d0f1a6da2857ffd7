// The part of ONNX's protobuf schema that dense networks need: types, reader, writer. Unknown fields are skipped, as
// protobuf wants; lengths are checked against the file before anything is read or copied.
// See: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

import { PbfReader, PbfWriter } from 'pbf';
import { fail, FeedforwardError } from '../../errors.js';

export const DataType = { Float: 1, Uint8: 2, Int8: 3, Int32: 6, Int64: 7, String: 8, Bool: 9, Double: 11 } as const;

export interface TensorMessage {
  name: string;
  dataType: number;
  dims: number[];
  /** The values, however the file held them; strings are in `strings`. */
  values: ArrayLike<number>;
  strings: string[];
}

export type AttributeValue = number | string | TensorMessage | number[] | string[];

export interface NodeMessage {
  op: string;
  domain: string;
  name: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, AttributeValue>;
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

const AttributeType = { Float: 1, Int: 2, String: 3, Tensor: 4, Floats: 6, Ints: 7, Strings: 8 } as const;

// ONNX tells floats from whole numbers by the field they are in; here the operator's schema decides.
const wholeAttributes = new Set(['axis', 'transA', 'transB', 'to', 'stash_type', 'axes', 'keepdims']);

function writeAttribute({ name, value }: { name: string; value: AttributeValue }, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'string') {
    pbf.writeBytesField(4, new TextEncoder().encode(value));
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
export function readModel(bytes: Uint8Array): ModelMessage {
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
        readGraph(f.message(), model);
      } else if (field === 8) readOpset(f.message(), model.opsets);
      else if (field === 14) readEntry(f.message(), model.metadata);
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

/** The fields of one message, which ends at `end`: every length is checked against it. */
class Fields {
  constructor(
    private readonly pbf: PbfReader,
    private readonly end: number,
  ) {}

  each(visit: (field: number, fields: Fields) => void): void {
    const { pbf } = this;
    while (pbf.pos < this.end) {
      const tag = pbf.readVarint();
      const start = pbf.pos;
      pbf.type = tag & 7;
      visit(tag >>> 3, this);
      if (pbf.pos === start) this.skip();
      if (pbf.pos > this.end) refuse('a field reaches beyond its message');
    }
  }

  private skip(): void {
    if (this.pbf.type === 2) this.bytes();
    else this.pbf.skip(this.pbf.type);
  }

  private want(type: number): void {
    if (this.pbf.type !== type) refuse('a field is of another wire type than the schema says');
  }

  /** A number that was written as int64: exact up to 2^53. */
  whole(): number {
    this.want(0);
    return this.pbf.readVarint(true);
  }

  float(): number {
    this.want(5);
    return this.pbf.readFloat();
  }

  bytes(): Uint8Array {
    this.want(2);
    const length = this.pbf.readVarint();
    const start = this.pbf.pos;
    if (!(length <= this.end - start)) refuse('a length reaches beyond the file');
    this.pbf.pos = start + length;
    return this.pbf.buf.subarray(start, start + length);
  }

  string(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes());
    } catch (error) {
      if (error instanceof FeedforwardError) throw error;
      return refuse('a name is not UTF-8');
    }
  }

  message(): Fields {
    this.want(2);
    const length = this.pbf.readVarint();
    const end = this.pbf.pos + length;
    if (!(end <= this.end)) refuse('a message reaches beyond the file');
    return new Fields(this.pbf, end);
  }

  /** One more number of a repeated field, or a packed run of them. */
  wholes(into: number[]): void {
    if (this.pbf.type === 0) into.push(this.whole());
    else {
      const { pbf } = this;
      const length = this.checkedLength();
      const end = pbf.pos + length;
      while (pbf.pos < end) into.push(pbf.readVarint(true));
      if (pbf.pos !== end) refuse('a list of numbers ends in the middle of one');
    }
  }

  floats(into: number[], bytes: 4 | 8): void {
    const { pbf } = this;
    const one = bytes === 4 ? () => pbf.readFloat() : () => pbf.readDouble();
    if (pbf.type === (bytes === 4 ? 5 : 1)) into.push(one());
    else {
      const length = this.checkedLength();
      if (length % bytes !== 0) refuse('a list of numbers ends in the middle of one');
      for (let n = length / bytes; n > 0; n--) into.push(one());
    }
  }

  /** The length of a packed run, which stays unread: pos is behind the length. */
  private checkedLength(): number {
    this.want(2);
    const length = this.pbf.readVarint();
    if (!(length <= this.end - this.pbf.pos)) refuse('a length reaches beyond the file');
    return length;
  }
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

function readEntry(fields: Fields, metadata: Map<string, string>): void {
  let key = '';
  let value = '';
  fields.each((field, f) => {
    if (field === 1) key = f.string();
    else if (field === 2) value = f.string();
  });
  metadata.set(key, value);
}

function readGraph(fields: Fields, model: ModelMessage): void {
  fields.each((field, f) => {
    if (field === 1) model.nodes.push(readNode(f.message()));
    else if (field === 2) model.graphName = f.string();
    else if (field === 5) model.initializers.push(readTensor(f.message()));
    else if (field === 11) model.inputs.push(readValue(f.message()));
    else if (field === 12) model.outputs.push(readValue(f.message()));
    else if (field === 15) fail('ERR_UNSUPPORTED', 'ONNX: sparse weights are not supported.');
  });
}

function readNode(fields: Fields): NodeMessage {
  const node: NodeMessage = { op: '', domain: '', name: '', inputs: [], outputs: [], attributes: new Map() };
  fields.each((field, f) => {
    if (field === 1) node.inputs.push(f.string());
    else if (field === 2) node.outputs.push(f.string());
    else if (field === 3) node.name = f.string();
    else if (field === 4) node.op = f.string();
    else if (field === 5) readAttribute(f.message(), node.attributes);
    else if (field === 7) node.domain = f.string();
  });
  if (node.domain === 'ai.onnx') node.domain = '';
  return node;
}

function readAttribute(fields: Fields, attributes: Map<string, AttributeValue>): void {
  let name = '';
  let value: AttributeValue | undefined;
  let type = 0;
  const floats: number[] = [];
  const ints: number[] = [];
  const strings: string[] = [];
  fields.each((field, f) => {
    if (field === 1) name = f.string();
    else if (field === 2) value = f.float();
    else if (field === 3) value = f.whole();
    else if (field === 4) value = latin(f.bytes());
    else if (field === 5) value = readTensor(f.message());
    else if (field === 7) f.floats(floats, 4);
    else if (field === 8) f.wholes(ints);
    else if (field === 9) strings.push(latin(f.bytes()));
    else if (field === 20) type = f.whole();
  });
  if (type === AttributeType.Floats || floats.length > 0) value = floats;
  else if (type === AttributeType.Ints || ints.length > 0) value = ints;
  else if (type === AttributeType.Strings || strings.length > 0) value = strings;
  // Proto3 leaves zeros out: then only the type says that there is a value.
  value ??= type === AttributeType.String ? '' : 0;
  attributes.set(name, value);
}

/** Text of an attribute: UTF-8 where it is, else whatever stands for it (nothing here depends on such text). */
function latin(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
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

function readTensor(fields: Fields): TensorMessage {
  const tensor: TensorMessage = { name: '', dataType: 0, dims: [], values: [], strings: [] };
  const listed: number[] = [];
  let raw: Uint8Array | undefined;
  fields.each((field, f) => {
    if (field === 1) f.wholes(tensor.dims);
    else if (field === 2) tensor.dataType = f.whole();
    else if (field === 4) f.floats(listed, 4);
    else if (field === 5 || field === 7) f.wholes(listed);
    else if (field === 6) tensor.strings.push(latin(f.bytes()));
    else if (field === 8) tensor.name = f.string();
    else if (field === 9) raw = f.bytes();
    else if (field === 10) f.floats(listed, 8);
    else if (field === 13 || (field === 14 && f.whole() !== 0))
      fail('ERR_UNSUPPORTED', 'ONNX: the weights are in another file. Export the model with its weights inside.');
  });
  let count = 1;
  for (const dim of tensor.dims) {
    count *= dim;
    if (!(dim >= 0 && count <= Number.MAX_SAFE_INTEGER))
      refuse(`tensor ${JSON.stringify(tensor.name)} has the shape [${tensor.dims.join(', ')}]`);
  }
  if (tensor.dataType === DataType.String) return tensor;
  tensor.values = raw === undefined ? listed : fromRaw(raw, tensor);
  if (tensor.values.length !== count)
    refuse(
      `tensor ${JSON.stringify(tensor.name)} has ${tensor.values.length} values, but its shape [${tensor.dims.join(', ')}] wants ${count}`,
    );
  return tensor;
}

/** Values of the types that weights and shapes come in. Others, and other lengths, are refused. */
function fromRaw(raw: Uint8Array, { name, dataType }: TensorMessage): ArrayLike<number> {
  const bytes: Partial<Record<number, number>> = {
    [DataType.Float]: 4,
    [DataType.Double]: 8,
    [DataType.Int32]: 4,
    [DataType.Int64]: 8,
    [DataType.Bool]: 1,
    [DataType.Uint8]: 1,
    [DataType.Int8]: 1,
  };
  const size = bytes[dataType];
  if (size === undefined)
    return fail(
      'ERR_UNSUPPORTED',
      `ONNX: tensor ${JSON.stringify(name)} is of data type ${dataType}; float32 and float64 are supported. Export the model in float32.`,
    );
  if (raw.length % size !== 0) refuse(`tensor ${JSON.stringify(name)} ends in the middle of a value`);
  const copy = raw.slice().buffer;
  switch (dataType) {
    case DataType.Float:
      return new Float32Array(copy);
    case DataType.Double:
      return new Float64Array(copy);
    case DataType.Int32:
      return new Int32Array(copy);
    case DataType.Int64:
      return Float64Array.from(Array.from(new BigInt64Array(copy), Number));
    default:
      return new Uint8Array(copy);
  }
}

// ONNX graphs for tests, written as any exporter might: attributes of every kind, tensors of every data type, raw, listed or sparse.

import { PbfWriter } from 'pbf';

export type Attribute =
  | number
  | string
  | { readonly float: number }
  | readonly number[]
  | { readonly floats: readonly number[] }
  | Tensor;

export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: readonly number[];
  /** ONNX's number of the type; 1, float32, where not given. */
  readonly dataType?: number;
  readonly form?: 'raw' | 'listed' | 'sparse';
}

export interface TestNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers are INT, { float } is FLOAT, lists likewise. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
}

export interface TestGraph {
  readonly nodes: readonly TestNode[];
  readonly tensors: readonly Tensor[];
  readonly input: { readonly name: string; readonly dims: readonly (number | string)[]; readonly dataType?: number };
  readonly outputs: readonly string[];
  readonly opset: number;
}

/** The bytes of a model with this graph. */
export function encodeGraph({ nodes, tensors, input, outputs, opset }: TestGraph): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, 8);
  message(pbf, 7, (graph) => {
    for (const node of nodes) message(graph, 1, (p) => writeNode(p, node));
    graph.writeStringField(2, 'g');
    for (const tensor of tensors)
      if (tensor.form === 'sparse') message(graph, 15, (p) => writeSparse(p, tensor));
      else message(graph, 5, (p) => writeTensor(p, tensor));
    message(graph, 11, (p) => writeValue(p, input.name, input.dataType ?? 1, input.dims));
    for (const name of outputs) message(graph, 12, (p) => writeValue(p, name, 1, undefined));
  });
  for (const [domain, version] of [
    ['', opset],
    ['ai.onnx.ml', 2],
  ] as const)
    message(pbf, 8, (p) => {
      p.writeStringField(1, domain);
      p.writeVarintField(2, version);
    });
  return pbf.finish().slice();
}

function message(pbf: PbfWriter, field: number, write: (p: PbfWriter) => void): void {
  pbf.writeMessage(field, (_, p) => write(p), undefined);
}

function writeNode(pbf: PbfWriter, { op, inputs, outputs, attributes = {}, domain = '' }: TestNode): void {
  for (const name of inputs) pbf.writeStringField(1, name);
  for (const name of outputs) pbf.writeStringField(2, name);
  pbf.writeStringField(4, op);
  for (const [name, value] of Object.entries(attributes))
    message(pbf, 5, (p) => {
      p.writeStringField(1, name);
      writeAttribute(p, value);
    });
  if (domain !== '') pbf.writeStringField(7, domain);
}

function writeAttribute(pbf: PbfWriter, value: Attribute): void {
  const type = (n: number) => pbf.writeVarintField(20, n);
  if (typeof value === 'number') {
    pbf.writeVarintField(3, value);
    type(2);
  } else if (typeof value === 'string') {
    pbf.writeBytesField(4, new TextEncoder().encode(value));
    type(3);
  } else if ('float' in value) {
    pbf.writeFloatField(2, value.float);
    type(1);
  } else if ('floats' in value) {
    for (const v of value.floats) pbf.writeFloatField(7, v);
    type(6);
  } else if ('dims' in value) {
    message(pbf, 5, (p) => writeTensor(p, value));
    type(4);
  } else {
    for (const v of value) pbf.writeVarintField(8, v);
    type(7);
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** The sixteen bits of a number that half precision holds exactly. */
function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | Math.round((Math.abs(value) / 2 ** exponent - 1) * 1024);
}

function bfloatBits(value: number): number {
  bits.setFloat32(0, value);
  return bits.getUint16(0);
}

/** Size in bytes, field of lists, how it is written raw, and as a number of a list. */
const kinds: Record<
  number,
  [size: number, field: number, raw: (view: DataView, at: number, v: number) => void, listed?: (v: number) => number]
> = {
  1: [4, 4, (view, at, v) => view.setFloat32(at, v, true)],
  2: [1, 5, (view, at, v) => view.setUint8(at, v)],
  3: [1, 5, (view, at, v) => view.setInt8(at, v)],
  6: [4, 5, (view, at, v) => view.setInt32(at, v, true)],
  7: [8, 7, (view, at, v) => view.setBigInt64(at, BigInt(v), true)],
  9: [1, 5, (view, at, v) => view.setUint8(at, v)],
  10: [2, 5, (view, at, v) => view.setUint16(at, halfBits(v), true), halfBits],
  11: [8, 10, (view, at, v) => view.setFloat64(at, v, true)],
  13: [8, 11, (view, at, v) => view.setBigUint64(at, BigInt(v), true)],
  16: [2, 5, (view, at, v) => view.setUint16(at, bfloatBits(v), true), bfloatBits],
};

function writeTensor(pbf: PbfWriter, { name, dims, values, dataType = 1, form = 'raw' }: Tensor): void {
  for (const n of dims) pbf.writeVarintField(1, n);
  pbf.writeVarintField(2, dataType);
  pbf.writeStringField(8, name);
  const [size, field, raw, listed = (v: number) => v] = kinds[dataType]!;
  if (form === 'listed') {
    for (const v of values)
      if (field === 4) pbf.writeFloatField(field, v);
      else if (field === 10) pbf.writeDoubleField(field, v);
      else pbf.writeVarintField(field, listed(v));
    return;
  }
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((v, i) => {
    raw(view, i * size, v);
  });
  pbf.writeBytesField(9, bytes);
}

/** Only the values that are not 0, and where they stand. */
function writeSparse(pbf: PbfWriter, { name, dims, values, dataType = 1 }: Tensor): void {
  const places = values.flatMap((v, i) => (v === 0 ? [] : [i]));
  message(pbf, 1, (p) => writeTensor(p, { name, dims: [places.length], values: places.map((i) => values[i]!), dataType }));
  message(pbf, 2, (p) => writeTensor(p, { name: `${name}.places`, dims: [places.length], values: places, dataType: 7 }));
  for (const n of dims) pbf.writeVarintField(3, n);
}

function writeValue(pbf: PbfWriter, name: string, dataType: number, dims: readonly (number | string)[] | undefined): void {
  pbf.writeStringField(1, name);
  message(pbf, 2, (type) => {
    message(type, 1, (tensor) => {
      tensor.writeVarintField(1, dataType);
      if (dims === undefined) return;
      message(tensor, 2, (shape) => {
        for (const n of dims)
          message(shape, 1, (dim) => {
            if (typeof n === 'string') dim.writeStringField(2, n);
            else dim.writeVarintField(1, n);
          });
      });
    });
  });
}

// A dense net as an ONNX model, in the few protobuf fields that takes (opset 13): Gemm + activation per layer, MatMul for a
// layer without bias. Input "x", output "y", rows free.

/** @returns {Uint8Array} */
export function graph(net, layers) {
  const nodes = [];
  const weights = [];
  let input = 'x';
  const add = (operator, inputs, output) => {
    nodes.push(field(1, [inputs.map((name) => field(1, text(name))), field(2, text(output)), field(4, text(operator))]));
    input = output;
  };
  layers.forEach(({ weight, bias, inputs, outputs }, l) => {
    const last = l === layers.length - 1;
    weights.push(field(5, tensor(`w${l}`, [inputs, outputs], weight)));
    if (bias) weights.push(field(5, tensor(`b${l}`, [outputs], bias)));
    const plain = last && net.output === 'identity';
    add(bias ? 'Gemm' : 'MatMul', bias ? [input, `w${l}`, `b${l}`] : [input, `w${l}`], plain ? 'y' : `z${l}`);
    if (!last) add(net.activation === 'tanh' ? 'Tanh' : 'Relu', [input], `a${l}`);
    else if (!plain) add('Softmax', [input], 'y');
  });
  const model = [
    integer(1, 8), // IR version
    field(8, [integer(2, 13)]), // opset
    field(7, [nodes, field(2, text('mlp')), weights, field(11, value('x', net.inputs)), field(12, value('y', net.outputs))]),
  ];
  return Uint8Array.from(Buffer.concat(flat(model)));
}

const varint = (n) => Buffer.from(n < 128 ? [n] : [(n & 127) | 128, ...varint(n >>> 7)]);
const integer = (number, n) => [varint(number << 3), varint(n)];
const text = (string) => [Buffer.from(string)];
const flat = (parts) => parts.flat(Infinity);
const field = (number, parts) => {
  const body = Buffer.concat(flat(parts));
  return [varint((number << 3) | 2), varint(body.length), body];
};
const tensor = (name, shape, values) => [
  shape.map((n) => integer(1, n)),
  integer(2, 1), // float
  field(8, text(name)),
  field(9, [Buffer.from(values.buffer, values.byteOffset, values.byteLength)]),
];
const value = (name, width) => [
  field(1, text(name)),
  field(2, [field(1, [integer(1, 1), field(2, [field(1, [field(2, text('rows'))]), field(1, [integer(1, width)])])])]),
];

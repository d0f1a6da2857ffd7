// Networks for tests of files, without a model: random parameters for any options, and a plain float64 forward pass.

import { sizeOf } from '../../src/data/allocate.js';
import { LayerKind } from '../../assembly/abi.js';
import { rules } from '../../src/baseline/activations.js';
import { Random } from '../../src/data/random.js';
import type { ActivationName, ResolvedActivation } from '../../src/plan/activations.js';
import { activation, batchNorm, dense, dropout, layerNorm, noise, rescale, residual, embedding } from '../../src/plan/layers.js';
import { type MLPOptions, type NetworkPlan, resolveNetwork } from '../../src/plan/network.js';

export interface TestNetwork {
  readonly plan: NetworkPlan;
  parameters(): { name: string; shape: readonly number[]; values: Float32Array }[];
}

/** A network with random parameters: weights around 1 / sqrt(inputs), variances and gammas around 1. */
export function randomNetwork(options: MLPOptions, seed = 1): TestNetwork {
  const plan = resolveNetwork(options);
  const random = new Random(seed, 'test network');
  const parameters = plan.tensors.map(({ name, role, shape, fanIn }) => {
    const values = new Float32Array(sizeOf(shape));
    for (let i = 0; i < values.length; i++) {
      if (role === 'weight') values[i] = (1.5 * random.normal()) / Math.sqrt(fanIn);
      else if (role === 'gamma' || role === 'runningVariance') values[i] = random.between(0.5, 1.5);
      else if (role === 'slope') values[i] = random.between(0.1, 0.4);
      else values[i] = 0.5 * random.normal();
    }
    return { name, shape, values };
  });
  return { plan, parameters: () => parameters };
}

type Numbers = Float64Array<ArrayBuffer>;

/** Rows of standard normal numbers, float32. */
export function randomRows(rows: number, columns: number, seed = 2): Float32Array {
  const random = new Random(seed, 'test rows');
  return Float32Array.from({ length: rows * columns }, () => random.normal());
}

/** The network's outputs in float64, row-major: the definition, written out. */
export function forward({ plan, parameters }: TestNetwork, x: ArrayLike<number>): Numbers {
  const tensors = new Map(parameters().map((p) => [p.name, p.values]));
  const rows = x.length / plan.inputs;
  let value = Float64Array.from(x);
  const saved: Numbers[] = [];
  const product = (a: Numbers, inputs: number, w: Float32Array, outputs: number) => {
    const y = new Float64Array(rows * outputs);
    for (let i = 0; i < rows; i++)
      for (let k = 0; k < inputs; k++)
        for (let j = 0; j < outputs; j++) y[i * outputs + j]! += a[i * inputs + k]! * w[k * outputs + j]!;
    return y;
  };
  for (const layer of plan.layers) {
    const { path, inputs, outputs } = layer;
    const get = (name: string) => tensors.get(`${path}.${name}`)!;
    switch (layer.kind) {
      case LayerKind.Dense:
        value = product(value, inputs, get('weight'), outputs);
        if (layer.bias) value = value.map((v, k) => v + get('bias')[k % outputs]!);
        value = activate(layer.activation, value, outputs, get('slope'));
        break;
      case LayerKind.Activation:
        value = activate(layer.activation, value, outputs, get('slope'));
        break;
      case LayerKind.BatchNorm:
        value = value.map((v, k) => {
          const j = k % outputs;
          return (
            (get('gamma')[j]! * (v - get('runningMean')[j]!)) / Math.sqrt(get('runningVariance')[j]! + layer.epsilon) +
            get('beta')[j]!
          );
        });
        break;
      case LayerKind.LayerNorm:
        value = eachRow(value, outputs, (row) => {
          const mean = row.reduce((a, b) => a + b, 0) / outputs;
          const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / outputs;
          return row.map((v, j) => (get('gamma')[j]! * (v - mean)) / Math.sqrt(variance + layer.epsilon) + get('beta')[j]!);
        });
        break;
      case LayerKind.Rescale: {
        const { center, scale } = layer.rescale!;
        value = value.map((v, k) => (get('gain')[k % outputs]! * (v - center[k % outputs]!)) / scale[k % outputs]!);
        break;
      }
      case LayerKind.Embedding: {
        const [from, { column, categories }] = [value, layer];
        const size = outputs - inputs + 1;
        value = new Float64Array(rows * outputs);
        for (let i = 0; i < rows; i++) {
          const row = [...from.subarray(i * inputs, (i + 1) * inputs)];
          const category = Math.floor(row[column]!);
          const known = category >= 0 && category < categories;
          const numbers = Array.from({ length: size }, (_, j) => (known ? get('weight')[category * size + j]! : 0));
          value.set([...row.slice(0, column), ...numbers, ...row.slice(column + 1)], i * outputs);
        }
        break;
      }
      case LayerKind.ResidualBegin:
        saved.push(value);
        break;
      case LayerKind.ResidualEnd: {
        let skip = saved.pop()!;
        if (layer.projection) skip = product(skip, inputs, tensors.get(`${path}.projection.weight`)!, outputs);
        value = value.map((v, k) => v + skip[k]!);
      }
    }
  }
  return value;
}

function eachRow(values: Numbers, columns: number, f: (row: Numbers) => Numbers): Numbers {
  const out = new Float64Array(values.length);
  for (let at = 0; at < values.length; at += columns) out.set(f(values.slice(at, at + columns)), at);
  return out;
}

function activate({ name, a, b }: ResolvedActivation, z: Numbers, columns: number, slope: Float32Array | undefined): Numbers {
  if (name === 'softmax' || name === 'logSoftmax')
    return eachRow(z, columns, (row) => {
      const most = Math.max(...row);
      const sum = row.reduce((s, v) => s + Math.exp(v - most), 0);
      return row.map((v) => (name === 'softmax' ? Math.exp(v - most) / sum : v - most - Math.log(sum)));
    });
  return z.map((v, k) => rules[name].value(v, slope?.[slope.length === 1 ? 0 : k % columns] ?? a, b));
}

/** Networks of every kind that can be built, by what they are for. Widths are odd on purpose. */
export const everyNetwork: Readonly<Record<string, MLPOptions>> = {
  'a lone unit': { inputs: 1, layers: [dense(1)] },
  'no bias': { inputs: 3, layers: [dense(5, { activation: 'tanh', bias: false }), dense(2, { bias: false })] },
  'one hidden layer': { inputs: 10, layers: [dense(64, { activation: 'relu' }), dense(64, { activation: 'relu' }), dense(1)] },
  'a classifier': {
    inputs: 4,
    layers: [dense(9, { activation: 'relu' }), dense(3, { activation: 'softmax' })],
    loss: 'categoricalCrossEntropy',
  },
  'a binary classifier': {
    inputs: 4,
    layers: [dense(9, { activation: 'tanh' }), dense(1, { activation: 'sigmoid' })],
    loss: 'binaryCrossEntropy',
  },
  'log-softmax': {
    inputs: 4,
    layers: [dense(7, { activation: 'gelu' }), dense(5, { activation: 'logSoftmax' })],
    loss: 'categoricalCrossEntropy',
  },
  'batch norm after dense': { inputs: 3, layers: [dense(6, { bias: false }), batchNorm(), activation('relu'), dense(2)] },
  'batch norm after dropout after dense': {
    inputs: 3,
    layers: [dense(6), dropout(0.5), batchNorm({ epsilon: 1e-3 }), activation('silu'), dense(2)],
  },
  'batch norm that cannot be folded': {
    inputs: 3,
    layers: [batchNorm(), dense(6, { activation: 'tanh' }), batchNorm(), dense(2), batchNorm()],
  },
  'layer norm': { inputs: 5, layers: [dense(7), layerNorm(), activation('geluTanh'), layerNorm({ epsilon: 1e-3 }), dense(2)] },
  'rescale first, in the middle and last': {
    inputs: 3,
    layers: [
      rescale({ center: [0.5, -2, 1e-3], scale: [2, 0.5, -4], trainable: true }),
      dense(7, { activation: 'tanh' }),
      rescale({ center: 0.25, scale: [1, 2, 3, 4, 5, 6, 7] }),
      dense(2),
      rescale({ center: [-100, 3], scale: 0.125 }),
    ],
  },
  'rescale behind noise': { inputs: 5, layers: [noise(0.1), rescale({ center: 1.5, scale: 0.75 }), dense(2)], inputNoise: 0.2 },
  'rescale first in a residual block': { inputs: 3, layers: [residual([rescale({ center: 2, scale: 3 }), dense(3)]), dense(2)] },
  'categories first and last of the columns': {
    inputs: 4,
    layers: [
      embedding({ column: 3, categories: 2, size: 17 }),
      embedding({ categories: 3, size: 3 }),
      dense(5, { activation: 'tanh' }),
      dense(2),
    ],
  },
  'a category alone': { inputs: 1, layers: [embedding({ categories: 2, size: 2 })] },
  'rescale alone': { inputs: 3, layers: [rescale({ center: [1, 2, 3], scale: 2 })] },
  'dropout and noise': {
    inputs: 5,
    layers: [noise(0.1), dense(7, { activation: 'elu' }), dropout(0.3), dense(2)],
    inputNoise: 0.2,
  },
  residual: { inputs: 6, layers: [residual([dense(6, { activation: 'relu' }), dense(6)]), activation('relu'), dense(2)] },
  'residual with projection': {
    inputs: 3,
    layers: [residual([dense(7, { activation: 'mish' }), batchNorm()]), residual([dense(4)]), dense(2)],
  },
  'residual of equal widths with projection': {
    inputs: 3,
    layers: [residual([dense(3, { activation: 'softplus' })], { projection: true }), dense(2)],
  },
  'nested residual': {
    inputs: 4,
    layers: [
      dense(8),
      residual([
        dense(8, { activation: 'tanh' }),
        residual([layerNorm(), dense(8, { activation: 'relu' })]),
        residual([dense(5)]),
      ]),
      dense(3),
    ],
  },
  'activations alone': { inputs: 4, layers: [activation('tanh'), activation({ name: 'linear', scale: 2, shift: -0.5 })] },
  'prelu, shared and not': {
    inputs: 4,
    layers: [dense(5, { activation: 'prelu' }), dense(5), activation({ name: 'prelu', shared: false }), dense(2)],
  },
};

/** Those of them that ONNX export takes: it refuses embeddings by name. */
export const onnxNetworks = Object.fromEntries(
  Object.entries(everyNetwork).filter(([, { layers }]) => layers.every(({ type }) => type !== 'embedding')),
);

/** Every activation, with parameters of its own, in the middle and at the end. */
export function activationNetwork(name: ActivationName): MLPOptions {
  const numbers = {
    linear: { scale: -1.5, shift: 0.25 },
    leakyRelu: { slope: 0.2 },
    prelu: { shared: false },
    elu: { alpha: 0.7 },
    celu: { alpha: 1.3 },
  };
  const spec = { name, ...(numbers as Record<string, object>)[name] } as never;
  return { inputs: 6, layers: [dense(11, { activation: spec }), dense(4, { activation: spec })] };
}

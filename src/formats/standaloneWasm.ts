// A network as a WebAssembly module of its own, a few hundred bytes of code and its weights, with a small loader. Products
// are 4 lanes wide and sum in the order of the model's; between layers values are float32, inside activations doubles.
//
//     memory:  | weights, biases, scalers | a buffer for the row, one for the output of each layer | heap: rows in, rows out |
//
// Weights are in panels of 4 outputs, [ceil(outputs / 4)][inputs][4]; buffers are padded to 4 floats.

import { LayerKind } from '../../assembly/abi.js';
import { fail } from '../errors.js';
import { checkKeys } from '../options.js';
import type { ActivationName, ResolvedActivation } from '../plan/activations.js';
import type { LayerPlan } from '../plan/network.js';
import {
  type Affine,
  type FittedEstimator,
  type Network,
  type PredictingSource,
  openNetwork,
  type Surroundings,
  tensorOf,
} from './network.js';
import { classify, header, literal, selfTest } from './standalone.js';
import { testVector } from './testVector.js';
import {
  type Code,
  call,
  encodeModule,
  f32,
  f32x4,
  f64,
  FunctionBuilder,
  get,
  i32,
  i64,
  loop,
  type ModuleFunction,
  select,
  set,
  Type,
} from './wasm.js';

export interface StandaloneWasm {
  /** The module's bytes. Exports: memory, heap (where rows may be put), predict(x, y, rows), x and y being addresses. */
  readonly wasm: Uint8Array;
  /** The text of an ES module with `load(source)`, source being the bytes, a Response or a WebAssembly.Module. */
  readonly code: string;
  /** The loader's TypeScript declaration. */
  readonly declaration: string;
}

/**
 * The network of a model or a fitted estimator as a tiny WebAssembly module (with SIMD) and its loader.
 * @throws as exportModule.
 * @example
 * const { wasm, code } = exportWasm(model);
 * writeFileSync('net.wasm', wasm);
 * writeFileSync('net.js', code);
 * // import { load } from './net.js';
 * // const net = await load(fetch('net.wasm'));
 * // net.predict([[1, 2]]);
 */
export function exportWasm(
  model: PredictingSource | FittedEstimator<PredictingSource>,
  options: Surroundings = {},
): StandaloneWasm {
  checkKeys(options, ['scaler', 'targetScaler', 'labels', 'featureNames'], 'exportWasm');
  const { source, network } = openNetwork(model, options, 'exportWasm');
  const wasm = new Compiler(network).module();
  return { wasm, code: loader(source, network), declaration: declarationOf(network) };
}

// ---- the loader ---------------------------------------------------------------------------------------------------------------

function loader(model: PredictingSource, network: Network): string {
  const { plan, labels, featureNames } = network;
  const inner = (lines: string[]) => lines.map((line) => `  ${line.replace(/^export /, '')}`);
  return [
    header(network),
    '',
    `export const inputs = ${plan.inputs};`,
    `export const outputs = ${plan.outputs};`,
    ...(featureNames ? [`export const featureNames = ${literal(featureNames)};`] : []),
    ...(labels ? [`export const labels = ${literal(labels)};`] : []),
    '',
    '/** Starts the network, from the bytes of its .wasm, a Response (or the promise of one), or a WebAssembly.Module. */',
    'export async function load(source) {',
    '  const { memory, heap, predict: run } = (await WebAssembly.instantiate(await compile(await source))).exports;',
    '',
    '  function predict(rows) {',
    '    const x = Array.from(rows);',
    '    const end = heap.value + 4 * x.length * (inputs + outputs);',
    '    if (end > memory.buffer.byteLength) memory.grow(Math.ceil((end - memory.buffer.byteLength) / 65536));',
    '    const floats = new Float32Array(memory.buffer, heap.value, x.length * (inputs + outputs));',
    '    x.forEach((row, i) => {',
    '      if (!(row && row.length === inputs)) throw new TypeError("rows[" + i + "]: expected " + inputs + " numbers, got " + (row && row.length));',
    '      floats.set(row, i * inputs);',
    '    });',
    '    const y = x.length * inputs;',
    '    if (x.length > 0) run(heap.value, heap.value + 4 * y, x.length);',
    '    return x.map((_, i) => Array.from(floats.subarray(y + i * outputs, y + (i + 1) * outputs)));',
    '  }',
    ...(labels ? ['', ...inner(classify(plan))] : []),
    '',
    ...inner(selfTest(testVector(model, network))),
    '',
    `  return { predict, ${labels ? 'classify, ' : ''}selfTest };`,
    '}',
    '',
    'function compile(source) {',
    '  if (source instanceof WebAssembly.Module) return source;',
    '  if (typeof Response === "function" && source instanceof Response) return source.arrayBuffer().then((bytes) => WebAssembly.compile(bytes));',
    '  return WebAssembly.compile(source);',
    '}',
    '',
  ].join('\n');
}

function declarationOf(network: Network): string {
  const { plan, labels, featureNames } = network;
  return [
    header(network),
    '',
    '/** Columns of a row. */',
    `export declare const inputs: ${plan.inputs};`,
    `export declare const outputs: ${plan.outputs};`,
    ...(featureNames ? [`export declare const featureNames: readonly ${literal(featureNames)};`] : []),
    ...(labels ? [`export declare const labels: readonly ${literal(labels)};`] : []),
    'export interface Net {',
    '  /** Outputs for each row of inputs. @throws TypeError for a row of another length. */',
    '  predict(rows: Iterable<ArrayLike<number>>): number[][];',
    ...(labels
      ? ['  /** The label of each row. */', '  classify(rows: Iterable<ArrayLike<number>>): (typeof labels)[number][];']
      : []),
    '  /** The largest relative difference from what the model gave when it was exported. @throws Error above 1e-4. */',
    '  selfTest(): number;',
    '}',
    '/** Starts the network, from the bytes of its .wasm, a Response (or the promise of one), or a WebAssembly.Module. */',
    'export declare function load(source: BufferSource | Response | WebAssembly.Module | Promise<Response>): Promise<Net>;',
    '',
  ].join('\n');
}

// ---- the module ---------------------------------------------------------------------------------------------------------------

/** A buffer: address of its first float, and how many there are. */
interface Buffer {
  readonly at: number;
  readonly width: number;
}

class Compiler {
  private readonly math = new MathFunctions();
  private readonly data: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  private end = 0;
  private readonly predict = new FunctionBuilder([Type.i32, Type.i32, Type.i32], undefined);
  private readonly local = {
    x: 0,
    y: 1,
    rows: 2,
    row: this.predict.local(Type.i32),
    o: this.predict.local(Type.i32),
    w: this.predict.local(Type.i32),
    k: this.predict.local(Type.i32),
    sums: Array.from({ length: PANELS }, () => this.predict.local(Type.v128)),
    splat: this.predict.local(Type.v128),
    a: this.predict.local(Type.f64),
    b: this.predict.local(Type.f64),
  };
  private readonly body: number[] = [];

  constructor(private readonly network: Network) {}

  module(): Uint8Array {
    const { network, local, body } = this;
    const { plan, before, after } = network;
    // Buffers lie behind all weights, whose number is known once the code is there: it is made twice.
    const code = () => {
      this.data.length = 0;
      this.end = 0;
      body.length = 0;
      this.buffers = this.firstBuffer;
      const last = this.layers(before);
      this.affine(after, plan.outputs, f32.load(get(local.k), last.at), get(local.y));
      return [
        ...loop(local.row, get(local.rows), 1, [
          ...body,
          ...set(local.x, i32.add(get(local.x), i32.const(4 * plan.inputs))),
          ...set(local.y, i32.add(get(local.y), i32.const(4 * plan.outputs))),
        ]),
      ];
    };
    code();
    this.firstBuffer = this.end;
    const predict: ModuleFunction = { builder: this.predict, body: code() };
    const functions = [...this.math.functions, predict];
    const data = new Uint8Array(this.end);
    for (const { at, bytes } of this.data) data.set(bytes, at);
    return encodeModule(functions, { name: 'predict', index: functions.length - 1 }, data, this.buffers);
  }

  private firstBuffer = 0;
  private buffers = 0;

  private buffer(width: number): Buffer {
    const at = this.buffers;
    this.buffers += Math.ceil(width / 4) * 16;
    return { at, width };
  }

  /** Places numbers; returns their address, a multiple of 16. */
  private put(values: Float32Array | Float64Array): number {
    const at = this.end;
    this.data.push({ at, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) });
    this.end += Math.ceil(values.byteLength / 16) * 16;
    return at;
  }

  private emit(...code: Code[]): void {
    for (const part of code) for (const byte of part) this.body.push(byte);
  }

  /** y[k] = value for every float of a buffer; `value` reads its own at byte k. */
  private each(to: Buffer, value: Code): void {
    const { k } = this.local;
    this.emit(loop(k, i32.const(4 * to.width), 4, f32.store(get(k), f32.ofF64(value), to.at)));
  }

  private read(from: Buffer): Code {
    return f64.ofF32(f32.load(get(this.local.k), from.at));
  }

  /** The row at x into the first buffer, then layer after layer; returns the last buffer. */
  private layers(before: Affine | undefined): Buffer {
    const { network, local } = this;
    const { inputs, layers } = network.plan;
    let now = this.buffer(inputs);
    this.affine(before, inputs, f32.load(i32.add(get(local.x), get(local.k))), i32.const(now.at));
    const saved: Buffer[] = [];
    for (const layer of layers) {
      switch (layer.kind) {
        case LayerKind.Dense: {
          const to = this.dense(now, tensorOf(network, layer, 'weight')!, tensorOf(network, layer, 'bias'), layer.outputs);
          now = this.activate(layer, to, to);
          break;
        }
        case LayerKind.Activation:
          now = this.activate(layer, now, undefined);
          break;
        case LayerKind.BatchNorm:
          now = this.batchNorm(layer, now);
          break;
        case LayerKind.LayerNorm:
          now = this.layerNorm(layer, now);
          break;
        case LayerKind.Dropout:
        case LayerKind.Noise:
          break;
        case LayerKind.ResidualBegin:
          saved.push(now);
          break;
        case LayerKind.ResidualEnd: {
          let skip = saved.pop()!;
          const weight = tensorOf(network, layer, 'weight');
          if (weight) skip = this.dense(skip, weight, undefined, layer.outputs);
          const to = this.buffer(layer.outputs);
          this.each(to, f64.add(this.read(skip), this.read(now)));
          now = to;
          break;
        }
        default:
          fail(
            'ERR_UNSUPPORTED',
            `exportWasm: ${layer.path} is of a kind (${LayerKind[layer.kind as LayerKind] ?? layer.kind}) that the standalone module does not know.`,
          );
      }
    }
    return now;
  }

  /** width floats at `to`: (value - center) factor + shift, in doubles, held to the limits; a copy without an affine map. */
  private affine(map: Affine | undefined, width: number, value: Code, to: Code): void {
    const { k } = this.local;
    let result = value;
    if (map) {
      const number = (values: Float64Array) => f64.load(i32.shl(get(k), i32.const(1)), this.put(values));
      let computed = f64.add(f64.mul(f64.sub(f64.ofF32(value), number(map.center)), number(map.factor)), number(map.shift));
      if (map.low > -Infinity) computed = f64.min(f64.const(map.high), f64.max(f64.const(map.low), computed));
      result = f32.ofF64(computed);
    }
    this.emit(loop(k, i32.const(4 * width), 4, f32.store(i32.add(to, get(k)), result)));
  }

  /** y = x W + b: as many panels at once as there are sums, then the rest. */
  private dense(x: Buffer, weight: Float32Array, bias: Float32Array | undefined, outputs: number): Buffer {
    const { o, w, k, sums, splat } = this.local;
    const inputs = x.width;
    const panels = Math.ceil(outputs / 4);
    const packed = new Float32Array(panels * inputs * 4);
    for (let j = 0; j < outputs; j++)
      for (let i = 0; i < inputs; i++) packed[((j >> 2) * inputs + i) * 4 + (j & 3)] = weight[i * outputs + j]!;
    const padded = new Float32Array(panels * 4);
    padded.set(bias ?? []);
    const weights = this.put(packed);
    const biases = this.put(padded);
    const y = this.buffer(outputs);
    const stride = 16 * inputs; // bytes of a panel
    const block = (count: number): Code => {
      const each = (f: (g: number, sum: number) => Code) => sums.slice(0, count).flatMap((sum, g) => [...f(g, sum)]);
      const product = (g: number): Code =>
        f32x4.mul(get(splat), f32x4.load(i32.add(get(w), i32.shl(get(k), i32.const(2))), weights + g * stride));
      return [
        ...each((g, sum) => set(sum, f32x4.load(get(o), biases + 16 * g))),
        ...loop(k, i32.const(4 * inputs), 4, [
          ...set(splat, f32x4.loadSplat(get(k), x.at)),
          ...each((g, sum) => set(sum, f32x4.add(get(sum), product(g)))),
        ]),
        ...each((g, sum) => f32x4.store(get(o), get(sum), y.at + 16 * g)),
      ];
    };
    const whole = Math.floor(panels / PANELS);
    const rest = panels % PANELS;
    this.emit(set(w, i32.const(0)));
    if (whole > 0)
      this.emit(
        loop(o, i32.const(16 * PANELS * whole), 16 * PANELS, [
          ...block(PANELS),
          ...set(w, i32.add(get(w), i32.const(PANELS * stride))),
        ]),
      );
    if (rest > 0) this.emit(set(o, i32.const(16 * PANELS * whole)), block(rest));
    return y;
  }

  private activate(layer: LayerPlan, from: Buffer, to: Buffer | undefined): Buffer {
    const { activation, path } = layer;
    const { k, a, b } = this.local;
    const { name } = activation;
    if (name === 'identity') return from;
    const out = to ?? this.buffer(from.width);
    const slope = tensorOf(this.network, layer, 'slope');
    if (name === 'relu') {
      this.emit(
        loop(
          k,
          i32.const(Math.ceil(from.width / 4) * 16),
          16,
          f32x4.store(get(k), f32x4.max(f32x4.load(get(k), from.at), f32x4.zero), out.at),
        ),
      );
    } else if (name === 'softmax' || name === 'logSoftmax') {
      const over = (start: number, step: Code) =>
        this.emit(set(a, f64.const(start)), loop(k, i32.const(4 * from.width), 4, set(a, step)));
      over(-Infinity, f64.max(get(a), this.read(from)));
      this.emit(set(b, get(a)));
      const shifted = f64.sub(this.read(from), get(b));
      over(0, f64.add(get(a), this.math.exp(shifted)));
      this.each(out, name === 'softmax' ? f64.div(this.math.exp(shifted), get(a)) : f64.sub(shifted, this.math.log(get(a))));
    } else if (slope && slope.length > 1) {
      const at = this.put(slope);
      const z = this.read(from);
      this.each(out, select(f64.ge(z, f64.const(0)), z, f64.mul(z, f64.ofF32(f32.load(get(k), at)))));
    } else {
      if (!Object.hasOwn(rules, name))
        fail(
          'ERR_UNSUPPORTED',
          `exportWasm: ${path} has the activation ${JSON.stringify(name)}, which the standalone module does not know.`,
        );
      this.each(out, this.math.activation(slope ? { ...activation, a: slope[0]! } : activation, this.read(from)));
    }
    return out;
  }

  private batchNorm(layer: LayerPlan, from: Buffer): Buffer {
    const [gamma, beta, mean, variance] = (['gamma', 'beta', 'runningMean', 'runningVariance'] as const).map(
      (role) => tensorOf(this.network, layer, role)!,
    );
    const factor = this.put(Float64Array.from(gamma!, (g, j) => g / Math.sqrt(variance![j]! + layer.epsilon)));
    const [m, s] = [this.put(mean!), this.put(beta!)];
    const { k } = this.local;
    const to = this.buffer(layer.outputs);
    const single = (at: number) => f64.ofF32(f32.load(get(k), at));
    this.each(
      to,
      f64.add(f64.mul(f64.sub(this.read(from), single(m)), f64.load(i32.shl(get(k), i32.const(1)), factor)), single(s)),
    );
    return to;
  }

  private layerNorm(layer: LayerPlan, from: Buffer): Buffer {
    const { k, a, b } = this.local;
    const [gamma, beta] = [this.put(tensorOf(this.network, layer, 'gamma')!), this.put(tensorOf(this.network, layer, 'beta')!)];
    const to = this.buffer(layer.outputs);
    const width = f64.const(from.width);
    const centred = f64.sub(this.read(from), get(b));
    this.emit(
      set(b, f64.const(0)),
      loop(k, i32.const(4 * from.width), 4, set(b, f64.add(get(b), this.read(from)))),
      set(b, f64.div(get(b), width)),
    );
    this.emit(set(a, f64.const(0)), loop(k, i32.const(4 * from.width), 4, set(a, f64.add(get(a), f64.mul(centred, centred)))));
    this.emit(set(a, f64.sqrt(f64.add(f64.div(get(a), width), f64.const(layer.epsilon)))));
    const single = (at: number) => f64.ofF32(f32.load(get(k), at));
    this.each(to, f64.add(f64.mul(f64.div(centred, get(a)), single(gamma)), single(beta)));
    return to;
  }
}

/** Panels whose sums are kept at once: 16 outputs. */
const PANELS = 4;

// ---- functions of one double ----------------------------------------------------------------------------------------------------

/** The functions a module needs, each compiled once, when first asked for. */
class MathFunctions {
  readonly functions: ModuleFunction[] = [];
  private readonly known = new Map<string, number>();

  /** Error about 1e-15. */
  exp(x: Code): Code {
    return call(this.define('exp', expBody), x);
  }

  /** For x >= 1. Error about 1e-15. */
  log(x: Code): Code {
    return call(this.define('log', logBody), x);
  }

  activation(f: ResolvedActivation, z: Code): Code {
    const rule = rules[f.name as ScalarName];
    return call(
      this.define(`${f.name} ${f.a} ${f.b}`, () => rule(get(0), this, f.a, f.b)),
      z,
    );
  }

  define(name: string, body: (builder: FunctionBuilder) => Code): number {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const builder = new FunctionBuilder([Type.f64], Type.f64);
    const code = body(builder); // may define others first
    this.functions.push({ builder, body: code });
    this.known.set(name, this.functions.length - 1);
    return this.functions.length - 1;
  }
}

/** c0 + x (c1 + x (c2 + …)). */
function horner(x: Code, coefficients: readonly number[]): Code {
  return coefficients
    .slice(0, -1)
    .reduceRight<Code>((sum, c) => f64.add(f64.const(c), f64.mul(x, sum)), f64.const(coefficients[coefficients.length - 1]!));
}

/** e^x = 2^n e^r, n the nearest whole number to x / ln 2, |r| <= ln 2 / 2, e^r by its Taylor series. */
function expBody(builder: FunctionBuilder): Code {
  const n = builder.local(Type.f64);
  const r = builder.local(Type.f64);
  const taylor = [1];
  for (let k = 1; k <= 12; k++) taylor.push(taylor[k - 1]! / k);
  return [
    ...set(0, f64.min(f64.max(get(0), f64.const(-708)), f64.const(709))),
    ...set(n, f64.nearest(f64.mul(get(0), f64.const(Math.LOG2E)))),
    // ln 2 in two parts: n times the first is exact.
    ...set(
      r,
      f64.sub(
        f64.sub(get(0), f64.mul(get(n), f64.const(0.6931471803691238))),
        f64.mul(get(n), f64.const(1.9082149292705877e-10)),
      ),
    ),
    ...f64.mul(horner(get(r), taylor), f64.ofBits(i64.shl(i64.add(i64.truncate(get(n)), i64.const(1023n)), i64.const(52n)))),
  ];
}

/** ln(2^e m) = e ln 2 + 2 artanh s, s = (m - 1) / (m + 1), m in [sqrt 1/2, sqrt 2]. */
function logBody(builder: FunctionBuilder): Code {
  const e = builder.local(Type.f64);
  const m = builder.local(Type.f64);
  const s = builder.local(Type.f64);
  const large = f64.gt(get(m), f64.const(Math.SQRT2));
  return [
    ...set(e, f64.ofI64(i64.add(i64.shrU(i64.bits(get(0)), i64.const(52n)), i64.const(-1023n)))),
    ...set(m, f64.ofBits(i64.or(i64.and(i64.bits(get(0)), i64.const(0xfffffffffffffn)), i64.const(0x3ff0000000000000n)))),
    ...set(e, f64.add(get(e), f64.ofI32(large))),
    ...set(m, select(large, f64.mul(get(m), f64.const(0.5)), get(m))),
    ...set(s, f64.div(f64.sub(get(m), f64.const(1)), f64.add(get(m), f64.const(1)))),
    ...f64.add(
      f64.mul(get(e), f64.const(Math.LN2)),
      f64.mul(
        f64.mul(f64.const(2), get(s)),
        horner(
          f64.mul(get(s), get(s)),
          Array.from({ length: 10 }, (_, k) => 1 / (2 * k + 1)),
        ),
      ),
    ),
  ];
}

type ScalarName = Exclude<ActivationName, 'identity' | 'relu' | 'softmax' | 'logSoftmax'>;
type Rule = (z: Code, math: MathFunctions, a: number, b: number) => Code;

const zero = f64.const(0);
const one = f64.const(1);
/** 1 / (1 + e^-u) */
const sigmoid = (u: Code, math: MathFunctions): Code => f64.div(one, f64.add(one, math.exp(f64.neg(u))));
/** max(z, 0) + ln(1 + e^-|z|) */
const softplus: Rule = (z, math) => f64.add(f64.max(z, zero), math.log(f64.add(one, math.exp(f64.neg(f64.abs(z))))));
/** 1 - 2 / (e^2u + 1) */
const tanh = (u: Code, math: MathFunctions): Code =>
  f64.sub(one, f64.div(f64.const(2), f64.add(math.exp(f64.mul(f64.const(2), u)), one)));
const above = (z: Code, below: Code): Code => select(f64.ge(z, zero), z, below);
const expm1 = (z: Code, math: MathFunctions): Code => f64.sub(math.exp(z), one);
const times = (factor: number, x: Code): Code => f64.mul(f64.const(factor), x);

const rules: Readonly<Record<ScalarName, Rule>> = {
  linear: (z, _, a, b) => f64.add(times(a, z), f64.const(b)),
  sign: (z) => f64.sub(f64.ofI32(f64.gt(z, zero)), f64.ofI32(f64.lt(z, zero))),
  step: (z) => f64.ofI32(f64.ge(z, zero)),
  sigmoid,
  tanh,
  leakyRelu: (z, _, a) => above(z, times(a, z)),
  prelu: (z, _, a) => above(z, times(a, z)),
  elu: (z, math, a) => above(z, times(a, expm1(z, math))),
  celu: (z, math, a) => above(z, times(a, expm1(f64.div(z, f64.const(a)), math))),
  selu: (z, math) => times(1.0507009873554805, above(z, times(1.6732632423543772, expm1(z, math)))),
  gelu: (z, math) =>
    f64.mul(
      z,
      call(
        math.define('phi', (builder) => phi(builder, math)),
        z,
      ),
    ),
  geluTanh: (z, math) =>
    f64.mul(z, sigmoid(f64.mul(times(1.5957691216057308, z), f64.add(one, times(0.044715, f64.mul(z, z)))), math)),
  silu: (z, math) => f64.mul(z, sigmoid(z, math)),
  softplus,
  softsign: (z) => f64.div(z, f64.add(one, f64.abs(z))),
  mish: (z, math) => f64.mul(z, tanh(softplus(z, math, 0, 0), math)),
  hardSigmoid: (z) => f64.div(f64.min(f64.const(6), f64.max(zero, f64.add(z, f64.const(3)))), f64.const(6)),
};

/** The normal distribution function, with a relative error below 1.2e-7. See: Press et al., Numerical Recipes, section 6.2. */
function phi(builder: FunctionBuilder, math: MathFunctions): Code {
  const d = builder.local(Type.f64);
  const t = builder.local(Type.f64);
  const fit = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277,
  ];
  return [
    ...set(d, times(Math.SQRT1_2, f64.abs(get(0)))),
    ...set(t, f64.div(f64.const(2), f64.add(f64.const(2), get(d)))),
    ...set(t, f64.mul(times(0.5, get(t)), math.exp(f64.sub(horner(get(t), fit), f64.mul(get(d), get(d)))))),
    ...select(f64.lt(get(0), zero), get(t), f64.sub(one, get(t))),
  ];
}

// A network as a WebAssembly module of its own, a few hundred bytes of code and its weights, with a small loader. Products
// are 4 lanes wide and sum in the order of the model's; between layers values are float32, inside activations doubles.
//
//     memory:  | weights, biases, scalers | a buffer for the row, one for the output of each layer | heap: rows in, rows out |
//
// Weights are in panels of 4 outputs, [ceil(outputs / 4)][inputs][4]; buffers are padded to 4 floats.

import { LayerKind } from '../../assembly/abi.js';
import { readOptions } from '../options.js';
import { formulaToCompute } from '../plan/activations.js';
import { unitSlope } from '../plan/expressions.js';
import type { LayerPlan } from '../plan/network.js';
import {
  type Affine,
  type FittedEstimator,
  type Network,
  type PredictingSource,
  exportRows,
  openNetwork,
  type ExportOptions,
  refuseActivation,
  refuseLayer,
  rescaleMap,
  tensorOf,
} from './network.js';
import { MathFunctions, printWasm } from './expression/wasm.js';
import { recordsText, rowsRead } from './moduleRecords.js';
import { checkRow, classify, constants, constantsDeclared, functionsDeclared, header, selfTest } from './moduleText.js';
import { testVector } from './testVector.js';
import {
  type Code,
  encodeModule,
  f32,
  f32x4,
  f64,
  FunctionBuilder,
  get,
  i32,
  loop,
  type ModuleFunction,
  set,
  Type,
} from './expression/assembler.js';

/** A network as a WebAssembly module, the JavaScript that loads it, and its type declarations. */
export interface StandaloneWasm {
  /** The module's bytes. Exports: memory, heap (where rows may be put), predict(x, y, rows), x and y being addresses. */
  readonly wasm: Uint8Array<ArrayBuffer>;
  /**
   * What the numbers at x are: float64 where the network begins by subtracting something (a scaler, a rescale layer), which
   * must not be rounded before; else float32. Those at y are float32. The loader knows.
   */
  readonly inputType: 'float32' | 'float64';
  /** The text of an ES module with `load(source)`, source being the bytes, a Response or a WebAssembly.Module. */
  readonly code: string;
  /** The loader's TypeScript declaration. */
  readonly declaration: string;
}

/**
 * The network of a model or a fitted estimator as a tiny WebAssembly module (with SIMD) and its loader.
 * @throws ERR_UNSUPPORTED naming a layer or an activation that the module cannot have, ERR_NONFINITE for weights that are not numbers, ERR_SHAPE, ERR_OPTION.
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
  options: ExportOptions = {},
): StandaloneWasm {
  readOptions(exportRows, options, 'exportWasm');
  const { source, network } = openNetwork(model, options, 'exportWasm');
  const wasm = new Compiler(network).module();
  return {
    wasm,
    inputType: readsDoubles(network) ? 'float64' : 'float32',
    code: loader(source, network),
    declaration: declarationOf(network),
  };
}

function readsDoubles({ first }: Network): boolean {
  return first?.center.some((c) => c !== 0) ?? false;
}

// ---- the loader ---------------------------------------------------------------------------------------------------------------

function loader(model: PredictingSource, network: Network): string {
  const { plan, labels } = network;
  const double = readsDoubles(network);
  const inner = (lines: string[]) => lines.map((line) => `  ${line.replace(/^export /, '')}`);
  return [
    header(network),
    '',
    ...constants(network),
    '',
    '/** Starts the network, from the bytes of its .wasm, a Response (or the promise of one), or a WebAssembly.Module. */',
    'export async function load(source) {',
    '  const { memory, heap, predict: run } = (await WebAssembly.instantiate(await compile(await source))).exports;',
    '',
    '  function predict(rows) {',
    `    const x = ${rowsRead(network.encoding)};`,
    `    const y = heap.value + ${double ? 8 : 4} * x.length * inputs;`,
    '    const end = y + 4 * x.length * outputs;',
    '    if (end > memory.buffer.byteLength) memory.grow(Math.ceil((end - memory.buffer.byteLength) / 65536));',
    `    const given = new ${double ? 'Float64Array' : 'Float32Array'}(memory.buffer, heap.value, x.length * inputs);`,
    '    x.forEach((row, i) => {',
    `      ${checkRow}`,
    '      given.set(row, i * inputs);',
    '    });',
    '    if (x.length > 0) run(heap.value, y, x.length);',
    '    return x.map((_, i) => Array.from(new Float32Array(memory.buffer, y + 4 * i * outputs, outputs)));',
    '  }',
    ...(labels ? ['', ...inner(classify(plan))] : []),
    '',
    ...inner(selfTest(testVector(model, network))),
    '',
    `  return { predict, ${labels ? 'classify, ' : ''}selfTest };`,
    '}',
    '',
    'function compile(source) {',
    '  if (Object.prototype.toString.call(source) === "[object WebAssembly.Module]") return source;',
    '  if (typeof source?.arrayBuffer === "function") return source.arrayBuffer().then((bytes) => WebAssembly.compile(bytes));',
    '  return WebAssembly.compile(source);',
    '}',
    ...recordsText(network.encoding),
    '',
  ].join('\n');
}

function declarationOf(network: Network): string {
  return [
    ...constantsDeclared(network),
    'export interface Net {',
    ...functionsDeclared(network, '').map((line) => `  ${line}`),
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

  module(): Uint8Array<ArrayBuffer> {
    const { network, local, body } = this;
    const { plan, after } = network;
    // Buffers lie behind all weights, whose number is known once the code is there: it is made twice.
    const code = () => {
      this.data.length = 0;
      this.end = 0;
      body.length = 0;
      this.buffers = this.firstBuffer;
      const last = this.layers();
      this.affine(after, plan.outputs, this.read(last), get(local.y));
      return [
        ...loop(local.row, get(local.rows), 1, [
          ...body,
          ...set(local.x, i32.add(get(local.x), i32.const((readsDoubles(network) ? 8 : 4) * plan.inputs))),
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
  private layers(): Buffer {
    const { network, local } = this;
    const { inputs, layers } = network.plan;
    let now = this.buffer(inputs);
    const given = readsDoubles(network)
      ? f64.load(i32.add(get(local.x), i32.shl(get(local.k), i32.const(1))))
      : f64.ofF32(f32.load(i32.add(get(local.x), get(local.k))));
    this.affine(network.first, inputs, given, i32.const(now.at));
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
        case LayerKind.Rescale: {
          if (layer === network.firstLayer) break;
          const to = this.buffer(layer.outputs);
          this.affine(rescaleMap(network, layer), layer.outputs, this.read(now), i32.const(to.at));
          now = to;
          break;
        }
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
          refuseLayer(layer, 'exportWasm', 'the standalone module');
      }
    }
    return now;
  }

  /** width floats at `to`: (value - center) factor + shift of a double, held to the limits; a copy without an affine map. */
  private affine(map: Affine | undefined, width: number, value: Code, to: Code): void {
    const { k } = this.local;
    let result = value;
    if (map) {
      const number = (values: Float64Array) => f64.load(i32.shl(get(k), i32.const(1)), this.put(values));
      let computed = f64.add(f64.mul(f64.sub(value, number(map.center)), number(map.factor)), number(map.shift));
      if (map.low > -Infinity) computed = f64.min(f64.const(map.high), f64.max(f64.const(map.low), computed));
      result = computed;
    }
    this.emit(loop(k, i32.const(4 * width), 4, f32.store(i32.add(to, get(k)), f32.ofF64(result))));
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
    const { activation } = layer;
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
    } else {
      const formula = formulaToCompute(name) ?? refuseActivation(layer, 'exportWasm', 'the standalone module');
      if (slope && slope.length > 1) {
        const own = f64.ofF32(f32.load(get(k), this.put(slope)));
        this.each(out, printWasm(formula(unitSlope, 0), this.read(from), this.math, own));
      } else this.each(out, this.math.apply(formula(slope?.[0] ?? activation.a, activation.b), this.read(from)));
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

// A network as an ES module: the weights as base64 float32, the code it needs and nothing else, no imports. What the module
// computes is what predict computes, up to the rounding of float32 sums: between layers values are float32, within one double.

import { LayerKind } from '../../assembly/abi.js';
import { readOptions } from '../options.js';
import { formulaToCompute } from '../plan/activations.js';
import { unitSlope } from '../plan/expressions.js';
import type { LayerPlan } from '../plan/network.js';
import { javascriptFunctions, printJavaScript } from './expression/javascript.js';
import { recordsText, rowsRead } from './moduleRecords.js';
import { checkRow, classify, constants, constantsDeclared, functionsDeclared, header, selfTest } from './moduleText.js';
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
import { testVector } from './testVector.js';

/** A network as a JavaScript module without imports, and its type declarations. */
export interface StandaloneModule {
  /** The text of an ES module. */
  readonly code: string;
  /** Its TypeScript declaration. */
  readonly declaration: string;
}

/**
 * The network of a model or a fitted estimator as one ES module without dependencies: `predict(rows)`, `selfTest()`, `inputs`, `outputs`, with labels also
 * `classify(rows)`; scalers are built in. Runs wherever JavaScript does.
 * @throws ERR_NONFINITE for weights that are not numbers, ERR_UNSUPPORTED naming a layer it does not know.
 * @example
 * const { code, declaration } = exportModule(model, { featureNames: ['length', 'width'] });
 * writeFileSync('net.mjs', code);
 * writeFileSync('net.d.mts', declaration);
 * const { predict } = await import('./net.mjs');
 * predict([[1, 2]]).length;  // 1: a row of outputs for each row
 */
export function exportModule(
  model: PredictingSource | FittedEstimator<PredictingSource>,
  options: ExportOptions = {},
): StandaloneModule {
  readOptions(exportRows, options, 'exportModule');
  const { source, network } = openNetwork(model, options, 'exportModule');
  const body = new Body(network);
  const vector = testVector(source, network);
  const lines = [
    header(network),
    '',
    ...constants(network),
    '',
    `/** Outputs for each row of inputs${network.encoding ? ', numbers or records' : ''}. */`,
    'export function predict(rows) {',
    `  return ${rowsRead(network.encoding)}.map((row, i) => {`,
    `    ${checkRow}`,
    '    return Array.from(run(row));',
    '  });',
    '}',
    ...(network.labels ? ['', ...classify(network.plan)] : []),
    '',
    ...selfTest(vector),
    '',
    '/** One row through the network. */',
    'function run(row) {',
    ...body.lines.map((line) => `  ${line}`),
    '}',
    ...[...body.needed].flatMap((name) => ['', functions[name].trim()]),
    ...recordsText(network.encoding),
    '',
    `const weights = decode(${JSON.stringify(base64(body.weights()))});`,
    '',
    decode.trim(),
    '',
  ];
  return { code: lines.join('\n'), declaration: declarationOf(network) };
}

function declarationOf(network: Network): string {
  return [...constantsDeclared(network), ...functionsDeclared(network, 'export declare function ', false), ''].join('\n');
}

// ---- the body of run: one line or two for each layer --------------------------------------------------------------------------

class Body {
  readonly lines: string[] = [];
  readonly needed = new Set<keyof typeof functions>();
  private readonly chunks: Float32Array[] = [];
  private length = 0;
  private skips = 0;

  constructor(private readonly network: Network) {
    const { plan, first, after } = network;
    this.lines.push('let x = Float32Array.from(row);');
    if (first) this.affine(first, 'row');
    const saved: number[] = [];
    for (const layer of plan.layers) this.layer(layer, saved);
    if (after) this.affine(after, 'x');
    this.lines.push('return x;');
  }

  weights(): Float32Array {
    const all = new Float32Array(this.length);
    let at = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  /** Adds weights; returns where they begin. */
  private put(values: Float32Array): number {
    const at = this.length;
    this.chunks.push(values);
    this.length += values.length;
    return at;
  }

  private call(name: keyof typeof functions, ...args: (string | number)[]): string {
    this.needed.add(name);
    return `${name}(${args.join(', ')})`;
  }

  private layer(layer: LayerPlan, saved: number[]): void {
    const { network, lines } = this;
    const tensor = (role: Parameters<typeof tensorOf>[2]) => tensorOf(network, layer, role);
    const { inputs, outputs, epsilon } = layer;
    switch (layer.kind) {
      case LayerKind.Dense: {
        const at = this.put(turned(tensor('weight')!, inputs, outputs));
        this.put(tensor('bias') ?? new Float32Array(outputs));
        lines.push(`x = ${this.call('dense', 'x', at, outputs)};`);
        this.activate(layer);
        break;
      }
      case LayerKind.Activation:
        this.activate(layer);
        break;
      case LayerKind.BatchNorm: {
        const variance = tensor('runningVariance')!;
        const at = this.put(tensor('runningMean')!);
        this.put(tensor('gamma')!.map((g, j) => g / Math.sqrt(variance[j]! + epsilon)));
        this.put(tensor('beta')!);
        lines.push(`x = ${this.call('batchNorm', 'x', at)};`);
        break;
      }
      case LayerKind.LayerNorm: {
        const at = this.put(tensor('gamma')!);
        this.put(tensor('beta')!);
        lines.push(`x = ${this.call('layerNorm', 'x', at, epsilon)};`);
        break;
      }
      case LayerKind.Rescale:
        if (layer !== network.firstLayer) this.affine(rescaleMap(network, layer), 'x');
        break;
      case LayerKind.Dropout:
      case LayerKind.Noise:
        break;
      case LayerKind.ResidualBegin:
        saved.push(this.skips);
        lines.push(`const skip${this.skips++} = x;`);
        break;
      case LayerKind.ResidualEnd: {
        let skip = `skip${saved.pop()}`;
        const weight = tensor('weight');
        if (weight) {
          const at = this.put(turned(weight, inputs, outputs));
          this.put(new Float32Array(outputs));
          skip = this.call('dense', skip, at, outputs);
        }
        lines.push(`x = ${this.call('add', 'x', skip)};`);
        break;
      }
      default:
        refuseLayer(layer, 'exportModule', 'the standalone module');
    }
  }

  private activate(layer: LayerPlan): void {
    const { activation } = layer;
    const { name, a, b } = activation;
    if (name === 'identity') return;
    if (name === 'softmax' || name === 'logSoftmax') {
      this.lines.push(`x = ${this.call(name, 'x')};`);
      return;
    }
    const slope = tensorOf(this.network, layer, 'slope');
    const perUnit = slope !== undefined && slope.length > 1;
    const formula = formulaToCompute(name) ?? refuseActivation(layer, 'exportModule', 'the standalone module');
    const { code, needs } = printJavaScript(
      formula(perUnit ? unitSlope : (slope?.[0] ?? a), b),
      perUnit ? `weights[${this.put(slope)} + j]` : undefined,
    );
    for (const needed of needs) this.needed.add(needed);
    this.lines.push(`x = x.map(${perUnit ? '(z, j)' : '(z)'} => ${code});`);
  }

  private affine({ center, factor, shift, low, high }: Affine, from: 'row' | 'x'): void {
    const list = (values: Float64Array) => JSON.stringify(Array.from(values));
    const value = `(${from}[j] - ${list(center)}[j]) * ${list(factor)}[j] + ${list(shift)}[j]`;
    this.lines.push(
      low > -Infinity ? `x = x.map((_, j) => Math.min(${high}, Math.max(${low}, ${value})));` : `x = x.map((_, j) => ${value});`,
    );
  }
}

/** [inputs][outputs] as [outputs][inputs]: a unit's weights side by side. */
function turned(weight: Float32Array, inputs: number, outputs: number): Float32Array {
  return weight.map((_, k) => weight[(k % inputs) * outputs + Math.floor(k / inputs)]!);
}

function base64(values: Float32Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = '';
  for (let i = 0; i < bytes.length; i += 8190) text += btoa(String.fromCharCode(...bytes.subarray(i, i + 8190))); // a multiple of 3: no padding inside
  return text;
}

/** The functions a module may need, as it has them. Weights of a unit are side by side, biases behind all weights. */
const functions = {
  dense: `
function dense(x, at, outputs) {
  const y = new Float32Array(outputs);
  const n = x.length;
  for (let j = 0; j < outputs; j++) {
    let sum = weights[at + n * outputs + j];
    for (let k = 0, w = at + n * j; k < n; k++) sum += x[k] * weights[w + k];
    y[j] = sum;
  }
  return y;
}`,
  add: `
function add(x, y) {
  return x.map((v, j) => v + y[j]);
}`,
  batchNorm: `
function batchNorm(x, at) {
  const n = x.length;
  return x.map((v, j) => (v - weights[at + j]) * weights[at + n + j] + weights[at + 2 * n + j]);
}`,
  layerNorm: `
function layerNorm(x, at, epsilon) {
  const n = x.length;
  const mean = x.reduce((sum, v) => sum + v, 0) / n;
  const spread = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) * (v - mean), 0) / n + epsilon);
  return x.map((v, j) => ((v - mean) / spread) * weights[at + j] + weights[at + n + j]);
}`,
  softmax: `
function softmax(x) {
  const most = x.reduce((a, b) => Math.max(a, b));
  const sum = x.reduce((s, z) => s + Math.exp(z - most), 0);
  return x.map((z) => Math.exp(z - most) / sum);
}`,
  logSoftmax: `
function logSoftmax(x) {
  const most = x.reduce((a, b) => Math.max(a, b));
  const sum = x.reduce((s, z) => s + Math.exp(z - most), 0);
  return x.map((z) => z - most - Math.log(sum));
}`,
  ...javascriptFunctions,
} as const;

const decode = `
function decode(text) {
  return new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}`;

// A network as an ES module: the weights as base64 float32, the code it needs and nothing else, no imports. What the module
// computes is what predict computes, up to the rounding of float32 sums: between layers values are float32, within one double.

import { LayerKind } from '../../assembly/abi.js';
import { fail } from '../errors.js';
import { checkKeys } from '../options.js';
import { activations, type ActivationName, type ResolvedActivation } from '../plan/activations.js';
import type { LayerPlan, NetworkPlan } from '../plan/network.js';
import {
  type Affine,
  type FittedEstimator,
  type Network,
  type PredictingSource,
  openNetwork,
  type Surroundings,
  tensorOf,
} from './network.js';
import { type TestVector, testVector } from './testVector.js';

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
 * const { code, declaration } = exportModule(model, { scaler, labels });
 * writeFileSync('iris.js', code);
 * writeFileSync('iris.d.ts', declaration);
 */
export function exportModule(
  model: PredictingSource | FittedEstimator<PredictingSource>,
  options: Surroundings = {},
): StandaloneModule {
  checkKeys(options, ['scaler', 'targetScaler', 'labels', 'featureNames'], 'exportModule');
  const { source, network } = openNetwork(model, options, 'exportModule');
  const body = new Body(network);
  const { plan, labels, featureNames } = network;
  const vector = testVector(source, network);
  const lines = [
    header(network),
    '',
    `export const inputs = ${plan.inputs};`,
    `export const outputs = ${plan.outputs};`,
    ...(featureNames ? [`export const featureNames = ${literal(featureNames)};`] : []),
    ...(labels ? [`export const labels = ${literal(labels)};`] : []),
    '',
    '/** Outputs for each row of inputs. */',
    'export function predict(rows) {',
    '  return Array.from(rows, (row, i) => {',
    '    if (!(row && row.length === inputs)) throw new TypeError("rows[" + i + "]: expected " + inputs + " numbers, got " + (row && row.length));',
    '    return Array.from(run(row));',
    '  });',
    '}',
    ...(labels ? ['', ...classify(plan)] : []),
    '',
    ...selfTest(vector),
    '',
    '/** One row through the network. */',
    'function run(row) {',
    ...body.lines.map((line) => `  ${line}`),
    '}',
    ...[...body.needed].flatMap((name) => ['', helpers[name]!.trim()]),
    '',
    `const weights = decode(${JSON.stringify(base64(body.weights()))});`,
    '',
    helpers['decode']!.trim(),
    '',
  ];
  return { code: lines.join('\n'), declaration: declarationOf(network) };
}

export function header({ plan }: Network): string {
  const widths = [plan.inputs, ...plan.layers.filter((layer) => layer.kind === LayerKind.Dense).map((layer) => layer.outputs)];
  return `// A ${widths.join('-')} network, exported by feedforward. Generated: train again rather than edit.`;
}

function declarationOf({ plan, labels, featureNames }: Network): string {
  return [
    header({ plan } as Network),
    '',
    '/** Columns of a row. */',
    `export declare const inputs: ${plan.inputs};`,
    `export declare const outputs: ${plan.outputs};`,
    ...(featureNames ? [`export declare const featureNames: readonly ${literal(featureNames)};`] : []),
    ...(labels ? [`export declare const labels: readonly ${literal(labels)};`] : []),
    '/** Outputs for each row of inputs. @throws TypeError for a row of another length. */',
    'export declare function predict(rows: Iterable<ArrayLike<number>>): number[][];',
    ...(labels
      ? [
          '/** The label of each row. */',
          'export declare function classify(rows: Iterable<ArrayLike<number>>): (typeof labels)[number][];',
        ]
      : []),
    '/** The largest relative difference from what the model gave when it was exported. @throws Error above 1e-4. */',
    'export declare function selfTest(): number;',
    '',
  ].join('\n');
}

/** JSON that may stand in a script element too. */
export function literal(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}

export function classify({ outputs, layers }: NetworkPlan): string[] {
  const { range } = activations[layers[layers.length - 1]!.activation.name];
  const rule = outputs === 1 ? `labels[y[0] > ${range === 'real' ? 0 : 0.5} ? 1 : 0]` : 'labels[y.indexOf(Math.max(...y))]';
  return [
    '/** The label of each row. */',
    'export function classify(rows) {',
    `  return predict(rows).map((y) => ${rule});`,
    '}',
  ];
}

export function selfTest({ rows, outputs }: TestVector): string[] {
  return [
    '/** The largest relative difference from what the model gave when it was exported. Throws above 1e-4. */',
    'export function selfTest() {',
    `  const rows = ${JSON.stringify(rows)};`,
    `  const wanted = ${JSON.stringify(outputs)};`,
    '  let largest = 0;',
    '  predict(rows).forEach((row, i) => row.forEach((y, j) => {',
    '    const difference = Math.abs(y - wanted[i][j]) / Math.max(1, Math.abs(wanted[i][j]));',
    '    if (!(difference <= 1e-4)) throw new Error("self-test: output " + j + " of row " + i + " is " + y + ", expected " + wanted[i][j]);',
    '    largest = Math.max(largest, difference);',
    '  }));',
    '  return largest;',
    '}',
  ];
}

// ---- the body of run: one line or two for each layer --------------------------------------------------------------------------

class Body {
  readonly lines: string[] = [];
  readonly needed = new Set<string>();
  private readonly chunks: Float32Array[] = [];
  private length = 0;
  private skips = 0;

  constructor(private readonly network: Network) {
    const { plan, before, after } = network;
    this.lines.push('let x = Float32Array.from(row);');
    if (before) this.affine(before, 'row');
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

  private call(helper: string, ...args: (string | number)[]): string {
    this.needed.add(helper);
    return `${helper}(${args.join(', ')})`;
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
        fail(
          'ERR_UNSUPPORTED',
          `exportModule: ${layer.path} is of a kind (${LayerKind[layer.kind as LayerKind] ?? layer.kind}) that the standalone module does not know.`,
        );
    }
  }

  private activate(layer: LayerPlan): void {
    const { activation } = layer;
    const { name } = activation;
    if (name === 'identity') return;
    if (name === 'softmax' || name === 'logSoftmax') {
      this.lines.push(`x = ${this.call(name, 'x')};`);
      return;
    }
    const slope = tensorOf(this.network, layer, 'slope');
    if (slope && slope.length > 1) {
      this.lines.push(`x = ${this.call('prelu', 'x', this.put(slope))};`);
      return;
    }
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined)
      fail(
        'ERR_UNSUPPORTED',
        `exportModule: ${layer.path} has the activation ${JSON.stringify(name)}, which the standalone module does not know.`,
      );
    for (const helper of rule.needs ?? []) this.needed.add(helper);
    this.lines.push(`x = x.map(${rule.code(slope ? { ...activation, a: slope[0]! } : activation)});`);
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

type ScalarName = Exclude<ActivationName, 'identity' | 'softmax' | 'logSoftmax'>;

const rules: Readonly<
  Record<ScalarName, { readonly code: (f: ResolvedActivation) => string; readonly needs?: readonly string[] }>
> = {
  linear: { code: ({ a, b }) => `(z) => ${a} * z + ${b}` },
  sign: { code: () => 'Math.sign' },
  step: { code: () => '(z) => (z >= 0 ? 1 : 0)' },
  sigmoid: { code: () => '(z) => 1 / (1 + Math.exp(-z))' },
  tanh: { code: () => 'Math.tanh' },
  relu: { code: () => '(z) => Math.max(z, 0)' },
  leakyRelu: { code: ({ a }) => `(z) => (z >= 0 ? z : ${a} * z)` },
  prelu: { code: ({ a }) => `(z) => (z >= 0 ? z : ${a} * z)` },
  elu: { code: ({ a }) => `(z) => (z >= 0 ? z : ${a} * Math.expm1(z))` },
  celu: { code: ({ a }) => `(z) => (z >= 0 ? z : ${a} * Math.expm1(z / ${a}))` },
  selu: { code: () => '(z) => 1.0507009873554805 * (z >= 0 ? z : 1.6732632423543772 * Math.expm1(z))' },
  gelu: { code: () => '(z) => z * phi(z)', needs: ['phi'] },
  geluTanh: { code: () => '(z) => z / (1 + Math.exp(-1.5957691216057308 * z * (1 + 0.044715 * z * z)))' },
  silu: { code: () => '(z) => z / (1 + Math.exp(-z))' },
  softplus: { code: () => 'softplus', needs: ['softplus'] },
  softsign: { code: () => '(z) => z / (1 + Math.abs(z))' },
  mish: { code: () => '(z) => z * Math.tanh(softplus(z))', needs: ['softplus'] },
  hardSigmoid: { code: () => '(z) => Math.min(6, Math.max(0, z + 3)) / 6' },
};

/** The functions a module may need, as it has them. Weights of a unit are side by side, biases behind all weights. */
const helpers: Readonly<Record<string, string>> = {
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
  prelu: `
function prelu(x, at) {
  return x.map((z, j) => (z >= 0 ? z : weights[at + j] * z));
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
  softplus: `
function softplus(z) {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}`,
  // See: Press et al., Numerical Recipes, section 6.2: a Chebyshev fit of erfc with a relative error below 1.2e-7.
  phi: `
/** The normal distribution function. Relative error below 1.2e-7. */
function phi(z) {
  const d = Math.abs(z) * Math.SQRT1_2;
  const t = 2 / (2 + d);
  const fit = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223];
  const tail = (t / 2) * Math.exp(fit.reduce((sum, c) => sum * t + c, 0) - d * d);
  return z < 0 ? tail : 1 - tail;
}`,
  decode: `
function decode(text) {
  return new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
}`,
};

// A network as an ES module: the weights as base64 float32, the code it needs and nothing else, no imports. What the module
// computes is what predict computes, up to the rounding of float32 sums: between layers values are float32, within one double.

import { LayerKind } from '../../assembly/abi.js';
import { readOptions } from '../options.js';
import { formulaToCompute } from '../plan/activations.js';
import { type Expression, unitSlope } from '../plan/expressions.js';
import type { LayerPlan } from '../plan/network.js';
import { derivative } from './expression/derivative.js';
import { javascriptFunctions, printJavaScript } from './expression/javascript.js';
import { isIntegerSource, refuseOptions, type IntegerSource } from './integerCode.js';
import { integerModule } from './integerModule.js';
import { inputGradientText, recordsText, rowsRead } from './moduleRecords.js';
import {
  checkRow,
  checkRowText,
  classify,
  constants,
  constantsDeclared,
  functionsDeclared,
  header,
  selfTest,
} from './moduleText.js';
import type { Affine } from './affine.js';
import {
  type FittedEstimator,
  type Network,
  type PredictingSource,
  openNetwork,
  type ModuleOptions,
  moduleRows,
  refuseActivation,
  refuseFlat,
  refuseLayer,
  rescaleMap,
  tensorOf,
} from './network.js';
import { testVector } from './testVector.js';
import { WeightList } from './weightList.js';

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
  model: PredictingSource | FittedEstimator<PredictingSource> | IntegerSource,
  options: ModuleOptions = {},
): StandaloneModule {
  const { gradient } = readOptions(moduleRows, options, 'exportModule');
  if (isIntegerSource(model)) {
    refuseOptions(options, 'exportModule');
    return integerModule(model);
  }
  const { source, network } = openNetwork(model, options, 'exportModule');
  if (gradient) refuseFlat(network.plan, 'exportModule');
  const body = new Body(network, gradient);
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
    ...(gradient
      ? [
          ...inputGradientText(
            network.encoding,
            `x.map((row, i) => {\n    ${checkRow}\n    return Array.from(slopes(row, output));\n  })`,
          ),
          '',
        ]
      : []),
    ...selfTest(vector),
    '',
    `/** One row through the network${gradient ? '; `kept` gets what the way back needs' : ''}. */`,
    `function run(row${gradient ? ', kept' : ''}) {`,
    ...body.lines.map((line) => `  ${line}`),
    '}',
    ...(gradient
      ? [
          '',
          '/** The derivatives of one output in the inputs of a row. */',
          'function slopes(row, output) {',
          ...body.back.map((line) => `  ${line}`),
          '}',
        ]
      : []),
    '',
    ...checkRowText,
    ...[...body.needed].flatMap((name) => ['', functions[name].trim()]),
    ...recordsText(network.encoding),
    '',
    `const weights = decode(${JSON.stringify(base64(body.weights()))});`,
    '',
    decode.trim(),
    '',
  ];
  return { code: lines.join('\n'), declaration: declarationOf(network, gradient) };
}

function declarationOf(network: Network, gradient: boolean): string {
  return [...constantsDeclared(network), ...functionsDeclared(network, 'export declare function ', gradient), ''].join('\n');
}

// ---- the body of run: one line or two for each layer --------------------------------------------------------------------------

class Body {
  readonly lines: string[] = [];
  readonly needed = new Set<keyof typeof functions>();
  private readonly list = new WeightList();
  private skips = 0;

  /** The lines of the way back, with `gradient`. */
  readonly back: string[] = [];

  constructor(
    private readonly network: Network,
    private readonly gradient: boolean,
  ) {
    const { plan, first, after } = network;
    this.lines.push('let x = Float32Array.from(row);');
    if (first) this.affine(first, 'row');
    for (const { kind, partner } of plan.layers) if (kind === LayerKind.Edge) this.branches.add(partner);
    this.hold(-1);
    const saved: number[] = [];
    for (const [i, layer] of plan.layers.entries()) {
      this.collect(i);
      this.layer(layer, saved);
      this.hold(i);
    }
    if (after) this.affine(after, 'x');
    this.lines.push('return x;');
    this.back.push('return g;');
    const backs = [...this.branches].map(
      (i) => `const back${i + 1} = new Float64Array(${i < 0 ? plan.inputs : plan.layers[i]!.outputs});`,
    );
    this.back.unshift(
      'const kept = [];',
      'run(row, kept);',
      'let x;',
      ...backs,
      'let g = new Float64Array(outputs);',
      'g[output] = 1;',
    );
  }

  // ---- edges: what several layers read stays in a variable, and so does what comes back to it ----------------------------------

  /** Whether an edge leaves layer i (-1: the inputs). */
  private readonly branches = new Set<number>();

  /** Behind layer i: its values stay, where edges leave it; on the way back what came along them joins. */
  private hold(i: number): void {
    if (!this.branches.has(i)) return;
    this.lines.push(`const y${i + 1} = x;`);
    const { layers } = this.network.plan;
    const alone = layers[i + 1]?.kind === LayerKind.Edge;
    this.returning(alone ? `g = back${i + 1};` : `g = g.map((d, j) => d + back${i + 1}[j]);`);
  }

  /** In front of layer i: what the edges there read, side by side. */
  private collect(i: number): void {
    const { layers } = this.network.plan;
    if (layers[i]!.kind !== LayerKind.Edge || layers[i - 1]?.kind === LayerKind.Edge) return;
    const group: LayerPlan[] = [];
    for (let e = i; layers[e]?.kind === LayerKind.Edge; e++) group.push(layers[e]!);
    this.lines.push(`x = Float32Array.of(${group.map(({ partner }) => `...y${partner + 1}`).join(', ')});`);
    for (const { partner, column, inputs } of group) {
      const back = `back${partner + 1}`;
      this.returning(`for (let j = 0; j < ${inputs}; j++) ${back}[j] += g[${column} + j];`);
    }
  }

  /** Adds a line to the way back, which is run from the last layer to the first: in front of those that are there. */
  private returning(...lines: string[]): void {
    this.back.unshift(...lines);
  }

  /** The rows between two layers stay for the way back. */
  private keep(): void {
    if (this.gradient) this.lines.push('if (kept) kept.push(x);');
  }

  weights(): Float32Array {
    return this.list.all();
  }

  /** Adds weights; returns where they begin. */
  private put(values: Float32Array): number {
    return this.list.put(values);
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
        if (this.gradient) this.returning(`g = ${this.call('denseBack', 'g', at, inputs)};`);
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
        this.returning(`g = g.map((d, j) => d * weights[${at + outputs} + j]);`);
        break;
      }
      case LayerKind.LayerNorm: {
        const at = this.put(tensor('gamma')!);
        this.put(tensor('beta')!);
        this.keep();
        lines.push(`x = ${this.call('layerNorm', 'x', at, epsilon)};`);
        if (this.gradient) this.returning(`g = ${this.call('layerNormBack', 'g', 'kept.pop()', at, epsilon)};`);
        break;
      }
      case LayerKind.Rescale:
        if (layer !== network.firstLayer) this.affine(rescaleMap(network, layer), 'x');
        break;
      case LayerKind.Embedding: {
        const { column, categories } = layer;
        const place = [this.put(tensor('weight')!), column, categories, outputs - inputs + 1];
        lines.push(`x = ${this.call('embedding', 'x', ...place)};`);
        // The category's place has no derivative.
        if (this.gradient)
          this.returning(`g = Float64Array.of(...g.slice(0, ${column}), 0, ...g.slice(${column + outputs - inputs + 1}));`);
        break;
      }
      case LayerKind.Dropout:
      case LayerKind.Noise:
        break;
      case LayerKind.Edge:
        break; // collect()
      case LayerKind.ResidualBegin:
        saved.push(this.skips);
        this.returning(`g = g.map((d, j) => d + around${this.skips}[j]);`);
        lines.push(`const skip${this.skips++} = x;`);
        break;
      case LayerKind.ResidualEnd: {
        const block = saved.pop();
        let skip = `skip${block}`;
        let around = 'g';
        const weight = tensor('weight');
        if (weight) {
          const at = this.put(turned(weight, inputs, outputs));
          this.put(new Float32Array(outputs));
          skip = this.call('dense', skip, at, outputs);
          if (this.gradient) around = this.call('denseBack', 'g', at, inputs);
        }
        this.returning(`const around${block} = ${around};`);
        lines.push(`x = ${this.call('add', 'x', skip)};`);
        break;
      }
      default:
        refuseLayer(layer, 'exportModule', 'the standalone module');
    }
  }

  private activate(layer: LayerPlan): void {
    const { activation } = layer;
    const { name, a, b, coefficients } = activation;
    if (name === 'identity') return;
    if (name === 'softmax' || name === 'logSoftmax') {
      this.lines.push(`x = ${this.call(name, 'x')};`);
      this.keep();
      if (this.gradient) this.returning(`g = ${this.call(`${name}Back`, 'g', 'kept.pop()')};`);
      return;
    }
    const slope = tensorOf(this.network, layer, 'slope');
    const perUnit = slope !== undefined && slope.length > 1;
    const formula = formulaToCompute(name) ?? refuseActivation(layer, 'exportModule', 'the standalone module');
    const expression = formula(perUnit ? unitSlope : (slope?.[0] ?? a), b, coefficients);
    const ownSlope = perUnit ? `weights[${this.put(slope)} + j]` : undefined;
    const print = (printed: Expression): string => {
      const { code, needs } = printJavaScript(printed, ownSlope);
      for (const needed of needs) this.needed.add(needed);
      return code;
    };
    this.keep();
    this.lines.push(`x = x.map(${perUnit ? '(z, j)' : '(z)'} => ${print(expression)});`);
    if (!this.gradient) return;
    const change = print(derivative(expression));
    this.returning('x = kept.pop();', 'g = g.map((d, j) => {', '  const z = x[j];', `  return d * (${change});`, '});');
  }

  private affine({ center, factor, shift, low, high }: Affine, from: 'row' | 'x'): void {
    const list = (values: Float64Array) => JSON.stringify(Array.from(values));
    const limited = low > -Infinity;
    const value = `(${from}[j] - ${list(center)}[j]) * ${list(factor)}[j] + ${list(shift)}[j]`;
    // What is held to a limit no longer changes.
    const inside = limited ? `const v = ${value}; return v > ${low} && v < ${high} ? ` : '';
    this.returning(
      limited ? `g = g.map((d, j) => { ${inside}d * ${list(factor)}[j] : 0; });` : `g = g.map((d, j) => d * ${list(factor)}[j]);`,
    );
    this.lines.push(
      limited ? `x = x.map((_, j) => Math.min(${high}, Math.max(${low}, ${value})));` : `x = x.map((_, j) => ${value});`,
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
  embedding: `
/** The category in one column as its numbers; zeros for what is no category. */
function embedding(x, at, column, categories, size) {
  const y = new Float32Array(x.length - 1 + size);
  y.set(x.subarray(0, column));
  y.set(x.subarray(column + 1), column + size);
  const category = x[column] >= 0 && x[column] < categories ? Math.floor(x[column]) : -1;
  if (category >= 0) y.set(weights.subarray(at + size * category, at + size * (category + 1)), column);
  return y;
}`,
  denseBack: `
function denseBack(g, at, inputs) {
  const dx = new Float64Array(inputs);
  for (let j = 0; j < g.length; j++)
    for (let k = 0, w = at + inputs * j; k < inputs; k++) dx[k] += g[j] * weights[w + k];
  return dx;
}`,
  layerNormBack: `
function layerNormBack(g, x, at, epsilon) {
  const n = x.length;
  const mean = x.reduce((sum, v) => sum + v, 0) / n;
  const spread = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) * (v - mean), 0) / n + epsilon);
  const scaled = g.map((d, j) => d * weights[at + j]);
  const level = scaled.reduce((sum, d) => sum + d, 0) / n;
  const tilt = scaled.reduce((sum, d, j) => sum + (d * (x[j] - mean)) / spread, 0) / n;
  return scaled.map((d, j) => (d - level - (tilt * (x[j] - mean)) / spread) / spread);
}`,
  softmaxBack: `
function softmaxBack(g, y) {
  const mean = g.reduce((sum, d, j) => sum + d * y[j], 0);
  return g.map((d, j) => y[j] * (d - mean));
}`,
  logSoftmaxBack: `
function logSoftmaxBack(g, y) {
  const sum = g.reduce((s, d) => s + d, 0);
  return g.map((d, j) => d - Math.exp(y[j]) * sum);
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

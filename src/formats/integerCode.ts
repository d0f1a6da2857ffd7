// A model of whole numbers as code: what an ES module and a WebAssembly module with its loader share. The code does what src/integer and the
// kernel do, step for step, so that its answers are those of the model to the bit; after a calibration, which is folded into the last layer,
// to float32's rounding.

import { calibratedLogit, calibrationFromJSON } from '../data/certainty/calibration.js';
import { SavedState } from '../data/columns.js';
import { dateFormat } from '../data/dates.js';
import { readEncoding, type Encoding } from '../data/encodedColumns.js';
import type { Label } from '../data/labels.js';
import { Random } from '../data/random.js';
import { MinMaxScaler, SmoothClipScaler, StandardScaler, scalerFromJSON, type ScalerState } from '../data/scalers/index.js';
import { fail } from '../errors.js';
import { TABLE_LENGTH } from '../integer/curves.js';
import { widthOf, type Curve, type DenseStage, type IntegerLayers, type Stage } from '../integer/stages.js';
import { repeatedScaler } from './affine.js';
import { recordsText, rowsRead } from './moduleRecords.js';
import { checkRow, checkRowText, literal, selfTest } from './moduleText.js';
import { WeightList } from './weightList.js';

/** A model of whole numbers, as quantize makes it. */
export interface IntegerSource {
  /** 'model', 'MLPClassifier' or 'MLPRegressor'. */
  readonly kind: string;
  /** Its classes, of a classifier. */
  readonly classes: readonly Label[] | undefined;
  /** Names of the columns of X. */
  readonly featureNames: readonly string[] | undefined;
  /** @internal */
  readonly layers: IntegerLayers;
  /** @internal */
  readonly file: {
    /** A section of its file. */
    section(name: string): unknown;
  };
  /** Rows of numbers in, answers out. */
  predictInto<Out extends Float32Array | Float64Array>(x: Float32Array | Float64Array, out: Out): Out;
}

/** Whether what is to be exported is a model of whole numbers. */
export function isIntegerSource(model: unknown): model is IntegerSource {
  return typeof model === 'object' && model !== null && 'layers' in model && 'file' in model && 'report' in model;
}

/** @throws ERR_OPTION: the file of whole numbers says itself what stands around its network. */
export function refuseOptions(options: object, who: string): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && value !== false)
      fail(
        'ERR_OPTION',
        `${who}.${name}: a model of whole numbers ${name === 'gradient' ? 'has no derivatives' : 'holds what stands around its network'}. Leave it out.`,
      );
}

/** The text of run(row), and what it needs. */
export interface IntegerCode {
  readonly lines: readonly string[];
  /** Dense stages by the number that `dense(k, x)` has in the lines. */
  readonly dense: readonly DenseStage[];
  readonly floats: Float32Array;
  readonly needed: ReadonlySet<keyof typeof functions>;
  readonly encoding: Encoding | undefined;
  readonly labels: readonly Label[] | undefined;
  readonly selfTest: readonly string[];
  /** A row within the calibrated range. */
  readonly sample: readonly number[];
}

/** What stands in the head of an estimator whose answers are more than outputs of its network in other units. */
const beyond = {
  threshold: 'this classifier says a class from a threshold on (chooseThreshold)',
  ordinal: 'this classifier, whose classes have an order, makes probabilities of thresholds',
  gaussian: "this regressor makes deviations of logarithms of variances (loss 'gaussianNll')",
};

/** @throws ERR_UNSUPPORTED for classes with an order, deviations, an isotonic calibration, a chosen threshold or a SmoothClipScaler. */
export function integerCode(model: IntegerSource, who: string): IntegerCode {
  const { layers, file, kind, classes } = model;
  const head = new SavedState((file.section('estimator') as { head?: unknown } | undefined)?.head ?? {}, 'head', true);
  const binary = classes !== undefined && layers.outputs === 1 && head.raw('multilabel') !== true;
  for (const [name, what] of Object.entries(beyond))
    if (head.raw(name) !== undefined)
      fail('ERR_UNSUPPORTED', `${who}: ${what}, which what is exported would not. Load the file with feedforward/predict.`);
  const levels = head.raw('levels') === undefined ? 1 : head.list('levels').length;
  const body = new Body(calibrationOf(head, classes !== undefined && (binary || classes.length === 2), who));
  body.begin(layers, scaled(file.section('scaler'), who));
  body.stages(layers.stages);
  const targetScaler = file.section('targetScaler') as ScalerState | undefined;
  body.end(targetScaler && repeatedScaler(targetScaler, levels), who);
  const vector = vectorOf(model, binary);
  const encoder = (file.section('estimator') as { inputs?: { encoder?: unknown } } | undefined)?.inputs?.encoder;
  return {
    lines: body.lines,
    dense: body.dense,
    floats: body.floats(),
    needed: body.needed,
    encoding: encoder === undefined || encoder === null ? undefined : readEncoding(encoder, dateFormat),
    labels: kind === 'MLPClassifier' && head.raw('multilabel') !== true ? classes : undefined,
    selfTest: selfTest(vector),
    sample: vector.rows[0]!,
  };
}

/** Slope and intercept on the logits before the last curve. */
function calibrationOf(head: SavedState, twoClasses: boolean, who: string): { slope: number; intercept: number } | undefined {
  if (head.raw('calibration') === undefined) return undefined;
  const calibration = calibrationFromJSON(head.inner('calibration', head.raw('calibration')), twoClasses);
  if (calibration.method === 'isotonic')
    return fail(
      'ERR_UNSUPPORTED',
      `${who}: probabilities of this classifier are corrected by isotonic regression, which cannot be exported.`,
    );
  const intercept = calibratedLogit(calibration, 0);
  return { slope: calibratedLogit(calibration, 1) - intercept, intercept };
}

/** Three rows, and what the model gives for them. */
function vectorOf(model: IntegerSource, binary: boolean): { rows: number[][]; outputs: number[][] } {
  const { inputs, outputs, stages, center } = model.layers;
  const first = stages[0]!;
  const random = new Random(1, 'self-test');
  const scaler = model.file.section('scaler');
  const rows = Array.from({ length: 3 }, () => {
    const row = Array.from({ length: inputs }, (_, j) => {
      // Within the calibrated range, where it is known at once.
      if (first.kind !== 'dense') return Math.round(random.normal() * 64) / 64;
      const reach = first.inverse[j] === 0 ? 0 : (first.digits === 2 ? 16383 : 127) / first.inverse[j]!;
      return first.low[j]! + random.uniform() * reach + (center?.[j] ?? 0);
    });
    return scaler === undefined ? row : Array.from(scalerFromJSON(scaler).inverseTransform64([row]).data);
  });
  const width = binary ? 2 : outputs;
  const given = model.predictInto(Float64Array.from(rows.flat()), new Float64Array(3 * width));
  return { rows, outputs: rows.map((_, i) => Array.from(given.subarray(i * width + Number(binary), (i + 1) * width))) };
}

/** The expression that scales number j of a row, `v`, as the scaler itself does. */
function scaled(state: unknown, who: string): string {
  if (state === undefined) return 'v';
  const scaler = scalerFromJSON(state);
  if (scaler instanceof SmoothClipScaler)
    return fail(
      'ERR_UNSUPPORTED',
      `${who}: a SmoothClipScaler bends values, which exported networks cannot. Train with scale: 'robust'.`,
    );
  if (scaler instanceof MinMaxScaler) {
    const { range, scale, dataMin, clip } = scaler;
    const min = dataMin.map((least, j) => range[0] - least * scale[j]!);
    const value = `v * ${numbers(scale)}[j] + ${numbers(min)}[j]`;
    return clip ? `Math.min(${range[1]}, Math.max(${range[0]}, ${value}))` : value;
  }
  const standard = scaler instanceof StandardScaler;
  const center = standard ? (scaler.withMean ? scaler.mean : undefined) : scaler.withCentering ? scaler.center : undefined;
  const scale = (standard ? scaler.withStd : scaler.withScaling) ? scaler.scale : undefined;
  const moved = center === undefined ? 'v' : `(v - ${numbers(center)}[j])`;
  return scale === undefined ? moved : `${moved} / ${numbers(scale)}[j]`;
}

const numbers = (values: ArrayLike<number>): string => JSON.stringify(Array.from(values));

class Body {
  readonly lines: string[] = [];
  readonly dense: DenseStage[] = [];
  readonly needed = new Set<keyof typeof functions>();
  private readonly list = new WeightList();
  private skips = 0;
  private readonly tables = new Map<Float32Array, number>();

  constructor(private readonly calibration: { slope: number; intercept: number } | undefined) {}

  begin({ center }: IntegerLayers, scaling: string): void {
    const value = center === undefined ? scaling : `${scaling === 'v' ? 'v' : `Math.fround(${scaling})`} - ${numbers(center)}[j]`;
    this.lines.push(value === 'v' ? 'let x = Float32Array.from(row);' : `let x = Float32Array.from(row, (v, j) => ${value});`);
  }

  stages(stages: readonly Stage[], nested = false): void {
    stages.forEach((stage, i) => this.one(stage, !nested && i === stages.length - 1));
  }

  private one(stage: Stage, last: boolean): void {
    const { lines } = this;
    switch (stage.kind) {
      case 'dense':
        lines.push(`x = ${this.product(stage)};`);
        this.after(stage.curve, last);
        break;
      case 'activation':
        this.after(stage.curve, last, true);
        break;
      case 'affine': {
        const [c, f, s] = [stage.center, stage.factor, stage.shift].map(numbers);
        lines.push(`x = x.map((v, j) => (v - ${c}[j]) * ${f}[j] + ${s}[j]);`);
        break;
      }
      case 'layerNorm':
        this.needed.add('layerNorm');
        lines.push(`x = layerNorm(x, ${this.put(stage.gamma)}, ${this.put(stage.beta)}, ${stage.epsilon});`);
        break;
      case 'residual': {
        const skip = `skip${this.skips++}`;
        lines.push(`let ${skip} = x;`);
        this.stages(stage.stages, true);
        if (stage.projection !== undefined) lines.push(`${skip} = ${this.product(stage.projection, skip)};`);
        lines.push(`x = x.map((v, j) => v + ${skip}[j]);`);
      }
    }
  }

  private product(stage: DenseStage, x = 'x'): string {
    return `dense(${this.dense.push(stage) - 1}, ${x})`;
  }

  /** The curve of a stage; bends and tables are part of a dense one. */
  private after(curve: Curve, last: boolean, alone = false): void {
    const { calibration } = this;
    const { form } = curve;
    if (last && calibration !== undefined)
      this.lines.push(`x = x.map((v) => v * ${calibration.slope} + ${calibration.intercept});`);
    if (form === 'none' || (!alone && (form === 'bend' || form === 'table'))) return;
    if (form === 'table') this.needed.add('tabled');
    if (form === 'bend') {
      const slope = curve.slopes.length === 1 ? String(curve.slopes[0]) : `floats[${this.put(curve.slopes)} + j]`;
      this.lines.push(`x = x.map((v, j) => (v < 0 ? v * ${slope} : v));`);
    } else if (form === 'table') this.lines.push(`x = x.map((v) => tabled(${this.table(curve.table)}, v));`);
    else {
      for (const name of needs[form]) this.needed.add(name);
      this.lines.push(form === 'softmax' || form === 'logSoftmax' ? `x = ${form}(x);` : `x = x.map(${form});`);
    }
  }

  end(targetScaler: unknown, who: string): void {
    if (targetScaler === undefined) {
      this.lines.push('return x;');
      return;
    }
    const scaler = scalerFromJSON(targetScaler);
    if (scaler instanceof SmoothClipScaler) fail('ERR_UNSUPPORTED', `${who}: its targets are scaled by a SmoothClipScaler.`);
    if (scaler instanceof MinMaxScaler) {
      const { range, scale, dataMin } = scaler;
      const min = dataMin.map((least, j) => range[0] - least * scale[j]!);
      this.lines.push(`return Array.from(x, (v, j) => (v - ${numbers(min)}[j]) / ${numbers(scale)}[j]);`);
      return;
    }
    const standard = scaler instanceof StandardScaler;
    const center = standard ? (scaler.withMean ? scaler.mean : undefined) : scaler.withCentering ? scaler.center : undefined;
    const scale = (standard ? scaler.withStd : scaler.withScaling) ? scaler.scale : undefined;
    const sized = scale === undefined ? 'v' : `v * ${numbers(scale)}[j]`;
    this.lines.push(`return Array.from(x, (v, j) => ${center === undefined ? sized : `${sized} + ${numbers(center)}[j]`});`);
  }

  put(values: Float32Array): number {
    return this.list.put(values);
  }

  table(values: Float32Array): number {
    const at = this.tables.get(values) ?? this.put(values);
    this.tables.set(values, at);
    return at;
  }

  floats(): Float32Array {
    return this.list.all();
  }
}

/** Which functions a form calls. */
const needs: Readonly<Record<Exclude<Curve['form'], 'none' | 'bend' | 'table'>, readonly (keyof typeof functions)[]>> = {
  sign: ['sign'],
  step: ['step'],
  softsign: ['softsign'],
  sigmoid: ['sigmoid', 'exp'],
  tanh: ['tanh', 'exp'],
  softplus: ['softplus', 'exp', 'log'],
  softmax: ['softmax', 'exp'],
  logSoftmax: ['logSoftmax', 'exp', 'log'],
};

const TABLE_STEPS = TABLE_LENGTH - 3;

/** The functions that a module may need. exp and log are those of src/data/elementary.ts: the same bits on every engine, which Math's are not. */
const functions = {
  tabled: `
function tabled(at, z) {
  const t = (z + 16) * 16;
  if (!(t >= 0)) return floats[at + 1] + floats[at] * (z + 16);
  if (t >= ${TABLE_STEPS}) return floats[at + ${TABLE_STEPS + 1}] + floats[at + ${TABLE_STEPS + 2}] * (z - 16);
  const i = Math.floor(t);
  const before = floats[at + i + 1];
  return before + (t - i) * (floats[at + i + 2] - before);
}`,
  layerNorm: `
function layerNorm(x, gamma, beta, epsilon) {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length;
  const spread = Math.sqrt(x.reduce((sum, v) => sum + (v - mean) * (v - mean), 0) / x.length + epsilon);
  return x.map((v, j) => ((v - mean) / spread) * floats[gamma + j] + floats[beta + j]);
}`,
  sign: `
function sign(z) {
  return z > 0 ? 1 : z < 0 ? -1 : z;
}`,
  step: `
function step(z) {
  return z >= 0 ? 1 : z < 0 ? 0 : z;
}`,
  softsign: `
function softsign(z) {
  return z / (1 + Math.abs(z));
}`,
  sigmoid: `
function sigmoid(z) {
  return 1 / (1 + exp(-z));
}`,
  tanh: `
function tanh(z) {
  return 1 - 2 / (1 + exp(2 * z));
}`,
  softplus: `
function softplus(z) {
  return (z > 0 ? z : 0) + log(1 + exp(-Math.abs(z)));
}`,
  softmax: `
function softmax(x) {
  const most = x.reduce((a, z) => (z <= a ? a : z), -Infinity);
  const sum = x.reduce((s, z) => s + exp(z - most), 0);
  return x.map((z) => exp(z - most) / sum);
}`,
  logSoftmax: `
function logSoftmax(x) {
  const most = x.reduce((a, z) => (z <= a ? a : z), -Infinity);
  const logSum = log(x.reduce((s, z) => s + exp(z - most), 0));
  return x.map((z) => z - most - logSum);
}`,
  exp: `
const bits = new DataView(new ArrayBuffer(8));

function exp(x) {
  if (!(Math.abs(x) < 1e4)) return x !== x ? x : x < 0 ? 0 : Infinity;
  if (x > 709.79) return Infinity;
  if (x < -745.2) return 0;
  const k = Math.round(x / Math.LN2);
  const r = x - k * 6.931471803691238e-1 - k * 1.9082149292705877e-10;
  let sum = 1;
  for (let n = 16; n >= 1; n--) sum = 1 + (r / n) * sum;
  const half = Math.trunc(k / 2);
  return sum * powerOfTwo(half) * powerOfTwo(k - half);
}

function powerOfTwo(k) {
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}`,
  log: `
/** For x >= 1. */
function log(x) {
  bits.setFloat64(0, x);
  let k = ((bits.getUint32(0) >>> 20) & 0x7ff) - 1022;
  bits.setUint32(0, (bits.getUint32(0) & 0x800fffff) | 0x3fe00000);
  let m = bits.getFloat64(0);
  if (m < Math.SQRT1_2) {
    m *= 2;
    k--;
  }
  const f = m - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  let sum = 0;
  for (let n = 23; n >= 3; n -= 2) sum = s2 * (2 / n + sum);
  const half = 0.5 * f * f;
  return k * 6.931471803691238e-1 - (half - (s * (half + sum) + k * 1.9082149292705877e-10) - f);
}`,
} as const;

// ---- the text around it --------------------------------------------------------------------------------------------------------

/** A comment, and what a module says of itself; with \`declared\` as TypeScript. */
export function introduction({ layers, featureNames }: IntegerSource, { labels }: IntegerCode, declared = false): string[] {
  const dense = (stages: readonly Stage[]): number[] =>
    stages.flatMap((stage) => (stage.kind === 'dense' ? [stage.outputs] : stage.kind === 'residual' ? dense(stage.stages) : []));
  const widths = [layers.inputs, ...dense(layers.stages)].join('-');
  const constant = (name: string, value: unknown) =>
    declared ? `export declare const ${name}: ${literal(value)};` : `export const ${name} = ${literal(value)};`;
  return [
    `// A ${widths} network in whole numbers, exported by feedforward. Generated: train again rather than edit.`,
    '',
    constant('inputs', layers.inputs),
    constant('outputs', widthOf(layers.stages[layers.stages.length - 1]!)),
    ...(featureNames ? [constant('featureNames', featureNames)] : []),
    ...(labels ? [constant('labels', labels)] : []),
    '',
  ];
}

/** Bytes as base64. */
export function base64(values: ArrayBufferView): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = '';
  for (let i = 0; i < bytes.length; i += 8190) text += btoa(String.fromCharCode(...bytes.subarray(i, i + 8190))); // a multiple of 3: no padding inside
  return text;
}

/** The constants and functions that the lines need. */
export function neededText({ needed, floats, encoding }: IntegerCode, moreFloats: readonly Float32Array[] = []): string[] {
  const all = new Float32Array(moreFloats.reduce((sum, { length }) => sum + length, floats.length));
  all.set(floats);
  let at = floats.length;
  for (const values of moreFloats) {
    all.set(values, at);
    at += values.length;
  }
  return [
    ...[...needed].flatMap((name) => ['', functions[name].trim()]),
    ...recordsText(encoding),
    '',
    `const floats = new Float32Array(decode(${JSON.stringify(base64(all))}));`,
    '',
    'function decode(text) {',
    '  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;',
    '}',
    '',
  ];
}

/** predict, classify (with labels), selfTest and run. */
export function functionsText(code: IntegerCode, outputs: number): string[] {
  const { encoding, labels, lines } = code;
  return [
    `/** Outputs for each row of inputs${encoding ? ', numbers or records' : ''}. */`,
    'export function predict(rows) {',
    `  return ${rowsRead(encoding)}.map((row, i) => {`,
    `    ${checkRow}`,
    '    return Array.from(run(row));',
    '  });',
    '}',
    ...(labels
      ? [
          '',
          '/** The label of each row. */',
          'export function classify(rows) {',
          `  return predict(rows).map((y) => ${outputs === 1 ? 'labels[y[0] > 0.5 ? 1 : 0]' : 'labels[y.indexOf(Math.max(...y))]'});`,
          '}',
        ]
      : []),
    '',
    ...code.selfTest,
    '',
    ...checkRowText,
    '',
    '/** One row through the network. */',
    'function run(row) {',
    ...lines.map((line) => `  ${line}`),
    '}',
  ];
}

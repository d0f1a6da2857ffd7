// Activations as the curves of integer networks: bends as they are, smooth ones by a table of 513 values between -16 and 16, each computed
// without Math.exp and its kin, so that every engine makes the same table.

import { exp, log } from '../data/elementary.js';
import { fail } from '../errors.js';
import { evaluate, type UnaryFunctions } from '../formats/expression/evaluate.js';
import { erfcFit } from '../formats/expression/javascript.js';
import { TABLE_END, TABLE_LENGTH, TABLE_RATE } from '../integer/curves.js';
import { wholeForms, type Curve } from '../integer/stages.js';
import { formulaToCompute } from '../plan/activations.js';
import type { Expression } from '../plan/expressions.js';
import type { LayerPlan } from '../plan/network.js';

/** Those that are computed as they are wherever they stand. The other whole forms are where the network ends. */
const everywhere: readonly string[] = ['sign', 'step', 'softsign', 'softmax', 'logSoftmax'];

export class Curves {
  /** One for each function: layers share it, and so does the file. */
  private readonly tables = new Map<string, Float32Array>();

  /** `last`: the layer whose outputs are the answers. */
  constructor(private readonly last: LayerPlan) {}

  /** The curve of a layer's activation. @throws ERR_UNSUPPORTED. */
  of(layer: LayerPlan, slopes: Float32Array | undefined): Curve {
    const { name, a, b } = layer.activation;
    if (name === 'relu') return { form: 'bend', slopes: new Float32Array(1) };
    if (name === 'leakyRelu') return { form: 'bend', slopes: Float32Array.of(a) };
    if (name === 'prelu') return { form: 'bend', slopes: slopes! };
    const whole = wholeForms.find((form) => form === name);
    if (whole !== undefined && (layer === this.last || everywhere.includes(whole))) return { form: whole };
    const formula = name === 'polynomial' ? undefined : formulaToCompute(name); // far out it is no straight line
    if (formula === undefined)
      fail(
        'ERR_UNSUPPORTED',
        `quantize: ${layer.path} has the activation ${JSON.stringify(name)}, which models of whole numbers do not have.`,
      );
    const key = [name, a, b].join();
    const table = this.tables.get(key) ?? tableOf(formula(a, b));
    this.tables.set(key, table);
    return { form: 'table', table };
  }
}

/** A function between -16 and 16, and its slopes beyond. */
function tableOf(expression: Expression): Float32Array {
  const at = (z: number) => evaluate(expression, z, NaN, functions);
  const table = new Float32Array(TABLE_LENGTH);
  for (let i = 1; i < TABLE_LENGTH - 1; i++) table[i] = at((i - 1) / TABLE_RATE - TABLE_END);
  // Further out every function here is a straight line to float32.
  table[0] = (at(-64) - at(-128)) / 64;
  table[TABLE_LENGTH - 1] = (at(128) - at(64)) / 64;
  return table;
}

const tail = (d: number): number => {
  const t = 2 / (2 + d);
  return (t / 2) * exp(erfcFit.reduceRight((sum: number, c) => sum * t + c, 0) - d * d);
};

/** The functions of src/formats/expression/evaluate.ts, with errors of some 1e-7 at most, by + - * / alone. */
const functions: UnaryFunctions = {
  abs: Math.abs,
  sign: Math.sign,
  expm1: (x) => exp(x) - 1,
  sigmoid: (x) => 1 / (1 + exp(-x)),
  tanh: (x) => 1 - 2 / (1 + exp(2 * x)),
  softplus: (x) => Math.max(x, 0) + log(1 + exp(-Math.abs(x))),
  erf: (x) => Math.sign(x) * (1 - 2 * tail(Math.abs(x))),
  normalCdf: (x) => (x < 0 ? tail(-x * Math.SQRT1_2) : 1 - tail(x * Math.SQRT1_2)),
};

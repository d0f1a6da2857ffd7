// What fit and trainStep take for training on input gradients: the gradients and the weights of their columns, checked; and which
// networks can. See: Huge and Savine 2020, Differential Machine Learning, https://arxiv.org/abs/2005.02347

import { LayerKind } from '../../assembly/abi.js';
import { doubles, floats } from '../data/allocate.js';
import { shapeOf, type MatrixLike } from '../data/matrix.js';
import { fail, show } from '../errors.js';
import { checkNumber } from '../options.js';
import { activationRow } from '../plan/activations.js';
import type { NetworkPlan } from '../plan/network.js';
import { copyChecked, count } from './feeding.js';

/** Options for training on values and derivatives. */
export interface DerivativeOptions {
  /**
   * What the derivatives of the outputs in the inputs should be at each row of X: [rows, inputs] for one output, else
   * [rows, outputs * inputs], d output 0 / d inputs first. The loss gains derivativeWeight times the mean over rows, outputs and
   * inputs of the squared differences. For layers dense, activation, residual and rescale with activations that have a second derivative:
   * tanh, sigmoid, softplus, silu, gelu, elu and their like.
   */
  readonly inputGradients?: MatrixLike;
  /**
   * What the loss on derivatives counts: one number (default 1), or one for each column of inputGradients, or one for each input.
   * 'balanced', for the loss meanSquaredError: the paper's balance, whatever the units. Each input's derivatives then count as much as the
   * values, both measured by how large they are: inputs x variance of y / mean square of the column (0 for a column of zeros).
   */
  readonly derivativeWeight?: DerivativeWeight;
}

/** A weight, one for each column or input, or 'balanced': see DerivativeOptions. */
export type DerivativeWeight = number | readonly number[] | 'balanced';

/** What is read of rows of a data set (rows.ts). */
interface Rows {
  readonly rows: number;
  readonly y: Float32Array;
  readonly gradients?: Float32Array | undefined;
}

/** Input gradients, checked and copied: rows x (outputs x inputs). @throws ERR_OPTION for a network that has no second derivatives; ERR_SHAPE, ERR_TYPE, ERR_NONFINITE, ERR_RANGE. */
export function readInputGradients(
  values: unknown,
  rows: number,
  plan: NetworkPlan,
  name = 'inputGradients',
  allowNonFinite = false,
): Float32Array {
  const reason = whyNoCurvature(plan);
  if (reason !== undefined) fail('ERR_OPTION', `${name}: ${reason}`);
  const { inputs, outputs } = plan;
  const columns = outputs * inputs;
  const shape = shapeOf(values, name);
  if (shape[1] !== columns)
    fail(
      'ERR_SHAPE',
      `${name} has ${count(shape[1], 'column')}, but ${count(outputs, 'output')} in ${count(inputs, 'input')} have ${count(columns, 'derivative')}.`,
      { expected: columns, got: shape[1] },
    );
  if (shape[0] !== rows)
    fail('ERR_SHAPE', `X has ${count(rows, 'row')}, but ${name} has ${shape[0]}.`, { expected: rows, got: shape[0] });
  const out = floats(rows * columns, name);
  copyChecked(out, columns, values, 0, rows, columns, name, allowNonFinite);
  return out;
}

/** Layers that the second-order passes run through. */
const second: ReadonlySet<LayerKind> = new Set([
  LayerKind.Dense,
  LayerKind.Activation,
  LayerKind.Rescale,
  LayerKind.Edge,
  LayerKind.ResidualBegin,
  LayerKind.ResidualEnd,
]);
const kinds = 'second derivatives are made for dense, activation, residual and rescale layers alone';

/** Why the second-order passes do not exist for this network, in words; undefined where they do. */
export function whyNoCurvature({ layers }: NetworkPlan): string | undefined {
  for (const { kind, path, activation, dropRate, deviation } of layers) {
    if (kind === LayerKind.BatchNorm || kind === LayerKind.LayerNorm)
      return `${path} normalizes, and ${kinds}. Leave it out; a rescale layer in front scales inputs.`;
    if (dropRate > 0 || deviation > 0 || kind === LayerKind.Dropout || kind === LayerKind.Noise)
      return `${path} draws at random, and derivatives are those of a network that does not. Leave dropout, dropConnect and noise out.`;
    if (!second.has(kind)) return `${kinds}, and ${path} is none of them.`;
    const { name } = activation;
    const { straight, flat, range } = activationRow(name);
    if (activation.custom !== undefined && activation.custom.second === undefined)
      return `"${name}" (${path}) is a function of yours without a second derivative. Give it one: { name, value, derivative, second }.`;
    if (straight === true || flat !== undefined)
      return `"${name}" (${path}) is made of straight pieces: its second derivative is 0 wherever there is one, so that biases would learn nothing from derivatives. Use "softplus", "silu", "gelu" or "tanh".`;
    if (range === 'simplex' || range === 'log')
      return `"${name}" (${path}) mixes the units of a layer, and second derivatives are made for activations of one number. Leave it out: train on the logits.`;
  }
  return undefined;
}

/** The rows with the weights of their gradients' columns; as they are without gradients. @throws ERR_OPTION. */
export function weighDerivatives<R extends Rows>(data: R, weight: unknown, plan: NetworkPlan): R {
  if (data.gradients === undefined) {
    if (weight !== undefined) refuseLoneWeight();
    return data;
  }
  return { ...data, gradientWeights: weight === 'balanced' ? balanced(data, plan) : readWeights(weight, plan) };
}

/** @throws ERR_OPTION: a weight without derivatives. */
export function refuseLoneWeight(): never {
  return fail('ERR_OPTION', 'derivativeWeight: there are no inputGradients for it to weigh.');
}

function readWeights(weight: unknown, { inputs, outputs }: NetworkPlan): Float64Array {
  const weights = doubles(outputs * inputs, 'derivativeWeight');
  if (weight === undefined) return weights.fill(1);
  if (typeof weight === 'number') return weights.fill(checkNumber(weight, 'derivativeWeight', { min: 0, max: 3.4e38 }));
  const list = (Array.isArray(weight) || ArrayBuffer.isView(weight) ? weight : undefined) as ArrayLike<unknown> | undefined;
  if (list === undefined || (list.length !== inputs && list.length !== weights.length))
    fail(
      'ERR_OPTION',
      `derivativeWeight: expected a number, a list of ${inputs === weights.length ? inputs : `${inputs} or ${weights.length}`}, or 'balanced', got ${show(weight)}.`,
    );
  for (let k = 0; k < weights.length; k++)
    weights[k] = checkNumber(list[k % list.length], `derivativeWeight[${k % list.length}]`, { min: 0, max: 3.4e38 });
  return weights;
}

/** inputs x variance of y / mean square of each column, in the units of the loss. @throws ERR_OPTION. */
function balanced({ rows, y, gradients }: Rows, { inputs, outputs, loss }: NetworkPlan): Float64Array {
  if (loss.name !== 'meanSquaredError')
    fail(
      'ERR_OPTION',
      `derivativeWeight: 'balanced' is made for the loss "meanSquaredError", not ${show(loss.name)}. Give numbers.`,
    );
  const weights = doubles(outputs * inputs, 'derivativeWeight');
  for (let o = 0; o < outputs; o++) {
    let mean = 0;
    for (let i = 0; i < rows; i++) mean += y[i * outputs + o]! / rows;
    let variance = 0;
    for (let i = 0; i < rows; i++) variance += (y[i * outputs + o]! - mean) ** 2 / rows;
    if (!(variance > 0))
      fail(
        'ERR_OPTION',
        `derivativeWeight: 'balanced' measures derivatives by how y varies, and column ${o} of y is constant. Give numbers.`,
      );
    for (let k = o * inputs; k < (o + 1) * inputs; k++) {
      let square = 0;
      for (let i = 0; i < rows; i++) square += gradients![i * weights.length + k]! ** 2 / rows;
      weights[k] = square > 0 ? (loss.scale * inputs * variance) / square : 0;
    }
  }
  return weights;
}

/** @throws ERR_OPTION for 'balanced' where rows come in portions. */
export function refuseBalancedDerivatives(weight: unknown, where: string): void {
  if (weight === 'balanced')
    fail(
      'ERR_OPTION',
      `derivativeWeight: 'balanced' measures all derivatives, but ${where} shows a part of the rows at a time. Give a weight for each input: inputs x variance of y / mean square of its derivatives.`,
    );
}

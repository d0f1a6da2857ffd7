// Networks from scikit-learn: MLPClassifier and MLPRegressor as JSON, with the StandardScaler before them. The snippet that writes it
// is in docs/files.md.

import type { Label } from '../data/labels.js';
import { fail, show } from '../errors.js';
import { assemble, type Part } from './assemble.js';
import { parseJson } from './json.js';
import { activationCalled } from './names.js';
import type { ImportedNetwork } from './imported.js';

/** What the snippet writes. */
export interface SklearnMLP {
  /** The attribute coefs_: weights [inputs][outputs] of each layer. */
  readonly coefs: readonly (readonly (readonly number[])[])[];
  /** The attribute intercepts_: the biases of each layer. */
  readonly intercepts: readonly (readonly number[])[];
  /** The parameter activation: that of the hidden layers. */
  readonly activation: 'identity' | 'logistic' | 'tanh' | 'relu';
  /** The attribute out_activation_: that of the output layer. */
  readonly out_activation: 'identity' | 'logistic' | 'softmax';
  /** The attribute classes_, of a classifier. */
  readonly classes?: readonly Label[] | null;
  /** A StandardScaler: mean_, scale_ (null where it has none), with_mean and with_std (default true). */
  readonly scaler?: {
    /** The attribute mean_. */
    readonly mean?: readonly number[] | null;
    /** The attribute scale_. */
    readonly scale?: readonly number[] | null;
    /** The parameter with_mean. */
    readonly with_mean?: boolean;
    /** The parameter with_std. */
    readonly with_std?: boolean;
  } | null;
}

/**
 * A network from scikit-learn's MLPClassifier or MLPRegressor, as JSON text or parsed.
 * @throws ERR_FORMAT for anything else, ERR_UNSUPPORTED for an activation scikit-learn does not have.
 * @example
 * const { labels, ...network } = fromSklearn(readFileSync('mlp.json', 'utf8'));
 * const model = build(MLP, network);
 */
export function fromSklearn(json: string | SklearnMLP): ImportedNetwork {
  const given = (typeof json === 'string' ? parseJson(json, 'fromSklearn') : json) as unknown;
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return fail('ERR_FORMAT', `fromSklearn: expected an object with coefs, intercepts and activation, got ${show(given)}.`);
  checkFields(given, ['coefs', 'intercepts', 'activation', 'out_activation', 'classes', 'scaler'], 'fromSklearn');
  const { coefs, intercepts, activation, out_activation: last, classes, scaler } = given as Record<string, unknown>;
  if (!Array.isArray(coefs) || !Array.isArray(intercepts) || coefs.length !== intercepts.length || coefs.length === 0)
    return fail('ERR_FORMAT', 'fromSklearn: coefs and intercepts must be lists of equal length.');
  const parts: Part[] = [];
  if (scaler !== undefined && scaler !== null) {
    parts.push(scalerPart(scaler));
  }
  for (const [i, rows] of (coefs as unknown[]).entries()) {
    const from = `coefs[${i}]`;
    if (!Array.isArray(rows) || rows.length === 0)
      return fail('ERR_FORMAT', `fromSklearn: ${from} is ${show(rows)}, not a list of rows.`);
    const bias = numbers(intercepts[i], `intercepts[${i}]`);
    const weight = rows.flatMap((row: unknown) => numbers(row, from));
    if (rows.some((row: unknown[]) => row.length !== bias.length))
      fail('ERR_FORMAT', `fromSklearn: a row of ${from} is not as long as intercepts[${i}].`);
    parts.push({ kind: 'dense', inputs: rows.length, outputs: bias.length, weight, bias, from });
    const name = i === coefs.length - 1 ? last : activation;
    const found = activationCalled('sklearn', name);
    if (found === undefined) return fail('ERR_UNSUPPORTED', `fromSklearn: unknown activation ${show(name)}.`);
    if (found !== 'identity') parts.push({ kind: 'activation', activation: found, from });
  }
  if (classes === undefined || classes === null) return assemble(parts, undefined);
  if (!Array.isArray(classes) || !classes.every((label) => ['string', 'number', 'boolean'].includes(typeof label)))
    return fail('ERR_FORMAT', 'fromSklearn: classes must be a list of labels.');
  const outputs = (intercepts[intercepts.length - 1] as unknown[]).length;
  // Of several sigmoids each is a label of its own: they are no classes to choose one of.
  if (last === 'logistic' && outputs > 1) return assemble(parts, undefined);
  if (classes.length !== outputs && !(classes.length === 2 && outputs === 1))
    fail('ERR_FORMAT', `fromSklearn: ${classes.length} classes for ${outputs} outputs.`);
  return assemble(parts, undefined, classes as Label[]);
}

/** What stands in the file is all read: a setting passed over would be another network. @throws ERR_UNSUPPORTED naming it. */
function checkFields(given: object, known: readonly string[], what: string): void {
  const other = Object.keys(given).find((name) => !known.includes(name));
  if (other !== undefined)
    fail('ERR_UNSUPPORTED', `${what}: the setting ${show(other)} is not known. Known are ${known.join(', ')}.`, {
      setting: other,
    });
}

function scalerPart(scaler: unknown): Part {
  if (typeof scaler !== 'object' || scaler === null || Array.isArray(scaler))
    return fail('ERR_FORMAT', `fromSklearn: scaler is ${show(scaler)}, not an object.`);
  checkFields(scaler, ['mean', 'scale', 'with_mean', 'with_std'], 'fromSklearn: scaler');
  const { mean, scale, with_mean: withMean = true, with_std: withStd = true } = scaler as Record<string, unknown>;
  if (typeof withMean !== 'boolean' || typeof withStd !== 'boolean')
    return fail('ERR_FORMAT', 'fromSklearn: scaler.with_mean and scaler.with_std must be true or false.');
  const given = (values: unknown, on: boolean, what: string) =>
    on && values !== null && values !== undefined ? numbers(values, what) : undefined;
  const [m, s] = [given(mean, withMean, 'scaler.mean'), given(scale, withStd, 'scaler.scale')];
  if ((m && s && m.length !== s.length) || s?.includes(0))
    fail('ERR_FORMAT', 'fromSklearn: scaler.mean and scaler.scale must be equally long, and no scale 0.');
  const count = m?.length ?? s?.length ?? 0;
  if (count === 0) return { kind: 'affine', scale: [1], shift: [0], from: 'scaler' };
  const each = (f: (mean: number, scale: number) => number) =>
    Array.from({ length: count }, (_, j) => f(m?.[j] ?? 0, s?.[j] ?? 1));
  return { kind: 'affine', scale: each((_, v) => 1 / v), shift: each((v, d) => (v === 0 ? 0 : -v / d)), from: 'scaler' };
}

function numbers(json: unknown, what: string): number[] {
  if (!Array.isArray(json) || !json.every((v) => typeof v === 'number'))
    return fail('ERR_FORMAT', `fromSklearn: ${what} is ${show(json)}, not a list of numbers.`);
  return json;
}

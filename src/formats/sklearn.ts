// Networks from scikit-learn: MLPClassifier and MLPRegressor as JSON, which five lines of Python write ('classes' and 'scaler'
// only where there are any):
//
//     import json
//     json.dump({'coefs': [w.tolist() for w in mlp.coefs_], 'intercepts': [b.tolist() for b in mlp.intercepts_],
//                'activation': mlp.activation, 'out_activation': mlp.out_activation_, 'classes': mlp.classes_.tolist(),
//                'scaler': {'mean': scaler.mean_.tolist(), 'scale': scaler.scale_.tolist()}}, open('mlp.json', 'w'))

import type { Label } from '../data/labels.js';
import { fail, show } from '../errors.js';
import { assemble, type Part } from './assemble.js';
import { parseJson } from './json.js';
import { activationCalled } from './names.js';
import type { ImportedNetwork } from './network.js';

/** What the snippet writes. */
export interface SklearnMLP {
  readonly coefs: readonly (readonly (readonly number[])[])[];
  readonly intercepts: readonly (readonly number[])[];
  readonly activation: 'identity' | 'logistic' | 'tanh' | 'relu';
  readonly out_activation: 'identity' | 'logistic' | 'softmax';
  readonly classes?: readonly Label[] | null;
  readonly scaler?: { readonly mean: readonly number[]; readonly scale: readonly number[] } | null;
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
  const { coefs, intercepts, activation, out_activation: last, classes, scaler } = given as Record<string, unknown>;
  if (!Array.isArray(coefs) || !Array.isArray(intercepts) || coefs.length !== intercepts.length || coefs.length === 0)
    return fail('ERR_FORMAT', 'fromSklearn: coefs and intercepts must be lists of equal length.');
  const parts: Part[] = [];
  if (scaler !== undefined && scaler !== null) {
    const { mean, scale } = scaler as Record<string, unknown>;
    const [m, s] = [numbers(mean, 'scaler.mean'), numbers(scale, 'scaler.scale')];
    if (m.length !== s.length || s.includes(0))
      fail('ERR_FORMAT', 'fromSklearn: scaler.mean and scaler.scale must be equally long, and no scale 0.');
    parts.push({ kind: 'affine', scale: s.map((v) => 1 / v), shift: m.map((v, j) => -v / s[j]!), from: 'scaler' });
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
  return assemble(parts, undefined, classes as Label[]);
}

function numbers(json: unknown, what: string): number[] {
  if (!Array.isArray(json) || !json.every((v) => typeof v === 'number'))
    return fail('ERR_FORMAT', `fromSklearn: ${what} is ${show(json)}, not a list of numbers.`);
  return json;
}

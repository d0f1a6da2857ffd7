// Which connections a dense layer has: all of them, those of a mask, or a share of them drawn from the seed. A connection that is not there
// is a weight that stays 0: the code "none" of signs.ts, which both backends keep, and whose gradient is 0.

import { matrix } from '../data/matrix.js';
import { Random, type Key } from '../data/random.js';
import { fail } from '../errors.js';
import type { DenseSpec } from './layers.js';
import { NO_WEIGHT, resolveSigns } from './signs.js';

export interface Connections {
  /** A number for each weight [inputs][units]: see TensorPlan.signs. */
  readonly signs: Int8Array | undefined;
  /** How many of the weights that a full layer has are there, in (0, 1]: what starting weights go by. */
  readonly density: number;
}

/** The connections of a dense layer. `key` and `path` are what `sparse` draws by. @throws ERR_OPTION, ERR_SHAPE, ERR_TYPE, ERR_RANGE. */
export function resolveConnections(
  { mask, sparse, signs: asked }: Pick<DenseSpec, 'mask' | 'sparse' | 'signs'>,
  inputs: number,
  units: number,
  where: string,
  key: Key,
  path: string,
): Connections {
  const signs = resolveSigns(asked, inputs, units, `${where}.signs`);
  if (mask === undefined && sparse === undefined) return { signs, density: 1 };
  if (mask !== undefined && sparse !== undefined)
    fail('ERR_OPTION', `${where}: mask says which connections there are, and sparse draws them. Give one of the two.`);
  const there =
    mask === undefined ? drawn(sparse!, inputs, units, new Random(key, `${path}.sparse`)) : maskOf(mask, inputs, units, where);
  const codes = signs ?? new Int8Array(inputs * units);
  let count = 0;
  there.forEach((is, k) => {
    if (is) count++;
    else codes[k] = NO_WEIGHT;
  });
  return { signs: codes, density: count === 0 ? 1 : count / codes.length };
}

function maskOf(mask: NonNullable<DenseSpec['mask']>, inputs: number, units: number, where: string): Uint8Array {
  const name = `${where}.mask`;
  const { data, shape } = matrix(mask, { name });
  if (shape[0] !== inputs || shape[1] !== units)
    fail('ERR_SHAPE', `${name}: expected ${inputs} x ${units}, inputs x units as the weights, got ${shape[0]} x ${shape[1]}.`);
  const wrong = data.findIndex((value) => value !== 0 && value !== 1);
  if (wrong >= 0)
    fail(
      'ERR_RANGE',
      `${name}: expected 0 (no connection) and 1, got ${data[wrong]} from input ${Math.floor(wrong / units)} to unit ${wrong % units}.`,
    );
  return Uint8Array.from(data);
}

/** As many inputs for every unit, at least one, drawn without putting back. */
function drawn(share: number, inputs: number, units: number, random: Random): Uint8Array {
  const there = new Uint8Array(inputs * units);
  const order = Uint32Array.from({ length: inputs }, (_, i) => i);
  const fanIn = Math.max(1, Math.round(share * inputs));
  for (let u = 0; u < units; u++)
    for (let k = 0; k < fanIn; k++) {
      const j = k + random.below(inputs - k);
      const input = order[j]!;
      order[j] = order[k]!;
      order[k] = input;
      there[input * units + u] = 1;
    }
  return there;
}

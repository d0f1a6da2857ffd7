// Names of columns: cleaned of what nobody sees, and refused with the nearest where there is none of that name.

import { fail, nearest, show } from '../errors.js';

/** What a table of records is called in messages. */
export const RECORDS = 'records';

const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
const SPACES = /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;

/** A name without characters that nobody sees; spaces of all kinds are plain ones, letters with accents one character each. */
export function cleanName(name: string): string {
  return name.replace(INVISIBLE, '').replace(SPACES, ' ').trim().normalize('NFC');
}

/** A name as messages show it: what nobody sees is written out. */
export function visibleName(name: string): string {
  return name.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u202f]/gu,
    (mark) => `\\u${mark.codePointAt(0)!.toString(16).padStart(4, '0')}`,
  );
}

/** @throws ERR_OPTION: no such column, the nearest, and the list. */
export function unknownColumn(name: unknown, names: readonly string[], source: string): never {
  const twin = typeof name === 'string' ? names.find((other) => cleanName(other) === cleanName(name)) : undefined;
  const near = twin ?? (typeof name === 'string' ? nearest(name, names) : undefined);
  const shown = names.slice(0, 20).map(visibleName).join(', ');
  const list = names.length > 20 ? `${shown}, … (${names.length} in all)` : shown;
  const hint =
    near === undefined
      ? ''
      : ` Did you mean ${show(visibleName(near))}${twin === undefined ? '' : ', which differs in characters that nobody sees'}?`;
  return fail(
    'ERR_OPTION',
    `${source} has no column ${typeof name === 'string' ? show(visibleName(name)) : show(name)}.${hint} Its columns: ${list}.`,
  );
}

// Plain data as text that is equal whenever the data are: what hashes are made of, and what travels. JSON with keys in order; what JSON has
// no word for (a Map, an infinity, typed arrays) stands as an object of one key that begins with $.

import { brandOf, isMap } from '../brands.js';
import { fail, show } from '../errors.js';
import { textDecoder, utf8 } from '../platform.js';

/** The text of a value. @throws ERR_OPTION naming the place of what is no plain data: a function, an object of a class. */
export function canonical(value: unknown, name: string): string {
  return JSON.stringify(plainOf(value, name));
}

/** The value of a text that `canonical` made. */
export function revive(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const [key, ...more] = Object.keys(value);
    if (key === undefined || more.length > 0) return value;
    const inner = (value as Record<string, unknown>)[key];
    if (key === '$map') return new Map(inner as [unknown, unknown][]);
    if (key === '$number') return Number(inner);
    return value;
  });
}

/** Whether a value is plain data and nothing else. */
export function isPlain(value: unknown): boolean {
  try {
    plainOf(value, 'value');
    return true;
  } catch {
    return false;
  }
}

function plainOf(value: unknown, name: string): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: show(value) };
  if (isMap(value)) return { $map: Array.from(value, ([key, one]) => [plainOf(key, name), plainOf(one, name)]) };
  if (Array.isArray(value)) return value.map((one, i) => plainOf(one, `${name}[${i}]`));
  if (ArrayBuffer.isView(value) && 'length' in value)
    return Array.from(value as unknown as ArrayLike<number>, (one) => plainOf(one, name));
  if (typeof value === 'object' && brandOf(value) === 'Object') {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, one]) => [key, plainOf(one, `${name}.${key}`)]));
  }
  return fail('ERR_OPTION', `${name}: ${show(value)} is no plain data, and cannot be sent to where trials run.`);
}

/** The SHA-256 of bytes, 64 hexadecimal digits. @throws ERR_UNSUPPORTED where there is no Web Crypto (pages not served over https). */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (subtle === undefined)
    fail('ERR_UNSUPPORTED', 'A search needs Web Crypto (crypto.subtle), which pages have over https and on localhost.');
  const digest = await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A value as bytes, and their hash. */
export async function hashed(value: unknown, name: string): Promise<{ readonly id: string; readonly bytes: Uint8Array }> {
  const bytes = utf8(canonical(value, name));
  return { id: await sha256(bytes), bytes };
}

/** The value that `hashed` made bytes of. */
export function fromBytes(bytes: Uint8Array): unknown {
  return revive(textDecoder().decode(bytes));
}

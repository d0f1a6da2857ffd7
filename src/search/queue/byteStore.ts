// Bytes under names, in the queue's own server: studies, data, checkpoints, outcomes, models. Whatever is longer than a part lies there in
// parts, under names made from the hash of the whole, so that one that is being replaced is never read half old and half new.
//
//   whole   | 0 | bytes |
//   head    | 1 | number of parts, 4 bytes little-endian | first 16 digits of the SHA-256 |

import { fail } from '../../errors.js';
import { textDecoder, utf8 } from '../../platform.js';
import { sha256 } from '../canonical.js';

/** What is kept. */
export type Kind = 'study' | 'fingerprint' | 'data' | 'checkpoint' | 'outcome' | 'model';

/** Keys and values of a server. */
export interface KeyValues {
  get(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>;
  /** The first bytes of each value, `headLength` at most. */
  heads(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>;
  /** @param seconds after which it may be forgotten */
  set(key: string, value: Uint8Array, seconds: number): Promise<void>;
  /** Where there is none yet. Returns whether there was none. */
  setOnce(key: string, value: Uint8Array, seconds: number): Promise<boolean>;
  remove(keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export const headLength = 21;

/** Bytes of a part. */
const partLength = 4 * 2 ** 20;

const WHOLE = 0;
const PARTS = 1;

export class ByteStore {
  constructor(
    private readonly values: KeyValues,
    private readonly part = partLength,
  ) {}

  /** Those of one kind, each undefined where there is none. */
  async get(kind: Kind, ids: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    if (ids.length === 0) return [];
    const found = await this.values.get(ids.map((id) => keyOf(kind, id)));
    return Promise.all(found.map((value, i) => value && this.whole(value, keyOf(kind, ids[i]!))));
  }

  /** One, or undefined. */
  async one(kind: Kind, id: string): Promise<Uint8Array | undefined> {
    return (await this.get(kind, [id]))[0];
  }

  async has(kind: Kind, id: string): Promise<boolean> {
    return (await this.values.heads([keyOf(kind, id)]))[0] !== undefined;
  }

  /** Keeps bytes in place of those before. */
  async put(kind: Kind, id: string, bytes: Uint8Array, days: number): Promise<void> {
    const key = keyOf(kind, id);
    const seconds = secondsOf(days);
    if (bytes.length < this.part) return this.values.set(key, framed(bytes), seconds);
    const before = (await this.values.heads([key]))[0];
    const hash = (await sha256(bytes)).slice(0, 16);
    const head: Head = { parts: Math.ceil(bytes.length / this.part), hash };
    for (const [i, name] of namesOf(key, head).entries())
      await this.values.set(name, bytes.subarray(i * this.part, (i + 1) * this.part), seconds);
    await this.values.set(key, headBytes(head), seconds);
    const old = before && headOf(before);
    if (old !== undefined && old.hash !== hash) await this.values.remove(namesOf(key, old));
  }

  /** Keeps bytes where there are none yet, of one part at most; else returns those that are there. */
  async putOnce(kind: Kind, id: string, bytes: Uint8Array, days: number): Promise<Uint8Array | undefined> {
    const key = keyOf(kind, id);
    if (await this.values.setOnce(key, framed(bytes), secondsOf(days))) return undefined;
    return this.one(kind, id);
  }

  async remove(kind: Kind, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const keys = ids.map((id) => keyOf(kind, id));
    const heads = await this.values.heads(keys);
    const parts = heads.flatMap((value, i) => {
      const head = value && headOf(value);
      return head === undefined ? [] : namesOf(keys[i]!, head);
    });
    await this.values.remove([...keys, ...parts]);
  }

  close(): Promise<void> {
    return this.values.close();
  }

  private async whole(value: Uint8Array, key: string): Promise<Uint8Array> {
    const head = headOf(value);
    if (head === undefined) return new Uint8Array(value.subarray(1)); // in memory of its own, as arrays of numbers need it
    const parts: Uint8Array[] = [];
    for (const name of namesOf(key, head)) {
      const [part] = await this.values.get([name]);
      parts.push(part ?? fail('ERR_FORMAT', `A part of ${key} is missing in the queue's server.`));
    }
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }
}

interface Head {
  readonly parts: number;
  readonly hash: string;
}

const keyOf = (kind: Kind, id: string) => `${kind}:${id}`;

const namesOf = (key: string, { parts, hash }: Head) => Array.from({ length: parts }, (_, i) => `${key}:${hash}:${i}`);

/** A day more than was asked for: what is used today is there until tomorrow. */
const secondsOf = (days: number) => Math.ceil(86_400 * (days + 1));

function framed(bytes: Uint8Array): Uint8Array {
  const value = new Uint8Array(1 + bytes.length);
  value[0] = WHOLE;
  value.set(bytes, 1);
  return value;
}

function headBytes({ parts, hash }: Head): Uint8Array {
  const value = new Uint8Array(headLength);
  value[0] = PARTS;
  new DataView(value.buffer).setUint32(1, parts, true);
  value.set(utf8(hash), 5);
  return value;
}

/** What a head says; undefined for a value that is whole. */
function headOf(value: Uint8Array): Head | undefined {
  if (value[0] === WHOLE) return undefined;
  if (value[0] !== PARTS || value.length !== headLength)
    fail('ERR_FORMAT', "What lies in the queue's server was not written by this library.");
  return {
    parts: new DataView(value.buffer, value.byteOffset).getUint32(1, true),
    hash: textDecoder().decode(value.subarray(5)),
  };
}

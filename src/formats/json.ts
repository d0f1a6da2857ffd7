// JSON from files nobody vouches for. Stricter than JSON.parse: no key twice, nesting at most 128 deep (so no file can
// exhaust the stack), no number beyond a double's range, no lone surrogates. A reader that knows what comes pulls it
// piece by piece (object, array, string, count) and stops at the first surprise, before a tree is built for it; value()
// builds one where anything goes. Objects come as plain objects without a `__proto__` key: that name is refused.

import { brandOf } from '../brands.js';
import { fail, show } from '../errors.js';

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const MAX_DEPTH = 128;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LONE_SURROGATE = /\p{Surrogate}/u;

export class JsonReader {
  private at = 0;
  private depth = 0;

  /** `name` is what messages call the text. */
  constructor(
    private readonly text: string,
    private readonly name: string,
  ) {}

  /** Visits the members of an object; `member` must read the value it is called for. */
  object(member: (key: string) => void): void {
    this.open('{');
    const seen = new Set<string>();
    if (!this.take('}')) {
      do {
        const key = this.string();
        if (seen.has(key)) this.refuse(`the key ${JSON.stringify(key)} twice in one object`);
        seen.add(key);
        this.expect(':');
        member(key);
      } while (this.take(','));
      this.expect('}');
    }
    this.depth--;
  }

  /** Visits the items of an array; `item` must read the value it is called for. */
  array(item: (index: number) => void): void {
    this.open('[');
    if (!this.take(']')) {
      let index = 0;
      do item(index++);
      while (this.take(','));
      this.expect(']');
    }
    this.depth--;
  }

  string(): string {
    this.expect('"');
    const start = this.at;
    let escaped = false;
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === QUOTE) break;
      if (!(code >= SPACE))
        this.refuse(this.at >= this.text.length ? 'a string without an end' : 'a control character in a string');
      if (code === BACKSLASH) {
        escaped = true;
        this.at++;
      }
      this.at++;
    }
    const raw = this.text.slice(start, this.at++);
    if (!escaped) return raw;
    let value: string;
    try {
      value = JSON.parse(`"${raw}"`) as string;
    } catch {
      return this.refuse('an escape that is none');
    }
    if (LONE_SURROGATE.test(value)) this.refuse('half of a surrogate pair');
    return value;
  }

  number(): number {
    const value = Number(this.numeral());
    if (!Number.isFinite(value)) this.refuse('a number beyond the range of a double');
    return value;
  }

  /** A whole number from 0 to 2^53 - 1, written as one: no sign, fraction or exponent. */
  count(): number {
    const text = this.numeral();
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
      this.refuse(`${text.slice(0, 40)} where a whole number from 0 to 2^53 - 1 is expected`);
    return value;
  }

  /** null, if it comes next. */
  null(): boolean {
    if (this.peek() !== 'n') return false;
    this.word('null');
    return true;
  }

  /** Whatever comes next. */
  value(): Json {
    switch (this.peek()) {
      case '{': {
        const object: Record<string, Json> = {};
        this.object((key) => {
          if (key === '__proto__') this.refuse('a key named __proto__');
          object[key] = this.value();
        });
        return object;
      }
      case '[': {
        const list: Json[] = [];
        this.array(() => list.push(this.value()));
        return list;
      }
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  /** Checks and drops whatever comes next. */
  skip(): void {
    const next = this.peek();
    if (next === '{') this.object(() => this.skip());
    else if (next === '[') this.array(() => this.skip());
    else this.value();
  }

  /** Nothing but white space may follow. */
  end(): void {
    if (this.peek() !== '') this.refuse('more after its end');
  }

  /** @throws ERR_FORMAT: what was found, and where. */
  refuse(found: string): never {
    return fail('ERR_FORMAT', `${this.name}: found ${found} (character ${this.at}).`);
  }

  private numeral(): string {
    this.peek();
    NUMBER.lastIndex = this.at;
    const text = NUMBER.exec(this.text)?.[0];
    if (text === undefined) return this.missing('a number');
    this.at += text.length;
    return text;
  }

  private open(bracket: string): void {
    this.expect(bracket);
    if (++this.depth > MAX_DEPTH) this.refuse(`nesting deeper than ${MAX_DEPTH}`);
  }

  private expect(character: string): void {
    if (!this.take(character)) this.missing(character);
  }

  private take(character: string): boolean {
    if (this.peek() !== character) return false;
    this.at++;
    return true;
  }

  /** The next character that is not white space, '' at the end. */
  private peek(): string {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== SPACE && code !== 0x0a && code !== 0x0d && code !== 0x09) return this.text.charAt(this.at);
      this.at++;
    }
  }

  private word<T extends Json>(word: string, value?: T): T {
    if (!this.text.startsWith(word, this.at)) this.missing('a value');
    this.at += word.length;
    return value as T;
  }

  private missing(what: string): never {
    const found = this.at >= this.text.length ? 'the end' : JSON.stringify(this.text.slice(this.at, this.at + 12));
    return this.refuse(`${found} where ${what} is expected`);
  }
}

/** The value of a whole JSON text. @throws ERR_FORMAT. */
export function parseJson(text: string, name: string): Json {
  const reader = new JsonReader(text, name);
  const value = reader.value();
  reader.end();
  return value;
}

/**
 * The text of a value, such that parseJson gives it back: what it would refuse is refused here, and so is what JSON would quietly turn into
 * something else (a Map, NaN, undefined in a list). Typed arrays become lists; an object's undefined members are left out; -0 stays -0.
 * @throws ERR_TYPE naming the place.
 */
export function writeJson(value: unknown, name: string): string {
  const pieces: string[] = [];
  const refuse = (at: string, problem: string): never => fail('ERR_TYPE', `${at}: ${problem}.`);
  const text = (at: string, string: string): string =>
    LONE_SURROGATE.test(string) ? refuse(at, `${show(string)} has half of a surrogate pair`) : JSON.stringify(string);
  const write = (given: unknown, at: string, depth: number): void => {
    const item = plainOf(given);
    if (depth >= MAX_DEPTH && typeof item === 'object' && item !== null)
      refuse(name, `its nesting is deeper than ${MAX_DEPTH}, or goes in a circle`);
    if (item === null || typeof item === 'boolean') pieces.push(String(item));
    else if (typeof item === 'string') pieces.push(text(at, item));
    else if (typeof item === 'number')
      pieces.push(Number.isFinite(item) ? (Object.is(item, -0) ? '-0' : String(item)) : refuse(at, `${item} is not JSON`));
    else if (typeof item !== 'object') refuse(at, `${show(item)} is not JSON`);
    else if (Array.isArray(item) || (ArrayBuffer.isView(item) && brandOf(item) !== 'DataView')) {
      pieces.push('[');
      Array.from(item as ArrayLike<unknown>, (one, i) => {
        if (i > 0) pieces.push(',');
        write(one, `${at}[${i}]`, depth + 1);
      });
      pieces.push(']');
    } else if (brandOf(item) === 'Object') {
      pieces.push('{');
      let first = true;
      for (const [key, one] of Object.entries(item)) {
        if (one === undefined) continue;
        if (key === '__proto__') refuse(at, 'a key is called __proto__, which no reader takes');
        pieces.push(`${first ? '' : ','}${text(at, key)}:`);
        first = false;
        write(one, `${at}.${key}`, depth + 1);
      }
      pieces.push('}');
    } else refuse(at, `${brandOf(item)} is not JSON`);
  };
  write(value, name, 0);
  return pieces.join('');
}

/** What an object of another kind says it is in JSON: a Date its text, a scaler its state. */
function plainOf(value: unknown): unknown {
  const { toJSON } = (value ?? {}) as { toJSON?: unknown };
  return typeof value === 'object' && typeof toJSON === 'function' ? toJSON.call(value) : value;
}

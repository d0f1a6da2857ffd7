// Pieces of text from whatever was given: strings, or bytes in any encoding, plain or compressed by gzip. Bytes that are no text in that
// encoding are refused with their line: a replacement character would merge what was different.

import { brandOf, isArrayBuffer, isUint8 } from '../brands.js';
import { textDecoder } from '../platform.js';
import { FeedforwardError, fail, show } from '../errors.js';

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Text, or pieces of it in order: strings, or bytes, plain or compressed by gzip. A Node read stream, a browser's File or `file.stream()`, a
 * Response, a Uint8Array or an ArrayBuffer will do.
 */
export type CsvSource =
  | string
  | Uint8Array
  | ArrayBuffer
  | Iterable<string | Uint8Array>
  | AsyncIterable<string | Uint8Array>
  | ReadableStream<string>
  | ReadableStream<Uint8Array>
  | {
      /** The bytes of a File or a Blob. */
      stream(): ReadableStream<Uint8Array>;
    }
  | {
      /** The bytes of a Response. */
      readonly body: ReadableStream<Uint8Array> | null;
    };

export interface TextOptions {
  /** Default 'utf-8'. */
  readonly encoding?: string | undefined;
  /** What messages call the text. */
  readonly source: string;
}

/** Pieces of text, in order. Closes the source when the reader stops early. @throws ERR_FORMAT, ERR_TYPE, ERR_UNSUPPORTED. */
export async function* textOf(given: CsvSource, options: TextOptions): AsyncGenerator<string, void, undefined> {
  if (typeof given === 'string') {
    yield given;
    return;
  }
  let pieces = piecesOf(given);
  const ahead = await firstOf(pieces);
  if (isUint8(ahead.first) && ahead.first[0] === 0x1f && ahead.first[1] === 0x8b) pieces = unzipped(ahead.all, options.source);
  else pieces = ahead.all;
  let decoder: Decoder | undefined;
  for await (const piece of pieces) {
    if (typeof piece === 'string') yield piece;
    else if (isUint8(piece)) {
      decoder ??= new Decoder(piece, options);
      yield decoder.decode(piece);
    } else fail('ERR_TYPE', `CSV: the source must yield text or bytes, got ${show(piece)}.`);
  }
  if (decoder !== undefined) yield decoder.end();
}

/** All of the text at once. @throws ERR_FORMAT for bytes that are no text in that encoding, and for compressed ones. */
export function decodeText(bytes: Uint8Array | ArrayBuffer, options: TextOptions): string {
  const whole = bytesOf(bytes);
  if (whole[0] === 0x1f && whole[1] === 0x8b)
    fail('ERR_FORMAT', `${options.source} is compressed (gzip). Pass it to readCsv, which unpacks it.`);
  const decoder = new Decoder(whole, options);
  return decoder.decode(whole) + decoder.end();
}

function bytesOf(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  return ArrayBuffer.isView(bytes) ? bytes : new Uint8Array(bytes);
}

function piecesOf(source: unknown): AsyncIterable<unknown> | Iterable<unknown> {
  if (isUint8(source)) return [source];
  if (typeof source === 'object' && source !== null) {
    if (isArrayBuffer(source)) return [new Uint8Array(source)];
    if (Symbol.asyncIterator in source) return source as AsyncIterable<unknown>;
    if (Symbol.iterator in source) return source as Iterable<unknown>;
    if ('getReader' in source) return readerPieces(source as ReadableStream<unknown>);
    if ('stream' in source && typeof source.stream === 'function') return piecesOf(source.stream());
    if (/^(Blob|File)$/.test(brandOf(source)) && typeof FileReader === 'function') return filePieces(source as Blob);
    if ('body' in source && typeof source.body === 'object' && source.body !== null) return piecesOf(source.body);
  }
  return fail('ERR_TYPE', `CSV: expected text or a source of it, got ${show(source)}.`);
}

/** For jsdom, whose files have no stream. */
async function* filePieces(file: Blob): AsyncGenerator<unknown, void, undefined> {
  const reader = new FileReader();
  await new Promise((resolve, reject) => {
    reader.onload = resolve;
    reader.onerror = () => reject(reader.error);
    reader.readAsArrayBuffer(file);
  });
  yield new Uint8Array(reader.result as ArrayBuffer);
}

/** For browsers whose ReadableStream cannot be iterated yet. */
async function* readerPieces(stream: ReadableStream<unknown>): AsyncGenerator<unknown, void, undefined> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel();
  }
}

/** The first piece that is not empty, and all pieces again. */
async function firstOf(
  pieces: AsyncIterable<unknown> | Iterable<unknown>,
): Promise<{ first: unknown; all: AsyncGenerator<unknown, void, undefined> }> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  let next = await iterator.next();
  while (next.done !== true && (next.value as { length?: number } | null)?.length === 0) next = await iterator.next();
  // Two bytes tell gzip: a first piece of one byte is joined to the next.
  if (next.done !== true && isUint8(next.value) && next.value.length === 1) {
    const more = await iterator.next();
    if (more.done !== true && isUint8(more.value))
      next = { done: false, value: Uint8Array.of(next.value[0]!, ...more.value.subarray(0, 1)) };
    const rest = more.done === true ? undefined : isUint8(more.value) ? more.value.subarray(1) : more.value;
    return { first: next.value, all: again([next.value, rest], iterator) };
  }
  return { first: next.value, all: again(next.done === true ? [] : [next.value], iterator) };
}

async function* again(
  first: readonly unknown[],
  iterator: AsyncIterator<unknown> | Iterator<unknown>,
): AsyncGenerator<unknown, void, undefined> {
  try {
    for (const piece of first) if (piece !== undefined) yield piece;
    for (;;) {
      const { done, value } = await iterator.next();
      if (done === true) return;
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}

async function* unzipped(pieces: AsyncIterable<unknown>, source: string): AsyncGenerator<unknown, void, undefined> {
  if (typeof DecompressionStream === 'undefined')
    fail('ERR_UNSUPPORTED', `${source} is compressed (gzip), which this engine cannot unpack. Unpack it first.`);
  const iterator = pieces[Symbol.asyncIterator]();
  const packed = new ReadableStream<Bytes>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(value as Bytes);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  try {
    yield* readerPieces(packed.pipeThrough(new DecompressionStream('gzip')));
  } catch (error) {
    if (error instanceof FeedforwardError) throw error;
    throw new FeedforwardError('ERR_FORMAT', `${source} is compressed (gzip), but damaged or cut off.`, {}, error);
  }
}

/** Bytes to text, refusing what is none. */
class Decoder {
  private readonly encoding: string;
  private readonly source: string;
  private readonly decoder: TextDecoder;
  private lines = 1;
  /** Of text in an encoding of single bytes: whether all of it may be UTF-8, and a part of it must. */
  private maybe: TextDecoder | undefined;
  private wide: { readonly line: number; readonly text: string } | undefined;
  private tail: Uint8Array = new Uint8Array(0); // the last bytes of the piece before: a character may be cut

  constructor(first: Uint8Array, { encoding, source }: TextOptions) {
    refuseOthers(first, source);
    this.source = source;
    this.encoding = markOf(first) ?? encoding ?? 'utf-8';
    this.decoder = textDecoder(this.encoding, { fatal: true });
    if (/^(?:windows-\d|iso-8859|koi8|macintosh|x-mac|ibm)/.test(this.decoder.encoding))
      this.maybe = textDecoder('utf-8', { fatal: true });
  }

  decode(bytes: Uint8Array): string {
    let text: string;
    try {
      text = this.decoder.decode(bytes, { stream: true });
    } catch {
      return this.refuse(bytes);
    }
    this.compare(bytes);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lines++;
    this.tail = bytes.slice(-3);
    return text;
  }

  /** Follows the text as UTF-8, until a byte says that it is none: text in single bytes, as good as always, does soon. */
  private compare(bytes: Uint8Array): void {
    if (this.maybe === undefined) return;
    try {
      const text = this.maybe.decode(bytes, { stream: true });
      const at = this.wide === undefined ? text.search(/[^\0-\x7f]/) : -1;
      if (at < 0) return;
      const before = text.slice(0, at);
      const start = before.lastIndexOf('\n') + 1;
      const line = this.lines + before.split('\n').length - 1;
      this.wide = { line, text: text.slice(Math.max(start, at - 12), at + 12).replace(/[\r\n][\s\S]*/, '') };
    } catch {
      this.maybe = undefined;
    }
  }

  end(): string {
    const { wide } = this;
    if (wide !== undefined && this.maybe !== undefined && this.isWhole(this.maybe))
      fail(
        'ERR_FORMAT',
        `${this.source} line ${wide.line} is text in UTF-8 (${show(wide.text)}), but was to be read as ${this.encoding}, which makes other words of it (${show(textDecoder(this.encoding).decode(new TextEncoder().encode(wide.text)))}). Pass encoding: 'utf-8'.`,
        { line: wide.line, fix: [{ encoding: 'utf-8' }] },
      );
    try {
      return this.decoder.decode();
    } catch {
      return fail(
        'ERR_FORMAT',
        `${this.source} line ${this.lines} ends in the middle of a character of ${this.encoding}: the file is cut off.`,
        {
          line: this.lines,
        },
      );
    }
  }

  private isWhole(decoder: TextDecoder): boolean {
    try {
      decoder.decode();
      return true;
    } catch {
      return false;
    }
  }

  /** Finds the line of the first byte that is no text, by decoding line after line. */
  private refuse(bytes: Uint8Array): never {
    // A character that the piece before began: its bytes come first.
    let begun = 0;
    for (let k = 1; k <= this.tail.length; k++) {
      const byte = this.tail[this.tail.length - k]!;
      if (byte < 0x80) break;
      if (byte >= 0xc0) {
        if (k < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2)) begun = k;
        break;
      }
    }
    const all = new Uint8Array(begun + bytes.length);
    all.set(this.tail.subarray(this.tail.length - begun));
    all.set(bytes, begun);
    let { lines: line } = this;
    for (let from = 0; from < all.length; ) {
      const end = all.indexOf(10, from);
      const part = all.subarray(from, end < 0 ? all.length : end);
      try {
        textDecoder(this.encoding, { fatal: true }).decode(part, { stream: end < 0 });
      } catch {
        return this.refuseLine(part, line);
      }
      line++;
      from = end < 0 ? all.length : end + 1;
    }
    return this.refuseLine(all, this.lines);
  }

  private refuseLine(part: Uint8Array, line: number): never {
    const checker = textDecoder(this.encoding, { fatal: true });
    let at = 0;
    try {
      for (; at < part.length; at++) checker.decode(part.subarray(at, at + 1), { stream: true });
    } catch {
      while (at > 0 && part[at]! < 0x80) at--; // the byte after an unfinished character is the one that is noticed
    }
    at = Math.min(at, part.length - 1);
    const near = textDecoder('windows-1252')
      .decode(part.subarray(Math.max(0, at - 12), at + 12))
      .replace(/[\r\n]/g, ' ');
    const byte = part[at]!.toString(16).padStart(2, '0');
    const name = this.encoding === 'utf-8' ? 'UTF-8' : this.encoding;
    const problem = `${this.source} line ${line} is not text in ${name} (byte 0x${byte}; in windows-1252 it would read ${show(near)}).`;
    return fail('ERR_FORMAT', `${problem} Pass its encoding, such as encoding: 'windows-1252', or save the file in UTF-8.`, {
      line,
      problem,
      fix: [{ encoding: 'windows-1252' }],
    });
  }
}

/** The encoding that a byte order mark names. */
function markOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined;
}

/** @throws ERR_FORMAT for files of other kinds, by their first bytes. */
function refuseOthers(bytes: Uint8Array, source: string): void {
  const [a, b, c, d] = bytes;
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4)
    fail('ERR_FORMAT', `${source} is a ZIP archive, perhaps a workbook (.xlsx, .ods). Save the sheet as CSV.`);
  if (a === 0x50 && b === 0x41 && c === 0x52 && d === 0x31)
    fail('ERR_FORMAT', `${source} is a Parquet file. Read it with readParquet.`);
  // safetensors: eight bytes of a length, of which the upper four are 0, then JSON.
  if (bytes[8] === 0x7b && bytes.subarray(4, 8).every((byte) => byte === 0) && bytes.length > 8) {
    const start = textDecoder('latin1').decode(bytes.subarray(8, 520));
    const kind = start.includes('"format":"feedforward"') ? 'this is a model file' : 'this is a safetensors file of weights';
    fail('ERR_FORMAT', `${source}: ${kind}, not a table. Name a CSV file.`);
  }
}

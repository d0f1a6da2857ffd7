// The fields of protobuf messages, read one by one: every length is checked against what is there before anything is read.

import { textDecoder } from '../../platform.js';
import type { PbfReader } from 'pbf';
import { fail, FeedforwardError } from '../../errors.js';

/** The fields of one message, which ends at `end`: every length is checked against it. */
export class Fields {
  constructor(
    private readonly pbf: PbfReader,
    private readonly end: number,
  ) {}

  each(visit: (field: number, fields: Fields) => void): void {
    const { pbf } = this;
    while (pbf.pos < this.end) {
      const tag = pbf.readVarint();
      const start = pbf.pos;
      pbf.type = tag & 7;
      visit(tag >>> 3, this);
      if (pbf.pos === start) this.skip();
      if (pbf.pos > this.end) refuse('a field reaches beyond its message');
    }
  }

  private skip(): void {
    if (this.pbf.type === 2) this.bytes();
    else this.pbf.skip(this.pbf.type);
  }

  private want(type: number): void {
    if (this.pbf.type !== type) refuse('a field is of another wire type than the schema says');
  }

  /** A number that was written as int64: exact up to 2^53. */
  whole(): number {
    this.want(0);
    return this.pbf.readVarint(true);
  }

  float(): number {
    this.want(5);
    return this.pbf.readFloat();
  }

  bytes(): Uint8Array {
    this.want(2);
    const length = this.pbf.readVarint();
    const start = this.pbf.pos;
    if (!(length <= this.end - start)) refuse('a length reaches beyond the file');
    this.pbf.pos = start + length;
    return this.pbf.buf.subarray(start, start + length);
  }

  string(): string {
    const decoder = textDecoder('utf-8', { fatal: true, ignoreBOM: true });
    try {
      return decoder.decode(this.bytes());
    } catch (error) {
      if (error instanceof FeedforwardError) throw error;
      return refuse('a name is not UTF-8');
    }
  }

  message(): Fields {
    this.want(2);
    const length = this.pbf.readVarint();
    const end = this.pbf.pos + length;
    if (!(end <= this.end)) refuse('a message reaches beyond the file');
    return new Fields(this.pbf, end);
  }

  /** One more number of a repeated field, or a packed run of them. */
  wholes(into: number[]): void {
    if (this.pbf.type === 0) into.push(this.whole());
    else {
      const { pbf } = this;
      const length = this.checkedLength();
      const end = pbf.pos + length;
      while (pbf.pos < end) into.push(pbf.readVarint(true));
      if (pbf.pos !== end) refuse('a list of numbers ends in the middle of one');
    }
  }

  floats(into: number[], bytes: 4 | 8): void {
    const { pbf } = this;
    const one = bytes === 4 ? () => pbf.readFloat() : () => pbf.readDouble();
    if (pbf.type === (bytes === 4 ? 5 : 1)) into.push(one());
    else {
      const length = this.checkedLength();
      if (length % bytes !== 0) refuse('a list of numbers ends in the middle of one');
      for (let n = length / bytes; n > 0; n--) into.push(one());
    }
  }

  /** The length of a packed run, which stays unread: pos is behind the length. */
  private checkedLength(): number {
    this.want(2);
    const length = this.pbf.readVarint();
    if (!(length <= this.end - this.pbf.pos)) refuse('a length reaches beyond the file');
    return length;
  }

  /** Text that decides nothing: whatever stands for bytes that are no UTF-8. */
  text(): string {
    return textDecoder().decode(this.bytes());
  }

  /** A pair of strings, added to a map. */
  entry(into: Map<string, string>): void {
    let key = '';
    let value = '';
    this.each((field, f) => {
      if (field === 1) key = f.string();
      else if (field === 2) value = f.string();
    });
    into.set(key, value);
  }
}

function refuse(problem: string): never {
  return fail('ERR_FORMAT', `Not an ONNX model: ${problem}.`);
}

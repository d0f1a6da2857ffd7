import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/formats/json.js';
import { readSafetensors, writeSafetensors, type TensorInput } from '../../src/formats/safetensors.js';
import { codeOf, refusal } from '../support/errors.js';
import { mutants, readAll } from '../support/fuzz.js';

const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`../fixtures/formats/${name}`, import.meta.url)));

/** A file with this header and so many zero bytes of tensors. */
function file(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (shape: string, offsets: string, dtype = 'F32') =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

describe('safetensors reader', () => {
  test('every dtype the reference implementation writes is read, to the bit', () => {
    const { tensors, metadata } = readSafetensors(fixture('every-dtype.safetensors'));
    expect([...metadata]).toEqual([['framework', 'pt']]);
    const values = [0, 1, -2.5, 0.333251953125, 65504, 2 ** -24];
    expect(tensors.get('double')).toEqual({ dtype: 'F64', shape: [2, 3], data: new Float64Array(values) });
    expect(tensors.get('single')).toEqual({ dtype: 'F32', shape: [2, 3], data: new Float32Array(values) });
    expect(tensors.get('half')).toEqual({
      dtype: 'F16',
      shape: [2, 3],
      data: new Uint16Array([0, 0x3c00, 0xc100, 0x3555, 0x7bff, 1]),
    });
    expect(tensors.get('brain')?.dtype).toBe('BF16');
    expect(tensors.get('flag')).toEqual({ dtype: 'BOOL', shape: [2, 3], data: new Uint8Array([0, 1, 0, 1, 1, 1]) });
    expect(tensors.get('int8')?.data).toEqual(new Int8Array([0, 1, 2, 3, 100, 7]));
    expect(tensors.get('int64')?.data).toEqual(new BigInt64Array([0n, 1n, 2n, 3n, 100n, 7n]));
    expect(tensors.get('long')?.data).toEqual(new BigInt64Array([2n ** 53n + 1n, -(2n ** 62n)]));
    expect(tensors.get('empty')).toEqual({ dtype: 'F32', shape: [0, 4], data: new Float32Array(0) });
    expect(tensors.get('scalar')).toEqual({ dtype: 'F32', shape: [], data: new Float32Array([7]) });
  });

  test('F16, BF16 and F64 become float32 on request, everything else stays', () => {
    const { tensors } = readSafetensors(fixture('every-dtype.safetensors'), { convert: 'float32' });
    const values = new Float32Array([0, 1, -2.5, 0.333251953125, 65504, 2 ** -24]);
    for (const name of ['half', 'single', 'double'])
      expect(tensors.get(name)).toEqual({ dtype: 'F32', shape: [2, 3], data: values });
    // bfloat16 keeps eight bits of fraction
    const brain = tensors.get('brain')!.data as Float32Array;
    for (let i = 0; i < 6; i++) expect(Math.abs(brain[i]! - values[i]!)).toBeLessThanOrEqual(Math.abs(values[i]!) / 256);
    expect(tensors.get('int16')?.dtype).toBe('I16');
  });

  test('all 65,536 halves convert as DataView and arithmetic say', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const bytes = writeSafetensors({ x: { shape: [65536], data: bits, dtype: 'F16' } });
    const got = readSafetensors(bytes, { convert: 'float32' }).tensors.get('x')!.data as Float32Array;
    for (let i = 0; i < 65536; i++) {
      const e = (i >> 10) & 31;
      const m = (i & 1023) / 1024;
      const size = e === 31 ? (m === 0 ? Infinity : Number.NaN) : e === 0 ? m * 2 ** -14 : (1 + m) * 2 ** (e - 15);
      if (!Object.is(got[i], i & 0x8000 ? -size : size)) expect([i, got[i]]).toEqual([i, size]);
    }
  });

  test('a double beyond float32 is refused when float32 is wanted, infinities pass', () => {
    const bytes = writeSafetensors({ x: { shape: [2], data: new Float64Array([Infinity, 1e39]) } });
    expect(refusal(() => readSafetensors(bytes, { convert: 'float32' })).message).toContain('"x"[1] is 1e+39');
    expect(readSafetensors(bytes).tensors.get('x')?.data).toEqual(new Float64Array([Infinity, 1e39]));
  });

  test('bytes may be an ArrayBuffer, an unaligned view, or shared', () => {
    const bytes = fixture('every-dtype.safetensors');
    const want = readSafetensors(bytes);
    const padded = new Uint8Array(bytes.length + 3);
    padded.set(bytes, 3);
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    for (const given of [bytes.slice().buffer, padded.subarray(3), shared, Buffer.from(bytes)])
      expect(readSafetensors(given as Uint8Array)).toEqual(want);
    for (const wrong of [undefined, null, 'text', 5, [1, 2]])
      expect(codeOf(() => readSafetensors(wrong as unknown as Uint8Array))).toBe('ERR_TYPE');
    expect(codeOf(() => readSafetensors(bytes, { convert: 'float16' as 'float32' }))).toBe('ERR_OPTION');
  });

  test('what the reference implementation allows is allowed: white space behind, unknown fields, names in any order, null metadata', () => {
    const one = entry('[1]', '[0,4]');
    for (const header of [
      `{"a":${one}}      `,
      `{"a":${one}}\n\t`,
      `{"a":{"note":{"deep":[1,{}]},"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
      `{"__metadata__":null,"a":${one}}`,
      `{"a":${one},"z":${entry('[0]', '[0,0]')},"y":${entry('[0,99999]', '[4,4]')}}`,
    ])
      expect(readSafetensors(file(header, 4)).tensors.get('a')?.data).toEqual(new Float32Array(1));
    expect(readSafetensors(file('{}      ')).tensors.size).toBe(0);
    const order = readSafetensors(file(`{"b":${entry('[1]', '[4,8]')},"a":${one}}`, 8));
    expect([...order.tensors.keys()]).toEqual(['a', 'b']);
  });

  test('fault 77: a header length that lies, or is beyond 100 MB, is refused before anything is allocated', () => {
    for (const length of [2n ** 32n + 58n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n, 100_000_001n, 99_999_999n, 3n])
      expect(codeOf(() => readSafetensors(file('{}', 0, length)))).toBe('ERR_FORMAT');
    for (let n = 0; n < 8; n++) expect(codeOf(() => readSafetensors(new Uint8Array(n)))).toBe('ERR_FORMAT');
    const long = new Uint8Array(100_000_009).fill(0x20);
    new DataView(long.buffer).setBigUint64(0, 100_000_001n, true);
    long[8] = 0x7b;
    expect(refusal(() => readSafetensors(long)).message).toContain('100000001');
  });

  test('fault 78: offsets that are negative, fractional, overlapping or leave holes, and shapes that overflow, are refused', () => {
    const bad: [string, number][] = [
      [`{"a":${entry('[1]', '[-4,0]')}}`, 0],
      [`{"a":${entry('[1]', '[0,4.0]')}}`, 4],
      [`{"a":${entry('[1]', '[0,4e0]')}}`, 4],
      [`{"a":${entry('[1]', '[0,-0]')}}`, 0],
      [`{"a":${entry('[1]', '[4,0]')}}`, 4],
      [`{"a":${entry('[1]', '[4,8]')}}`, 8],
      [`{"a":${entry('[1]', '[0,4]')}}`, 8],
      [`{"a":${entry('[1]', '[0,4]')}}`, 3],
      [`{"a":${entry('[2]', '[0,4]')}}`, 4],
      [`{"a":${entry('[1]', '[0,4,8]')}}`, 8],
      [`{"a":${entry('[1]', '[0]')}}`, 4],
      [`{"a":${entry('[1.5]', '[0,6]')}}`, 6],
      [`{"a":${entry('[-1]', '[0,4]')}}`, 4],
      [`{"a":${entry('["1"]', '[0,4]')}}`, 4],
      [`{"a":${entry('[1]', '["0","4"]')}}`, 4],
      [`{"a":${entry('[1]', '[0,4]')},"b":${entry('[1]', '[0,4]')}}`, 4],
      [`{"a":${entry('[2]', '[0,8]')},"b":${entry('[1]', '[4,8]')}}`, 8],
      [`{"a":${entry('[1]', '[0,4]')},"b":${entry('[1]', '[8,12]')}}`, 12],
      [`{"a":${entry('[4294967296,4294967296]', '[0,0]')}}`, 0],
      [`{"a":${entry('[9007199254740993]', '[0,4]')}}`, 4],
      [`{"a":${entry('[4611686018427387904,4]', '[0,0]', 'F32')}}`, 0],
      [`{"a":${entry('[1]', '[0,18446744073709551620]')}}`, 4],
    ];
    for (const [header, bytes] of bad)
      expect([header, codeOf(() => readSafetensors(file(header, bytes)))]).toEqual([header, 'ERR_FORMAT']);
    const same = Array.from({ length: 2000 }, (_, i) => `"t${i}":${entry('[1024]', '[0,4096]')}`).join(',');
    expect(refusal(() => readSafetensors(file(`{${same}}`, 4096))).message).toContain('overlaps');
  });

  test('fault 79: hostile JSON is refused, and Object.prototype stays as it is', () => {
    const deep = '['.repeat(20_000);
    const one = entry('[1]', '[0,4]');
    const bad = [
      deep,
      `{"a":${deep}`,
      `{"a":${'{"b":'.repeat(20_000)}`,
      `{"a":{"x":${deep}${']'.repeat(20_000)},"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
      `{"a":NaN}`,
      `{"a":${entry('[NaN]', '[0,4]')}}`,
      `{"a":${entry('[1e999]', '[0,4]')}}`,
      `{"a":{"x":1e999,"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
      `{"a":${one},"a":${one}}`,
      `{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
      `{"__metadata__":{"x":"1","x":"2"},"a":${one}}`,
      `{"__metadata__":{"x":1},"a":${one}}`,
      `{"__metadata__":"x","a":${one}}`,
      `{"__metadata__":[],"a":${one}}`,
      '',
      'null',
      '[]',
      '"x"',
      '{',
      '{"a"',
      '{"a":',
      `{"a":${one}`,
      `{"a":${one},}`,
      `{"a":${one}}x`,
      `\ufeff{"a":${one}}`,
      ` {"a":${one}}`,
      `{'a':${one}}`,
      `{a:${one}}`,
      `{"a":${one}/**/}`,
      `{"\\ud800":${one}}`,
      `{"\\x":${one}}`,
      `{"a\n":${one}}`,
    ];
    for (const header of bad)
      expect([header.slice(0, 60), codeOf(() => readSafetensors(file(header, 4)))]).toEqual([header.slice(0, 60), 'ERR_FORMAT']);
    expect(codeOf(() => readSafetensors(file(new Uint8Array([0x7b, 0xff, 0x7d]))))).toBe('ERR_FORMAT');
    expect(({} as { dtype?: unknown }).dtype).toBeUndefined();
  });

  test('fault 80: an unknown dtype is refused by name', () => {
    for (const dtype of ['F8_E4M3', 'F8_E5M2', 'C64', 'f32', 'toString', '__proto__']) {
      const error = refusal(() => readSafetensors(file(`{"a":${entry('[4]', '[0,4]', dtype)}}`, 4)));
      expect(error.code).toBe('ERR_FORMAT');
      expect(error.message).toContain(dtype);
    }
  });

  test('fault 82: tensor names are data, whatever they look like', () => {
    const { tensors } = readSafetensors(fixture('awkward-names.safetensors'));
    expect([...tensors.keys()].sort()).toEqual(['', '../../etc/passwd', '__proto__', 'constructor', 'größe "µ"\n']);
    expect(tensors.get('__proto__')?.data).toEqual(new Float32Array([0]));
    expect(({} as { data?: unknown }).data).toBeUndefined();
  });

  test('fault 76: 6,000 mutants of a valid file end in a result or a refusal, each within a second', () => {
    for (const name of ['every-dtype.safetensors', 'awkward-names.safetensors']) {
      const outcomes = readAll((bytes) => readSafetensors(bytes, { convert: 'float32' }), mutants(fixture(name), 3000));
      expect(outcomes.get('ERR_FORMAT')).toBeGreaterThan(1000);
      expect([...outcomes.keys()].every((code) => ['read', 'ERR_FORMAT', 'ERR_RANGE'].includes(code))).toBe(true);
    }
  });
});

describe('safetensors writer', () => {
  test('writes the bytes the reference implementation writes', () => {
    for (const name of ['every-dtype.safetensors', 'awkward-names.safetensors']) {
      const { tensors, metadata } = readSafetensors(fixture(name));
      expect(Buffer.from(writeSafetensors(tensors, metadata)).equals(fixture(name))).toBe(true);
    }
  });

  test('what it writes it reads, for every kind of array and from views', () => {
    const whole = new Float32Array([9, 1, 2, 3, 4, 9]);
    const tensors: Record<string, TensorInput> = {
      a: { shape: [2, 2], data: whole.subarray(1, 5) },
      b: { shape: [1], data: new Float64Array([Number.NaN]) },
      c: { shape: [2], data: new BigUint64Array([2n ** 64n - 1n, 0n]) },
      d: { shape: [3], data: new Uint8Array([1, 0, 1]), dtype: 'BOOL' },
      e: { shape: [], data: new Int32Array([-5]) },
    };
    const bytes = writeSafetensors(tensors, { note: 'ü' });
    const back = readSafetensors(bytes);
    expect([...back.tensors.keys()]).toEqual(['c', 'b', 'a', 'e', 'd']);
    expect(back.tensors.get('a')).toEqual({ dtype: 'F32', shape: [2, 2], data: new Float32Array([1, 2, 3, 4]) });
    expect(back.tensors.get('d')?.dtype).toBe('BOOL');
    expect(back.metadata.get('note')).toBe('ü');
    expect(writeSafetensors(back.tensors, back.metadata)).toEqual(bytes);
  });

  test('shapes that do not fit, other data and other metadata are refused', () => {
    const data = new Float32Array(4);
    expect(codeOf(() => writeSafetensors({ a: { shape: [3], data } }))).toBe('ERR_SHAPE');
    expect(codeOf(() => writeSafetensors({ a: { shape: [-2, -2], data } }))).toBe('ERR_SHAPE');
    expect(codeOf(() => writeSafetensors({ a: { shape: 4 as unknown as number[], data } }))).toBe('ERR_SHAPE');
    expect(codeOf(() => writeSafetensors({ a: { shape: [4], data: [1, 2, 3, 4] as unknown as Float32Array } }))).toBe('ERR_TYPE');
    expect(codeOf(() => writeSafetensors({ a: { shape: [4], data, dtype: 'F16' } }))).toBe('ERR_TYPE');
    expect(codeOf(() => writeSafetensors({ __metadata__: { shape: [4], data } }))).toBe('ERR_OPTION');
    expect(codeOf(() => writeSafetensors({}, { a: 1 as unknown as string }))).toBe('ERR_TYPE');
    expect(codeOf(() => writeSafetensors({}, { a: '\ud800' }))).toBe('ERR_TYPE');
  });
});

describe('JSON reader', () => {
  test('reads what JSON.parse reads', () => {
    for (const text of [
      'null',
      ' [1, -0, 2.5e-3, true, false, "\\u00fc\\n"] ',
      '{"a":{"b":[{}]},"":""}',
      '"\\ud83d\\ude00"',
      '123456789012345678901234567890',
    ])
      expect(parseJson(text, 'text')).toEqual(JSON.parse(text));
    expect(Object.is(parseJson('-0', 'text'), -0)).toBe(true);
  });

  test('fault 79: refuses what JSON.parse lets pass: keys twice, 1e999, __proto__, nesting beyond 128', () => {
    for (const text of [
      '{"a":1,"a":2}',
      '1e999',
      '-1e999',
      '{"__proto__":{}}',
      `${'['.repeat(129)}${']'.repeat(129)}`,
      '"\\ud800"',
    ])
      expect(codeOf(() => parseJson(text, 'text'))).toBe('ERR_FORMAT');
    expect(parseJson(`${'['.repeat(128)}${']'.repeat(128)}`, 'text')).toBeDefined();
    expect(Object.keys(parseJson('{"constructor":{"prototype":{"x":1}}}', 'text') as object)).toEqual(['constructor']);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test('refuses what JSON.parse refuses', () => {
    for (const text of [
      '',
      ' ',
      '01',
      '+1',
      '.5',
      '1.',
      '1e',
      '--1',
      'tru',
      'nul',
      'NaN',
      'Infinity',
      "'a'",
      '[1,]',
      '{"a":1,}',
      '{"a" 1}',
      '[1 2]',
      '"a',
      '"\t"',
      '1 1',
      '{1:2}',
    ])
      expect([text, codeOf(() => parseJson(text, 'text'))]).toEqual([text, 'ERR_FORMAT']);
  });
});

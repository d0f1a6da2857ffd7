// ONNX files that are damaged, or mean harm.

import { describe, expect, test } from 'vitest';
import { MLP } from '../../src/baseline/mlp.js';
import { build } from '../../src/formats/imported.js';
import { importOnnx } from '../../src/formats/onnx/import.js';
import { readModel } from '../../src/formats/onnx/messages.js';
import { codeOf, refusal } from '../support/errors.js';
import { mutants, readAll } from '../support/fuzz.js';
import { bytesOf, fixtures } from './onnxFixtures.js';

describe('damaged and hostile ONNX files', () => {
  const valid = [
    'torch 2.13.0 dynamo: batch norm',
    'torch 1.13.0 opset 9: layer norm',
    'skl2onnx: classifier, ZipMap, names',
    'tf2onnx: gelu',
  ].map((name) => bytesOf(fixtures[name]!));

  test('fault 76: 6,000 mutants end in a network or a refusal, each within a second', () => {
    for (const bytes of valid) {
      const use = (mutant: Uint8Array) => {
        const model = build(MLP, importOnnx(mutant));
        model.predict({ data: new Float32Array(model.inputs), shape: [1, model.inputs] });
      };
      const outcomes = readAll(use, mutants(bytes, 1500));
      expect(
        [...outcomes.keys()].filter(
          (code) => !['read', 'ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_NONFINITE', 'ERR_RANGE'].includes(code),
        ),
      ).toEqual([]);
      expect(outcomes.get('ERR_FORMAT')).toBeGreaterThan(100);
    }
  });

  test('fault 77: lengths that lie are refused before anything is allocated', () => {
    const before = process.memoryUsage().arrayBuffers;
    for (const bytes of [
      [],
      [0x3a],
      [0x3a, 0xff],
      [0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f], // graph: 4 GiB
      [0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], // 2^63
      [0x3a, 0x06, 0x2a, 0x04, 0x4a, 0xff, 0xff, 0x7f], // raw data beyond its tensor
      [0x3a, 0x08, 0x2a, 0x06, 0x22, 0xfc, 0xff, 0xff, 0xff, 0x0f], // packed floats
      [0x3a, 0x0a, 0x2a, 0x08, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0x10], // a dimension of 2^40
      [0x0b],
      [0x0c],
      [0x07, 0x00],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      ...Array.from({ length: 50 }, (_, n) => new Array<number>(n).fill(0x3a)),
    ])
      expect([bytes, codeOf(() => readModel(Uint8Array.from(bytes)))]).toEqual([bytes, 'ERR_FORMAT']);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1e6);
  });

  test('weights in another file and functions are refused for what they are', () => {
    const message = (field: number, payload: number[]) => [(field << 3) | 2, payload.length, ...payload];
    for (const [bytes, word] of [
      [message(7, message(5, message(13, []))), 'another file'],
      [message(7, message(5, [14 << 3, 1])), 'another file'],
      [[0xca, 0x01, 0x00], 'functions'],
    ] as const) {
      const error = refusal(() => readModel(Uint8Array.from(bytes)));
      expect([error.code, error.message.includes(word)]).toEqual(['ERR_UNSUPPORTED', true]);
    }
    expect(codeOf(() => importOnnx('text' as never))).toBe('ERR_TYPE');
  });
});

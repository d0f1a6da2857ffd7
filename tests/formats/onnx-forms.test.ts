// Forms of networks that people write in PyTorch 1.13, as its exporter writes them (scripts/fixtures/onnx_forms.py): each predicts what it
// predicted there, or is refused by the operator's name.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MLP } from '../../src/baseline/mlp.js';
import { build } from '../../src/formats/imported.js';
import { importOnnx } from '../../src/formats/onnx/import.js';
import { refusal } from '../support/errors.js';

interface Form {
  readonly onnx: string;
  readonly x: number[];
  readonly y: number[];
  /** Of one row. */
  readonly shape: number[];
}

const forms = JSON.parse(readFileSync(new URL('../fixtures/formats/onnx-forms.json', import.meta.url), 'utf8')) as Record<
  string,
  Form
>;

/** No layers of this library stand for these: the operator that is named. */
const refused: Readonly<Record<string, string>> = {
  'layer norm over a part': 'ReduceMean',
  gated: 'Mul',
};

describe('forms of networks in PyTorch', () => {
  test('at least 40 are imported', () => {
    expect(Object.keys(forms).length - Object.keys(refused).length).toBeGreaterThanOrEqual(40);
  });

  test.each(Object.entries(forms))('%s', (name, { onnx, x, y, shape }) => {
    const bytes = new Uint8Array(Buffer.from(onnx, 'base64'));
    const operator = refused[name];
    if (operator !== undefined) {
      const error = refusal(() => importOnnx(bytes));
      expect([error.code, error.details['op']]).toEqual(['ERR_UNSUPPORTED', operator]);
      return;
    }
    const model = build(MLP, importOnnx(bytes));
    const columns = shape.reduce((a, b) => a * b, 1);
    const got = model.predict({ data: Float32Array.from(x), shape: [x.length / columns, columns] }).data;
    expect(got.length).toBe(y.length);
    y.forEach((want, i) => {
      if (!(Math.abs(got[i]! - want) <= 1e-5 * Math.max(1, Math.abs(want)))) expect([i, got[i]]).toEqual([i, want]);
    });
  });
});

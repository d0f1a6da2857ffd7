// ONNX files that other exporters made, and what a file’s network says to rows.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { MLP } from '../../src/baseline/mlp.js';
import { build } from '../../src/formats/imported.js';
import { importOnnx } from '../../src/formats/onnx/import.js';

interface Fixture {
  readonly onnx: string;
  readonly x: number[];
  readonly y: number[];
  readonly labels?: (string | number)[];
}

export const fixtures = JSON.parse(readFileSync(new URL('../fixtures/formats/onnx.json', import.meta.url), 'utf8')) as Record<
  string,
  Fixture
>;

export const bytesOf = ({ onnx }: Fixture) => new Uint8Array(Buffer.from(onnx, 'base64'));

export function predict(bytes: Uint8Array, x: ArrayLike<number>): number[] {
  const model = build(MLP, importOnnx(bytes));
  return Array.from(model.predict({ data: Float32Array.from(x), shape: [x.length / model.inputs, model.inputs] }).data);
}

export function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance = 1e-5): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++)
    if (!(Math.abs(got[i]! - want[i]!) <= tolerance * Math.max(1, Math.abs(want[i]!)))) expect([i, got[i]]).toEqual([i, want[i]]);
}

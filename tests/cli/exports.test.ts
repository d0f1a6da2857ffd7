// What export writes of models that plain float32 would not do for.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseCsv } from '../../src/entries/parts/data.js';
import { MLPRegressor } from '../../src/entries/parts/estimators.js';
import { DataType, readModel } from '../../src/formats/onnx/messages.js';
import { readSafetensors } from '../../src/formats/safetensors.js';
import { dense, rescale } from '../../src/plan/layers.js';
import { feedforward } from '../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'exports-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string) => join(folder, name);
const run = (words: string) => feedforward(words.split(' '), { cwd: folder });

describe('export of columns far from 0', () => {
  const start = 1_767_225_600; // seconds: 2026 begins
  const csv = `time,b,y\n${Array.from({ length: 120 }, (_, i) => `${start + 60 * i + (i % 7) / 4},${(i * 7) % 13},${(i % 10) + ((i * 7) % 13)}`).join('\n')}\n`;

  test('to ONNX needs --input-type, which the refusal and the help name', async () => {
    writeFileSync(file('far.csv'), csv);
    expect((await run('train far.csv -t y --epochs 2 -o far.ff --quiet')).code).toBe(0);
    const refused = await run('export far.ff -o far.onnx');
    expect(refused.code).not.toBe(0);
    expect(refused.stderr.trim().split('\n').length).toBe(1);
    expect(refused.stderr).toMatch(
      /Column 0 \(time\) lies around 17672\d+.*Pass --input-type float64 .*, or pass --input-type float32/,
    );
    expect(existsSync(file('far.onnx'))).toBe(false);
    for (const [type, onnx] of [
      ['float64', DataType.Double],
      ['float32', DataType.Float],
    ] as const) {
      expect((await run(`export far.ff -o ${type}.onnx --input-type ${type}`)).code).toBe(0);
      expect(readModel(readFileSync(file(`${type}.onnx`))).inputs[0]!.dataType).toBe(onnx);
    }
    expect((await run('export --help')).stdout).toMatch(/--input-type <type>/);
    expect((await run('export far.ff -o far.js --input-type float64')).stderr).toMatch(/--input-type is of --format onnx/);
    expect((await run('export far.ff -o far.onnx --input-type double')).code).toBe(2);
  });

  test("to safetensors holds a rescale layer's center and scale in float64 beside its gain", async () => {
    const model = await new MLPRegressor({
      hiddenLayers: [rescale({ center: [start, 6], scale: [3600, 3] }), dense(3, { activation: 'tanh' })],
      scale: 'none',
      epochs: 1,
      seed: 1,
    }).fit(parseCsv(csv), 'y');
    writeFileSync(
      file('own.ff'),
      model.save({ sections: { table: { target: 'y', task: 'regression', missing: [], score: null, settings: {} } } }),
    );
    expect((await run('export own.ff -o own.safetensors')).code).toBe(0);
    const { tensors } = readSafetensors(readFileSync(file('own.safetensors')));
    expect(tensors.get('layers.0.center')).toMatchObject({ shape: [2], dtype: 'F64', data: Float64Array.of(start, 6) });
    expect(tensors.get('layers.0.scale')).toMatchObject({ shape: [2], dtype: 'F64', data: Float64Array.of(3600, 3) });
    expect(tensors.get('layers.0.gain')!.shape).toEqual([2]);
  });
});

test('--gradient gives code that has derivatives in the inputs, and is refused for files that hold none', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `${(i * 7) % 23},${i % 2 ? 'a' : 'b'},${3 * ((i * 7) % 23) + (i % 2)}`);
  writeFileSync(file('slopes.csv'), `n,kind,y\n${rows.join('\n')}\n`);
  expect((await run('train slopes.csv -t y --epochs 60 --seed 1 -o slopes.ff --quiet')).code).toBe(0);
  expect((await run('export slopes.ff -o slopes.js --gradient')).code).toBe(0);
  const module = `data:text/javascript;base64,${readFileSync(file('slopes.js')).toString('base64')}`;
  const { inputGradient } = (await import(/* @vite-ignore */ module)) as {
    inputGradient(rows: object[]): { n: number }[];
  };
  const [slopes] = inputGradient([{ n: 12, kind: 'a' }]);
  expect(Object.keys(slopes!)).toEqual(['n']);
  expect(slopes!.n).toBeGreaterThan(1); // 3 of y for each n, as far as 60 epochs went
  expect(readFileSync(file('slopes.d.ts'), 'utf8')).toContain('inputGradient(');
  expect((await run('export slopes.ff -o started.wasm --gradient')).code).toBe(0);
  const refused = await run('export slopes.ff -o slopes.onnx --gradient');
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringMatching(/--gradient is of --format module and --format wasm/),
  ]);
});

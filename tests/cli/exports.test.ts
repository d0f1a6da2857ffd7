// What export writes of models that plain float32 would not do for.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

describe('a model of whole numbers', () => {
  const shades = ['low', 'middle', 'high'];
  const rows = Array.from({ length: 240 }, (_, i) => {
    const [a, b] = [((i * 7) % 23) / 2, (i * 5) % 11];
    return `${i % 31 === 0 ? '' : a},${'xyz'[i % 3]},${shades[Math.min(2, Math.floor((a + b) / 7.5))]},${(a + 2 * b + (i % 3)).toFixed(2)}`;
  });
  beforeAll(async () => {
    writeFileSync(file('tints.csv'), `a,kind,shade,price\n${rows.join('\n')}\n`);
    for (const [target, other] of ['shade price', 'price shade'].map((pair) => pair.split(' '))) {
      const trained = `train tints.csv -t ${target} --drop ${other} --epochs 60 --seed 1 --calibration-size 0.2 -o ${target}.ff --quiet`;
      expect((await run(trained)).code).toBe(0);
      expect((await run(`export ${target}.ff --int8 tints.csv --max-loss 0.05 -o ${target}8.ff`)).code).toBe(0);
    }
  }, 60_000);
  const cells = (text: string) =>
    text
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));

  test('predicts, is evaluated and described by the commands as the classifier it was made of', async () => {
    const [whole, small] = [await run('predict shade.ff tints.csv --proba'), await run('predict shade8.ff tints.csv --proba')];
    expect([small.code, small.stderr]).toEqual([0, '']);
    const [before, after] = [cells(whole.stdout), cells(small.stdout)];
    expect(after.length).toBe(240);
    const same = after.filter(([label], i) => label === before[i]![0]).length;
    expect(same).toBeGreaterThanOrEqual(0.95 * 240);
    after.forEach((row, i) => {
      for (let j = 1; j <= 3; j++) expect(Number(row[j])).toBeCloseTo(Number(before[i]![j]), 1);
    });
    const sets = await run('predict shade8.ff tints.csv --set 0.9');
    expect(sets.stdout.split('\n')[0]).toBe('shade,in(high),in(low),in(middle)');
    const judged = JSON.parse((await run('evaluate shade8.ff tints.csv --json')).stdout);
    const right = after.filter(([label], i) => label === rows[i]!.split(',')[2]).length;
    expect(judged.scores.accuracy).toBeCloseTo(right / 240, 9);
    const described = JSON.parse((await run('info shade8.ff --json')).stdout);
    expect(described).toMatchObject({ target: 'shade', classes: ['high', 'low', 'middle'], quantized: { rows: 240 } });
    expect((await run('info shade8.ff')).stdout).toMatch(/in 8-bit whole numbers .*\n\n.*column/);
  });

  test('predicts numbers and their intervals as the regressor it was made of', async () => {
    const [whole, small] = [
      await run('predict price.ff tints.csv --interval 0.8'),
      await run('predict price8.ff tints.csv --interval 0.8'),
    ];
    expect([small.code, small.stderr]).toEqual([0, '']);
    expect(small.stdout.split('\n')[0]).toBe('price,low(0.8),high(0.8)');
    const before = cells(whole.stdout);
    cells(small.stdout).forEach((row, i) =>
      row.forEach((cell, j) => expect(Math.abs(Number(cell) - Number(before[i]![j]))).toBeLessThan(0.8)),
    );
    const judged = JSON.parse((await run('evaluate price8.ff tints.csv --json')).stdout);
    const theirs = JSON.parse((await run('evaluate price.ff tints.csv --json')).stdout);
    expect(judged.scores.r2).toBeGreaterThan(theirs.scores.r2 - 0.05);
    expect((await run('predict price8.ff tints.csv --set 0.9')).stderr).toMatch(/--set: this model predicts numbers/);
  });

  test('is written as WebAssembly by export --int8, which answers as its file does', async () => {
    expect((await run('export price.ff --int8 tints.csv --max-loss 0.05 -o price8.wasm')).code).toBe(0);
    const { load } = (await import(/* @vite-ignore */ pathToFileURL(file('price8.js')).href)) as {
      load(module?: Uint8Array): Promise<{ predict(rows: object[]): number[][] }>;
    };
    const { predict } = await load(readFileSync(file('price8.wasm')));
    const records = rows.map((row) => row.split(',')).map(([a, kind]) => ({ a: a === '' ? null : Number(a), kind }));
    const answers = cells((await run('predict price8.ff tints.csv')).stdout).map(([price]) => Number(price));
    predict(records).forEach(([price], i) => expect(price).toBeCloseTo(answers[i]!, 5));
    expect(readFileSync(file('price8.d.ts'), 'utf8')).toContain('predict(');
  });

  test('is refused by name where its floats are asked for', async () => {
    for (const command of [
      'export price8.ff -o again.onnx',
      'explain price8.ff tints.csv',
      'train tints.csv --resume price8.ff -o more.ff',
    ]) {
      const refused = await run(command);
      expect([command, refused.code, refused.stderr]).toEqual([
        command,
        5,
        expect.stringMatching(/price8\.ff holds a model of whole numbers .* Give the model that it was made of\./),
      ]);
    }
  });
});

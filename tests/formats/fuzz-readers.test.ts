// Fuzz for the readers that are not files of weights alone: CSV, saved estimators, the states of scalers and encoders, and the
// command line given any of them. (.ff, safetensors, ONNX and scikit-learn's JSON: tests/formats-*.test.ts.) FUZZ_RUNS=20000
// goes on for longer, FUZZ_SEED elsewhere.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  formatCsv,
  LabelEncoder,
  MinMaxScaler,
  OneHotEncoder,
  parseCsv,
  PolynomialFeatures,
  readCsv,
  RobustScaler,
  scalerFromJSON,
  scanCsv,
  SimpleImputer,
  StandardScaler,
  streamCsv,
  type Table,
  TableEncoder,
} from '../../src/entries/parts/data.js';
import { loadEstimator, MLPClassifier, MLPRegressor, Perceptron } from '../../src/entries/parts/estimators.js';
import { FeedforwardError } from '../../src/errors.js';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.js';
import { crc32 } from '../../src/formats/checksum.js';
import { feedforward } from '../support/cli.js';
import { mutants, readAll, tampered } from '../support/fuzz.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 700);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const csv = `id,size,colour,sold,day,price
1,10.5,red,true,2024-01-31,100
2,11,"dark ""blue""",false,2024-02-29T10:00:00Z,2e2
3,,red,true,2024-03-01,-300.25
4,12.25,"a, b",,2024-03-02,4
5,NA,green,false,,55
6,9,red,true,2024-03-04,6
`;

describe('CSV', () => {
  test('fault 76: mutants of a table are read or refused, and what is read becomes numbers or a refusal', () => {
    const read = (bytes: Uint8Array) => {
      const table = parseCsv(decode(bytes));
      const encoder = new TableEncoder().fit(table);
      const { data, shape } = encoder.transform(table);
      expect(data.length).toBe(shape[0] * shape[1]);
      expect(data.every(Number.isFinite)).toBe(true);
      const names = table.columns.map(({ name }) => name);
      formatCsv(
        names,
        Array.from({ length: table.rows }, (_, i) => names.map((name) => table.cell(i, name))),
      );
      TableEncoder.fromJSON(JSON.parse(JSON.stringify(encoder.toJSON()))).transform(table);
    };
    const outcomes = readAll(read, mutants(encode(csv), runs, seed));
    expect(outcomes.get('read')).toBeGreaterThan(runs / 20);
  });

  test('fault 76: every reader says the same of a mutant: whole, in pieces, in two passes, as bytes and as text', async () => {
    const outcomes = new Map<string, number>();
    for (const bytes of mutants(encode(csv), Math.ceil(runs / 5), seed + 1)) {
      // Of bytes that are no UTF-8, decode makes a text with U+FFFD: another table, and a good one.
      for (const given of [bytes, decode(bytes)]) {
        const half = given.length >> 1;
        const whole = await outcome(() => parseCsv(given));
        const pieces = await outcome(() => readCsv([given.slice(0, half), given.slice(half)] as string[] | Uint8Array[]));
        const passes = await outcome(async () => {
          const schema = await scanCsv([given] as string[] | Uint8Array[]);
          const tables: Table[] = [];
          const again = [given] as string[] | Uint8Array[];
          for await (const table of streamCsv(again, schema.columns, { ...schema.dialect, chunkRows: 2 })) tables.push(table);
          return tables;
        });
        const note = typeof given === 'string' ? given : `${given.length} bytes: ${decode(given)}`;
        if (typeof whole === 'string') expect([pieces, passes], note).toEqual([whole, whole]);
        else {
          expect(pieces, note).toEqual(whole);
          expect((passes as Table[]).reduce((n, t) => n + t.rows, 0)).toBe((whole as Table).rows);
        }
        const kind = `${typeof given === 'string' ? 'text' : 'bytes'} ${typeof whole === 'string' ? 'refused' : 'read'}`;
        outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
      }
    }
    expect(outcomes.size, 'bytes and text, each of them read and refused').toBe(4);
    expect(outcomes.get('text read')).toBeGreaterThan(outcomes.get('bytes read')!);
  });
});

/** A result, or the code of the refusal; anything else thrown fails the test. */
async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FeedforwardError) return error.code;
    throw error;
  }
}

describe('states as JSON', () => {
  const rows = [
    [1, 20, 3],
    [2, 10, 3],
    [4, 25, 3],
    [8, 15, 3],
  ];
  const words = [
    ['red', 1],
    ['blue', 2],
    ['red', 2],
  ];
  const table = parseCsv(csv);
  const cases: Record<string, [state: unknown, use: (json: unknown) => unknown]> = {
    standard: [new StandardScaler().fit(rows).toJSON(), (json) => scalerFromJSON(json).transform(rows)],
    minMax: [new MinMaxScaler().fit(rows).toJSON(), (json) => scalerFromJSON(json).inverseTransform(rows)],
    robust: [new RobustScaler().fit(rows).toJSON(), (json) => scalerFromJSON(json).transform(rows)],
    label: [
      new LabelEncoder().fit(['a', 'b', 'c']).toJSON(),
      (json) => {
        const encoder = LabelEncoder.fromJSON(json);
        return encoder.inverseTransform(encoder.transform(['a', 'c']));
      },
    ],
    oneHot: [new OneHotEncoder().fit(words).toJSON(), (json) => OneHotEncoder.fromJSON(json).transform(words)],
    polynomial: [
      new PolynomialFeatures({ degree: 3 }).fit(rows).toJSON(),
      (json) => PolynomialFeatures.fromJSON(json).transform(rows),
    ],
    imputer: [
      new SimpleImputer().fit(rows).toJSON(),
      (json) => SimpleImputer.fromJSON(json).transform([[Number.NaN, 1, Number.NaN]]),
    ],
    table: [new TableEncoder().fit(table).toJSON(), (json) => TableEncoder.fromJSON(json).transform(table)],
  };

  test.each(Object.entries(cases))('fault 76: mutants of a fitted %s are taken or refused', (_, [state, use]) => {
    const read = (bytes: Uint8Array) => {
      let json: unknown;
      try {
        json = JSON.parse(decode(bytes));
      } catch {
        return; // not ours to read
      }
      use(json);
    };
    use(JSON.parse(JSON.stringify(state)));
    readAll(read, mutants(encode(JSON.stringify(state)), runs, seed));
    readAll(read, tampered(state, runs, seed));
  });
});

describe('saved estimators', () => {
  // Rows outside the training's range are told of with a warning.
  beforeAll(() => void vi.spyOn(console, 'warn').mockImplementation(() => undefined));
  afterAll(() => void vi.restoreAllMocks());
  const table = parseCsv(csv);
  const train = table.dropMissing(['price']);

  async function files(): Promise<Record<string, [Uint8Array, (bytes: Uint8Array) => unknown]>> {
    const X = Array.from({ length: 24 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
    const labels = X.map(([a]) => (a! > 0 ? 'up' : 'down'));
    const classifier = await new MLPClassifier({ hiddenLayers: [4], epochs: 3, seed: 1 }).fit(X, labels);
    const regressor = await new MLPRegressor({ hiddenLayers: [4], epochs: 3, seed: 1, scaleTargets: true }).fit(
      X,
      X.map(([a]) => a!),
    );
    const tabular = await new MLPRegressor({ hiddenLayers: [4], epochs: 3, seed: 1 }).fit(train, 'price');
    const load = (bytes: Uint8Array) => loadEstimator(bytes) as { predict(X: unknown): unknown; save(): Uint8Array };
    return {
      classifier: [classifier.save(), (bytes) => load(bytes).predict(X)],
      regressor: [regressor.save(), (bytes) => load(load(bytes).save()).predict(X)],
      tabular: [tabular.save(), (bytes) => load(bytes).predict(train)],
    };
  }

  test.each(['classifier', 'regressor', 'tabular'])(
    'fault 76: mutants of a saved %s, each section with its checksum put right, load and predict or are refused',
    async (name) => {
      const [bytes, use] = (await files())[name]!;
      use(bytes);
      expect(
        [...readAll(use, mutants(bytes, 300, seed)).keys()].filter((code) => code !== 'ERR_FORMAT' && code !== 'read'),
      ).toEqual([]);
      const { metadata } = readSafetensors(bytes);
      const sections = [...metadata.keys()].filter((key) => !['format', 'version', 'checksum', 'library'].includes(key));
      expect(sections).toContain('estimator');
      const each = Math.ceil(runs / sections.length);
      for (const key of sections) {
        const forged = (text: Uint8Array) => use(forge(bytes, key, decode(text)));
        const before = metadata.get(key)!;
        readAll(forged, mutants(encode(before), each, seed));
        readAll(forged, tampered(JSON.parse(before), each, seed));
      }
    },
  );

  test('fault 76: mutants of a saved perceptron load and predict or are refused', () => {
    const X = Array.from({ length: 24 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
    const perceptron = new Perceptron({ seed: 1 });
    perceptron.fit(
      X,
      X.map(([a]) => (a! > 0 ? 'up' : 'down')),
    );
    const use = (bytes: Uint8Array) => Perceptron.load(bytes).predict(X);
    const bytes = perceptron.save();
    use(bytes);
    readAll(use, mutants(bytes, runs, seed));
    readAll(use, tampered(JSON.parse(decode(bytes)), runs, seed));
  });

  /** The file with another text in one section, and a checksum that fits. */
  function forge(bytes: Uint8Array, key: string, text: string): Uint8Array {
    const { tensors, metadata } = readSafetensors(bytes);
    const changed = new Map(metadata);
    changed.set(key, /\p{Surrogate}/u.test(text) ? '' : text);
    changed.set('checksum', 'crc32:00000000');
    const out = writeSafetensors(tensors, changed);
    const at = Buffer.from(out).indexOf('crc32:00000000') + 6;
    out.set(encode(crc32(out).toString(16).padStart(8, '0')), at);
    return out;
  }
});

describe('the command line', () => {
  let folder: string;
  let model: Uint8Array;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'feedforward-fuzz-'));
    const table = parseCsv(csv).dropMissing(['price']);
    model = (await new MLPRegressor({ hiddenLayers: [4], epochs: 3, seed: 1 }).fit(table, 'price')).save();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('fault 76: broken tables and models end in an exit code and one line, never a stack, and leave no file', {
    timeout: 600_000,
  }, async () => {
    const tables = [...mutants(encode(csv.repeat(4)), 400, seed + 2)].slice(-Math.ceil(runs / 100));
    const models = [...mutants(model, 400, seed + 3)].slice(-Math.ceil(runs / 200));
    const found = new Set<number | null>();
    const check = async (words: string[]) => {
      const { code, stderr } = await feedforward(words, { cwd: folder });
      found.add(code);
      const said = `${words.join(' ')} ended with ${code}: ${stderr}`;
      expect([0, 2, 3, 4, 5, 6, 7], said).toContain(code);
      expect(stderr, said).not.toMatch(/\n\s+at |node:internal|unreachable|RangeError|TypeError/);
      if (code !== 0)
        expect(
          stderr
            .trim()
            .split('\n')
            .filter((line) => line.startsWith('error')).length,
          said,
        ).toBeLessThanOrEqual(1);
    };
    writeFileSync(join(folder, 'good.csv'), csv);
    for (const [n, bytes] of tables.entries()) {
      writeFileSync(join(folder, 'data.csv'), bytes);
      await check([
        'train',
        'data.csv',
        '--target',
        n % 2 === 0 ? 'price' : 'colour',
        '--epochs',
        '2',
        '--quiet',
        '-o',
        'out.ff',
      ]);
    }
    for (const bytes of models) {
      writeFileSync(join(folder, 'model.ff'), bytes);
      await check(['info', 'model.ff', '--json']);
      await check(['predict', 'model.ff', 'good.csv', '--quiet']);
      await check(['export', 'model.ff', '-o', 'out.onnx']);
    }
    expect(found.size).toBeGreaterThan(1);
  });
});

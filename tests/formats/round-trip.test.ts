// Whatever save takes, load gives back; whatever it could not, save refuses by name.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MLPClassifier } from '../../src/entries/parts/estimators.js';
import { FeedforwardError } from '../../src/errors.js';
import { parseJson, writeJson } from '../../src/formats/json.js';
import { readModelFile } from '../../src/formats/modelFile.js';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors.js';
import { dense } from '../../src/plan/layers.js';
import { MLP } from '../../src/mlp/mlp.js';
import { refusal } from '../support/errors.js';

const difficult = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__metadata__',
  '',
  ' ',
  '\0',
  '\u2028',
];
/** Any code units at all, halves of surrogate pairs among them, and names that mean something to objects. */
const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.array(fc.integer({ min: 0xd7fe, max: 0xe001 }), { maxLength: 4 }).map((units) => String.fromCharCode(...units)),
  fc.constantFrom(...difficult),
);
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, Number.NaN, Infinity, 5e-324, Number.MAX_VALUE, 2 ** 53 + 2),
);
const { tree } = fc.letrec<{ tree: unknown; list: unknown[]; object: object }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'large', withCrossShrink: true },
    fc.oneof(number, word, fc.boolean(), fc.constant(null), fc.constant(undefined), fc.constant(1n)),
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('tree'), { maxLength: 4 }),
  object: fc.array(fc.tuple(word, tie('tree')), { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs)),
}));

/** The value itself, or undefined when it is refused as a save refuses. */
function unlessRefused<T>(save: () => T): T | undefined {
  try {
    return save();
  } catch (error) {
    if (!(error instanceof FeedforwardError)) throw error;
    expect(['ERR_TYPE', 'ERR_OPTION']).toContain(error.code);
    return undefined;
  }
}

/** Members that are undefined are left out, as JSON does. */
function without(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(without);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, without(item)]])));
}

const net = new MLP({ inputs: 1, layers: [dense(1)] });

describe('what is saved is what is loaded', () => {
  test('JSON of any shape, key for key and bit for bit', () => {
    let kept = 0;
    fc.assert(
      fc.property(tree, (value) => {
        const text = unlessRefused(() => writeJson(value, 'value'));
        if (text === undefined) return;
        kept++;
        expect(parseJson(text, 'value')).toEqual(without(value));
      }),
      { numRuns: 3000, seed: 4 },
    );
    expect(kept).toBeGreaterThan(1000);
  });

  test('sections of a model file, under any name', () => {
    fc.assert(
      fc.property(word, tree, (name, value) => {
        const bytes = unlessRefused(() => net.save({ sections: Object.fromEntries([[name, value]]) }));
        if (bytes === undefined) return;
        const expected = value === undefined ? [] : [[name, without(value)]];
        expect(Object.entries(readModelFile(bytes).sections)).toEqual(expected);
      }),
      { numRuns: 500, seed: 5 },
    );
  });

  test('labels and names of columns', () => {
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 2, maxLength: 5 }), word, (labels, name) => {
        const X = labels.map((_, i) => [i, 1]);
        const clf = new MLPClassifier({ hiddenLayers: [], epochs: 1, earlyStopping: false }).fitSync(X, labels, {
          featureNames: [name, `${name}2`],
        });
        const bytes = unlessRefused(() => clf.save());
        if (bytes === undefined) return;
        const loaded = MLPClassifier.load(bytes);
        expect(loaded.classes).toStrictEqual(clf.classes);
        expect(loaded.featureNames).toStrictEqual(clf.featureNames);
        expect(loaded.predict(X)).toStrictEqual(clf.predict(X));
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  test('tensors and metadata of any name', () => {
    fc.assert(
      fc.property(fc.dictionary(word, fc.array(fc.float(), { maxLength: 5 })), fc.dictionary(word, word), (tensors, metadata) => {
        const given = new Map(
          Object.entries(tensors).map(([name, v]) => [name, { shape: [v.length], data: Float32Array.from(v) }]),
        );
        const bytes = unlessRefused(() => writeSafetensors(given, new Map(Object.entries(metadata))));
        if (bytes === undefined) return;
        const read = readSafetensors(bytes);
        expect(new Map([...read.tensors].map(([name, { data }]) => [name, data]))).toEqual(
          new Map([...given].map(([name, { data }]) => [name, data])),
        );
        expect(read.metadata).toEqual(new Map(Object.entries(metadata)));
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

test('what cannot be read back is refused when it is saved, with its place', () => {
  const deep = (levels: number) => Array.from({ length: levels }).reduce<unknown>((inner) => [inner], 1);
  expect(parseJson(writeJson(deep(128), 'x'), 'x')).toEqual(deep(128));
  const circle: { self?: unknown } = {};
  circle.self = circle;
  for (const [value, line] of [
    [deep(129), /^sections\.s: its nesting is deeper than 128, or goes in a circle\.$/],
    [deep(20_000), /deeper than 128/],
    [circle, /or goes in a circle/],
    [{ a: [1, { ['__proto__']: 2 }] }, /^sections\.s\.a\[1\]: a key is called __proto__/],
    [{ a: '\ud800' }, /^sections\.s\.a: .* half of a surrogate pair/],
    [{ '\udc00': 1 }, /half of a surrogate pair/],
    [[Number.NaN], /^sections\.s\[0\]: NaN is not JSON/],
    [[undefined], /^sections\.s\[0\]: undefined is not JSON/],
    [new Map([[1, 2]]), /^sections\.s: Map is not JSON/],
    [{ f: () => 1 }, /^sections\.s\.f: function/],
  ] as const) {
    const error = refusal(() => net.save({ sections: { s: value } }));
    expect([error.code, error.message]).toEqual(['ERR_TYPE', expect.stringMatching(line)]);
  }
  expect(Object.prototype).not.toHaveProperty('polluted');
});

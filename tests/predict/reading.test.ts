// What reads the predicting core and takes checksums before any of it is there; and what a file or an option that is not right is told.

import { afterEach, expect, test, vi } from 'vitest';
import { Random } from '../../src/data/random.js';
import { crc32 } from '../../src/formats/checksum.js';
import { readModelFile } from '../../src/formats/modelFile.js';
import { MLP } from '../../src/mlp/mlp.js';
import { dense } from '../../src/plan/layers.js';
import { loadPredictor } from '../../src/predict/light.js';
import { loadPredictor as loadAny } from '../../src/predict/parts/loadAny.js';
import { gradients } from '../../src/predict/parts/gradients.js';
import { wholeCore } from '../../src/predict/wholeCore.js';

const random = new Random(3, 'bytes');
const bytes = (length: number) => Uint8Array.from({ length }, () => random.below(256));
const file = new MLP({ inputs: 2, layers: [dense(3), dense(1)] }).save();
const sizes = [0, 1, 2, 3, 7, 0xf000 - 1, 0xf000, 0xf000 + 1, 2 * 0xf000 + 5];

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

test('checksums are those of the slow reference, of any length and in any parts', async () => {
  const { checksum } = await import('../../src/predict/reading.js');
  for (const size of sizes) {
    const given = bytes(size);
    expect(checksum(given)).toBe(crc32(given));
    expect(checksum(given.subarray(1), checksum(given.subarray(0, 1)))).toBe(crc32(given));
  }
});

test('so they are where nothing may be compiled', async () => {
  vi.stubGlobal('WebAssembly', {
    ...WebAssembly,
    Module: class {
      constructor() {
        throw new WebAssembly.CompileError('blocked');
      }
    },
  });
  vi.resetModules();
  const { checksum } = await import('../../src/predict/reading.js');
  for (const size of sizes.slice(0, 5)) {
    const given = bytes(size);
    expect(checksum(given, 5)).toBe(crc32(given, 5));
  }
});

test('the fused core is the plain one with each multiply-add in the place of its two operations, and nothing else', () => {
  const plain = wholeCore.read(false);
  const fused = wholeCore.read(true);
  expect(fused.length).toBe(plain.length);
  let places = 0;
  for (let at = 0; at < plain.length; at++) {
    if (fused[at] === plain[at]) continue;
    // local.set t, f32x4.mul, local.get t, f32x4.add as f32x4.relaxed_madd and seven times nothing.
    expect([...fused.subarray(at, at + 10)]).toEqual([0xfd, 0x85, 2, 1, 1, 1, 1, 1, 1, 1]);
    const t = plain[at + 1];
    expect([...plain.subarray(at, at + 10)]).toEqual([0x21, t, 0xfd, 0xe6, 1, 0x20, t, 0xfd, 0xe4, 1]);
    places++;
    at += 9;
  }
  expect(places).toBeGreaterThan(20);
});

test('a file whose header is cut says how many bytes it has and how many its header needs', () => {
  const header = 8 + Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const message = `it is cut off: it has 200 bytes, and its header needs ${header}`;
  for (const read of [loadPredictor, loadAny, readModelFile])
    expect(() => read(file.subarray(0, 200))).toThrow(
      expect.objectContaining({ code: 'ERR_FORMAT', message: expect.stringContaining(message) }),
    );
  expect(() => readModelFile(file.subarray(0, file.length - 4))).toThrow(
    `its tensors end at byte ${file.length}, but the file at ${file.length - 4}`,
  );
  expect(() => loadPredictor(file.subarray(0, file.length - 4))).toThrow(/its checksum does not fit/);
});

test('an option that there is not is refused by its name, from both entries', () => {
  for (const load of [loadPredictor, loadAny])
    expect(() => load(file, { gradient: gradients } as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_OPTION',
        message:
          'loadPredictor: unknown option "gradient". Expected one of: module gradients intervals integers dates approximations.',
      }),
    );
});

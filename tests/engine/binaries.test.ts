// Facts about the two binaries: what they import, what they hold, how large they are.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';
import { describe, expect, test } from 'vitest';
import { packed } from '../../src/engine/binaries.generated.js';
import { binary } from '../../src/engine/binaries.js';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../..', 'build', `${name}.wasm`));

/** Section ids of a module, in order. */
function sections(bytes: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    ids.push(bytes[at++]!);
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      length |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    at += length;
  }
  return ids;
}

/** Whether the code holds 0xfd followed by LEB128 of an opcode in [0x100, 0x114): relaxed SIMD. */
function hasRelaxedOpcodes(bytes: Uint8Array): boolean {
  for (let i = 0; i + 2 < bytes.length; i++)
    if (bytes[i] === 0xfd && bytes[i + 1]! >= 0x80 && bytes[i + 1]! <= 0x93 && bytes[i + 2] === 0x02) return true;
  return false;
}

describe.each(['simd', 'relaxed'])('the %s binary', (name) => {
  const bytes = read(name);

  test('imports nothing and exports one memory', () => {
    const module = new WebAssembly.Module(bytes);
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    expect(WebAssembly.Module.exports(module).filter((e) => e.kind !== 'function')).toEqual([{ name: 'memory', kind: 'memory' }]);
  });

  test('has no data segment, no start function and no function table', () => {
    const found = sections(bytes);
    for (const [id, what] of [
      [11, 'data'],
      [8, 'start'],
      [4, 'table'],
      [9, 'elements'],
    ] as const)
      expect(found, what).not.toContain(id);
  });

  test('holds relaxed opcodes only when it is the relaxed one', () => {
    expect(hasRelaxedOpcodes(bytes)).toBe(name === 'relaxed');
  });

  test('stays below 100 kB', () => {
    expect(bytes.length).toBeLessThan(100_000);
  });
});

test('the package holds both binaries, byte for byte, packed to less than 21.4 kB', () => {
  for (const build of ['simd', 'relaxed'] as const) expect(Buffer.compare(binary(build), read(build)), build).toBe(0);
  expect(((packed.core.length + packed.unpacker.length) * 3) / 4).toBeLessThan(21_400);
});

test('the simd binary is the relaxed one with every fused operation taken apart, and nothing else changed', () => {
  const relaxed = instructions(read('relaxed'));
  const simd = instructions(read('simd'));
  expect(relaxed.filter((i) => /^f32x4.relaxed_madd/.test(i)).length).toBeGreaterThan(100);
  const apart = relaxed.flatMap((i) =>
    i === 'f32x4.relaxed_madd' ? ['f32x4.mul', 'f32x4.add'] : i === 'i32x4.relaxed_laneselect' ? ['v128.bitselect'] : [i],
  );
  expect(simd.length).toBe(apart.length);
  const first = simd.findIndex((instruction, i) => instruction !== apart[i]);
  expect(first, `${simd[first]} where ${apart[first]} was expected`).toBe(-1);
});

test.each(['simd', 'relaxed'] as const)('%s for threads differs in where its memory comes from, and in nothing else', (build) => {
  const [plain, shared] = [binary(build), binary(build, 100)];
  const module = new WebAssembly.Module(shared);
  expect(WebAssembly.Module.imports(module)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
  expect(WebAssembly.Module.exports(module)).toEqual(WebAssembly.Module.exports(new WebAssembly.Module(plain)));
  expect(sections(shared)).toEqual([1, 2, ...sections(plain).filter((id) => id !== 1 && id !== 5)]);
  expect(instructions(shared).filter((i) => !/^(import|memory) /.test(i))).toEqual(
    instructions(plain).filter((i) => !/^memory /.test(i)),
  );
  const make = (initial: number, maximum: number) => () =>
    new WebAssembly.Instance(module, { env: { memory: new WebAssembly.Memory({ initial, maximum, shared: true }) } });
  expect(make(1, 100)).not.toThrow();
  expect(make(1, 101)).toThrow(/maximum/);
});

/** What stands in a module's functions, in order, operands included; without the traffic of locals, which binaryen arranges anew. */
function instructions(bytes: Uint8Array): string[] {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(binaryen.Features.All);
  const text = module.emitStackIR();
  module.dispose();
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !/^([()]|local\.)/.test(line));
}

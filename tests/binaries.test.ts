// Facts about the two binaries: what they import, what they hold, how large they are.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const read = (name: string) => readFileSync(join(import.meta.dirname, '..', 'build', `${name}.wasm`));

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

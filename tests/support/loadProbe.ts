// Instantiates the core with every kernel exposed (build/probe-*.wasm, see scripts/build-core.mjs).

import { readFileSync } from 'node:fs';
import { instantiateSync } from '@assemblyscript/loader';

/** The part of the exports every test uses; pass the rest as T, as an interface of the functions the test calls. */
export interface ProbeMemory {
  memory: WebAssembly.Memory;
  /** Grows linear memory to at least `bytes`. */
  reserve(bytes: number): void;
}

export const builds = ['simd', 'relaxed'] as const;

export function loadProbe<T = unknown>(build: (typeof builds)[number]): ProbeMemory & T {
  const bytes = readFileSync(new URL(`../../build/probe-${build}.wasm`, import.meta.url));
  const { exports } = instantiateSync(bytes).instance;
  const memory = exports['memory'] as WebAssembly.Memory;
  const reserve = (byteLength: number) => {
    const pages = Math.ceil(byteLength / 65536) - memory.buffer.byteLength / 65536;
    if (pages > 0) memory.grow(pages);
  };
  return { ...exports, memory, reserve } as unknown as ProbeMemory & T;
}

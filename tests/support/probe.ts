// Test-only exports by pointer: memory for the tests' own buffers.

/** Grows linear memory to at least `bytes`. */
export function reserve(bytes: usize): void {
  const pages = ((bytes + 65535) >>> 16) as i32;
  if (pages > memory.size()) memory.grow(pages - memory.size());
}

// The ABI: every export of the core. Numeric parameters only; pointers are byte offsets into linear memory.

export function version(): i32 {
  return 1;
}

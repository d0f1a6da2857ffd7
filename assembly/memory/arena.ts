// Room in linear memory: places things one after another on cache lines, counts in 64 bits so that no size can wrap,
// and grows memory once everything has its place.

import { LINE } from './model';

/** Where the next thing goes. Kept by the caller, in 64 bits. */
export function lineUp(position: u64): u64 {
  return (position + LINE - 1) & ~(LINE - 1);
}

/** Bytes of `count` floats, and to the next line. */
export function floatsToBytes(count: u64): u64 {
  return lineUp(count * 4);
}

/** Grows memory to hold `bytes`. False when the engine refuses or 4 GiB are not enough; nothing has changed then. */
export function ensure(bytes: u64): bool {
  const pages = ((bytes + 65535) >> 16) as i64;
  if (pages > 65536) return false;
  const have = memory.size() as i64;
  if (pages <= have) return true;
  return memory.grow((pages - have) as i32) >= 0;
}

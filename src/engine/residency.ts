// Engines allow only so many WebAssembly memories at a time (Chromium 125). So at most 64 models keep theirs; the least
// recently used one is evicted: its bytes move to an ordinary ArrayBuffer and its instance is dropped, until it is used
// again. A model is its bytes, so nothing is lost. The list holds residents alone: an evicted model nobody refers to is
// garbage, and so is a resident one as soon as 64 others have been used.

/** What lives in a WebAssembly memory and can give it up for a while. */
export interface Resident {
  /** When it was last used, by countUse(): larger is later. */
  lastUse: number;
  /** Moves its bytes elsewhere and drops its instance. @throws ERR_MEMORY when there is no room for the bytes: it stays then. */
  evict(): void;
}

const LIMIT = 64;
const residents: Resident[] = [];
let uses = 0;

/** Counts a use of a resident: the number for its `lastUse`. */
export function countUse(): number {
  return ++uses;
}

/** Takes a resident in; the least recently used one is evicted when there are 64 already (and room for its bytes). */
export function addResident(resident: Resident): void {
  while (residents.length >= LIMIT && evictLeastUsed());
  resident.lastUse = countUse();
  residents.push(resident);
}

/** Evicts the least recently used resident. False when there is none, or no room for its bytes. */
export function evictLeastUsed(): boolean {
  if (residents.length === 0) return false;
  let oldest = 0;
  for (let i = 1; i < residents.length; i++) if (residents[i]!.lastUse < residents[oldest]!.lastUse) oldest = i;
  try {
    residents[oldest]!.evict();
  } catch {
    return false;
  }
  residents[oldest] = residents[residents.length - 1]!;
  residents.pop();
  return true;
}

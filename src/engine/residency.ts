// Engines allow only so many WebAssembly memories at a time (Chromium 125). So at most 64 models keep theirs; the least
// recently used one hibernates: its bytes move to an ordinary ArrayBuffer and its instance is dropped, until it is used
// again. A model is its bytes, so nothing is lost. The list holds residents alone: a hibernating model nobody refers to
// is garbage, and so is a resident one as soon as 64 others have been used.

/** Something that lives in a WebAssembly memory and can leave it. */
export interface Tenant {
  /** When it was last used: larger is later. */
  lastUse: number;
  /** @throws ERR_MEMORY when there is no room for its bytes elsewhere: it stays where it is then. */
  hibernate(): void;
}

const LIMIT = 64;
const residents: Tenant[] = [];
let clock = 0;

/** The time, for `lastUse`. */
export function tick(): number {
  return ++clock;
}

/** Admits a tenant, sending the least recently used one to sleep when the house is full (and there is room to sleep). */
export function admit(tenant: Tenant): void {
  while (residents.length >= LIMIT && evictOne());
  tenant.lastUse = tick();
  residents.push(tenant);
}

/** Sends the least recently used tenant to sleep. False when there is none, or no room for its bytes. */
export function evictOne(): boolean {
  if (residents.length === 0) return false;
  let oldest = 0;
  for (let i = 1; i < residents.length; i++) if (residents[i]!.lastUse < residents[oldest]!.lastUse) oldest = i;
  try {
    residents[oldest]!.hibernate();
  } catch {
    return false;
  }
  residents[oldest] = residents[residents.length - 1]!;
  residents.pop();
  return true;
}

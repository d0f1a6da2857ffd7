// The fixed script every engine runs: it reaches every layer, activation, loss, optimizer, initializer and schedule, the data
// pipeline, every register tile, and a checkpoint in the middle, with deterministic: true, and hashes all weights. One
// digest, whatever the engine. tests/engine/engines.test.ts checks that no name of the tables is left out.

import { laterParts } from './later.js';
import { hashesBy, makeRows } from './material.js';
import { networkParts } from './networks.js';
import { pipelineParts } from './pipeline.js';
import { wideParts } from './wide.js';

/**
 * Runs the script with `library` (the package's exports); returns { digest, parts, later }. Four thousand steps in all. What the
 * library learnt after its first digest was published has one of its own, later.digest of later.parts, so that the first stays.
 */
export async function runScript(library, { sha256, threads = 1 } = {}) {
  const hashes = hashesBy(sha256);
  const material = makeRows(library);
  if (threads > 1) await library.init({ threads });
  const networks = await networkParts(library, material, hashes);
  const wide = await wideParts(library, material, hashes);
  if (threads > 1) await library.init({ threads: 1 });
  const parts = { ...networks.parts, ...wide.parts, ...(await pipelineParts(library, material, hashes)) };
  const later = await laterParts(library, material, hashes, { losses: networks.losses, dropped: wide.dropped });
  return {
    digest: await hashes.digestOfParts(parts),
    parts,
    later: { digest: await hashes.digestOfParts(later), parts: later },
  };
}

// The tiles each build uses here, measured while there is work to do (tiles.ts), and V8's 256-bit pass, which changes
// what is fastest. Neither ever changes a bit of a result.

import { nodeModule } from '../platform.js';
import type { Build } from './binaries.js';
import { defaultTiles, TileRace, type TileChoice, type TileCore } from './tiles.js';

const races = new Map<Build, TileRace>();
const choices = new Map<Build, TileChoice>();
let version = 0;
let pass = false;
let failure: string | undefined;

/** The tiles a build uses now. */
export function tilesOf(build: Build): TileChoice {
  let choice = choices.get(build);
  if (choice === undefined) {
    choice = defaultTiles({ build, revectorized: pass });
    choices.set(build, choice);
  }
  return choice;
}

/** Measures for about a millisecond, in an instance of its own, unless all is known. Returns a number that changes with the choice. */
export function tuneTiles(build: Build, revectorized: boolean, instance: () => TileCore | undefined): number {
  if (tilesOf(build).settled) return version;
  let race = races.get(build);
  if (race === undefined) {
    const core = instance();
    if (core === undefined) return version; // none can be made right now
    race = new TileRace(core, { build, revectorized });
    races.set(build, race);
  }
  const choice = race.run(1);
  if (choice.settled) {
    choices.set(build, choice);
    races.delete(build);
    version++;
  }
  return version;
}

/** Whether V8's 256-bit pass is on. */
export function passIsOn(): boolean {
  return pass;
}

/** Why it is not, if it was asked for. */
export function passFailure(): string | undefined {
  return failure;
}

/**
 * Switches the pass on or off for modules compiled from now on. On: waits for optimised code, measures the wide tiles and
 * checks each against the plain loop; whatever is wrong, the pass is off again and `passFailure` says why.
 */
export async function setPass(on: boolean, builds: readonly Build[], instance: (build: Build) => TileCore): Promise<void> {
  const flag = await flagSetter();
  races.clear();
  choices.clear();
  version++;
  failure = undefined;
  if (!on) {
    if (pass && typeof flag === 'function') flag('--no-experimental-wasm-revectorize');
    pass = false;
    return;
  }
  if (typeof flag === 'string') {
    failure = `the 256-bit pass is off: ${flag}`;
    return;
  }
  flag('--experimental-wasm-revectorize');
  pass = true;
  try {
    let most = 0;
    for (const build of builds) {
      const { choice, gain } = await proven(build, instance(build));
      choices.set(build, choice);
      most = Math.max(most, gain);
    }
    // Narrow tiles gain from the pass too, so this is a low bar: without the pass the wide ones are far slower.
    if (most < 1) throw new Error('it made no build faster');
  } catch (error) {
    flag('--no-experimental-wasm-revectorize');
    pass = false;
    choices.clear();
    failure = `the 256-bit pass is off: ${(error as Error).message}`;
  }
}

/** Races the wide tiles until compiled code is there, then checks them and compares them with the narrow ones. */
async function proven(build: Build, core: TileCore): Promise<{ choice: TileChoice; gain: number }> {
  const race = new TileRace(core, { build, revectorized: true });
  const deadline = performance.now() + 3000;
  let choice = race.run(20);
  while (!choice.settled && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 1)); // optimised code arrives between tasks
    choice = race.run(20);
  }
  for (const tile of race.tiles)
    if (!core.checkTile(tile)) throw new Error(`a tile of the ${build} build computed wrong sums with it`);
  const plain = new TileRace(core, { build, revectorized: false });
  plain.run(100);
  const gain = race.best / plain.best;
  return { choice: { ...(gain >= 1 ? choice : plain.choice), settled: true }, gain };
}

/** What sets V8's flags, or why there is none. */
async function flagSetter(): Promise<((flag: string) => void) | string> {
  const versions = typeof process === 'object' ? (process.versions as Partial<NodeJS.ProcessVersions>) : undefined;
  if (versions?.node === undefined || versions['bun'] !== undefined || versions['deno'] !== undefined)
    return 'it needs Node 24 or later';
  if (Number.parseInt(versions.node, 10) < 24) return `it needs Node 24 or later, and this is ${versions.node}`;
  if (process.arch !== 'x64') return `V8 has it for x64 only, and this is ${process.arch}`;
  const { setFlagsFromString } = await nodeModule('node:v8');
  return setFlagsFromString;
}

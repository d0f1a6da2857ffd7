// The tiles each build uses here, measured while there is work to do (tiles.ts), and V8's 256-bit pass, which changes
// what is fastest. Neither ever changes a bit of a result.

import type { Build } from './binaries.js';
import { defaultTiles, TileRace, type TileChoice, type TileCore } from './tiles.js';

/** Makes a module of a binary, with V8's 256-bit pass. */
export type PassCompiler = (binary: Uint8Array<ArrayBuffer>) => WebAssembly.Module;

const races = new Map<Build, TileRace>();
const choices = new Map<Build, TileChoice>();
let version = 0;
let pass: PassCompiler | undefined;
let finding: string | undefined;

/** The tiles a build uses now. */
export function tilesOf(build: Build): TileChoice {
  let choice = choices.get(build);
  if (choice === undefined) {
    choice = defaultTiles({ build, revectorized: passIsOn() });
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
  return pass !== undefined;
}

/** What was found out about the pass, if it was asked for. */
export function passFinding(): string | undefined {
  return finding;
}

/** Compiles a module with the pass, where it is on. */
export function passCompiler(): PassCompiler | undefined {
  return pass;
}

/** From now on modules are compiled so, or without the pass; the tiles are chosen anew. `why`: for engineInfo(). */
export function setPass(compiler: PassCompiler | undefined, why?: string): void {
  finding = why;
  if (compiler === pass) return;
  pass = compiler;
  races.clear();
  choices.clear();
  version++;
}

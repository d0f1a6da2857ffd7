// Which register tiles the matrix products use in this engine. The fastest differs from engine to engine and version to
// version (where a compiler runs out of registers, a tile falls to half speed), so it is measured, in slices of about a
// millisecond while there is work to do; until that is settled a default chosen by engine serves. The choice never changes
// a result. Knows nothing of models: it is given the exports of an instance of its own.

import { Tile } from '../../assembly/abi.js';

/** What an instance for measuring must export (assembly/calibrate.ts). */
export interface TileCore {
  measureTile(tile: Tile, product: number, rows: number, inputs: number, outputs: number, repetitions: number): void;
  checkTile(tile: Tile): boolean | number;
}

export interface TileChoice {
  /** Of x.W, and of dy.W^T, the gradient of x. */
  readonly forward: Tile;
  /** For the weight gradient. */
  readonly gradient: Tile;
  /** How it was chosen, for people. */
  readonly why: string;
  /** False while `why` is a default or a first impression. */
  readonly settled: boolean;
}

export interface TileSetting {
  readonly build: 'simd' | 'relaxed';
  /** Whether V8's 256-bit pass is on. */
  readonly revectorized: boolean;
}

const names: Record<Tile, string> = {
  [Tile.Rows4Columns8]: '4x8',
  [Tile.Rows5Columns8]: '5x8',
  [Tile.Rows6Columns8]: '6x8',
  [Tile.Rows6Columns8Steps]: '6x8 in steps',
  [Tile.Rows4Columns16]: '4x16',
  [Tile.Rows5Columns16]: '5x16',
  [Tile.Rows6Columns16]: '6x16',
};

/** '6x8', or '5x8 and 4x8' where the weight gradient has its own. */
export function tileName({ forward, gradient }: TileChoice): string {
  return forward === gradient ? names[forward] : `${names[forward]} and ${names[gradient]}`;
}

/** The tiles to use where nothing has been measured. */
export function defaultTiles({ build, revectorized }: TileSetting): TileChoice {
  const fused = build === 'relaxed';
  const choose = (tile: Tile, why: string) => ({
    forward: tile,
    gradient: tile,
    why: `${names[tile]} by default ${why}`,
    settled: false,
  });
  if (revectorized) return choose(fused ? Tile.Rows6Columns16 : Tile.Rows5Columns16, "for V8's 256-bit pass");
  if (host().versions?.bun !== undefined) return choose(Tile.Rows6Columns8Steps, 'for JavaScriptCore');
  if (oldV8())
    return choose(
      fused ? Tile.Rows5Columns8 : Tile.Rows4Columns8,
      `for V8 before 13, which runs out of registers early${fused ? ' with more rows' : ''}`,
    );
  return fused
    ? choose(Tile.Rows6Columns8, 'for fused multiply-add')
    : choose(Tile.Rows5Columns8, 'for separate multiply and add');
}

// A product large enough that calls do not count, small enough that a slice holds several: whole tiles of every shape, all
// in the first-level cache.
const ROWS = 60;
const INPUTS = 60;
const OUTPUTS = 64;
const FLOPS = 2 * ROWS * INPUTS * OUTPUTS;

// Compiled code arrives while we measure: an engine's first, quick code is about four times slower than its last. A tile
// counts as measured when its speed has doubled since the start and then held, or has held for long enough that no better
// code is to be expected.
const JUMP = 2;
const HELD = 4; // slices
const PATIENCE = 100; // milliseconds
// Some clocks stand still while code runs (Cloudflare's workers, fake timers in tests): waiting for them would be for ever.
const MOST_POLLS = 200_000;
const MOST_REPETITIONS = 1 << 12; // in one slice: 19 milliseconds at 100 GFLOP/s
/** How much faster than the default another tile must be. */
const MARGIN = 1.03;

interface Runner {
  readonly tile: Tile;
  readonly product: 0 | 1;
  repetitions: number;
  first: number; // GFLOP/s of the first slice
  best: number;
  held: number; // slices since `best` last grew by more than a tenth
}

/** The tiles against one another, a slice at a time. */
export class TileRace {
  readonly #core: TileCore;
  readonly #fallback: TileChoice;
  readonly #runners: Runner[] = [];
  readonly #slice: number;
  #next = 0;
  #started = 0;
  #choice: TileChoice;

  /** `core`: an instance used for nothing else. */
  constructor(core: TileCore, setting: TileSetting) {
    this.#core = core;
    this.#fallback = defaultTiles(setting);
    this.#choice = this.#fallback;
    const step = clockStep();
    this.#slice = Math.min(8, Math.max(0.15, 10 * step));
    if (step === Number.POSITIVE_INFINITY) this.#giveUp();
    for (const product of [0, 1] as const) {
      for (const tile of candidates(setting)) this.#runners.push({ tile, product, repetitions: 2, first: 0, best: 0, held: 0 });
    }
  }

  get choice(): TileChoice {
    return this.#choice;
  }

  /** The tiles in the race. */
  get tiles(): Tile[] {
    return this.#runners.filter((runner) => runner.product === 0).map((runner) => runner.tile);
  }

  /** GFLOP/s of the fastest forward product so far. */
  get best(): number {
    return Math.max(...this.#runners.filter((runner) => runner.product === 0).map((runner) => runner.best));
  }

  /** Measures for about that long (one slice at least) unless the race is over, and returns the choice so far. */
  run(milliseconds: number): TileChoice {
    const start = performance.now();
    this.#started ||= start;
    while (!this.#choice.settled) {
      const runner = this.#runners[this.#next]!;
      this.#measure(runner);
      if (runner.repetitions > MOST_REPETITIONS) this.#giveUp();
      this.#next = (this.#next + 1) % this.#runners.length;
      const now = performance.now();
      if (!this.#choice.settled && this.#next === 0 && this.#over(now)) this.#choice = this.#verdict();
      if (now - start >= milliseconds) break;
    }
    return this.#choice;
  }

  #measure(runner: Runner): void {
    const start = performance.now();
    this.#core.measureTile(runner.tile, runner.product, ROWS, INPUTS, OUTPUTS, runner.repetitions);
    const elapsed = performance.now() - start;
    const speed = (FLOPS * runner.repetitions) / Math.max(elapsed, clockFloor) / 1e6;
    if (elapsed < this.#slice / 2) runner.repetitions *= 2;
    if (elapsed < this.#slice / 4) return; // too short to mean anything
    if (elapsed > this.#slice * 2 && runner.repetitions > 1) runner.repetitions >>= 1;
    runner.first ||= speed;
    runner.held = speed > runner.best * 1.1 ? 0 : runner.held + 1;
    runner.best = Math.max(runner.best, speed);
  }

  /** Nothing can be measured without a clock: the default it is. */
  #giveUp(): void {
    this.#choice = { ...this.#fallback, why: `${this.#fallback.why}, and the clock stands still here`, settled: true };
  }

  #over(now: number): boolean {
    const waited = now - this.#started > PATIENCE;
    return this.#runners.every((runner) => runner.held >= HELD && (waited || runner.best > runner.first * JUMP));
  }

  #verdict(): TileChoice {
    const forward = this.#fastest(0);
    const gradient = this.#fastest(1);
    for (const tile of [forward, gradient]) {
      if (!this.#core.checkTile(tile))
        return { ...this.#fallback, why: `${this.#fallback.why}: ${names[tile]} computed wrong sums`, settled: true };
    }
    const list = (product: 0 | 1) =>
      this.#runners
        .filter((runner) => runner.product === product)
        .map((runner) => `${names[runner.tile]} ${runner.best.toFixed(1)}`)
        .join(', ');
    const why = `measured in GFLOP/s: forward ${list(0)}; weight gradient ${list(1)}`;
    return { forward, gradient, why, settled: true };
  }

  #fastest(product: 0 | 1): Tile {
    const runners = this.#runners.filter((runner) => runner.product === product);
    const byDefault = runners.find((runner) => runner.tile === this.#fallback.forward)!;
    const best = runners.reduce((a, b) => (b.best > a.best ? b : a));
    return best.best > byDefault.best * MARGIN ? best.tile : byDefault.tile;
  }
}

/** The race in one go: measured if that settles within `milliseconds`, the default otherwise. */
export function calibrate(core: TileCore, setting: TileSetting, milliseconds = 5): TileChoice {
  return new TileRace(core, setting).run(milliseconds);
}

/**
 * Sixteen columns need the 256-bit pass or the 32 registers of an ARM machine; elsewhere they run at half speed. A page does
 * not know its machine, and may run in JavaScriptCore.
 */
function candidates({ revectorized }: TileSetting): Tile[] {
  const wide = [Tile.Rows4Columns16, Tile.Rows5Columns16, Tile.Rows6Columns16];
  const narrow = [Tile.Rows4Columns8, Tile.Rows5Columns8, Tile.Rows6Columns8];
  if (revectorized) return wide;
  const { arch, versions } = host();
  if (versions?.bun !== undefined && arch === 'x64') return [...narrow, Tile.Rows6Columns8Steps];
  return arch === 'x64' ? narrow : [...narrow, Tile.Rows6Columns8Steps, Tile.Rows4Columns16, Tile.Rows6Columns16];
}

/** What Node and its like say of themselves; nothing in a page. */
function host(): { arch?: string; versions?: { v8?: string; bun?: string } } {
  return (globalThis as { process?: { arch?: string; versions?: { v8?: string; bun?: string } } }).process ?? {};
}

function oldV8(): boolean {
  return Number.parseInt(host().versions?.v8 ?? '', 10) < 13;
}

const clockFloor = 1e-6;

/** The clock's resolution in milliseconds: pages see it in steps of 5 microseconds to a millisecond. Infinity if it stands still. */
function clockStep(): number {
  let step = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    let now = start;
    for (let polls = 0; now === start && polls < MOST_POLLS; polls++) now = performance.now();
    if (now === start) break;
    step = Math.min(step, now - start);
  }
  return step;
}

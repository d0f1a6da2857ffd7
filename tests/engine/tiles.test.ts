// Choosing tiles by measurement: against a made-up core whose clock is ours, and once against the real one.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { Tile } from '../../assembly/abi.js';
import { calibrate, defaultTiles, TileRace, tileName, type TileCore } from '../../src/engine/tiles.js';
import { builds, loadProbe } from '../support/loadProbe.js';

let now = 0;

/** A core with a clock: GFLOP/s by tile and product once compiled for good, which takes `warmUp` ms; a quarter before. */
function fakeCore(speeds: Partial<Record<Tile, [forward: number, gradient: number]>>, warmUp: number, tick = 0.001): TileCore {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += tick / 50;
    return Math.floor(now / tick) * tick;
  });
  return {
    measureTile: (tile, product, rows, inputs, outputs, repetitions) => {
      const speed = (speeds[tile]?.[product] ?? 20) * (now < warmUp ? 0.25 : 1);
      now += (2 * rows * inputs * outputs * repetitions) / speed / 1e6;
    },
    checkTile: () => true,
  };
}

function finish(race: TileRace): number {
  let runs = 0;
  while (!race.choice.settled && runs < 1000) {
    race.run(1);
    runs++;
  }
  return runs;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('TileRace', () => {
  const simd = { build: 'simd', revectorized: false } as const;

  test('picks the fastest tile for each direction once compiled code has arrived', () => {
    const race = new TileRace(fakeCore({ [Tile.Rows6Columns8]: [45, 30], [Tile.Rows4Columns8]: [40, 39] }, 8), simd);
    const runs = finish(race);
    expect(tileName(race.choice)).toBe('6x8 and 4x8');
    expect(race.choice.why).toMatch(/^measured in GFLOP\/s: forward 4x8 4\d\.\d, 5x8/);
    expect(runs).toBeLessThan(60);
  });

  test('waits when code is slow to arrive, and then takes what it has', () => {
    const race = new TileRace(fakeCore({ [Tile.Rows6Columns8]: [45, 45] }, 60), simd);
    finish(race);
    expect(tileName(race.choice)).toBe('6x8');
    const steady = new TileRace(fakeCore({ [Tile.Rows6Columns8]: [45, 45] }, 0), simd); // compiled before: no jump to see
    finish(steady);
    expect(tileName(steady.choice)).toBe('6x8');
  });

  test('keeps the default against a tile that is hardly faster', () => {
    const { forward } = defaultTiles(simd);
    const other = forward === Tile.Rows5Columns8 ? Tile.Rows4Columns8 : Tile.Rows5Columns8;
    const race = new TileRace(fakeCore({ [forward]: [40, 40], [other]: [40.8, 40.8] }, 5), simd);
    finish(race);
    expect(race.choice).toMatchObject({ forward, gradient: forward, settled: true });
  });

  test('falls back to the default, and says so, when a tile computes wrong sums', () => {
    const core = { ...fakeCore({ [Tile.Rows6Columns8]: [45, 45] }, 5), checkTile: (tile: Tile) => tile !== Tile.Rows6Columns8 };
    const race = new TileRace(core, simd);
    finish(race);
    expect(race.choice).toMatchObject({ forward: defaultTiles(simd).forward, settled: true });
    expect(race.choice.why).toContain('6x8 computed wrong sums');
  });

  test('works with the clock of a page, which moves in tenths of a millisecond', () => {
    const race = new TileRace(fakeCore({ [Tile.Rows4Columns8]: [50, 50] }, 30, 0.1), simd);
    finish(race);
    expect(tileName(race.choice)).toBe('4x8');
  });

  test.each([
    ['from the start', 0],
    ['after a while', 300],
  ])('takes the default where the clock stands still %s, as it does in an edge worker', (_, moves) => {
    let calls = 0;
    const core = { measureTile: () => {}, checkTile: () => true };
    vi.spyOn(performance, 'now').mockImplementation(() => Math.min(calls++, moves) / 1000);
    const race = new TileRace(core, simd);
    for (let i = 0; i < 10; i++) race.run(1);
    expect(race.choice).toMatchObject({ forward: defaultTiles(simd).forward, settled: true });
    expect(race.choice.why).toContain('the clock stands still here');
  });

  test('tries sixteen columns only under the 256-bit pass', () => {
    const race = new TileRace(fakeCore({ [Tile.Rows4Columns16]: [90, 60], [Tile.Rows5Columns16]: [80, 80] }, 5), {
      build: 'simd',
      revectorized: true,
    });
    finish(race);
    expect(tileName(race.choice)).toBe('4x16 and 5x16');
  });
});

test('calibrate returns the default, unsettled, when there is no time', () => {
  const setting = { build: 'relaxed', revectorized: false } as const;
  expect(calibrate(fakeCore({}, 50), setting, 1)).toEqual(defaultTiles(setting));
});

test.each(builds)('the race settles on the real %s core, and every tile gives the plain sums', (build) => {
  const core = loadProbe<TileCore>(build);
  for (const tile of [0, 1, 2, 3, 4, 5, 6] as Tile[]) expect(core.checkTile(tile)).toBeTruthy();
  const race = new TileRace(core, { build, revectorized: false });
  for (let i = 0; i < 500 && !race.choice.settled; i++) race.run(2);
  expect(race.choice.settled).toBe(true);
  expect(race.choice.why).not.toContain('wrong sums');
});

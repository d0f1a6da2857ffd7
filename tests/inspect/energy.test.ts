// Joules from a made-up tree of counters: which are summed, how they wrap around, and what is said where they cannot be read.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { measureEnergy } from '../../src/inspect/energy.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'powercap-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A domain as the kernel shows it. */
function domain(entry: string, name: string, microjoules: number, range = 262_143_328_850): void {
  mkdirSync(join(folder, entry), { recursive: true });
  writeFileSync(join(folder, entry, 'name'), `${name}\n`);
  writeFileSync(join(folder, entry, 'energy_uj'), `${microjoules}\n`);
  writeFileSync(join(folder, entry, 'max_energy_range_uj'), `${range}\n`);
}
const counter = (entry: string) => Number(readFileSync(join(folder, entry, 'energy_uj'), 'utf8'));
const count = (entry: string, microjoules: number) => writeFileSync(join(folder, entry, 'energy_uj'), `${microjoules}\n`);
const options = () => ({ seconds: 1e-9, powercap: folder });

describe('measureEnergy', () => {
  test('sums packages alone: neither domains inside of them, nor the whole machine, nor a package seen twice', async () => {
    domain('intel-rapl:0', 'package-0', 5e6);
    domain('intel-rapl:1', 'package-1', 7e6);
    domain('intel-rapl:0:0', 'core', 1e6);
    domain('intel-rapl:2', 'psys', 1e6);
    domain('intel-rapl-mmio:0', 'package-0', 1e6);
    mkdirSync(join(folder, 'intel-rapl'));
    const energy = await measureEnergy(() => {
      for (const [entry, used] of [
        ['intel-rapl:0', 3e6],
        ['intel-rapl:1', 2e6],
        ['intel-rapl:0:0', 9e9],
        ['intel-rapl:2', 9e9],
        ['intel-rapl-mmio:0', 9e9],
      ] as const)
        count(entry, counter(entry) + used);
    }, options());
    expect(energy).toMatchObject({ joules: 5, runs: 1, method: 'rapl' });
    expect(energy.note).toContain('package-0 and package-1');
    expect(energy.watts).toBeCloseTo(5 / energy.seconds, 6);
  });

  test('follows a counter around its end', async () => {
    domain('intel-rapl:0', 'package-0', 999_000, 1_000_000);
    let turn = 0;
    const energy = await measureEnergy(() => {
      if (turn++ > 0) count('intel-rapl:0', 249_000); // past the end: 1,000 to it and 249,000 beyond
    }, options());
    expect(energy.joules).toBeCloseTo(0.25, 12);
  });

  test('repeats the work until it has taken long enough, and gives the figure of one run', async () => {
    domain('intel-rapl:0', 'package-0', 0);
    const energy = await measureEnergy(
      async () => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        count('intel-rapl:0', counter('intel-rapl:0') + 40_000);
      },
      { ...options(), seconds: 0.03 },
    );
    expect(energy.runs).toBeGreaterThan(2);
    expect(energy.joules).toBeCloseTo(0.04, 12);
    expect(energy.seconds * energy.runs).toBeGreaterThanOrEqual(0.03);
  });

  test('estimates where there is no counter, and says so and from what', async () => {
    const spin = () => {
      const end = performance.now() + 20;
      while (performance.now() < end);
    };
    for (const powercap of [folder, join(folder, 'none')]) {
      const energy = await measureEnergy(spin, { seconds: 0.05, powercap });
      expect(energy.method).toBe('estimate');
      expect(energy.note).toMatch(/^estimate, since there are no .*counters under .*busy threads of 4 W each$/);
      expect(energy.joules).toBeGreaterThan(0);
    }
    const [four, forty] = [4, 40].map((wattsPerThread) =>
      measureEnergy(spin, { seconds: 0.05, powercap: folder, wattsPerThread }),
    );
    expect((await forty!).note).toContain('40 W');
    expect((await four!).note).toContain('4 W');
  });

  test('estimates where counters stand still, and where only root may read them', async () => {
    domain('intel-rapl:0', 'package-0', 5);
    expect((await measureEnergy(() => 0, options())).note).toMatch(/^estimate, since the counters of RAPL did not move/);
    chmodSync(join(folder, 'intel-rapl:0', 'energy_uj'), 0);
    if (process.getuid?.() === 0) return; // root reads it all the same
    expect((await measureEnergy(() => 0, options())).note).toMatch(/^estimate, since only root may read the counters/);
  });

  test('passes on what the work throws, and refuses what is no work', async () => {
    await expect(
      measureEnergy(() => {
        throw new RangeError('no');
      }, options()),
    ).rejects.toThrow(RangeError);
    await expect(measureEnergy(5 as never)).rejects.toThrow('work: expected a function that does the work, got 5.');
    await expect(measureEnergy(() => 0, { second: 1 } as never)).rejects.toThrow(/Did you mean "seconds"/);
  });
});

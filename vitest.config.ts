import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Long files come first, so that none is left to run alone at the end. Vitest goes by their size, and the drivers of live pages are short. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => /learn(Chromium|Firefox|WebKit)/.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000, // a busy machine takes long to close a browser
    sequence: { sequencer: LongFirst },
    // A shared machine may starve a browser or a worker once; not three times in a row.
    retry: process.env['CI'] ? 2 : 0,
    pool: 'forks',
    // All cores where the whole suite runs: by default one is left free, half of a small machine.
    ...(process.env['CI'] ? { maxWorkers: '100%' } : {}),
    // Node 20 has relaxed SIMD behind a flag; later versions have it on, and refuse the flag.
    execArgv: Number.parseInt(process.versions.node, 10) < 22 ? ['--experimental-wasm-relaxed-simd'] : [],
  },
});

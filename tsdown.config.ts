import { defineConfig } from 'tsdown';

const common = { format: 'esm', target: 'es2022', minify: false, outDir: 'dist' } as const;

const library = defineConfig({
  ...common,
  entry: {
    index: 'src/index.ts',
    baseline: 'src/baseline/index.ts',
    worker: 'src/worker/index.ts',
    'worker-entry': 'src/worker/worker-entry.ts',
  },
  platform: 'neutral',
  dts: true,
  clean: true,
  // The bundler's own few lines in a chunk of their own: a worker would load tables and CSV for them.
  outputOptions: { codeSplitting: { groups: [{ name: 'runtime', test: /rolldown.runtime/ }] } },
});

// Programs of their own, with what they need of the library in them: what they import does not decide how it is cut into chunks.
const programs = defineConfig({
  ...common,
  entry: { cli: 'src/cli/main.ts', 'trial-worker': 'src/estimators/trialWorker.ts' },
  platform: 'node',
  dts: false,
  clean: false,
  fixedExtension: false,
  outputOptions: { chunkFileNames: 'program-[hash].js' },
});

export default [library, programs];

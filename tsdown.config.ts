import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    baseline: 'src/baseline/index.ts',
    worker: 'src/worker/index.ts',
    'worker-entry': 'src/worker/worker-entry.ts',
    'trial-worker': 'src/estimators/trialWorker.ts',
    cli: 'src/cli/main.ts',
  },
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  dts: true,
  clean: true,
  minify: false,
  outDir: 'dist',
  // The bundler's own few lines in a chunk of their own: a worker would load tables and CSV for them.
  outputOptions: { codeSplitting: { groups: [{ name: 'runtime', test: /rolldown.runtime/ }] } },
});

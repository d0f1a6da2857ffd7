import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsdown';
import { inlineEnums } from './scripts/inline-enums.mjs';
import { inlineWorker } from './scripts/inline-worker.mjs';
import { leanLoader } from './scripts/lean-loader.mjs';
import { licences } from './scripts/licences.mjs';
import { oneFile } from './scripts/one-file.mjs';
import { requireTypes } from './scripts/require-types.mjs';

const common = { format: 'esm' as const, target: 'es2022', minify: false, outDir: 'dist', plugins: [inlineEnums(), leanLoader(), licences()] };

/** Packages that are part of the files. */
const bundled = ['comlink', 'papaparse', 'pbf'];

/** It is bundled as its authors shrink it. */
const papaparse = { alias: { papaparse: 'papaparse/papaparse.min.js' } };

/** Modules by path, declarations left out. */
const code = (path: RegExp) => (id: string) => path.test(id) && !/\.d\.[cm]?ts$/.test(id);

const entries = {
  index: 'src/entries/index.ts',
  baseline: 'src/entries/baseline.ts',
  worker: 'src/entries/worker.ts',
  onnx: 'src/entries/onnx.ts',
  safetensors: 'src/entries/safetensors.ts',
  standalone: 'src/entries/standalone.ts',
  files: 'src/entries/files.ts',
  report: 'src/entries/report.ts',
  search: 'src/entries/search.ts',
  labs: 'src/entries/labs.ts',
};

const workerText = inlineWorker({ script: 'src/entries/worker-entry.ts', plugins: [inlineEnums(), leanLoader()] });

const library = defineConfig({
  ...common,
  entry: { ...entries, 'worker-entry': 'src/entries/worker-entry.ts' },
  platform: 'neutral',
  plugins: [...common.plugins, workerText, requireTypes()],
  // What browsers load names no package: pages without a bundler cannot resolve one.
  deps: { neverBundle: [/^node:/], alwaysBundle: bundled },
  dts: true,
  clean: true,
  copy: ['build/simd.wasm', 'build/relaxed.wasm', 'build/predict.wasm'],
  inputOptions: {
    preserveEntrySignatures: 'allow-extension', // what the next option wants
    resolve: papaparse,
  },
  outputOptions: {
    comments: { jsdoc: false }, // the declarations have it, and engines read the source text at every import
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        // The bundler's own few lines in a chunk of their own: a worker would load tables and CSV for them.
        { name: 'runtime', test: /rolldown.runtime/ },
        // The ground floor stands apart too: a group takes along what it imports, and everything imports these.
        { name: 'errors', test: /src\/(brands|errors|options|platform)\.ts$/ },
        // What imports papaparse stands apart, so that bundlers leave both out where no CSV is read.
        { name: 'csv', test: code(/src\/data\/csv\/|papaparse/) },
        // The packed core imports nothing, so that bundlers put it before all else: in the midst of other text it costs 2 kB more gzipped.
        { name: 'packed', test: code(/src\/engine\/binaries\.generated/) },
        // Else few files: each costs Node a millisecond or two at import. Bundlers take from them what is used.
        { name: 'core', test: code(/src\/(engine\/|core\/(?!pass|init)|mlp\/(?!float64))|assemblyscript\/loader/) },
        {
          name: 'model',
          test: code(
            /src\/(errors|options|plan|training|inspect|model|formats\/(modelFile|encodeModel|container|float16|fileChecks|tensorReader|trainingSection|foreign|safetensors|json|checksum|version)|data\/(matrix|random|elementary|allocate|goldenSection|holdOut|split|labels|strided|textColumns|metrics\/sums))/,
          ),
        },
        { name: 'data', test: code(/src\/(data|baseline)\//) },
      ],
    },
  },
});

// For require(), as Jest does by default: programs that nobody bundles, so in files cut as they come. Workers are those of the modules.
const forRequire = (entry: Record<string, string>) =>
  defineConfig({
  ...common,
  entry,
  format: 'cjs',
  platform: 'neutral',
  minify: { compress: false, mangle: false, codegen: { removeWhitespace: true } },
  plugins: [...common.plugins, workerText],
  deps: { neverBundle: [/^node:/], alwaysBundle: bundled },
  inputOptions: { resolve: papaparse },
  outputOptions: { comments: false, chunkFileNames: 'require-[hash].cjs' },
  dts: false,
  clean: false,
  });

// Programs of their own, with what they need of the library in them: what they import does not decide how it is cut into chunks.
const programs = defineConfig({
  ...common,
  minify: true, // nobody bundles them
  entry: {
    cli: 'src/cli/main.ts',
    'lab-worker': 'src/cli/labWorker.ts',
    'search-pool': 'src/search/threadPool.ts',
    'search-worker': 'src/search/threadWorker.ts',
  },
  platform: 'node',
  deps: { alwaysBundle: ['papaparse', 'workerpool'] },
  inputOptions: { resolve: papaparse },
  dts: false,
  clean: false,
  fixedExtension: false,
  outputOptions: { chunkFileNames: 'program-[hash].js' },
});

const { name, version, license } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, string>;

/** No page can set V8's flags: in its place what it would say. */
const withoutPass = {
  name: 'without-pass',
  load: {
    filter: { id: /src\/core\/pass\.ts$/ },
    handler: () =>
      "export const provePass = async ({ setPass }) => setPass(undefined, 'the 256-bit pass is off: it needs Node 24 or later');",
  },
};

// For pages without a bundler: all of it in one file, as a module and as a classic script.
const page = defineConfig({
  ...common,
  minify: true,
  entry: { [name!]: 'virtual:one-file' },
  format: 'iife',
  globalName: name!,
  platform: 'neutral',
  plugins: [
    ...common.plugins,
    withoutPass,
    oneFile({
      name,
      entry: 'src/entries/page.ts',
      banner: `/*! ${name} ${version}, ${license} licence; parts of it by others: see dist/licenses in the package. */\n`,
    }),
  ],
  deps: { neverBundle: [/^node:/], alwaysBundle: bundled },
  inputOptions: { resolve: papaparse, transform: { define: { 'import.meta.url': 'undefined' } } },
  outputOptions: { codeSplitting: false },
  dts: false,
  clean: false,
});

// Both predictors share no chunk with the rest, whose tables a page that only predicts would load. Their core stands first, for gzip's sake.
const predict = { predict: 'src/entries/predict.ts', 'predict-light': 'src/entries/predict-light.ts' };
const predictor = defineConfig({
  ...common,
  entry: predict,
  plugins: [...common.plugins, requireTypes()],
  platform: 'neutral',
  dts: true,
  clean: false,
  inputOptions: { preserveEntrySignatures: 'allow-extension' },
  outputOptions: {
    // Parts stand apart, so that bundlers leave out whole files of what is not handed to loadPredictor.
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        { name: 'predict-core', test: code(/src\/predict\/core\.generated/) },
        { name: 'predict-integers', test: code(/src\/(integer\/|predict\/parts\/integers)/) },
        { name: 'predict-gradients', test: code(/src\/predict\/(parts\/gradients|wholeCore|back\.generated)/) },
        { name: 'predict-dates', test: code(/src\/(data\/(dates|calendar)\.|predict\/parts\/dates)/) },
        { name: 'predict-intervals', test: code(/src\/(data\/(certainty\/(conformal|intervals|predictionSets)|normal|rows64|holdOut)\.|predict\/parts\/intervals)/) },
        { name: 'predict-approximations', test: code(/src\/(data\/domain|predict\/parts\/approximations)/) },
        // What parts build on. Neither an entry nor what joins all parts may be in it: both import them, and that would be a circle.
        { name: 'predict-base', test: code(/src\/(?!entries\/predict|predict\/parts\/loadAny)/) },
      ],
    },
  },
});

export default [library, forRequire(entries), programs, page, predictor, forRequire(predict)];

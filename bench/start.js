// Where the time from import to the first prediction goes, each figure the least of many fresh processes; what of it is the
// engine's work on source text, which grows with the text alone; and how much of the core's gzipped size each part takes.
//
// Beside it every entry, and other libraries where bench/peers has them installed.
//
//   node bench/start.js [--runs 15]

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { inlineEnums } from '../scripts/inline-enums.mjs';
import { BUNDLES, ENGINES, start } from './peers/engines.mjs';
import { NETS, writeData } from './peers/nets.mjs';
import { machine, table } from './support/report.js';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '15' } } });
const { processor, cores, runtime, date } = machine();
console.log(`${processor}, ${cores} cores, ${runtime}, ${date}\nnode bench/start.js\n`);

const root = new URL('..', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'start-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const write = (name, text) => {
  writeFileSync(join(folder, name), text);
  return pathToFileURL(join(folder, name)).href;
};

/** What is exported by `code` and what it needs, as a bundler makes it; its modules, with their code. */
async function bundle(code, from = root) {
  const entry = join(from, 'start-entry.mjs'); // there in memory alone: what it imports is looked for from there
  const build = await rolldown({
    input: entry,
    logLevel: 'silent',
    platform: 'browser',
    external: [/^node:/],
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    plugins: [
      inlineEnums(),
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
    ],
  });
  const whole = (await build.generate({ codeSplitting: false })).output[0];
  const minified = (await build.generate({ codeSplitting: false, minify: true })).output[0].code;
  return { minified, modules: Object.entries(whole.modules).map(([id, { code }]) => [id.replace(`${root}`, ''), code ?? '']) };
}

/** The least, over fresh processes, of each of the milliseconds that `program` prints as JSON. */
function least(program, env = {}) {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, program);
  const best = {};
  for (let i = 0; i < Number(values.runs); i++) {
    const times = JSON.parse(execFileSync(process.execPath, [file], { encoding: 'utf8', env: { ...process.env, ...env } }));
    for (const [name, ms] of Object.entries(times)) best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, ms);
  }
  return best;
}

function kilobytes(...files) {
  return (files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0) / 1000).toFixed(1);
}

const firstPrediction = (url) => `
const start = performance.now();
const { MLP, dense } = await import('${url}');
const imported = performance.now();
const model = new MLP({ inputs: 2, layers: [dense(16, { activation: 'tanh' }), dense(16, { activation: 'tanh' }), dense(1)] });
const made = performance.now();
model.predict([[1, 2]]);
const end = performance.now();
console.log(JSON.stringify({ import: imported - start, 'new MLP': made - imported, 'first predict': end - made, total: end - start }));`;

/** From import to the first prediction of a saved model. */
const firstAnswer = (url, file) => `
import { readFileSync } from 'node:fs';
const bytes = readFileSync('${file}');
const start = performance.now();
const { loadPredictor } = await import('${url}');
const imported = performance.now();
const predictor = loadPredictor(bytes);
const made = performance.now();
predictor.predict([[1, 2]]);
const end = performance.now();
console.log(JSON.stringify({ import: imported - start, load: made - imported, 'first predict': end - made, total: end - start }));`;

/** The same from a module of exportModule: plain JavaScript and its weights. */
const firstExported = (url) => `
const start = performance.now();
const { predict } = await import('${url}');
const imported = performance.now();
predict([[1, 2]]);
const end = performance.now();
console.log(JSON.stringify({ import: imported - start, load: 0, 'first predict': end - imported, total: end - start }));`;

const { minified, modules } = await bundle(`export { MLP, dense } from '${root}src/entries/index.ts'`);
// The build that this engine takes: Node 20 has relaxed SIMD behind a flag.
const wasm = ['relaxed', 'simd']
  .map((build) => join(root, `dist/${build}.wasm`))
  .find((file) => WebAssembly.validate(readFileSync(file)));
const index = pathToFileURL(join(root, 'dist/index.js')).href;
const core = write('core.mjs', minified);
const cache = { NODE_COMPILE_CACHE: join(folder, 'cache') };
const cases = {
  "the package, import 'feedforward'": least(firstPrediction(index)),
  'the same with NODE_COMPILE_CACHE': least(firstPrediction(index), cache),
  '{ MLP, dense } bundled and minified': least(firstPrediction(core)),
  'the same with NODE_COMPILE_CACHE ': least(firstPrediction(core), cache),
};
const columns = ['import', 'new MLP', 'first predict', 'total'];
console.log(
  table([
    ['milliseconds', ...columns],
    ...Object.entries(cases).map(([name, of]) => [name, ...columns.map((c) => of[c].toFixed(1))]),
  ]),
);

const { MLP, dense } = await import(index);
const saved = new MLP({
  inputs: 2,
  layers: [dense(16, { activation: 'tanh' }), dense(16, { activation: 'tanh' }), dense(1)],
});
writeFileSync(join(folder, 'model.ff'), saved.save());
const { exportModule } = await import(pathToFileURL(join(root, 'dist/standalone.js')).href);
const predictor = write(
  'predict.mjs',
  (await bundle(`export { loadPredictor } from '${join(root, 'dist/predict.js')}'`)).minified,
);
const light = write(
  'predict-light.mjs',
  (await bundle(`export { loadPredictor } from '${join(root, 'dist/predict-light.js')}'`)).minified,
);
const plain = write('plain.mjs', exportModule(saved).code);
const answers = {
  '{ loadPredictor } bundled and minified': least(firstAnswer(predictor, join(folder, 'model.ff'))),
  'the light { loadPredictor } bundled and minified': least(firstAnswer(light, join(folder, 'model.ff'))),
  'an empty module': least(
    `const start = performance.now(); await import('${write('nothing.mjs', '')}'); const ms = performance.now() - start;
console.log(JSON.stringify({ import: ms, load: 0, 'first predict': 0, total: ms }));`,
  ),
  '{ loadPredictor } with NODE_COMPILE_CACHE': least(firstAnswer(predictor, join(folder, 'model.ff')), cache),
  'plain JavaScript, exportModule': least(firstExported(plain)),
};
const steps = ['import', 'load', 'first predict', 'total'];
console.log('\nfrom a saved 2-16-16-1 network to its first prediction:');
console.log(
  table([
    ['milliseconds', ...steps],
    ...Object.entries(answers).map(([name, of]) => [name, ...steps.map((c) => of[c].toFixed(1))]),
  ]),
);

const { exports: ways } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(ways).filter((way) => /^\.(\/[a-z]+)*$/.test(way));
const weights = [['entry, everything in it', 'kB minified and gzipped', 'milliseconds to import']];
for (const entry of entries) {
  const file = join(root, `dist/${entry === '.' ? 'index' : entry.slice(2).replace('/', '-')}.js`);
  const { minified: all } = await bundle(`export * from '${file}'`);
  const { ms } = least(`const start = performance.now(); await import('${pathToFileURL(file).href}');
console.log(JSON.stringify({ ms: performance.now() - start }));`);
  weights.push([`feedforward${entry.slice(1)}`, kilobytes(all), ms.toFixed(1)]);
}
console.log(`\n${table(weights)}`);

// The same network in other libraries, each as bench/peers uses it.
const data = mkdtempSync(join(tmpdir(), 'start-peers-'));
process.on('exit', () => rmSync(data, { recursive: true, force: true }));
writeData(data);
const peers = ['naive', 'jax', 'tfjs:wasm', 'tfjs:cpu', 'onnxruntime:web', 'onnxruntime:node', 'brain'];
const others = [['others, 2-16-16-1', 'milliseconds to the first prediction', 'kB minified and gzipped, with their .wasm']];
for (const name of peers) {
  const { label } = ENGINES[name];
  try {
    const times = Array.from({ length: Number(values.runs) }, () => firstOf(name));
    others.push([label, Math.min(...times).toFixed(1), await weightOf(BUNDLES[name]).catch(() => '')]);
  } catch (error) {
    others.push([label, error.message.split('\n')[0], '']);
  }
}
others.push([
  '{ loadPredictor } bundled and minified',
  answers['{ loadPredictor } bundled and minified'].total.toFixed(1),
  kilobytes(readFileSync(new URL(predictor))),
]);
console.log(`\n${table(others)}`);

/** Milliseconds from import to the first prediction of a peer, in a process of its own. */
function firstOf(name) {
  const { command, args, env } = start(name, { node: process.execPath, nodeFlags: [], folder: data });
  const options = { input: `first ${NETS[0]}\n`, encoding: 'utf8', env: { ...process.env, ...env }, timeout: 60_000 };
  const { stdout, stderr } = spawnSync(command, args, options);
  const line = stdout.split('\n').find((text) => text.startsWith('{"ms"'));
  if (line !== undefined) return JSON.parse(line).ms;
  throw new Error(
    /Cannot find package/.test(stderr + stdout) ? 'not installed: npm ci --ignore-scripts in bench/peers' : 'gave no answer',
  );
}

/** What a page downloads for a peer. */
async function weightOf(parts) {
  if (parts === undefined) return '';
  const from = join(root, 'bench/peers');
  const { minified: code } = await bundle(parts.entry, from);
  return kilobytes(code, ...(parts.files ?? []).map((file) => readFileSync(join(from, 'node_modules', file))));
}

const chunks = readdirSync(join(root, 'dist')).filter((file) =>
  /^(index|packed|model|core|tensors|data|csv|errors)(-.*)?\.js$/.test(file),
);
const sources = {
  'the package': chunks.map((file) => readFileSync(join(root, 'dist', file), 'utf8')),
  '{ MLP, dense }, minified': [minified],
};
console.log('\nof which the engine takes, before a line of ours runs:');
const limits = [['', 'kB', 'milliseconds']];
for (const [name, texts] of Object.entries(sources)) {
  const scripts = texts.map((text) =>
    text
      .replaceAll(/^import .*$/gm, '')
      .replaceAll(/export ?\{[^}]*\};?/g, '')
      .replaceAll('import.meta', '({})'),
  );
  writeFileSync(join(folder, 'sources.json'), JSON.stringify(scripts));
  const { ms } = least(`
import { Script } from 'node:vm';
import { readFileSync } from 'node:fs';
const texts = JSON.parse(readFileSync('${join(folder, 'sources.json')}', 'utf8'));
const start = performance.now();
for (const text of texts) new Script(text);
console.log(JSON.stringify({ ms: performance.now() - start }));`);
  limits.push([`compile ${name}`, (scripts.join('').length / 1000).toFixed(0), ms.toFixed(1)]);
}
const empty = least(`const start = performance.now(); await import('${write('empty.mjs', '')}');
console.log(JSON.stringify({ ms: performance.now() - start }));`);
const module = least(`
import { readFileSync } from 'node:fs';
const bytes = readFileSync('${wasm}');
const start = performance.now();
new WebAssembly.Instance(new WebAssembly.Module(bytes));
console.log(JSON.stringify({ ms: performance.now() - start }));`);
limits.push(['import an empty module', '0', empty.ms.toFixed(1)]);
limits.push(['compile and instantiate the core', (readFileSync(wasm).length / 1000).toFixed(0), module.ms.toFixed(1)]);
console.log(table(limits));

const size = gzipSync(minified, { level: 9 }).length;
const parts = new Map();
for (const [id, code] of modules) {
  const part = /binaries\.generated/.test(id)
    ? 'the WebAssembly core'
    : id.startsWith('assembly')
      ? 'src/engine'
      : id.split('/').slice(0, 2).join('/');
  parts.set(part, (parts.get(part) ?? '') + code);
}
const shares = [...parts].filter(([, code]) => code !== '').map(([part, code]) => [part, gzipSync(code, { level: 9 }).length]);
const packed = shares.find(([part]) => part === 'the WebAssembly core')[1];
const rest = shares.reduce((sum, [, bytes]) => sum + bytes, 0) - packed;
console.log(`\n{ MLP, dense } minified and gzipped: ${(size / 1000).toFixed(1)} kB, by part:`);
console.log(
  table(
    shares
      .map(([part, bytes]) => [part, bytes === packed ? packed : (bytes * (size - packed)) / rest])
      .sort((a, b) => b[1] - a[1])
      .map(([part, bytes]) => [part, `${(bytes / 1000).toFixed(1)} kB`]),
  ),
);

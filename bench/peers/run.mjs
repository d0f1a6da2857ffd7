// The bench against peers: every engine does the same work on the same data, in a process of its own on one pinned core.
//   node bench/peers/run.mjs [--quick] [--json FILE] [--engines a,b,c] [--node PATH] [--node-flags "--flag"] [--python PATH] [--core N]
// First the results are checked against plain JavaScript: the loss of every step and the outputs afterwards. Then the engines
// are timed in interleaved rounds, so that a slow moment of the machine hits all of them, and lower quartiles are compared.
// --quick: fewer and shorter rounds, for a look. See README.md.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { BUNDLES, ENGINES, firstLine, start } from './engines.mjs';
import { loadMnist } from '../../examples/support/mnist.js';
import { NETS, parse, writeData, writeMnist } from './nets.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    engines: { type: 'string', default: Object.keys(ENGINES).join() },
    node: { type: 'string', default: process.execPath },
    'node-flags': { type: 'string', default: '' },
    python: { type: 'string', default: '/usr/bin/python3' },
    core: { type: 'string', default: String(os.cpus().length - 1) },
  },
});
const { quick } = options;
const names = options.engines.split(',');
for (const name of names)
  if (!ENGINES[name]) throw new Error(`--engines: unknown "${name}". One of: ${Object.keys(ENGINES).join(', ')}`);

// Milliseconds of warm-up in the first race (engines compile as they go) and in the others, and of a slice.
const EFFORT = quick
  ? { first: 600, warm: 200, slice: 25, rounds: 3, slowRounds: 1, starts: 1 }
  : { first: 4000, warm: 1000, slice: 60, rounds: 9, slowRounds: 3, starts: 5 };
const SLOW = 300_000; // microseconds: a call that takes longer gets fewer rounds
const STEPS = 2000; // a round's most steps from the initial weights: long before slots decay into denormals

const folder = mkdtempSync(`${os.tmpdir()}/peers-`);
const nodeFlags = options['node-flags'].split(' ').filter(Boolean);
const began = Date.now();

// ---- processes --------------------------------------------------------------------------------------------------------

/** A process that answers a line of JSON to each line of words. */
class Child {
  constructor(name) {
    const { command, args, env } = start(name, { node: options.node, nodeFlags, python: options.python, folder });
    const pinned = process.platform === 'linux' ? ['taskset', '-c', options.core] : [];
    const [first, ...rest] = [...pinned, command, ...args];
    this.process = spawn(first, rest, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    this.errors = '';
    this.process.stderr.on('data', (text) => (this.errors = (this.errors + text).slice(-2000)));
    this.process.on('error', (error) => this.fail(error.message));
    this.process.on('exit', (code, signal) => this.fail(`ended (${signal ?? code}): ${firstLine(this.errors)}`));
    this.process.stdin.on('error', () => {});
    createInterface({ input: this.process.stdout }).on(
      'line',
      (line) => line.startsWith('{') && this.settle?.resolve(JSON.parse(line)),
    );
  }

  fail(message) {
    this.failure = message;
    this.settle?.reject(new Error(message));
  }

  /** The answer; throws if the engine reports an error, returns null if it does not do this. */
  async ask(...words) {
    if (this.failure) throw new Error(this.failure);
    const answer = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.process.kill() && reject(new Error(`no answer to: ${words.join(' ')}`)), 180_000);
      const done = (settle) => (value) => {
        clearTimeout(timer);
        settle(value);
      };
      this.settle = { resolve: done(resolve), reject: done(reject) };
      this.process.stdin.write(`${words.join(' ')}\n`);
    });
    if (answer.error) throw new Error(answer.error);
    return answer.unsupported ? null : answer;
  }

  close() {
    this.process.removeAllListeners('exit');
    this.process.stdin.end();
    this.process.kill();
  }
}

// ---- measuring --------------------------------------------------------------------------------------------------------

const children = new Map();
const report = {
  command: ['run.mjs', ...process.argv.slice(2)].join(' '),
  date: new Date().toISOString(),
  engines: {},
  absent: {},
};
const spreads = []; // of the rounds of each race: half of the range over the median
let raced = 0;
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
/** The figure of a race: other programs only ever add time, so a round of the better half says more than the middle one. */
const lowerQuartile = (values) => values.toSorted((a, b) => a - b)[values.length >> 2];

/** Interleaved rounds of one task over all engines: { engine: { us, all } }. `words(ms)` is the command. */
async function race(words, accept = () => {}) {
  const results = {};
  const rounds = {};
  const warmUp = raced++ ? EFFORT.warm : EFFORT.first;
  for (const [name, child] of children) {
    try {
      const warm = await child.ask(...words(warmUp));
      if (!warm) continue;
      accept(name, warm);
      results[name] = [];
      rounds[name] = warm.us > SLOW ? EFFORT.slowRounds : EFFORT.rounds;
    } catch (error) {
      drop(name, error);
    }
  }
  for (let round = 0; round < EFFORT.rounds; round++) {
    for (const name of Object.keys(results)) {
      if (round < rounds[name]) results[name].push((await children.get(name).ask(...words(EFFORT.slice))).us);
    }
  }
  for (const all of Object.values(results)) spreads.push((Math.max(...all) - Math.min(...all)) / 2 / median(all));
  return Object.fromEntries(Object.entries(results).map(([name, all]) => [name, { us: lowerQuartile(all), all }]));
}

function drop(name, error) {
  report.absent[name] = error.message;
  say(`  ${ENGINES[name].label.padEnd(26)} left out: ${error.message.split(' | ')[0]}`);
  children.get(name)?.close();
  children.delete(name);
}

/** Throws unless two lists agree within `tolerance` of values around 1. */
function agree(what, values, reference, tolerance) {
  reference.forEach((expected, i) => {
    if (!(Math.abs(values[i] - expected) <= tolerance * Math.max(1, Math.abs(expected)))) {
      throw new Error(`wrong ${what} [${i}]: ${values[i]}, plain JavaScript has ${expected}`);
    }
  });
}

// ---- output -----------------------------------------------------------------------------------------------------------

const say = (text = '') => console.log(text);
const three = (value) =>
  value === undefined ? '' : value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));

/** A Markdown table, aligned so that it can be read as it is. */
function table(title, columns, rows) {
  const cells = [['', ...columns], ...rows].map((row) => row.map(String));
  const widths = cells[0].map((_, c) => Math.max(...cells.map((row) => row[c].length), 3));
  const line = (row) => `| ${row.map((cell, c) => (c ? cell.padStart(widths[c]) : cell.padEnd(widths[c]))).join(' | ')} |`;
  const rule = `|${widths.map((width, c) => (c ? `${'-'.repeat(width + 1)}:` : '-'.repeat(width + 2))).join('|')}|`;
  say(`\n${title}\n`);
  say([line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n'));
}

/** Times by engine and cell, then the same as multiples of the first engine that has all of them. */
function times(title, key, cells) {
  const results = report[key];
  const present = names.filter((name) => cells.some((cell) => results[cell]?.[name]));
  const rows = (format) =>
    present.map((name) => [ENGINES[name].label, ...cells.map((cell) => format(results[cell][name]?.us, cell))]);
  table(`${title}, microseconds`, cells, rows(three));
  const base = ['feedforward', 'native', ...present].find((name) => present.includes(name));
  const ratio = (us, cell) => (us && results[cell][base] ? `${three(us / results[cell][base].us)}x` : '');
  table(`${title}, times what ${ENGINES[base].label} takes`, cells, rows(ratio));
}

// ---- the run ----------------------------------------------------------------------------------------------------------

try {
  writeData(folder);
  report.machine = `${os.cpus()[0].model}, ${os.cpus().length} cores, ${os.type()} ${os.release()} ${os.arch()}`;
  report.load = os.loadavg()[0];
  say(`${report.machine}; core ${options.core}; load ${report.load.toFixed(2)}; ${report.date}`);
  say(`${report.command}${report.load > 0.5 ? '\nThe machine is not idle: expect noise.' : ''}\n`);

  for (const name of names) {
    try {
      const child = new Child(name);
      children.set(name, child);
      const about = await child.ask('about');
      if (!about) throw new Error('not available here');
      report.engines[name] = { label: ENGINES[name].label, ...about };
      say(`  ${ENGINES[name].label.padEnd(26)} ${report.engines[name].version}`);
    } catch (error) {
      drop(name, error);
    }
  }
  const probe = names.find(
    (name) => children.has(name) && ENGINES[name].kind !== 'limit' && !['numpy', 'torch', 'sklearn'].includes(name),
  );
  report.peak = {
    wasm: probe ? await children.get(probe).ask('peak', 200) : null,
    native: children.has('native') ? await children.get('native').ask('peak', 200) : null,
  };
  const gflops = (value) => (value ? `${value.toFixed(1)} GFLOP/s` : 'not there');
  if (report.peak.wasm) {
    const { simd, relaxed, version } = report.peak.wasm;
    say(`\nRegister peak, WebAssembly (${version}): mul + add ${gflops(simd)}, relaxed madd ${gflops(relaxed)}`);
  }
  if (report.peak.native)
    say(`Register peak, native: 128-bit ${gflops(report.peak.native.bits128)}, 256-bit ${gflops(report.peak.native.bits256)}`);

  // Results first. The reference is plain JavaScript, in a process of its own even if it does not take part.
  const reference = new Child('naive');
  const cells = NETS.flatMap((spec) => [32, 256].map((rows) => ({ spec, rows, cell: `${parse(spec).name} b${rows}` })));
  const trained = quick ? cells.filter(({ cell }) => cell !== '784-512-512-10 b256') : cells;
  for (const { spec, rows, cell } of trained) {
    const steps = cell.startsWith('784-512') || quick ? 3 : 10;
    const expected = await reference.ask('check', spec, rows, steps);
    for (const [name, child] of children) {
      try {
        const found = await child.ask('check', spec, rows, steps);
        if (!found) continue;
        agree(`loss at ${cell}`, found.losses, expected.losses, 1e-4);
        agree(`prediction at ${cell}`, found.predictions, expected.predictions, 1e-3);
      } catch (error) {
        drop(name, error);
      }
    }
  }
  say(`\nChecked: the same losses (within 1e-4) and predictions (1e-3) from ${children.size} engines.`);

  report.train = {};
  for (const { spec, rows, cell } of trained)
    report.train[cell] = await race((ms) => ['train', spec, rows, ms, STEPS * (ms > 500 ? 10 : 1)]);
  times(
    'Adam training step',
    'train',
    trained.map(({ cell }) => cell),
  );

  report.predict = {};
  report.forward = {};
  for (const spec of NETS) {
    const net = parse(spec);
    // brain.js applies the hidden activation to the output as well.
    const matching = (expected) => (name, found) => {
      const values =
        name === 'brain' && net.output === 'identity'
          ? expected.map(net.activation === 'tanh' ? Math.tanh : (v) => Math.max(0, v))
          : expected;
      agree(`prediction of ${net.name}`, found.predictions, values, 1e-4);
    };
    const one = await reference.ask('predict', spec, 1, 1);
    report.predict[net.name] = await race((ms) => ['predict', spec, ms, 1e6], matching(one.predictions));
    const many = await reference.ask('forward', spec, 256, 1, 1);
    report.forward[`${net.name} b256`] = await race((ms) => ['forward', spec, 256, ms, 1e6], matching(many.predictions));
  }
  times('Predicting one row', 'predict', Object.keys(report.predict));
  times('Forward, 256 rows', 'forward', Object.keys(report.forward));

  const shared = names.filter((name) => report.train['784-128-10 b256']?.[name] && report.forward['784-128-10 b256']?.[name]);
  const cost = (name, cell) =>
    report.train[cell]?.[name] ? `${three(report.train[cell][name].us / report.forward[cell][name].us)}` : '';
  table(
    'Training step over forward pass, 256 rows',
    Object.keys(report.forward),
    shared.map((name) => [ENGINES[name].label, ...Object.keys(report.forward).map((cell) => cost(name, cell))]),
  );

  const square = await reference.ask('product', 512, 1, 1);
  report.product = await race(
    (ms) => ['product', 512, ms, 1e6],
    (_, found) => agree('product', found.sample, square.sample, 1e-4),
  );
  const speed = (us) => (2 * 512 ** 3) / us / 1e3;
  const wasmPeak = Math.max(report.peak.wasm?.relaxed ?? 0, report.peak.wasm?.simd ?? 0);
  table(
    'Matrix product, N = 512',
    ['GFLOP/s', 'of the 128-bit WebAssembly peak', 'of the native peak'],
    Object.entries(report.product).map(([name, { us }]) => [
      ENGINES[name].label,
      three(speed(us)),
      wasmPeak ? `${Math.round((speed(us) / wasmPeak) * 100)} %` : '',
      report.peak.native ? `${Math.round((speed(us) / report.peak.native.bits256) * 100)} %` : '',
    ]),
  );
  reference.close();

  if (!quick) await wholeMnist();

  // Fresh processes: import to first prediction; then a hundred steps, and the most memory the process ever held.
  report.first = {};
  report.memory = {};
  for (const name of [...children.keys()]) {
    const all = [];
    for (let i = 0; i < EFFORT.starts; i++) {
      const child = new Child(name);
      try {
        all.push((await child.ask('first', NETS[0])).ms);
        if (i === EFFORT.starts - 1) report.memory[name] = (await child.ask('memory', NETS[2], 32, quick ? 20 : 100))?.bytes;
      } finally {
        child.close();
      }
    }
    report.first[name] = { ms: median(all), all };
  }
  report.gzipped = await bundles();
  table(
    'Around the work',
    ['import to first prediction, ms', 'peak memory, MB', 'gzipped, kB'],
    [...children.keys()].map((name) => [
      ENGINES[name].label,
      three(report.first[name].ms),
      report.memory[name] ? Math.round(report.memory[name] / 1e6) : '',
      report.gzipped[name] ? three(report.gzipped[name] / 1000) : '',
    ]),
  );

  goals(trained.map(({ cell }) => cell));
  report.spread = median(spreads);
  say(
    `\nRounds of a race lie within +-${Math.round(report.spread * 100)} % of their median (median race). Took ${Math.round((Date.now() - began) / 1000)} s.`,
  );
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 1)}\n`);
} finally {
  for (const child of children.values()) child.close();
  rmSync(folder, { recursive: true, force: true });
}

/** One epoch over the 60,000 images, 784-128-10 in batches of 32: what a user waits for. Losses must come out alike. */
async function wholeMnist() {
  writeMnist(folder, loadMnist());
  report.mnist = {};
  for (const [name, child] of children) {
    try {
      const answer = await child.ask('mnist', NETS[2], 32);
      if (answer) report.mnist[name] = answer;
    } catch (error) {
      drop(name, error);
    }
  }
  const middle = median(Object.values(report.mnist).map(({ loss }) => loss));
  for (const [name, { loss }] of Object.entries(report.mnist)) {
    if (!(Math.abs(loss - middle) <= 0.05 * middle)) drop(name, new Error(`MNIST: a loss of ${loss}, others have ${middle}`));
  }
  table(
    'One epoch over MNIST, 784-128-10, batch 32',
    ['seconds', 'loss of the last 100 steps'],
    Object.entries(report.mnist).map(([name, { seconds, loss }]) => [ENGINES[name].label, three(seconds), loss.toFixed(4)]),
  );
}

/** What this library claims: against PyTorch, against the best JavaScript or WebAssembly peer, and against C. */
function goals(cells) {
  const own = names.filter((name) => ENGINES[name].kind === 'own' && children.has(name));
  if (!own.length) return;
  const us = (cell, name) => report.train[cell][name]?.us;
  const best = (cell) =>
    names.filter((name) => ENGINES[name].kind === 'js' && us(cell, name)).sort((a, b) => us(cell, a) - us(cell, b))[0];
  const rows = own.flatMap((name) => {
    const { label } = ENGINES[name];
    const row = (title, other, format) => [
      `${label}: ${title}`,
      ...cells.map((cell) =>
        us(cell, name) && us(cell, other(cell)) ? format(us(cell, other(cell)) / us(cell, name), cell) : '',
      ),
    ];
    return [
      row(
        'faster than PyTorch',
        () => 'torch',
        (ratio) => `${three(ratio)}x`,
      ),
      row('faster than the best JS peer', best, (ratio, cell) => `${three(ratio)}x (${best(cell)})`),
      row('share of the C limit', () => 'native', three),
    ];
  });
  table('Training step: this library against the others', cells, rows);
}

/** Bytes a page loads for each engine: the minified bundle and its WebAssembly files, gzipped. */
async function bundles() {
  const sizes = {};
  const root = new URL('.', import.meta.url).pathname;
  let build;
  try {
    ({ build } = await import('esbuild'));
  } catch {
    return sizes;
  }
  for (const [name, { entry, files = [] }] of Object.entries(BUNDLES)) {
    if (!children.has(name)) continue;
    try {
      const { outputFiles } = await build({
        stdin: { contents: entry, resolveDir: root },
        bundle: true,
        minify: true,
        format: 'esm',
        platform: 'browser',
        outdir: '/bundle',
        write: false,
        logLevel: 'silent',
        external: [
          'fs',
          'path',
          'crypto',
          'worker_threads',
          'perf_hooks',
          'os',
          'url',
          'util',
          'module',
          'node:*',
          'gl',
          'gpu.js',
        ],
      });
      const assets = files.map((file) => readFileSync(`${root}node_modules/${file}`));
      sizes[name] = [...outputFiles.map((file) => file.contents), ...assets].reduce(
        (sum, part) => sum + gzipSync(part, { level: 9 }).length,
        0,
      );
    } catch (error) {
      say(`  ${ENGINES[name].label}: not bundled. ${firstLine(error.message)}`);
    }
  }
  return sizes;
}

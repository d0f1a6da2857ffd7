// feedforward bench: what this machine does in a minute: a training step and a prediction of the four standard nets, in plain JavaScript,
// in each WebAssembly build that runs here and, where there is one, with V8's 256-bit pass.

import { cpus } from 'node:os';
import { MLP as BaselineMLP } from '../baseline/mlp.js';
import { init } from '../core/init.js';
import { Random } from '../data/random.js';
import { engineInfo, type EngineInfo } from '../engine/engine.js';
import { MLP } from '../mlp/mlp.js';
import type { Model } from '../model/model.js';
import { dense } from '../plan/layers.js';
import { checkNumber } from '../options.js';
import type { MLPOptions } from '../plan/network.js';
import { alignColumns } from '../data/textColumns.js';
import { Terminal } from './terminal.js';

interface Net {
  readonly inputs: number;
  readonly widths: readonly number[];
  readonly classes: boolean;
}

const nets: readonly Net[] = [
  { inputs: 2, widths: [16, 16, 1], classes: false },
  { inputs: 10, widths: [64, 64, 1], classes: false },
  { inputs: 784, widths: [128, 10], classes: true },
  { inputs: 784, widths: [512, 512, 10], classes: true },
];
const batches = [32, 256];
/** The build a model gets by default, with V8's 256-bit pass. */
const pass = '256-bit pass';

interface Figure {
  readonly net: string;
  readonly batch: number;
  readonly engine: string;
  /** Microseconds, medians. */
  readonly trainingStep: number;
  readonly prediction: number;
}

export async function bench(command: {
  readonly seconds: number;
  readonly json: boolean;
  readonly quiet: boolean;
}): Promise<void> {
  const terminal = new Terminal(command);
  const total = checkNumber(command.seconds, '--seconds', { min: 1 });
  const engines = ['baseline', 'simd', ...(engineInfo().build === 'relaxed' ? ['relaxed'] : [])];
  const share = total / (nets.length * batches.length * (engines.length + 1) * 2);
  const figures: Figure[] = [];
  const time = (engines: readonly string[]) => {
    for (const net of nets)
      for (const batch of batches) {
        const { X, y } = dataOf(net, batch);
        const out = new Float32Array(batch * net.widths.at(-1)!);
        for (const engine of engines) {
          const model = modelOf(net, engine);
          const trainingStep = median(share, () => model.trainStep(X, y));
          const prediction = median(share, () => model.predictInto(X.data, out));
          figures.push({ net: nameOf(net), batch, engine, trainingStep, prediction });
        }
        terminal.note(`${engines.join(', ')}: ${nameOf(net)}, ${batch} rows: done`);
      }
  };
  const engine = engineInfo();
  time(engines);
  const wide = await init({ revectorize: true });
  if (wide.revectorized) {
    time([pass]);
    engines.push(pass);
  }
  const automatic = await init({ revectorize: 'auto' });
  await init({ revectorize: false });
  const machine = {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    runtime: `Node ${process.versions.node}`,
    engine,
    revectorized: wide.revectorized || findingOf(wide),
    /** What `init({ revectorize: 'auto' })` chooses here, and why. */
    automatic: { revectorized: automatic.revectorized, why: findingOf(automatic) },
  };
  terminal.result(
    () =>
      [
        `${machine.processor}, ${machine.cores} cores, ${machine.runtime}; engine: ${engine.build}`,
        '',
        ...tables(figures, engines),
        '',
        priceOfDeterminism(figures),
        `init({ revectorize: 'auto' }): ${machine.automatic.why}`,
      ].join('\n'),
    { command: 'bench', machine, figures },
  );
}

/** The sentence about V8's 256-bit pass. */
function findingOf({ reasons }: EngineInfo): string | undefined {
  return reasons.find((reason) => reason.includes('256-bit'));
}

/** What `deterministic: true` costs here: the simd build against the one that runs without it. */
function priceOfDeterminism(figures: readonly Figure[]): string {
  const prices = figures
    .filter(({ engine }) => engine === 'relaxed')
    .map(({ net, batch, trainingStep }) => {
      const simd = figures.find((f) => f.net === net && f.batch === batch && f.engine === 'simd')!;
      return Math.round(100 * (simd.trainingStep / trainingStep - 1));
    });
  if (prices.length === 0) return 'deterministic: true costs nothing here: the simd build runs in any case';
  return `deterministic: true (the simd build) costs ${Math.min(...prices)} to ${Math.max(...prices)} % of a training step`;
}

function tables(figures: readonly Figure[], engines: readonly string[]): string[] {
  const part = (title: string, of: (figure: Figure) => number) => {
    const rows = nets.flatMap((net) =>
      batches.map((batch) => {
        const times = engines.map((engine) =>
          of(figures.find((f) => f.net === nameOf(net) && f.batch === batch && f.engine === engine)!),
        );
        return [
          `  ${nameOf(net)}, ${batch} rows`,
          ...times.map(short),
          `${(times[0]! / Math.min(...times.slice(1))).toFixed(1)} x`,
        ];
      }),
    );
    return alignColumns([[title, ...engines, 'best / baseline'], ...rows]);
  };
  return [
    ...part('training step, microseconds', ({ trainingStep }) => trainingStep),
    '',
    ...part('prediction, microseconds', ({ prediction }) => prediction),
  ];
}

function short(value: number): string {
  return value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : String(Math.round(value));
}

function nameOf({ inputs, widths }: Net): string {
  return [inputs, ...widths].join('-');
}

function modelOf({ inputs, widths, classes }: Net, engine: string): Model {
  const options: MLPOptions = {
    inputs,
    layers: widths.map((units, i) =>
      dense(units, { activation: i < widths.length - 1 ? 'relu' : classes ? 'softmax' : 'identity' }),
    ),
    loss: classes ? 'sparseCategoricalCrossEntropy' : 'meanSquaredError',
    seed: 1,
    deterministic: engine === 'simd',
  };
  return engine === 'baseline' ? new BaselineMLP(options) : new MLP(options);
}

function dataOf({ inputs, widths, classes }: Net, rows: number) {
  const random = new Random(1, 'bench');
  const X = { data: Float32Array.from({ length: rows * inputs }, () => random.uniform()), shape: [rows, inputs] };
  return { X, y: Array.from({ length: rows }, () => (classes ? random.below(widths.at(-1)!) : random.uniform())) };
}

/** Median time of one call in microseconds, from samples of about a millisecond, after a warm-up of a fifth of the time. */
function median(seconds: number, call: () => unknown): number {
  const deadline = performance.now() + 200 * seconds;
  let calls = 0;
  const warm = performance.now();
  while (calls < 1 || performance.now() < deadline) {
    call();
    calls++;
  }
  const each = (performance.now() - warm) / calls;
  const perSample = Math.max(1, Math.round(1 / each));
  const samples: number[] = [];
  const end = performance.now() + 800 * seconds;
  while (samples.length < 1 || performance.now() < end) {
    const started = performance.now();
    for (let i = 0; i < perSample; i++) call();
    samples.push((1000 * (performance.now() - started)) / perSample);
  }
  return samples.sort((a, b) => a - b)[samples.length >> 1]!;
}

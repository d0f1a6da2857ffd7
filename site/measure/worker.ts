// The benchmark's worker: engines take turns in rounds, and the median of a round counts.

import { dense, engineInfo, MLP, type MLPOptions, quantize, Random, sgd } from 'feedforward';
import * as baseline from 'feedforward/baseline';
import type { Report, Row } from './messages';
import { ObjectNetwork } from './objects';

const roundMilliseconds = 100;
const rounds = 7;

const say = (report: Report) => postMessage(report);
const random = new Random(1, 'measure');
const numbers = (count: number) => Float32Array.from({ length: count }, () => random.normal());
const matrix = (rows: number, columns: number) => ({ data: numbers(rows * columns), shape: [rows, columns] as const });

/** How much work a function does in a second: `amount` for each call. */
function compete(group: string, name: string, unit: string, engines: Record<string, { run: () => void; amount: number }>): void {
  say({ type: 'doing', text: `${group}: ${name}` });
  const found = new Map(Object.keys(engines).map((engine) => [engine, [] as number[]]));
  for (const { run } of Object.values(engines))
    for (const end = performance.now() + roundMilliseconds; performance.now() < end; ) run();
  for (let round = 0; round < rounds; round++)
    for (const [engine, { run, amount }] of Object.entries(engines)) {
      let calls = 0;
      let chunk = 1;
      const start = performance.now();
      let now = start;
      while (now - start < roundMilliseconds) {
        for (let i = 0; i < chunk; i++) run();
        calls += chunk;
        const before = now;
        now = performance.now();
        if (now - before < roundMilliseconds / 20) chunk *= 2; // so that the clock, which browsers make coarse, is asked seldom
      }
      found.get(engine)!.push((1000 * calls * amount) / (now - start));
    }
  const figures = [...found].map(([engine, values]) => {
    values.sort((a, b) => a - b);
    const middle = values[Math.floor(values.length / 2)]!;
    return { engine, value: middle, spread: (values.at(-2)! - values[1]!) / middle / 2 };
  });
  const row: Row = { group, name, unit, figures };
  say({ type: 'row', row });
}

const options = (inputs: number, hidden: readonly number[], outputs: number): MLPOptions => ({
  inputs,
  layers: [...hidden.map((units) => dense(units, { activation: 'tanh' })), dense(outputs, { activation: 'tanh' })],
  optimizer: sgd({ learningRate: 0.01 }),
  seed: 1,
});

function training(inputs: number, hidden: readonly number[], outputs: number, batch: number, objects: boolean): void {
  const made = options(inputs, hidden, outputs);
  const wasm = new MLP(made);
  const plain = new baseline.MLP({ ...made, deterministic: false });
  const X = matrix(batch, inputs);
  const y = matrix(batch, outputs);
  const rows = Array.from({ length: batch }, (_, i) => X.data.slice(i * inputs, (i + 1) * inputs));
  const network = objects ? new ObjectNetwork([inputs, ...hidden, outputs], () => random.uniform()) : undefined;
  compete('Training', `${[inputs, ...hidden, outputs].join('-')}, batches of ${batch}`, 'rows a second', {
    WebAssembly: { run: () => wasm.trainStep(X, y), amount: batch },
    'plain JavaScript': { run: () => plain.trainStep(X, y), amount: batch },
    ...(network && {
      objects: {
        run: () => {
          rows.forEach((x, i) => network.learn(x, y.data[i]!));
          network.step(0.01);
        },
        amount: batch,
      },
    }),
  });
}

function predicting(inputs: number, hidden: readonly number[], outputs: number, rows: number, objects: boolean): void {
  const made = options(inputs, hidden, outputs);
  const wasm = new MLP(made);
  const plain = new baseline.MLP({ ...made, deterministic: false });
  const X = matrix(rows, inputs);
  const out = new Float32Array(rows * outputs);
  const network = objects ? new ObjectNetwork([inputs, ...hidden, outputs], () => random.uniform()) : undefined;
  const one = Array.from({ length: rows }, (_, i) => X.data.slice(i * inputs, (i + 1) * inputs));
  compete(
    'Predicting',
    `${[inputs, ...hidden, outputs].join('-')}, ${rows === 1 ? 'one row' : `${rows.toLocaleString('en')} rows`}`,
    'rows a second',
    {
      WebAssembly: { run: () => wasm.predictInto(X.data, out), amount: rows },
      'plain JavaScript': { run: () => plain.predictInto(X.data, out), amount: rows },
      ...(network && { objects: { run: () => one.forEach((x) => network.predict(x)), amount: rows } }),
    },
  );
}

function products(size: number): void {
  // A layer without a bend on as many rows is one product of two square matrices.
  const made: MLPOptions = { inputs: size, layers: [dense(size, { bias: false })], seed: 1 };
  const wasm = new MLP(made);
  const plain = new baseline.MLP({ ...made, deterministic: false });
  const X = numbers(size * size);
  const out = new Float32Array(size * size);
  const amount = (2 * size ** 3) / 1e9;
  compete('Products', `${size} x ${size}`, 'GFLOP/s', {
    WebAssembly: { run: () => wasm.predictInto(X, out), amount },
    'plain JavaScript': { run: () => plain.predictInto(X, out), amount },
  });
}

function integers(size: number): void {
  const made = options(size, [size], 1);
  const model = new MLP(made);
  const X = matrix(64, size);
  const whole = quantize(model, X);
  const x = numbers(size);
  const out = new Float32Array(1);
  compete('Whole numbers', `${size}-${size}-1, one row`, 'rows a second', {
    float32: { run: () => model.predictInto(x, out), amount: 1 },
    int8: { run: () => void whole.predict({ data: x, shape: [1, size] }), amount: 1 },
  });
}

globalThis.onmessage = () => {
  try {
    training(2, [8, 8], 1, 10, true);
    training(10, [64, 64], 1, 32, true);
    training(784, [128], 10, 32, false);
    predicting(2, [8, 8], 1, 65_536, true);
    predicting(10, [64, 64], 1, 1, true);
    predicting(784, [128], 10, 256, false);
    products(64);
    products(256);
    products(512);
    integers(512);
    integers(1024);
    const { build, threads, tile } = engineInfo();
    say({ type: 'done', engine: `${build} build, ${threads} thread, tiles ${tile}` });
  } catch (error) {
    say({ type: 'error', text: (error as Error).message });
  }
};

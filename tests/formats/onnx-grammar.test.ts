// The importer judged by another implementation: random graphs (a grammar in tests/support/randomGraphs.ts) run through onnxruntime
// and through what was imported. Either both give the same, or the import is refused by the operator's name.
//
//     GRAPHS=5000 npx vitest run tests/formats/onnx-grammar.test.ts        more graphs; SEED=… other ones

import * as ort from 'onnxruntime-web';
import { beforeAll, describe, expect, test } from 'vitest';
import { MLP } from '../../src/baseline/mlp.js';
import { keyOf, Random } from '../../src/data/random.js';
import { FeedforwardError } from '../../src/errors.js';
import { build } from '../../src/formats/imported.js';
import { importOnnx } from '../../src/formats/onnx/import.js';
import { encodeGraph } from '../support/onnxGraph.js';
import { type RandomGraph, randomGraph } from '../support/randomGraphs.js';

const count = Number(process.env['GRAPHS'] ?? 300);
const seed = Number(process.env['SEED'] ?? 1);

beforeAll(() => {
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'fatal';
});

/** What onnxruntime gives, or undefined for a graph that it does not run. */
async function run(
  bytes: Uint8Array,
  { rows, columns, outputs }: RandomGraph,
  x: Float32Array,
): Promise<ArrayLike<number>[] | undefined> {
  let session: ort.InferenceSession | undefined;
  try {
    session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
    const results = await session.run({ x: new ort.Tensor('float32', x, [rows, ...columns]) });
    return outputs.map((name) => Array.from(results[name]!.data as Float32Array, Number));
  } catch {
    return undefined;
  } finally {
    await session?.release();
  }
}

type Outcome = 'equal' | 'refused' | 'does not run' | string;

async function judge(index: number): Promise<Outcome> {
  const graph = randomGraph(index);
  const bytes = encodeGraph(graph);
  const random = new Random(keyOf(index + 1_000_000));
  const { rows, columns, outputs, nodes } = graph;
  const width = columns.reduce((a, b) => a * b, 1);
  const x = Float32Array.from({ length: rows * width }, () => 3 * random.normal());
  const wanted = await run(bytes, graph, x);
  let network: ReturnType<typeof importOnnx>;
  try {
    network = importOnnx(bytes);
  } catch (error) {
    if (!(error instanceof FeedforwardError)) return `threw ${String(error)}`;
    if (wanted === undefined) return 'does not run';
    const named = outputs.length > 1 ? /outputs/.test(error.message) : nodes.some(({ op }) => error.message.includes(op));
    return error.code === 'ERR_UNSUPPORTED' && named ? 'refused' : `refused as ${error.code}: ${error.message}`;
  }
  if (wanted === undefined) return 'does not run';
  if (outputs.length > 1) return 'one of several outputs was taken';
  const [want] = wanted as [ArrayLike<number>];
  const got = build(MLP, network).predict({ data: x, shape: [rows, width] }).data;
  if (got.length !== want.length) return `${got.length} numbers for ${want.length}`;
  const list = Array.from(want);
  if (!list.every(Number.isFinite)) return 'does not run'; // float32 overflowed on the way
  const largest = Math.max(1, ...list.map(Math.abs));
  const worst = Math.max(...list.map((v, i) => Math.abs(got[i]! - v)));
  // Relative to the largest output: sums of numbers of that size leave no more.
  return worst <= 1e-5 * largest ? 'equal' : `off by ${worst} of ${largest}`;
}

describe('ONNX import of random graphs', () => {
  test(
    'each gives what onnxruntime gives, or is refused by the name of its operator; most are imported',
    async () => {
      const tally = { equal: 0, refused: 0, 'does not run': 0 };
      const wrong: [number, string][] = [];
      for (let i = 0; i < count; i++) {
        const outcome = await judge(seed * 100_000 + i);
        if (outcome in tally) tally[outcome as keyof typeof tally]++;
        else wrong.push([seed * 100_000 + i, outcome]);
      }
      if (process.env['GRAPHS']) console.log(tally, wrong);
      expect(wrong).toEqual([]);
      // The share may rise, and should not fall.
      expect(tally.equal / (tally.equal + tally.refused)).toBeGreaterThan(0.44);
      expect((tally.equal + tally.refused) / count).toBeGreaterThan(0.7);
    },
    30_000 + 1000 * count,
  );
});

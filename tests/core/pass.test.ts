// The test that V8's 256-bit pass must stand: what it reaches, that the same work gives the same memory, that other work does not; and what
// init says of the pass. The pass itself runs in `npm run test:engines`, in engines that have it.

import { afterEach, describe, expect, test } from 'vitest';
import { LayerKind, Tile } from '../../assembly/abi.js';
import { init } from '../../src/core/init.js';
import { networksToCompare } from '../../src/core/passNetworks.js';
import { partsForPass } from '../../src/core/passParts.js';
import { runNetwork } from '../../src/core/passRuns.js';
import { binary } from '../../src/engine/binaries.js';
import { engineInfo, type Core } from '../../src/engine/engine.js';
import { exportsOf } from '../../src/engine/instance.js';
import { MLP } from '../../src/mlp/mlp.js';
import { activationNames, activationRow } from '../../src/plan/activations.js';
import { dense } from '../../src/plan/layers.js';
import { losses, lossNames } from '../../src/plan/losses.js';
import { resolveNetwork } from '../../src/plan/network.js';
import { optimizerNames } from '../../src/plan/resolveOptimizer.js';

const parts = partsForPass();
const networks = networksToCompare(parts);
const plans = networks.map(({ options }) => resolveNetwork(options));
const bytes = binary('simd');

/** The memory of each network after its work in a module, or undefined where it trapped. */
function* memories(module: WebAssembly.Module): Generator<BigUint64Array | undefined> {
  for (const network of networks) {
    try {
      yield new BigUint64Array(runNetwork(parts, exportsOf<Core>(module), network, Tile.Rows6Columns16));
    } catch {
      yield undefined;
    }
  }
}

const same = (a: BigUint64Array, b: BigUint64Array | undefined) =>
  a.length === b?.length && a.every((value, i) => value === b[i]);

describe('the networks of the test', () => {
  test('reach every activation and loss that trains, every optimizer but gd, which is sgd, and every kind of layer', () => {
    const names = (of: (plan: (typeof plans)[number]) => readonly string[]) => new Set(plans.flatMap(of));
    const trains = activationNames.filter((name) => activationRow(name).flat === undefined);
    expect(trains.filter((name) => !names(({ layers }) => layers.map((l) => l.activation.name)).has(name))).toEqual([]);
    const wanted = lossNames.filter((name) => !('flat' in losses[name]));
    expect(wanted.filter((name) => !names(({ loss }) => [loss.name]).has(name))).toEqual([]);
    const rules = names(({ optimizer }) => [optimizer.name]);
    expect(optimizerNames.filter((name) => !rules.has(name))).toEqual(['gd']);
    const kinds = new Set(plans.flatMap(({ layers }) => layers.map(({ kind }) => kind)));
    const all = Object.values(LayerKind).filter((kind): kind is LayerKind => typeof kind === 'number');
    expect(all.filter((kind) => !kinds.has(kind)).map((kind) => LayerKind[kind])).toEqual(['Edge']); // its rows are copied
  });

  test('leave every remainder of rows and columns by 8', () => {
    const rest = (numbers: readonly number[]) => new Set(numbers.map((n) => n % 8)).size;
    expect(rest(plans.flatMap(({ layers }) => layers.map(({ outputs }) => outputs)))).toBe(8);
    expect(rest(networks.map(({ batchSize }) => batchSize))).toBeGreaterThan(5);
    expect(Math.min(...networks.map(({ batchSize }) => batchSize))).toBe(1);
  });

  test('give the same memory twice, and other memory when one addition or multiplication of many is another', () => {
    const right = [...memories(new WebAssembly.Module(bytes))].map((memory) => memory!.slice());
    const again = [...memories(new WebAssembly.Module(bytes))];
    expect(right.every((memory, i) => same(memory, again[i]))).toBe(true);
    // f32x4.add, sub and mul are 0xfd 0xe4 to 0xe6 0x01. Sixteen of them, spread over the module; about a fifth are in tiles of eight
    // columns, which no network with tiles of sixteen runs.
    const places: number[] = [];
    for (let i = 0; i + 2 < bytes.length; i++)
      if (bytes[i] === 0xfd && bytes[i + 2] === 1 && bytes[i + 1]! >= 0xe4 && bytes[i + 1]! <= 0xe6) places.push(i + 1);
    let found = 0;
    for (let k = 0; k < 16; k++) {
      const at = places[Math.floor(((k + 0.5) * places.length) / 16)]!;
      const changed = bytes.slice();
      changed[at] = bytes[at] === 0xe4 ? 0xe5 : 0xe4;
      const others = memories(new WebAssembly.Module(changed));
      if (right.some((memory) => !same(memory, others.next().value as BigUint64Array | undefined))) found++;
    }
    expect(found).toBeGreaterThanOrEqual(10);
  });
});

describe("init({ revectorize: 'auto' })", () => {
  afterEach(() => init({ revectorize: false }));

  const model = () => new MLP({ inputs: 5, layers: [dense(9, { activation: 'gelu' }), dense(2)], seed: 3 });
  const X = Array.from({ length: 7 }, (_, i) => Array.from({ length: 5 }, (_, j) => Math.sin(i + 7 * j)));
  const y = X.map((row) => row.slice(0, 2));

  test.each(['auto', true] as const)('%s says what it found, and changes no bit of a model', async (revectorize) => {
    const before = model();
    before.fitSync(X, y, { epochs: 3 });
    const info = await init({ revectorize });
    const finding = info.reasons.find((reason) => reason.startsWith('the 256-bit pass is'))!;
    expect(finding).toMatch(info.revectorized ? /is on: products are .* as fast .* same bits/ : /is off/);
    if (Number.parseInt(process.versions.node, 10) < 24) expect(finding).toMatch(/needs Node 24 or later, and this is \d/);
    const after = model();
    after.fitSync(X, y, { epochs: 3 });
    expect(after.save()).toEqual(before.save());
  });

  test('is off again when asked', async () => {
    await init({ revectorize: 'auto' });
    await init({ threads: 1 });
    expect(engineInfo().reasons.some((reason) => reason.includes('256-bit'))).toBe(true); // another option leaves it alone
    const { revectorized, reasons } = await init({ revectorize: false });
    expect(revectorized).toBe(false);
    expect(reasons.some((reason) => reason.includes('256-bit'))).toBe(false);
  });

  test('refuses another word', async () => {
    await expect(init({ revectorize: 'yes' } as never)).rejects.toThrow("init.revectorize: expected true, false or 'auto', got");
  });
});

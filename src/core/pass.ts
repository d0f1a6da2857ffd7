// V8's 256-bit pass: whether this engine has it, whether it is right here, whether it pays. It is a flag of the process that the compiler reads
// while it optimises. So a module is compiled at once and for good while the flag stands, and V8's flags are put back before anything else
// runs: what others compile later is not touched, and none of our code is compiled later without it.

import { Tile } from '../../assembly/abi.js';
import type { Build } from '../engine/binaries.js';
import type { Core } from '../engine/engine.js';
import type { PassCompiler } from '../engine/tuning.js';
import { networksToCompare } from './passNetworks.js';
import type { Parts } from './passParts.js';
import { runNetwork, smallSteps } from './passRuns.js';

/** How V8 compiles a whole module at once with its optimising compiler; it compiles a function when it is first called, and quickly, if left to itself. */
const atOnce = [
  ['--no-liftoff', '--liftoff'],
  ['--no-wasm-lazy-compilation', '--wasm-lazy-compilation'],
] as const;
const pass = ['--experimental-wasm-revectorize', '--no-experimental-wasm-revectorize'] as const;

const narrow = [Tile.Rows4Columns8, Tile.Rows5Columns8, Tile.Rows6Columns8];
const wide = [Tile.Rows4Columns16, Tile.Rows5Columns16, Tile.Rows6Columns16];

/** How much faster products must be, and how much slower a small network's step may seem in a measurement of milliseconds. */
const PRODUCTS = { true: 1, auto: 1.05 };
const STEP = 0.97;

interface Finding {
  readonly compile: PassCompiler;
  /** Time without the pass over time with it, the least of the builds. */
  readonly products: number;
  readonly step: number;
  /** How many networks were compared. */
  readonly networks: number;
  /** The modules with the pass: as long as they are there, V8 has them ready when the same bytes are compiled. */
  readonly kept: readonly WebAssembly.Module[];
}

/** What was found in this process, once for all; a text is why there is no pass. */
let known: Finding | string | undefined;

/** Switches the pass on, where it is right and pays; setPass is told what was found. */
export async function provePass(parts: Parts, asked: true | 'auto', builds: readonly Build[]): Promise<void> {
  const { setPass } = parts;
  known ??= await find(parts, builds);
  if (typeof known === 'string') return setPass(undefined, `the 256-bit pass is off: ${known}`);
  const { compile, products, step, networks } = known;
  const speeds = `products are ${products.toFixed(2)} times as fast with it, steps of 2-16-16-1 ${step.toFixed(2)} times`;
  if (products < PRODUCTS[`${asked}`] || (asked === 'auto' && step < STEP))
    return setPass(undefined, `the 256-bit pass is off, for it does not pay here: ${speeds}`);
  setPass(compile, `the 256-bit pass is on: ${speeds}; ${networks} networks have the same bits with it and without`);
}

async function find(parts: Parts, builds: readonly Build[]): Promise<Finding | string> {
  const missing = whyMissing();
  if (missing !== undefined) return missing;
  const { setFlagsFromString } = await parts.nodeModule('node:v8');
  const compile = compiler(setFlagsFromString, [...atOnce, pass], 1);
  const compilePlain = compiler(setFlagsFromString, atOnce, 0);
  const networks = networksToCompare(parts);
  let [products, step] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const kept: WebAssembly.Module[] = [];
  for (const build of builds) {
    const modules = [compilePlain, compile].map((compile) => compile(parts.binary(build)));
    kept.push(modules[1]!);
    const cores = () => modules.map((module) => parts.exportsOf<Core>(module)) as [plain: Core, wide: Core];
    const [plainCore, wideCore] = cores();
    if (!wide.every((tile) => wideCore.checkTile(tile))) return `a tile of the ${build} build computed wrong sums with it`;
    for (const [i, network] of networks.entries()) {
      const [without, along] = cores().map((core) => runNetwork(parts, core, network, wide[i % wide.length]!));
      if (!sameBytes(without!, along!)) return `network ${i} of the ${build} build had other bits with it`;
    }
    products = Math.min(products, compareProducts(plainCore, wideCore));
    step = Math.min(step, compareSteps(parts, ...cores()));
  }
  return { compile, products, step, networks: networks.length * builds.length, kept };
}

/** Compiles with these flags; those that the process was started with stay. */
function compiler(
  setFlag: (flag: string) => void,
  flags: readonly (readonly [on: string, off: string])[],
  mark: number,
): PassCompiler {
  const own = flags.filter(([on]) => !process.execArgv.includes(on));
  return (bytes) => {
    // V8 compiles the same bytes once: an empty section of another name makes them others.
    const marked = new Uint8Array(bytes.length + 4);
    marked.set(bytes);
    marked.set([0, 2, 1, 48 + mark], bytes.length);
    for (const [on] of own) setFlag(on);
    try {
      return new WebAssembly.Module(marked);
    } finally {
      for (const [, off] of own) setFlag(off);
    }
  };
}

function sameBytes(a: ArrayBuffer, b: ArrayBuffer): boolean {
  if (a.byteLength !== b.byteLength) return false;
  const [x, y] = [new BigUint64Array(a), new BigUint64Array(b)];
  return x.every((value, i) => value === y[i]);
}

/** Time of products without the pass over that with it, each in its fastest tile, forward and of the weights' gradient together. */
function compareProducts(plainCore: Core, wideCore: Core): number {
  const time = (core: Core, tile: Tile, product: number) => () => core.measureTile(tile, product, 60, 60, 64, 20);
  const least = (core: Core, tiles: readonly Tile[], product: number) => tiles.map((tile) => time(core, tile, product));
  const groups = [0, 1].flatMap((product) => [least(plainCore, narrow, product), least(wideCore, wide, product)]);
  const [a, b, c, d] = fastest(groups, 12);
  return (a! + c!) / (b! + d!);
}

function compareSteps(parts: Parts, plainCore: Core, wideCore: Core): number {
  wideCore.chooseTiles(Tile.Rows6Columns16, Tile.Rows6Columns16);
  plainCore.chooseTiles(Tile.Rows6Columns8, Tile.Rows6Columns8);
  const [without, along] = fastest([[smallSteps(parts, plainCore)], [smallSteps(parts, wideCore)]], 40);
  return without! / along!;
}

/** The least time that any of each group's functions takes, all in turn. */
function fastest(groups: readonly (readonly (() => void)[])[], rounds: number): number[] {
  const least = groups.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++)
    groups.forEach((group, i) => {
      for (const run of group) {
        const start = performance.now();
        run();
        least[i] = Math.min(least[i]!, performance.now() - start);
      }
    });
  return least;
}

/** Why this engine has no such pass, if it has none. */
function whyMissing(): string | undefined {
  const versions = typeof process === 'object' ? (process.versions as Partial<NodeJS.ProcessVersions>) : undefined;
  if (versions?.node === undefined || versions['bun'] !== undefined || versions['deno'] !== undefined)
    return 'it needs Node 24 or later';
  if (Number.parseInt(versions.node, 10) < 24) return `it needs Node 24 or later, and this is ${versions.node}`;
  if (process.arch !== 'x64') return `V8 has it for x64 only, and this is ${process.arch}`;
  return undefined;
}

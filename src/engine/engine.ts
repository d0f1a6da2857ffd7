// The engine: which binary runs here, compiled once, instantiated synchronously for each model. Nothing happens at
// import; the first model (or init) picks, inflates and compiles.

import { isArrayBuffer, isModule, isUrl } from '../brands.js';
import type { instantiate as instantiateCore } from '../../build/relaxed.js';
import { binary, byteLengthOf, type Build } from './binaries.js';
import { fail, FeedforwardError, show } from '../errors.js';
import { given, readOptions, whole, type Schema } from '../options.js';
import { InstancesAhead, instancesAreRefused, modulesAreRefused } from './ahead.js';
import { exportsOf } from './instance.js';
import { support } from './support.js';
import { SharedModel, startThreads, threadCount, threadFailure } from './threads.js';
import { tileName } from './tiles.js';
import { passCompiler, passFinding, passIsOn, setPass, tilesOf, tuneTiles } from './tuning.js';

/** The exports of an instance: the types come from the compiler, so a wrong name or arity does not compile. */
export type Core = Awaited<ReturnType<typeof instantiateCore>>;

/** WebAssembly of the library's own: a compiled module, its bytes, or where to fetch them. */
export type WasmSource = WebAssembly.Module | BufferSource | URL | string;

/** Options of init: threads, the 256-bit pass, and where the WebAssembly comes from. */
export interface InitOptions {
  /** Threads that share the work of large networks, this one included (1 to 16). Default 1. */
  threads?: number;
  /**
   * V8's experimental pass that fuses pairs of 128-bit operations into 256-bit ones, for models made from now on: Node 24 or later on x64 with
   * AVX2; elsewhere, pages included, it stays off. Before it is used, every register tile and networks of all kinds run with it and without, and
   * their memory must be the same to the last bit. 'auto' also times both, and keeps the pass where products are at least 5 % faster and the step
   * of a small network is no slower; true keeps it where products are any faster. Both take about half a second, once in a process.
   * engineInfo() says what was found. V8's flags are as before when init returns: while it compiles, for a tenth of a second each time, other
   * WebAssembly that the process compiles gets the pass too.
   */
  revectorize?: boolean | 'auto';
  /** The library's simd.wasm or relaxed.wasm in place of the built-in copy (strict CSP, edge runtimes), or both. */
  wasm?:
    | WasmSource
    | {
        /** dist/simd.wasm, which every engine with WebAssembly SIMD runs. */
        readonly simd?: WasmSource;
        /** dist/relaxed.wasm, with fused multiply-add, for engines with relaxed SIMD. */
        readonly relaxed?: WasmSource;
      };
}

const initRows = {
  threads: whole({ min: 1, max: 16 }),
  revectorize: given<boolean | 'auto'>(checkPass),
  wasm: given<InitOptions['wasm']>(),
} satisfies Schema<InitOptions>;

/** What runs the arithmetic here, and why. */
export interface EngineInfo {
  /** 'simd' or 'relaxed' (fused multiply-add); what `deterministic: true` does not choose. */
  readonly build: Build | 'scalar';
  /** Whether V8's pass to 256-bit operations is on. */
  readonly revectorized: boolean;
  /** Threads that share the work of large networks, this one included: 1 to 16. */
  readonly threads: number;
  /** The register tiles in use. */
  readonly tile: string;
  /** Why these, in a sentence each. */
  readonly reasons: readonly string[];
  /** Bytes of the binary. */
  readonly byteLength: number;
}

const modules = new Map<string, WebAssembly.Module>();
/** Modules handed to init, in place of the built-in copies. */
const handedIn = new Map<Build, WebAssembly.Module>();

/** Whether models of this thread run on WebAssembly that was handed in: worker threads have the built-in copies. */
export const runsHandedIn = (): boolean => handedIn.size > 0;

function checkPass(value: unknown, name: string): void {
  if (typeof value !== 'boolean' && value !== 'auto')
    fail('ERR_OPTION', `${name}: expected true, false or 'auto', got ${show(value)}.`);
}

/** Switches V8's 256-bit pass on, where it is right and pays. */
type PassProver = (asked: true | 'auto', builds: readonly Build[]) => Promise<void>;

/** What init does; `prove` loads what tests the pass. */
export async function prepare(options: InitOptions, prove: PassProver): Promise<EngineInfo> {
  const { wasm, threads, revectorize } = readOptions(initRows, options, 'init', 'init.');
  if (wasm !== undefined) await take(wasm);
  if (revectorize !== undefined) setPass(undefined);
  if (revectorize) {
    if (handedIn.size > 0) setPass(undefined, 'the 256-bit pass is off: WebAssembly was handed in with init.wasm');
    else if (support().simd) await prove(revectorize, support().relaxed ? ['relaxed', 'simd'] : ['simd']);
  }
  if (handedIn.size === 0 && support().simd && !passIsOn()) await compileAhead();
  if (threads !== undefined) await startThreads(threads);
  return engineInfo();
}

async function take(wasm: NonNullable<InitOptions['wasm']>): Promise<void> {
  const { simd, relaxed } = (wasm ?? {}) as { simd?: WasmSource; relaxed?: WasmSource };
  const pair = isSource(wasm) ? [wasm] : [simd, relaxed].filter((source) => source !== undefined);
  if (pair.length === 0 || !pair.every(isSource))
    fail('ERR_OPTION', `init.wasm: expected a WebAssembly.Module, its bytes, a URL, or { simd, relaxed }, got ${show(wasm)}.`);
  for (const source of pair) {
    const module = await moduleOf(source);
    if (WebAssembly.Module.imports(module).length > 0 || !WebAssembly.Module.exports(module).some(({ name }) => name === 'fuses'))
      fail('ERR_OPTION', "init.wasm: this module is not one of feedforward's own (simd.wasm, relaxed.wasm).");
    const { exports } = await WebAssembly.instantiate(module);
    handedIn.set((exports as unknown as Core).fuses() ? 'relaxed' : 'simd', module);
  }
  setPass(undefined);
  if (instancesAreRefused(handedIn.values().next().value!)) instancesAhead = await InstancesAhead.of<Core>(handedIn);
}

/**
 * Compiles in the background what models are going to use, and makes instances there where the engine makes none at once
 * (Chrome before 115 and web views of that age, on a page's main thread).
 */
async function compileAhead(): Promise<void> {
  const all = modulesAreRefused() ? new Set<Build>([pick(false), 'simd']) : new Set([pick(false)]);
  const made = new Map<Build, WebAssembly.Module>();
  for (const build of all) {
    const module = modules.get(build) ?? (await WebAssembly.compile(binary(build)).catch(unsupported));
    modules.set(build, module);
    made.set(build, module);
  }
  if (instancesAreRefused(modules.get(pick(false))!)) instancesAhead = await InstancesAhead.of<Core>(made);
}

/** Instances made in the background, where none can be made at once. */
let instancesAhead: InstancesAhead<Core> | undefined;

/** An instance is not used any more: where none can be made at once, another model takes it over. */
export function giveBack(build: Build, core: Core): void {
  instancesAhead?.give(build, core);
}

function coreOf(build: Build, module: WebAssembly.Module, imports?: WebAssembly.Imports): Core {
  const ready = imports === undefined ? instancesAhead?.take(build) : undefined;
  if (ready !== undefined) return ready;
  try {
    return exportsOf(module, imports);
  } catch (error) {
    return noMemory(error);
  }
}

function noMemory(error: unknown): never {
  const text = `A model's WebAssembly memory could not be made: ${(error as Error).message}`;
  throw new FeedforwardError('ERR_MEMORY', text, {}, error);
}

function isSource(wasm: unknown): wasm is WasmSource {
  return typeof wasm === 'string' || isUrl(wasm) || isModule(wasm) || ArrayBuffer.isView(wasm) || isArrayBuffer(wasm);
}

async function moduleOf(source: WasmSource): Promise<WebAssembly.Module> {
  if (isModule(source)) return source;
  if (ArrayBuffer.isView(source) || isArrayBuffer(source)) return WebAssembly.compile(source).catch(unsupported);
  const url = String(source);
  const response = await fetch(url).catch((error: Error) =>
    fail('ERR_FILE', `init.wasm: ${url} could not be fetched: ${error.message}.`),
  );
  if (!response.ok) fail('ERR_FILE', `init.wasm: ${url} answered ${response.status}.`);
  return WebAssembly.compile(await response.arrayBuffer()).catch(unsupported);
}

/**
 * Which build of the core runs here, on how many threads, with which register tiles, and why. Compiles nothing.
 *
 * @example
 * const { build, threads, reasons } = engineInfo();
 * console.log(build, threads, reasons.join('; '));
 */
export function engineInfo(): EngineInfo {
  const build = support().simd ? pick(false) : 'simd';
  const tiles = tilesOf(build);
  return {
    build: support().simd ? build : 'scalar',
    revectorized: passIsOn(),
    threads: threadCount(),
    tile: tileName(tiles),
    reasons: [
      !support().simd
        ? 'this engine has no WebAssembly SIMD: only feedforward/baseline runs'
        : support().relaxed
          ? 'relaxed SIMD is on: products multiply and add in one rounding where the machine can, unless a model is deterministic'
          : 'this engine has no relaxed SIMD: products multiply and add',
      `tiles: ${tiles.why}`,
      ...[passFinding(), threadFailure()].filter((reason) => reason !== undefined),
    ],
    byteLength: byteLengthOf(build),
  };
}

function pick(deterministic: boolean): Build {
  if (deterministic) {
    if (handedIn.size > 0 && !handedIn.has('simd'))
      fail('ERR_OPTION', 'deterministic: true needs the simd build, but init was given only relaxed.wasm.');
    return 'simd';
  }
  if (handedIn.size > 0) return handedIn.has('relaxed') && support().relaxed ? 'relaxed' : 'simd';
  return support().relaxed ? 'relaxed' : 'simd';
}

export interface Instance {
  readonly core: Core;
  readonly build: Build;
  /** Whether it is compiled with V8's 256-bit pass. */
  readonly wide: boolean;
  /** Set when threads share the instance's memory. */
  readonly shared: SharedModel | undefined;
}

/** Most pages a shared memory may grow to: 2 GiB. */
const SHARED_PAGES = 32768;

/** A fresh instance: one memory, no model in it yet; with `share`, one that threads can work on. @throws ERR_UNSUPPORTED, ERR_MEMORY. */
export function instantiate(deterministic: boolean, share: boolean): Instance {
  const build = pick(deterministic);
  const shares = share && handedIn.size === 0 && threadCount() > 1 && instancesAhead === undefined;
  const module = handedIn.get(build) ?? compiled(build, shares);
  const tiles = tilesOf(build);
  const { forward, gradient } = tiles;
  const wide = passIsOn();
  if (!shares) {
    const core = coreOf(build, module);
    core.chooseTiles(forward, gradient);
    return { core, build, wide, shared: undefined };
  }
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: 1, maximum: SHARED_PAGES, shared: true });
  } catch (error) {
    return noMemory(error);
  }
  const core = coreOf(build, module, { env: { memory } });
  core.chooseTiles(forward, gradient);
  // Tiles chosen with the pass are slow without it.
  return { core, build, wide, shared: new SharedModel(module, memory, () => (wide === passIsOn() ? tilesOf(build) : tiles)) };
}

/**
 * Called where much work is about to be done: spends about a millisecond on measuring tiles until the fastest is known.
 * Returns a number that changes when the choice does.
 */
export function tune(build: Build): number {
  return tuneTiles(build, passIsOn(), () =>
    instancesAhead === undefined ? coreOf(build, handedIn.get(build) ?? compiled(build, false)) : instancesAhead.take(build),
  );
}

function compiled(build: Build, shared: boolean): WebAssembly.Module {
  const compile = passCompiler();
  const key = `${build}${shared ? ', shared' : ''}${compile === undefined ? '' : ', 256 bits'}`;
  let module = modules.get(key);
  if (module === undefined) {
    const { webAssembly, simd } = support();
    if (!webAssembly)
      fail(
        'ERR_UNSUPPORTED',
        'This engine has no WebAssembly. The plain-JavaScript models and estimators of "feedforward/baseline" run anywhere.',
      );
    if (!simd)
      fail(
        'ERR_UNSUPPORTED',
        'This engine has no WebAssembly SIMD (it needs Chrome 91, Firefox 89, Safari 16.4 or Node 16.4). The plain-JavaScript models and estimators of "feedforward/baseline" run anywhere.',
      );
    try {
      const bytes = binary(build, shared ? SHARED_PAGES : 0);
      module = compile === undefined ? new WebAssembly.Module(bytes) : compile(bytes);
    } catch (error) {
      unsupported(error);
    }
    modules.set(key, module);
  }
  return module;
}

function unsupported(error: unknown): never {
  const { name, message } = error as Error;
  if (name === 'RangeError') {
    if (/memory/i.test(message)) noMemory(error);
    throw new FeedforwardError(
      'ERR_UNSUPPORTED',
      `This engine compiles no WebAssembly of this size at once: ${message} Call "await init()" before the first model, which compiles it in the ` +
        'background, or train in a worker ("feedforward/worker").',
      {},
      error,
    );
  }
  throw new FeedforwardError(
    'ERR_UNSUPPORTED',
    `WebAssembly may not be compiled here: ${(error as Error).message}. A page whose content security policy lacks 'wasm-unsafe-eval' forbids it, ` +
      'and so do edge workers: allow it, pass a module to init({ wasm }) (import wasm from "feedforward/simd.wasm" where bundlers do that), ' +
      'or use the plain-JavaScript models and estimators of "feedforward/baseline".',
    {},
    error,
  );
}

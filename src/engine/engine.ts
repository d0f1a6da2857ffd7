// The engine: which binary runs here, compiled once, instantiated synchronously for each model. Nothing happens at
// import; the first model (or init) picks, inflates and compiles.

import type { instantiate as instantiateSimd } from '../../build/simd.js';
import { fail, FeedforwardError, show } from '../errors.js';
import { checkKeys, checkNumber } from '../options.js';
import { binary, byteLengthOf, type Build } from './binaries.js';
import { support } from './support.js';
import { asShared, SharedModel, startThreads, threadCount, threadFailure } from './threads.js';

/** The exports of an instance: the types come from the compiler, so a wrong name or arity does not compile. */
export type Core = Awaited<ReturnType<typeof instantiateSimd>>;

export interface InitOptions {
  /** Threads that share the work of large networks, this one included (1 to 16). Default 1. */
  threads?: number;
  /** A compiled module, or its bytes, in place of the built-in binaries (strict CSP, edge runtimes). */
  wasm?: WebAssembly.Module | BufferSource;
}

/** What runs the arithmetic here, and why. */
export interface EngineInfo {
  /** 'simd' or 'relaxed' (fused multiply-add); what `deterministic: true` does not choose. */
  readonly build: Build | 'scalar';
  readonly revectorized: boolean;
  readonly threads: number;
  /** The register tiles in use. */
  readonly tile: string;
  /** Why these, in a sentence each. */
  readonly reasons: readonly string[];
  readonly byteLength: number;
}

const modules = new Map<string, WebAssembly.Module>();
let given: WebAssembly.Module | undefined;

/**
 * Optional, before the first model: hands the engine its WebAssembly instead of the built-in copy.
 * @throws ERR_OPTION for anything but a module or its bytes; ERR_UNSUPPORTED where it cannot be compiled.
 */
export async function init(options: InitOptions = {}): Promise<EngineInfo> {
  checkKeys(options, ['wasm', 'threads'], 'init');
  const { wasm, threads } = options;
  if (threads !== undefined) checkNumber(threads, 'init.threads', { min: 1, max: 16, integer: true });
  if (wasm !== undefined) {
    if (wasm instanceof WebAssembly.Module) given = wasm;
    else if (ArrayBuffer.isView(wasm) || wasm instanceof ArrayBuffer) given = await WebAssembly.compile(wasm).catch(unsupported);
    else fail('ERR_OPTION', `init.wasm: expected a WebAssembly.Module or the bytes of one, got ${show(wasm)}.`);
  }
  if (threads !== undefined) await startThreads(threads);
  return engineInfo();
}

/** Which build runs here, and why. Compiles nothing. */
export function engineInfo(): EngineInfo {
  const build = pick(false);
  const { relaxed } = support();
  return {
    build,
    revectorized: false,
    threads: threadCount(),
    tile: 'default',
    reasons: [
      ...(threadFailure() === undefined ? [] : [threadFailure()!]),
      relaxed ? 'relaxed SIMD is on: products use fused multiply-add unless a model is deterministic' : 'this engine has no relaxed SIMD: products multiply and add',
    ],
    byteLength: byteLengthOf(build),
  };
}

function pick(deterministic: boolean): Build {
  return !deterministic && support().relaxed ? 'relaxed' : 'simd';
}

export interface Instance {
  readonly core: Core;
  readonly build: Build;
  /** Set when threads share the instance's memory. */
  readonly shared: SharedModel | undefined;
}

/** Most pages a shared memory may grow to: 2 GiB. */
const SHARED_PAGES = 32768;

/** A fresh instance: one memory, no model in it yet; with `share`, one that threads can work on. @throws ERR_UNSUPPORTED, ERR_MEMORY. */
export function instantiate(deterministic: boolean, share: boolean): Instance {
  const build = pick(deterministic);
  const shares = share && given === undefined && threadCount() > 1;
  const module = given ?? compiled(build, shares);
  try {
    if (!shares) return { core: new WebAssembly.Instance(module, {}).exports as unknown as Core, build, shared: undefined };
    const memory = new WebAssembly.Memory({ initial: 1, maximum: SHARED_PAGES, shared: true });
    const core = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Core;
    return { core, build, shared: new SharedModel(module, memory, undefined) };
  } catch (error) {
    throw new FeedforwardError('ERR_MEMORY', `A model's WebAssembly memory could not be made: ${(error as Error).message}`, {}, error);
  }
}

function compiled(build: Build, shared: boolean): WebAssembly.Module {
  const key = shared ? `${build}, shared` : build;
  let module = modules.get(key);
  if (module === undefined) {
    const { webAssembly, simd } = support();
    if (!webAssembly) fail('ERR_UNSUPPORTED', 'This engine has no WebAssembly. The plain-JavaScript model of "feedforward/baseline" runs anywhere.');
    if (!simd)
      fail('ERR_UNSUPPORTED', 'This engine has no WebAssembly SIMD (it needs Chrome 91, Firefox 89, Safari 16.4 or Node 16.4). The plain-JavaScript model of "feedforward/baseline" runs anywhere.');
    const bytes = binary(build);
    try {
      module = new WebAssembly.Module((shared ? asShared(bytes, SHARED_PAGES) : bytes) as Uint8Array<ArrayBuffer>);
    } catch (error) {
      unsupported(error);
    }
    modules.set(key, module);
  }
  return module;
}

function unsupported(error: unknown): never {
  throw new FeedforwardError(
    'ERR_UNSUPPORTED',
    `WebAssembly may not be compiled here: ${(error as Error).message}. A page whose content security policy lacks 'wasm-unsafe-eval' forbids it: ` +
      'allow it, pass a module to init({ wasm }), or use the plain-JavaScript model of "feedforward/baseline".',
    {},
    error,
  );
}

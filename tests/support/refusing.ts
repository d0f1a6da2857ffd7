// An engine that refuses when told to: the k-th request for memory fails, whoever makes it, or an export of the core traps.
// Requests are instances, memories, growth inside the core, and arrays of JavaScript as long as data. Importing this file
// puts it between the library and the engine, for the test file that does.

/** Exports of the core that ask for memory and say so by returning 0. */
const asking = ['describe', 'build', 'reserve'];
const kinds = ['Float32Array', 'Float64Array', 'Uint32Array', 'Uint8Array', 'ArrayBuffer'] as const;
/** Shorter arrays are counters and constants: an engine that has no room for those has none for the error either. */
const leastLength = 16;

/** Asked at every request for memory: whether to refuse it. */
let refuses: (what: string) => boolean = () => false;
/** Called before every call of an export of the core. */
let beforeCall: (name: string) => void = () => {};

/** Runs `action` with request number `k` (from 0) refused. */
export function refusing<T>(k: number, action: () => T): { value?: T; error?: unknown; requests: number; refused?: string } {
  let requests = 0;
  let refused: string | undefined;
  refuses = (what) => {
    if (requests++ !== k) return false;
    refused = what;
    return true;
  };
  const seen = () => (refused === undefined ? { requests } : { requests, refused });
  try {
    const value = action();
    return { value, ...seen() };
  } catch (error) {
    return { error, ...seen() };
  } finally {
    refuses = () => false;
  }
}

/** Runs `action`; the k-th call of `name`, of whatever model, traps as WebAssembly does. */
export function trapping<T>(name: string, k: number, action: () => T): T {
  let calls = 0;
  beforeCall = (called) => {
    if (called === name && calls++ === k) throw new WebAssembly.RuntimeError('unreachable');
  };
  const restore = () => {
    beforeCall = () => {};
  };
  let value: T;
  try {
    value = action();
  } catch (error) {
    restore();
    throw error;
  }
  if (value instanceof Promise) return value.finally(restore) as T;
  restore();
  return value;
}

patch(WebAssembly, 'Instance', (args, make) => {
  if (refuses('an instance'))
    throw new RangeError('WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance');
  const { exports } = make(args) as WebAssembly.Instance;
  const wrapped: Record<string, unknown> = { ...exports };
  for (const [name, real] of Object.entries(exports)) {
    if (typeof real !== 'function') continue;
    const asks = asking.includes(name);
    wrapped[name] = (...rest: unknown[]) => {
      if (asks && refuses(`${name}()`)) return 0;
      beforeCall(name);
      return (real as (...values: unknown[]) => unknown)(...rest);
    };
  }
  return { exports: wrapped };
});
for (const kind of kinds)
  patch(globalThis, kind, (args, make) => {
    const [length] = args;
    if (typeof length === 'number' && length >= leastLength && refuses(`a ${kind} of ${length}`))
      throw new RangeError('Array buffer allocation failed');
    return make(args);
  });

/** Puts `construct` before a constructor; `make` is the real one. */
function patch(home: object, name: string, construct: (args: unknown[], make: (args: unknown[]) => object) => object): void {
  const table = home as Record<string, unknown>;
  table[name] = new Proxy(table[name] as new (...args: unknown[]) => object, {
    construct: (target, args: unknown[]) => construct(args, (rest) => Reflect.construct(target, rest)),
  });
}

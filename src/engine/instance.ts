// Instances of compiled modules, made by AssemblyScript's own loader.

import { instantiateSync } from '@assemblyscript/loader';

/**
 * The exports of a fresh instance, as the engine has them. The loader's own face wraps every call, so that objects of the
 * language can be passed; the core takes and returns numbers alone, so nothing is gained by it and a call costs three times as much.
 */
export function exportsOf<T>(module: WebAssembly.Module, imports: WebAssembly.Imports = {}): T {
  return instantiateSync(module, imports).instance.exports as T;
}

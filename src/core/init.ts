// The public init: the engine's, and the test of V8's 256-bit pass, which runs networks and is loaded for those who ask for the pass.

import { prepare, type EngineInfo, type InitOptions } from '../engine/engine.js';
import { partsForPass } from './passParts.js';

/**
 * Optional, before the first model: compiles the WebAssembly in the background, which engines insist on that compile no more than 4 kB at once
 * on a page's main thread (Chrome before 115, and web views of that age); threads, the 256-bit pass, or WebAssembly from elsewhere.
 * @throws ERR_OPTION for options out of range; ERR_UNSUPPORTED where WebAssembly cannot be compiled. Threads or the pass
 * that cannot be had are no error: engineInfo().reasons says why.
 *
 * @example
 * const { threads, reasons } = await init({ threads: 2 });
 * if (threads < 2) console.log(reasons.join('; '));
 *
 * @example
 * const { revectorized, reasons } = await init({ revectorize: 'auto' });
 * console.log(revectorized, reasons.join('; '));
 */
export function init(options: InitOptions = {}): Promise<EngineInfo> {
  return prepare(options, async (asked, builds) => (await import('./pass.js')).provePass(partsForPass(), asked, builds));
}

// Switches fused multiply-add on in Node 20, which has it behind a flag of V8's; later ones have it on, and know no such flag.
// To be imported before the library is.

import { setFlagsFromString } from 'node:v8';

if (Number.parseInt(process.versions.node, 10) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');

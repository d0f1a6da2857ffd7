// The one ready file for pages: the main entry with the doors a page uses, and what needs no WebAssembly under `baseline`.
// The build makes a module and a classic script of it (scripts/one-file.mjs).

export * from './index.js';
export * from './worker.js';
export * from './onnx.js';
export * from './safetensors.js';
export * from './standalone.js';
export * as baseline from './baseline.js';

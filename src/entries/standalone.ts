// feedforward/standalone: networks as code, JavaScript or WebAssembly.

export type { PredictingSource, ExportOptions } from '../formats/network.js';
export { exportModule, type StandaloneModule } from '../formats/standalone.js';
export { exportWasm, type StandaloneWasm } from '../formats/standaloneWasm.js';

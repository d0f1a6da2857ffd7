// feedforward/standalone: networks as code, JavaScript or WebAssembly.

export type { PredictingSource, Surroundings } from './network.js';
export { exportModule, type StandaloneModule } from './standalone.js';
export { exportWasm, type StandaloneWasm } from './standaloneWasm.js';

// feedforward/standalone: networks as code, JavaScript or WebAssembly.

export type { FittedEstimator, PredictingSource, ExportOptions, ModuleOptions } from '../formats/network.js';
export { exportModule, type StandaloneModule } from '../formats/standalone.js';
export { exportWasm, type StandaloneWasm } from '../predict/standalone/wasm.js';
export type { IntegerSource } from '../formats/integerCode.js';

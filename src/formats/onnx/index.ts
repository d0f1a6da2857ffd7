// feedforward/onnx: networks to and from ONNX.

export { build, type ImportedNetwork, type NetworkSource, type Surroundings, type Tensor } from '../network.js';
export { exportOnnx, type OnnxExportOptions } from './export.js';
export { importOnnx } from './import.js';

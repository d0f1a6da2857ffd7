// feedforward/onnx: networks to and from ONNX.

export { build, type ImportedNetwork, type Settable, type Tensor } from '../formats/imported.js';
export type { FittedEstimator, NetworkSource, ExportOptions } from '../formats/network.js';
export { exportOnnx, type OnnxExportOptions } from '../formats/onnx/export.js';
export { importOnnx, type OnnxImportOptions } from '../formats/onnx/import.js';

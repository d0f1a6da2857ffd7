// feedforward/onnx: networks to and from ONNX.

export {
  build,
  type FittedEstimator,
  type ImportedNetwork,
  type NetworkSource,
  type ExportOptions,
  type Settable,
  type Tensor,
} from '../formats/network.js';
export { exportOnnx, type OnnxExportOptions } from '../formats/onnx/export.js';
export { importOnnx, type OnnxImportOptions } from '../formats/onnx/import.js';

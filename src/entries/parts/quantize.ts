// The public names of smaller models: of whole numbers, and with weights in half precision.

export {
  quantize,
  type Calibrating,
  type Quantizable,
  type QuantizeOptions,
  type SavableModel,
} from '../../quantize/quantize.js';
export { QuantizedModel, type LoadQuantizedOptions } from '../../quantize/quantizedModel.js';
export { inFloat16 } from '../../formats/halved.js';
export type { QuantizationReport } from '../../quantize/report.js';
export type { IntegerBuild } from '../../integer/kernel.js';
export type { Predictor } from '../../predict/predictor.js';
export type { Prediction } from '../../predict/answering.js';
export type { Records } from '../../predict/records.js';
export type { PredictorInput } from '../../predict/rows.js';

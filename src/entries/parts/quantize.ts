// The public names of models of whole numbers.

export {
  quantize,
  type Calibrating,
  type Quantizable,
  type QuantizeOptions,
  type SavableModel,
} from '../../quantize/quantize.js';
export { QuantizedModel, type LoadQuantizedOptions } from '../../quantize/quantizedModel.js';
export type { QuantizationReport } from '../../quantize/report.js';
export type { IntegerBuild } from '../../integer/kernel.js';
export type { Predictor } from '../../predict/predictor.js';
export type { Prediction } from '../../predict/answers.js';
export type { Records } from '../../predict/records.js';
export type { PredictorInput } from '../../predict/rows.js';

// The public names of the data floor.

export type { Label, Labels } from './labels.js';
export { Matrix, matrix, type Float64Rows, type MatrixLike, type MatrixOptions } from './matrix.js';
export {
  MinMaxScaler,
  RobustScaler,
  scalerFromJSON,
  StandardScaler,
  type MinMaxScalerOptions,
  type RobustScalerOptions,
  type Scaler,
  type ScalerState,
  type StandardScalerOptions,
} from './scalers.js';
export { LabelEncoder, OneHotEncoder, type CategoryRows, type OneHotEncoderOptions } from './encoders.js';
export { PolynomialFeatures, type PolynomialFeaturesOptions } from './polynomial.js';
export { SimpleImputer, type ImputeStrategy, type SimpleImputerOptions } from './imputer.js';
export {
  kFold,
  splitIndices,
  stratifiedKFold,
  takeRows,
  trainTestSplit,
  type Fold,
  type FoldOptions,
  type Rows,
  type Split,
  type SplitOptions,
} from './split.js';
export { Table, type Cell, type Column, type ColumnSummary, type ColumnType } from './table.js';
export { TableEncoder, type TableEncoderOptions, type TableFinding } from './tabular.js';
export {
  formatCsv,
  parseCsv,
  readCsv,
  scanCsv,
  streamCsv,
  type CsvDialect,
  type CsvOptions,
  type CsvSchema,
  type CsvSource,
  type StreamOptions,
} from './csv.js';
export * as datasets from './datasets.js';
export * as metrics from './metrics/index.js';
export { Random } from './random.js';

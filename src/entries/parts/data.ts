// The public names of the data floor.

export type { Label, Labels } from '../../data/labels.js';
export { Matrix, matrix, type Float64Rows, type MatrixLike, type MatrixOptions } from '../../data/matrix.js';
export {
  MinMaxScaler,
  RobustScaler,
  scalerFromJSON,
  SmoothClipScaler,
  type SmoothClipScalerState,
  StandardScaler,
  type MinMaxScalerOptions,
  type MinMaxScalerState,
  type RobustScalerOptions,
  type RobustScalerState,
  type Scaler,
  type ScalerState,
  type StandardScalerOptions,
  type StandardScalerState,
} from '../../data/scalers/index.js';
export {
  LabelEncoder,
  OneHotEncoder,
  type CategoryRows,
  type LabelEncoderState,
  type OneHotEncoderOptions,
  type OneHotEncoderState,
} from '../../data/encoders.js';
export { PolynomialFeatures, type PolynomialFeaturesOptions, type PolynomialFeaturesState } from '../../data/polynomial.js';
export { SimpleImputer, type ImputeStrategy, type SimpleImputerOptions, type SimpleImputerState } from '../../data/imputer.js';
export {
  kFold,
  splitIndices,
  stratifiedKFold,
  takeRows,
  trainTestSplit,
  type Fold,
  type FoldOptions,
  type NdArray,
  type Rows,
  type Split,
  type SplitOptions,
  type Taken,
  type TypedArray,
} from '../../data/split.js';
export {
  Table,
  type CategoryColumn,
  type Cell,
  type CellSpelling,
  type Column,
  type ColumnSummary,
  type ColumnType,
  type NumberColumn,
  type TableLike,
  type TableOptions,
} from '../../data/table.js';
export type { DateFeature } from '../../data/calendarWidths.js';
export { TableEncoder, type TableEncoderOptions, type TableEncoderState } from '../../data/tabular.js';
export type { Finding, FindingKind } from '../../data/findings.js';
export type { TableFinding } from '../../data/tableFindings.js';
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
  type DecimalMark,
  type FormatOptions,
  type StreamColumn,
  type StreamOptions,
} from '../../data/csv/index.js';
export { parseJsonLines, readJsonLines, type JsonLinesOptions } from '../../data/jsonLines.js';
export { readParquet, type ParquetOptions } from '../../data/parquet.js';
export * as datasets from '../../data/datasets.js';
export * as metrics from '../../data/metrics/index.js';
export { ema, type EmaOptions } from '../../data/ema.js';
export { conformalQuantile } from '../../data/certainty/conformal.js';
export { Random } from '../../data/random.js';
export { sobol, type SobolOptions, type SobolPoints } from '../../data/sobol.js';

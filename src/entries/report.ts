/**
 * feedforward/report: one HTML page about a model and its data. Needs the packages @observablehq/plot and linkedom.
 * @module
 */

export { FeedforwardError, type ErrorCode } from '../errors.js';
export {
  judgeByFolds,
  type JudgedByFolds,
  type FoldsOptions,
  type FoldStart,
  type Judgement,
} from '../report/judgeByFolds.js';
export { report, reportWithFacts, type ReportFacts, type ReportOptions } from '../report/report.js';
export type { SecondLook } from '../report/facts/secondLook.js';
export type { Reportable } from '../report/facts/subject.js';

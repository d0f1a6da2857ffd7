// What is found out about data and models before, during and after a fit, as data for programs. Notes are the same in words.

/** What a finding is about. */
export type FindingKind =
  /** A column is no use to a network (no value, or text that is different in almost every row) and was left out. */
  | 'columnLeftOut'
  /** A column counts the rows and was left out; `keep` takes it back. */
  | 'rowNumber'
  /** Rarer categories of a column were merged. */
  | 'mergedCategories'
  /** The target has more classes than a tenth of the rows. */
  | 'manyClasses'
  /** One class has nearly all rows. */
  | 'rareClasses'
  /** A few targets carry most of the squared spread. */
  | 'extremeTarget'
  /** A column alone tells the target. */
  | 'leak'
  /** A cell lies so far from the others that scaling drowns them. */
  | 'outlier'
  /** What the history of the fit notes: inputs or targets too large, a schedule that ended midway, …. */
  | 'training'
  /** The network of a preset is a linear model. */
  | 'linearModel'
  /** The network of a preset has a share of a linear model. */
  | 'linearShare'
  /** The rows are too few to tell whether a linear model would answer better. */
  | 'fewRows'
  /** The model errs far more on its own rows than the score beside it tells. */
  | 'shortfall';

/** Something worth knowing about data or a model. */
export interface Finding {
  /** What it is about, for programs to go by. */
  readonly kind: FindingKind;
  /** The column of X that it is about, where it is about one. */
  readonly column?: string;
  /** What is the case, in words. */
  readonly message: string;
  /** What to do about it, in words. */
  readonly fix?: string;
}

/** A finding in words. */
export const noteOf = ({ message, fix }: Finding): string => (fix === undefined ? message : `${message} ${fix}`);

/** Whether a finding is about a column that does not reach the network whole. */
export const isLeftOut = ({ kind }: Pick<Finding, 'kind'>): boolean =>
  kind === 'columnLeftOut' || kind === 'rowNumber' || kind === 'mergedCategories';

// What the table page and its worker say to each other.

/** What is learnt: classes or numbers. */
export type Task = 'classes' | 'numbers';
export type Preset = 'quick' | 'default' | 'best';

export interface ColumnFacts {
  readonly name: string;
  readonly type: string;
  readonly missing: number;
  /** What the column is when it is the one to learn; undefined where it cannot be. */
  readonly task: Task | undefined;
}

export type Order =
  | { readonly type: 'read'; readonly name: string; readonly text: string }
  | {
      readonly type: 'train';
      readonly target: string;
      readonly task: Task;
      readonly preset: Preset;
      readonly keep: readonly string[];
    }
  | { readonly type: 'stop' };

export interface Outcome {
  /** Of the model, or of the models of folds, each trained to its end. */
  readonly score: number;
  /** Of always the same answer: the most frequent class, or the mean. */
  readonly constant: number;
  /** What the report says by another figure, where it puts the model before always the same answer. */
  readonly secondLook: string | undefined;
  readonly task: Task;
  /** How folds judged, with what they found, as `feedforward train` prints it; undefined where rows were held out. */
  readonly byFolds: string | undefined;
  readonly trainedOn: number;
  readonly judgedOn: number;
  readonly epochs: number;
  readonly seconds: number;
  readonly stopped: boolean;
  /** Columns that were left out, and why; those with a name may be kept. */
  readonly leftOut: readonly { readonly why: string; readonly column: string | undefined }[];
  readonly file: string;
  readonly model: Uint8Array<ArrayBuffer>;
  /** The report, a whole page; undefined where folds judged and the model on all rows was stopped: their answers are not its. */
  readonly page: string | undefined;
  readonly code: string;
  readonly command: string;
}

export type Report =
  | { readonly type: 'table'; readonly rows: number; readonly columns: readonly ColumnFacts[]; readonly notes: readonly string[] }
  | {
      readonly type: 'progress';
      /** The fold, "Fold 3 of 10: "; empty where it is the model itself. */
      readonly what: string;
      readonly epoch: number;
      readonly of: number;
      readonly loss: number;
      /** Of all that is to be trained. */
      readonly share: number;
    }
  | { readonly type: 'doing'; readonly text: string }
  | { readonly type: 'done'; readonly outcome: Outcome }
  | { readonly type: 'error'; readonly text: string };

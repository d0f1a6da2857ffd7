/** What is measured: a line of the table. */
export interface Row {
  readonly group: string;
  readonly name: string;
  readonly unit: string;
  /** Figures by engine; larger is better. */
  readonly figures: readonly { readonly engine: string; readonly value: number; readonly spread: number }[];
}

export type Report =
  | { readonly type: 'row'; readonly row: Row }
  | { readonly type: 'doing'; readonly text: string }
  | { readonly type: 'done'; readonly engine: string }
  | { readonly type: 'error'; readonly text: string };

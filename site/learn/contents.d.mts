// The types of contents.mjs, for tests.

export interface LearnPageText {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly part: string;
  readonly letters: readonly string[];
  /** Rows of docs/course-rows.md, in order. */
  readonly rows: readonly number[];
  readonly excerpts: readonly {
    readonly file: string;
    readonly name: string | readonly string[];
    readonly from?: string;
    readonly to?: string;
  }[];
  readonly question: { readonly number?: number; readonly tolerance?: number } | undefined;
  readonly code: string | undefined;
  readonly words: number;
  readonly hasPicture: boolean;
}
export const learnPages: readonly LearnPageText[];
export const lectures: Readonly<Record<string, string>>;
export const parts: readonly string[];

// What the page of the labs and the worker that runs a student's code say to each other.

import type { Failure, Verdict } from 'feedforward/labs';

/** A lab as the page needs it. */
export interface LabInfo {
  readonly number: number;
  readonly title: string;
  /** The name of the file, without its ending. */
  readonly file: string;
  readonly skeleton: string;
  readonly checks: readonly { readonly function: string; readonly title: string }[];
}

export type Task =
  | { readonly kind: 'list' }
  | { readonly kind: 'check'; readonly lab: number; readonly code: string; readonly seed: number }
  /** The verdict on code that never came to one. */
  | { readonly kind: 'broken'; readonly lab: number; readonly current: string | undefined; readonly failure: Failure };

export type Answer =
  | { readonly kind: 'labs'; readonly labs: readonly LabInfo[] }
  /** Before each call: the page ends those that take too long. */
  | { readonly kind: 'call'; readonly name: string; readonly about: string }
  | { readonly kind: 'printed'; readonly text: string }
  /** The code breaks the grammar of JavaScript. */
  | { readonly kind: 'grammar'; readonly message: string }
  | { readonly kind: 'verdict'; readonly verdict: Verdict };

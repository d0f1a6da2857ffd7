// What a lab is made of: functions that a student writes, and for each of them cases with what the oracle says, and what each classic mistake would give.

/** A number, or lists and records of what is to be held against the student's, down to the numbers. Text must be equal. */
export type Expected = number | string | readonly Expected[] | { readonly [key: string]: Expected };

/** A part of an answer, in the order in which one follows from the other. */
export interface Quantity {
  /** "delta of layer 2" */
  readonly name: string;
  /** The equation it comes from, by its name in the course where it has one. */
  readonly equation?: string;
  /** Where it stands in the answer: ['deltas', 1]. */
  readonly path: readonly (string | number)[];
  /** What to look at, where no mistake is recognised: a question, and no spoiler. */
  readonly hint?: string;
}

/** A mistake that many make, told by its numbers. */
export interface Mistake {
  /** "the bias is missing" */
  readonly name: string;
  /** Where to look. */
  readonly hint: string;
  /** What the function would answer. */
  readonly answer: () => unknown;
}

/** One call of a student's function. */
export interface Case {
  /** "network 3-4-1 (tanh, identity), batch of 5 rows" */
  readonly about: string;
  /** What the function is called with. */
  readonly args: readonly unknown[];
  /** What it should answer. */
  readonly expected: Expected;
  /** In order. */
  readonly quantities: readonly Quantity[];
  /** What would be answered by those who make one of the mistakes that many make. */
  readonly mistakes: readonly Mistake[];
}

/** What is checked of one function. */
export interface Check {
  /** The function that the student exports. */
  readonly function: string;
  /** What it does: "one row, by loops". */
  readonly title: string;
  /** Calls of the function, hidden ones too: another seed draws other numbers. */
  readonly cases: (seed: number) => Iterable<Case>;
}

/** Functions that a student writes, and how they are checked. */
export interface Lab {
  /** From 1. */
  readonly number: number;
  /** "forward propagation" */
  readonly title: string;
  /** The name of the skeleton, without its ending. */
  readonly file: string;
  /** The skeleton in TypeScript, its types between marks: see skeleton.ts. */
  readonly skeleton: string;
  /** In the order in which a student gets there. */
  readonly checks: readonly Check[];
}

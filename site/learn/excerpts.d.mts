// The types of excerpts.mjs, for tests.

export function excerpt(of: {
  readonly file: string;
  readonly name: string | readonly string[];
  readonly from?: string;
  readonly to?: string;
}): string;

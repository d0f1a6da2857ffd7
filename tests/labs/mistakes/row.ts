// A mistake as a change to a solution.

/** What is written in place of what, in which function it is found, and the name of the mistake. */
export type Row = readonly [mistake: string, found: string, ...changes: (readonly [string, string])[]];

// What this build of the core is for, as constants that the compiler knows: branches that they rule out are not compiled.

/**
 * Whether this build trains. The predictor's (predict.ts) runs the layers' code that evaluates and nothing else: asconfig.json
 * defines PREDICTS for it.
 */
// @ts-ignore: there only where it is defined
export const TRAINS: bool = !isDefined(PREDICTS);

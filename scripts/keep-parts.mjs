// A transform of the AssemblyScript compiler: the rules of single activations and layers stay functions of their own, which the optimizer would
// put into the one function that calls them. scripts/core-parts.mjs tells them apart then, and exported modules leave out what they do not need.

import binaryen from 'binaryen';

/** Says of a module that they are not to be put into others. */
export function keepParts(module) {
  for (const part of ['assembly/functions/sweeps/*', 'assembly/layers/*']) {
    binaryen.setPassArgument('no-inline', part);
    module.runPasses(['no-inline']);
  }
  binaryen.setPassArgument('no-inline', null);
}

export default class KeepParts {
  afterCompile(module) {
    keepParts(module);
  }
}

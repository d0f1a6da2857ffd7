// What the test of the 256-bit pass needs of the library. init hands it over, so that the files of the test import nothing but types: bundlers
// that make one file of everything put the whole library inside of a function for an import() that leads back into it, and some lose it there.

import { Random } from '../data/random.js';
import { binary } from '../engine/binaries.js';
import { exportsOf } from '../engine/instance.js';
import { setPass } from '../engine/tuning.js';
import { nodeModule } from '../platform.js';
import { activationNames, activationRow } from '../plan/activations.js';
import { initialValues } from '../plan/initializers.js';
import { activation, batchNorm, dense, dropout, embedding, layerNorm, noise, rescale, residual } from '../plan/layers.js';
import { losses, lossNames } from '../plan/losses.js';
import { resolveNetwork } from '../plan/network.js';
import { optimizerNames, optimizerRow, stepNumbers } from '../plan/resolveOptimizer.js';
import { whyNoCurvature } from '../training/derivatives.js';
import { buildNetwork, writeConstants } from './description.js';
import { writeTensor } from './tensors.js';

/** All of it. */
export const partsForPass = () => ({
  Random,
  activation,
  activationNames,
  activationRow,
  batchNorm,
  binary,
  buildNetwork,
  dense,
  dropout,
  embedding,
  exportsOf,
  initialValues,
  layerNorm,
  lossNames,
  losses,
  nodeModule,
  noise,
  optimizerNames,
  optimizerRow,
  rescale,
  residual,
  resolveNetwork,
  setPass,
  stepNumbers,
  whyNoCurvature,
  writeConstants,
  writeTensor,
});

export type Parts = ReturnType<typeof partsForPass>;

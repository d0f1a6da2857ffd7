import type { MLP, MLPOptions } from '../../../src/entries/index.js';

export function learnXor(
  library: object,
  settings?: object,
): Promise<{
  model: MLP;
  options: MLPOptions;
  fit: { epochs: number; batchSize: number };
  X: number[][];
  y: number[][];
  xor: string;
  same: boolean;
  offThread: boolean;
  labels: string;
}>;

// Derivatives of answers in the inputs of the network: of its outputs, and of probabilities that are corrected after it, by the chain rule.

import { calibratedLogit, calibrateRows, logOf, sigmoid } from '../data/certainty/calibration.js';
import { fail } from '../errors.js';
import type { Answers } from './answers.js';
import type { Running } from './surroundings.js';

/**
 * After network.forward(count): the derivatives of answer `output` in the inputs of each row, network.xStride numbers apart. Of two classes that share
 * one output, of the second.
 */
export function gradientOf(network: Running, answers: Answers, count: number, output: number): Float32Array {
  const { calibration } = answers;
  if (calibration === undefined) return network.inputGradient(count, output);
  if (calibration.method === 'isotonic')
    fail(
      'ERR_UNSUPPORTED',
      "inputGradient: the probabilities of this classifier are corrected by isotonic regression, which has no slope. Train it with calibrate: 'platt', 'temperature' or false.",
    );
  const correction = calibration;
  const factor = calibratedLogit(correction, 1) - calibratedLogit(correction, 0);
  const { yStride, outputs } = network;
  const given = network.y.slice(0, count * yStride);
  if (answers.binary) return ofTwo();
  const exclusive = answers.exclusive;
  const corrected = Float64Array.from(given);
  for (let r = 0; r < count; r++)
    calibrateRows(calibration, corrected, { from: r * yStride, to: r * yStride + outputs, columns: outputs, exclusive });
  // What is 0 stays so: calibration takes it for a number of its own.
  return network.inputGradient(count, (r, j) => {
    const p = given[r * yStride + j]!;
    const [own, other] = [corrected[r * yStride + output]!, corrected[r * yStride + j]!];
    if (p === 0 || (!exclusive && (j !== output || p === 1))) return 0;
    return exclusive ? (own * ((j === output ? 1 : 0) - other) * factor) / p : (own * (1 - own) * factor) / (p * (1 - p));
  });

  /** From the logit, whose derivative is that of a probability over its slope: of whichever is at most a half, which float32 tells from 0 for longer. */
  function ofTwo(): Float32Array {
    const { xStride } = network;
    const gradient = network.inputGradient(count, 0).slice();
    const likely = (r: number) => given[r * yStride]! > 0.5;
    const other = network.inputGradient(count, 0, true);
    const rest = network.y;
    for (let r = 0; r < count; r++) {
      const p = likely(r) ? rest[r * yStride]! : given[r * yStride]!;
      const logit = logOf(p) - logOf(Math.fround(1 - p));
      const z = calibratedLogit(correction, likely(r) ? -logit : logit);
      const slope = p === 0 ? 0 : (sigmoid(z) * sigmoid(-z) * factor) / (p * (1 - p));
      for (let k = r * xStride; k < (r + 1) * xStride; k++) gradient[k] = slope * (likely(r) ? -other[k]! : gradient[k]!);
    }
    return gradient;
  }
}

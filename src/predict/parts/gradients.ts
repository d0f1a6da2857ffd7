// Derivatives of answers in the inputs: of the network's outputs by its walk back, and by the chain rule through what stands before and after it.

import { Activation, Address, LayerField } from '../../../assembly/abi.js';
import { calibratedLogit, calibrateRows, logOf, sigmoid } from '../../data/certainty/calibration.js';
import { fail } from '../../errors.js';
import type { Answers } from '../answering.js';
import type { Network } from '../network.js';
import type { GradientPart } from '../parts.js';
import { wholeCore } from '../wholeCore.js';

/**
 * The part of loadPredictor of feedforward/predict/light that gives predictors inputGradient.
 * @example
 * import { gradients, loadPredictor } from 'feedforward/predict/light';
 * loadPredictor(clf.save(), { gradients }).inputGradient([[1, 0.5]]).shape;  // [1, 2]
 */
export const gradients: GradientPart = {
  core: wholeCore,
  of({ network: running, scaling, answers }, { data, shape }, output, load) {
    const network = running as Network; // that of whole numbers has a part of its own here
    const { inputs, records } = network;
    if (records.some(({ [LayerField.Activation]: id }) => id === Activation.Sign || id === Activation.Step))
      fail('ERR_OPTION', 'inputGradient: no gradient passes through "sign" and "step".');
    if (answers.spread && 'gaussian' in answers.spread && output % 2 > 0)
      fail('ERR_UNSUPPORTED', `inputGradient: output ${output} is a deviation. Ask for a mean, output ${output - 1}.`);
    if (answers.ordinal)
      fail('ERR_UNSUPPORTED', 'inputGradient: of classes with an order MLPClassifier has derivatives, not its file alone.');
    const [source, sign] = answers.binary ? [0, output === 0 ? -1 : 1] : [output, 1];
    const unit = sign * answers.unit(source);
    const [rows] = shape;
    const out = new Float32Array(rows * inputs);
    const window = network.window(rows);
    for (let first = 0; first < rows; first += window) {
      const count = Math.min(window, rows - first);
      load(first, count);
      network.forward(count);
      const gradient = gradientOf(network, answers, count, source);
      for (let i = 0; i < count; i++)
        for (let j = 0; j < inputs; j++) {
          const k = (first + i) * inputs + j;
          out[k] = gradient[i * network.xStride + j]! * (unit * (scaling?.slope(data[k]!, j) ?? 1));
        }
    }
    return out;
  },
};

/**
 * After network.forward: the derivatives in the inputs of each of those rows, network.xStride numbers apart, at the start of a view that the next call
 * overwrites. Of one output, or of outputs weighted by what a function says of row r and output j. `negated`: of what
 * forwardNegated gives, which it leaves in y.
 */
function walkBack(
  network: Network,
  rows: number,
  output: number | ((r: number, j: number) => number),
  negated = false,
): Float32Array {
  const { core, outputs, xStride, yStride } = network;
  if (negated) {
    network.negateLast();
    core.forward(rows);
  }
  const seed = network.view(Address.OutputGradient, rows * yStride).fill(0);
  for (let r = 0; r < rows; r++)
    if (typeof output === 'number') seed[r * yStride + output] = 1;
    else for (let j = 0; j < outputs; j++) seed[r * yStride + j] = output(r, j);
  core.inputGradient();
  if (negated) network.negateLast();
  return network.view(Address.InputGradients, rows * xStride);
}

/**
 * After network.forward(count): the derivatives of answer `output` in the inputs of each row, network.xStride numbers apart. Of two classes that share
 * one output, of the second.
 */
function gradientOf(network: Network, answers: Answers, count: number, output: number): Float32Array {
  const { calibration } = answers;
  if (calibration === undefined) return walkBack(network, count, output);
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
  return walkBack(network, count, (r, j) => {
    const p = given[r * yStride + j]!;
    const [own, other] = [corrected[r * yStride + output]!, corrected[r * yStride + j]!];
    if (p === 0 || (!exclusive && (j !== output || p === 1))) return 0;
    return exclusive ? (own * ((j === output ? 1 : 0) - other) * factor) / p : (own * (1 - own) * factor) / (p * (1 - p));
  });

  /** From the logit, whose derivative is that of a probability over its slope: of whichever is at most a half, which float32 tells from 0 for longer. */
  function ofTwo(): Float32Array {
    const { xStride } = network;
    const gradient = walkBack(network, count, 0).slice();
    const likely = (r: number) => given[r * yStride]! > 0.5;
    const other = walkBack(network, count, 0, true);
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

// The ABI of the core that only predicts: the same layers, walks and layout as the whole core's (index.ts), with nothing that
// trains. The network is described by the same records (abi.ts); what stands in them for training is not read.

import { Address, Measure } from './abi';
import { layerAt, theModel } from './memory/model';
import { backward, forward as walk } from './network/passes';

export { build, describe } from './description';
export { tensorOffset } from './memory/addresses';
export { reserve } from './memory/layout';

/** The first `rows` rows at Address.Inputs through the network; the outputs are at Address.Outputs. */
export function forward(rows: i32): void {
  const model = theModel();
  model.rows = rows;
  model.base = model.parameters;
  model.evaluating = true;
  walk(model, 0, 1);
}

/** After forward, and d / d output written at Address.OutputGradient: leaves d / d x of those rows at Address.InputGradients. */
export function inputGradient(): void {
  backward(theModel(), true, false, 0, 1);
}

/** Where `what` starts, in bytes. */
export function address(what: Address): usize {
  const model = theModel();
  switch (what) {
    case Address.Parameters:
      return model.parameters;
    case Address.Inputs:
      return model.x;
    case Address.Outputs:
      return model.lastOutputs;
    case Address.InputGradients:
      return model.inputDelta;
    case Address.OutputGradient:
      return layerAt(model, model.layerCount - 1).delta;
    default:
      return unreachable();
  }
}

/** Floats from one row to the next: of the inputs and their gradients, or of the outputs. */
export function measure(what: Measure): i32 {
  return what == Measure.InputStride ? theModel().xStride : theModel().outputStride;
}

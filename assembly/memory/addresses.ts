// Where things are and how large they are, for JavaScript to read and fill.

import { Address, Measure } from '../abi';
import { layerAt, Model, tensorAt, theModel } from './model';

/** Where `what` starts, in bytes. */
export function address(what: Address): usize {
  const model = theModel();
  switch (what) {
    case Address.Parameters:
      return model.parameters;
    case Address.Gradients:
      return model.gradients;
    case Address.Slots:
      return model.slots;
    case Address.Average:
      return model.average;
    case Address.Inputs:
      return model.x;
    case Address.Targets:
      return model.targets;
    case Address.SampleWeights:
      return model.sampleWeights;
    case Address.Outputs:
      return model.lastOutputs;
    case Address.WindowOutputs:
      return model.windowOutputs;
    case Address.Steps:
      return model.stepRecords;
    case Address.Losses:
      return model.losses;
    case Address.Counters:
      return changetype<usize>(model) + offsetof<Model>('steps');
    case Address.InputGradients:
      return model.inputDelta;
    case Address.OutputGradient:
      return layerAt(model, model.layerCount - 1).delta;
    case Address.TrainRequest:
      return model.request;
    case Address.Direction:
      return model.pairs;
    case Address.DerivativeTargets:
      return model.derivativeTargets;
    case Address.DerivativeWeights:
      return model.derivativeWeights;
    default:
      return unreachable();
  }
}

export function measure(what: Measure): i32 {
  const model = theModel();
  switch (what) {
    case Measure.InputStride:
      return model.xStride;
    case Measure.TargetStride:
      return model.targetStride;
    case Measure.OutputStride:
      return model.outputStride;
    case Measure.ParameterFloats:
      return (model.parameterBytes >> 2) as i32;
    case Measure.TrainableFloats:
      return (model.trainableBytes >> 2) as i32;
    case Measure.Diverged:
      return i32(model.diverged);
    case Measure.Rows:
      return model.rows;
    case Measure.Pairs:
      return model.pairCount;
    case Measure.PairLength:
      return model.pairLength;
    case Measure.DerivativeStride:
      return model.derivativeStride;
    default:
      return unreachable();
  }
}

/** Floats from the start of a region to tensor i. */
export function tensorOffset(i: i32): i32 {
  return (tensorAt(theModel(), i).offset >> 2) as i32;
}

/** Where the rows of layer i's activations (what = 0) or deltas (what = 1) start, after a pass. */
export function layerRows(i: i32, what: i32): usize {
  const layer = layerAt(theModel(), i);
  return what == 0 ? layer.y : layer.delta;
}

/** Floats from one row of layer i's buffers to the next. */
export function layerStride(i: i32): i32 {
  const model = theModel();
  const layer = layerAt(model, i);
  // A layer that passes the window's rows on has their stride.
  return layer.y == model.x + (((model.first * model.xStride) as usize) << 2) ? model.xStride : layer.stride;
}

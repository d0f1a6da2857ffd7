// The rows of a data set that lie in the window behind those to train on, from row `kept` on: an epoch's order of them, drawn and
// followed. The order lies behind the losses, from number `kept` on; words are drawn where the losses will be.

import { gather, shuffle } from '../kernels/orders';
import { rowAt } from '../kernels/rows';
import { Model } from '../memory/model';

/** A random order of `rows` rows. */
export function orderRows(model: Model, kept: i32, rows: i32, key0: u32, key1: u32): void {
  shuffle(orderAt(model, kept), model.losses, rows, key0, key1);
}

/** Rows [from, from + rows) of the order to the start of the window. */
export function gatherRows(model: Model, kept: i32, from: i32, rows: i32, weighted: bool): void {
  const order = rowAt(orderAt(model, kept), from, 1);
  gather(model.x, rowAt(model.x, kept, model.xStride), model.xStride, order, rows);
  gather(model.targets, rowAt(model.targets, kept, model.targetStride), model.targetStride, order, rows);
  // Vectors of a weight and the three behind it: each row's own is written last, and the last three end before the kept rows.
  if (weighted) gather(model.sampleWeights, rowAt(model.sampleWeights, kept, 1), 1, order, rows);
}

function orderAt(model: Model, kept: i32): usize {
  return model.losses + ((kept as usize) << 3);
}

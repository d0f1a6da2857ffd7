// Embeddings of categories, forward and backward: one column of x holds categories, whole numbers from 0 on, and y has the category's row of
// W [categories][size] in its place: y = | x before it | W[category] | x after it |. What is no category (below 0, or beyond the last) is a
// row of zeros and teaches nothing. W lies in panels (kernels/panels.ts). Rows or categories [from, to) are one thread's share.

import { PANEL } from '../abi';
import { padded } from '../kernels/lanes';
import { rowAt } from '../kernels/rows';
import { Layer, Model } from '../memory/model';

/** The category in a row of x, cut to a whole number; -1 where there is none. */
function categoryOf(layer: Layer, row: i32): i32 {
  const value = f32.load(rowAt(layer.x, row, layer.xStride) + ((layer.column as usize) << 2));
  return value >= 0 && value < (layer.categories as f32) ? (value as i32) : -1;
}

/** Columns that stand in the category's place. */
function sizeOf(layer: Layer): i32 {
  return layer.outputs - layer.inputs + 1;
}

/** Floats from the start of W to a category's share of the panel that begins at column `first`. */
function placeOf(layer: Layer, category: i32, first: i32, lanes: i32): usize {
  return ((first * layer.categories + category * lanes) as usize) << 2;
}

/** y = | x before | W[category] | x after |, rows [from, to). */
export function embeddingForward(model: Model, layer: Layer, from: i32, to: i32): void {
  const size = sizeOf(layer);
  const before = (layer.column as usize) << 2;
  const after = ((layer.inputs - layer.column - 1) as usize) << 2;
  const width = padded(size);
  for (let r = from; r < to; r++) {
    const x = rowAt(layer.x, r, layer.xStride);
    const y = rowAt(layer.y, r, layer.stride);
    const own = y + before;
    memory.copy(y, x, before);
    memory.copy(own + ((size as usize) << 2), x + before + 4, after);
    const category = categoryOf(layer, r);
    for (let first = 0; first < size; first += PANEL) {
      const lanes = min(PANEL, width - first);
      const bytes = (min(PANEL, size - first) as usize) << 2;
      const place = own + ((first as usize) << 2);
      if (category < 0) memory.fill(place, 0, bytes);
      else memory.copy(place, model.base + layer.weight + placeOf(layer, category, first, lanes), bytes);
    }
  }
}

/** dW[category] (+)= dy, for categories [from, to), the whole batch in the order of its rows. */
export function embeddingGradient(model: Model, layer: Layer, from: i32, to: i32): void {
  const size = sizeOf(layer);
  const width = padded(size);
  const gradient = model.gradients + layer.weight;
  const own = (layer.column as usize) << 2;
  for (let first = 0; first < size; first += PANEL) {
    const lanes = min(PANEL, width - first);
    const columns = min(PANEL, size - first);
    const start = gradient + placeOf(layer, from, first, lanes);
    if (model.needsZero) memory.fill(start, 0, (((to - from) * lanes) as usize) << 2);
    for (let r = 0; r < model.rows; r++) {
      const category = categoryOf(layer, r);
      if (category < from || category >= to) continue;
      const sum = gradient + placeOf(layer, category, first, lanes);
      const dy = rowAt(layer.delta, r, layer.stride) + own + ((first as usize) << 2);
      for (let j = 0; j < columns; j++) {
        const at = (j as usize) << 2;
        f32.store(sum + at, f32.load(sum + at) + f32.load(dy + at));
      }
    }
  }
}

/** dx = | dy before | 0 | dy after |, rows [from, to): the number of a category has no gradient. */
export function embeddingInputs(layer: Layer, dx: usize, dxStride: i32, from: i32, to: i32): void {
  const before = (layer.column as usize) << 2;
  const after = ((layer.inputs - layer.column - 1) as usize) << 2;
  const size = (sizeOf(layer) as usize) << 2;
  const padding = ((padded(layer.inputs) - layer.inputs) as usize) << 2;
  for (let r = from; r < to; r++) {
    const dy = rowAt(layer.delta, r, layer.stride);
    const out = rowAt(dx, r, dxStride);
    memory.copy(out, dy, before);
    f32.store(out + before, 0);
    memory.copy(out + before + 4, dy + before + size, after);
    memory.fill(out + before + 4 + after, 0, padding);
  }
}

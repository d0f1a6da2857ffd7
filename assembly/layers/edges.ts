// Edges of the graph of layers. What a layer reads from several others, or from one that does not stand right before it, is put side by side by as
// many edges in front of it, each a range of columns of one buffer that they share. On the way back a layer gathers what came along the edges
// that leave it: nothing is written into a delta that others add to. Rows [from, to) are one thread's share of the batch.

import { LayerKind } from '../abi';
import { firstLanes, padded } from '../kernels/lanes';
import { rowAt } from '../kernels/rows';
import { Layer, layerAt, Model } from '../memory/model';

/** Columns [column, column + inputs) of y = what the source gave. */
export function edgeForward(model: Model, layer: Layer, from: i32, to: i32): void {
  if (layer.partner < 0) place(layer, layer.y, rowAt(model.x, model.first, model.xStride), model.xStride, from, to);
  else {
    const source = layerAt(model, layer.partner);
    place(layer, layer.y, source.y, source.stride, from, to);
  }
}

/** The tangents of those columns; model.inputDelta is the direction in the inputs. The whole batch. */
export function edgeTangent(model: Model, layer: Layer): void {
  if (layer.partner < 0) place(layer, layer.tangent, model.inputDelta, model.xStride, 0, model.rows);
  else {
    const source = layerAt(model, layer.partner);
    place(layer, layer.tangent, source.tangent, source.stride, 0, model.rows);
  }
}

function place(layer: Layer, out: usize, source: usize, stride: i32, from: i32, to: i32): void {
  const bytes = (layer.inputs as usize) << 2;
  for (let r = from; r < to; r++) {
    const row = rowAt(out, r, layer.stride);
    if (layer.column == 0) v128.store(row + (((padded(layer.outputs) - 4) as usize) << 2), f32x4.splat(0)); // padding is finite
    memory.copy(row + ((layer.column as usize) << 2), rowAt(source, r, stride), bytes);
  }
}

/**
 * The delta of layer i (-1: of the inputs) gains what came back along the edges that leave it. Where an edge follows the layer, nobody reads it in
 * another way: the first sum is written over what stood there.
 */
export function edgeGather(model: Model, i: i32, from: i32, to: i32): void {
  let delta = model.inputDelta;
  let stride = model.xStride;
  let e = model.inputEdge;
  let adds = true;
  if (i >= 0) {
    const layer = layerAt(model, i);
    delta = layer.delta;
    stride = layer.stride;
    e = layer.edge;
    if (i + 1 < model.layerCount) {
      const next = layerAt(model, i + 1);
      adds = next.kind != LayerKind.Edge || next.column > 0;
    }
  }
  while (e > 0) {
    const edge = layerAt(model, e);
    const width = edge.inputs;
    for (let r = from; r < to; r++) {
      const back = rowAt(edge.delta, r, edge.stride) + ((edge.column as usize) << 2);
      const out = rowAt(delta, r, stride);
      for (let c = 0; c < width; c += 4) {
        const at = out + ((c as usize) << 2);
        let part = v128.load(back + ((c as usize) << 2));
        if (c + 4 > width) part = v128.and(part, firstLanes(width - c)); // the next edge's columns
        v128.store(at, adds ? f32x4.add(v128.load(at), part) : part);
      }
    }
    adds = true;
    e = edge.nextEdge;
  }
}

// Residual blocks: y = F(x) + x, or F(x) + x P. In the walk a block is a begin and an end with F between; the begin
// passes x on untouched, and shares its delta with the layer before it. See: https://arxiv.org/abs/1512.03385

import { forwardProduct, inputGradient } from '../kernels/products';
import { Layer, Model } from '../memory/model';
import { addRows, rowAt } from '../kernels/rows';

/** y = F(x) + shortcut, rows [from, to). `begin` is the block's first layer: its x is the block's input. */
export function residualForward(model: Model, layer: Layer, begin: Layer, from: i32, to: i32): void {
  let shortcut = begin.x;
  let stride = begin.xStride;
  if (layer.projects) {
    forwardProduct(
      rowAt(layer.y, from, layer.stride),
      layer.stride,
      rowAt(begin.x, from, begin.xStride),
      begin.xStride,
      model.base + layer.weight,
      0,
      to - from,
      layer.inputs,
      layer.outputs,
    );
    shortcut = layer.y;
    stride = layer.stride;
  }
  addRows(layer.y, layer.stride, layer.x, layer.xStride, shortcut, stride, layer.outputs, from, to);
}

/** d loss / d x of the block gains what came through the shortcut; `end` holds d loss / d y of the block. */
export function residualInputs(layer: Layer, end: Layer, from: i32, to: i32): void {
  if (end.projects) {
    inputGradient(
      rowAt(layer.delta, from, layer.stride),
      layer.stride,
      rowAt(end.delta, from, end.stride),
      end.stride,
      end.transposed,
      to - from,
      end.inputs,
      end.outputs,
      true,
    );
  } else {
    addRows(layer.delta, layer.stride, layer.delta, layer.stride, end.delta, end.stride, layer.outputs, from, to);
  }
}

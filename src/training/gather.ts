// Rows of a data set into a window, in order or by the numbers of an order: what each epoch does before its steps.

import type { Floats } from '../data/allocate.js';

/** From this many columns on a block copy of a row, and the view it takes, cost less than copying by hand. */
const wideColumns = 96;

/** Rows order[from …], or rows from … as they come, to the start of out, `stride` apart. */
export function gather(
  out: Floats,
  stride: number,
  source: Float32Array,
  columns: number,
  order: Uint32Array | undefined,
  from: number,
  rows: number,
): void {
  const end = rows * stride;
  if (order === undefined && stride === columns && end > 64)
    out.set(source.length === end ? source : source.subarray(from * columns, from * columns + end));
  else if (columns >= wideColumns)
    for (let at = 0; at < end; at += stride) {
      const start = columns * (order === undefined ? from++ : order[from++]!);
      out.set(source.subarray(start, start + columns), at);
    }
  else if (order === undefined) spread(out, stride, source, columns, from * columns, end);
  else pick(out, stride, source, columns, order, from, end);
}

// Loops of their own for one and for two columns: of few numbers a row the loop over columns would cost more than they do.

/** Rows from source[start] on, as far as out[end]. */
function spread(out: Floats, stride: number, source: Float32Array, columns: number, start: number, end: number): void {
  if (columns === 1) for (let at = 0; at < end; at += stride) out[at] = source[start++]!;
  else if (columns === 2)
    for (let at = 0; at < end; at += stride, start += 2) {
      out[at] = source[start]!;
      out[at + 1] = source[start + 1]!;
    }
  else for (let at = 0; at < end; at += stride) for (let to = at; to < at + columns; to++) out[to] = source[start++]!;
}

/** Rows order[from …], as far as out[end]. */
function pick(
  out: Floats,
  stride: number,
  source: Float32Array,
  columns: number,
  order: Uint32Array,
  from: number,
  end: number,
): void {
  if (columns === 1) for (let at = 0; at < end; at += stride) out[at] = source[order[from++]!]!;
  else if (columns === 2)
    for (let at = 0; at < end; at += stride) {
      const start = 2 * order[from++]!;
      out[at] = source[start]!;
      out[at + 1] = source[start + 1]!;
    }
  else
    for (let at = 0; at < end; at += stride) {
      let start = columns * order[from++]!;
      for (let to = at; to < at + columns; to++) out[to] = source[start++]!;
    }
}

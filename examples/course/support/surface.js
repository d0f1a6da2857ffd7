// A function of two variables on a grid, as charts draw it below their series.

/** `f` answers many rows at once: [[x, y], …] to as many numbers. By row, from the least y on. */
export function surface(f, { x, y, levels, sides = false, cells = 60 }) {
  const along = ([from, to], i) => from + ((to - from) * (i + 0.5)) / cells;
  const rows = Array.from({ length: cells * cells }, (_, i) => [along(x, i % cells), along(y, Math.floor(i / cells))]);
  return { x, y, columns: cells, values: Array.from(f(rows)), levels, sides };
}

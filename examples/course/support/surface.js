// A function of two variables on a grid, as charts draw it below their series.

/**
 * `f` answers many rows at once: [[x, y], …] to as many numbers. The values reach one cell beyond what is shown, so that contours end at the
 * frame and do not run along it. An odd number of cells keeps grid points off the lines that lessons like to draw.
 */
export function surface(f, { x, y, levels, sides = false, cells = 61 }) {
  const beyond = ([from, to]) => {
    const cell = (to - from) / cells;
    return [from - cell, to + cell];
  };
  const [across, up] = [beyond(x), beyond(y)];
  const columns = cells + 2;
  const along = ([from, to], i) => from + ((to - from) * (i + 0.5)) / columns;
  const points = Array.from({ length: columns * columns }, (_, i) => [
    along(across, i % columns),
    along(up, Math.floor(i / columns)),
  ]);
  return { x, y, across, up, columns, values: Array.from(f(points)), levels, sides };
}

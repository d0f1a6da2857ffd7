// Pictures in text: a loss curve, bars, tables.

const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];

/** Curves over the same epochs, in braille dots, the vertical axis logarithmic when all values are positive. */
export function curve(series: readonly (readonly number[])[], width: number, height: number): string[] {
  const finite = series.flat().filter(Number.isFinite);
  if (finite.length === 0) return [];
  const logs = finite.every((value) => value > 0);
  const scale = (value: number) => (logs ? Math.log10(value) : value);
  let [low, high] = [Math.min(...finite.map(scale)), Math.max(...finite.map(scale))];
  if (high - low < 1e-12) [low, high] = [low - 0.5, high + 0.5];
  const cells = Array.from({ length: height }, () => new Uint8Array(width));
  const most = Math.max(...series.map(({ length }) => length));
  for (const values of series) {
    for (let x = 0; x < 2 * width; x++) {
      const at = (x / (2 * width - 1)) * (most - 1);
      const [before, after] = [values[Math.floor(at)], values[Math.ceil(at)]];
      const value = before === undefined || after === undefined ? undefined : before + (at % 1) * (after - before);
      if (value === undefined || !Number.isFinite(value)) continue;
      const y = Math.round((1 - (scale(value) - low) / (high - low)) * (4 * height - 1));
      cells[y >> 2]![x >> 1]! |= dots[y & 3]![x & 1]!;
    }
  }
  const unscale = (value: number) => (logs ? 10 ** value : value);
  const labels = [unscale(high), unscale(low)].map((value) => Number(value.toPrecision(3)).toString());
  const margin = Math.max(...labels.map(({ length }) => length));
  const lines = cells.map((row, i) => {
    const label = i === 0 ? labels[0]! : i === height - 1 ? labels[1]! : '';
    return `${label.padStart(margin)} │${[...row].map((bits) => String.fromCharCode(0x2800 + bits)).join('')}`;
  });
  const end = String(most);
  return [...lines, `${' '.repeat(margin)} └${'─'.repeat(width)}`, `${' '.repeat(margin)}  1${end.padStart(width - 1)}`];
}

/** A bar for a share of 1. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.max(0, Math.min(1, share)) * width * 8);
  return '█'.repeat(eighths >> 3) + (eighths & 7 ? '▏▎▍▌▋▊▉'[(eighths & 7) - 1]! : '');
}

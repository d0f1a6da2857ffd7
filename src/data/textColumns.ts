// Rows of text in columns, for what people read: summaries, reports, confusion matrices.

/** How wide each column is. Rows may be shorter than the first. */
export function columnWidths(rows: readonly (readonly string[])[]): number[] {
  return rows[0]!.map((_, j) => rows.reduce((most, row) => Math.max(most, (row[j] ?? '').length), 0));
}

/** Lines of the rows: the first `left` columns to the left, the others to the right, two spaces between them. */
export function alignColumns(rows: readonly (readonly string[])[], left = 1): string[] {
  const widths = columnWidths(rows);
  return rows.map((row) =>
    row
      .map((cell, j) => (j < left ? cell.padEnd(widths[j]!) : cell.padStart(widths[j]!)))
      .join('  ')
      .trimEnd(),
  );
}

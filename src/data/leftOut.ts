// Which columns of a table are no use to a network: without values, text that is different in almost every row, numbers that count the rows.

import type { ColumnSummary } from './column.js';

const FEW = 20; // so many different texts are categories, however few the rows

/** Why a column is no use to a network ("holds …"); undefined when it is. */
export function useless({ type, rows, missing, categories }: ColumnSummary): string | undefined {
  const present = rows - missing;
  if (present === 0) return 'has no value at all';
  if (type !== 'categorical') return undefined;
  if (categories === undefined) return 'holds more than 1000 different texts';
  if (categories.length > FEW && categories.length > present / 2)
    return `holds ${categories.length} different texts in ${present} rows`;
  return undefined;
}

/** Words in the names of columns that number rows. */
const COUNTERS = new Set(
  'id ids idx index row rows rowid rownum rowname rownames no nr num number serial sno uid key case record obs observation sample seq unnamed'.split(
    ' ',
  ),
);
/** Words in the names of columns that go up with time, and mean it. */
const TIMES = new Set(
  'year years yr month months week weeks day days date dates time timestamp hour hours minute minutes second seconds quarter quarters period epoch step steps tick age jahr monat tag'.split(
    ' ',
  ),
);

/**
 * Why a column of numbers looks like a number of the row ("counts the rows"); undefined when it does not. A column does when it holds a
 * different whole number in every row and these are consecutive, or nearly so (the rows of a part of a table), or its name says so.
 */
export function runningNumber(column: ColumnSummary): string | undefined {
  const { name, type, rows, missing, min, max, distinctWhole, declared } = column;
  if (type !== 'numeric' || declared === true || distinctWhole !== true || missing > 0) return undefined;
  const words = wordsOf(name);
  const counter = words.some((word) => COUNTERS.has(word));
  if (!counter && words.some((word) => TIMES.has(word))) return undefined;
  const span = max! - min! + 1;
  if (span === rows && rows >= (counter ? 3 : 10)) return `counts the rows (${min} to ${max}, each once)`;
  if (span <= 2 * rows && rows >= 20 && min! >= 0)
    return `counts rows (different whole numbers from ${min} to ${max} in ${rows} rows)`;
  if (counter && rows >= 10) return 'holds a different whole number in every row, and its name says that it numbers them';
  return undefined;
}

/** "PassengerId" -> passenger, id; "Row ID" -> row, id. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}#]+/u)
    .filter((word) => word !== '');
}

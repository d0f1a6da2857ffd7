// Classes of which one has nearly all rows: accuracy then says little, for always that class has nearly all of it. Said when fitting.

import type { Finding } from '../data/findings.js';
import type { Label } from '../data/labels.js';
import { show } from '../errors.js';

/** The share of the most frequent class above which accuracy is no measure. */
const MOST = 0.95;
const FEWEST_ROWS = 20;

/** A finding, in a list of at most one, on `ids` into the classes. `what`: what the target is called; `weighed`: whether classes have weights already. */
export function rareFindings(
  ids: ArrayLike<number>,
  classes: readonly Label[],
  { what, weighed }: { readonly what: string; readonly weighed: boolean },
): Finding[] {
  const rows = ids.length;
  const counts = new Float64Array(classes.length);
  for (let i = 0; i < rows; i++) counts[ids[i]!]!++;
  const most = counts.reduce((most, count) => Math.max(most, count), 0);
  if (rows < FEWEST_ROWS || most === rows || !(most > MOST * rows)) return [];
  const others = rows - most === 1 ? 'the other row' : `the other ${rows - most} rows`;
  const ways = [
    ...(weighed ? [] : [`classWeight: 'balanced' lets ${others} count as much`]),
    ...(classes.length === 2 ? ['chooseThreshold sets from which probability on a class is said'] : []),
  ];
  return [
    {
      kind: 'rareClasses',
      message: `${what} is ${show(classes[counts.indexOf(most)])} in ${most} of ${rows} rows: always that has an accuracy of ${Number((most / rows).toFixed(6))}, so accuracy says little of ${others}.`,
      fix: `Go by the balanced accuracy, the log loss and what is taken for what (the confusion matrix)${ways.length === 0 ? '' : `; ${ways.join(', and ')}`}.`,
    },
  ];
}

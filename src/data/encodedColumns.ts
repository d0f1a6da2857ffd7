// The columns of a TableEncoder: what each learnt in training, how many numbers it becomes, and its form in a file.

import { CALENDAR_WIDTHS, type DateFeature } from './calendarWidths.js';
import { COLUMN_TYPES, type CellSpelling } from './column.js';
import { SavedState } from './columns.js';

/** A column of numbers as the encoder knows it. */
interface NumberPlan {
  name: string;
  type: 'numeric' | 'boolean' | 'date';
  fill: number;
  min: number;
  max: number;
  /** Whether cells were missing in training. */
  missing?: boolean;
  /** How the cells of the training file were written, where that is not the plain way. */
  spelling?: CellSpelling;
  /** What of the calendar follows the date. */
  features?: readonly DateFeature[];
}

/** A column of text as the encoder knows it: one output per category, then one for "other" and one for missing cells, where there were any. */
export interface CategoryPlan {
  name: string;
  type: 'categorical';
  categories: string[];
  other: boolean;
  missing: boolean;
  /** One output instead: the number of the category, counted as those outputs are, and -1 for what is none of them. */
  numbered?: true;
}

/** What the encoder knows of a column. */
export type Plan = NumberPlan | CategoryPlan;

/** The columns in order, where the outputs of each begin, and how many outputs there are. */
export interface Encoding {
  readonly plans: readonly Plan[];
  readonly places: readonly number[];
  readonly outputs: number;
}

/** The outputs of the columns side by side. */
export function lay(plans: readonly Plan[]): Encoding {
  let outputs = 0;
  const places = plans.map((plan) => {
    const at = outputs;
    outputs += width(plan);
    return at;
  });
  return { plans, places, outputs };
}

/** Categories that are told apart: those of training, "other" and missing. */
export function categoryCount(plan: CategoryPlan): number {
  return plan.categories.length + (plan.other ? 1 : 0) + (plan.missing ? 1 : 0);
}

/** How many numbers a column becomes. */
export function width(plan: Plan): number {
  if (plan.type === 'categorical') return plan.numbered === true ? 1 : categoryCount(plan);
  return (plan.features ?? []).reduce((sum, feature) => sum + CALENDAR_WIDTHS[feature], 1);
}

/** What a saved TableEncoder knows, checked; `checkDates` throws for what is no format of dates. @throws ERR_FORMAT for anything else. */
export function readEncoding(json: unknown, checkDates: (format: string) => unknown): Encoding {
  const saved = new SavedState(json, 'TableEncoder');
  const names = new Set<string>();
  const plans = saved.list('columns').map((item, p): Plan => {
    const fields = saved.inner(`columns[${p}]`, item);
    const name = fields.string('name');
    if (names.has(name)) saved.refuse(`columns[${p}].name`, 'a name of its own', name);
    names.add(name);
    const type = fields.choice('type', COLUMN_TYPES);
    if (type !== 'categorical')
      return {
        ...{ name, type, fill: fields.number('fill'), min: fields.number('min'), max: fields.number('max') },
        ...(fields.raw('missing') === undefined ? {} : { missing: fields.boolean('missing') }),
        ...spellingFrom(fields, checkDates),
        ...featuresFrom(fields),
      };
    return {
      name,
      type,
      categories: fields.strings('categories'),
      other: fields.boolean('other'),
      missing: fields.boolean('missing'),
      ...numberedFrom(fields),
    };
  });
  if (plans.length === 0) saved.refuse('columns', 'a list of columns', plans);
  return lay(plans);
}

/** How cells are written, from a file: checked as all that it holds. */
function spellingFrom(fields: SavedState, checkDates: (format: string) => unknown): { spelling?: CellSpelling } {
  if (fields.raw('spelling') === undefined) return {};
  const saved = fields.inner('spelling', fields.raw('spelling'));
  const has = (name: string) => saved.raw(name) !== undefined;
  const format = has('dateFormat') ? saved.string('dateFormat') : undefined;
  if (format !== undefined)
    try {
      checkDates(format);
    } catch {
      saved.refuse('dateFormat', 'a format of dates', format);
    }
  return {
    spelling: {
      ...(has('decimal') ? { decimal: saved.choice('decimal', ['.', ','] as const) } : {}),
      ...(has('group') ? { group: saved.choice('group', [',', '.', ' ', "'"]) } : {}),
      ...(format === undefined ? {} : { dateFormat: format }),
      ...(has('missing') ? { missing: saved.strings('missing') } : {}),
    },
  };
}

function numberedFrom(fields: SavedState): { numbered?: true } {
  const numbered = fields.raw('numbered');
  if (numbered === undefined) return {};
  return numbered === true ? { numbered } : fields.refuse('numbered', 'true', numbered);
}

function featuresFrom(fields: SavedState): { features?: DateFeature[] } {
  if (fields.raw('features') === undefined) return {};
  const list = fields.strings('features').map((feature) => {
    if (!Object.hasOwn(CALENDAR_WIDTHS, feature))
      fields.refuse('features', `of ${Object.keys(CALENDAR_WIDTHS).join(', ')}`, feature);
    return feature as DateFeature;
  });
  return { features: list };
}

// Values of parameters as a page shows them.

import type { Json } from '../../formats/json.js';
import { figure } from '../page/words.js';

/** A number to four digits, text as it is, a list of numbers as 64, 32, anything else as JSON. */
export function valueText(value: Json): string {
  if (typeof value === 'number') return figure(value);
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'number'))
    return value.length === 0 ? 'none' : value.join(', ');
  return JSON.stringify(value);
}

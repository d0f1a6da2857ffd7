// Columns of dates: texts read as days, and what the calendar says of them.

import { writeCalendar } from '../../data/calendar.js';
import { dateFormat, dateReaderOf } from '../../data/dates.js';
import type { DatePart } from '../parts.js';

/**
 * The part of loadPredictor of feedforward/predict/light that reads columns of dates.
 * @example
 * import { dates, loadPredictor } from 'feedforward/predict/light';
 * loadPredictor(clf.save(), { dates }).kind;  // 'MLPClassifier'
 */
export const dates: DatePart = {
  check: (format) => void dateFormat(format),
  reader: dateReaderOf,
  write: writeCalendar,
};

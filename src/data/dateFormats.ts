// The ways to write dates that are tried on a column nobody described (typing.ts).

import { dateFormat, isoFormat, type DateFormat } from './dates.js';

/** Usual ways to write dates. Years of two digits, which leave more open, come last. */
export const DATE_FORMATS: readonly DateFormat[] = [
  isoFormat,
  ...[
    'YYYY-M-D',
    'YYYY/M/D',
    'YYYY.M.D',
    'D/M/YYYY',
    'M/D/YYYY',
    'D-M-YYYY',
    'M-D-YYYY',
    'D.M.YYYY',
    'MMM D, YYYY',
    'MMM D YYYY',
    'D MMM YYYY',
    'D. MMM YYYY',
    'D-MMM-YYYY',
    'D/MMM/YYYY',
    'D MMM, YYYY',
    'YYYY-MMM-D',
    'D-MMM-YY',
    'D MMM YY',
    'D.M.YY',
    'D/M/YY',
    'M/D/YY',
    'YY/M/D',
    'D-M-YY',
    'M-D-YY',
    'YY-M-D',
    'YYYY-MM',
    'YYYY/MM',
    'MMM YYYY',
    'MMM-YYYY',
    'MMMM, YYYY',
  ].map((name) => dateFormat(name)),
];

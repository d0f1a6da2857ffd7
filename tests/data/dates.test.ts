// Days and times of day, judged by the engine's own Date.

import { describe, expect, test } from 'vitest';
import { dateFormat, isoFormat, readDate, type DateFormat } from '../../src/data/dates.js';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const pad = (value: number, width = 2) => String(value).padStart(width, '0');

/** Days since 1970 of a day that exists, else NaN. Months from 1. */
function daysOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / 86_400_000 : Number.NaN;
}

const forms: readonly [DateFormat, (year: number, month: number, day: number) => string][] = [
  [isoFormat, (y, m, d) => `${pad(y, 4)}-${pad(m)}-${pad(d)}`],
  [isoFormat, (y, m, d) => `${pad(y, 4)}/${pad(m)}/${pad(d)}`],
  [dateFormat('YYYY-M-D'), (y, m, d) => `${pad(y, 4)}-${m}-${d}`],
  [dateFormat('D.M.YYYY'), (y, m, d) => `${d}.${pad(m)}.${pad(y, 4)}`],
  [dateFormat('%m/%d/%Y'), (y, m, d) => `${pad(m)}/${pad(d)}/${pad(y, 4)}`],
  [dateFormat('MMM D, YYYY'), (y, m, d) => `${MONTHS[m - 1] ?? 'Smarch'} ${d}, ${pad(y, 4)}`],
  [dateFormat('YYYYMMDD'), (y, m, d) => `${pad(y, 4)}${pad(m)}${pad(d)}`],
];

describe('dates', () => {
  test('are those of the calendar in every form, leap years and days that do not exist included', () => {
    for (const year of [1, 4, 100, 400, 1582, 1600, 1700, 1899, 1900, 1904, 1969, 1970, 1999, 2000, 2023, 2024, 2100, 9999])
      for (let month = 0; month <= 13; month++)
        for (const day of [0, 1, 2, 15, 27, 28, 29, 30, 31, 32])
          for (const [format, write] of forms) {
            const cell = write(year, month, day);
            expect(readDate(cell, format), `${cell} as ${format.name}`).toBe(daysOf(year, month, day));
          }
  });

  test('have a time of day behind them, to the second and beyond, or none that does not exist', () => {
    const day = daysOf(2024, 2, 29);
    for (let hour = 0; hour <= 24; hour += 3)
      for (const minute of [0, 7, 59, 60])
        for (const second of [0, 9, 59, 60])
          for (const between of [' ', 'T', ', '])
            for (const [format, write] of forms) {
              const exists = hour < 24 && minute < 60 && second < 60;
              const got = readDate(`${write(2024, 2, 29)}${between}${pad(hour)}:${pad(minute)}:${pad(second)}`, format);
              if (exists) expect(Math.abs(got - day - (3600 * hour + 60 * minute + second) / 86_400)).toBeLessThan(1e-11);
              else expect(got).toBeNaN();
            }
    expect(readDate('2024-02-29 6:00')).toBe(day + 0.25);
    expect(readDate('2024-02-29 18:00')).toBe(day + 0.75);
    expect(readDate('2024-02-29 06:00 PM')).toBe(day + 0.75);
    expect(readDate('2024-02-29T12:00:00+06:00')).toBe(day + 0.25);
    expect(readDate('2024-02-29T00:00:21.6')).toBe(day + 0.00025);
  });

  test('are nothing else: marks, digits and lengths are those of the form', () => {
    for (const cell of [
      ...['', '2024', '2024-', '2024-05', '2024-05-', '2024-05-1', '24-05-17', '2024-05-171', '2024-005-17', '12024-05-17'],
      ...['2024.05.17', '2024-05-17x', '2024-05-17 ', '2024-05-17T', '2024-05-17 12', '2024-05-17 12:3', '2024-05-17 12.30'],
      ...['2024-05-17 12:30:', '2024-05-17 12x30', '2024-05-17 12:30x15', '2024-05-17x12:30', ' 2024-05-17', '-024-05-17'],
    ])
      expect(readDate(cell), cell).toBeNaN();
    expect(readDate('1-1-2024', dateFormat('D-M-YYYY'))).toBe(daysOf(2024, 1, 1));
    expect(readDate('1.1-2024', dateFormat('D-M-YYYY'))).toBeNaN();
    expect(readDate('1-1-2024', dateFormat('DD-MM-YYYY'))).toBeNaN();
    expect(readDate('1-1-24', dateFormat('D-M-YY'))).toBe(daysOf(2024, 1, 1));
    expect(readDate('1-1-69', dateFormat('D-M-YY'))).toBe(daysOf(1969, 1, 1));
  });
});

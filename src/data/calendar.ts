// What the calendar says of dates: month, weekday, day of the year, hour and year, as pandas counts them.

import { checkChoice, type Option } from '../options.js';
import { DATE_FEATURES, type DateFeature } from './calendarWidths.js';
import type { Column, NumberColumn } from './column.js';
import { MILLISECONDS_PER_DAY } from './column.js';
import { CategoryWriter } from './columnWriters.js';
import { cosTurn, sinTurn } from './elementary.js';

/** The name of a feature. @throws ERR_OPTION for an unknown one. */
export const dateFeature: Option<DateFeature> = (value, name) => checkChoice(value, DATE_FEATURES, name);

/** A feature of a date in days since 1970-01-01 (UTC). Source: pandas, `Series.dt`. */
export function calendarOf(days: number, feature: DateFeature): number {
  const date = new Date(Math.round(days * MILLISECONDS_PER_DAY));
  switch (feature) {
    case 'year':
      return date.getUTCFullYear();
    case 'month':
      return date.getUTCMonth() + 1;
    case 'weekday':
      return (date.getUTCDay() + 6) % 7;
    case 'hour':
      return date.getUTCHours();
    case 'dayOfYear': {
      const start = new Date(0);
      start.setUTCFullYear(date.getUTCFullYear(), 0, 1);
      return Math.floor((date.getTime() - start.getTime()) / MILLISECONDS_PER_DAY) + 1;
    }
  }
}

/** Columns "name month", … beside a column of dates; month and weekday as text. */
export function calendarColumns({ name, values }: NumberColumn, features: readonly DateFeature[]): Column[] {
  return features.map((given, i): Column => {
    const feature = dateFeature(given, `features[${i}]`);
    const title = `${name} ${feature}`;
    if (feature !== 'month' && feature !== 'weekday')
      return { name: title, type: 'numeric', values: values.map((days) => (days === days ? calendarOf(days, feature) : days)) };
    const writer = new CategoryWriter(title);
    for (const days of values) writer.add(days === days ? String(calendarOf(days, feature)) : undefined);
    return writer.column();
  });
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** What those inputs are called. */
export function calendarNames(name: string, feature: DateFeature): string[] {
  if (feature === 'year') return [`${name}_year`];
  if (feature === 'weekday') return WEEKDAYS.map((day) => `${name}_${day}`);
  if (feature === 'month') return Array.from({ length: 12 }, (_, i) => `${name}_month ${i + 1}`);
  return [`${name}_${feature} (cos)`, `${name}_${feature} (sin)`];
}

/** Writes a date's inputs into data from `at` on, which must hold zeros. */
export function writeCalendar(data: Float64Array, at: number, days: number, feature: DateFeature): void {
  const value = calendarOf(days, feature);
  if (feature === 'year') data[at] = value;
  else if (feature === 'month') data[at + value - 1] = 1;
  else if (feature === 'weekday') data[at + value] = 1;
  else {
    const turn = feature === 'hour' ? value / 24 : (value - 1) / 366;
    data[at] = cosTurn(turn);
    data[at + 1] = sinTurn(turn);
  }
}

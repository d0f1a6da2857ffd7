// What of the calendar the encoder makes of a date, and how many numbers each thing becomes.

export const DATE_FEATURES = ['year', 'month', 'weekday', 'dayOfYear', 'hour'] as const;

/** year; month 1 to 12; weekday 0 (Monday) to 6; dayOfYear 1 to 366; hour 0 to 23. */
export type DateFeature = (typeof DATE_FEATURES)[number];

/** How many inputs of a network a feature becomes: one per month or weekday; two, as on a circle, for what goes round; one for the year. */
export const CALENDAR_WIDTHS: Readonly<Record<DateFeature, number>> = { year: 1, month: 12, weekday: 7, dayOfYear: 2, hour: 2 };

// Reads committed fixtures.

import { readFileSync } from 'node:fs';

/** The parsed file tests/fixtures/<name>. */
export function fixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')) as T;
}

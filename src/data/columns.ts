// What every fitted transformer of columns shares: the check that it was fitted, the check of width, and the reading of
// saved state (plain JSON, never trusted).

import { fail, show } from '../errors.js';

/** @throws ERR_SHAPE when a table has another width than the transformer was fitted on. */
export function checkWidth(columns: number, fitted: number, who: string): void {
  if (columns !== fitted)
    fail('ERR_SHAPE', `${who}: fitted on ${fitted} columns, got ${columns}.`, { expected: fitted, got: columns });
}

/** @throws ERR_STATE: asked for something that only a fit provides. */
export function notFitted(who: string): never {
  return fail('ERR_STATE', `${who} is not fitted yet. Call fit first.`);
}

/** A reader of saved state: every field is checked, every refusal is ERR_FORMAT and names the field. */
export class SavedState {
  /** All of them. */
  readonly fields: Readonly<Record<string, unknown>>;

  /** @throws ERR_FORMAT unless `json` is an object, whose `type` is `type` (unless it is an inner one). */
  constructor(
    json: unknown,
    private readonly type: string,
    inner = false,
  ) {
    if (typeof json !== 'object' || json === null || Array.isArray(json))
      fail('ERR_FORMAT', `${type}: expected saved state (an object), got ${show(json)}.`);
    this.fields = json as Record<string, unknown>;
    if (!inner && this.raw('type') !== type)
      fail('ERR_FORMAT', `${type}: saved state of another kind: type is ${show(this.raw('type'))}.`);
  }

  /** A reader of an object within this one. */
  inner(field: string, json: unknown): SavedState {
    return new SavedState(json, `${this.type}.${field}`, true);
  }

  /** The field itself, undefined when it is not there. Only own fields count. */
  raw(field: string): unknown {
    return Object.hasOwn(this.fields, field) ? this.fields[field] : undefined;
  }

  /** A finite number. */
  number(field: string): number {
    const value = this.raw(field);
    if (typeof value !== 'number' || !Number.isFinite(value)) this.refuse(field, 'a finite number', value);
    return value;
  }

  /** A whole number >= 0. */
  count(field: string): number {
    const value = this.number(field);
    if (!Number.isSafeInteger(value) || value < 0) this.refuse(field, 'a whole number >= 0', value);
    return value;
  }

  string(field: string): string {
    const value = this.raw(field);
    if (typeof value !== 'string') this.refuse(field, 'a string', value);
    return value;
  }

  boolean(field: string): boolean {
    const value = this.raw(field);
    if (typeof value !== 'boolean') this.refuse(field, 'true or false', value);
    return value;
  }

  choice<T extends string>(field: string, choices: readonly T[]): T {
    const value = this.raw(field);
    if (!choices.includes(value as T)) this.refuse(field, `one of ${choices.join(', ')}`, value);
    return value as T;
  }

  list(field: string): readonly unknown[] {
    const value = this.raw(field);
    if (!Array.isArray(value)) this.refuse(field, 'a list', value);
    return value;
  }

  /** A list of finite numbers, `length` of them when given, each at least `min`. */
  numbers(field: string, length?: number, min = -Infinity): Float64Array {
    const list = this.list(field);
    if (length !== undefined && list.length !== length) this.refuse(field, `a list of ${length} numbers`, list);
    const values = new Float64Array(list.length);
    list.forEach((value, i) => {
      if (typeof value !== 'number' || !Number.isFinite(value) || value < min)
        this.refuse(`${field}[${i}]`, 'a finite number', value);
      values[i] = value;
    });
    return values;
  }

  /** A list of strings. */
  strings(field: string): string[] {
    return this.list(field).map((value, i) => {
      if (typeof value !== 'string') this.refuse(`${field}[${i}]`, 'a string', value);
      return value;
    });
  }

  refuse(field: string, expected: string, value: unknown): never {
    return fail('ERR_FORMAT', `${this.type}: ${field} must be ${expected}, got ${show(value)}.`, { field });
  }
}

// What a costly function gave for a point, checked: a number or several, finite, with derivatives or without.

import { fail, show } from '../errors.js';
import type { Gradient } from './options.js';

/** An answer as numbers. */
export interface Numbers {
  readonly values: Float64Array;
  /** [outputs][inputs]; undefined where there are none. */
  readonly gradient: Float64Array | undefined;
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value);

/** @throws ERR_TYPE, ERR_SHAPE, ERR_NONFINITE. `outputs`: how many values others had, 0 where there were none. */
export function readAnswer(answer: unknown, names: readonly string[], point: ArrayLike<number>, outputs: number): Numbers {
  const where = () => `f(${names.map((name, j) => `${name} = ${point[j]}`).join(', ')})`;
  const whole =
    typeof answer === 'object' && answer !== null && !isList(answer)
      ? (answer as { value?: unknown; gradient?: unknown })
      : { value: answer };
  const given = isList(whole.value) ? Array.from(whole.value) : [whole.value];
  const values = Float64Array.from(given, (value) => {
    if (typeof value !== 'number')
      fail('ERR_TYPE', `${where()} must be a number, a list of numbers or { value, gradient }, got ${show(answer)}.`);
    return value;
  });
  if (values.length === 0 || (outputs > 0 && values.length !== outputs))
    fail(
      'ERR_SHAPE',
      `${where()} gave ${values.length} numbers, ${outputs > 0 ? `but other points ${outputs}` : 'expected one at least'}.`,
    );
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    fail('ERR_NONFINITE', `${where()} is ${values[bad]}. Choose a domain in which the function is finite.`, {
      point: [...Array.from(point)],
    });
  if (whole.gradient === undefined) return { values, gradient: undefined };
  const nested =
    values.length > 1 || (isList(whole.gradient) && typeof whole.gradient[0] === 'object' && whole.gradient[0] !== null);
  const lists = nested ? Array.from(whole.gradient as ArrayLike<unknown>) : [whole.gradient];
  if (lists.length !== values.length)
    fail('ERR_SHAPE', `${where()} has ${values.length} values and gradients of ${lists.length}. Give a gradient for each value.`);
  const gradient = new Float64Array(values.length * names.length);
  lists.forEach((list, o) => gradient.set(readGradient(list, names, where), o * names.length));
  return { values, gradient };
}

function readGradient(list: unknown, names: readonly string[], where: () => string): number[] {
  const of = isList(list) ? Array.from(list) : names.map((name) => (list as Gradient as Record<string, number> | null)?.[name]);
  if (of.length !== names.length)
    fail('ERR_SHAPE', `${where()} has a gradient of ${of.length} numbers, but there are ${names.length} inputs.`);
  return of.map((value, j) => {
    if (typeof value !== 'number')
      fail('ERR_TYPE', `${where()}: its derivative in ${names[j]} must be a number, got ${show(value)}.`);
    if (!Number.isFinite(value)) fail('ERR_NONFINITE', `${where()}: its derivative in ${names[j]} is ${value}.`);
    return value;
  });
}

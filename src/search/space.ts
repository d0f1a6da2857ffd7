// Spaces of hyperparameters in plain data: what each may be, and when it exists at all. Read once, checked once; everything else goes by
// the list of parameters that comes out of it.

import { brandOf } from '../brands.js';
import { exp, log } from '../data/elementary.js';
import type { Random } from '../data/random.js';
import { fail, show } from '../errors.js';
import type { Json } from '../formats/json.js';
import { checkNumber, unknownName } from '../options.js';
import type { Candidate } from './contract.js';

/** When a parameter exists: every parameter named here exists and has one of the values listed. */
export type Condition = Readonly<Record<string, readonly Json[]>>;

/** What every range may say besides its limits. */
export interface Conditional {
  /** The parameter exists only when each of the parameters named here has one of the values listed, such as `{ optimizer: ['sgd'] }`. */
  readonly when?: Condition;
}

/** What a hyperparameter may be: a list of values, or an object that names one kind of range, and perhaps when the parameter exists at all. */
export type SpaceRange =
  | readonly Json[]
  | (Conditional & {
      /** One of these values, without an order among them. A bare list says the same. */
      readonly categorical: readonly Json[];
    })
  | (Conditional & {
      /** A number in [low, high), each equally likely. */
      readonly uniform: readonly [low: number, high: number];
      /** With a step, the numbers low, low + step, … up to high, which then is included where a step meets it. */
      readonly step?: number;
    })
  | (Conditional & {
      /** A number in [low, high), its logarithm equally likely: for learning rates and penalties. Limits > 0. */
      readonly logUniform: readonly [low: number, high: number];
    })
  | (Conditional & {
      /** A whole number from low to high, both included. */
      readonly integer: readonly [low: number, high: number];
      /** With a step, a whole number >= 1, only low, low + step, … up to high. */
      readonly step?: number;
    })
  | (Conditional & {
      /** A whole number from low to high, both included, its logarithm equally likely: for numbers of units. Limits >= 1. */
      readonly logInteger: readonly [low: number, high: number];
    });

/** A space: the range of each hyperparameter by its name. */
export type Space = Readonly<Record<string, SpaceRange>>;

interface Named {
  readonly name: string;
  readonly when: Condition | undefined;
}

/** A parameter of real or whole numbers. With a step (1 for whole numbers) it takes low + i step, for i below `count`. */
export interface NumericParameter extends Named {
  readonly kind: 'number';
  readonly low: number;
  /** With a step the largest of the values, however far the limit given lies above it. */
  readonly high: number;
  readonly logarithmic: boolean;
  readonly whole: boolean;
  readonly step: number | undefined;
  /** How many values there are; Infinity without a step. */
  readonly count: number;
}

/** A parameter that is one of a list of values. */
export interface CategoricalParameter extends Named {
  readonly kind: 'categorical';
  readonly values: readonly Json[];
  readonly count: number;
}

/** A parameter as it is read from a space. */
export type Parameter = NumericParameter | CategoricalParameter;

const kinds = ['categorical', 'uniform', 'logUniform', 'integer', 'logInteger'] as const;
type Kind = (typeof kinds)[number];

/** Which kinds take a step. */
const stepped: readonly Kind[] = ['uniform', 'integer'];

/** Whether values are whole, whether equal ratios are equally likely, and the least that a limit may be. */
const numeric = {
  uniform: { whole: false, logarithmic: false, min: -Number.MAX_VALUE },
  logUniform: { whole: false, logarithmic: true, min: Number.MIN_VALUE },
  integer: { whole: true, logarithmic: false, min: Number.MIN_SAFE_INTEGER },
  logInteger: { whole: true, logarithmic: true, min: 1 },
} as const satisfies Record<Exclude<Kind, 'categorical'>, object>;

/**
 * The parameters of a space, each after those that its condition names; otherwise in the order they were written in.
 * @throws ERR_OPTION for what is no range, an empty one, a condition on a parameter or a value that there is not, conditions in a circle.
 */
export function readSpace(space: unknown, name = 'space'): readonly Parameter[] {
  if (typeof space !== 'object' || space === null || Array.isArray(space))
    fail('ERR_OPTION', `${name}: expected an object of ranges by the name of a parameter, got ${show(space)}.`);
  if (Object.hasOwn(space, '__proto__')) fail('ERR_OPTION', `${name}: a parameter cannot be called __proto__.`);
  const parameters = Object.entries(space).map(([key, range]) => readRange(key, range, `${name}.${key}`));
  if (parameters.length === 0) fail('ERR_OPTION', `${name}: names no parameter to try.`);
  for (const parameter of parameters) checkCondition(parameter, parameters, `${name}.${parameter.name}.when`);
  return inOrder(parameters, name);
}

function readRange(key: string, range: unknown, name: string): Parameter {
  if (Array.isArray(range)) return categorical(key, range, undefined, name);
  const given = typeof range === 'object' && range !== null ? Object.keys(range) : [];
  const named = kinds.filter((kind) => given.includes(kind));
  const [kind] = named;
  if (kind === undefined || named.length > 1) {
    const stranger = given.find((word) => ![...kinds, 'step', 'when'].includes(word));
    if (named.length === 0 && stranger !== undefined) unknownName(stranger, kinds, name, 'kind of range');
    fail(
      'ERR_OPTION',
      `${name}: expected a list of values or an object with one of ${kinds.join(', ')}, such as { uniform: [0, 1] }, got ${show(range)}.`,
    );
  }
  const allowed = [kind, ...(stepped.includes(kind) ? ['step'] : []), 'when'];
  for (const word of given) if (!allowed.includes(word)) unknownName(word, allowed, name, 'option');
  const options = range as Record<string, unknown>;
  const when = options.when === undefined ? undefined : readCondition(options.when, `${name}.when`);
  if (kind === 'categorical') return categorical(key, options.categorical, when, name);
  return numbers(key, kind, options, when, name);
}

function categorical(name: string, values: unknown, when: Condition | undefined, where: string): CategoricalParameter {
  if (!Array.isArray(values) || values.length === 0)
    fail('ERR_OPTION', `${where}: expected a list of values to try, got ${Array.isArray(values) ? 'none' : show(values)}.`);
  values.forEach((value, i) => {
    if (!isJson(value))
      fail(
        'ERR_OPTION',
        `${where}[${i}]: expected plain data (finite numbers, text, true, false, null, lists and objects of these), got ${show(value)}.`,
      );
  });
  return { kind: 'categorical', name, values, count: values.length, when };
}

/** Whether a value comes out of JSON as it went in, so that it may travel and be hashed. */
function isJson(value: unknown): value is Json {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean';
  if (value === null || Array.isArray(value)) return value === null || value.every(isJson);
  return brandOf(value) === 'Object' && !('toJSON' in value) && Object.values(value).every(isJson);
}

function numbers(
  name: string,
  kind: Exclude<Kind, 'categorical'>,
  options: Readonly<Record<string, unknown>>,
  when: Condition | undefined,
  where: string,
): NumericParameter {
  const { whole, logarithmic, min } = numeric[kind];
  const limits = options[kind];
  if (!Array.isArray(limits) || limits.length !== 2)
    fail('ERR_OPTION', `${where}.${kind}: expected the two limits [low, high], got ${show(limits)}.`);
  const [low, high] = limits.map((limit, i) => {
    if (logarithmic && typeof limit === 'number' && limit <= 0)
      fail('ERR_OPTION', `${where}.${kind}[${i}]: a logarithm needs limits > 0, got ${show(limit)}.`);
    return checkNumber(limit, `${where}.${kind}[${i}]`, {
      min,
      max: whole ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE,
      integer: whole,
    });
  }) as [number, number];
  if (low > high) fail('ERR_OPTION', `${where}.${kind}: the range [${low}, ${high}] is empty. Give the lower limit first.`);
  if (!(high - low <= (whole ? Number.MAX_SAFE_INTEGER : Number.MAX_VALUE)))
    fail('ERR_OPTION', `${where}.${kind}: [${low}, ${high}] is too wide a range. Its width must be a number of its own.`);
  const given = options.step ?? undefined;
  const step =
    given === undefined
      ? whole
        ? 1
        : undefined
      : checkNumber(given, `${where}.step`, { min: 0, minExclusive: true, integer: whole });
  // A step of 0.1 does not divide 1 exactly: what is a billionth of a step short of the limit is meant to meet it.
  const count = step === undefined ? (low === high ? 1 : Infinity) : Math.floor((high - low) / step + 1e-9) + 1;
  if (step !== undefined && count > 2 ** 53)
    fail('ERR_OPTION', `${where}.step: ${show(given)} makes more values of [${low}, ${high}] than there are numbers.`);
  const top = step === undefined ? high : low + (count - 1) * step;
  return { kind: 'number', name, low, high: whole ? top : tidy(top), whole, logarithmic, step, count, when };
}

/** A number without the last places that sums of steps leave: 0.3 and not 0.30000000000000004. */
function tidy(value: number): number {
  return Number(value.toPrecision(15));
}

function readCondition(when: unknown, name: string): Condition {
  if (typeof when !== 'object' || when === null || Array.isArray(when) || Object.keys(when).length === 0)
    fail(
      'ERR_OPTION',
      `${name}: expected lists of values by the name of a parameter, such as { optimizer: ['sgd'] }, got ${show(when)}.`,
    );
  for (const [other, values] of Object.entries(when))
    if (!Array.isArray(values) || values.length === 0)
      fail(
        'ERR_OPTION',
        `${name}.${other}: expected a list of values, such as ['sgd'], got ${Array.isArray(values) ? 'none' : show(values)}.`,
      );
  return when as Condition;
}

function checkCondition(parameter: Parameter, parameters: readonly Parameter[], name: string): void {
  for (const [other, values] of Object.entries(parameter.when ?? {})) {
    const found = parameters.find((candidate) => candidate.name === other);
    if (found === undefined) {
      const others = parameters.filter((candidate) => candidate !== parameter).map((candidate) => candidate.name);
      unknownName(other, others, name, 'parameter');
    }
    if (found.count === Infinity)
      fail(
        'ERR_OPTION',
        `${name}.${other}: ${other} is any number of a range. A condition needs a list, whole numbers or a step.`,
      );
    values.forEach((value, i) => {
      if (indexOf(found, value) < 0)
        fail(
          'ERR_OPTION',
          `${name}.${other}[${i}]: ${JSON.stringify(value) ?? show(value)} is no value of ${other}, so this cannot happen.`,
        );
    });
  }
}

/** Each parameter after those that its condition names. */
function inOrder(parameters: readonly Parameter[], name: string): readonly Parameter[] {
  const sorted: Parameter[] = [];
  while (sorted.length < parameters.length) {
    const next = parameters.find(
      (parameter) =>
        !sorted.includes(parameter) && Object.keys(parameter.when ?? {}).every((other) => sorted.some((s) => s.name === other)),
    );
    if (next === undefined) {
      const rest = parameters.filter((parameter) => !sorted.includes(parameter)).map((parameter) => parameter.name);
      fail('ERR_OPTION', `${name}: conditions go in a circle among ${rest.join(', ')}, so that none of these could ever exist.`);
    }
    sorted.push(next);
  }
  return sorted;
}

/** Whether a parameter exists beside the values of others; those that its condition names must be among them already. */
export function exists(parameter: Parameter, parameters: readonly Parameter[], candidate: Candidate): boolean {
  return Object.entries(parameter.when ?? {}).every(([other, values]) => {
    if (!Object.hasOwn(candidate, other)) return false;
    const index = indexOf(parameters.find(({ name }) => name === other)!, candidate[other]);
    return values.some((value) => indexOf(parameters.find(({ name }) => name === other)!, value) === index);
  });
}

/** A candidate: a value for each parameter that exists, asked for one after the other. */
export function makeCandidate(parameters: readonly Parameter[], value: (parameter: Parameter, index: number) => Json): Candidate {
  const candidate: Record<string, Json> = {};
  parameters.forEach((parameter, i) => {
    if (exists(parameter, parameters, candidate)) candidate[parameter.name] = value(parameter, i);
  });
  return candidate;
}

/** Candidates that are to begin with. @throws ERR_OPTION for one that is no point of the space. */
export function checkCandidates(parameters: readonly Parameter[], candidates: unknown, name: string): readonly Candidate[] {
  if (!Array.isArray(candidates)) fail('ERR_OPTION', `${name}: expected a list of candidates, got ${show(candidates)}.`);
  return candidates.map((given: unknown, i) => {
    const at = `${name}[${i}]`;
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      fail('ERR_OPTION', `${at}: expected an object with a value for each option of the space, got ${show(given)}.`);
    const values = given as Readonly<Record<string, unknown>>;
    const candidate = makeCandidate(parameters, (parameter) => checkValue(parameter, values[parameter.name], at));
    for (const key of Object.keys(values))
      if (!Object.hasOwn(candidate, key)) {
        const known = parameters.some((parameter) => parameter.name === key);
        if (known) fail('ERR_OPTION', `${at}.${key}: does not exist beside the other values, by its condition. Leave it out.`);
        unknownName(key, Object.keys(candidate), at, 'option of the space');
      }
    return candidate;
  });
}

function checkValue(parameter: Parameter, value: unknown, at: string): Json {
  const { name } = parameter;
  if (parameter.kind === 'number' && parameter.step === undefined)
    return checkNumber(value, `${at}.${name}`, { min: parameter.low, max: parameter.high });
  const index = indexOf(parameter, value);
  if (index < 0)
    fail('ERR_OPTION', `${at}.${name}: ${JSON.stringify(value) ?? show(value)} is none of the values that the space has for it.`);
  return valueAtIndex(parameter, index);
}

/** The value of an index from 0 to count - 1, of a parameter that has as many. */
export function valueAtIndex(parameter: Parameter, index: number): Json {
  if (parameter.kind === 'categorical') return parameter.values[index]!;
  if (parameter.step === undefined) return parameter.low;
  const value = parameter.low + index * parameter.step;
  return parameter.whole ? value : tidy(value);
}

/** The index of a value among those of a parameter that has a number of them; -1 where it is none of them. */
export function indexOf(parameter: Parameter, value: unknown): number {
  if (parameter.kind === 'categorical') return parameter.values.findIndex((own) => equal(own, value));
  if (typeof value !== 'number') return -1;
  if (parameter.step === undefined) return value === parameter.low ? 0 : -1;
  const index = Math.round((value - parameter.low) / parameter.step);
  return index >= 0 && index < parameter.count && valueAtIndex(parameter, index) === value ? index : -1;
}

/** Whether plain data is equal, in whatever order members stand: a value that went through a file is another object. */
function equal(a: Json, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => equal(item, b[i]));
  const members = Object.entries(a);
  return (
    !Array.isArray(b) &&
    members.length === Object.keys(b).length &&
    members.every(([key, value]) => Object.hasOwn(b, key) && equal(value, (b as Record<string, unknown>)[key]))
  );
}

/** The value at a share u in [0, 1) of the range: the inverse of the parameter's distribution. */
export function valueAt(parameter: Parameter, u: number): Json {
  const { count } = parameter;
  if (parameter.kind === 'categorical' || (count < Infinity && !parameter.logarithmic))
    return valueAtIndex(parameter, Math.min(count - 1, Math.floor(u * count)));
  const { low, high, whole, logarithmic } = parameter;
  if (!logarithmic) return low + (high - low) * u;
  if (!whole) return Math.min(Math.max(exp(log(low) + (log(high) - log(low)) * u), low), high);
  // Whole numbers by their logarithms: each takes the part of the line from half below to half above it.
  const [bottom, top] = [log(low - 0.5), log(high + 0.5)];
  return Math.min(Math.max(Math.round(exp(bottom + (top - bottom) * u)), low), high);
}

/** A value drawn at random. */
export function drawValue(parameter: Parameter, random: Random): Json {
  const { count } = parameter;
  if (parameter.kind === 'categorical' || (count < Infinity && !parameter.logarithmic))
    return valueAtIndex(parameter, random.below(count));
  return valueAt(parameter, random.uniform());
}

// Functions of one number as graphs compose them, followed by their pieces: every comparison in the graph (a Clip's bounds, a Where's
// condition, a Relu's zero) is solved for the number it makes a difference at, through what stands before it. Between those points
// the function is smooth. Where it is straight on every piece, its lines are known too.

import { column, type Expression, isExpression } from './expressions.js';
import type { Rule } from './rules.js';

interface Line {
  readonly slope: number;
  readonly shift: number;
}

/** A function that is straight between its breaks: lines.length = breaks.length + 1, and its values at the breaks. */
export interface Straight {
  readonly breaks: readonly number[];
  readonly lines: readonly Line[];
  readonly values: readonly number[];
}

interface Curve {
  /** Where it may change its form, ascending. */
  readonly breaks: readonly number[];
  readonly straight?: Straight;
  /** Where it takes a value: every such place, undefined when that cannot be said. */
  readonly solve: (y: number) => readonly number[] | undefined;
}

/** Beyond this nothing in float32 has digits to spare: breaks out there are none. */
const FAR = 1e30;

/** What the expressions before `of` compute from it, number by number. */
export interface Composed {
  /** Columns its constants differ in: 1 when they are single numbers. */
  readonly columns: number;
  /** Whether every rule on the way can make a straight function of straight ones. */
  readonly straight: boolean;
  readonly value: (x: number, column: number) => number;
  /** Its pieces, undefined where a comparison cannot be solved. */
  readonly curve: (column: number) => Curve | undefined;
}

interface Step {
  readonly rule: Rule;
  /** Places of the operands among the results: 0 is the number itself, constants and steps follow. */
  readonly operands: readonly number[];
}

/** `at` as a function of `of` alone, or undefined when it depends on more; `allowed` are the expressions it may be composed of. */
export function compose(at: Expression, of: Expression, allowed: ReadonlySet<Expression>): Composed | undefined {
  const places = new Map<unknown, number>([[of, 0]]);
  const entries: (ArrayLike<number> | Step)[] = [];
  let columns = 1;
  const visit = (expression: Expression): number | undefined => {
    const known = places.get(expression);
    if (known !== undefined) return known;
    if (expression.kind !== 'map' || !allowed.has(expression)) return undefined;
    const operands: number[] = [];
    for (const arg of expression.args) {
      if (isExpression(arg)) {
        const place = visit(arg);
        if (place === undefined) return undefined;
        operands.push(place);
      } else {
        columns = Math.max(columns, arg.values.length);
        operands.push(entries.push(arg.values));
      }
    }
    const place = entries.push({ rule: expression.rule, operands });
    places.set(expression, place);
    return place;
  };
  const result = visit(at);
  if (result === undefined || result === 0) return undefined;
  return {
    columns,
    straight: entries.every((entry) => !('rule' in entry) || entry.rule.straight),
    value: (x, j) => {
      const results = [x];
      for (const entry of entries) {
        if (!('rule' in entry)) {
          results.push(column(entry, j));
          continue;
        }
        const { rule, operands } = entry;
        const [a, b] = operands as [number, number];
        if (operands.length === 1) results.push(rule.apply(results[a]!));
        else if (operands.length === 2) results.push(rule.apply(results[a]!, results[b]!));
        else results.push(rule.apply(...operands.map((place) => results[place]!)));
      }
      return results[result]!;
    },
    curve: (j) => {
      const curves: Curve[] = [curveOf({ breaks: [], lines: [{ slope: 1, shift: 0 }], values: [] })];
      for (const entry of entries) {
        const made =
          'rule' in entry
            ? apply(
                entry.rule,
                entry.operands.map((place) => curves[place]!),
              )
            : curveOf({ breaks: [], lines: [{ slope: 0, shift: column(entry, j) }], values: [] });
        if (made === undefined) return undefined;
        curves.push(made);
      }
      return curves[result];
    },
  };
}

const lineValue = ({ slope, shift }: Line, x: number): number => (slope === 0 ? shift : slope * x + shift);

/** The line of the piece that x (not a break) is in. */
function lineAt({ breaks, lines }: Straight, x: number): Line {
  let i = 0;
  while (i < breaks.length && breaks[i]! < x) i++;
  return lines[i]!;
}

function valueAt(straight: Straight, x: number): number {
  const i = straight.breaks.indexOf(x);
  return i >= 0 ? straight.values[i]! : lineValue(lineAt(straight, x), x);
}

function constantOf({ straight }: Curve): number | undefined {
  const [line] = straight?.lines ?? [];
  return straight?.breaks.length === 0 && line!.slope === 0 ? line!.shift : undefined;
}

function curveOf(straight: Straight): Curve {
  return {
    breaks: straight.breaks,
    straight,
    solve: (y) => {
      const found: number[] = [];
      straight.lines.forEach((line, i) => {
        if (line.slope === 0) return;
        const x = (y - line.shift) / line.slope;
        if (x > (straight.breaks[i - 1] ?? -Infinity) && x < (straight.breaks[i] ?? Infinity)) found.push(x);
      });
      return found;
    },
  };
}

const sorted = (numbers: Iterable<number>): number[] =>
  [...new Set([...numbers].filter((x) => Math.abs(x) < FAR).map((x) => x + 0))].sort((a, b) => a - b);

/** Three places inside each piece between breaks. */
function inside(breaks: readonly number[]): [number, number, number][] {
  return Array.from({ length: breaks.length + 1 }, (_, i) => {
    const [from, to] = [breaks[i - 1], breaks[i]];
    if (from === undefined && to === undefined) return [-1, 0.5, 3];
    if (from === undefined)
      return [to! - 4 * Math.max(1, Math.abs(to!)), to! - 2 * Math.max(1, Math.abs(to!)), to! - Math.max(1, Math.abs(to!))];
    if (to === undefined)
      return [from + Math.max(1, Math.abs(from)), from + 2 * Math.max(1, Math.abs(from)), from + 4 * Math.max(1, Math.abs(from))];
    return [from + (to - from) / 4, from + (to - from) / 2, from + (3 * (to - from)) / 4];
  });
}

function apply(rule: Rule, args: readonly Curve[]): Curve | undefined {
  const breaks = new Set(args.flatMap((arg) => arg.breaks));
  for (const [k, against] of rule.comparisons) {
    const found = 'number' in against ? args[k]!.solve(against.number) : crossings(args[k]!, args[against.argument]!);
    if (found === undefined) return undefined;
    for (const x of found) breaks.add(x);
  }
  const places = sorted(breaks);
  const constants = args.map(constantOf);
  const varying = args.flatMap((_, k) => (constants[k] === undefined ? [k] : []));
  const straight =
    rule.straight && args.every((arg) => arg.straight !== undefined)
      ? straightOf(
          rule,
          args.map((arg) => arg.straight!),
          places,
        )
      : undefined;
  if (straight !== undefined) return curveOf(straight);
  const [k] = varying;
  const { inverse } = rule;
  return {
    breaks: places,
    solve: (y) => {
      if (varying.length !== 1 || inverse === undefined) return undefined;
      const x = inverse(y, k!, constants as number[]);
      return Number.isNaN(x) ? [] : args[k!]!.solve(x);
    },
  };
}

/** Where two curves have one value, or undefined when that cannot be said. */
function crossings(a: Curve, b: Curve): readonly number[] | undefined {
  const [left, right] = [constantOf(a), constantOf(b)];
  if (right !== undefined) return a.solve(right);
  if (left !== undefined) return b.solve(left);
  const [f, g] = [a.straight, b.straight];
  if (f === undefined || g === undefined) return undefined;
  const breaks = sorted([...f.breaks, ...g.breaks]);
  return inside(breaks).flatMap(([, middle], i) => {
    const [p, q] = [lineAt(f, middle), lineAt(g, middle)];
    const x = (q.shift - p.shift) / (p.slope - q.slope);
    return x > (breaks[i - 1] ?? -Infinity) && x < (breaks[i] ?? Infinity) ? [x] : [];
  });
}

/** The rule over straight functions where that is straight itself, told by three points of each piece. */
function straightOf(rule: Rule, args: readonly Straight[], breaks: readonly number[]): Straight | undefined {
  const lines: Line[] = [];
  for (const [p, q, r] of inside(breaks)) {
    const own = args.map((arg) => lineAt(arg, q));
    const exact = linear(rule, own);
    if (exact !== undefined) {
      lines.push(exact);
      continue;
    }
    const [left, middle, right] = [p, q, r].map((x) => rule.apply(...own.map((line) => lineValue(line, x)))) as [
      number,
      number,
      number,
    ];
    // One of the arguments itself, or a number, in most cases: then its line is exact.
    const same = own.find((line) => lineValue(line, p) === left && lineValue(line, q) === middle && lineValue(line, r) === right);
    if (same !== undefined) {
      lines.push(same);
      continue;
    }
    const slope = (right - left) / (r - p);
    const shift = left - slope * p;
    const tolerance = 1e-12 * (Math.abs(left) + Math.abs(right) + Math.abs(middle));
    if (!(Math.abs(middle - lineValue({ slope, shift }, q)) <= tolerance)) return undefined;
    lines.push(left === right ? { slope: 0, shift: left } : { slope, shift: Math.abs(shift) <= tolerance ? 0 : shift });
  }
  const values = breaks.map((x) => rule.apply(...args.map((arg) => valueAt(arg, x))));
  return simplified({ breaks, lines, values });
}

/** Sums and multiples of lines, exactly. */
function linear({ op }: Rule, [a, b]: readonly Line[]): Line | undefined {
  if (a === undefined) return undefined;
  if (op === 'Neg') return { slope: -a.slope, shift: -a.shift };
  if (b === undefined) return undefined;
  if (op === 'Add') return { slope: a.slope + b.slope, shift: a.shift + b.shift };
  if (op === 'Sub') return { slope: a.slope - b.slope, shift: a.shift - b.shift };
  if (op === 'Div' && b.slope === 0) return { slope: a.slope / b.shift, shift: a.shift / b.shift };
  if (op !== 'Mul') return undefined;
  if (b.slope === 0) return { slope: a.slope * b.shift, shift: a.shift * b.shift };
  return a.slope === 0 ? { slope: b.slope * a.shift, shift: b.shift * a.shift } : undefined;
}

/** Without the breaks at which nothing changes. */
function simplified({ breaks, lines, values }: Straight): Straight {
  const kept = breaks.flatMap((x, i) => {
    const [left, right] = [lines[i]!, lines[i + 1]!];
    const close = (a: number, b: number) => Math.abs(a - b) <= 1e-14 * (Math.abs(a) + Math.abs(b));
    const same = close(left.slope, right.slope) && close(left.shift, right.shift) && close(values[i]!, lineValue(left, x));
    return same ? [] : [i];
  });
  return {
    breaks: kept.map((i) => breaks[i]!),
    lines: [lines[0]!, ...kept.map((i) => lines[i + 1]!)],
    values: kept.map((i) => values[i]!),
  };
}

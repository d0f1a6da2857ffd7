// What operators compute together, recognised by what it is, however an exporter spells it: a function of one number that is
// straight on every piece is brought into one form, exactly; any other is compared with every activation on every piece between
// the points where either changes its form.

import { show } from '../../errors.js';
import type { ActivationLike, ActivationSpec } from '../../plan/activations.js';
import { breakpointsOf, type ElementwiseActivation, formulas, stableFormulas } from '../../plan/activations.js';
import type { Part } from '../assemble.js';
import { evaluate } from '../expression/evaluate.js';
import { activationCalled } from '../names.js';
import { type Composed, compose, type Straight } from './curves.js';
import { type Expression, isExpression, type NumberByNumber } from './expressions.js';
import { describe, short, unsupported } from './graph.js';

/** Operators that are looked at together. */
const MAX_COMPOSED = 16;

export interface Recognised {
  /** In the order they work. */
  readonly parts: readonly Part[];
  /** What they work on. */
  readonly value: Expression;
}

interface Active {
  readonly activation: ActivationLike;
  readonly slope?: ArrayLike<number>;
}

interface Affine {
  readonly scale: ArrayLike<number>;
  readonly shift: ArrayLike<number>;
}

/** Steps that stand for a function: affine maps and activations, in the order they work. */
type Steps = readonly (Active | Affine)[];

/**
 * What the operators before `at` compute, as a function of one earlier value. Of all the values it could be a function of,
 * the nearest that makes it an activation; failing that, the farthest that makes it an affine map; failing that, the nearest
 * that makes it an activation between affine maps, then the nearest that makes it a polynomial.
 */
export function recognise(at: NumberByNumber): Recognised | undefined {
  const known = direct(at);
  if (known !== undefined) return { parts: partsOf(at, [known]), value: at.args[0] as Expression };
  const allowed = mapsBefore(at);
  const values = new Set<Expression>();
  // Truth is no number that a layer could give.
  const isTruth = (value: Expression) => value.kind === 'map' && value.rule.gives === 'truth';
  for (const { args } of allowed) for (const arg of args) if (isExpression(arg) && !isTruth(arg)) values.add(arg);
  let affine: Recognised | undefined;
  let between: Recognised | undefined;
  let power: Recognised | undefined;
  for (const value of [...values].sort((a, b) => b.id - a.id)) {
    const composed = compose(at, value, allowed);
    if (composed === undefined) continue;
    const first = composed.straight ? composed.curve(0) : undefined;
    if (first?.straight === undefined) {
      const found = composed.columns === 1 ? asActivation(composed) : undefined;
      if (found !== undefined) return { parts: partsOf(at, [found]), value };
      const turned = composed.columns === 1 ? asActivation(mirrored(composed)) : undefined;
      if (turned !== undefined) between ??= { parts: partsOf(at, [minus, turned, minus]), value };
      const sum = composed.columns === 1 && power === undefined ? asPolynomial(composed) : undefined;
      if (sum !== undefined) power = { parts: partsOf(at, [sum]), value };
      continue;
    }
    const columns = [first.straight];
    for (let j = 1; j < composed.columns; j++) {
      const straight = composed.curve(j)?.straight;
      if (straight === undefined) break;
      columns.push(straight);
    }
    if (columns.length < composed.columns) continue;
    const steps = asSteps(columns);
    if (steps === undefined) continue;
    const [only] = steps;
    if (only === undefined || (steps.length === 1 && 'scale' in only)) affine = { parts: partsOf(at, steps), value };
    else if (steps.length === 1) return { parts: partsOf(at, steps), value };
    else between ??= { parts: partsOf(at, steps), value };
  }
  return affine ?? between ?? power;
}

function partsOf(at: NumberByNumber, steps: Steps): Part[] {
  const from = describe(at.node);
  return steps.map((step): Part => ('scale' in step ? { kind: 'affine', ...step, from } : { kind: 'activation', ...step, from }));
}

/** The rules before one, nearest first, itself among them. */
export function mapsBefore(at: NumberByNumber, limit = MAX_COMPOSED): Set<NumberByNumber> {
  const found = new Set([at]);
  for (const next of found) for (const arg of next.args) if (arg.kind === 'map' && found.size < limit) found.add(arg);
  return found;
}

// ---- operators that are activations ---------------------------------------------------------------------------------------------------

function direct({ node, rule: { op, numbers }, args: [x, slope] }: NumberByNumber): Active | undefined {
  if (x === undefined || !isExpression(x)) return undefined;
  if (op === 'PRelu')
    return slope?.kind === 'constant'
      ? { activation: { name: 'prelu', shared: slope.values.length === 1 }, slope: slope.values }
      : undefined;
  // Numbers that no activation has: what is straight on every piece is recognised all the same.
  const alpha = Number(numbers['alpha'] ?? 1);
  if (op === 'HardSigmoid' || alpha < 0 || (alpha === 0 && op !== 'LeakyRelu')) return undefined;
  const activation = activationCalled('onnx', op, {
    read: (setting, preset) => numbers[setting] ?? preset,
    number: (setting, preset) => short(Number(numbers[setting] ?? preset)),
    refuse: (setting, value) => unsupported(node, `its ${setting} is ${show(value)}`),
  });
  return activation && { activation };
}

// ---- functions that are straight on every piece ------------------------------------------------------------------------------------------

/** Equal but for the rounding of constants to float32. */
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 3e-7 * Math.max(Math.abs(a), Math.abs(b));
const isZero = (value: number, scale = 1): boolean => Math.abs(value) <= 1e-12 * Math.max(1, scale);

const uniform = (values: readonly number[]): readonly number[] =>
  values.every((v) => Object.is(v, values[0])) ? [values[0]!] : values;

/** x and y = scale x + shift of each column; nothing where they change nothing. */
function affineStep(scale: readonly number[], shift: readonly number[]): Affine[] {
  if (scale.every((s) => close(s, 1)) && shift.every((s) => s === 0)) return [];
  return [{ scale: uniform(scale), shift: uniform(shift) }];
}

/** The steps that make the function of each column, undefined when no activation does. */
function asSteps(columns: readonly Straight[]): Steps | undefined {
  const count = Math.max(...columns.map(({ breaks }) => breaks.length));
  if (columns.some(({ lines }) => lines.some(({ slope, shift }) => !Number.isFinite(slope) || !Number.isFinite(shift))))
    return undefined;
  if (count === 0)
    return affineStep(
      columns.map(({ lines }) => lines[0]!.slope),
      columns.map(({ lines }) => lines[0]!.shift),
    );
  if (count === 1) return asKinks(columns) ?? asSteps2(columns);
  return count === 2 ? asClips(columns) : undefined;
}

/** Numbers that are added and taken off again: larger ones cost more digits than results of size 1 have to spare. */
const MAX_SHIFT = 100;

/** Two lines that meet: y = v + s2 leaky(x - t), or turned round where the right one is flat. */
function asKinks(columns: readonly Straight[]): Steps | undefined {
  const kinks = columns.map(({ breaks: [t = 0], lines: [left, right = left], values: [given] }) => {
    const v = given ?? left!.shift;
    const size = Math.abs(v) + Math.abs(t * left!.slope) + Math.abs(t * right!.slope);
    const meet = [left!, right!].every(({ slope, shift }) => isZero(slope * t + shift - v, size));
    if (!meet) return undefined;
    // Turned round: u = t - x, in which the left line is the right one.
    const turned = right!.slope === 0;
    const rising = turned ? -left!.slope : right!.slope;
    const other = turned ? -right!.slope : left!.slope;
    const ratio = rising === 0 ? 1 : other / rising;
    // Far from 0 the shift back would cost the digits of results near 0.
    if (Math.abs(v) > MAX_SHIFT && !(ratio === 0 && v * rising > 0)) return undefined;
    return { t, v, sign: turned ? -1 : 1, rising, ratio };
  });
  if (kinks.some((kink) => kink === undefined)) return undefined;
  const all = kinks as NonNullable<(typeof kinks)[number]>[];
  const [first] = all;
  const slopes = all.map(({ ratio }) => ratio);
  let activation: Active;
  if (slopes.every((slope) => slope === 0)) activation = { activation: 'relu' };
  else if (slopes.every((slope) => close(slope, slopes[0]!)))
    activation =
      first!.ratio >= 0
        ? { activation: { name: 'leakyRelu', slope: short(first!.ratio) } }
        : { activation: { name: 'prelu', shared: true }, slope: [first!.ratio] };
  else activation = { activation: { name: 'prelu', shared: false }, slope: slopes };
  return [
    ...affineStep(
      all.map(({ sign }) => sign),
      all.map(({ sign, t }) => (t === 0 ? 0 : -sign * t)),
    ),
    activation,
    ...affineStep(
      all.map(({ rising }) => rising),
      all.map(({ v }) => (v === 0 ? 0 : v)),
    ),
  ];
}

/** Two flat lines with a jump: step has its upper value at the jump itself, sign the middle. */
function asSteps2(columns: readonly Straight[]): Steps | undefined {
  const jumps = columns.map(({ breaks: [t], lines: [left, right], values: [at] }) => {
    if (t === undefined || left!.slope !== 0 || right!.slope !== 0) return undefined;
    const [low, high] = [left!.shift, right!.shift];
    if (close(at!, high)) return { kind: 'step', t, sign: 1, scale: high - low, shift: low } as const;
    if (close(at!, low)) return { kind: 'step', t, sign: -1, scale: low - high, shift: high } as const;
    const middle = (low + high) / 2;
    return isZero(at! - middle, Math.abs(low) + Math.abs(high))
      ? ({ kind: 'sign', t, sign: 1, scale: (high - low) / 2, shift: isZero(middle, Math.abs(high)) ? 0 : middle } as const)
      : undefined;
  });
  const [first] = jumps;
  if (first === undefined || jumps.some((jump) => jump?.kind !== first.kind)) return undefined;
  const all = jumps as (typeof first)[];
  return [
    ...affineStep(
      all.map(({ sign }) => sign),
      all.map(({ sign, t }) => (t === 0 ? 0 : -sign * t)),
    ),
    { activation: first.kind },
    ...affineStep(
      all.map(({ scale }) => scale),
      all.map(({ shift }) => shift),
    ),
  ];
}

/** Widest range of a clip that hardSigmoid takes: it works at size 1, and would lose the digits of a larger one. */
const MAX_CLIP = 20;

/** Flat, sloped, flat: hardSigmoid between affine maps, or two relus where the range is wide. */
function asClips(columns: readonly Straight[]): Steps | undefined {
  const clips = columns.map(({ breaks: [l, r], lines: [left, middle, right], values: [low, high] }) => {
    if (l === undefined || r === undefined || left!.slope !== 0 || right!.slope !== 0 || middle!.slope === 0) return undefined;
    const size = Math.abs(low!) + Math.abs(high!) + Math.abs(middle!.shift);
    const meet = [
      left!.shift - low!,
      right!.shift - high!,
      middle!.slope * l + middle!.shift - low!,
      middle!.slope * r + middle!.shift - high!,
    ];
    return meet.every((gap) => isZero(gap, size)) ? { l, r, low: left!.shift, high: right!.shift } : undefined;
  });
  if (clips.some((clip) => clip === undefined)) return undefined;
  const all = clips as NonNullable<(typeof clips)[number]>[];
  if (all.every(({ low, high }) => Math.abs(high - low) <= MAX_CLIP)) {
    const exact = all.every(({ l, r, low, high }) => close(l, -3) && close(r, 3) && low === 0 && close(high, 1));
    if (exact) return [{ activation: 'hardSigmoid' }];
    return [
      ...affineStep(
        all.map(({ l, r }) => 6 / (r - l)),
        all.map(({ l, r }) => -3 - (6 * l) / (r - l)),
      ),
      { activation: 'hardSigmoid' },
      ...affineStep(
        all.map(({ low, high }) => high - low),
        all.map(({ low }) => low),
      ),
    ];
  }
  if (!all.every(({ low, high }) => Math.abs(high - low) <= MAX_SHIFT)) return undefined;
  const sized = all.map(({ l, r, low, high }) => {
    const sign = Math.sign(high - low);
    return { sign, l, range: Math.abs(high - low), rate: Math.abs(high - low) / (r - l), high };
  });
  return [
    ...affineStep(
      sized.map(({ rate }) => rate),
      sized.map(({ rate, l }) => (l === 0 ? 0 : -rate * l)),
    ),
    { activation: 'relu' },
    ...affineStep(
      sized.map(() => -1),
      sized.map(({ range }) => range),
    ),
    { activation: 'relu' },
    ...affineStep(
      sized.map(({ sign }) => -sign),
      sized.map(({ high }) => high),
    ),
  ];
}

// ---- other functions: compared with activations, piece by piece ------------------------------------------------------------------------------

/** Activations that are not straight on every piece. */
const smooth = [
  'sigmoid',
  'tanh',
  'selu',
  'gelu',
  'geluTanh',
  'silu',
  'softplus',
  'softsign',
  'mish',
  'hardSwish',
] as const satisfies readonly ElementwiseActivation[];

/** Constants in files are float32, and some are cut short: 0.7978846 for sqrt(2 / pi). */
const TOLERANCE = 2e-6;

/** Distances from the end of a piece that has no other end; beyond the first dozens float32 may overflow on the way. */
const distances = [1e-6, 1e-3, 0.01, 0.1, 0.3, 0.5, 1, 1.5, 2, 3, 4, 5, 6.5, 8, 10, 13, 17, 25, 40, 60, 80, 300, 1e3, 1e4];
const OVERFLOW = 80;
const shares = [1e-6, 1e-3, 0.02, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.98, 0.999, 1 - 1e-6];

/** Points of every piece, near its ends and far from them, and the ends themselves. */
function pointsOf(breaks: readonly number[]): number[] {
  const ends = [...new Set(breaks)].sort((a, b) => a - b);
  const first = ends[0] ?? 0;
  const last = ends[ends.length - 1] ?? 0;
  return [
    ...ends,
    0,
    ...distances.flatMap((distance) => [first - distance, last + distance]),
    ...ends.slice(1).flatMap((end, i) => shares.map((share) => ends[i]! + share * (end - ends[i]!))),
  ];
}

const minus: Affine = { scale: [-1], shift: [0] };

/** -f(-x): the logarithm of a sigmoid is softplus turned round. */
function mirrored({ value, curve, ...rest }: Composed): Composed {
  return {
    ...rest,
    value: (x, j) => -value(-x, j),
    curve: (j) => {
      const made = curve(j);
      return made && { breaks: made.breaks.map((x) => -x).reverse(), solve: () => undefined };
    },
  };
}

/** Points that tell most functions apart, before its pieces are known. */
const telling = [0.5, -0.7, 2] as const;
const told = new Map<ElementwiseActivation, readonly number[]>();

/** What an activation without parameters is there. */
function shownBy(name: ElementwiseActivation): readonly number[] {
  const known = told.get(name) ?? telling.map((x) => evaluate((stableFormulas[name] ?? formulas[name])(0, 0), x));
  told.set(name, known);
  return known;
}

function asActivation({ value, curve }: Composed): Active | undefined {
  const known = new Map<number, number>();
  const valueAt = (x: number) => {
    const y = known.get(x) ?? value(x, 0);
    known.set(x, y);
    return y;
  };
  const fits = (name: ElementwiseActivation, a: number, points: readonly number[]) => {
    const formula = (stableFormulas[name] ?? formulas[name])(a, 0);
    return points.every((x) => {
      const y = valueAt(x);
      if (!Number.isFinite(y) && Math.abs(x) > OVERFLOW) return true;
      return Math.abs(y - evaluate(formula, x)) <= TOLERANCE * Math.max(1, Math.abs(x));
    });
  };
  const shown = telling.map(valueAt);
  const near = (values: readonly number[]) => values.every((v, i) => Math.abs(shown[i]! - v) <= 2 * TOLERANCE);
  // Far below 0 elu and celu are -alpha.
  const alpha = near([telling[0], shown[1]!, telling[2]]) ? short(-value(-1000, 0)) : 0;
  const candidates = [
    ...smooth.filter((name) => near(shownBy(name))).map((name) => ({ name, alpha: 0 })),
    ...(alpha > 0 && alpha < 40 ? (['elu', 'celu'] as const).map((name) => ({ name, alpha })) : []),
  ];
  if (candidates.length === 0) return undefined;
  const breaks = curve(0)?.breaks;
  if (breaks === undefined) return undefined;
  const found = candidates.find(({ name, alpha: a }) => fits(name, a, pointsOf([...breaks, ...breakpointsOf(name)])));
  if (found === undefined) return undefined;
  return {
    activation:
      found.name === 'elu' || found.name === 'celu' ? ({ name: found.name, alpha: found.alpha } as ActivationSpec) : found.name,
  };
}

/** Where a polynomial is looked at: as many points as it may have coefficients, near 0, where none of its powers drowns the others. */
const nodes = [0, 0.5, -0.5, 1, -1, 1.5, -1.5, 2] as const;

/** A polynomial of a degree from 2 on that goes through the nodes and is the function everywhere else: by Newton's divided differences. */
function asPolynomial({ value }: Composed): Active | undefined {
  const table: number[] = nodes.map((x) => value(x, 0));
  for (let order = 1; order < nodes.length; order++)
    for (let i = nodes.length - 1; i >= order; i--) table[i] = (table[i]! - table[i - 1]!) / (nodes[i]! - nodes[i - order]!);
  let exact: number[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    // exact = exact (x - nodes[i]) + table[i]
    const next = [0, ...exact];
    exact.forEach((c, k) => {
      next[k]! -= nodes[i]! * c;
    });
    next[0]! += table[i]!;
    exact = next;
  }
  const largest = exact.reduce((most, c) => Math.max(most, Math.abs(c)), 0);
  if (!Number.isFinite(largest)) return undefined;
  const coefficients = exact.map((c) => (Math.abs(c) < 1e-7 * largest ? 0 : Math.fround(c))).slice(0, nodes.length);
  while (coefficients.at(-1) === 0) coefficients.pop();
  if (coefficients.length < 3) return undefined;
  const formula = formulas.polynomial(0, 0, coefficients);
  const size = (x: number) => coefficients.reduce((sum, c, k) => sum + Math.abs(c * x ** k), 0);
  const fits = pointsOf([]).every((x) => {
    const y = value(x, 0);
    return (!Number.isFinite(y) && Math.abs(x) > OVERFLOW) || Math.abs(y - evaluate(formula, x)) <= TOLERANCE * size(x);
  });
  return fits ? { activation: { name: 'polynomial', coefficients } } : undefined;
}

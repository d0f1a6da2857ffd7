// Layer norm written out, as exporters do below opset 17: gamma (x - mean) / sqrt(variance + epsilon) + beta, in whatever
// spelling. Recognised by its values as a function of a column's number, the mean and the mean of squared distances.

import type { Part } from '../assemble.js';
import { column, type Expression, isExpression, type NumberByNumber, type WholeRow } from './expressions.js';
import { describe, short } from './graph.js';
import { mapsBefore } from './recognise.js';

/** The layer norm that ends at `at`, and what it works on. */
export function layerNormAt(at: NumberByNumber): { part: Part; value: Expression } | undefined {
  const variance = latestMean(at);
  if (variance === undefined || variance.x.kind !== 'map') return undefined;
  const centre = latestMean(variance.x);
  if (centre === undefined || variance.x.width !== centre.x.width) return undefined;
  const { x } = centre;
  const squares = functionOf(variance.x, [x, centre]);
  const norm = functionOf(at, [x, centre, variance]);
  if (squares === undefined || norm === undefined || at.width !== x.width) return undefined;
  for (let j = 0; j < x.width; j++) for (const [a, m] of samples) if (!near(squares(j, a, m), (a - m) ** 2)) return undefined;
  const gamma = new Float64Array(x.width);
  const beta = new Float64Array(x.width);
  let epsilon: number | undefined;
  for (let j = 0; j < x.width; j++) {
    beta[j] = norm(j, 0.5, 0.5, 1);
    const [rise, steep] = [norm(j, 1.5, 0.5, 1) - beta[j]!, norm(j, 1.5, 0.5, 0) - beta[j]!];
    // gamma / sqrt(1 + epsilon) and gamma / sqrt(epsilon)
    if (rise !== 0) epsilon ??= 1 / ((steep / rise) ** 2 - 1);
    gamma[j] = rise * Math.sqrt(1 + (epsilon ?? 0));
    for (const [a, m, v] of samples)
      if (!near(norm(j, a, m, v), (gamma[j]! * (a - m)) / Math.sqrt(v + (epsilon ?? 0)) + beta[j]!)) return undefined;
  }
  if (epsilon === undefined || !(epsilon > 0 && epsilon < 1)) return undefined;
  return { part: { kind: 'layerNorm', gamma, beta, epsilon: short(epsilon), from: describe(at.node) }, value: x };
}

// biome-ignore format: x, mean, variance
const samples = [[0.3, 0.1, 0.5], [-2, 1, 3], [5, 4.5, 0.01], [-1, -1, 2], [7, -3, 40], [0.01, 0, 1e-3], [100, 20, 900]] as const;

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * Math.max(1e-3, Math.abs(b));

/** The last mean of a row that rules work on. */
function latestMean(at: NumberByNumber): WholeRow | undefined {
  let latest: WholeRow | undefined;
  for (const { args } of mapsBefore(at))
    for (const arg of args) {
      const mean = arg.kind === 'columns' ? arg.x : arg;
      if (mean.kind === 'mean' && (latest === undefined || mean.id > latest.id)) latest = mean;
    }
  return latest;
}

type Values = (column: number, ...given: number[]) => number;

/** `at` as a function of the given expressions (means may be repeated for every column), undefined when it depends on others. */
function functionOf(at: Expression, given: readonly Expression[]): Values | undefined {
  const steps: ((j: number, results: readonly number[]) => number)[] = [];
  const places = new Map<Expression, number>(given.map((expression, i) => [expression, i]));
  let depends = true;
  const visit = (expression: Expression): number => {
    const known = places.get(expression) ?? (expression.kind === 'columns' ? places.get(expression.x) : undefined);
    if (known !== undefined && (expression.kind !== 'columns' || expression.x.width === 1)) return known;
    if (expression.kind !== 'map' || steps.length > 100) {
      depends = false;
      return 0;
    }
    const operands = expression.args.map((arg) => {
      if (isExpression(arg)) return visit(arg);
      return given.length + steps.push((j) => column(arg.values, j)) - 1;
    });
    const { apply } = expression.rule;
    const place = given.length + steps.push((_, results) => apply(...operands.map((operand) => results[operand]!))) - 1;
    places.set(expression, place);
    return place;
  };
  const result = visit(at);
  if (!depends || result < given.length) return undefined;
  return (j, ...values) => {
    const results = [...values];
    for (const step of steps) results.push(step(j, results));
    return results[result]!;
  };
}

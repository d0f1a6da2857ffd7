// A lab held against a student's functions: verdicts out. Knows nothing of files, threads or terminals; a page can run it as well as the command does.

import { agrees, figure, isMalformed, partOf, read, same, written, type Leaf } from './answer.js';
import type { Case, Check, Lab, Mistake, Quantity } from './lab.js';
import { call, textOf, type StudentModule, type Surroundings } from './student.js';

/** What a check found wrong first. */
export interface Failure {
  /** What is wrong, with the numbers, in one sentence. */
  readonly message: string;
  /** On what: "network 3-4-1 (tanh, identity)". */
  readonly about: string;
  /** The classic mistake that gives these very numbers. */
  readonly mistake?: string;
  /** Where to look. */
  readonly hint?: string;
  /** "delta of layer 2" */
  readonly quantity?: string;
  /** "BP2" */
  readonly equation?: string;
  /** Where in the answer: "deltas[1][0]". */
  readonly at?: string;
  /** The student's number there. */
  readonly got?: number;
  /** What it should be. */
  readonly expected?: number;
}

/** What came of the check of one function. */
export interface CheckVerdict {
  /** Its name, as the student exports it. */
  readonly function: string;
  /** What it does: "one row, by loops". */
  readonly title: string;
  /** What comes after the first failure is skipped: it builds on it. */
  readonly status: 'passed' | 'failed' | 'skipped';
  /** What is wrong, of a check that failed. */
  readonly failure?: Failure;
}

/** What came of a lab. */
export interface Verdict {
  /** Its number. */
  readonly lab: number;
  /** "forward propagation" */
  readonly title: string;
  /** Whether all of its checks did. */
  readonly passed: boolean;
  /** Its checks, in the order in which they build on each other. */
  readonly checks: readonly CheckVerdict[];
}

/** How a lab is checked. */
export interface CheckOptions extends Surroundings {
  /** Other hidden networks, rows and numbers (default 0). */
  readonly seed?: number;
}

/**
 * Holds a student's functions against the float64 baseline: every check of the lab in its order, up to the first that fails. Numbers must agree to 1e-12,
 * relative to those above 1. `module` has the functions by name, as a module exports them; they are called as they are, so run those of strangers where
 * they can do no harm and can be ended: a call that never returns never returns here.
 *
 * @example
 * import { checkLab, labs } from 'feedforward/labs';
 * const forward = labs[0]!;
 * const verdict = checkLab(forward, { activate: (name: string, z: number) => (name === 'relu' ? Math.min(0, z) : z) });
 * verdict.passed;  // false
 * verdict.checks[0]!.status;  // 'failed'
 * verdict.checks[0]!.failure!.quantity;  // 'sigmoid(0.75)'
 */
export function checkLab(lab: Lab, module: StudentModule, { seed = 0, ...surroundings }: CheckOptions = {}): Verdict {
  let failed = false;
  const checks = lab.checks.map((check): CheckVerdict => {
    const { function: name, title } = check;
    if (failed) return { function: name, title, status: 'skipped' };
    const failure = firstFailure(check, module, seed, surroundings);
    failed = failure !== undefined;
    return failure === undefined
      ? { function: name, title, status: 'passed' }
      : { function: name, title, status: 'failed', failure };
  });
  return { lab: lab.number, title: lab.title, passed: !failed, checks };
}

/**
 * The verdict on functions that never came to an answer, because a call did not return in time or the code cannot be loaded: the check of the function
 * `current` (undefined: the first) fails with this, those before it had passed.
 *
 * @example
 * import { brokenOff, labs } from 'feedforward/labs';
 * const verdict = brokenOff(labs[0]!, 'forward', { message: 'forward did not return within 5 s.', about: '' });
 * verdict.checks.map(({ status }) => status).join();  // 'passed,failed,skipped,skipped'
 */
export function brokenOff(lab: Lab, current: string | undefined, failure: Failure): Verdict {
  const at = Math.max(
    0,
    lab.checks.findIndex((check) => check.function === current),
  );
  const checks = lab.checks.map(({ function: name, title }, i): CheckVerdict => {
    if (i !== at) return { function: name, title, status: i < at ? 'passed' : 'skipped' };
    return { function: name, title, status: 'failed', failure };
  });
  return { lab: lab.number, title: lab.title, passed: false, checks };
}

function firstFailure(check: Check, module: StudentModule, seed: number, surroundings: Surroundings): Failure | undefined {
  for (const one of check.cases(seed)) {
    const { about } = one;
    const outcome = call(module, check.function, one.args, about, surroundings);
    if ('problem' in outcome)
      return { message: `${outcome.problem}.`, about, ...(outcome.hint === undefined ? {} : { hint: outcome.hint }) };
    try {
      const failure = compare(one, outcome.answer, check.function);
      if (failure !== undefined) return failure;
    } catch (error) {
      // A getter or a proxy of the student's.
      return { message: `the answer of ${check.function} cannot be read: ${textOf(error)}.`, about };
    }
  }
  return undefined;
}

/** The first quantity that is not what it should be. */
function compare(one: Case, answer: unknown, name: string): Failure | undefined {
  const { about, expected, quantities, mistakes } = one;
  for (const quantity of quantities) {
    const { path, equation } = quantity;
    const facts = { about, quantity: quantity.name, ...(equation === undefined ? {} : { equation }) };
    const malformed = containerProblem(expected, answer, path, name);
    if (malformed !== undefined) return { message: `${malformed}.`, ...facts, ...hintOf(quantity) };
    const right = partOf(expected, path) as Case['expected'];
    const got = read(right, partOf(answer, path), path.length === 0 ? 'the answer' : written(path));
    if (isMalformed(got)) {
      const found = mistakes.find((mistake) => answersExactly(mistake, answer));
      const told = found === undefined ? hintOf(quantity) : { mistake: found.name, hint: found.hint };
      return { message: `${quantity.name}: ${got.problem}.`, ...facts, ...told };
    }
    const wanted = read(right, right, '') as Leaf[];
    const wrong = got.findIndex(({ value }, k) => !same(value, wanted[k]!.value));
    if (wrong < 0) continue;
    const [a, b] = [got[wrong]!, wanted[wrong]!];
    const place = `${path.length === 0 ? '' : written(path)}${a.at}`;
    const where = place === '' ? '' : ` at ${place}`;
    const message = `${quantity.name} is wrong${equation === undefined ? '' : ` (${equation})`}:${where} your code gives ${figure(a.value, b.value)}, expected ${figure(b.value, a.value)}.`;
    const found = recognise(mistakes, one, quantity, got, wanted, answer);
    const told =
      found === undefined ? { ...hintOf(quantity), ...patternOf(got, wanted) } : { mistake: found.name, hint: found.hint };
    return { message, ...facts, at: place, got: a.value, expected: b.value, ...told };
  }
  return undefined;
}

const hintOf = ({ hint }: Quantity) => (hint === undefined ? {} : { hint });

/** What stands in the place of a list or object that should hold a quantity. */
function containerProblem(expected: unknown, answer: unknown, path: Quantity['path'], name: string): string | undefined {
  for (let depth = 0; depth < path.length; depth++) {
    const above = path.slice(0, depth);
    const [right, got] = [partOf(expected, above), partOf(answer, above)];
    const shell = Array.isArray(right) ? right.map(() => '') : {};
    const found = Array.isArray(right) && Array.isArray(got) ? got.map(() => '') : got;
    const inner = read(shell, found, depth === 0 ? `the answer of ${name}` : written(above));
    if (isMalformed(inner)) {
      const keys = Array.isArray(right) ? '' : ` { ${Object.keys(right as object).join(', ')} }`;
      return inner.problem.replace(' {  }', keys);
    }
  }
  return undefined;
}

/** The mistake that gives the whole answer; failing that, one that gives the first wrong quantity. It must differ there from what is right. */
function recognise(
  mistakes: readonly Mistake[],
  { expected, quantities }: Case,
  quantity: Quantity,
  got: readonly Leaf[],
  wanted: readonly Leaf[],
  answer: unknown,
): Mistake | undefined {
  if (got.some(({ value }) => Number.isNaN(value))) return undefined; // it would agree with anything that is no number
  const giving = mistakes.flatMap((mistake) => {
    let given: unknown;
    try {
      given = mistake.answer();
    } catch {
      return []; // it has no number on this case
    }
    const fits = agrees(quantity, expected, given, got) && !agrees(quantity, expected, given, wanted);
    return fits ? [{ mistake, given }] : [];
  });
  const whole = giving.find(({ given }) =>
    quantities.every((each) => {
      const leaves = read(partOf(expected, each.path) as Case['expected'], partOf(answer, each.path), '');
      return !isMalformed(leaves) && agrees(each, expected, given, leaves);
    }),
  );
  return (whole ?? giving[0])?.mistake;
}

/** Whether a mistake gives the whole answer, form and numbers. */
function answersExactly(mistake: Mistake, answer: unknown): boolean {
  try {
    const given = mistake.answer() as Case['expected'];
    const [left, right] = [read(given, given, ''), read(given, answer, '')];
    return !isMalformed(left) && !isMalformed(right) && left.every(({ value }, k) => same(right[k]!.value, value));
  } catch {
    return false;
  }
}

/** What can be said of numbers that no mistake gives: NaN, a sign, a factor. */
function patternOf(got: readonly Leaf[], wanted: readonly Leaf[]): { mistake?: string; hint?: string } {
  if (got.some(({ value }) => Number.isNaN(value)))
    return {
      mistake: 'something that is no number was calculated with (NaN)',
      hint: 'An index one too far, or a name that is not there, gives undefined, and undefined times a number is NaN.',
    };
  const pairs = got.map(({ value }, k) => [value, wanted[k]!.value] as const).filter(([, right]) => right !== 0);
  const factor = pairs.length < 2 ? undefined : pairs[0]![0] / pairs[0]![1];
  if (factor === undefined || !Number.isFinite(factor) || !pairs.every(([value, right]) => same(value, factor * right)))
    return {};
  if (factor === 0) return { mistake: 'every number of it is 0', hint: 'Is there a gap to fill in yet?' };
  if (factor === -1)
    return { mistake: 'every number of it has the wrong sign', hint: 'Which of the two is subtracted from the other?' };
  return {
    mistake: `every number of it is ${figure(factor)} times what it should be`,
    hint: 'Where does that factor come from?',
  };
}

// From an optimizer as users write it to one that a backend runs: its options checked by its row, its defaults filled in.

import { Optimizer, OptimizerField, StepField } from '../../assembly/abi.js';
import { fail, show } from '../errors.js';
import { checkKeys, checkNumber, has, unknownName, type Range } from '../options.js';
import type { Compat, CompatDefaults } from './compat.js';
import type { ChangingNumber, ChangingOption, OptimizerConstants, OptimizerRow } from './optimizerRow.js';
import optimizers, { type OptimizerName, type OptimizerSpec } from './optimizers.js';
import { resolveRate, type RateContext, type ResolvedRate } from './resolveRate.js';

/** An optimizer ready for a backend. */
export interface ResolvedOptimizer {
  readonly rule: Optimizer;
  readonly constants: OptimizerConstants;
  /** What each array that the rule keeps starts from; as long as the parameters, at most 3. */
  readonly slots: readonly number[];
  readonly name: OptimizerName;
  readonly learningRate: ResolvedRate;
  /** Constants that change from step to step, in the order of their fields. */
  readonly changing: readonly ChangingConstant[];
  /** In every rule: what is added to the gradient (or taken from the weight) times the weight. */
  readonly weightDecay: number;
  /** Weight decay shrinks the weights themselves, by the learning rate times it, and stays out of the gradient. */
  readonly decaysApart: boolean;
  /** One batch is the whole data set. */
  readonly fullBatch: boolean;
  /** Its steps are looked for, on the whole data set: training/lbfgs.ts runs it, not the backend. */
  readonly searches: boolean;
  /** Every option with its value: what save() writes. */
  readonly options: Readonly<Record<string, boolean | string | ChangingNumber>>;
}

/** A constant of the optimizer that has a number for each step. */
interface ChangingConstant {
  /** The option's name. */
  readonly name: string;
  readonly field: OptimizerField;
  /** Of a step. @throws ERR_OPTION for one out of its range. */
  readonly at: (context: RateContext) => number;
}

/** Stands for a number that changes where a rule only asks whether there is one. */
const some = 0.5;

export const optimizerNames = Object.keys(optimizers) as OptimizerName[];

/** What is said of an optimizer. */
export function optimizerRow(name: OptimizerName): OptimizerRow {
  return optimizers[name] as unknown as OptimizerRow;
}

/** Whether it goes with parametrization 'ntk', which leaves no room for weight decay in the gradient. */
export function fitsNtk({ name, weightDecay, decaysApart }: ResolvedOptimizer): boolean {
  return optimizerRow(name).fitsNtk === true && (weightDecay === 0 || decaysApart);
}

/** Looks an optimizer up and checks its options; what a framework has in their place comes before its own defaults. @throws ERR_OPTION. */
export function resolveOptimizer(value: unknown, framework?: CompatDefaults['name']): ResolvedOptimizer {
  const given: unknown = typeof value === 'string' ? { name: value } : value;
  if (typeof given !== 'object' || given === null)
    fail('ERR_OPTION', `optimizer: expected a name or an optimizer, got ${show(value)}.`);
  const name = (given as { name?: unknown }).name;
  if (!has(optimizers, name)) unknownName(name, optimizerNames, 'optimizer', 'optimizer');
  const row = optimizerRow(name);
  const asked = checkKeys(given, ['name', 'learningRate', ...Object.keys(row.options)], name);
  const silent: Readonly<Record<string, unknown>> = { learningRate: row.learningRate, ...row.presets?.[framework as Compat] };
  const preset = row.fit?.(silent, asked) ?? silent;
  const learningRate = resolveRate(asked['learningRate'] ?? preset['learningRate'], `${name}.learningRate`);
  const options = Object.fromEntries(
    Object.entries(row.options).map(([key, option]) => [key, option(asked[key] ?? preset[key], `${name}.${key}`)]),
  );
  const numbers = Object.fromEntries(Object.entries(options).map(([key, value]) => [key, isChanging(value) ? some : value]));
  const { rule, constants, slots = [] } = row.rule(numbers);
  const fieldOf = (key: string): number => {
    if (key === 'weightDecay') return OptimizerField.WeightDecay;
    const other: Readonly<Record<number, number | undefined>> = row.rule({ ...numbers, [key]: some / 2 }).constants ?? {};
    const [field = -1] = Object.entries(constants ?? {}).flatMap(([id, value]) =>
      other[Number(id)] === value ? [] : [Number(id)],
    );
    return field;
  };
  const changing = Object.entries(options)
    .flatMap(([key, value]) =>
      isChanging(value)
        ? [{ ...changingConstant(value, name, key, row.options[key] as ChangingOption), field: fieldOf(key) }]
        : [],
    )
    .filter(({ field }) => field >= 0) // a rule may have no use for it
    .sort((a, b) => a.field - b.field);
  const searches = rule === Optimizer.None;
  if (searches && changing.length > 0)
    fail(
      'ERR_OPTION',
      `${name}.${changing[0]!.name}: a line search needs a number that stays, for every step to lead down the same loss.`,
    );
  return {
    name,
    rule,
    learningRate,
    constants: Object.assign(Array<number>(OptimizerField.Count).fill(0), constants) as unknown as OptimizerConstants,
    slots,
    changing,
    weightDecay: Number(numbers['weightDecay']),
    decaysApart: row.decaysApart ?? false,
    fullBatch: row.fullBatch ?? false,
    searches,
    options,
  };
}

const isChanging = (value: unknown): value is Exclude<ChangingNumber, number> =>
  typeof value === 'function' || (typeof value === 'object' && value !== null);

/** @throws ERR_OPTION for a schedule that is none, or begins out of the range. */
function changingConstant(value: ChangingNumber, optimizer: OptimizerName, key: string, { range }: { range?: Range }) {
  const path = `${optimizer}.${key}`;
  if (range === undefined)
    fail('ERR_OPTION', `${path}: expected a number, got ${show(value)}. It does not change while training.`);
  const { rate, plateau } = resolveRate(value, path);
  if (plateau !== undefined) fail('ERR_OPTION', `${path}: "reduceOnPlateau" is a schedule of the learning rate alone.`);
  const at = (context: RateContext) => {
    const { step, epoch } = context;
    return checkNumber(rate(context), `${path} of step ${step}, epoch ${epoch}`, range);
  };
  if (typeof value !== 'function') at({ step: 0, epoch: 0, plateau: 1 });
  return { name: key, at };
}

/** Numbers of a step's record: its learning rate, and the constants that change. */
export const stepNumbers = ({ optimizer }: { optimizer: ResolvedOptimizer }): number =>
  StepField.Count + optimizer.changing.length;

/** The names of options that are functions. */
export function functionsOf({ learningRate, options }: ResolvedOptimizer): string[] {
  return Object.entries({ learningRate: learningRate.spec, ...options }).flatMap(([key, value]) =>
    typeof value === 'function' ? [key] : [],
  );
}

/** As plain data again. Functions have none: their places are left out. */
export function optimizerSpec(optimizer: ResolvedOptimizer): OptimizerSpec {
  const { name, learningRate, options } = optimizer;
  const plain = Object.entries({ learningRate: learningRate.spec, ...options }).filter(
    ([, value]) => typeof value !== 'function',
  );
  return { name, ...Object.fromEntries(plain) };
}

// From an optimizer as users write it to one that a backend runs: its options checked by its row, its defaults filled in.

import { OptimizerField, type Optimizer } from '../../assembly/abi.js';
import { fail, show } from '../errors.js';
import { checkKeys, has, unknownName } from '../options.js';
import type { Compat, CompatDefaults } from './compat.js';
import type { OptimizerConstants, OptimizerRow } from './optimizerRow.js';
import optimizers, { type OptimizerName, type OptimizerSpec } from './optimizers.js';
import { resolveRate, type ResolvedRate } from './resolveRate.js';

/** An optimizer ready for a backend. */
export interface ResolvedOptimizer {
  readonly rule: Optimizer;
  readonly constants: OptimizerConstants;
  /** What each array that the rule keeps starts from; as long as the parameters, at most 3. */
  readonly slots: readonly number[];
  readonly name: OptimizerName;
  readonly learningRate: ResolvedRate;
  /** In every rule: what is added to the gradient (or taken from the weight) times the weight. */
  readonly weightDecay: number;
  /** Weight decay shrinks the weights themselves, by the learning rate times it, and stays out of the gradient. */
  readonly decaysApart: boolean;
  /** One batch is the whole data set. */
  readonly fullBatch: boolean;
  /** Every option with its value: what save() writes. */
  readonly options: Readonly<Record<string, number | boolean | string>>;
}

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
  const { rule, constants, slots = [] } = row.rule(options);
  return {
    name,
    rule,
    learningRate,
    constants: Object.assign(Array<number>(OptimizerField.Count).fill(0), constants) as unknown as OptimizerConstants,
    slots,
    weightDecay: Number(options['weightDecay']),
    decaysApart: row.decaysApart ?? false,
    fullBatch: row.fullBatch ?? false,
    options,
  };
}

/** As plain data again. A learning rate given as a function has none: its place is left out. */
export function optimizerSpec(optimizer: ResolvedOptimizer): OptimizerSpec {
  const { spec } = optimizer.learningRate;
  return { name: optimizer.name, ...(typeof spec === 'function' ? {} : { learningRate: spec }), ...optimizer.options };
}

// What is said of an optimizer: the shape of a row of optimizers.ts.

import type { Optimizer, OptimizerField } from '../../assembly/abi.js';
import { number, type Given, type Option, type Range, type Read } from '../options.js';
import type { Compat } from './compat.js';
import type { LearningRate, RateFunction, ScheduleSpec } from './schedules.js';

/** What every optimizer takes. */
export interface CommonOptimizerOptions {
  /** A number > 0, a schedule, or a function of (step, epoch). Each optimizer has its own default. */
  readonly learningRate?: LearningRate;
}

/** Members of the optimizer's record that are a rule's own numbers. */
type Constant = Exclude<
  OptimizerField,
  | OptimizerField.Rule
  | OptimizerField.WeightDecay
  | OptimizerField.DecaysApart
  | OptimizerField.Slots
  | OptimizerField.Slot0
  | OptimizerField.Slot1
  | OptimizerField.Slot2
  | OptimizerField.Changes
  | OptimizerField.Count
>;

/** A rule's own numbers, by the field of its record; 0 where it has no use for one, and for what is switched off. */
export type OptimizerConstants = Readonly<Record<Constant, number>>;

/** What an optimizer's class in the core is handed. */
interface RuleNumbers {
  readonly rule: Optimizer;
  /** Its own numbers; those left out are 0. */
  readonly constants?: Partial<OptimizerConstants>;
  /** Arrays as long as the parameters that the rule keeps, at most 3, and the value each starts from. */
  readonly slots?: readonly number[];
}

/** A constant of a rule: a number, or one for each step by a schedule or a function of (step, epoch). */
export type ChangingNumber = number | ScheduleSpec | RateFunction;

/** A number within a range, or what gives one for each step, which resolveOptimizer.ts checks then. */
export type ChangingOption = Option<ChangingNumber> & { readonly range?: Range };

/** A constant that may change. */
export function changing(range: Range & { readonly default: number }): ChangingOption {
  const plain = number(range);
  const option = (value: unknown, name: string) =>
    typeof value === 'function' || (typeof value === 'object' && value !== null) ? (value as ChangingNumber) : plain(value, name);
  return Object.assign(option, { range });
}

/** The options with a number for what may change. */
type Numbers<O> = { readonly [K in keyof O]: Exclude<O[K], ScheduleSpec | RateFunction> };

type OptionRows = Readonly<Record<string, Option<boolean | string | ChangingNumber>>>;

export interface OptimizerRow<O extends OptionRows = OptionRows> {
  /** Its default. */
  readonly learningRate: number;
  readonly options: O;
  rule(options: Numbers<Read<O>>): RuleNumbers;
  /** Options of a preset that do not go with what was asked, left out. */
  fit?(preset: Readonly<Record<string, unknown>>, asked: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
  /** What other frameworks have in place of the defaults. */
  readonly presets?: { readonly [Framework in Compat]?: CommonOptimizerOptions & Given<O> };
  /** One batch is the whole data set. */
  readonly fullBatch?: true;
  /** Weight decay shrinks the weights themselves, by the learning rate times it, and stays out of the gradient. See: https://arxiv.org/abs/1711.05101 */
  readonly decaysApart?: true;
  /** It goes with parametrization 'ntk': its steps do not grow with the gradient, so that layers learn at the rate they are given. */
  readonly fitsNtk?: true;
  /** It finds the size of its steps by itself: worth trying where another makes no headway, and not to be replaced by one that does. */
  readonly adaptive?: true;
  /** Learning rates that suit most networks, the likeliest first; where nothing is said, those of Adam. */
  readonly usualRates?: readonly number[] | ((options: Read<O>) => readonly number[]);
}

/** A row whose rule knows the types of its options. */
export const row = <O extends OptionRows>(row: OptimizerRow<O>): OptimizerRow<O> => row;

// What a model must beat, trained on the same rows: always the same answer, a linear model, the quick preset.

import { isFloat64 } from '../../brands.js';
import type { MatrixLike } from '../../data/matrix.js';
import type { Label } from '../../data/labels.js';
import { Table } from '../../data/table.js';
import { Perceptron } from '../../estimators/perceptron.js';
import { rowsForLinear } from '../../estimators/linearBaseline.js';
import { presetOf } from '../../estimators/presets.js';
import { pickRows } from '../../estimators/inputs.js';
import type { MLPClassifier } from '../../estimators/classifier.js';
import type { MLPRegressor } from '../../estimators/regressor.js';
import { Model } from '../../model/model.js';
import type { Answered, JudgedTarget } from './facts.js';
import type { ModelRows } from './rows.js';
import {
  constantAnswer,
  constantPredictions,
  linearRival,
  pickTargets,
  predictAll,
  quickRival,
  type Predictions,
  type Targets,
} from './scores.js';
import type { Subject } from './subject.js';

/** Rows and what is true of them, a list for each target. */
export interface KnownRows {
  readonly rows: ModelRows;
  readonly truth: readonly Targets[];
  /** Whether the targets are a column of dates. */
  readonly isDate: boolean;
}

/**
 * Each target with everybody's answers to the rows that judge, the model's first. Without rows that trained only the constant answer stands beside
 * it, learnt from the rows that judge.
 */
export function judgedTargets(
  subject: Subject,
  judge: KnownRows,
  trained: KnownRows | undefined,
  { seed, baselines }: { readonly seed: number; readonly baselines: boolean },
): JudgedTarget[] {
  const own = subject.answer(judge.rows);
  const rivals = trained === undefined || !baselines ? [] : rivalsOf(subject, trained, judge.rows, seed);
  return subject.targets.map((name, k): JudgedTarget => {
    const truth = judge.truth[k]!;
    const answer = constantAnswer(trained?.truth[k] ?? truth);
    const always = typeof answer === 'number' && isFloat64(truth) ? 'always the mean' : `always ${String(answer)}`;
    return {
      ...{ name, truth, isDate: judge.isDate },
      answers: [
        { name: 'this model', predictions: own[k]! },
        ...rivals.map((rival): Answered => ({ name: rival.name, predictions: rival.answers[k]! })),
        { name: always, predictions: constantPredictions(answer, truth) },
      ],
    };
  });
}

function rivalsOf(
  subject: Subject,
  { rows, truth }: KnownRows,
  judges: ModelRows,
  seed: number,
): { readonly name: string; readonly answers: readonly Predictions[] }[] {
  const { model, classes } = subject;
  const numbers = (part: ModelRows): MatrixLike =>
    part instanceof Table ? (model as MLPClassifier).encoder!.transform64(part) : part;
  const some = rowsForLinear(truth[0]!.length, seed);
  const X = pickRows(numbers(rows), some);
  const testX = numbers(judges);
  const targets = truth.map((list) => pickTargets(list, some));
  const y = targets.length === 1 ? targets[0]! : together(targets as Float64Array[]);
  const isQuick = !(model instanceof Model) && !(model instanceof Perceptron) && presetOf(model.options) === 'quick';
  const answersOf = (rival: MLPClassifier | MLPRegressor): Predictions[] => {
    const all = predictAll(rival, testX);
    if (targets.length === 1) return [all];
    const { data } = all.predicted as unknown as { data: Float64Array };
    return targets.map((_, k) => ({ predicted: data.filter((__, i) => i % targets.length === k) }));
  };
  return [
    { name: 'linear model', answers: answersOf(linearRival(classes, X, y, seed)) },
    ...(isQuick ? [] : [{ name: 'quick preset', answers: answersOf(quickRival(classes, X, y, seed)) }]),
  ];
}

/** Several targets as rows. */
export function together(targets: readonly Float64Array[]): {
  readonly data: Float64Array;
  readonly shape: readonly [number, number];
} {
  const rows = targets[0]!.length;
  const data = new Float64Array(rows * targets.length);
  targets.forEach((values, k) => {
    for (let i = 0; i < rows; i++) data[i * targets.length + k] = values[i]!;
  });
  return { data, shape: [rows, targets.length] };
}

/** Targets as an estimator takes them: labels, numbers, or rows of numbers. */
export function asTargets(truth: readonly Targets[]): readonly Label[] | Float64Array | ReturnType<typeof together> {
  return truth.length === 1 ? truth[0]! : together(truth as readonly Float64Array[]);
}

// A second figure where the main one says that a model is no better than another: R^2 may be about a few rows far from all others, and accuracy
// about a class that nearly all rows have. The absolute errors, or the log loss, then tell whether the model has learnt anything.

import { isFloat64 } from '../../brands.js';
import { countsOf, type Label } from '../../data/labels.js';
import * as metrics from '../../data/metrics/index.js';
import { median } from '../../data/quantiles.js';
import { formatFigure } from '../../training/history.js';
import type { Answered, Facts } from './facts.js';
import { constantPredictions, scoresOf, type Predictions, type Targets } from './scores.js';

/** What a second figure says of a model that its main one finds no better than a rival: the mean absolute error instead of R^2, the log loss instead of accuracy. */
export interface SecondLook {
  /** Of the rivals at least as good by the main figure: those that this one puts clearly behind the model. */
  readonly beaten: 'the constant' | 'the linear model' | undefined;
  /** The figures, in a sentence or two. */
  readonly text: string;
}

/** A few rows: at most this share of them carry half of the squared error. */
const FEW_SHARE = 0.01;

/**
 * Looks again at a model that is no better than the constant answer, or than a linear model because of a few rows, by its main figure. `answers`: the
 * model's first, the constant's last; `rows`: different ones among them. undefined where there is nothing to add.
 */
export function secondLook(truth: Targets, answers: readonly Answered[], rows: number): SecondLook | undefined {
  return isFloat64(truth) ? ofNumbers(truth, answers, rows) : ofClasses(truth, answers, rows);
}

/** A second look at what a page judges, by its first target. */
export function lookAgain({ judgement }: Pick<Facts, 'judgement'>): SecondLook | undefined {
  const [first] = judgement?.targets ?? [];
  return first && secondLook(first.truth, first.answers, judgement!.rows);
}

// ---- numbers ----------------------------------------------------------------------------------------------------------------

function ofNumbers(truth: Float64Array, answers: readonly Answered[], rows: number): SecondLook | undefined {
  const [own, constant] = [answers[0]!, answers[answers.length - 1]!];
  const linear = answers.find(({ name }) => name === 'linear model');
  const squared = ({ predictions }: Answered) => metrics.meanSquaredError(truth, predictions.predicted as Float64Array);
  const behind = squared(own) >= squared(constant);
  const carried = carriers(truth, own.predictions, rows);
  if (!behind && (carried === undefined || linear === undefined || squared(own) <= squared(linear))) return undefined;
  // The mean is the best constant by the squared error, not by the absolute one: that is the median.
  const middle = { name: 'always the median', predictions: constantPredictions(median(truth.slice().sort()), truth) };
  const everybody = [...answers, middle];
  const absolute = ({ predictions }: Answered) =>
    truth.map((value, i) => Math.abs(value - (predictions.predicted as Float64Array)[i]!));
  const errors = absolute(own);
  const clearly = (rival: Answered) => clearlyLess(errors, absolute(rival), rows);
  const figures = everybody.map((of) => `${of.name} ${formatFigure(mean(absolute(of)))}`).join(', ');
  const few = carried === undefined ? '' : `${carried}, which R^2 is about then. `;
  if (behind && clearly(constant) && clearly(middle))
    return {
      beaten: 'the constant',
      text: `${few}The mean absolute error says that the model has learnt something: ${figures}.`,
    };
  if (carried === undefined) return undefined;
  if (behind) return { beaten: undefined, text: `${few}The mean absolute error says no more for the model: ${figures}.` };
  return clearly(linear!)
    ? {
        beaten: 'the linear model',
        text: `${few}The mean absolute error says that the model is better than the linear one: ${figures}.`,
      }
    : undefined;
}

/** "2 of 2,400 rows carry 97 % of the squared error", where so few carry most of it. */
function carriers(truth: Float64Array, { predicted }: Predictions, rows: number): string | undefined {
  const squares = truth.map((value, i) => (value - (predicted as Float64Array)[i]!) ** 2).sort();
  const all = squares.reduce((sum, square) => sum + square, 0);
  let carried = 0;
  let count = 0;
  while (carried < all / 2) carried += squares[squares.length - ++count]!;
  const each = truth.length / rows; // answers to a row: folds may be dealt more than once
  const few = Math.ceil(count / each);
  if (count === 0 || few > Math.max(1, FEW_SHARE * rows)) return undefined;
  const number = (n: number) => n.toLocaleString('en-US');
  return `${number(few)} of ${number(rows)} rows ${few === 1 ? 'carries' : 'carry'} ${Math.floor((100 * carried) / all)} % of its squared error`;
}

// ---- classes ----------------------------------------------------------------------------------------------------------------

function ofClasses(truth: readonly Label[], answers: readonly Answered[], rows: number): SecondLook | undefined {
  const [own, constant] = [answers[0]!, answers[answers.length - 1]!];
  const { proba, classes } = own.predictions;
  const scores = scoresOf(truth, own.predictions);
  if (scores['logLoss'] === undefined || proba === undefined || classes === undefined) return undefined;
  if (scores['accuracy']! > scoresOf(truth, constant.predictions)['accuracy']!) return undefined;
  const counts = countsOf(truth);
  // The best constant probabilities for these very rows: the shares of their classes.
  const shares = Float64Array.from(truth, (label) => -Math.log(counts.get(label)! / truth.length));
  const ids = new Map(classes.map((label, id) => [label, id]));
  const losses = Float64Array.from(truth, (label, i) => -Math.log(Math.max(proba.row(i)[ids.get(label)!]!, 1e-15)));
  if (!clearlyLess(losses, shares, rows)) return undefined;
  const area = scores['rocAuc'] === undefined ? '' : `, ROC AUC ${formatFigure(scores['rocAuc'])}`;
  return {
    beaten: 'the constant',
    text: `Its probabilities say more than the shares of the classes: log loss ${formatFigure(scores['logLoss'])} against ${formatFigure(mean(shares))}${area}. classWeight: 'balanced' lets rare classes count as much.`,
  };
}

// ---- compared ---------------------------------------------------------------------------------------------------------------

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Whether some are less than others on the same rows by more than two standard errors. */
function clearlyLess(own: Float64Array, others: Float64Array, rows: number): boolean {
  const gains = others.map((other, i) => other - own[i]!);
  const lead = mean(gains);
  const error = Math.sqrt(mean(gains.map((gain) => (gain - lead) ** 2)) / rows);
  return rows >= 2 && lead > 0 && lead > 2 * error;
}

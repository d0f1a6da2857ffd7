// The report of a training, as text for people. The same object is what --json prints.

import { alignColumns } from '../data/textColumns.js';
import type { Label } from '../data/labels.js';
import type { ConfusionMatrix } from '../data/metrics/index.js';
import type { ColumnType } from '../data/table.js';
import type { Importance } from '../estimators/importance.js';
import { formatFigure, type StopReason } from '../training/history.js';
import { certaintyLines, type Certainty } from './certainty.js';
import { count, type Task } from './dataset.js';
import { inFlags } from './notes.js';
import { bar, curve } from './plot.js';
import { figures, figureText, type Baselines, type Residuals, type Scores } from '../report/facts/scores.js';
import type { SecondLook } from '../report/facts/secondLook.js';

/** Of the main score. */
export interface StandardErrors {
  readonly model: number;
  readonly linear: number;
  readonly quick?: number;
  readonly constant: number;
}

export interface Report {
  readonly command: 'train';
  readonly data: string;
  readonly rows: number;
  readonly columns: number;
  readonly kinds: Readonly<Partial<Record<ColumnType, number>>>;
  readonly inputs: number;
  readonly target: string;
  readonly task: Task;
  readonly inferred: boolean;
  readonly classes: readonly Label[] | undefined;
  readonly trainedOn: number;
  readonly judgedBy: string | undefined;
  readonly judgedOn: number | undefined;
  readonly foldScores: readonly number[] | undefined;
  readonly scores: Scores | undefined;
  readonly baselines: Baselines | undefined;
  readonly standardErrors: StandardErrors | undefined;
  /** What another figure says where the main one finds the model no better than a rival. */
  readonly secondLook: SecondLook | undefined;
  readonly confusion: ConfusionMatrix | undefined;
  readonly residuals: Residuals | undefined;
  /** Whether a preset found a linear model as good as its nets, which this is then. */
  readonly linearModel: boolean;
  /** Intervals or sets of classes, where rows were kept for them. */
  readonly certainty: Certainty | undefined;
  readonly importance: readonly Importance[];
  readonly training: {
    readonly epochs: number;
    readonly bestEpoch: number;
    readonly stoppedBy: StopReason;
    readonly seconds: number;
    readonly samplesPerSecond: number;
    readonly parameters: number;
    readonly lossCurve: readonly number[];
    readonly validationLossCurve: readonly number[];
  };
  readonly notes: readonly string[];
  /** The page about it, where one was asked for. */
  readonly report: string | undefined;
  readonly model: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
}

export function reportText(report: Report, width: number): string {
  const { task, training } = report;
  const kinds = Object.entries(report.kinds).map(([kind, n]) => `${n} ${kind}`);
  const lines = [
    `${report.data}: ${count(report.rows, 'row')}, ${count(report.columns, 'column')}; ${kinds.join(', ')} -> ${count(report.inputs, 'input')}`,
    `target: ${report.target}, ${task}${report.classes === undefined ? '' : ` into ${count(report.classes.length, 'class', 'classes')}`}${report.inferred ? ` (inferred; --task ${task === 'regression' ? 'classification' : 'regression'} for the other)` : ''}`,
    ...report.notes.map((note) => `note: ${note}`),
    '',
    ...scoreLines(report),
    ...(report.confusion === undefined ? [] : ['', ...confusionLines(report.confusion)]),
    ...(report.residuals === undefined ? [] : ['', ...residualLines(report.residuals)]),
    ...(report.certainty === undefined ? [] : ['', ...certaintyLines(report.certainty, task === 'regression')]),
    '',
    ...lossLines(report, width),
    ...(report.importance.length === 0 ? [] : ['', ...importanceLines(report.importance, task, width)]),
    '',
    `saved ${report.model} (${size(report.bytes)}): ${count(training.parameters, 'parameter')}; ${seconds(report.seconds)} in all, ${seconds(training.seconds)} of them training (${count(Math.round(training.samplesPerSecond), 'row')} a second), memory at most ${size(report.peakMemoryBytes)}`,
    ...(report.report === undefined ? [] : [`wrote ${report.report}: open it in a browser`]),
  ];
  return lines.join('\n');
}

function scoreLines(report: Report): string[] {
  const { scores, baselines, standardErrors, secondLook, judgedBy, judgedOn, foldScores, task, linearModel } = report;
  if (scores === undefined || baselines === undefined) return ['score: none'];
  const { answer } = baselines.constant;
  const always = task === 'regression' ? 'always the mean' : `always ${String(answer)}`;
  const rivals = [
    ['this model', scores, standardErrors?.model],
    ['linear model', baselines.linear.scores, standardErrors?.linear],
    ...(baselines.quick === undefined ? [] : [['quick preset', baselines.quick.scores, standardErrors?.quick] as const]),
    [always, baselines.constant.scores, standardErrors?.constant],
  ] as const;
  const table = [
    [
      `score on ${judgedBy === 'held-out rows' ? `${count(judgedOn!, 'held-out row')}` : `${judgedBy}`}`,
      ...rivals.map(([name]) => name),
    ],
    ...Object.keys(scores).map((name, i) => [
      `  ${figures[name] ?? name}`,
      ...rivals.map(([, of, error]) => {
        const spread = i === 0 && error !== undefined && Number.isFinite(error) ? ` ± ${formatFigure(error)}` : '';
        return `${figureText(of[name])}${spread}`;
      }),
    ]),
  ];
  const main = Object.keys(scores)[0]!;
  const [own, linear, constant] = [scores, baselines.linear.scores, baselines.constant.scores].map(
    (of) => of[main] ?? -Infinity,
  ) as [number, number, number];
  const again = secondLook === undefined ? [] : [`  ${inFlags(secondLook.text)}`];
  const verdict = Number.isNaN(own)
    ? [`  ${figures[main]} needs 2 rows: with one it says nothing of the model. Hold out more with --test-size, or use --cv.`]
    : own <= constant
      ? secondLook?.beaten === 'the constant'
        ? [`  By ${figures[main]} alone no better than always the same answer.`, ...again]
        : [
            '  No better than always the same answer: the columns may not say anything about the target, or there are too few rows.',
            ...again,
          ]
      : own < linear
        ? linearModel
          ? []
          : secondLook?.beaten === 'the linear model'
            ? [`  By ${figures[main]} alone the linear model does better.`, ...again]
            : ['  The linear model does better: train that one with --hidden none, or collect more rows.']
        : own === linear
          ? ['  The linear model does as well: --hidden none trains that one.']
          : [];
  const spread = foldScores === undefined ? [] : [`  ${figures[main]} by fold: ${foldScores.map(figureText).join(', ')}`];
  return [...alignColumns(table), ...spread, ...verdict];
}

const mostClasses = 12;

export function confusionLines({ classes, counts }: ConfusionMatrix): string[] {
  if (classes.length > mostClasses) {
    const pairs = counts.flatMap((row, i) =>
      row.map((n, j) => ({ n, truth: classes[i], said: classes[j] })).filter(({ n }, j) => i !== j && n > 0),
    );
    pairs.sort((a, b) => b.n - a.n);
    return [
      'most frequent mistakes',
      ...pairs.slice(0, 8).map(({ n, truth, said }) => `  ${String(truth)} taken for ${String(said)}: ${n}`),
    ];
  }
  const names = classes.map((label) => short(String(label)));
  return [
    'confusion (rows: the truth; columns: what the model said)',
    ...alignColumns([
      ['', ...names],
      ...counts.map((row, i) => [`  ${names[i]}`, ...row.map((n) => (n === 0 ? '·' : n.toLocaleString('en-US')))]),
    ]),
  ];
}

function short(name: string): string {
  return name.length > 14 ? `${name.slice(0, 13)}…` : name;
}

export function residualLines({ bias, deviation, quantiles }: Residuals): string[] {
  const [a, b, c, d, e] = quantiles.map(formatFigure);
  return [
    `residuals (truth minus prediction): mean ${formatFigure(bias)}, deviation ${formatFigure(deviation)}`,
    `  half of them between ${b} and ${d}, nine of ten between ${a} and ${e}, median ${c}`,
  ];
}

function lossLines({ training }: Report, width: number): string[] {
  const { epochs, bestEpoch, stoppedBy, lossCurve, validationLossCurve } = training;
  const how = { earlyStopping: 'stopped early', timeBudget: 'stopped by the time budget', plateau: 'stopped at a plateau' }[
    stoppedBy as string
  ];
  const held = validationLossCurve.length > 0 ? 'training and held-out' : 'training';
  const title = `${held} loss over ${count(epochs, 'epoch')}${how === undefined ? '' : `, ${how}`}${bestEpoch < epochs ? `; the best was epoch ${bestEpoch}` : ''}`;
  if (epochs < 2) return [`${title}: ${formatFigure(lossCurve[0] ?? Number.NaN)}`];
  return [
    title,
    ...curve(
      [lossCurve, validationLossCurve].filter(({ length }) => length > 0),
      Math.min(60, width - 12),
      6,
    ).map((line) => `  ${line}`),
  ];
}

const mostColumns = 12;

function importanceLines(importance: readonly Importance[], task: Task, width: number): string[] {
  const shown = importance.slice(0, mostColumns);
  const largest = Math.max(shown[0]!.mean, 1e-12);
  const names = shown.map(({ name }) => (name.length > 24 ? `${name.slice(0, 23)}…` : name));
  const widest = Math.max(...names.map(({ length }) => length));
  const rest = importance.length - shown.length;
  return [
    `what it relies on: ${task === 'regression' ? 'R^2' : 'accuracy'} lost when a column is shuffled`,
    ...shown.map(({ mean }, i) =>
      `  ${names[i]!.padEnd(widest)}  ${formatFigure(Math.abs(mean) < 5e-5 ? 0 : mean).padStart(8)}  ${bar(mean / largest, Math.min(30, width - widest - 16))}`.trimEnd(),
    ),
    ...(rest > 0 ? [`  and ${count(rest, 'column')} more`] : []),
  ];
}

export function size(bytes: number): string {
  if (bytes < 10_000) return `${bytes} bytes`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB`;
}

function seconds(value: number): string {
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  return value < 100 ? `${value.toFixed(1)} s` : `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

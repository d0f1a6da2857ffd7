// feedforward evaluate: how good a model is on other rows whose answers are known.

import { alignColumns } from '../data/textColumns.js';
import { streamCsv, type CsvDialect } from '../data/csv/index.js';
import type { Label } from '../data/labels.js';
import * as metrics from '../data/metrics/index.js';
import { fail, show } from '../errors.js';
import { predictTable } from './answers.js';
import { count } from './dataset.js';
import { openOnce, type Input } from './input.js';
import { Interrupt } from './interrupt.js';
import { classesOf } from './integerModel.js';
import { dialectFor, openAnswering, tablesFor, typeOfAnswers, type OpenAnswering } from './modelFile.js';
import { confusionLines, residualLines } from './report.js';
import { figures, figureText, joinPredictions, residualsOf, scoresOf, type Predictions } from '../report/facts/scores.js';
import { Terminal } from './terminal.js';

export interface EvaluateCommand {
  readonly model: string;
  readonly data: string;
  /** How the data is written, as far as that was said. */
  readonly dialect: Partial<CsvDialect>;
  readonly json: boolean;
  readonly quiet: boolean;
}

export async function evaluate(command: EvaluateCommand): Promise<void> {
  const terminal = new Terminal(command);
  const interrupt = new Interrupt(terminal);
  const open = await openAnswering(command.model);
  const input = await openOnce(command.data, interrupt);
  try {
    await judge(command, open, input, terminal);
  } finally {
    interrupt.end();
    await input.close();
  }
}

async function judge(command: EvaluateCommand, open: OpenAnswering, input: Input, terminal: Terminal): Promise<void> {
  const { model, table } = open;
  const encoder = model.encoder!;
  const classes = classesOf(model);
  const regression = classes === undefined;
  // As the target was read in training: its decimal mark, groups and format of dates are those of the training file.
  const target = { name: table.target, ...(table.targetColumn ?? { type: typeOfAnswers(model) }) };
  const parts: Predictions[] = [];
  const labels: Label[] = [];
  const numbers: number[] = [];
  let left = 0;
  const tables = streamCsv(input.open(), [...encoder.columns, target], {
    source: input.name,
    ...dialectFor(table, command.dialect),
  });
  for await (const chunk of tablesFor(command.model, open, tables)) {
    const whole = chunk.dropMissing([table.target]);
    left += chunk.rows - whole.rows;
    if (whole.rows === 0) continue;
    parts.push(predictTable(model, whole, encoder.transform64(whole)));
    if (regression) for (const value of whole.numbers(table.target)) numbers.push(value);
    else for (const label of whole.labels(table.target)) labels.push(label);
  }
  if (parts.length === 0) fail('ERR_EMPTY', `${input.name}: no row has a value in ${show(table.target)}.`);
  const strangers = regression ? [] : labels.filter((label) => !classes.includes(label));
  if (strangers.length > 0)
    terminal.note(
      `warning: the model does not know ${count(new Set(strangers).size, 'label')} of ${show(table.target)}, in ${count(strangers.length, 'row')}: ${namesOf(strangers)}. ` +
        'Its answers there count as wrong; log loss and ROC AUC are left out.',
    );
  const answers = joinPredictions(parts);
  const truth = regression ? Float64Array.from(numbers) : labels;
  const scores = scoresOf(truth, answers);
  const confusion = regression ? undefined : metrics.confusionMatrix(labels, answers.predicted as Label[]);
  const residuals = regression ? residualsOf(truth as Float64Array, answers.predicted as Float64Array) : undefined;
  const { score } = table;
  terminal.result(
    () =>
      [
        `${input.name}: ${count(truth.length, 'row')}${left > 0 ? `, ${left} more without a value in ${table.target}` : ''}`,
        '',
        ...alignColumns([
          ['score', 'these rows', ...(score === null ? [] : [score.by])],
          ...Object.entries(scores).map(([name, value]) => [
            `  ${figures[name] ?? name}`,
            figureText(value),
            ...(score === null ? [] : [figureText(score.scores[name])]),
          ]),
        ]),
        '',
        ...(confusion === undefined ? residualLines(residuals!) : confusionLines(confusion)),
      ].join('\n'),
    {
      command: 'evaluate',
      data: input.name,
      rows: truth.length,
      skipped: left,
      target: table.target,
      task: table.task,
      scores,
      confusion,
      residuals,
    },
  );
}

/** The first ten labels, each once. */
function namesOf(labels: readonly Label[]): string {
  const names = [...new Set(labels)].map((label) => show(label));
  return names.length > 10 ? `${names.slice(0, 10).join(', ')}, …` : names.join(', ');
}

// feedforward info: what is in a model file.

import { alignColumns } from '../data/textColumns.js';
import { dateText } from '../data/table.js';
import { formatFigure } from '../training/history.js';
import { count } from './dataset.js';
import { classesOf, type IntegerModel } from './integerModel.js';
import { cost } from './integers.js';
import { openAnswering, type OpenModel } from './modelFile.js';
import { size } from './report.js';
import { figures } from '../report/facts/scores.js';
import { Terminal } from './terminal.js';

export async function info(command: { readonly model: string; readonly json: boolean; readonly quiet: boolean }): Promise<void> {
  const terminal = new Terminal(command);
  const open = await openAnswering(command.model);
  const { model, table, bytes } = open;
  const state = model.encoder!.toJSON();
  const classes = classesOf(model);
  const { score } = table;
  const own = 'file' in open ? ofEstimator(open) : ofIntegers(model as IntegerModel);
  terminal.result(
    () =>
      [
        `${command.model}: ${table.task} of ${table.target}${classes === undefined ? '' : ` (${classes.slice(0, 12).map(String).join(', ')}${classes.length > 12 ? `, … ${classes.length} in all` : ''})`}`,
        `${size(bytes.length)}, ${own.title}`,
        '',
        ...alignColumns([
          ['column', 'type', 'in training'],
          ...state.columns.map((column) => [
            `  ${column.name}`,
            column.type,
            column.type === 'categorical'
              ? `${column.categories.slice(0, 5).join(', ')}${column.categories.length > 5 ? `, … ${column.categories.length} in all` : ''}${column.other ? ', others' : ''}`
              : column.type === 'date'
                ? `${dateText(column.min)} to ${dateText(column.max)}`
                : `${formatFigure(column.min)} to ${formatFigure(column.max)}`,
          ]),
        ]),
        '',
        ...own.lines,
        ...(score === null
          ? []
          : [
              `score by ${score.by}, ${count(score.rows, 'row')}: ${Object.entries(score.scores)
                .map(([name, value]) => `${figures[name] ?? name} ${formatFigure(value)}`)
                .join(', ')}`,
            ]),
      ].join('\n'),
    {
      command: 'info',
      model: command.model,
      bytes: bytes.length,
      task: table.task,
      target: table.target,
      classes,
      columns: state.columns,
      score,
      ...own.facts,
    },
  );
}

/** What is of one kind of file alone. */
interface Own {
  readonly title: string;
  readonly lines: readonly string[];
  readonly facts: object;
}

function ofEstimator({ model, file }: OpenModel): Own {
  return {
    title: `written by feedforward ${file.library}${file.training === undefined ? '' : '; a checkpoint: the training can be resumed'}`,
    lines: [
      model.model.summary(),
      '',
      `trained on ${count(model.rows, 'row')} for ${count(model.epochs, 'epoch')} (${model.stoppedBy}; the weights are those of epoch ${model.bestEpoch})`,
    ],
    facts: {
      library: file.library,
      inputs: model.inputs,
      featureNames: model.featureNames,
      options: model.options,
      parameters: model.model.plan.parameterCount,
      checkpoint: file.training !== undefined,
      training: {
        rows: model.rows,
        epochs: model.epochs,
        bestEpoch: model.bestEpoch,
        stoppedBy: model.stoppedBy,
        lossCurve: model.lossCurve,
        validationLossCurve: model.validationLossCurve,
      },
    },
  };
}

function ofIntegers({ encoder, report }: IntegerModel): Own {
  return {
    title: 'in 8-bit whole numbers (export --int8), which predict and do not train',
    lines: [cost(report)],
    facts: { inputs: encoder.outputs, featureNames: encoder.featureNames, quantized: report },
  };
}

// feedforward info: what is in a model file.

import { alignColumns } from '../data/textColumns.js';
import { MILLISECONDS_PER_DAY } from '../data/table.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { formatFigure } from '../training/history.js';
import { count } from './dataset.js';
import { openModel } from './modelFile.js';
import { size } from './report.js';
import { figures } from '../report/facts/scores.js';
import { Terminal } from './terminal.js';

export async function info(command: { readonly model: string; readonly json: boolean; readonly quiet: boolean }): Promise<void> {
  const terminal = new Terminal(command);
  const { model, file, table, bytes } = await openModel(command.model);
  const state = model.encoder!.toJSON();
  const classes = model instanceof MLPRegressor ? undefined : model.classes;
  const { score } = table;
  terminal.result(
    () =>
      [
        `${command.model}: ${table.task} of ${table.target}${classes === undefined ? '' : ` (${classes.slice(0, 12).map(String).join(', ')}${classes.length > 12 ? `, … ${classes.length} in all` : ''})`}`,
        `${size(bytes.length)}, written by feedforward ${file.library}${file.training === undefined ? '' : '; a checkpoint: the training can be resumed'}`,
        '',
        ...alignColumns([
          ['column', 'type', 'in training'],
          ...state.columns.map((column) => [
            `  ${column.name}`,
            column.type,
            column.type === 'categorical'
              ? `${column.categories.slice(0, 5).join(', ')}${column.categories.length > 5 ? `, … ${column.categories.length} in all` : ''}${column.other ? ', others' : ''}`
              : column.type === 'date'
                ? `${dateOf(column.min)} to ${dateOf(column.max)}`
                : `${formatFigure(column.min)} to ${formatFigure(column.max)}`,
          ]),
        ]),
        '',
        model.model.summary(),
        '',
        `trained on ${count(model.rows, 'row')} for ${count(model.epochs, 'epoch')} (${model.stoppedBy}; the weights are those of epoch ${model.bestEpoch})`,
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
      library: file.library,
      task: table.task,
      target: table.target,
      classes,
      columns: state.columns,
      inputs: model.inputs,
      featureNames: model.featureNames,
      options: model.options,
      score,
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
  );
}

function dateOf(days: number): string {
  const date = new Date(days * MILLISECONDS_PER_DAY);
  return Number.isNaN(date.getTime()) ? String(days) : date.toISOString().replace(/T00:00:00.000Z$/, '');
}

// feedforward report: a page about a model and rows whose answers are known.

import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { streamCsv, type CsvDialect } from '../data/csv/index.js';
import type { Table } from '../data/table.js';
import { fail, show } from '../errors.js';
import { loadPeers } from '../report/page/peers.js';
import { report } from '../report/report.js';
import { count } from './dataset.js';
import { openOnce } from './input.js';
import { Interrupt } from './interrupt.js';
import { dialectFor, openModel, tablesFor, typeOfAnswers, type OpenModel } from './modelFile.js';
import { Output } from './output.js';
import { commandLine } from './page.js';
import { size } from './report.js';
import { Terminal } from './terminal.js';

export interface ReportCommand {
  readonly model: string;
  readonly data: string;
  /** undefined: the model file with .html. */
  readonly output: string | undefined;
  readonly seed: number;
  readonly budget: number | undefined;
  readonly dialect: Partial<CsvDialect>;
  readonly json: boolean;
  readonly quiet: boolean;
}

const mostRows = 100_000;

export async function reportFile(command: ReportCommand): Promise<void> {
  const terminal = new Terminal(command);
  const interrupt = new Interrupt(terminal);
  let file: Output | undefined;
  try {
    const peers = loadPeers();
    const open = await openModel(command.model);
    const path = command.output ?? `${command.model.replace(/\.[^./\\]*$/, '')}.html`;
    const inUse = [
      { what: 'the data', path: command.data },
      { what: 'the model', path: command.model },
    ];
    file = await Output.open(path, inUse, interrupt);
    const { rows, left } = await readAll(command, open, interrupt);
    const { target } = open.table;
    const page = report(open.model, rows, target, {
      ...{ target, title: `${target} of ${rows.source}`, judgedBy: `the rows of ${rows.source}`, seed: command.seed, ...peers },
      ...(command.budget === undefined ? {} : { budget: command.budget }),
      notes: left === 0 ? [] : [`${count(left, 'row')} without a value in ${show(target)} left out.`],
      command: commandLine(),
      files: {
        ...(command.data === '-' ? {} : { [basename(command.data)]: await readFile(command.data) }),
        [basename(command.model)]: open.bytes,
      },
    });
    await file.write(page);
    const bytes = await file.commit();
    terminal.result(() => `wrote ${path} (${size(bytes)}): ${count(rows.rows, 'row')}`, {
      ...{ command: 'report', report: path, bytes, rows: rows.rows, skipped: left },
    });
  } finally {
    await file?.discard();
    interrupt.end();
  }
}

/** All rows that have a target, as one table. */
async function readAll(command: ReportCommand, open: OpenModel, interrupt: Interrupt): Promise<{ rows: Table; left: number }> {
  const { model, table } = open;
  const input = await openOnce(command.data, interrupt);
  try {
    const target = { name: table.target, ...(table.targetColumn ?? { type: typeOfAnswers(model) }) };
    const columns = [...model.encoder!.columns, target];
    const options = { source: input.name, ...dialectFor(table, command.dialect), chunkRows: mostRows };
    let all: Table | undefined;
    for await (const part of tablesFor(command.model, open, streamCsv(input.open(), columns, options))) {
      if (part.rows === 0) continue;
      if (all !== undefined)
        fail('ERR_OPTION', `${input.name} has more than ${count(mostRows, 'row')}; report on a part of them.`);
      all = part;
    }
    const rows = all?.dropMissing([table.target]);
    if (rows === undefined || rows.rows === 0) fail('ERR_EMPTY', `${input.name}: no row has a value in ${show(table.target)}.`);
    return { rows, left: all!.rows - rows.rows };
  } finally {
    await input.close();
  }
}

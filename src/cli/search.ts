// feedforward search: which options of a network fit a CSV file best, by cross-validation, and the model that they make of all rows. What
// ended is kept in a file beside the model until the search is over, so that the same command goes on after Ctrl-C.

import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import type { CsvDialect } from '../data/csv/index.js';
import type { Label } from '../data/labels.js';
import type { ColumnType } from '../data/table.js';
import { fail } from '../errors.js';
import { MLPClassifier } from '../estimators/classifier.js';
import { loadEstimator } from '../estimators/load.js';
import { MLPRegressor } from '../estimators/regressor.js';
import { parseJson } from '../formats/json.js';
import { present } from '../options.js';
import type { Peers } from '../report/page/peers.js';
import { searchPage } from '../report/search/searchPage.js';
import { valueText } from '../report/search/values.js';
import { baselineNames } from '../search/baselines.js';
import type { Candidate } from '../search/contract.js';
import type { SearchFindings, TriedCandidate } from '../search/findings.js';
import type { Runner } from '../search/runner.js';
import type { Scoring } from '../search/scores.js';
import { search } from '../search/search.js';
import type { SearchNews } from '../search/settings.js';
import type { Space } from '../search/space.js';
import { suggestedSpace } from '../search/suggestedSpace.js';
import { formatFigure } from '../training/history.js';
import { toOptunaJournal, trialsToCsv } from '../search/exports.js';
import { count, readDataset, type Dataset, type Task } from './dataset.js';
import { Exit, quoted } from './exit.js';
import { openInput, type Input } from './input.js';
import { Interrupt } from './interrupt.js';
import { refuseInUse, refuseShared } from './output.js';
import { commandLine } from './page.js';
import { size } from './report.js';
import { Lookout, runnerOf, type RunnerFlags } from './searchRunner.js';
import { duration, Terminal } from './terminal.js';
import { checkOutput, checkReport, save, sectionOf } from './train.js';

/** What the options of the command come to. */
export interface SearchCommand extends RunnerFlags {
  readonly data: string;
  readonly target: string;
  readonly task: Task | 'auto';
  readonly features: readonly string[];
  readonly drop: readonly string[];
  readonly types: Readonly<Record<string, ColumnType>>;
  readonly dialect: Partial<CsvDialect>;
  /** undefined: the data file with .ff. */
  readonly output: string | undefined;
  /** Where a page about the search is written. */
  readonly report: string | undefined;
  /** Where all candidates are written as CSV, and as an Optuna journal. */
  readonly csv: string | undefined;
  readonly journal: string | undefined;
  /** A file of the space as JSON; undefined: the suggested one. */
  readonly space: string | undefined;
  readonly preset: 'quick' | 'default' | 'best';
  readonly trials: number | undefined;
  readonly budget: number | undefined;
  readonly folds: number;
  readonly sampler: 'tpe' | 'sobol' | 'random' | 'grid';
  readonly pruner: 'none' | 'median' | 'halving' | 'racing';
  readonly scoring: string | undefined;
  readonly objectives: readonly string[];
  readonly roundSize: number | undefined;
  /** Where outcomes are kept for good; undefined: beside the model until the search is over. */
  readonly storage: string | undefined;
  readonly seed: number;
  /** Whether models come out the same on every machine, to the bit. */
  readonly deterministic: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** Candidates that the text lists. */
const listed = 5;

export async function searchFile(command: SearchCommand): Promise<void> {
  const started = performance.now();
  const terminal = new Terminal(command);
  const interrupt = new Interrupt(terminal);
  let input: Input | undefined;
  try {
    const output = command.output ?? (command.data === '-' ? 'model.ff' : `${command.data.replace(/\.[^./\\]*$/, '')}.ff`);
    const storage = command.storage ?? `${output}.search`;
    await refuseLoss(command, output, storage);
    await checkOutput(output, command.data, interrupt);
    const peers = command.report === undefined ? undefined : await checkReport(command.report, command.data, interrupt);
    for (const path of [command.csv, command.journal]) if (path !== undefined) await checkOutput(path, command.data, interrupt);
    const space = command.space === undefined ? undefined : await readSpaceFile(command.space);
    const runner = await runnerOf(command, terminal);
    input = await openInput(command.data, interrupt);
    const data = await readDataset(
      input,
      { ...command, encoder: {}, features: command.features, types: command.types },
      terminal,
    );
    await interrupt.check();
    const findings = await run({ command, data, given: space, storage, runner, terminal, interrupt });
    terminal.stop();
    const { bytes, files } = await write({ command, output, data, findings, peers, source: input.name, interrupt });
    await interrupt.saving(async () => {
      // The time allowed may be raised: then the same command goes on from what is kept.
      if (command.storage === undefined && findings.endedBy !== 'budget') await rm(storage, { force: true });
      const said = {
        command,
        data,
        findings,
        output,
        storage,
        bytes,
        files,
        source: input!.name,
        seconds: (performance.now() - started) / 1000,
      };
      terminal.result(() => textOf(said), objectOf(said));
    });
  } finally {
    terminal.stop();
    interrupt.end();
    await input?.close();
  }
}

/** @throws Exit 2 when what the search writes would take the place of another file of its, or of one that it reads. */
async function refuseLoss(command: SearchCommand, output: string, storage: string): Promise<void> {
  const named = (what: string, path: string | undefined) => (path === undefined ? [] : [{ what, path }]);
  const outputs = [
    ...named('the model', output),
    ...named('the report', command.report),
    ...named('the table of candidates', command.csv),
    ...named('the journal', command.journal),
    ...named('the storage', storage),
  ];
  const inputs = [...named('the data', command.data), ...named('the space', command.space)];
  for (const { path } of outputs) await refuseInUse(path, inputs);
  await refuseShared(outputs);
}

interface Running {
  readonly command: SearchCommand;
  readonly data: Dataset;
  readonly given: Space | undefined;
  readonly storage: string;
  readonly runner: Runner | undefined;
  readonly terminal: Terminal;
  readonly interrupt: Interrupt;
}

async function run({ command, data, given, storage, runner, terminal, interrupt }: Running): Promise<SearchFindings> {
  const { task, rows, table, y } = data;
  const { seed, preset } = command;
  const suggested = suggestedSpace(task, { rows, preset });
  // A space of one's own names the options that matter to it: the others are those of the preset.
  const options = {
    ...(given === undefined ? suggested.options : { preset }),
    ...(command.deterministic ? { deterministic: true } : {}),
    ...{ seed, onWarning: false as const },
  };
  const estimator = task === 'classification' ? new MLPClassifier(options) : new MLPRegressor(options);
  const name = scoreName(command, task);
  let last: SearchNews | undefined;
  const began = existsSync(storage);
  const lookout = new Lookout(runner, command, terminal);
  const tell = terminal.searching((news) => progressText(news, command.trials, name));
  try {
    return await interrupt.watching(() =>
      search(given ?? suggested.space, estimator, {
        data: { X: table, y: task === 'regression' ? y : (y as Label[]) },
        // The suggested space has the preset's own recipe in it.
        ...(given === undefined && command.sampler !== 'grid' ? { begin: suggested.begin } : {}),
        ...{ folds: command.folds, seed, storage, sampler: command.sampler, pruner: command.pruner, signal: interrupt.signal },
        objectives: ['score', ...command.objectives],
        ...present({
          ...{ trials: command.trials, budget: command.budget, roundSize: command.roundSize, runner },
          scoring: command.scoring as Scoring | undefined,
        }),
        onProgress: (news) => {
          last = news;
          lookout.heard(news);
          tell(news);
        },
      }),
    );
  } catch (error) {
    terminal.stop();
    if ((error as Error).name === 'AbortError')
      throw new Exit(
        130,
        `Interrupted after ${count(last?.ended ?? 0, 'candidate')}; what has ended is in ${storage}. Go on with the same command: ${commandLine()}`,
        'ABORTED',
      );
    // What was refused before anything ended leaves nothing to go on from.
    if (last === undefined && !began && !existsSync(`${storage}.checkpoints`)) await rm(storage, { force: true });
    throw error;
  } finally {
    lookout.end();
  }
}

const spaceShape =
  'It holds the range of each option as JSON: { "dropout": { "uniform": [0, 0.4] }, "hiddenLayers": [[16], [32, 32]] }.';

async function readSpaceFile(path: string): Promise<Space> {
  const text = await readFile(path, 'utf8').catch((error: Error & { code?: string }) => {
    const why = { ENOENT: 'there is no such file', EISDIR: 'it is a folder' }[error.code ?? ''] ?? error.message;
    return fail('ERR_FILE', `--space: cannot read ${path}: ${why}. ${spaceShape}`);
  });
  if (text.trim() === '') fail('ERR_FORMAT', `--space: ${path} is empty. ${spaceShape}`);
  const space = parseJson(text, path);
  if (typeof space !== 'object' || space === null || Array.isArray(space) || Object.keys(space).length === 0)
    fail('ERR_OPTION', `--space: ${path} names no option to search. ${spaceShape}`);
  return space as unknown as Space; // search checks the ranges
}

interface Written {
  readonly command: SearchCommand;
  readonly output: string;
  readonly data: Dataset;
  readonly findings: SearchFindings;
  readonly peers: Peers | undefined;
  readonly source: string;
  readonly interrupt: Interrupt;
}

/** Writes the model, and whatever else was asked for. */
async function write({ command, output, data, findings, peers, source, interrupt }: Written) {
  const model = loadEstimator(findings.best.model!, { onWarning: false });
  const { target, task, drop, features, types, seed, folds } = command;
  const settings = {
    target,
    task,
    drop,
    features,
    types,
    seed,
    model: { ...(model.options as object), onWarning: undefined },
    ...command.dialect,
  };
  const bytes = model.save({ sections: { table: sectionOf(data, plain(settings) as never, null) } });
  await save(output, bytes, interrupt);
  const files: Record<string, string> = {};
  const others = {
    report: () =>
      searchPage(
        findings,
        { title: `${target} of ${source}: a search`, score: scoreName(command, data.task), folds, seed, command: commandLine() },
        peers!,
      ),
    csv: () => trialsToCsv(findings),
    journal: () => toOptunaJournal(findings, { name: `${target} of ${source}` }),
  };
  for (const [name, make] of Object.entries(others)) {
    const path = command[name as keyof typeof others];
    if (path === undefined) continue;
    await save(path, new TextEncoder().encode(make()), interrupt);
    files[name] = path;
  }
  return { bytes: bytes.length, files };
}

// ---- what is said ---------------------------------------------------------------------------------------------------

function scoreName({ scoring }: SearchCommand, task: Task): string {
  return scoring ?? (task === 'classification' ? 'accuracy' : 'R^2');
}

function progressText({ ended, failed, pruned, best }: SearchNews, trials: number | undefined, score: string): string {
  const others = [
    ...(best === undefined ? [] : [`best ${score} ${formatFigure(best.value)} (number ${best.number})`]),
    ...(pruned > 0 ? [`${pruned} stopped early`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  return [`${ended}${trials === undefined ? '' : `/${trials}`} candidates`, ...others].join(', ');
}

interface Said {
  readonly storage: string;
  readonly command: SearchCommand;
  readonly data: Dataset;
  readonly findings: SearchFindings;
  readonly output: string;
  readonly bytes: number;
  readonly files: Readonly<Record<string, string>>;
  readonly source: string;
  readonly seconds: number;
}

function textOf({ command, data, findings, output, storage, bytes, files, source, seconds }: Said): string {
  const { best, trials, objectives, endedBy } = findings;
  const score = scoreName(command, data.task);
  const [first] = objectives;
  const of = ({ values }: TriedCandidate) => values[first!.name]!;
  const complete = trials.filter(({ state }) => state === 'complete');
  const sorted = [...complete].sort(
    (a, b) => (first!.goal === 'maximize' ? of(b) - of(a) : of(a) - of(b)) || a.number - b.number,
  );
  const states = [
    ['pruned', 'stopped early'],
    ['failed', 'failed'],
    ['stopped', 'not at its end'],
  ] as const;
  const counts = states.flatMap(([state, what]) => {
    const n = trials.filter((trial) => trial.state === state).length;
    return n === 0 ? [] : [`${n} ${what}`];
  });
  const failed = trials.find(({ state }) => state === 'failed');
  const late = trials.find(({ state, error }) => state === 'stopped' && error !== undefined);
  return [
    `${source}: ${count(data.rows, 'row')}; ${command.target}, ${data.task}, ${command.folds}-fold cross-validation`,
    ...data.notes.all.map((note) => `note: ${note}`),
    `${count(trials.length, 'candidate')} in ${duration(seconds)}: ${[`${complete.length} ran to the end`, ...counts].join(', ')}${endedBy === 'budget' ? '; the time allowed was used up' : ''}`,
    ...(failed === undefined ? [] : [`note: number ${failed.number} failed: ${failed.error}`]),
    ...(late === undefined ? [] : [`note: number ${late.number}, ${late.error}`]),
    '',
    `best: number ${best.number}, ${score} ${formatFigure(of(best))}, deviation between folds ${formatFigure(best.deviation)}`,
    ...optionLines(best.candidate),
    '',
    ...(sorted.length > 1
      ? [
          `next: ${sorted
            .slice(1, listed)
            .map((trial) => `number ${trial.number} ${formatFigure(of(trial))}`)
            .join(', ')}`,
        ]
      : []),
    ...(objectives.length > 1 ? [`Pareto front: ${findings.paretoFront.map(({ number }) => number).join(', ')}`] : []),
    ...(findings.baselines.length > 0
      ? [
          `on the same folds: ${findings.baselines.map((one) => `${baselineNames[one.name]} ${formatFigure(one.score)}`).join(', ')}`,
        ]
      : []),
    ...(findings.verified > 0 ? [`${count(findings.verified, 'trial')} ran twice, to the same bits`] : []),
    ...findings.notes.map((note) => `note: ${note}`),
    ...(endedBy === 'budget'
      ? [
          `What has ended is kept in ${storage}, for the same command with a larger --budget; without one remove it and ${storage}.checkpoints.`,
        ]
      : []),
    'The best of many looks better than it is: judge the model on rows that the search has not seen, with',
    `  feedforward evaluate ${quoted(output)} other-rows.csv`,
    `saved ${output} (${size(bytes)}), trained on all rows; ${Object.entries(files)
      .map(([what, path]) => `${what} in ${path}`)
      .join(', ')}`.replace(/; $/, ''),
  ].join('\n');
}

function optionLines(candidate: Candidate): string[] {
  const width = Math.max(...Object.keys(candidate).map((name) => name.length));
  return Object.entries(candidate).map(
    ([name, value]) => `  ${name.padEnd(width)}  ${valueText(value).replaceAll('\u2212', '-')}`,
  );
}

function objectOf({ command, data, findings, output, bytes, files, source, seconds }: Said) {
  const { best, trials, objectives, endedBy, paretoFront, baselines, verified, notes } = findings;
  const { model: _, ...rest } = best;
  return {
    ...{ command: 'search', data: source, rows: data.rows, target: command.target, task: data.task, folds: command.folds },
    ...{
      score: scoreName(command, data.task),
      objectives,
      endedBy,
      best: rest,
      trials,
      paretoFront: paretoFront.map(({ number }) => number),
      baselines,
      verified,
    },
    ...{ notes: [...data.notes.all, ...notes], model: output, bytes, files, seconds },
  };
}

/** As JSON has it: what is undefined or a function is left out. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value));
}

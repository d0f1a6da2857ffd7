// What a search found, for other tools: an Optuna journal, and CSV.

import { formatCsv } from '../data/csv/format.js';
import type { Cell } from '../data/column.js';
import { readOptions, text } from '../options.js';
import type { Json } from '../formats/json.js';
import type { SearchFindings, TriedCandidate } from './findings.js';
import { indexOf, readSpace, type Parameter } from './space.js';

/** Operations of a journal, as Optuna numbers them. See: optuna/storages/_journal/storage.py */
const createStudy = 0;
const createTrial = 4;

/** Optuna's numbers for how a trial ended. */
const states = { complete: 1, pruned: 2, failed: 3, stopped: 3 } as const;

/**
 * The trials of a search as an Optuna journal (JSON lines), which optuna's JournalStorage and optuna-dashboard read: options, values, states, and
 * what each step of the pruner's plan came to as intermediate values. Choices that are lists or objects stand there as their JSON text. Times
 * of day are not known: trials begin one after the other on 1970-01-01, and take as long as they did.
 * @throws ERR_OPTION for a name that is no text
 *
 * @example
 * const findings = await search({ x: { uniform: [-1, 1] } }, ({ x }) => -x * x, { runner: here(), trials: 3 });
 * toOptunaJournal(findings, { name: 'parabola' }).trim().split('\n').length;  // 4
 */
export function toOptunaJournal(findings: SearchFindings, options: { readonly name?: string } = {}): string {
  const { name } = readOptions({ name: text('feedforward') }, options, 'toOptunaJournal');
  const { trials, objectives } = findings;
  const parameters = parametersOf(findings);
  const study = {
    ...{ op_code: createStudy, worker_id: 'feedforward', study_name: name },
    directions: objectives.map(({ goal }) => (goal === 'minimize' ? 1 : 2)),
  };
  let clock = 0;
  const lines = trials.map((trial) => {
    const started = clock;
    clock += Math.max(0, trial.seconds);
    const own = parameters.filter(({ name: own }) => Object.hasOwn(trial.candidate, own));
    const whole = trial.state === 'complete';
    return {
      ...{ op_code: createTrial, worker_id: 'feedforward', study_id: 0, state: states[trial.state] },
      datetime_start: timeOf(started),
      datetime_complete: timeOf(clock),
      ...{ value: null, values: whole ? objectives.map((objective) => trial.values[objective.name]!) : null },
      params: Object.fromEntries(own.map((parameter) => [parameter.name, internal(parameter, trial.candidate[parameter.name]!)])),
      distributions: Object.fromEntries(own.map((parameter) => [parameter.name, JSON.stringify(distribution(parameter))])),
      user_attrs: { epochs: trial.epochs, seconds: trial.seconds, ...(trial.error === undefined ? {} : { error: trial.error }) },
      system_attrs: {},
      intermediate_values: Object.fromEntries(stepsOf(trial)),
    };
  });
  return [study, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** By epochs, or by the number of the step where steps are folds. Optuna has one objective then. */
function stepsOf({ steps }: TriedCandidate): [number, number][] {
  const byEpoch = new Set(steps.map(({ epochs }) => epochs)).size === steps.length;
  return steps.flatMap(({ epochs, value }, i) => (Number.isFinite(value) ? [[byEpoch ? epochs : i, value]] : []));
}

/** The parameters of the space; of a space that only its own sampler reads, what candidates had. */
function parametersOf({ space, trials }: SearchFindings): readonly Parameter[] {
  try {
    return readSpace(space);
  } catch {
    const names = [...new Set(trials.flatMap(({ candidate }) => Object.keys(candidate)))];
    return names.map((name) => {
      const texts = new Set(
        trials.flatMap(({ candidate }) => (Object.hasOwn(candidate, name) ? [JSON.stringify(candidate[name])] : [])),
      );
      const values = [...texts].map((one) => JSON.parse(one) as Json);
      return { kind: 'categorical', name, values, count: values.length, when: undefined };
    });
  }
}

function distribution(parameter: Parameter): object {
  if (parameter.kind === 'categorical')
    return { name: 'CategoricalDistribution', attributes: { choices: parameter.values.map(asChoice) } };
  const { whole, low, high, logarithmic: log, step } = parameter;
  const attributes = { step: whole ? (step ?? 1) : (step ?? null), low, high, log };
  return { name: whole ? 'IntDistribution' : 'FloatDistribution', attributes };
}

/** Optuna keeps the number of a choice, and every other value as a number. */
function internal(parameter: Parameter, value: Json): number {
  return parameter.kind === 'categorical' ? indexOf(parameter, value) : (value as number);
}

const asChoice = (value: Json): Json => (typeof value === 'object' && value !== null ? JSON.stringify(value) : value);

/** Seconds after the beginning of 1970, in Optuna's form of a date. */
const timeOf = (seconds: number): string => new Date(1000 * seconds).toISOString().slice(0, -1);

/**
 * The trials of a search as CSV with a line of names: number, round, state, each option, each objective, its deviation over folds, the score on
 * each fold, epochs, seconds, error. Lists and objects stand as JSON text; what a trial does not have is an empty cell.
 *
 * @example
 * const findings = await search({ x: { uniform: [-1, 1] } }, ({ x }) => -x * x, { runner: here(), trials: 3 });
 * trialsToCsv(findings).split('\n')[0];  // 'number,round,state,x,score,deviation,fold 0,epochs,seconds,error'
 */
export function trialsToCsv(findings: SearchFindings): string {
  const { trials, objectives } = findings;
  const options = parametersOf(findings).map(({ name }) => name);
  const folds = trials[0]?.scores.length ?? 0;
  const number = (value: number | undefined): Cell => (value === undefined || !Number.isFinite(value) ? null : value);
  return formatCsv(
    [
      ...['number', 'round', 'state'],
      ...options,
      ...objectives.map(({ name }) => name),
      'deviation',
      ...Array.from({ length: folds }, (_, fold) => `fold ${fold}`),
      ...['epochs', 'seconds', 'error'],
    ],
    trials.map((trial) => [
      ...[trial.number, trial.round, trial.state],
      ...options.map((name): Cell => (Object.hasOwn(trial.candidate, name) ? (asChoice(trial.candidate[name]!) as Cell) : null)),
      ...objectives.map(({ name }) => number(trial.values[name])),
      number(trial.deviation),
      ...trial.scores.map(number),
      ...[trial.epochs, number(trial.seconds), trial.error ?? null],
    ]),
  );
}

// Estimators as model files: the sections beside the network's, written and read.

import { SavedState } from '../data/columns.js';
import { scalerFromJSON } from '../data/scalers/index.js';
import { FeedforwardError, fail } from '../errors.js';
import { encodeModel } from '../formats/encodeModel.js';
import { readModelFile, type SavedModel } from '../formats/modelFile.js';
import type { DenseSpec } from '../plan/layers.js';
import type { StopReason } from '../training/history.js';
import type { Fitted } from './fitted.js';
import { InputColumns } from './inputs.js';
import { plainOptions, type EstimatorOptions } from './options.js';
import { tensorsOf } from './members.js';
import { presetOf } from './presets.js';
import { mergedModel } from './mergedModel.js';
import type { Judge } from './judge.js';
import type { Unfinished } from './team.js';
import { unfinishedFromJSON, unfinishedToJSON } from './unfinished.js';

/** What an estimator puts into its file beside what every one does. */
interface OwnSections {
  readonly kind: string;
  readonly options: EstimatorOptions;
  readonly head: unknown;
  readonly sections: Readonly<Record<string, unknown>>;
}

/** The bytes of a file that holds the whole estimator. `sections` are the user's own. */
export function encodeEstimator<Head>(
  fitted: Fitted<Head>,
  own: OwnSections,
  /** With the optimizer's state, and that of the net of a preset whose training was interrupted. */
  optimizer: { readonly unfinished: Unfinished | undefined } | undefined,
  sections: Readonly<Record<string, unknown>> | undefined,
): Uint8Array<ArrayBuffer> {
  const {
    columns,
    scaler,
    losses,
    validationLosses,
    bestEpoch,
    bestValidationScore,
    stoppedBy,
    rows,
    fingerprint,
    members,
    temperature,
  } = fitted;
  const unfinished = optimizer?.unfinished;
  const model = unfinished?.model ?? fitted.model;
  return encodeModel(model.state(), {
    optimizer: optimizer !== undefined,
    sections: {
      ...sections,
      estimator: {
        type: own.kind,
        options: plainOptions(own.options),
        inputs: columns.toJSON(),
        head: own.head,
        lossCurve: losses.map(finite),
        validationLossCurve: validationLosses.map(finite),
        bestEpoch,
        bestValidationScore: finite(bestValidationScore ?? Number.NaN),
        stoppedBy,
        rows,
        fingerprint,
        members,
        ...(temperature === undefined ? {} : { temperature }),
      },
      ...(unfinished === undefined ? {} : { unfinished: unfinishedToJSON(unfinished) }),
      ...own.sections,
      scaler: scaler?.toJSON(),
      featureNames: columns.featureNames,
      card: {
        rows,
        columns: columns.count,
        seed: own.options.seed ?? 0,
        epochs: losses.length,
        scores: {
          loss: finite(losses[bestEpoch - 1] ?? Number.NaN),
          ...(Number.isFinite(bestValidationScore) ? { validation: bestValidationScore! } : {}),
        },
        ...(sections?.['card'] as object | undefined),
      },
    },
  });
}

/** How an estimator makes of a file what is its own. */
interface Restoring<Head> {
  readonly kind: string;
  readonly options: EstimatorOptions;
  readonly judge: Pick<Judge<Head>, 'createModel' | 'network'>;
  headFromJSON(saved: SavedState, sections: SavedModel['sections']): Head;
}

/** What a file holds of an estimator. @throws ERR_FORMAT. */
export function restoreFitted<Head>(
  file: SavedModel,
  { kind, options, judge, headFromJSON }: Restoring<Head>,
): { fitted: Fitted<Head>; unfinished: Unfinished | undefined } {
  const saved = new SavedState(file.sections['estimator'] ?? refuseFile(kind, 'a plain network'), kind);
  const model = judge.createModel(file.options, true);
  const { tensors, averages, rules, training } = file;
  model.restoreState({ ...model.state(), tensors, averages, rules, ...training });
  const columns = InputColumns.fromJSON(saved.raw('inputs'));
  const { scaler } = file.sections;
  const curve = (name: string) => saved.list(name).map((value) => (typeof value === 'number' ? value : Number.NaN));
  const score = saved.raw('bestValidationScore');
  const fitted: Fitted<Head> = {
    model,
    columns,
    scaler: scaler === undefined ? undefined : scalerFromJSON(scaler),
    head: headFromJSON(saved, file.sections),
    losses: curve('lossCurve'),
    validationLosses: curve('validationLossCurve'),
    bestEpoch: saved.count('bestEpoch'),
    bestValidationScore: typeof score === 'number' ? score : undefined,
    stoppedBy: saved.string('stoppedBy') as StopReason,
    rows: saved.count('rows'),
    fingerprint: saved.number('fingerprint'),
    seconds: 0,
    samplesPerSecond: 0,
    findings: [],
    members: saved.raw('members') === undefined ? 1 : saved.count('members'),
    temperature: saved.raw('temperature') === undefined ? undefined : saved.number('temperature'),
  };
  const { output } = judge.network(fitted.head, 0);
  const wanted = (output.at(-1) as DenseSpec).units;
  if (wanted !== model.outputs) saved.refuse('head', `of ${model.outputs} outputs, as the network has`, wanted);
  if (columns.count !== model.inputs || (fitted.scaler !== undefined && fitted.scaler.columns !== model.inputs))
    saved.refuse('inputs', `${model.inputs} columns, as the network has`, columns.count);
  if (file.sections['unfinished'] === undefined) return { fitted, unfinished: undefined };
  const unfinished = unfinishedFromJSON(file.sections['unfinished'], model, fitted.fingerprint);
  const usable = unfinished.done.length > 0 ? unfinished.done : [{ tensors: tensorsOf(model) }];
  return { fitted: { ...fitted, model: mergedModel(model, usable, options, judge, fitted.head) }, unfinished };
}

/** Which estimator a file holds. @throws ERR_FORMAT for a file of something else. */
export function estimatorKind(bytes: Uint8Array | ArrayBuffer): 'MLPClassifier' | 'MLPRegressor' {
  const { sections } = readModelFile(bytes);
  const type = (sections['estimator'] as { type?: unknown } | undefined)?.type;
  if (type === 'MLPClassifier' || type === 'MLPRegressor') return type;
  if (sections['approximation'] !== undefined)
    fail(
      'ERR_FORMAT',
      'This file holds an approximation, no estimator. Use Approximation.load, or loadPredictor of feedforward/predict.',
    );
  return fail('ERR_FORMAT', 'This file holds a plain network, no estimator. Use MLP.load.');
}

/** The file behind an estimator, and the options it was made with. @throws ERR_FORMAT for a file of something else. */
export function readEstimator(bytes: Uint8Array | ArrayBuffer, kind: string): { file: SavedModel; options: EstimatorOptions } {
  const file = readModelFile(bytes);
  const section = file.sections['estimator'];
  const type =
    typeof section === 'object' && section !== null && !Array.isArray(section) ? (section as { type?: unknown }).type : undefined;
  if (type !== kind) refuseFile(kind, typeof type === 'string' ? type : 'a plain network');
  const options = (section as unknown as { options?: EstimatorOptions }).options ?? {};
  // Files name the preset they were trained with; those of 0.1.0, which had none, do not.
  return {
    file,
    options: presetOf(options) === 'none' || options.preset !== undefined ? options : { ...options, preset: 'none' },
  };
}

/** Runs what makes an estimator of a file: a refusal then is about the file. */
export function fromFile<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof FeedforwardError) || error.code === 'ERR_FORMAT') throw error;
    throw new FeedforwardError('ERR_FORMAT', `Model file: ${error.message}`, { ...error.details, cause: error.code }, error);
  }
}

function refuseFile(wanted: string, found: string): never {
  return fail('ERR_FORMAT', `${wanted}.load: this file holds ${found}. Use ${found === 'a plain network' ? 'MLP' : found}.load.`);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

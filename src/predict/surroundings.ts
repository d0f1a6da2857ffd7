// What stands around the network in a model file: encoder, scaler, labels, and how outputs become answers. The same for networks of both kinds.

import { SavedState } from '../data/columns.js';
import { readEncoding } from '../data/encodedColumns.js';
import { fail, show } from '../errors.js';
import { estimators, plain } from './answers.js';
import type { ModelFile } from './container.js';
import { refuseOthers, refuseUnknown } from './layers.js';
import { type Opened, type PredictorParts, refusePart } from './parts.js';
import { scalingOf } from './scaling.js';

/** The members of an estimator's section. All but inputs and head tell how it was trained. */
const ESTIMATOR =
  'type options inputs head lossCurve validationLossCurve bestEpoch bestValidationScore stoppedBy rows fingerprint members temperature';

/** What stands before and after the network. */
export function surroundings(
  file: ModelFile,
  { inputs, outputs }: { inputs: number; outputs: number },
  parts: PredictorParts,
): Omit<Opened, 'network'> {
  const approximation = file.section('approximation');
  if (approximation !== undefined)
    return (parts.approximations ?? refusePart('approximations', 'Model file: an approximation')).open(
      approximation,
      inputs,
      outputs,
      parts,
    );
  const estimator = file.section('estimator');
  if (estimator !== undefined) return estimatorOf(estimator, file, inputs, outputs, parts);
  const names = file.section('featureNames');
  const fits = Array.isArray(names) && names.length === inputs && names.every((name) => typeof name === 'string');
  const featureNames = fits ? (names as string[]) : undefined;
  return { answers: plain, featureNames, kind: 'model', parts };
}

function estimatorOf(
  estimator: unknown,
  file: ModelFile,
  inputs: number,
  outputs: number,
  parts: PredictorParts,
): Omit<Opened, 'network'> {
  const section = (name: string) => file.section(name);
  const saved = new SavedState(estimator, 'estimator', true);
  const kind = saved.string('type');
  if (!Object.hasOwn(estimators, kind)) refuseUnknown(`it holds a ${show(kind)}`);
  refuseOthers(estimator as object, ESTIMATOR, `its ${kind}`);
  // Its network is then the net in the making, and the answers are those of the ones before it.
  if (section('unfinished') !== undefined)
    fail(
      'ERR_UNSUPPORTED',
      `Model file: its ${kind} is in the middle of a training. Load it with ${kind}.load, and save() it without optimizer.`,
    );
  const columns = saved.inner('inputs', saved.raw('inputs'));
  refuseOthers(saved.raw('inputs') as object, 'encoder target featureNames low high', `its ${kind}'s inputs`);
  const encoder = columns.raw('encoder');
  const encoding = encoder === null ? undefined : readEncoding(encoder, (format) => parts.dates?.check(format));
  const date = encoding?.plans.find(({ type }) => type === 'date');
  if (date !== undefined && parts.dates === undefined)
    refusePart('dates', `Model file: its column ${show(date.name)} holds dates, which`);
  const featureNames = columns.strings('featureNames');
  if (featureNames.length !== inputs || (encoding !== undefined && encoding.outputs !== inputs))
    columns.refuse('featureNames', `${inputs} names, as the network has inputs`, featureNames);
  return {
    answers: estimators[kind]!(saved.raw('head'), section, outputs, parts),
    scaling: scalingOf(section('scaler'), inputs, 'scaler'),
    encoding,
    featureNames,
    kind,
    parts,
  };
}

// How training went, whatever was trained.

import { Perceptron } from '../../estimators/perceptron.js';
import { Model } from '../../model/model.js';
import type { History, StopReason } from '../../training/history.js';
import type { TrainingFacts } from './facts.js';
import type { Reportable } from './subject.js';

const endings: Readonly<Record<StopReason, string>> = {
  epochs: 'all epochs were trained',
  earlyStopping: 'stopped early, as no epoch was better for a while',
  timeBudget: 'stopped by the time budget',
  plateau: 'stopped at a plateau',
  gradientTolerance: 'stopped as the gradient was small enough',
  abort: 'interrupted',
  divergence: 'ended because the loss diverged',
  callback: 'ended by a callback',
};

/** `history` is that of a network's fit; estimators know theirs. */
export function trainingOf(model: Reportable, history: History | undefined): TrainingFacts {
  if (model instanceof Perceptron) {
    const { mistakesByEpoch: curve, epochs: bestEpoch } = model;
    return {
      ...{ what: 'mistakes', curve, heldOut: [], bestEpoch, seconds: 0, members: 1 },
      ended: model.verdict.replace(/^./, (letter) => letter.toLowerCase()).replace(/\.$/, ''),
    };
  }
  if (model instanceof Model) {
    const heldOut = history?.epochs.flatMap(({ valLoss }) => (valLoss === undefined ? [] : [valLoss])) ?? [];
    return {
      ...{ what: 'loss', curve: history?.values('loss') ?? [], heldOut, members: 1 },
      bestEpoch: history?.bestEpoch ?? 0,
      ended: endings[history?.stoppedBy ?? 'epochs'],
      seconds: history?.values('seconds').reduce((sum, value) => sum + value, 0) ?? 0,
    };
  }
  const { lossCurve: curve, validationLossCurve: heldOut, bestEpoch, stoppedBy, seconds, members } = model;
  return { ...{ what: 'loss', curve, heldOut, bestEpoch, seconds, members }, ended: endings[stoppedBy] };
}

// What a diagnosis proposes, as an experiment of this page.

import type { Change, Diagnosis } from 'feedforward';
import type { Experiment, OptimizerName } from './experiment';

const names: Partial<Record<string, OptimizerName>> = {
  sgd: 'sgd',
  adam: 'adam',
  adamw: 'adamw',
  nadam: 'nadam',
  rmsprop: 'rmsprop',
  adagrad: 'adagrad',
  lion: 'lion',
};

/** The experiment with a change, and the change in a few words. Undefined where the page has no control for it. */
function withChange(experiment: Experiment, change: Change): { words: string; experiment: Experiment } | undefined {
  const words: string[] = [];
  let next: Experiment = experiment;
  if (change.optimizer) {
    const { name, learningRate } = change.optimizer;
    const optimizer = name === undefined ? next.optimizer : names[name];
    if (optimizer === undefined) return undefined;
    next = { ...next, optimizer, rate: Number(learningRate.toPrecision(3)), schedule: 'constant' };
    words.push(`${name === undefined ? '' : `${optimizer}, `}learning rate ${next.rate}`);
  }
  if (change.weightInit !== undefined || change.freshWeights || change.biasInit !== undefined) {
    const { weightInit: _, ...rest } = next;
    next = change.weightInit === 'fanInUniform' ? { ...rest, weightInit: 'fanInUniform' } : rest;
    words.push('a fresh start');
  }
  if (change.hidden) {
    const { layers, units } = change.hidden;
    next = {
      ...next,
      layers: Array.from({ length: Math.min(12, layers) }, () => ({ units: Math.min(64, units), activation: 'relu' as const })),
    };
    words.push(`${layers} hidden layer${layers === 1 ? '' : 's'} of ${units} ReLU units`);
  }
  if (change.activation) {
    next = { ...next, layers: next.layers.map((layer) => ({ ...layer, activation: 'relu' as const })) };
    words.push('ReLU in all hidden layers');
  }
  if (change.batchNorm) {
    next = { ...next, layers: next.layers.map((layer) => ({ ...layer, batchNorm: true })) };
    words.push('batch norm');
  }
  if (change.residual) {
    next = { ...next, layers: next.layers.map((layer) => ({ ...layer, residual: true })) };
    words.push('residual blocks');
  }
  if (change.regularisation) {
    next = { ...next, l1: 0, l2: 0, layers: next.layers.map(({ dropout: _, ...layer }) => layer) };
    words.push('no penalties, no dropout');
  }
  return words.length === 0 ? undefined : { words: words.join(', '), experiment: next };
}

/** The cures that this page can make, each once. */
export function curesOf(experiment: Experiment, { problems }: Diagnosis): { words: string; experiment: Experiment }[] {
  const found = problems.map(({ change }) => withChange(experiment, change)).filter((cure) => cure !== undefined);
  return found.filter(({ words }, i) => found.findIndex((cure) => cure.words === words) === i);
}

/** What may help a network whose numbers broke: a tenth of the rate. */
export function calmer(experiment: Experiment): { words: string; experiment: Experiment } {
  const rate = Number((experiment.rate / 10).toPrecision(3));
  return { words: `learning rate ${rate}`, experiment: { ...experiment, rate } };
}

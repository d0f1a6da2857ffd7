// Every mission can be solved, and is not solved where it begins. Needs a build in dist.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useDigits } from '../../site/play/digits.js';
import { type Experiment, faultOf } from '../../site/play/experiment.js';
import { type Mission, missions } from '../../site/play/missions.js';
import { Session } from '../../site/play/session.js';

useDigits(readFileSync(join(import.meta.dirname, '../../site/play/digits.txt'), 'utf8'));

const palette = { ground: [255, 255, 255], classes: Array.from({ length: 4 }, () => [0, 0, 0]) } as never;

/** Trains until the mission is done, or not within so many epochs. */
function solves(mission: Mission, experiment: Experiment, most: number): boolean {
  expect(faultOf(experiment)).toBeUndefined();
  const session = new Session(experiment);
  while (session.epoch < most && session.broken === undefined) {
    session.train(20);
    if (mission.done(experiment, session.state(palette, 'moving', false))) return true;
  }
  return mission.done(experiment, session.state(palette, 'moving', false));
}

const solutions: Record<string, (start: Experiment) => readonly [experiment: Experiment, epochs: number]> = {
  bend: (start) => [{ ...start, features: ['x', 'y', 'x²', 'y²'], rate: 0.1 }, 300],
  spirals: (start) => [
    {
      ...start,
      layers: [
        { units: 7, activation: 'tanh' },
        { units: 5, activation: 'tanh' },
      ],
      schedule: 'cosine',
      rate: 0.03,
    },
    1200,
  ],
  linear: (start) => [{ ...start, layers: [{ units: 8, activation: 'tanh' }] }, 400],
  break: (start) => [{ ...start, rate: 10 }, 100],
  deep: (start) => [
    { ...start, layers: start.layers.map((layer) => ({ ...layer, batchNorm: true })), optimizer: 'adam', rate: 0.01 },
    600,
  ],
  overfit: (start) => [{ ...start, l2: 0.05 }, 600],
  digits: (start) => [{ ...start, data: { ...start.data, samples: 1797 }, layers: [{ units: 16, activation: 'relu' }] }, 60],
  wave: (start) => [{ ...start, layers: [{ units: 6, activation: 'tanh' }], rate: 0.03 }, 1500],
};

test.each(missions.map((mission) => [mission.title, mission] as const))('%s: can be solved, and not by waiting', (_, mission) => {
  const [experiment, epochs] = solutions[mission.name]!(mission.start);
  expect(solves(mission, experiment, epochs)).toBe(true);
  expect(solves(mission, mission.start, 400)).toBe(false);
});

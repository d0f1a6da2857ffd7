// A preset's training that pauses after any epoch, and goes on from a file, is the training that never paused.

import { expect, test } from 'vitest';
import { Random } from '../../src/data/random.js';
import { MLPClassifier } from '../../src/estimators/classifier.js';

test('a preset whose nets end early, paused after every epoch and read from its file, writes the bytes of one that never paused', async () => {
  const random = new Random(3, 'x');
  const X = Array.from({ length: 150 }, () => Array.from({ length: 4 }, () => random.between(-1, 1)));
  const y = X.map(([a]) => (a! + random.between(-0.7, 0.7) > 0 ? 1 : 0));
  const whole = new MLPClassifier({ preset: 'quick', seed: 3, onWarning: false });
  const epochs: number[] = [];
  await whole.fit(X, y, { onEpochEnd: ({ epoch }) => void epochs.push(epoch) });
  expect(whole.stoppedBy).toBe('earlyStopping');
  expect(epochs.length).toBeLessThan(64);

  let paused = new MLPClassifier({ preset: 'quick', seed: 3, onWarning: false });
  const seen: number[] = [];
  for (let pauses = 0; pauses < 100; pauses++) {
    const pause = new AbortController();
    const onEpochEnd = ({ epoch }: { readonly epoch: number }) => {
      seen.push(epoch);
      pause.abort();
    };
    const stopped = await paused.fit(X, y, { resume: paused.isFitted, signal: pause.signal, onEpochEnd }).then(
      () => false,
      (error: Error) => error.name === 'AbortError',
    );
    if (!stopped) break;
    paused = MLPClassifier.load(paused.save({ optimizer: true }), { onWarning: false });
  }
  expect(seen).toEqual(epochs);
  expect(paused.stoppedBy).toBe(whole.stoppedBy);
  expect(paused.save()).toEqual(whole.save());
});

// A worker thread of a search: gets the data once, then trial after trial, and answers each with its outcome.

import { parentPort, workerData } from 'node:worker_threads';
import { FeedforwardError } from '../errors.js';
import { estimatorKinds, runTrial, TrialRows, type Trial, type TrialData } from './trial.js';

const rows = new TrialRows(workerData as TrialData);

parentPort!.on('message', async (trial: Trial) => {
  try {
    const estimator = estimatorKinds[trial.estimator]({
      ...trial.options,
      ...(trial.estimator === 'Perceptron' ? {} : { onWarning: false }),
    });
    parentPort!.postMessage({ outcome: await runTrial(rows, trial, estimator) });
  } catch (error) {
    const { message, stack } = error as Error;
    parentPort!.postMessage({
      error: error instanceof FeedforwardError ? { code: error.code, message, details: {} } : { message: stack ?? message },
    });
  }
});

/**
 * What every environment is asked to do: train XOR here and in a worker, and a classifier on a table. `library` is all that is
 * exported, `settings` the worker's. Refers to nothing outside, since some pages are given its text.
 */
export async function learnXor({ MLP, MLPClassifier, WorkerMLP, adam, dense, parseCsv }, settings = {}) {
  const X = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ];
  const y = [[0], [1], [1], [0]];
  const options = {
    inputs: 2,
    layers: [dense(8, { activation: 'tanh' }), dense(1)],
    optimizer: adam({ learningRate: 0.05 }),
    seed: 1,
    deterministic: true,
  };
  const fit = { epochs: 300, batchSize: 4 };
  const model = new MLP(options);
  await model.fit(X, y, fit);
  const outputs = model.predict(X).data;
  const worker = await WorkerMLP.create(options, settings);
  await worker.fit(X, y, fit);
  const there = (await worker.predict(X)).data;
  const { offThread } = worker;
  await worker.terminate();
  const table = parseCsv('a;b;label\n0,5;1;yes\n0,25;2;no\n0,75;1;yes\n0,1;2;no\n');
  const classifier = new MLPClassifier({ hiddenLayers: [4], epochs: 60, seed: 3 });
  await classifier.fit(table, 'label');
  return {
    ...{ model, options, fit, X, y },
    xor: Array.from(outputs, Math.round).join(' '),
    same: there.join() === outputs.join(),
    offThread,
    labels: classifier.predict(table).join(' '),
  };
}

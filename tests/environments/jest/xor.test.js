const { FeedforwardError, MLP, MLPClassifier, adam, dense, matrix, metrics, parseCsv, readCsv } = require('feedforward');
const { exportOnnx, importOnnx } = require('feedforward/onnx');
const { WorkerMLP } = require('feedforward/worker');

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

test('XOR is learnt here and in a worker, saved and loaded', async () => {
  const model = new MLP(options);
  await model.fit(X, y, { epochs: 300, batchSize: 4 });
  expect(Array.from(model.predict(X).data, Math.round).join(' ')).toBe('0 1 1 0');
  const bytes = model.save();
  expect(Array.from(MLP.load(bytes).predict(X).data)).toEqual(Array.from(model.predict(X).data));
  expect(importOnnx(exportOnnx(model)).options.inputs).toBe(2);
  const worker = await WorkerMLP.create(options, { fallback: false });
  await worker.fit(X, y, { epochs: 300, batchSize: 4 });
  expect(worker.offThread).toBe(true);
  expect(Array.from((await worker.predict(X)).data)).toEqual(Array.from(model.predict(X).data));
  await worker.terminate();
});

test('a table is read from bytes, learnt, saved and loaded', async () => {
  const csv = 'a;b;label\n0,5;1;yes\n0,25;2;no\n0,75;1;yes\n0,1;2;no\n';
  const table = await readCsv(Buffer.from(csv));
  expect(table.rows).toBe(parseCsv(csv).rows);
  const classifier = new MLPClassifier({
    hiddenLayers: [4],
    epochs: 60,
    seed: 3,
    classWeight: new Map([
      ['yes', 1],
      ['no', 2],
    ]),
  });
  await classifier.fit(table, 'label');
  expect(classifier.predict(table)).toEqual(['yes', 'no', 'yes', 'no']);
  expect(MLPClassifier.load(classifier.save()).predict(table)).toEqual(['yes', 'no', 'yes', 'no']);
});

test('errors are of the class', () => {
  expect(() => new MLP({ ...options, inputs: 0 })).toThrow(FeedforwardError);
  expect(metrics.accuracy([1], [1])).toBe(1);
  expect(matrix(X).shape).toEqual([4, 2]);
});

test('a signal ends a training', async () => {
  const controller = new AbortController();
  controller.abort();
  await expect(new MLP(options).fit(X, y, { epochs: 5, signal: controller.signal })).rejects.toMatchObject({
    name: 'AbortError',
  });
});

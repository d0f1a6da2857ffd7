// What users hand in, made by the classes of a realm: an iframe's, or node:vm's.

import type * as Library from '../../src/entries/page.js';

/** The classes of a realm. AbortController and URL are a page's. */
export type Realm = Pick<
  typeof globalThis,
  'Array' | 'Date' | 'Error' | 'Float32Array' | 'Float64Array' | 'Map' | 'Object' | 'Uint8Array'
> & { readonly AbortController?: typeof AbortController };

/** What a call gives for the values of a realm, by what it is called. Runs in pages: refers to nothing outside. */
export async function outcomes(library: typeof Library, realm: Realm): Promise<Record<string, unknown>> {
  const { MLP, MLPClassifier, MLPRegressor, Table, dense, metrics, parseCsv, readCsv, readSafetensors, writeSafetensors } =
    library;
  const list = <T>(values: readonly T[]): T[] => realm.Array.from(values) as T[];
  const record = <T extends object>(fields: T): T => realm.Object.assign(new realm.Object(), fields) as T;
  const rows = [0.5, 1.5, 2.5, 3.5, 0.25, 0.75].map((x, i) => [x, (i * 7) % 5]);
  const y = rows.map(([x]) => [x! > 1 ? 1 : 0]);
  const options = {
    inputs: 2,
    layers: [dense(5, { activation: 'tanh' }), dense(1, { activation: 'sigmoid' })],
    seed: 3,
  } as const;
  const plain = (values: ArrayLike<number>) => Array.from(values);
  const found: Record<string, unknown> = {};
  const note = async (name: string, run: () => unknown) => {
    try {
      found[name] = await run();
    } catch (error) {
      found[name] = `${(error as Error).name}: ${(error as Error).message}`;
    }
  };
  const trained = async (X: unknown, targets: unknown, settings: object = {}) => {
    const model = new MLP({ ...options, loss: 'binaryCrossEntropy' });
    await model.fit(X as number[][], targets as number[][], { epochs: 3, batchSize: 2, ...settings });
    return plain(model.predict(rows).data);
  };
  await note('rows of lists', () => trained(list(rows.map(list)), list(y.map(list))));
  await note('rows of Float32Array', () => trained(list(rows.map((row) => realm.Float32Array.from(row))), y));
  await note('a matrix on Float32Array', () =>
    trained(record({ data: realm.Float32Array.from(rows.flat()), shape: list([6, 2]) }), y),
  );
  await note('a matrix on Float64Array', () =>
    trained(record({ data: realm.Float64Array.from(rows.flat()), shape: list([6, 2]) }), realm.Float64Array.from(y.flat())),
  );
  await note('class weights of a model', () =>
    trained(rows, y, {
      classWeight: new realm.Map([
        [0, 1],
        [1, 5],
      ]),
    }),
  );
  await note('sample weights', () => trained(rows, y, { sampleWeight: realm.Float32Array.from([1, 2, 3, 4, 5, 6]) }));
  await note('class weights of a classifier', async () => {
    const labels = list(['a', 'b', 'b', 'b', 'a', 'a']);
    const classifier = new MLPClassifier({
      hiddenLayers: list([4]),
      epochs: 5,
      seed: 1,
      classWeight: new realm.Map([
        ['a', 1],
        ['b', 9],
      ]),
    });
    await classifier.fit(rows, labels);
    return plain(classifier.predictProba(rows).data);
  });
  await note('one row into another', () => {
    const model = new MLP(options);
    const out = new realm.Float32Array(1);
    model.predictInto(realm.Float32Array.from([1, 2]), out);
    return plain(out);
  });
  await note('parameters', () => {
    const model = new MLP(options);
    model.parameters()[0]!.set(realm.Float32Array.from({ length: 10 }, (_, i) => i / 10));
    return plain(model.predict(rows).data);
  });
  await note('weights given', () =>
    plain(
      new MLP({ inputs: 1, layers: [dense(2, { weightInit: { name: 'constant', value: 0.5 } })] }).predict(list([list([2])]))
        .data,
    ),
  );
  await note('a model file', () => {
    const bytes = new MLP(options).save();
    const copy = realm.Uint8Array.from(bytes);
    return [MLP.load(copy), MLP.load(copy.buffer)].map((model) => plain(model.predict(rows).data));
  });
  await note('a state', async () => {
    const model = new MLP(options);
    await model.fit(rows, y, { epochs: 1 });
    const move = (value: unknown): unknown => {
      if (ArrayBuffer.isView(value))
        return (value as Float32Array).BYTES_PER_ELEMENT === 8
          ? realm.Float64Array.from(value as Float64Array)
          : realm.Float32Array.from(value as Float32Array);
      if (Array.isArray(value)) return list(value.map(move));
      if (typeof value !== 'object' || value === null) return value;
      return record(Object.fromEntries(Object.entries(value).map(([key, one]) => [key, key === 'options' ? one : move(one)])));
    };
    const other = new MLP({ ...options, seed: 8 });
    other.restoreState(move(model.state()) as ReturnType<typeof model.state>);
    await other.fit(rows, y, { epochs: 1 });
    return plain(other.predict(rows).data);
  });
  await note('log loss of single precision', () => metrics.logLoss(list([1, 0]), realm.Float32Array.from([1, 1e-9]) as never));
  await note('rows of single precision', () =>
    metrics.logLoss([1, 0], list([realm.Float32Array.from([0, 1]), realm.Float32Array.from([1, 0])]) as never),
  );
  await note('tensors by name', () => {
    const tensor = record({ data: realm.Float32Array.from([1, 2, 3]), shape: list([3]) });
    const file = readSafetensors(writeSafetensors(new realm.Map([['a', tensor]]), new realm.Map([['made by', 'me']])));
    return [plain(file.tensors.get('a')!.data as Float32Array), [...file.metadata]];
  });
  await note('dates', () => {
    const table = Table.from(list([record({ day: new realm.Date(86_400_000) }), record({ day: new realm.Date(0) })]) as never);
    return table.columns.map(({ type, ...rest }) => [type, 'values' in rest ? plain(rest.values as Float64Array) : []]);
  });
  await note('columns', () =>
    Table.from(record({ size: realm.Float64Array.from([1, 2]), color: list(['red', 'blue']) })).columns.map(({ type }) => type),
  );
  await note('CSV of bytes', async () => {
    const bytes = realm.Uint8Array.from('a;b\n1,5;2\n'.split('').map((c) => c.charCodeAt(0)));
    const tables = [
      parseCsv(bytes as never),
      await readCsv(bytes),
      await readCsv(bytes.buffer as never),
      await readCsv(list([bytes])),
    ];
    return tables.map((table) => plain(table.numbers('a')));
  });
  await note('records', async () => {
    const regressor = new MLPRegressor({ hiddenLayers: [3], epochs: 4, seed: 2 });
    const table = rows.map(([size, rank]) => record({ size: size!, rank: rank!, since: new realm.Date(size! * 1e10) }));
    await regressor.fit(list(table) as never, list(y.flat()));
    return plain(regressor.predict(list(table) as never));
  });
  await note('an error in a callback', async () => {
    const thrown = new realm.Error('mine');
    try {
      await trained(rows, y, { onEpochEnd: () => Promise.reject(thrown) });
    } catch (error) {
      return error === thrown;
    }
    return 'nothing';
  });
  await note('a signal', async () => {
    const { AbortController: Controller = AbortController } = realm;
    const controller = new Controller();
    controller.abort();
    return trained(rows, y, { signal: controller.signal });
  });
  return found;
}

// The data pipeline, from text to an estimator's probabilities.

export async function pipelineParts(library, { rows }, { digestOf }) {
  const { MLPClassifier, MinMaxScaler, OneHotEncoder, PolynomialFeatures, RobustScaler, SimpleImputer, TableEncoder } = library;
  const { datasets, kFold, metrics, parseCsv, stratifiedKFold } = library;
  const parts = {};
  const words = ['red', 'green', 'blue'];
  const csv = [
    'size,colour,day,answer',
    ...rows.map(
      ([a, b, c], i) => `${i % 9 === 4 ? '' : a},${words[i % 3]},2024-0${1 + (i % 9)}-1${i % 10},${b + c > 2 ? 'yes' : 'no'}`,
    ),
  ].join('\n');
  const table = parseCsv(csv);
  const classifier = new MLPClassifier({ hiddenLayers: [8], epochs: 12, seed: 2, deterministic: true });
  await classifier.fit(table, 'answer');
  const proba = classifier.predictProba(table);
  const pipeline = [
    ...[new MinMaxScaler(), new RobustScaler(), new PolynomialFeatures({ degree: 3 })].map(
      (step) => step.fitTransform(rows).data,
    ),
    new OneHotEncoder().fitTransform(table.labels('colour').map((word) => [word])).data,
    new SimpleImputer({ strategy: 'median' }).fitTransform(
      rows.map((row, i) => (i % 5 === 0 ? [Number.NaN, ...row.slice(1)] : row)),
    ).data,
    new TableEncoder().fit(table).transform(table).data,
    ...[...kFold(96, { folds: 4, seed: 1 }), ...stratifiedKFold(table.labels('answer'), { folds: 3, seed: 1 })].map(({ test }) =>
      Float64Array.from(test),
    ),
    ...[datasets.moons, datasets.circles, datasets.spirals, datasets.gaussians, datasets.blackScholes].map(
      (make) => make({ samples: 60, seed: 4 }).X.data,
    ),
    proba.data,
    Float64Array.of(
      metrics.accuracy(table.labels('answer'), classifier.predict(table)),
      metrics.logLoss(table.labels('answer'), proba, { classes: classifier.classes }),
    ),
  ];
  for (const [i, data] of pipeline.entries()) parts[`data ${i}`] = await digestOf([data]);
  return parts;
}

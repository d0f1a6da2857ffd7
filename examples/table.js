// From a table to a model that answers: text, gaps and categories as people have them, a classifier in two lines, what it relies on,
// a file that carries all of it.
//
//   node examples/table.js

import { MLPClassifier, metrics, parseCsv, permutationImportance, Random, trainTestSplit } from '../dist/index.js';

// Four hundred customers: some ages are not known, and whether one buys depends on where they come from and how old they are.
const random = new Random(1);
const lines = Array.from({ length: 400 }, (_, i) => {
  const age = 18 + random.below(60);
  const source = ['search', 'friend', 'advert'][random.below(3)];
  const odds = source === 'friend' ? 0.9 : source === 'search' ? (age < 40 ? 0.85 : 0.2) : 0.1;
  return [
    `c${i}`,
    random.uniform() < 0.1 ? '' : age,
    source,
    random.below(2) === 1,
    random.uniform() < odds ? 'yes' : 'no',
  ].join();
});
const table = parseCsv(['customer,age,source,newsletter,buys', ...lines].join('\n'));
for (const { name, type, missing } of table.summary()) console.log(`${name.padEnd(12)}${type.padEnd(13)}${missing} missing`);

const rows = Array.from({ length: table.rows }, (_, i) => i);
const { XTrain, XTest } = trainTestSplit(rows, table.labels('buys'), { testSize: 0.25, stratify: true, seed: 1 });
const [train, test] = [table.take(XTrain), table.take(XTest)];

// The two lines. The column "customer", a name, is left out by itself; gaps are filled; categories become columns.
const model = await new MLPClassifier({ seed: 1 }).fit(train, 'buys');
const score = model.score(test, 'buys');

console.log(`\n${model.epochs} epochs, the best was ${model.bestEpoch}; inputs: ${model.featureNames.join(', ')}`);
console.log(`right on ${(100 * score).toFixed(1)} % of ${test.rows} customers it has not seen`);
const { classes, counts } = metrics.confusionMatrix(test.labels('buys'), model.predict(test));
counts.forEach((row, i) =>
  console.log(`  ${classes[i].padEnd(4)}${row.map((n, j) => `${n} taken for ${classes[j]}`).join(', ')}`),
);

console.log('\nwhat it relies on (accuracy lost when the column is shuffled):');
for (const { name, mean } of permutationImportance(model, test, 'buys')) console.log(`  ${name.padEnd(12)}${mean.toFixed(3)}`);

// A file holds the weights, the encoder, the scaler, the labels: whoever loads it can ask at once.
const loaded = MLPClassifier.load(model.save());
const asked = parseCsv('age,source,newsletter\n25,search,true\n70,search,true\n,friend,false\n');
const probability = loaded.predictProba(asked);
console.log('\nasked after loading:');
loaded.predict(asked).forEach((answer, i) => {
  const { age, source } = asked.records()[i];
  console.log(`  ${age ?? 'unknown age'}, ${source}: ${answer} (${(100 * Math.max(...probability.row(i))).toFixed(0)} %)`);
});

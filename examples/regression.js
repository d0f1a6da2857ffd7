// Numbers from numbers: prices of options, learnt from 4,000 of them, against the formula they came from.
//
//   node examples/regression.js

import { datasets, metrics, MLPRegressor, trainTestSplit } from '../dist/index.js';

const { X, y, featureNames } = datasets.blackScholes({ samples: 5000, seed: 3 });
const { XTrain, XTest, yTrain, yTest } = trainTestSplit(X, y.data, { testSize: 0.2, seed: 3 });

const model = new MLPRegressor({ hiddenLayers: [64, 64], activation: 'silu', epochs: 100, seed: 3 });
await model.fit(XTrain, yTrain, { featureNames });

const prices = model.predict(XTest);
console.log(`${XTrain.shape[0]} prices, ${model.epochs} epochs, ${model.seconds.toFixed(1)} s`);
console.log(`R^2 ${model.score(XTest, yTest).toFixed(5)} on ${XTest.shape[0]} others`);
console.log(
  `mean error ${metrics.meanAbsoluteError(yTest, prices).toFixed(3)}, largest ${metrics.maxError(yTest, prices).toFixed(2)}, prices up to ${Math.max(...yTest).toFixed(0)}\n`,
);

console.log(`${featureNames.map((name) => name.padStart(12)).join('')}     formula   model`);
for (let i = 0; i < 5; i++)
  console.log(
    `${[...XTest.row(i)].map((x) => x.toFixed(2).padStart(12)).join('')}${yTest[i].toFixed(2).padStart(12)}${prices[i].toFixed(2).padStart(8)}`,
  );

// It knows where it has been: outside the range of training it says so.
console.log();
const careful = MLPRegressor.load(model.save(), { onWarning: ({ message }) => console.log(`warning: ${message}`) });
careful.predict([[100, 100, 1, 2.5, 0.02]]);

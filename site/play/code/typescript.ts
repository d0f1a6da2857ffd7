import { scheduled } from '../model';
import type { Experiment, HiddenLayer } from '../experiment';
import { isClasses } from '../experiment';
import { outputsOf } from '../data';
import type { Recipe } from './index';
import { list, rows, wrap } from './numbers';

const quoted = (text: string) => `'${text}'`;

function layerCode(
  { units, activation, batchNorm, dropout, residual }: HiddenLayer,
  width: number,
  start: string,
  used: Set<string>,
): string[] {
  used.add('dense');
  const own = batchNorm
    ? [`dense(${units}, { bias: false${start} })`, 'batchNorm()', `activation(${quoted(activation)})`]
    : [`dense(${units}, { activation: ${quoted(activation)}${start} })`];
  if (batchNorm) used.add('batchNorm').add('activation');
  const block = residual && units === width;
  if (block) used.add('residual');
  if (dropout) used.add('dropout');
  return [...(block ? [`residual([${own.join(', ')}])`] : own), ...(dropout ? [`dropout(${dropout})`] : [])];
}

function rateCode({ rate, schedule }: Experiment, used: Set<string>): string {
  if (schedule === 'constant') return String(rate);
  const name = schedule === 'cosine' ? 'cosineDecay' : 'stepDecay';
  used.add(name);
  return schedule === 'cosine'
    ? `cosineDecay(${rate}, { over: ${scheduled} })`
    : `stepDecay(${rate}, { every: ${scheduled / 5}, factor: 0.5 })`;
}

function optimizerCode(e: Experiment, used: Set<string>): string {
  const rate = rateCode(e, used);
  const name = e.optimizer === 'momentum' || e.optimizer === 'nesterov' ? 'sgd' : e.optimizer;
  used.add(name);
  const more =
    { momentum: ', momentum: 0.9', nesterov: ', momentum: 0.9, nesterov: true', adamw: ', weightDecay: 0.01' }[
      e.optimizer as string
    ] ?? '';
  return `${name}({ learningRate: ${rate}${more} })`;
}

/** The experiment in this library: the same bits. */
export function typescriptCode({ experiment: e, session, version, epochs, loss, testLoss }: Recipe): string {
  const used = new Set(['MLP', 'matrix', 'rescale', 'dense']);
  const { made } = session;
  const start =
    e.weightInit === undefined
      ? ''
      : `, weightInit: ${e.weightInit === 'normalLarge' ? "{ name: 'normal', deviation: 3 }" : quoted(e.weightInit)}`;
  const layers = [`rescale({ center: [${made.center.join(', ')}], scale: [${made.scale.join(', ')}] })`];
  let width = e.features.length;
  for (const layer of e.layers) {
    layers.push(...layerCode(layer, width, start, used));
    width = layer.units;
  }
  const outputs = outputsOf(e);
  const parts = [
    ...(isClasses(e.data) ? [`activation: '${outputs > 1 ? 'softmax' : 'sigmoid'}'`] : []),
    ...(start ? [start.slice(2)] : []),
  ];
  layers.push(`dense(${outputs}${parts.length > 0 ? `, { ${parts.join(', ')} }` : ''})`);
  const lossText =
    e.loss === 'crossEntropy'
      ? quoted(outputs > 1 ? 'sparseCategoricalCrossEntropy' : 'binaryCrossEntropy')
      : e.loss === 'huber'
        ? 'huber({ delta: 0.1 })'
        : quoted(e.loss);
  if (e.loss === 'huber') used.add('huber');
  const optimizer = optimizerCode(e, used);
  const columns = e.features.length;
  const set = (name: string, { X, y }: typeof made.train) =>
    `const ${name} = {\n  X: matrix(${rows(X.data, columns)}),\n  y: ${list(y.data)},\n};`;
  return wrap(`// npm install feedforward@${version}
// Prints the loss that the page shows: ${loss} on the rows it is trained on, ${testLoss} on those held out.
// Columns: ${e.features.join(', ')}${e.features.some((name) => name.startsWith('sin')) ? ' (sin x is sin(pi x))' : ''}.

import { ${[...used].sort((a, b) => a.localeCompare(b, 'en')).join(', ')} } from 'feedforward';

${set('train', made.train)}
${set('heldOut', made.test)}

const model = new MLP({
  inputs: ${columns},
  layers: [
${layers.map((layer) => `    ${layer},`).join('\n')}
  ],
  loss: ${lossText},
  optimizer: ${optimizer},${e.l1 > 0 ? `\n  l1: ${e.l1},` : ''}${e.l2 > 0 ? `\n  l2: ${e.l2},` : ''}
  seed: ${e.seed},
  deterministic: true,
});
await model.fit(train.X, train.y, { epochs: ${epochs}, batchSize: ${e.batch} });
console.log(model.evaluate(train.X, train.y).loss, model.evaluate(heldOut.X, heldOut.y).loss);
`);
}

// What the page did, as a program for Node that prints the same score, and as a command.

import type { Preset, Task } from './messages';

export interface Made {
  readonly file: string;
  readonly target: string;
  readonly task: Task;
  readonly preset: Preset;
  readonly stratify: boolean;
  /** Columns kept that would be left out. */
  readonly keep: readonly string[];
  /** Whether folds judged. */
  readonly folds: boolean;
  readonly score: number;
}

export const testSize = 0.2;
export const seed = 0;
/** Below so many rows folds judge, dealt so often, as `feedforward train` does it. */
export const fewRows = 300;
export const deals = 2;

const quoted = (text: string) => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n')}'`;
const stem = (file: string) => file.replace(/\.[^.]*$/, '') || 'table';

export function codeFor(made: Made): string {
  const { file, target, task, preset, stratify, keep, folds, score } = made;
  const kind = task === 'classes' ? 'MLPClassifier' : 'MLPRegressor';
  const kept = keep.length > 0 ? `, { keep: [${keep.map(quoted).join(', ')}] }` : '';
  if (folds)
    return `import { readFileSync, writeFileSync } from 'node:fs';
import { ${kind}, parseCsv } from 'feedforward';
import { judgeByFolds, report } from 'feedforward/report'; // npm install @observablehq/plot linkedom

const target = ${quoted(target)};
const table = parseCsv(readFileSync(${quoted(file)}, 'utf8')).dropMissing([target]);
const create = () => new ${kind}({ preset: '${preset}', deterministic: true, seed: ${seed} });
const byFolds = await judgeByFolds(create, table, target, { deals: ${deals}, seed: ${seed}${kept.replace(/^, /, ', fit: ')} });
console.log(byFolds.scores.${task === 'classes' ? 'accuracy' : 'r2'}); // ${score}
const model = await create().fit(table, target${kept});
writeFileSync(${quoted(`${stem(file)}.ff`)}, model.save());
writeFileSync(${quoted(`${stem(file)}.html`)}, report(model, table, target, { byFolds, target }));
`;
  return `import { readFileSync, writeFileSync } from 'node:fs';
import { ${kind}, parseCsv, trainTestSplit } from 'feedforward';
import { report } from 'feedforward/report'; // npm install @observablehq/plot linkedom

const target = ${quoted(target)};
const table = parseCsv(readFileSync(${quoted(file)}, 'utf8')).dropMissing([target]);
const { XTrain, XTest } = trainTestSplit(table, target, { testSize: ${testSize}${stratify ? ', stratify: true' : ''}, seed: ${seed} });
const model = new ${kind}({ preset: '${preset}', deterministic: true, seed: ${seed} });
await model.fit(XTrain, target${kept});
console.log(model.score(XTest, target)); // ${score}
writeFileSync(${quoted(`${stem(file)}.ff`)}, model.save());
writeFileSync(${quoted(`${stem(file)}.html`)}, report(model, XTest, target, { trainingData: [XTrain, target], target }));
`;
}

/** A word of a command line. */
const word = (text: string) => (/^[\w./-]+$/.test(text) ? text : `'${text.replace(/'/g, "'\\''")}'`);

export const commandFor = ({ file, target, task, preset, keep }: Made): string =>
  `npx feedforward train ${word(file)} --target ${word(target)} --task ${task === 'classes' ? 'classification' : 'regression'} --preset ${preset} --deterministic${keep.length > 0 ? ` --keep-columns ${word(keep.join(','))}` : ''} -o ${word(`${stem(file)}.ff`)} --report ${word(`${stem(file)}.html`)}`;

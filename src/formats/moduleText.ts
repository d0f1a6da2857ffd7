// The text that both kinds of exported code share: the header, what a module says of its network, the check of a row,
// classify and the self-test.

import { LayerKind } from '../../assembly/abi.js';
import { activationRow } from '../plan/activations.js';
import type { NetworkPlan } from '../plan/network.js';
import type { Network } from './network.js';
import type { TestVector } from './testVector.js';

/** The comment a file starts with. */
export function header({ plan }: Network): string {
  const widths = [plan.inputs, ...plan.layers.filter((layer) => layer.kind === LayerKind.Dense).map((layer) => layer.outputs)];
  return `// A ${widths.join('-')} network, exported by feedforward. Generated: train again rather than edit.`;
}

/** The constants a module exports: inputs, outputs, and the names it was given. */
export function constants({ plan, labels, featureNames }: Network): string[] {
  return [
    `export const inputs = ${plan.inputs};`,
    `export const outputs = ${plan.outputs};`,
    ...(featureNames ? [`export const featureNames = ${literal(featureNames)};`] : []),
    ...(labels ? [`export const labels = ${literal(labels)};`] : []),
  ];
}

/** Their TypeScript declaration, below the header. */
export function constantsDeclared(network: Network): string[] {
  const { plan, labels, featureNames } = network;
  return [
    header(network),
    '',
    '/** Columns of a row. */',
    `export declare const inputs: ${plan.inputs};`,
    `export declare const outputs: ${plan.outputs};`,
    ...(featureNames ? [`export declare const featureNames: readonly ${literal(featureNames)};`] : []),
    ...(labels ? [`export declare const labels: readonly ${literal(labels)};`] : []),
  ];
}

/** The declarations of predict, classify (with labels), inputGradient (with `gradient`) and selfTest, each behind `prefix`. */
export function functionsDeclared(
  { labels, encoding }: Pick<Network, 'labels' | 'encoding'>,
  prefix: string,
  gradient: boolean,
): string[] {
  const rows = `rows: Iterable<${rowType(encoding)}>`;
  return [
    '/** Outputs for each row of inputs. @throws TypeError for a row of another length, and for cells that are no finite numbers. */',
    `${prefix}predict(${rows}): number[][];`,
    ...(labels ? ['/** The label of each row. */', `${prefix}classify(${rows}): (typeof labels)[number][];`] : []),
    ...(gradient
      ? [
          '/** The derivatives of output number `output` in the inputs of each row, in the units of both. @throws RangeError for an output there is not. */',
          `${prefix}inputGradient(rows: Iterable<ArrayLike<number>>, output?: number): number[][];`,
          ...(encoding === undefined
            ? []
            : [
                '/** Of records: by the names of the columns that are numbers; where a cell is missing, at what stands for it. */',
                `${prefix}inputGradient(rows: Iterable<Readonly<Record<string, unknown>>>, output?: number): Record<string, number>[];`,
              ]),
        ]
      : []),
    '/** The largest relative difference from what the model gave when it was exported. @throws Error above 1e-4. */',
    `${prefix}selfTest(): number;`,
  ];
}

/** What a row may be, as TypeScript. */
const rowType = (encoding: Network['encoding']): string =>
  encoding === undefined ? 'ArrayLike<number>' : 'ArrayLike<number> | Readonly<Record<string, unknown>>';

/** The statement that refuses row i when it is not one of `inputs` numbers: a cell that is missing or infinite would come to some answer. */
export const checkRow = 'checkRow(row, i);';

/** The function that it calls. */
export const checkRowText: readonly string[] = [
  'function checkRow(row, i) {',
  '  if (!(row && row.length === inputs)) throw new TypeError("rows[" + i + "]: expected " + inputs + " numbers, got " + (row && row.length));',
  '  for (let j = 0; j < inputs; j++)',
  '    if (!Number.isFinite(row[j])) throw new TypeError("rows[" + i + "][" + j + "]: expected a finite number, got " + String(row[j]));',
  '}',
];

/** JSON that may stand in a script element too, and that reads as it is: what turns the direction of text, or is not seen, is escaped. */
export function literal(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The function classify. */
export function classify({ outputs, layers }: NetworkPlan): string[] {
  const { range } = activationRow(layers[layers.length - 1]!.activation.name);
  const rule = outputs === 1 ? `labels[y[0] > ${range === 'real' ? 0 : 0.5} ? 1 : 0]` : 'labels[y.indexOf(Math.max(...y))]';
  return [
    '/** The label of each row. */',
    'export function classify(rows) {',
    '  return predict(rows).map((y, i) => {',
    '    if (y.some(Number.isNaN)) throw new RangeError("rows[" + i + "]: too far from what the model learnt from to compute with");',
    `    return ${rule};`,
    '  });',
    '}',
  ];
}

/** The function selfTest. */
export function selfTest({ rows, outputs }: TestVector): string[] {
  return [
    '/** The largest relative difference from what the model gave when it was exported. Throws above 1e-4. */',
    'export function selfTest() {',
    `  const rows = ${JSON.stringify(rows)};`,
    `  const wanted = ${JSON.stringify(outputs)};`,
    '  let largest = 0;',
    '  predict(rows).forEach((row, i) => row.forEach((y, j) => {',
    '    const difference = Math.abs(y - wanted[i][j]) / Math.max(1, Math.abs(wanted[i][j]));',
    '    if (!(difference <= 1e-4)) throw new Error("self-test: output " + j + " of row " + i + " is " + y + ", expected " + wanted[i][j]);',
    '    largest = Math.max(largest, difference);',
    '  }));',
    '  return largest;',
    '}',
  ];
}

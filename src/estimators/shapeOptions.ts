// The options `monotone` and `convex`: columns by name, checked, and what does not go with them.

import { fail, show } from '../errors.js';
import { resolveActivation, type ActivationLike, type ActivationName } from '../plan/activations.js';
import type { LayerSpec } from '../plan/layers.js';

/** A direction for each column named. */
export type ColumnShapes = Readonly<Record<string, 1 | -1>>;

/** Options that say which columns have a shape, and what has to go with it. */
interface ShapeOptions {
  readonly monotone?: ColumnShapes;
  readonly convex?: ColumnShapes;
  readonly hiddenLayers?: readonly (number | LayerSpec)[];
  readonly activation?: ActivationLike;
  readonly batchNorm?: boolean;
  readonly scale?: string;
}

/** Whether any column is to have a shape. */
export function hasShape({ monotone, convex }: ShapeOptions): boolean {
  return [monotone, convex].some((shapes) => shapes !== undefined && Object.keys(shapes).length > 0);
}

/** Activations that never fall, so that sums of what rises still rise. */
const rising: readonly ActivationName[] = [
  ...([
    'identity',
    'sigmoid',
    'tanh',
    'relu',
    'leakyRelu',
    'elu',
    'celu',
    'selu',
    'softplus',
    'softsign',
    'hardSigmoid',
  ] as const),
];
/** Those of them that are convex. */
const bending: readonly ActivationName[] = ['identity', 'relu', 'leakyRelu', 'celu', 'softplus'];

/** A row for the options `monotone` and `convex`. @throws ERR_OPTION. */
export function columnShapes(value: unknown, name: string): ColumnShapes | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    fail('ERR_OPTION', `${name}: expected columns by name, such as { age: 1, price: -1 }, got ${show(value)}.`);
  for (const [column, direction] of Object.entries(value))
    if (direction !== 1 && direction !== -1)
      fail('ERR_OPTION', `${name}.${column}: expected 1 or -1, got ${show(direction)}. Leave columns without a shape out.`);
  return value as ColumnShapes;
}

/** @throws ERR_OPTION for options that do not go with shapes. */
export function checkShape(options: ShapeOptions): void {
  if (!hasShape(options)) return;
  const { monotone = {}, convex = {}, hiddenLayers = [], activation, batchNorm, scale } = options;
  const bends = Object.keys(convex).length > 0;
  const what = Object.keys(monotone).length > 0 ? 'monotone' : 'convex';
  const layer = hiddenLayers.findIndex((units) => typeof units !== 'number');
  if (layer >= 0)
    fail(
      'ERR_OPTION',
      `hiddenLayers[${layer}]: with ${what} columns layers are numbers of units, whose weights keep their signs.`,
    );
  if (batchNorm === true) fail('ERR_OPTION', `batchNorm: with ${what} columns there is none, since it may turn a column's sign.`);
  if (bends && scale === 'smoothClip')
    fail('ERR_OPTION', "scale: 'smoothClip' bends columns itself, and convex ones would not stay convex. Use 'standard'.");
  if (activation === undefined) return;
  const { name, a } = resolveActivation(activation, 'activation');
  const fine = (bends ? bending : rising).includes(name) && !(name === 'leakyRelu' && bends && a > 1);
  if (!fine)
    fail(
      'ERR_OPTION',
      `activation: with ${bends ? 'convex' : what} columns it must never fall${bends ? ' and be convex' : ''}, and ${show(name)} is not so. Use ${bends ? "'relu' or 'softplus'" : "'tanh', 'sigmoid', 'relu' or 'softplus'"}.`,
    );
}

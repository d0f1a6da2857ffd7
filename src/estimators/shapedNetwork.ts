// Shapes that a model has by construction: columns in which its answer only rises or falls, and columns in which it bends one way.
//
// Every hidden layer is divided into groups of units, and the signs of the weights between them keep the shape. `rising` units rise and
// `falling` units fall in every column that the answer is to rise in; the answer takes the first by weights of sign 1 and the others by -1, which
// gives curves that bend either way whatever the activation. Columns without a shape enter the first layer with weights of any sign. `up`
// units are convex in the convex columns, `down` units in the concave ones, which enter the answer by -1: their activation is convex and rises.
// See: Daniels & Velikova 2010, https://doi.org/10.1109/TNN.2010.2044803 (signs); Runje & Shankaranarayana 2023, https://arxiv.org/abs/2205.11775 (units that
// mirror each other); Amos, Xu & Kolter 2017, https://arxiv.org/abs/1609.07152 (convexity).

import { fail } from '../errors.js';
import { dense, dropout, type DenseSpec, type LayerSpec } from '../plan/layers.js';
import type { MLPOptions } from '../plan/network.js';
import type { WeightSign } from '../plan/signs.js';
import type { InputColumns } from './inputs.js';
import { networkOptions, type EstimatorOptions } from './options.js';
import type { ColumnShapes } from './shapeOptions.js';
import type { Network } from './targets.js';

/** How the answer is to depend on one input. */
interface InputShape {
  /** 1 it rises, -1 it falls, 0 either. */
  readonly direction: number;
  /** 1 it is convex, -1 concave, 0 either. */
  readonly curvature: number;
}

/** @throws ERR_OPTION for columns there are not, and categories. */
function inputShapes({ monotone = {}, convex = {} }: EstimatorOptions, columns: InputColumns): InputShape[] {
  const { groups, featureNames, encoder } = columns;
  const shapes = featureNames.map(() => ({ direction: 0, curvature: 0 }));
  const types = encoder?.types ?? {};
  const give = (given: ColumnShapes, option: 'monotone' | 'convex', part: 'direction' | 'curvature') => {
    for (const [name, value] of Object.entries(given)) {
      const group = groups.find((of) => of.name === name);
      if (group === undefined)
        fail(
          'ERR_OPTION',
          `${option}.${name}: there is no such column among the inputs${encoder === undefined ? '' : ', or it was left out'}. Columns: ${groups
            .slice(0, 20)
            .map((of) => of.name)
            .join(', ')}${groups.length > 20 ? ', …' : ''}.`,
        );
      if (types[name] === 'categorical' || group.to - group.from > 1)
        fail(
          'ERR_OPTION',
          `${option}.${name}: it becomes ${group.to - group.from} inputs (${types[name]}), and a shape is of one number.`,
        );
      shapes[group.from]![part] = value;
    }
  };
  give(monotone, 'monotone', 'direction');
  give(convex, 'convex', 'curvature');
  return shapes;
}

/** What the units of a group are in the columns that have a shape. */
type Kind = 'rising' | 'falling' | 'free' | 'up' | 'down';

/** How the answer takes units of a kind. */
const senses: Readonly<Record<Kind, 1 | -1 | 0>> = { rising: 1, falling: -1, free: 0, up: 1, down: -1 };

/** The sign of weights from an input to units of a kind. */
function fromInput({ direction, curvature }: InputShape, to: Kind): WeightSign {
  const bent = to === 'up' ? 1 : to === 'down' ? -1 : 0;
  if (curvature !== 0 && curvature !== bent) return null;
  return (direction * senses[to] || 0) as WeightSign;
}

/** The sign of weights from units of one kind to those of the next layer. */
function between(from: Kind, to: Kind): WeightSign {
  const bent = from === 'up' || from === 'down';
  if (bent) return from === to ? 1 : null;
  return (senses[from] * senses[to] || 0) as WeightSign;
}

/** The units of a layer of each kind: those that bend share half of it where there are others. */
function unitsOf(kinds: readonly Kind[], units: number, name: string): number[] {
  if (units < kinds.length)
    fail('ERR_OPTION', `${name}: columns of these shapes need at least ${kinds.length} units in a layer, got ${units}.`);
  const bent = kinds.filter((kind) => kind === 'up' || kind === 'down').length;
  const straight = kinds.length - bent;
  const forStraight = bent === 0 ? units : straight === 0 ? 0 : Math.max(straight, Math.floor(units / 2));
  const share = (total: number, parts: number, k: number) =>
    Math.floor((total * (k + 1)) / parts) - Math.floor((total * k) / parts);
  return kinds.map((_, k) => (k < straight ? share(forStraight, straight, k) : share(units - forStraight, bent, k - straight)));
}

/** The network behind an estimator whose columns have shapes. @throws ERR_OPTION for columns there are not, and for classes without an order. */
export function shapedNetwork(
  options: EstimatorOptions,
  columns: InputColumns,
  { output, loss, senses: wanted }: Network,
): MLPOptions {
  const shapes = inputShapes(options, columns);
  const [first, ...rest] = output as readonly [DenseSpec, ...LayerSpec[]];
  if (first.activation === 'softmax')
    fail(
      'ERR_OPTION',
      `${hasDirection(shapes) ? 'monotone' : 'convex'}: with more than two classes there is no one probability to rise or bend. For classes with an order say so (ordinal), or learn two classes.`,
    );
  const bends = shapes.some(({ curvature }) => curvature !== 0);
  if (bends && wanted !== undefined)
    fail(
      'ERR_OPTION',
      'convex: quantiles and ordered classes are differences of units, which need not be convex. Use monotone, or leave one out.',
    );
  const others = shapes.some(({ curvature }) => curvature === 0);
  const kinds: Kind[] = [
    ...(!others
      ? []
      : hasDirection(shapes.filter(({ curvature }) => curvature === 0))
        ? (['rising', 'falling'] as const)
        : (['free'] as const)),
    ...(shapes.some(({ curvature }) => curvature > 0) ? (['up'] as const) : []),
    ...(shapes.some(({ curvature }) => curvature < 0) ? (['down'] as const) : []),
  ];
  const { hiddenLayers = bends ? [64, 64] : [32, 32, 32], activation = bends ? 'relu' : 'tanh', dropout: rate = 0 } = options;
  const sizes = (hiddenLayers as readonly number[]).map((units, l) => unitsOf(kinds, units, `hiddenLayers[${l}]`));
  // Units of relu are all above 0: weights of one sign add them up, to more from layer to layer unless they start small.
  const initOf = (l: number): Pick<DenseSpec, 'weightInit'> => {
    const before = hiddenLayers[l - 1] as number;
    return bends && l > 0 ? { weightInit: { name: 'uniform', low: -2 / before, high: 2 / before } } : {};
  };
  const layers = sizes.flatMap((units, l): LayerSpec[] => [
    dense(hiddenLayers[l] as number, {
      activation,
      // Kinks all over the data: units that all bend at its middle learn slowly when none may change its sign.
      biasInit: { name: 'uniform', low: -2, high: 2 },
      ...(l === 0
        ? {
            weightInit: 'lecunNormal',
            signs: { units, inputs: shapes.map(() => 1), signs: shapes.map((shape) => kinds.map((to) => fromInput(shape, to))) },
          }
        : {
            ...initOf(l),
            signs: { inputs: sizes[l - 1]!, units, signs: kinds.map((from) => kinds.map((to) => between(from, to))) },
          }),
    }),
    ...(rate > 0 ? [dropout(rate)] : []),
  ]);
  const ends = wanted ?? Array.from({ length: first.units }, () => 1 as const);
  const last = sizes.at(-1);
  const toEnd = (sense: number | null, end: 1 | -1 | null): WeightSign =>
    end === null ? null : ((sense! * end || 0) as WeightSign);
  const signs = {
    inputs: last ?? shapes.map(() => 1),
    units: ends.map(() => 1),
    signs:
      last === undefined
        ? shapes.map((shape) => ends.map((end) => toEnd(shape.direction, end)))
        : kinds.map((kind) => ends.map((end) => toEnd(senses[kind], end))),
  };
  const { optimizer, learningRate, compat } = options;
  const silent = optimizer === undefined && learningRate === undefined && compat === undefined;
  return networkOptions(
    { ...options, hiddenLayers: layers, ...(silent ? { learningRate: 0.01 } : {}) },
    columns.count,
    [{ ...first, ...initOf(sizes.length), signs }, ...rest],
    loss,
  );
}

const hasDirection = (shapes: readonly InputShape[]) => shapes.some(({ direction }) => direction !== 0);

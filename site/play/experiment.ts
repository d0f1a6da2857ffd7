// What is tried: data, features, layers, and how they are trained, as plain data. A link holds exactly this.

/** Data that the page makes, by name. */
export type DataName =
  | 'xor'
  | 'moons'
  | 'circles'
  | 'spirals'
  | 'gaussians'
  | 'three'
  | 'curve'
  | 'surface'
  | 'points'
  | 'values'
  | 'digits';

export interface DataChoice {
  readonly kind: DataName;
  readonly samples: number;
  /** Deviation of the noise, in the data's own units. */
  readonly noise: number;
  /** Of 'curve' (in x) and 'surface' (in x and y): a formula as one types it. */
  readonly formula?: string;
  /** Of 'points': x, y and class of each, as drawn. Of 'values', rows of a table: x, y and the number to learn, between -1 and 1. */
  readonly points?: readonly (readonly [x: number, y: number, label: number])[];
}

/** Columns made of the two coordinates. */
const coordinateFeatures = ['x', 'y', 'x²', 'y²', 'xy', 'sin x', 'sin y'] as const;
/** Of a row: columns made of its coordinates, or, of a digit, all its pixels. */
export type FeatureName = (typeof coordinateFeatures)[number] | 'pixels';

export const activationNames = [
  'tanh',
  'relu',
  'sigmoid',
  'silu',
  'gelu',
  'leakyRelu',
  'elu',
  'selu',
  'softplus',
  'mish',
  'identity',
] as const;
export type ActivationName = (typeof activationNames)[number];

export interface HiddenLayer {
  readonly units: number;
  readonly activation: ActivationName;
  readonly batchNorm?: boolean;
  /** Share of units dropped. */
  readonly dropout?: number;
  readonly residual?: boolean;
}

const lossNames = ['crossEntropy', 'meanSquaredError', 'meanAbsoluteError', 'huber'] as const;
export type LossName = (typeof lossNames)[number];
export const optimizerNames = ['adam', 'sgd', 'momentum', 'nesterov', 'rmsprop', 'adagrad', 'adamw', 'nadam', 'lion'] as const;
export type OptimizerName = (typeof optimizerNames)[number];
export const scheduleNames = ['constant', 'cosine', 'step'] as const;
type ScheduleName = (typeof scheduleNames)[number];

export interface Experiment {
  readonly data: DataChoice;
  readonly features: readonly FeatureName[];
  /** Share of the rows that are held out to judge by. */
  readonly heldOut: number;
  readonly layers: readonly HiddenLayer[];
  /** Where all weights start: by the rule of each activation, or as the diagnosis asked. */
  readonly weightInit?: 'zeros' | 'normalLarge' | 'fanInUniform';
  readonly loss: LossName;
  readonly optimizer: OptimizerName;
  readonly rate: number;
  readonly schedule: ScheduleName;
  readonly l1: number;
  readonly l2: number;
  readonly batch: number;
  readonly seed: number;
}

/** Whether the rows have classes; else numbers. */
export const isClasses = ({ kind }: DataChoice): boolean => kind !== 'curve' && kind !== 'surface' && kind !== 'values';
/** Coordinates: 1 for a curve, else 2. */
export const coordinatesOf = ({ kind }: DataChoice): 1 | 2 => (kind === 'curve' ? 1 : 2);

/** Features that the data have a use for. */
export const featuresFor = (data: DataChoice): readonly FeatureName[] =>
  data.kind === 'digits'
    ? ['pixels']
    : coordinatesOf(data) === 1
      ? coordinateFeatures.filter((name) => !name.includes('y'))
      : coordinateFeatures;

export const classesOf = ({ kind, points = [] }: DataChoice): number => {
  if (kind === 'three') return 3;
  if (kind === 'digits') return 10;
  return kind === 'points' ? Math.max(2, ...points.map(([, , label]) => label + 1)) : 2;
};

/** Data sets to choose from, in the order of their keys. Numbers of a table are not among them: they come with the file. */
export const dataNames: readonly { readonly kind: DataName; readonly title: string; readonly help: string }[] = [
  { kind: 'xor', title: 'XOR', help: 'Opposite corners belong together: no straight line parts them.' },
  { kind: 'moons', title: 'Moons', help: 'Two half circles that reach into each other.' },
  { kind: 'circles', title: 'Circles', help: 'One class around the other.' },
  { kind: 'spirals', title: 'Spirals', help: 'Two arms wound around each other: the hard one.' },
  { kind: 'gaussians', title: 'Clouds', help: 'Two clouds that overlap: a line is enough, and no net is right always.' },
  { kind: 'three', title: 'Three', help: 'Three arms, three classes.' },
  { kind: 'curve', title: 'f(x)', help: 'A curve to follow: type your own formula.' },
  { kind: 'surface', title: 'f(x, y)', help: 'A surface to follow: type your own formula.' },
  {
    kind: 'digits',
    title: 'Digits',
    help: 'Handwritten digits of 8 x 8 pixels: 1,797 of them (E. Alpaydin and C. Kaynak, UCI, CC BY 4.0), 48 kB that come when chosen. Draw your own.',
  },
  { kind: 'points', title: 'Draw', help: 'Your own points: choose a class and click on the map.' },
];

const noises: Record<DataName, number> = {
  xor: 0.05,
  moons: 0.15,
  circles: 0.08,
  spirals: 0.03,
  gaussians: 0.9,
  three: 0.03,
  curve: 0.05,
  surface: 0.02,
  points: 0,
  values: 0,
  digits: 0,
};

/** The data set as it is at first. */
export const dataOf = (kind: DataName): DataChoice => ({
  kind,
  samples: kind === 'digits' ? 1200 : kind === 'spirals' || kind === 'three' ? 400 : 300,
  noise: noises[kind],
  ...(kind === 'curve' && { formula: 'sin(6 * x) + x' }),
  ...(kind === 'surface' && { formula: 'sin(3 * x) * cos(2 * y)' }),
  ...((kind === 'points' || kind === 'values') && { points: [] }),
});

export const defaults: Experiment = {
  data: dataOf('spirals'),
  features: ['x', 'y'],
  heldOut: 0.25,
  layers: [
    { units: 8, activation: 'tanh' },
    { units: 8, activation: 'tanh' },
  ],
  loss: 'crossEntropy',
  optimizer: 'adam',
  rate: 0.01,
  schedule: 'constant',
  l1: 0,
  l2: 0,
  batch: 10,
  seed: 1,
};

/** Losses that the data have a use for. */
export const lossesFor = (data: DataChoice): readonly LossName[] =>
  !isClasses(data)
    ? ['meanSquaredError', 'meanAbsoluteError', 'huber']
    : classesOf(data) > 2
      ? ['crossEntropy']
      : ['crossEntropy', 'meanSquaredError'];

/** Another data set, with what suits it. */
export function withData(experiment: Experiment, data: DataChoice): Experiment {
  const alike =
    coordinatesOf(experiment.data) === coordinatesOf(data) && featuresFor(experiment.data)[0] === featuresFor(data)[0];
  const features = alike ? experiment.features.filter((name) => featuresFor(data).includes(name)) : [];
  const losses = lossesFor(data);
  // Pixels are many, and ten classes ask for more than the few units that circles need.
  const wider = data.kind === 'digits' && experiment.data.kind !== 'digits';
  return {
    ...experiment,
    ...(wider && { layers: [{ units: 16, activation: 'relu' as const }], rate: 0.003, batch: 20 }),
    data,
    features: features.length > 0 ? features : featuresFor(data).slice(0, coordinatesOf(data)),
    loss: isClasses(experiment.data) === isClasses(data) && losses.includes(experiment.loss) ? experiment.loss : losses[0]!,
  };
}

/** Units in all hidden layers. */
export const unitsOf = (experiment: Experiment): number => experiment.layers.reduce((sum, { units }) => sum + units, 0);

const number = (value: unknown, min: number, max: number, whole = false): boolean =>
  typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));

/** What keeps plain data from being an experiment, in words; undefined where nothing does. Links come from anywhere. */
export function faultOf(value: unknown): string | undefined {
  const e = value as Experiment;
  if (typeof e !== 'object' || e === null) return 'it holds no experiment';
  const { data } = e;
  if (typeof data !== 'object' || data === null || !Object.hasOwn(noises, data.kind)) return 'its data set is none of this page';
  if (!number(data.samples, 4, 5000, true)) return 'it has between 4 and 5,000 rows';
  if (!number(data.noise, 0, 10)) return 'its noise lies between 0 and 10';
  if (data.formula !== undefined && (typeof data.formula !== 'string' || data.formula.length > 200))
    return 'its formula has at most 200 letters';
  if (data.points !== undefined) {
    const right = (p: unknown) =>
      Array.isArray(p) &&
      p.length === 3 &&
      number(p[0], -10, 10) &&
      number(p[1], -10, 10) &&
      (data.kind === 'values' ? number(p[2], -1, 1) : number(p[2], 0, 3, true));
    if (!Array.isArray(data.points) || data.points.length > 2000 || !data.points.every(right))
      return 'its points are at most 2,000 of x, y and class';
  }
  if (!Array.isArray(e.features) || e.features.length === 0 || !e.features.every((name) => featuresFor(data).includes(name)))
    return 'its features are none of this page';
  if (new Set(e.features).size !== e.features.length) return 'it names a feature twice';
  if (!number(e.heldOut, 0.05, 0.9)) return 'it holds between 5 and 90 % of the rows out';
  if (!Array.isArray(e.layers) || e.layers.length > 12) return 'it has at most 12 hidden layers';
  for (const layer of e.layers) {
    if (!number(layer?.units, 1, 64, true)) return 'its layers have between 1 and 64 units';
    if (!activationNames.includes(layer.activation)) return 'its activations are none of this page';
    if (layer.dropout !== undefined && !number(layer.dropout, 0, 0.9)) return 'its dropout lies between 0 and 0.9';
  }
  if (e.weightInit !== undefined && !['zeros', 'normalLarge', 'fanInUniform'].includes(e.weightInit))
    return 'its start is none of this page';
  if (!lossesFor(data).includes(e.loss)) return 'its loss does not suit its data';
  if (!optimizerNames.includes(e.optimizer)) return 'its optimizer is none of this page';
  if (!scheduleNames.includes(e.schedule)) return 'its schedule is none of this page';
  if (!number(e.rate, 1e-6, 100)) return 'its learning rate lies between 0.000001 and 100';
  if (!number(e.l1, 0, 10) || !number(e.l2, 0, 10)) return 'its penalties lie between 0 and 10';
  if (!number(e.batch, 1, 5000, true)) return 'its batches have between 1 and 5,000 rows';
  if (!number(e.seed, 0, 2 ** 31, true)) return 'its seed is a whole number';
  return undefined;
}

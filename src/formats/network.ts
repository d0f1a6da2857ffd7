// A network as files see it: the plan, the numbers behind it, and what stands before and after it (scalers, labels).
// Exporters read this; importers make the other one, that of imported.ts, which a model is built from.

import { calibratedLogit, type Calibration } from '../data/certainty/calibration.js';
import { flag, given, list, text, type Schema } from '../options.js';
import { sizeOf, type Floats } from '../data/allocate.js';
import { LayerKind } from '../../assembly/abi.js';
import { dateFormat } from '../data/dates.js';
import { readEncoding, type Encoding } from '../data/encodedColumns.js';
import type { Label } from '../data/labels.js';
import type { ScalerState } from '../data/scalers/index.js';
import type { TableEncoderState } from '../data/tabular.js';
import { fail, show } from '../errors.js';
import type { LayerPlan, NetworkPlan, TensorRole } from '../plan/network.js';
import { affine, affineOf, inverse, plainScaler, repeatedScaler, type Affine, type PlainScaler } from './affine.js';

/** What exporters need of a model: MLP and the baseline's MLP are such. */
export interface NetworkSource {
  /** The network, resolved. */
  readonly plan: NetworkPlan;
  /** Its parameters: names, shapes and values. */
  parameters(): readonly {
    /** Such as 'layers.0.weight'. */
    readonly name: string;
    /** [inputs, outputs], or [outputs]. */
    readonly shape: readonly number[];
    /** Row-major. */
    readonly values: Floats;
  }[];
  /** Where the averages of weights are, which predict uses when the model keeps them. */
  state?(): {
    /** By tensor; empty without weight averaging. */
    readonly averages: readonly Floats[];
  };
}

/** What the exporters of code need: also what to compare with. */
export interface PredictingSource extends NetworkSource {
  /** Outputs [rows][outputs] for rows X [rows][inputs]. */
  predict(X: {
    /** Row-major. */
    readonly data: Floats;
    /** [rows, columns]. */
    readonly shape: readonly [number, number];
  }): {
    /** Row-major, rows x outputs. */
    readonly data: ArrayLike<number>;
  };
}

/** A fitted MLPClassifier or MLPRegressor: exporters take its model, and what stands around it unless told otherwise. */
export interface FittedEstimator<S extends NetworkSource> {
  /** The trained network. */
  readonly model: S;
  /** The scaler of the inputs, applied before the network. */
  readonly scaler?:
    | {
        /** Its state, as scalerFromJSON takes it. */
        toJSON(): unknown;
      }
    | undefined;
  /** The scaler of the targets, undone on the outputs. */
  readonly targetScaler?:
    | {
        /** Its state, as scalerFromJSON takes it. */
        toJSON(): unknown;
      }
    | undefined;
  /** The classes the outputs stand for, in order. */
  readonly classes?: readonly Label[];
  /** Whether a row may have several labels. */
  readonly multilabel?: boolean;
  /** Names of the columns of X. */
  readonly featureNames?: readonly string[];
  /** What turned records into numbers; undefined after training on a matrix. */
  readonly encoder?:
    | {
        /** Its state, as TableEncoder.fromJSON takes it. */
        toJSON(): unknown;
      }
    | undefined;
  /** What its probabilities are corrected with after the network. */
  readonly calibrator?: Calibration | undefined;
  /** Whether its classes have an order. */
  readonly ordered?: boolean;
  /** Columns of y. */
  readonly targets?: number;
  /** The levels of the quantiles that it gives for each. */
  readonly quantiles?: readonly number[] | undefined;
  /** Of two classes: the probability above which it says the second, if that is not a half. */
  readonly threshold?: number | undefined;
}

/** The model to export and what stands around it. */
function unwrap<S extends NetworkSource>(
  given: S | FittedEstimator<S>,
  around: ExportOptions,
  who: string,
): { model: S; around: ExportOptions; calibrator?: LogitCalibration } {
  if (typeof given !== 'object' || given === null || !('model' in given)) return { model: given, around };
  const { model, scaler, targetScaler, classes, multilabel, featureNames, encoder, calibrator, threshold } = given;
  const own = { scaler, targetScaler, featureNames, encoder, labels: multilabel ? undefined : classes } as ExportOptions;
  if (given.ordered === true)
    fail(
      'ERR_UNSUPPORTED',
      `${who}: the network of a classifier with the option ordinal gives the probabilities that the class is at most each, and what is exported would call them those of the classes. Export its model alone.`,
    );
  const each = given.targets === undefined ? 1 : model.plan.outputs / given.targets;
  if (each > 1 && given.quantiles === undefined)
    fail(
      'ERR_UNSUPPORTED',
      `${who}: this regressor gives means and deviations (loss 'gaussianNll'), which is more than a scaling after its network. Export its model alone, whose outputs are means and logarithms of variances of scaled targets.`,
    );
  const scales = own.targetScaler === undefined || each === 1 ? {} : { targetScaler: repeatedScaler(own.targetScaler, each) };
  const all = { ...own, ...scales, ...around };
  if (threshold !== undefined && threshold !== 0.5 && all.labels !== undefined)
    fail(
      'ERR_UNSUPPORTED',
      `${who}: this classifier says ${show(classes?.[1])} from a probability of ${threshold} on (chooseThreshold), and what is exported would from a half on. Pass { labels: undefined } to export probabilities alone.`,
    );
  if (calibrator?.method === 'isotonic')
    fail(
      'ERR_UNSUPPORTED',
      `${who}: probabilities of this classifier are corrected by isotonic regression, which cannot be exported. Train it with calibrate: 'platt', 'temperature' or false, or export its model alone.`,
    );
  return { model, around: all, ...(calibrator === undefined ? {} : { calibrator }) };
}

type LogitCalibration = Exclude<Calibration, { method: 'isotonic' }>;

/** The tensors with the calibration in the last layer: its logits are multiplied and shifted. */
function calibratedTensors(plan: NetworkPlan, tensors: readonly Float32Array[], calibrator: LogitCalibration): Float32Array[] {
  const last = plan.layers[plan.layers.length - 1]!;
  const shift = calibratedLogit(calibrator, 0);
  const scale = calibratedLogit(calibrator, 1) - shift;
  return tensors.map((values, i) => {
    if (i === last.tensors.weight) return values.map((w) => w * scale);
    return i === last.tensors.bias ? values.map((b) => b * scale + shift) : values;
  });
}

/** What goes into a file beside the network: what stands before and after it, and what its columns and outputs are called. */
export interface ExportOptions {
  /** Applied to every row before the network: a fitted scaler, or its saved state. */
  readonly scaler?:
    | {
        /** Its state, as scalerFromJSON takes it. */
        toJSON(): ScalerState;
      }
    | ScalerState;
  /** The scaler of the targets: undone on the network's outputs. */
  readonly targetScaler?:
    | {
        /** Its state, as scalerFromJSON takes it. */
        toJSON(): ScalerState;
      }
    | ScalerState;
  /** The classes the outputs stand for, in order. */
  readonly labels?: readonly Label[];
  /** Names of the columns of X. */
  readonly featureNames?: readonly string[];
  /** What turns records into rows of numbers: a fitted TableEncoder, or its saved state. Modules of code then take records too. */
  readonly encoder?:
    | {
        /** Its state, as TableEncoder.fromJSON takes it. */
        toJSON(): TableEncoderState;
      }
    | TableEncoderState;
}

/** The rows of every exporter. What stands in them is checked as the network is opened. */
export const exportRows = {
  scaler: given<ExportOptions['scaler']>(),
  targetScaler: given<ExportOptions['targetScaler']>(),
  labels: list(given<Label>(), "['cat', 'dog']"),
  featureNames: list(text(), "['size']"),
  encoder: given<ExportOptions['encoder']>(),
} satisfies Schema<ExportOptions>;

/** What goes into a module of code. */
export interface ModuleOptions extends ExportOptions {
  /** Whether the code has `inputGradient(rows, output = 0)` too: the derivatives of an output in the inputs (default false). */
  readonly gradient?: boolean;
}

/** The rows of both exporters of code. */
export const moduleRows = { ...exportRows, gradient: flag(false) } satisfies Schema<ModuleOptions>;

/** @throws ERR_OPTION for a network that has no derivatives in its inputs, where they are asked for. */
export function refuseFlat({ layers }: NetworkPlan, who: string): void {
  const flat = layers.find(({ activation }) => activation.name === 'sign' || activation.name === 'step');
  if (flat !== undefined)
    fail(
      'ERR_OPTION',
      `${who}.gradient: ${flat.path} has the activation "${flat.activation.name}", through which no gradient passes. Export without it.`,
    );
}

export interface Network {
  readonly plan: NetworkPlan;
  /** By index in plan.tensors, float32. */
  readonly tensors: readonly Float32Array[];
  /** The fitted scaler in front, and that of the targets. */
  readonly scaler: PlainScaler | undefined;
  readonly targetScaler: PlainScaler | undefined;
  readonly before: Affine | undefined;
  /** What the first layer does to a row as the caller has it, in float64: the scaler in front, else a rescale layer that comes first. */
  readonly first: Affine | undefined;
  /** The rescale layer that is `first`. */
  readonly firstLayer: LayerPlan | undefined;
  readonly after: Affine | undefined;
  /** What stands in the weights of the last layer already, and not in those of the model. */
  readonly calibrator?: Calibration;
  readonly labels: readonly Label[] | undefined;
  readonly featureNames: readonly string[] | undefined;
  /** How records become rows. */
  readonly encoding: Encoding | undefined;
}

/**
 * Checks and gathers what an exporter needs of a model or a fitted estimator; `source` is the model.
 * @throws ERR_TYPE, ERR_SHAPE, ERR_OPTION; ERR_NONFINITE for weights that are not numbers.
 */
export function openNetwork<S extends NetworkSource>(
  given: S | FittedEstimator<S>,
  options: ExportOptions,
  who: string,
): { source: S; network: Network } {
  const { model: source, around, calibrator } = unwrap(given, options, who);
  const network = readNetwork(source, around, who);
  if (calibrator === undefined) return { source, network };
  return { source, network: { ...network, calibrator, tensors: calibratedTensors(source.plan, network.tensors, calibrator) } };
}

function readNetwork(source: NetworkSource, around: ExportOptions, who: string): Network {
  if (typeof source === 'object' && source !== null && 'mistakesByEpoch' in source)
    fail(
      'ERR_UNSUPPORTED',
      `${who}: a Perceptron is not exported. It says its second class where weights . x + bias >= 0: one line of code, by its weights and its bias.`,
    );
  if (typeof source === 'object' && source !== null && 'layers' in source && 'report' in source)
    fail(
      'ERR_UNSUPPORTED',
      `${who}: a model of whole numbers has no float weights. exportModule and exportWasm take it; else give the model it was made of.`,
    );
  if (typeof source !== 'object' || source === null || typeof source.parameters !== 'function' || typeof source.plan !== 'object')
    fail('ERR_TYPE', `${who}: expected a model, got ${show(source)}.`);
  const { plan } = source;
  const given = new Map(source.parameters().map((p) => [p.name, p.values]));
  const averages = plan.averagingDecay > 0 ? source.state?.().averages : undefined;
  const tensors = plan.tensors.map(({ name, shape, trainable }, i) => {
    const values = trainable && averages ? averages[i] : given.get(name);
    const length = sizeOf(shape);
    if (values?.length !== length)
      fail('ERR_SHAPE', `${who}: ${name} should hold ${length} numbers, but has ${values?.length ?? 'none'}.`);
    const narrow = Float32Array.from(values);
    const bad = narrow.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0)
      fail('ERR_NONFINITE', `${who}: ${name}[${bad}] is ${values[bad]}. A network with such a weight predicts nothing.`);
    return narrow;
  });
  const { labels, featureNames } = around;
  if (featureNames !== undefined && featureNames.length !== plan.inputs)
    fail('ERR_SHAPE', `${who}.featureNames: ${featureNames.length} names for ${plan.inputs} inputs.`);
  if (labels !== undefined && labels.length !== plan.outputs && !(labels.length === 2 && plan.outputs === 1))
    fail('ERR_SHAPE', `${who}.labels: ${labels.length} labels for ${plan.outputs} outputs.`);
  const scaler = around.scaler && plainScaler(around.scaler, plan.inputs, `${who}.scaler`);
  const targetScaler = around.targetScaler && plainScaler(around.targetScaler, plan.outputs, `${who}.targetScaler`);
  const before = scaler && affineOf(scaler);
  const firstLayer = before === undefined ? plan.layers.find((layer) => layer.rescale?.centered) : undefined;
  return {
    plan,
    tensors,
    labels,
    featureNames,
    encoding: encodingOf(around.encoder, plan.inputs, who),
    scaler,
    targetScaler,
    before,
    first: firstLayer === undefined ? before : rescaleMap({ tensors }, firstLayer),
    firstLayer,
    after: targetScaler && inverse(affineOf(targetScaler)),
  };
}

function encodingOf(encoder: ExportOptions['encoder'], inputs: number, who: string): Encoding | undefined {
  if (encoder === undefined) return undefined;
  const encoding = readEncoding('toJSON' in encoder ? encoder.toJSON() : encoder, dateFormat);
  if (encoding.outputs !== inputs)
    fail('ERR_SHAPE', `${who}.encoder: makes ${encoding.outputs} columns, but the network has ${inputs} inputs.`);
  return encoding;
}

/** The tensor a layer has in a role. */
export function tensorOf(network: Pick<Network, 'tensors'>, layer: LayerPlan, role: TensorRole): Float32Array | undefined {
  const index = layer.tensors[role];
  return index === undefined ? undefined : network.tensors[index];
}

/** Refuses a layer whose kind `target` (what is written) does not know. */
export function refuseLayer({ path, kind }: LayerPlan, who: string, target: string): never {
  return fail(
    'ERR_UNSUPPORTED',
    `${who}: ${path} is of a kind (${LayerKind[kind as LayerKind] ?? kind}) that ${target} does not know.`,
  );
}

/** Refuses a layer whose activation `target` does not know. */
export function refuseActivation({ path, activation }: LayerPlan, who: string, target: string): never {
  return fail(
    'ERR_UNSUPPORTED',
    `${who}: ${path} has the activation ${JSON.stringify(activation.name)}, which ${target} does not know.`,
  );
}

/** What a rescale layer does, in float64. */
export function rescaleMap(network: Pick<Network, 'tensors'>, layer: LayerPlan): Affine {
  const { center, scale } = layer.rescale!;
  const gain = tensorOf(network, layer, 'gain')!;
  return affine(
    center,
    scale.map((s, j) => gain[j]! / s),
  );
}

// The estimator behind a WorkerClassifier or WorkerRegressor, and what it can be asked by name.

import type { Label } from '../data/labels.js';
import type { Float64Rows } from '../data/matrix.js';
import { TableEncoder } from '../data/tabular.js';
import { MLPClassifier, type ClassTargets, type SetOptions } from '../estimators/classifier.js';
import { fromFile, readEstimator } from '../estimators/estimatorFile.js';
import type { EstimatorFitOptions, SaveEstimatorOptions } from '../estimators/fitOptions.js';
import { MLPRegressor, type IntervalOptions, type NumberTargets } from '../estimators/regressor.js';
import type { EstimatorOptions, Warning } from '../estimators/options.js';
import type { ThresholdOptions } from '../estimators/thresholds.js';
import type { Model } from '../model/model.js';
import { featuresOf, plainMatrix } from './estimatorCrossing.js';
import { factsOf, type EstimatorFacts } from './estimatorFacts.js';
import { Host } from './host.js';
import type { EstimatorFitRequest, Kind, Listener, Opening } from './protocol.js';

type PlainFeatures = Parameters<typeof featuresOf>[0];
type Weighted = { readonly sampleWeight?: ArrayLike<number> };

/** A classifier that goes on from a file with the options it is given, which a file does not hold in full. */
class HostedClassifier extends MLPClassifier {
  from(bytes: Uint8Array): this {
    return fromFile(() => this.restore(readEstimator(bytes, 'MLPClassifier').file));
  }
}

class HostedRegressor extends MLPRegressor {
  from(bytes: Uint8Array): this {
    return fromFile(() => this.restore(readEstimator(bytes, 'MLPRegressor').file));
  }
}

type Estimator = MLPClassifier | MLPRegressor;

/** What an estimator can be asked, by name. Arguments and results are plain data. */
const calls = {
  partialFit: (estimator: Estimator, X: PlainFeatures, y: unknown, options: object) => {
    estimator.partialFit(featuresOf(X), y as never, options);
  },
  predict: (estimator: Estimator, X: PlainFeatures) => estimator.predict(featuresOf(X)),
  predictProba: (estimator: Estimator, X: PlainFeatures) => plainMatrix((estimator as MLPClassifier).predictProba(featuresOf(X))),
  score: (estimator: Estimator, X: PlainFeatures, y: unknown, options: Weighted) =>
    estimator.score(featuresOf(X), y as never, options),
  conformalize: (estimator: Estimator, X: PlainFeatures, y: unknown) => {
    estimator.conformalize(featuresOf(X), y as never);
  },
  chooseThreshold: (estimator: Estimator, X: PlainFeatures, y: unknown, options: ThresholdOptions) => {
    (estimator as MLPClassifier).chooseThreshold(featuresOf(X), y as never, options);
  },
  predictSet: (estimator: Estimator, X: PlainFeatures, options: SetOptions) =>
    (estimator as MLPClassifier).predictSet(featuresOf(X), options),
  predictInterval: (estimator: Estimator, X: PlainFeatures, options: IntervalOptions) => {
    const { data, shape } = (estimator as MLPRegressor).predictInterval(featuresOf(X), options);
    return { data, shape };
  },
  predictQuantiles: (estimator: Estimator, X: PlainFeatures) => {
    const { data, shape } = (estimator as MLPRegressor).predictQuantiles(featuresOf(X));
    return { data, shape };
  },
  predictStd: (estimator: Estimator, X: PlainFeatures): Float64Array | Float64Rows =>
    (estimator as MLPRegressor).predictStd(featuresOf(X)),
  inputGradient: (estimator: Estimator, X: PlainFeatures, output: Label | undefined) => {
    const { data, featureNames } = estimator.inputGradient(featuresOf(X), output as never);
    return { data, featureNames };
  },
  save: (estimator: Estimator, options: SaveEstimatorOptions) => estimator.save(options),
};

export type EstimatorCalls = typeof calls & { stop: (estimator: Estimator) => void };

export class EstimatorHost extends Host<Estimator, Uint8Array, EstimatorFacts> {
  protected readonly calls = { ...calls, stop: () => this.stop() };
  protected readonly changing: ReadonlySet<string> = new Set<keyof EstimatorCalls>([
    'partialFit',
    'conformalize',
    'chooseThreshold',
  ]);
  /** The model that a running fit trains. */
  private training: Model | undefined;
  private busy = false;
  /** The model whose facts were told last: they change when it is trained or replaced. */
  private told = false;

  constructor(
    private readonly kind: Exclude<Kind, 'MLP'>,
    listener: Listener,
  ) {
    super(listener);
  }

  protected make({ options, load, state }: Opening): Estimator {
    const onWarning = (warning: Warning) => void this.listener.warn(warning);
    const bytes = state as Uint8Array | undefined;
    if (load) {
      const { options: saved } = readEstimator(bytes!, this.kind);
      const warning = { ...(saved.onWarning === false ? {} : { onWarning }), ...options };
      return this.kind === 'MLPClassifier' ? MLPClassifier.load(bytes!, warning) : MLPRegressor.load(bytes!, warning);
    }
    const given: EstimatorOptions = { ...options };
    const heard = given.onWarning === false ? given : { ...given, onWarning }; // false: nothing is looked for
    const estimator = this.kind === 'MLPClassifier' ? new HostedClassifier(heard) : new HostedRegressor(heard);
    return bytes === undefined ? estimator : estimator.from(bytes);
  }

  protected async train(estimator: Estimator, request: EstimatorFitRequest, controller: AbortController): Promise<void> {
    const { X, y, validation, encoder, hooks } = request;
    const callbacks = this.callbacksOf(hooks, controller);
    const { onTrainBegin } = callbacks;
    const options: EstimatorFitOptions = {
      ...request.options,
      ...(validation === undefined
        ? {}
        : { validationData: [featuresOf(validation[0] as PlainFeatures), validation[1]] as const }),
      ...(encoder === undefined ? {} : { encoder: TableEncoder.fromJSON(encoder) }),
      signal: controller.signal,
      callbacks: {
        ...callbacks,
        onTrainBegin: (model) => {
          this.training = model;
          return onTrainBegin?.(model);
        },
      },
    };
    this.busy = true;
    try {
      await estimator.fit(featuresOf(X as PlainFeatures), y as ClassTargets & NumberTargets, options);
    } finally {
      this.busy = false;
      this.training = undefined;
      this.told = false;
    }
  }

  protected stop(): void {
    this.training?.stop();
  }

  protected override keep(): void {
    this.told = false;
    super.keep();
  }

  /** Its file: what restart() goes on from. */
  protected snapshot(estimator: Estimator): Uint8Array | undefined {
    return this.busy || !estimator.isFitted ? undefined : estimator.save({ optimizer: true });
  }

  /** Told once after each change: a table may have many names, and a training many epochs. */
  protected standing(estimator: Estimator): EstimatorFacts | undefined {
    if (this.told || this.busy || !estimator.isFitted) return undefined;
    this.told = true;
    return factsOf(estimator);
  }
}

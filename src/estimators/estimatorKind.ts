// What classifier and regressor each decide (targets, output layer and loss, their part of the file), and what follows from it, the
// options and the columns before training: the network, the columns that are read, what is worth noting about them.

import type { SavedState } from '../data/columns.js';
import type { Finding } from '../data/findings.js';
import type { Matrix, MatrixLike } from '../data/matrix.js';
import type { Table } from '../data/table.js';
import { fail } from '../errors.js';
import type { SavedModel } from '../formats/modelFile.js';
import { blankModel } from '../mlp/blankModel.js';
import { MLP } from '../mlp/mlp.js';
import type { Model } from '../model/model.js';
import type { OptionRows } from '../options.js';
import type { MLPOptions } from '../plan/network.js';
import { Fittable, type Fitted } from './fitted.js';
import type { EstimatorFitOptions } from './fitOptions.js';
import { InputColumns } from './inputs.js';
import { checkEstimatorOptions, networkOptions, type EstimatorOptions } from './options.js';
import type { WatchedRows } from './run.js';
import { plannedEpochs, presetOf, recipeOf } from './presets.js';
import { embeddingsOf, withEmbeddings } from './embeddings.js';
import { shapedNetwork } from './shapedNetwork.js';
import { hasShape } from './shapeOptions.js';
import type { Network, Targets } from './targets.js';
import type { Judge } from './judge.js';
import { dataFindings } from './warnings.js';

/** What a kind of estimator decides, and what its options and the columns of a training make of that. */
export abstract class EstimatorKind<Head, Options extends EstimatorOptions = EstimatorOptions> extends Fittable<Head> {
  /** As given. */
  readonly options: Readonly<Options>;

  protected constructor(options: Options, kind: string, rows: OptionRows) {
    super(kind, options?.onWarning);
    checkEstimatorOptions(rows, options, kind);
    recipeOf(options);
    this.options = Object.freeze({ ...options });
  }

  /** The most epochs that a fit reports: of a preset those of all its nets. */
  get plannedEpochs(): number {
    return plannedEpochs(this.options);
  }

  // ---- what a head knows -------------------------------------------------------------------------------------

  /** Settles what depends on the training rows (scaling of targets). */
  protected abstract fitHead(targets: Targets<Head>, indices: Uint32Array | undefined): Head;
  /** What each row counts by its class, by the class weights of the rows trained on; undefined without any. */
  protected abstract weighClasses(
    targets: Targets<Head>,
    trained: Targets<Head>,
    trainRows?: Uint32Array,
  ): Float64Array | undefined;
  /** Targets as the network needs them. */
  protected abstract encode(head: Head, values: Float64Array, columns: number, smoothing: number): Matrix;
  protected abstract network(head: Head, smoothing: number): Network;
  protected abstract headToJSON(head: Head): { head: unknown; sections: Record<string, unknown> };
  protected abstract headFromJSON(saved: SavedState, sections: SavedModel['sections']): Head;
  /** Label smoothing of a plain network. */
  protected get smoothing(): number {
    return 0;
  }
  /** The head without what was fitted to the answers of a finished network: training on makes it untrue. */
  protected abstract bareHead(head: Head): Head;
  /** The head of a finished training, with what is fitted to its answers on the rows it watched. */
  protected finishedHead(head: Head, _model: Model, _watched: WatchedRows | undefined): Head {
    return head;
  }
  /** What is worth knowing of the targets, which are called `what`. */
  protected abstract targetFindings(targets: Targets<Head>, what: string): readonly Finding[];
  /** @throws ERR_OPTION where an option needs rows to watch and there are none. */
  protected checkWatched(_watched: boolean): void {}
  /** Options of fit and partialFit beside the common ones, a row for each. */
  protected abstract readonly moreFitRows: OptionRows;

  /** The network itself; a test may put one of another backend in its place. */
  protected createModel(options: MLPOptions, blank = false): Model {
    return blank ? blankModel(options) : new MLP(options);
  }

  /** The options of a plain network for these columns. */
  protected plainNetwork(head: Head, columns: InputColumns): MLPOptions {
    const network = this.network(head, this.smoothing);
    if (hasShape(this.options) && columns.numbered.length > 0)
      fail('ERR_OPTION', 'embeddings: a network with monotone or convex columns has none. Leave one of the two out.');
    if (hasShape(this.options)) return shapedNetwork(this.options, columns, network);
    return networkOptions(withEmbeddings(this.options, columns), columns.count, network.output, network.loss);
  }

  protected get judge(): Judge<Head> {
    return {
      createModel: (options, blank) => this.createModel(options, blank),
      encode: (head, values, columns, smoothing) => this.encode(head, values, columns, smoothing),
      network: (head, smoothing) => this.network(head, smoothing),
      rate: (head, values, outputs, weights) => this.rate(head, values, outputs, weights),
    };
  }

  protected learnColumns(
    X: MatrixLike | Table,
    y: unknown,
    { encoder, featureNames: names, keep }: EstimatorFitOptions,
    trainRows?: Uint32Array,
  ) {
    const { dateFeatures, maxCategories } = this.options;
    const target = typeof y === 'string' ? y : undefined;
    const numberedFrom = embeddingsOf(this.options, presetOf(this.options) !== 'none')?.from;
    return InputColumns.fit(X, { target, encoder, names, keep, dateFeatures, maxCategories, numberedFrom, trainRows });
  }

  /** What is worth knowing before training: columns left out, a target that looks like something else, inputs that tell it. */
  protected findOut(
    columns: InputColumns,
    X: MatrixLike,
    targets: Targets<Head>,
    before: Fitted<Head> | undefined,
    own: boolean,
    preset = false,
  ): readonly Finding[] {
    if (before !== undefined) return before.findings;
    const { scale } = this.options;
    // A preset and 'smoothClip' draw outliers in.
    const drawsIn = scale === 'smoothClip' || (scale === undefined && preset);
    const findings = dataFindings(columns, X, targets, { own, drawsIn, onTarget: (what) => this.targetFindings(targets, what) });
    this.warnings.tell(findings);
    return findings;
  }
}

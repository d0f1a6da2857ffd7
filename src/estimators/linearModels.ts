// The linear models beside a preset's nets: trained on rows of theirs, asked for the rest.

import type { Matrix, MatrixLike } from '../data/matrix.js';
import type { Model } from '../model/model.js';
import { pickRows } from './inputs.js';
import type { Judge } from './judge.js';
import type { Member } from './members.js';
import { linearKinds, linearOptions, trainLinear, usualKind, worthTrying, type LinearKind, type LinearPart } from './rival.js';
import { pick, pickValues } from './run.js';
import type { TeamWork } from './teamWork.js';

/** Part of the steps of L-BFGS that a linear model needs which starts where that of the usual kind ended. */
const stepsOn = 0.5;

export class LinearModels<Head> {
  /** None beside nets that are linear themselves. */
  readonly kinds: readonly LinearKind[];

  constructor(
    private readonly work: TeamWork<Head>,
    private readonly judge: Judge<Head>,
    /** As linearPart takes it. */
    readonly calibrates: boolean | undefined,
  ) {
    const { recipe, X, options } = work;
    this.kinds = recipe.hiddenLayers.length === 0 ? [] : linearKinds(X.shape[0], X.shape[1], options.scale === undefined);
  }

  /**
   * What linear models of each kind, trained on the rows `train` (all where there is no list), answer to others. `beside`: the first net, with what
   * linear models answered beside it; then only kinds worth trying are.
   */
  answers(train: Uint32Array | undefined, X: MatrixLike, beside?: Member): Member['rivals'] {
    const { work, kinds } = this;
    if (kinds.length === 0) return undefined;
    const tried = beside === undefined ? [...kinds.keys()] : worthTrying(beside, kinds, this.calibrates);
    const weights = train === undefined ? work.weights : work.weights && pick(work.weights, train);
    const rows = { X: pickRows(work.X, train) as Matrix, y: this.plainTargets(train), weights };
    const { linearSteps: steps, linearRows: most } = work.recipe;
    const usual = usualKind(kinds);
    const first = trainLinear(this.linear(kinds[usual]!), rows, { steps, rows: most });
    const on = { steps: Math.ceil(stepsOn * steps), rows: most, from: first.getVector() };
    return kinds.map((kind, k) => {
      if (k === usual) return first.predict(X).data;
      if (!tried.includes(k)) return undefined;
      return trainLinear(this.linear(kind), rows, on).predict(X).data;
    });
  }

  /** The linear model that helps the nets; where it takes their place, trained to the end on all rows. */
  straightFor({ kind, share }: LinearPart): Model {
    const { X, weights, recipe } = this.work;
    const rows = { X, y: this.plainTargets(undefined), weights };
    return trainLinear(
      this.linear(this.kinds[kind]!),
      rows,
      share === 1 ? undefined : { steps: recipe.linearSteps, rows: recipe.linearRows },
    );
  }

  private linear(kind: LinearKind): Model {
    const { work, judge } = this;
    const { seed = 0, deterministic = false } = work.options;
    return judge.createModel(linearOptions(work.columns, judge.network(work.head, 0), kind, seed, deterministic));
  }

  /** Targets without smoothing. */
  private plainTargets(rows: Uint32Array | undefined): Matrix {
    const { targets, head } = this.work;
    return this.judge.encode(head, pickValues(targets, rows), targets.columns, 0);
  }
}

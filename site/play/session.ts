// One network that is learning: trains, can go back in time, and shows itself.

import { MLP } from 'feedforward';
import { columnsOf, type Made, makeData, outputsOf } from './data';
import { digitSide } from './strokes';
import { classesOf, coordinatesOf, type Experiment, isClasses } from './experiment';
import type { Figures, LaneState, LayerState, Palette, Picture } from './messages';
import { type Block, buildModel, buildSurface } from './model';
import { Past } from './past';
import { answerPicture, classPicture, linePicture, numberPicture } from './pictures';

/** How finely a network is shown: at full speed, where each picture costs training; slowly enough to look; at rest. */
export type Detail = 'hurried' | 'moving' | 'resting';

/** Pixels of a unit's picture, and of the map. */
const unitSide = 32;
const mapSides = { hurried: 96, moving: 160, resting: 256 } satisfies Record<Detail, number>;
/** Units of a layer that are drawn. */
const shownUnits = 16;
/** Frames between two pictures of the layers, which are dearer than all else; and pictures of them between two measures of the gradients. */
const layersEvery = 3;
const gradientsEvery = 3;

/** Places that a picture shows, as columns and as columns that are scaled; room for the answers. */
interface Grid {
  readonly X: ReturnType<typeof columnsOf>;
  readonly scaled: Float32Array;
  readonly out: Float32Array<ArrayBuffer>;
}

export class Session {
  readonly made: Made;
  readonly blocks: readonly Block[];
  model: MLP;
  /** What broke, in words. */
  broken: string | undefined;

  private readonly past = new Past();
  private grids = new Map<number, Grid>();
  private lastFigures: Figures | undefined;
  private lastGradients: Map<string, number> | undefined;
  /** Frames so far. */
  private turn = 0;
  /** Draws the map, where the model is one that can be copied into it. */
  private readonly surface: MLP | undefined;

  constructor(readonly experiment: Experiment) {
    this.made = makeData(experiment);
    const { model, blocks } = buildModel(experiment, this.made.center, this.made.scale);
    this.model = model;
    this.blocks = blocks;
    this.surface = buildSurface(experiment);
    this.keep(true);
  }

  get epoch(): number {
    return this.model.epoch;
  }

  /** The last epoch that it can go to. */
  get newest(): number {
    return this.past.newest;
  }

  /** Trains some epochs: what lay ahead in time is gone. Where the loss breaks, says so in `broken` and stays at the weights before. */
  train(epochs: number): void {
    if (this.broken !== undefined) return;
    if (this.epoch < this.newest) this.past.cut(this.epoch);
    this.learn(epochs);
  }

  private learn(epochs: number): void {
    const { X, y } = this.made.train;
    try {
      this.model.fitSync(X, y, { epochs, batchSize: this.experiment.batch, reportMetrics: false });
    } catch (error) {
      this.broken = (error as Error).message;
    }
    this.lastFigures = undefined;
  }

  /** Marks this moment: on the curve, and to come back to. While training, only as often as copies cost little. */
  keep(resting: boolean): void {
    this.past.note(this.figures());
    this.past.keep(this.epoch, () => this.model.save({ optimizer: true }), resting);
  }

  /** Goes to an epoch it has been at, or to the last moment before it that it has a copy of: `approach` goes the rest of the way. */
  seek(epoch: number): void {
    const copy = this.past.before(epoch);
    if (copy.epoch <= this.epoch && this.epoch <= epoch) return;
    this.model = MLP.load(copy.bytes);
    this.broken = undefined;
    this.lastFigures = undefined;
  }

  /** Trains towards an epoch it has been at, by `most` epochs, through the weights it had then. Whether it has arrived. */
  approach(epoch: number, most: number): boolean {
    const left = Math.min(epoch, this.newest) - this.epoch;
    if (left > 0 && this.broken === undefined) this.learn(Math.min(left, most));
    return left <= most || this.broken !== undefined;
  }

  figures(): Figures {
    if (this.lastFigures !== undefined) return this.lastFigures;
    const { train, test } = this.made;
    const metric = isClasses(this.experiment.data) ? 'accuracy' : 'r2';
    const judge = ({ X, y }: typeof train) => {
      try {
        const found = this.model.evaluate(X, y) as Record<string, number>;
        return { loss: found.loss!, score: found[metric] ?? Number.NaN };
      } catch {
        return { loss: Number.NaN, score: Number.NaN };
      }
    };
    const own = judge(train);
    const other = judge(test);
    this.lastFigures = { epoch: this.epoch, loss: own.loss, score: own.score, testLoss: other.loss, testScore: other.score };
    return this.lastFigures;
  }

  /** Everything that is seen of it. Its buffers are the caller's. */
  state(palette: Palette, detail: Detail, fresh: boolean): LaneState {
    const { experiment, made } = this;
    const curve = coordinatesOf(experiment.data) === 1;
    const isDigits = experiment.data.kind === 'digits';
    const resting = detail === 'resting';
    const whole = resting || fresh || this.turn++ % layersEvery === 0;
    return {
      figures: this.figures(),
      ...(isDigits ? {} : curve ? { curve: this.curve() } : { map: this.map(mapSides[detail], palette) }),
      ...(whole && { layers: this.layers(palette, resting) }),
      ...(whole && isClasses(experiment.data) && { confusion: this.confusion() }),
      ...(fresh && {
        points: {
          train: made.train.points.slice(),
          trainTargets: made.train.y.data.slice() as Float32Array<ArrayBuffer>,
          test: made.test.points.slice(),
          testTargets: made.test.y.data.slice() as Float32Array<ArrayBuffer>,
          range: made.range,
          targets: made.targets,
        } as LaneState['points'],
      }),
      curves: this.past.curves,
      ...(this.broken !== undefined && { broken: this.broken }),
      newest: Math.max(this.newest, this.epoch),
    };
  }

  /** Answers on a grid of side by side pixels, the top row first; of a curve on as many places. */
  private grid(side: number): Grid {
    const made = this.grids.get(side);
    if (made !== undefined) return made;
    const coordinates = coordinatesOf(this.experiment.data);
    const [low, high] = this.made.range;
    const place = (i: number) => low + ((high - low) * (i + 0.5)) / side;
    const count = coordinates === 1 ? side : side * side;
    const points = new Float32Array(count * coordinates);
    for (let k = 0; k < count; k++) {
      points[coordinates * k] = place(k % side);
      if (coordinates === 2) points[2 * k + 1] = place(side - 1 - Math.floor(k / side));
    }
    const X = columnsOf(this.experiment.features, points, coordinates);
    const { center, scale } = this.made;
    const columns = center.length;
    const scaled = Float32Array.from(X.data, (x, k) => (x - center[k % columns]!) / scale[k % columns]!);
    const grid = { X, scaled, out: new Float32Array(count * outputsOf(this.experiment)) };
    this.grids.set(side, grid);
    return grid;
  }

  /** The whole map, as it is shown at rest. */
  paintMap(palette: Palette): Picture {
    return this.map(mapSides.resting, palette);
  }

  private map(side: number, palette: Palette): Picture {
    const { X, scaled, out } = this.grid(side);
    const { surface } = this;
    if (surface === undefined) this.model.predictInto(X.data as Float32Array, out);
    else {
      surface.setVector(this.model.getVector());
      surface.predictInto(scaled, out);
    }
    if (isClasses(this.experiment.data)) {
      const outputs = outputsOf(this.experiment);
      return outputs > 1 ? classPicture(out, side, outputs, palette) : answerPicture(out, side, palette, surface !== undefined);
    }
    const [low, high] = this.made.targets;
    return numberPicture(out, side, palette, 0.8 / Math.max(Math.abs(low), Math.abs(high), 1e-9));
  }

  private curve(): Float32Array<ArrayBuffer> {
    const { X, out } = this.grid(mapSides.resting);
    this.model.predictInto(X.data as Float32Array, out);
    return out.slice();
  }

  /** How many of the held out rows of each class get each answer. */
  private confusion(): number[][] {
    const { X, y } = this.made.test;
    const classes = classesOf(this.experiment.data);
    const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    const outputs = outputsOf(this.experiment);
    const answers = this.model.predict(X).data;
    y.data.forEach((truth, i) => {
      let best = outputs === 1 && answers[i]! > 0.5 ? 1 : 0;
      for (let c = 1; c < outputs; c++) if (answers[i * outputs + c]! > answers[i * outputs + best]!) best = c;
      counts[truth]![best]!++;
    });
    return counts;
  }

  /** Weights, and what the units see. */
  private layers(palette: Palette, resting: boolean): LayerState[] {
    const curve = coordinatesOf(this.experiment.data) === 1;
    const parameters = new Map(this.model.parameters().map((p) => [p.name, p]));
    if (resting || this.turn % (layersEvery * gradientsEvery) < layersEvery) this.lastGradients = undefined;
    this.lastGradients ??= this.gradients();
    const gradients = this.lastGradients;
    const templates = this.experiment.data.kind === 'digits' ? this.templates(palette) : undefined;
    const seen = templates === undefined ? this.model.activations(this.grid(unitSide).X) : undefined;
    return this.blocks.map(({ weight, end }, b) => {
      const { shape, values: weights } = parameters.get(weight)!;
      const state = {
        weights: Float32Array.from(weights),
        inputs: shape[0]!,
        width: shape[1]!,
        gradient: gradients.get(weight) ?? Number.NaN,
      };
      if (templates !== undefined) return { ...state, units: templates[b]! };
      const { activations } = seen!.findLast(({ layer }) => layer === `layers.${end}` || layer.startsWith(`layers.${end}.`))!;
      const [, width] = activations.shape;
      const last = b === this.blocks.length - 1;
      const kind = this.experiment.layers[b]?.activation;
      const centred = kind === 'sigmoid' || (last && isClasses(this.experiment.data));
      const values = centred ? activations.data.map((a) => 2 * a - 1) : activations.data;
      const units = Array.from({ length: Math.min(width, shownUnits) }, (_, u) => {
        let most = 1e-9;
        for (let k = u; k < values.length; k += width) most = Math.max(most, Math.abs(values[k]!));
        const scale = Math.min(1e6, 1 / most);
        return curve
          ? linePicture(values, unitSide, palette, scale, u, width)
          : numberPicture(values, unitSide, palette, 0.85 * scale, u, width);
      });
      return { ...state, units };
    });
  }

  /** What speaks for each unit in a picture of a digit, by the weights on all ways to it, as if nothing bent between. */
  private templates(palette: Palette): Picture[][] {
    const parameters = new Map(this.model.parameters().map((p) => [p.name, p]));
    const pixels = this.made.center.length;
    let before: Float32Array | undefined;
    return this.blocks.map(({ weight }, b) => {
      const { shape, values } = parameters.get(weight)!;
      const [inputs, width] = shape as readonly [number, number];
      const sums = new Float32Array(pixels * width);
      for (let p = 0; p < pixels; p++)
        for (let i = before === undefined ? p : 0; i < (before === undefined ? p + 1 : inputs); i++) {
          const way = before === undefined ? 1 : before[p * inputs + i]!;
          for (let j = 0; j < width; j++) sums[p * width + j]! += way * values[i * width + j]!;
        }
      if (before !== undefined && inputs === width && this.experiment.layers[b]?.residual)
        before.forEach((value, k) => {
          sums[k]! += value;
        });
      before = sums;
      return Array.from({ length: Math.min(width, shownUnits) }, (_, u) => {
        let most = 1e-9;
        for (let k = u; k < sums.length; k += width) most = Math.max(most, Math.abs(sums[k]!));
        return numberPicture(sums, digitSide, palette, Math.min(1e6, 0.85 / most), u, width);
      });
    });
  }

  /** Length of the gradient of each weight on the rows trained on. */
  private gradients(): Map<string, number> {
    const found = new Map<string, number>();
    const copy = this.model.clone();
    try {
      copy.zeroGrad();
      copy.forward(this.made.train.X);
      copy.loss(this.made.train.y);
      copy.backward();
      for (const { name, values } of copy.gradients())
        found.set(name, Math.sqrt(values.reduce((sum: number, g: number) => sum + g * g, 0)));
    } catch {
      // a network that broke has none
    }
    return found;
  }
}

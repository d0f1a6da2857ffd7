// A network as a picture: units as dots, weights as lines as wide as they are large. One SVG of its own, light and dark, with a title and a
// description for those who hear it. Positions are of a grid, nothing is measured.

import { LayerKind } from '../../assembly/abi.js';
import { fail, show } from '../errors.js';
import { droppedBy } from '../inspect/dropped.js';
import { describeLayer } from '../inspect/summary.js';
import type { MLPClassifier } from '../estimators/classifier.js';
import type { MLPRegressor } from '../estimators/regressor.js';
import { Model } from '../model/model.js';
import { trainerOf } from '../model/stepLoop.js';
import { given, readOptions, whole, type Schema } from '../options.js';
import { describeActivation } from '../plan/activations.js';
import type { Trainer } from '../training/trainer.js';
import { isClassifier, isRegressor } from './estimators.js';

/** Options of draw. */
export interface DrawOptions {
  /** Units shown of a layer, at least 3 (default 12): of a wider one the first and the last, and how many there are. */
  readonly maxUnits?: number;
  /** What the inputs are called (default: the columns of an estimator; else x0, x1, …). */
  readonly inputNames?: readonly string[];
  /**
   * A row of the last step in training, from 0: units that a dropout layer took out of it and connections that dropConnect took out of the step are
   * left out, so that the picture is of the network that learnt from it. Default: the whole network.
   */
  readonly dropped?: number;
  /** The picture's title, read aloud (default: the units of each layer). */
  readonly title?: string;
}

const drawRows = () =>
  ({
    maxUnits: whole({ min: 3, max: 200, default: 12 }),
    inputNames: given<readonly string[]>(),
    dropped: whole({ min: 0 }),
    title: given<string>(),
  }) satisfies Schema<DrawOptions>;

/** Units and what stands below them. */
interface Column {
  readonly units: number;
  readonly notes: readonly string[];
  /** [units of all sources, one after the other][units]; the inputs have none. */
  readonly weights?: ArrayLike<number>;
  /** The columns it reads: the one before it, or those that `from` names. */
  readonly sources?: readonly number[];
  /** 1 for each unit that is kept, where some are dropped. */
  readonly kept?: ArrayLike<number>;
}

const gap = { unit: 26, column: 150, margin: 24, label: 16 } as const;
const radius = 8;

/**
 * A network as SVG: a column of dots for the inputs and for each dense layer, lines between them as wide as the weight is large beside the
 * layer's largest, blue where it is positive and orange where it is negative; below each column its units, activation, and the layers
 * without weights that follow. With `dropped` the network that one row of the last step saw, dropped units dashed. Light and dark by the reader's setting; a title and a description for screen readers.
 *
 * @throws ERR_TYPE for anything but a model or a fitted estimator, ERR_STATE before fit, ERR_OPTION for options out of range.
 *
 * @example
 * draw(model).slice(0, 4); // '<svg'
 */
export function draw(model: Model | MLPClassifier | MLPRegressor, options: DrawOptions = {}): string {
  const { maxUnits, inputNames, dropped, title } = readOptions(drawRows(), options, 'draw', 'draw.');
  const estimator = isClassifier(model) || isRegressor(model) ? model : undefined;
  if (estimator === undefined && !(model instanceof Model))
    fail('ERR_TYPE', `draw: expected an MLP or a fitted MLPClassifier or MLPRegressor, got ${show(model)}.`);
  const trainer = trainerOf(estimator?.model ?? (model as Model));
  const { inputs } = trainer.plan;
  const names = inputNames ?? estimator?.featureNames ?? Array.from({ length: inputs }, (_, j) => `x${j}`);
  if (names.length !== inputs)
    fail('ERR_SHAPE', `draw.inputNames: ${names.length} names, but this network has ${inputs} inputs.`);
  const columns = columnsOf(trainer, dropped);
  const shown = columns.map(({ units }) => shownOf(units, maxUnits));
  const rows = Math.max(...shown.map(({ length }) => length));
  const notes = Math.max(...columns.map((column) => column.notes.length));
  const names0 = shown[0]!.map((unit) => (unit === undefined ? '' : short(names[unit]!)));
  const left = gap.margin + 7 * Math.max(...names0.map(({ length }) => length)) + 12;
  const width = left + gap.column * (columns.length - 1) + gap.margin + 60;
  const bows = columns.some(({ sources }, c) => sources?.some((source) => source < c - 1));
  const top = gap.margin + (bows ? 1.5 * gap.unit : 0);
  const height = top + gap.margin + rows * gap.unit + notes * gap.label;
  const x = (c: number) => left + c * gap.column;
  const y = (c: number, k: number) => top + (rows / 2 - shown[c]!.length / 2 + k + 0.5) * gap.unit;
  const what = title ?? `Network of ${columns.map(({ units }) => units).join('-')} units`;
  const lines = columns.flatMap((_, c) => (c === 0 ? [] : linesOf(columns, shown, c, x, y)));
  const dots = shown.flatMap((units, c) =>
    units.map((unit, k) =>
      unit === undefined
        ? `<text class="n" x="${x(c)}" y="${y(c, k) + 4}" text-anchor="middle">⋮</text>`
        : `<circle class="${columns[c]!.kept?.[unit] === 0 ? 'u d' : 'u'}" cx="${x(c)}" cy="${y(c, k)}" r="${radius}"/>`,
    ),
  );
  const labels = names0.map((name, k) =>
    name === '' ? '' : `<text class="n" x="${left - radius - 6}" y="${y(0, k) + 4}" text-anchor="end">${escaped(name)}</text>`,
  );
  const below = columns.flatMap((column, c) =>
    column.notes.map(
      (note, n) =>
        `<text class="n" x="${x(c)}" y="${top + rows * gap.unit + (n + 1) * gap.label}" text-anchor="middle">${escaped(note)}</text>`,
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="ff-network" role="img" aria-label="${escaped(what)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escaped(what)}</title>`,
    `<desc>${escaped(described(columns))}</desc>`,
    `<style>${style}</style>`,
    ...lines,
    ...dots,
    ...labels.filter((label) => label !== ''),
    ...below,
    '</svg>',
  ].join('\n');
}

const style = `.ff-network .p{stroke:#2166ac}.ff-network .m{stroke:#c2570c}.ff-network .n{fill:#333}
.ff-network .u{fill:#fff;stroke:#333;stroke-width:1.5}.ff-network .d{stroke-dasharray:2 3;stroke-width:1}
@media (prefers-color-scheme:dark){.ff-network .p{stroke:#7db8ee}.ff-network .m{stroke:#f5a35c}.ff-network .n{fill:#ddd}
.ff-network .u{fill:#1c1c1c;stroke:#ddd}}`;

/** The inputs, and each layer with weights; layers without any are told of below the one before them. */
function columnsOf(trainer: Trainer, row: number | undefined): Column[] {
  const { plan, backend } = trainer;
  const masks = new Map(row === undefined ? [] : droppedBy(trainer, row + 1).map((mask) => [mask.layer, mask.kept]));
  const columns: { units: number; notes: string[]; weights?: ArrayLike<number>; sources?: number[]; kept?: ArrayLike<number> }[] =
    [{ units: plan.inputs, notes: [`${plan.inputs} ${plan.inputs === 1 ? 'input' : 'inputs'}`] }];
  // Which columns each layer passes on; the first is what the inputs are.
  const passed: number[][] = [[0]];
  let read = [0];
  for (const [i, layer] of plan.layers.entries()) {
    const activation = layer.activation.name === 'identity' ? [] : [describeActivation(layer.activation)];
    const mask = masks.get(layer.path);
    if (layer.kind === LayerKind.Edge) {
      const source = passed[layer.partner + 1]!;
      read = layer.column === 0 ? source : [...read, ...source];
    } else if (layer.kind === LayerKind.Dense) {
      const weights = backend.readTensor(layer.tensors.weight!);
      columns.push({
        units: layer.outputs,
        notes: [`${layer.outputs} ${layer.outputs === 1 ? 'unit' : 'units'}`, ...activation],
        weights: mask === undefined ? weights : weights.map((weight, k) => weight * mask.data[k]!),
        sources: read,
      });
      read = [columns.length - 1];
    } else {
      const column = columns[read[read.length - 1]!]!;
      column.notes.push(describeLayer(layer));
      // Several dropout layers in a row keep what each of them keeps.
      if (mask !== undefined && read.length === 1)
        column.kept = mask.row(row!).map((kept, unit) => kept * (column.kept?.[unit] ?? 1));
    }
    passed[i + 1] = read;
  }
  return columns;
}

/** The units to show: all, or the first and the last with a gap (undefined) between them. */
function shownOf(units: number, most: number): (number | undefined)[] {
  if (units <= most) return Array.from({ length: units }, (_, u) => u);
  const first = Math.ceil((most - 1) / 2);
  const last = most - 1 - first;
  return [...Array.from({ length: first }, (_, u) => u), undefined, ...Array.from({ length: last }, (_, u) => units - last + u)];
}

function linesOf(
  columns: readonly Column[],
  shown: readonly (readonly (number | undefined)[])[],
  c: number,
  x: (c: number) => number,
  y: (c: number, k: number) => number,
): string[] {
  const { units, weights, sources, kept } = columns[c]!;
  let largest = 0;
  for (let k = 0; k < weights!.length; k++) largest = Math.max(largest, Math.abs(weights![k]!));
  let first = 0; // row of the weights where a source begins
  return sources!.flatMap((source) => {
    const before = columns[source]!;
    const start = first;
    first += before.units;
    return shown[source]!.flatMap((from, i) =>
      shown[c]!.flatMap((to, k) => {
        if (from === undefined || to === undefined) return [];
        if (kept?.[to] === 0 || before.kept?.[from] === 0) return [];
        const weight = weights![(start + from) * units + to]!;
        const wide = largest === 0 ? 0 : (5 * Math.abs(weight)) / largest;
        if (wide < 0.05) return []; // a hundredth of the largest: not to be seen
        const [x1, y1, x2, y2] = [x(source), y(source, i), x(c), y(c, k)];
        const look = `class="${weight < 0 ? 'm' : 'p'}" stroke-width="${wide.toFixed(2)}"`;
        if (source === c - 1) return [`<line ${look} x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`];
        // Past the columns between, in a bow above them.
        const height = Math.min(...Array.from({ length: c - source - 1 }, (_, b) => y(source + b + 1, 0))) - 1.5 * gap.unit;
        return [
          `<path ${look} fill="none" d="M${x1} ${y1}Q${(x1 + x2) / 2} ${2 * Math.min(height, y1, y2) - (y1 + y2) / 2} ${x2} ${y2}"/>`,
        ];
      }),
    );
  });
}

function described(columns: readonly Column[]): string {
  const layers = columns.slice(1).map(({ notes }, l) => `layer ${l + 1}: ${notes.join(', ')}`);
  return `${columns[0]!.notes.join(', ')}; ${layers.join('; ')}. Lines are weights: as wide as they are large, blue for positive ones, orange for negative ones.`;
}

const short = (name: string) => (name.length > 24 ? `${name.slice(0, 23)}…` : name);

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

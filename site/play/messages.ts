// What the page and its worker say to each other. The page imports these types alone: everything that computes is in the worker.

import type { Experiment } from './experiment';

export type Colour = readonly [red: number, green: number, blue: number];

/** Colours of the maps, as the theme has them. */
export interface Palette {
  readonly ground: Colour;
  readonly classes: readonly Colour[];
}

/** Epochs for each frame; 0: as many as there is time for. */
export type Pace = 1 | 10 | 100 | 0;

/** The two that race; most of the time there is one. */
export type Lane = 0 | 1;

export type Order =
  | { readonly type: 'set'; readonly lane: Lane; readonly experiment: Experiment | undefined }
  | { readonly type: 'play'; readonly pace: Pace }
  | { readonly type: 'pause' }
  | { readonly type: 'step' }
  | { readonly type: 'reset' }
  /** Back to an epoch, or ahead to one that was reached before. */
  | { readonly type: 'seek'; readonly epoch: number }
  | { readonly type: 'reach'; readonly epochs: number }
  | { readonly type: 'painted' }
  /** The text of the digits, before the first experiment on them. */
  | { readonly type: 'digits'; readonly text: string }
  | { readonly type: 'palette'; readonly palette: Palette }
  | { readonly type: 'ask'; readonly id: number; readonly question: Question };

export type Question =
  | { readonly what: 'answer'; readonly at: readonly [number, number] }
  /** What the network reads in a picture of a digit; and one of the held out digits, counted around. */
  | { readonly what: 'digit'; readonly pixels: Float32Array<ArrayBuffer> }
  | { readonly what: 'sample'; readonly index: number }
  | { readonly what: 'explain'; readonly at: readonly [number, number] }
  | { readonly what: 'diagnose' }
  | { readonly what: 'hash' }
  | { readonly what: 'file' }
  | { readonly what: 'table'; readonly text: string }
  | { readonly what: 'code'; readonly language: Language };

export type FileKind = 'model' | 'onnx' | 'module' | 'int8';
export type Language = 'typescript' | 'pytorch' | 'scikit-learn' | 'keras';

/** A picture of square pixels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

export interface Figures {
  readonly epoch: number;
  /** Mean losses of the rows trained on and of those held out. */
  readonly loss: number;
  readonly testLoss: number;
  /** Share of rows that are right, or R², of both. */
  readonly score: number;
  readonly testScore: number;
}

export interface LayerState {
  /** Pictures of what each unit sees. */
  readonly units: readonly Picture[];
  /** Weights from the layer before: [inputs, units]. */
  readonly weights: Float32Array<ArrayBuffer>;
  readonly inputs: number;
  /** Of all units, shown or not. */
  readonly width: number;
  /** Length of the gradient of the weights. */
  readonly gradient: number;
}

export interface LaneState {
  readonly figures: Figures;
  /** Decision map or surface; or the curve as numbers. */
  readonly map?: Picture;
  readonly curve?: Float32Array<ArrayBuffer>;
  /** None where those of the frame before still do. */
  readonly layers?: readonly LayerState[];
  /** Of classes: how many of the held out rows of each class (first index) got each answer; none where the frame before has it. */
  readonly confusion?: readonly (readonly number[])[];
  /** Points to draw: x, y of each, and the class or number. */
  readonly points?: PointSet;
  /** The whole curve of losses. */
  readonly curves: Curves;
  /** Why training ended, where it did: what broke, in words. */
  readonly broken?: string;
  /** The last epoch that time travel reaches. */
  readonly newest: number;
}

export interface PointSet {
  readonly train: Float32Array<ArrayBuffer>;
  readonly trainTargets: Float32Array<ArrayBuffer>;
  readonly test: Float32Array<ArrayBuffer>;
  readonly testTargets: Float32Array<ArrayBuffer>;
  readonly range: readonly [number, number];
  readonly targets: readonly [number, number];
}

export interface Curves {
  readonly epochs: Float64Array<ArrayBuffer>;
  readonly train: Float64Array<ArrayBuffer>;
  readonly test: Float64Array<ArrayBuffer>;
}

export type Report =
  | { readonly type: 'ready'; readonly version: string }
  | {
      readonly type: 'frame';
      readonly lanes: readonly (LaneState | undefined)[];
      readonly playing: boolean;
      readonly rowsPerSecond: number;
      readonly reached?: boolean;
    }
  | { readonly type: 'trouble'; readonly lane: Lane; readonly text: string }
  | { readonly type: 'told'; readonly id: number; readonly answer?: unknown; readonly error?: string };

/** Points of a table. */
export interface TableParts {
  readonly kind: 'points' | 'values';
  /** x, y, and the class or the number to learn, all drawn onto -1 to 1. */
  readonly points: readonly (readonly [x: number, y: number, label: number])[];
  /** The columns that x and y are. */
  readonly names: readonly [string, string];
  readonly target: string;
  /** What the classes are called; of numbers, what -1 and 1 stand for. */
  readonly classes: readonly string[];
  /** Of the whole table. */
  readonly rows: number;
}

/** What a file is made of. */
interface FileParts {
  /** A model file. */
  readonly model: Uint8Array<ArrayBuffer>;
  /** Rows it was trained on, one after the other. */
  readonly rows: Float32Array<ArrayBuffer>;
  readonly names: readonly string[];
}

/** An order to the worker that makes files, and what it says. */
export type FileOrder = FileParts & { readonly kind: FileKind };
export type MadeFile = { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> } | { readonly error: string };

/** Answers to questions. */
export interface Told {
  answer: { readonly outputs: readonly number[] };
  digit: { readonly outputs: readonly number[] };
  sample: { readonly pixels: Float32Array<ArrayBuffer>; readonly truth: number };
  explain: {
    readonly base: number;
    readonly prediction: number;
    readonly parts: readonly { readonly name: string; readonly value: number }[];
    readonly output: string;
  };
  diagnose: Verdict;
  hash: string;
  file: FileParts;
  table: TableParts;
  code: { readonly text: string } | { readonly refused: string };
}

export interface Verdict {
  readonly healthy: boolean;
  readonly text: string;
  /** Changes that were tried on a copy and made it learn: the experiment with them, where this page can make them. */
  readonly cures: readonly { readonly words: string; readonly experiment: Experiment }[];
}

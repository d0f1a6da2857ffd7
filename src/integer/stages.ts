// An integer network as plain data: what a file of one holds and what runs it. Between stages values are rows of float32; a dense stage makes
// 7-bit numbers of its inputs, sums whole numbers, and gives float32 again.

/** What follows the sums of a dense stage, or stands alone. All forms are computed with + - * / and sqrt, so that every engine gives the same bits. */
export type Curve =
  | { readonly form: 'none' }
  /** z where z >= 0, else slope z: one slope, or one for each column. */
  | { readonly form: 'bend'; readonly slopes: Float32Array }
  /** Straight lines between the entries of a table; see curves.ts. */
  | { readonly form: 'table'; readonly table: Float32Array }
  | { readonly form: WholeForm };

/** Forms that have no numbers of their own. */
export const wholeForms = ['sign', 'step', 'softsign', 'sigmoid', 'tanh', 'softplus', 'softmax', 'logSoftmax'] as const;
type WholeForm = (typeof wholeForms)[number];

/**
 * y = f(sum scale + bias), sum the whole number of integers . q, q the whole numbers nearest to (x - low) inverse, held to 0 to 127 with one
 * digit and to 16383 with two.
 */
export interface DenseStage {
  readonly kind: 'dense';
  readonly inputs: number;
  readonly outputs: number;
  /** 7 bits each. */
  readonly digits: 1 | 2;
  /** [outputs][inputs]. */
  readonly integers: Int8Array;
  /** One for each output. */
  readonly scale: Float32Array;
  readonly bias: Float32Array;
  /** One for each input. */
  readonly low: Float32Array;
  readonly inverse: Float32Array;
  readonly curve: Curve;
}

export type Stage =
  | DenseStage
  | { readonly kind: 'activation'; readonly width: number; readonly curve: Curve }
  /** y = (x - center) factor + shift, column by column. */
  | {
      readonly kind: 'affine';
      readonly width: number;
      readonly center: Float64Array;
      readonly factor: Float64Array;
      readonly shift: Float64Array;
    }
  | {
      readonly kind: 'layerNorm';
      readonly width: number;
      readonly epsilon: number;
      readonly gamma: Float32Array;
      readonly beta: Float32Array;
    }
  /** x through the stages, plus x itself, or x through the projection. */
  | {
      readonly kind: 'residual';
      readonly inputs: number;
      readonly outputs: number;
      readonly stages: readonly Stage[];
      readonly projection: DenseStage | undefined;
    };

/** A network. */
export interface IntegerLayers {
  readonly inputs: number;
  readonly outputs: number;
  /** What is subtracted from every row in float64 before it is rounded to float32. */
  readonly center: Float64Array | undefined;
  readonly stages: readonly Stage[];
}

/** Most inputs of a dense stage: more could sum to 2^31, at 127 times 127 each. */
export const MOST_INPUTS = Math.floor((2 ** 31 - 1) / (127 * 127));

/** Columns that leave a stage. */
export const widthOf = (stage: Stage): number => ('width' in stage ? stage.width : stage.outputs);

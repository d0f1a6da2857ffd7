// What a graph computes from one row, as expressions: matrices, choices of columns, rules that work number by number, norms.
// Shapes are gone: a row is a list of numbers, however the graph arranges it. Choices of columns are carried as far towards the
// input as they go, and into the columns of matrices where they meet one.

import type { Node } from './graph.js';
import type { Rule } from './rules.js';

type Values = ArrayLike<number>;

interface Common {
  /** In the order they were made: larger is later. */
  readonly id: number;
  /** Numbers in a row. */
  readonly width: number;
  /** The operator that made it, for messages. */
  readonly node: Node;
}

export type Input = Common & { readonly kind: 'input' };
/** x W + b with W [inputs][width]. */
type Dense = Common & {
  readonly kind: 'dense';
  readonly x: Expression;
  readonly weight: Values;
  readonly bias: Values | undefined;
};
/** Numbers of x, by index: any order, any of them several times. */
type Columns = Common & { readonly kind: 'columns'; readonly x: Expression; readonly list: readonly number[] };
type Concat = Common & { readonly kind: 'concat'; readonly pieces: readonly Expression[] };
/** A rule for each number of the row: of expressions of the same width and constants of 1 or width numbers. */
export type NumberByNumber = Common & { readonly kind: 'map'; readonly rule: Rule; readonly args: readonly Argument[] };
/** Softmax and the like over the whole row; mean is of width 1. */
export type WholeRow = Common & { readonly kind: 'softmax' | 'logSoftmax' | 'mean'; readonly x: Expression };
export type BatchNorm = Common & {
  readonly kind: 'batchNorm';
  readonly x: Expression;
  readonly gamma: Values;
  readonly beta: Values;
  readonly mean: Values;
  readonly variance: Values;
  readonly epsilon: number;
  readonly momentum: number;
};
export type LayerNorm = Common & {
  readonly kind: 'layerNorm';
  readonly x: Expression;
  readonly gamma: Values;
  readonly beta: Values;
  readonly epsilon: number;
};

export type Expression = Input | Dense | Columns | Concat | NumberByNumber | WholeRow | BatchNorm | LayerNorm;
export type Argument = Expression | { readonly kind: 'constant'; readonly values: Values };

export const isExpression = (argument: Argument): argument is Expression => argument.kind !== 'constant';

/** Columns of a constant of 1 or more numbers. */
export const column = (values: Values, j: number): number => values[values.length === 1 ? 0 : j]!;

/** How many rules a choice of columns is carried through. */
const MAX_CARRIED = 200;

/** Makes expressions. */
export class Expressions {
  private count = 0;
  private readonly interned = new Map<string, Expression>();

  private common(node: Node, width: number): Common {
    return { id: this.count++, width, node };
  }

  input(node: Node, width: number): Input {
    return { kind: 'input', ...this.common(node, width) };
  }

  dense(node: Node, x: Expression, weight: Values, bias?: Values): Expression {
    const width = weight.length / x.width;
    if (x.kind !== 'columns') return { kind: 'dense', ...this.common(node, width), x, weight, bias };
    // (columns of x) W = x W', the rows of W in the places of the columns.
    const spread = new Float64Array(x.x.width * width);
    x.list.forEach((from, i) => {
      for (let j = 0; j < width; j++) spread[from * width + j]! += weight[i * width + j]!;
    });
    return { kind: 'dense', ...this.common(node, width), x: x.x, weight: spread, bias };
  }

  map(node: Node, rule: Rule, args: readonly Argument[]): NumberByNumber {
    const width = Math.max(...args.map((arg) => (isExpression(arg) ? arg.width : 1)));
    return { kind: 'map', ...this.common(node, width), rule, args };
  }

  wholeRow(node: Node, kind: WholeRow['kind'], x: Expression): WholeRow {
    return this.intern(`${kind}:${x.id}`, () => ({ kind, ...this.common(node, kind === 'mean' ? 1 : x.width), x }));
  }

  batchNorm(node: Node, x: Expression, numbers: Omit<BatchNorm, keyof Common | 'kind' | 'x'>): BatchNorm {
    return { kind: 'batchNorm', ...this.common(node, x.width), x, ...numbers };
  }

  layerNorm(node: Node, x: Expression, numbers: Omit<LayerNorm, keyof Common | 'kind' | 'x'>): LayerNorm {
    return { kind: 'layerNorm', ...this.common(node, x.width), x, ...numbers };
  }

  private intern<E extends Expression>(key: string, make: () => E): E {
    const known = this.interned.get(key);
    if (known !== undefined) return known as E;
    const made = make();
    this.interned.set(key, made);
    return made;
  }

  columns(node: Node, x: Expression, list: readonly number[]): Expression {
    if (list.length === x.width && list.every((from, j) => from === j)) return x;
    return this.carry(node, x, list, 0, new Map());
  }

  private carry(
    node: Node,
    x: Expression,
    list: readonly number[],
    depth: number,
    done: Map<Expression, Expression>,
  ): Expression {
    const known = done.get(x);
    if (known !== undefined) return known;
    const made = this.carried(node, x, list, depth, done);
    done.set(x, made);
    return made;
  }

  private carried(
    node: Node,
    x: Expression,
    list: readonly number[],
    depth: number,
    done: Map<Expression, Expression>,
  ): Expression {
    if (list.length === x.width && list.every((from, j) => from === j)) return x;
    const chosen = (values: Values) => Float64Array.from(list, (from) => column(values, from));
    const stay = () =>
      this.intern(
        `columns:${x.id}:${list.join()}`,
        (): Columns => ({ kind: 'columns', ...this.common(node, list.length), x, list }),
      );
    switch (x.kind) {
      case 'columns':
        return this.columns(
          node,
          x.x,
          list.map((j) => x.list[j]!),
        );
      case 'dense': {
        const { width } = x;
        const weight = Float64Array.from(
          { length: x.x.width * list.length },
          (_, k) => x.weight[Math.floor(k / list.length) * width + list[k % list.length]!]!,
        );
        return this.dense(x.node, x.x, weight, x.bias && chosen(x.bias));
      }
      case 'map':
        if (depth > MAX_CARRIED) return stay();
        return this.map(
          x.node,
          x.rule,
          x.args.map((arg) =>
            isExpression(arg)
              ? this.carry(node, arg, list, depth + 1, done)
              : { kind: 'constant', values: arg.values.length === 1 ? arg.values : chosen(arg.values) },
          ),
        );
      case 'batchNorm': {
        if (depth > MAX_CARRIED) return stay();
        const { gamma, beta, mean, variance, epsilon, momentum } = x;
        const numbers = { gamma: chosen(gamma), beta: chosen(beta), mean: chosen(mean), variance: chosen(variance) };
        return this.batchNorm(x.node, this.carry(node, x.x, list, depth + 1, done), { ...numbers, epsilon, momentum });
      }
      case 'softmax':
      case 'logSoftmax':
        // In another order they are those of the other order.
        if (depth > MAX_CARRIED || list.length !== x.width || new Set(list).size !== list.length) return stay();
        return this.wholeRow(x.node, x.kind, this.carry(node, x.x, list, depth + 1, done));
      case 'concat': {
        const owner = x.pieces.flatMap((piece) => Array.from({ length: piece.width }, (_, j) => ({ piece, j })));
        const runs: { piece: Expression; list: number[] }[] = [];
        for (const from of list) {
          const { piece, j } = owner[from]!;
          const last = runs[runs.length - 1];
          if (last?.piece === piece) last.list.push(j);
          else runs.push({ piece, list: [j] });
        }
        if (depth > MAX_CARRIED || runs.length > x.pieces.length) return stay();
        return this.concat(
          node,
          runs.map(({ piece, list: own }) => this.carry(node, piece, own, depth + 1, new Map())),
        );
      }
      default:
        return stay();
    }
  }

  /** Rows end to end. Pieces that come from one place become one expression. */
  concat(node: Node, given: readonly Expression[]): Expression {
    const pieces = given.flatMap((piece) => (piece.kind === 'concat' ? piece.pieces : [piece]));
    const [first] = pieces;
    if (first === undefined || pieces.length === 1) return first!;
    const width = pieces.reduce((sum, piece) => sum + piece.width, 0);
    if (first.kind === 'dense' && pieces.every((piece) => piece.kind === 'dense' && piece.x === first.x)) {
      const matrices = pieces as readonly Dense[];
      const inputs = first.x.width;
      const weight = new Float64Array(inputs * width);
      const bias = new Float64Array(width);
      let at = 0;
      for (const matrix of matrices) {
        for (let i = 0; i < inputs; i++)
          for (let j = 0; j < matrix.width; j++) weight[i * width + at + j] = matrix.weight[i * matrix.width + j]!;
        if (matrix.bias) for (let j = 0; j < matrix.width; j++) bias[at + j] = column(matrix.bias, j);
        at += matrix.width;
      }
      return this.dense(node, first.x, weight, matrices.some(({ bias: b }) => b !== undefined) ? bias : undefined);
    }
    const whole = (piece: Expression) => (piece.kind === 'columns' ? piece.x : piece);
    if (pieces.every((piece) => whole(piece) === whole(first)))
      return this.columns(
        node,
        whole(first),
        pieces.flatMap((piece) => (piece.kind === 'columns' ? piece.list : Array.from({ length: piece.width }, (_, j) => j))),
      );
    if (first.kind === 'map' && pieces.every((piece) => piece.kind === 'map' && alike(piece, first))) {
      const maps = pieces as readonly NumberByNumber[];
      return this.map(
        first.node,
        first.rule,
        first.args.map((arg, k): Argument => {
          if (isExpression(arg))
            return this.concat(
              node,
              maps.map((piece) => piece.args[k] as Expression),
            );
          const values = maps.flatMap((piece) => {
            const constant = piece.args[k] as { values: Values };
            return Array.from({ length: piece.width }, (_, j) => column(constant.values, j));
          });
          return { kind: 'constant', values: values.every((v) => v === values[0]) ? [values[0]!] : values };
        }),
      );
    }
    return { kind: 'concat', ...this.common(node, width), pieces };
  }
}

/** Whether two apply one rule to arguments of the same kinds. */
function alike(a: NumberByNumber, b: NumberByNumber): boolean {
  return (
    a.rule.key === b.rule.key &&
    a.args.length === b.args.length &&
    a.args.every((arg, k) => isExpression(arg) === isExpression(b.args[k]!))
  );
}

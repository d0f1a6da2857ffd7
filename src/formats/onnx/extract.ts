// From the expression of the output back to the input: the parts of a network, a chain with residual branches.

import type { Part } from '../assemble.js';
import { column, type Expression, type Input, isExpression, type NumberByNumber } from './expressions.js';
import { describe, unsupported } from './graph.js';
import { layerNormAt } from './layerNorm.js';
import { recognise } from './recognise.js';

const MAX_NESTING = 64;

/** The parts from the input to `output`, in the order they work. @throws ERR_UNSUPPORTED naming the operator no layer stands for. */
export function partsOf(output: Expression, input: Input): Part[] {
  return new Extraction(input).back(output);
}

class Extraction {
  private depth = 0;

  constructor(private readonly input: Expression) {}

  /** The parts from `start` (the input, if not given) to `value`. */
  back(value: Expression, start = this.input): Part[] {
    const parts: Part[] = [];
    let at = value;
    while (at !== start) {
      if (at.id < start.id || at.kind === 'input') return unsupported(value.node, 'it does not come from one value alone');
      at = this.step(at, parts);
    }
    return parts.reverse();
  }

  /** Adds what an expression does, last part first; returns what it works on. */
  private step(at: Expression, parts: Part[]): Expression {
    const from = describe(at.node);
    switch (at.kind) {
      case 'dense': {
        const { x, weight, bias, width } = at;
        parts.push({ kind: 'dense', inputs: x.width, outputs: width, weight, bias, from });
        return x;
      }
      case 'softmax':
      case 'logSoftmax':
        parts.push({ kind: 'activation', activation: at.kind, from });
        return at.x;
      case 'batchNorm':
      case 'layerNorm': {
        const { x, id: _, width: __, node: ___, ...part } = at;
        parts.push({ ...part, from });
        return x;
      }
      case 'map':
        return this.map(at, parts);
      case 'columns':
      case 'concat': {
        const found = linearOf(at);
        if (found === undefined || found.value === at) return unsupported(at.node, 'what it joins comes from several values');
        parts.push({ kind: 'dense', inputs: found.value.width, outputs: at.width, weight: found.weight, bias: found.bias, from });
        return found.value;
      }
      default:
        return unsupported(at.node);
    }
  }

  private map(at: NumberByNumber, parts: Part[]): Expression {
    const norm = layerNormAt(at);
    if (norm !== undefined) {
      parts.push(norm.part);
      return norm.value;
    }
    const found = recognise(at);
    if (found !== undefined) {
      parts.push(...[...found.parts].reverse());
      return found.value;
    }
    const [a, b] = at.args;
    const sums = (at.rule.op === 'Add' || at.rule.op === 'Sub') && at.args.length === 2;
    if (sums && a !== undefined && b !== undefined && isExpression(a) && isExpression(b)) return this.residual(at, a, b, parts);
    return unsupported(at.node, 'what it computes is no activation this library has');
  }

  /** x + F(x), or x P + p + F(x). Of a difference x - F(x). */
  private residual(at: NumberByNumber, a: Expression, b: Expression, parts: Part[]): Expression {
    const from = describe(at.node);
    const minus: Part[] = at.rule.op === 'Sub' ? [{ kind: 'affine', scale: [-1], shift: [0], from }] : [];
    const sides = (at.rule.op === 'Sub' ? [[b, a]] : [[a, b], [b, a]]) as [Expression, Expression][]; // biome-ignore format: pairs
    for (const [inside, skip] of sides)
      if (dependsOn(inside, skip)) {
        parts.push({ kind: 'residual', parts: [...this.within(inside, skip, at), ...minus], from });
        return skip;
      }
    const projections = sides.flatMap(([inside, skip]) => {
      const linear = linearOf(skip);
      const fits = linear !== undefined && linear.value !== skip && dependsOn(inside, linear.value);
      return fits ? [{ inside, skip, ...linear }] : [];
    });
    // Where both sides are matrices, the one without a bias is the projection.
    projections.sort((p, q) => Number(p.bias !== undefined) - Number(q.bias !== undefined));
    const [projected] = projections;
    if (projected !== undefined) {
      const { inside, skip, value, weight, bias } = projected;
      const shifted: Part[] = bias === undefined ? [] : [{ kind: 'affine', scale: [1], shift: bias, from }];
      const projection = { inputs: value.width, outputs: skip.width, weight };
      parts.push({ kind: 'residual', parts: [...this.within(inside, value, at), ...minus, ...shifted], projection, from });
      return value;
    }
    return unsupported(at.node, 'its two sides are neither x and F(x) nor x P and F(x)');
  }

  private within(value: Expression, start: Expression, at: NumberByNumber): Part[] {
    if (++this.depth > MAX_NESTING) unsupported(at.node, `residual blocks are nested more than ${MAX_NESTING} deep`);
    try {
      return this.back(value, start);
    } finally {
      this.depth--;
    }
  }
}

/** Whether `value` is computed from `on`: a search that stops at what was made before `on`. */
function dependsOn(value: Expression, on: Expression): boolean {
  const seen = new Set<Expression>([value]);
  for (const { kind, ...fields } of seen) {
    if (kind === 'input') continue;
    const before =
      'args' in fields ? fields.args.filter(isExpression) : 'pieces' in fields ? fields.pieces : 'x' in fields ? [fields.x] : [];
    for (const expression of before) {
      if (expression === on) return true;
      if (expression.id > on.id) seen.add(expression);
    }
  }
  return false;
}

interface Linear {
  readonly value: Expression;
  readonly weight: Float64Array;
  readonly bias: Float64Array | undefined;
}

/** An expression as a matrix and a shift on an earlier value: a dense layer, columns, an affine map, pieces of these of one value. */
function linearOf(at: Expression, depth = 0): Linear | undefined {
  if (depth > 8) return undefined;
  const { width } = at;
  switch (at.kind) {
    case 'dense':
      return {
        value: at.x,
        weight: Float64Array.from(at.weight),
        bias: at.bias && Float64Array.from({ length: width }, (_, j) => column(at.bias!, j)),
      };
    case 'columns': {
      const weight = new Float64Array(at.x.width * width);
      at.list.forEach((from, j) => {
        weight[from * width + j] = 1;
      });
      return { value: at.x, weight, bias: undefined };
    }
    case 'batchNorm': {
      const scale = Float64Array.from(at.gamma, (g, j) => g / Math.sqrt(at.variance[j]! + at.epsilon));
      return scaled(
        at.x,
        scale,
        Float64Array.from(at.beta, (b, j) => b - at.mean[j]! * scale[j]!),
        depth,
      );
    }
    case 'map': {
      const found = recognise(at);
      const [only, other] = found?.parts ?? [];
      if (found === undefined || other !== undefined || (only !== undefined && only.kind !== 'affine')) return undefined;
      const { scale, shift } = only ?? { scale: [1], shift: [0] };
      return scaled(found.value, scale, shift, depth);
    }
    case 'concat': {
      const pieces = at.pieces.map((piece) => ({ piece, linear: linearOf(piece, depth + 1) }));
      // The value that all pieces come from: the earliest one that any of them reads.
      const base = pieces.reduce<Expression | undefined>((earliest, { linear }) => {
        const value = linear?.value;
        return value !== undefined && (earliest === undefined || value.id < earliest.id) ? value : earliest;
      }, undefined);
      if (base === undefined) return undefined;
      const weight = new Float64Array(base.width * width);
      const bias = new Float64Array(width);
      let from = 0;
      for (const { piece, linear } of pieces) {
        const own: Linear | undefined = piece === base ? identityOf(base) : linear;
        if (own === undefined || own.value !== base) return undefined;
        for (let i = 0; i < base.width; i++)
          for (let j = 0; j < piece.width; j++) weight[i * width + from + j] = own.weight[i * piece.width + j]!;
        if (own.bias) bias.set(own.bias, from);
        from += piece.width;
      }
      return { value: base, weight, bias: bias.some((b) => b !== 0) ? bias : undefined };
    }
    default:
      return undefined;
  }
}

function identityOf(value: Expression): Linear {
  return scaled(value, [1], [0], Infinity);
}

/** The matrix of scale x + shift, into which a matrix before it goes too. */
function scaled(x: Expression, scale: ArrayLike<number>, shift: ArrayLike<number>, depth: number): Linear {
  const before = x.kind === 'dense' || x.kind === 'columns' || x.kind === 'batchNorm' ? linearOf(x, depth + 1) : undefined;
  const { width } = x;
  const bias = Float64Array.from({ length: width }, (_, j) => column(scale, j) * (before?.bias?.[j] ?? 0) + column(shift, j));
  const shifts = bias.some((b) => b !== 0) ? bias : undefined;
  if (before !== undefined)
    return { value: before.value, weight: before.weight.map((w, k) => w * column(scale, k % width)), bias: shifts };
  const weight = new Float64Array(width * width);
  for (let j = 0; j < width; j++) weight[j * width + j] = column(scale, j);
  return { value: x, weight, bias: shifts };
}

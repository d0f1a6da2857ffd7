// Random graphs around multilayer perceptrons: a grammar of what exporters write and what people do by hand, with everything that
// could be misread (axes, shapes, transposes, types, bounds, orders). Most of them run; none of them is tuned to the importer.

import { keyOf, Random } from '../../src/data/random.js';
import type { Attribute, Tensor, TestGraph, TestNode } from './onnxGraph.js';

/** A value while the graph grows: its dimensions with `rows` rows along axis 0. */
interface Value {
  readonly name: string;
  readonly dims: readonly number[];
}

export interface RandomGraph extends TestGraph {
  readonly rows: number;
  readonly columns: readonly number[];
}

const size = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** The graph of a seed. */
export function randomGraph(seed: number): RandomGraph {
  return new Builder(new Random(keyOf(seed))).graph();
}

class Builder {
  private readonly nodes: TestNode[] = [];
  private readonly tensors: Tensor[] = [];
  private count = 0;
  private readonly opset: number;
  private readonly rows: number;
  private readonly values: Value[] = [];

  constructor(private readonly random: Random) {
    this.opset = this.pick([9, 11, 12, 13, 13, 14, 17, 18, 20]);
    this.rows = this.pick([5, 5, 5, 1]);
  }

  // ---- choices -------------------------------------------------------------------------------------------------------------------

  private pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.random.uniform() * items.length)]!;
  }

  private chance(p: number): boolean {
    return this.random.uniform() < p;
  }

  private number(scale = 1): number {
    // A few bits only, so that half precision holds it and sums come out nearly alike in any order.
    return Math.round(this.random.normal() * 64 * scale) / 64;
  }

  private positive(): number {
    return (1 + Math.floor(this.random.uniform() * 48)) / 32;
  }

  private numbers(count: number, positive = false): number[] {
    return Array.from({ length: count }, () => (positive ? this.positive() : this.number()));
  }

  // ---- building ------------------------------------------------------------------------------------------------------------------

  private fresh(): string {
    return `v${this.count++}`;
  }

  /** A constant in any of the forms a file may hold it in. */
  private constant(dims: readonly number[], values: readonly number[], dataType = 1): string {
    const name = this.fresh();
    const form = this.pick(['raw', 'raw', 'listed'] as const);
    if (dataType !== 1) {
      this.tensors.push({ name, dims, values, dataType, form });
      return name;
    }
    const kind = this.random.uniform();
    if (kind < 0.06 && values.some((v) => v !== 0)) this.tensors.push({ name, dims, values, form: 'sparse' });
    else if (kind < 0.14)
      this.nodes.push({ op: 'Constant', inputs: [], outputs: [name], attributes: { value: { name: '', dims, values, form } } });
    else if (kind < 0.26) {
      const stored = this.pick([10, 11, 16, 10]);
      const inner = this.fresh();
      this.tensors.push({ name: inner, dims, values, dataType: stored === 16 && this.opset < 13 ? 10 : stored, form });
      this.nodes.push({ op: 'Cast', inputs: [inner], outputs: [name], attributes: { to: 1 } });
    } else if (kind < 0.32) {
      const inner = this.fresh();
      this.tensors.push({ name: inner, dims, values, form });
      this.nodes.push({ op: 'Identity', inputs: [inner], outputs: [name] });
    } else this.tensors.push({ name, dims, values, form });
    return name;
  }

  private whole(values: readonly number[], dims: readonly number[] = [values.length]): string {
    return this.constant(dims, values, 7);
  }

  private node(
    op: string,
    inputs: readonly string[],
    dims: readonly number[],
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): Value {
    const output = this.fresh();
    // Now and then an attribute has a typing error, which a runtime refuses.
    const [first] = Object.keys(attributes);
    const given = first !== undefined && this.chance(0.01) ? { ...attributes, [`${first}s`]: attributes[first]! } : attributes;
    this.nodes.push({ op, inputs, outputs: [output], attributes: given, domain });
    return { name: output, dims };
  }

  private scalar(value: number): string {
    return this.constant(this.pick([[], [1]]), [value]);
  }

  graph(): RandomGraph {
    const columns = this.pick([[3], [4], [6], [4], [6], [2, 3], [1, 4], [4, 1]]);
    let value: Value = { name: 'x', dims: [this.rows, ...columns] };
    this.values.push(value);
    const steps = 1 + Math.floor(this.random.uniform() * 6);
    for (let i = 0; i < steps; i++) {
      value = this.step(value);
      this.values.push(value);
    }
    const outputs = this.chance(0.04) && this.values.length > 2 ? [this.values[1]!.name, value.name] : [value.name];
    if (outputs[0] === 'x' || value.name === 'x') {
      value = this.node('Identity', [value.name], value.dims);
      outputs.splice(0, outputs.length, value.name);
    }
    const nodes = [...this.nodes];
    if (this.chance(0.1)) nodes.sort(() => this.random.uniform() - 0.5);
    const free = this.rows > 1 && this.chance(0.75);
    return {
      nodes,
      tensors: this.tensors,
      input: { name: 'x', dims: [free ? 'rows' : this.rows, ...columns] },
      outputs,
      opset: this.opset,
      rows: this.rows,
      columns,
    };
  }

  private step(x: Value): Value {
    const flat = x.dims.length === 2;
    const roll = this.random.uniform();
    if (roll < 0.25) return this.linear(x);
    if (roll < 0.38) return this.arithmetic(x);
    if (roll < 0.58) return this.activation(x);
    if (roll < 0.68) return this.composed(x);
    if (roll < 0.74) return this.norm(x);
    if (roll < 0.78) return this.softmax(x);
    if (roll < 0.92 || !flat) return this.layout(x);
    return this.residual(x);
  }

  private linear(x: Value): Value {
    const last = x.dims[x.dims.length - 1]!;
    const out = this.pick([1, 2, 3, 4, 6]);
    const weights = () => this.numbers(last * out).map((v) => v / 2);
    if (x.dims.length !== 2 || this.chance(0.45)) {
      if (x.dims.length === 2 && this.chance(0.12)) {
        // (W x^T)^T
        const turned = this.node('Transpose', [x.name], [last, x.dims[0]!], { perm: [1, 0] });
        const made = this.node('MatMul', [this.constant([out, last], weights()), turned.name], [out, x.dims[0]!]);
        return this.node('Transpose', [made.name], [x.dims[0]!, out], this.chance(0.5) ? { perm: [1, 0] } : {});
      }
      const dims = this.chance(0.1) ? [1, last, out] : [last, out];
      const lead = dims.length > x.dims.length ? [1] : [];
      const made = this.node('MatMul', [x.name, this.constant(dims, weights())], [...lead, ...x.dims.slice(0, -1), out]);
      return this.chance(0.7) ? this.arithmetic(made, 'Add') : made;
    }
    const attributes: Record<string, Attribute> = {};
    const turned = this.chance(0.5);
    if (turned || this.chance(0.2)) attributes['transB'] = turned ? 1 : 0;
    if (this.chance(0.2)) attributes['alpha'] = { float: this.pick([0.5, 2, -1]) };
    if (this.chance(0.2)) attributes['beta'] = { float: this.pick([0.5, 2, 0]) };
    const inputs = [x.name, this.constant(turned ? [out, last] : [last, out], weights())];
    if (this.chance(0.8)) {
      const dims = this.pick([[out], [1, out], [out], [], [1], [1, 1], [x.dims[0]!, 1], [x.dims[0]!, out]]);
      const values = this.numbers(size(dims));
      const same = this.chance(0.3) && dims[0] === x.dims[0] && dims.length === 2;
      inputs.push(this.constant(dims, same ? values.map((_, i) => values[i % dims[1]!]!) : values));
    }
    if (this.chance(0.06)) {
      const back = this.node('Transpose', [x.name], [last, x.dims[0]!]);
      inputs[0] = back.name;
      attributes['transA'] = 1;
    }
    return this.node('Gemm', inputs, [x.dims[0]!, out], attributes);
  }

  private arithmetic(x: Value, given?: string): Value {
    const op = given ?? this.pick(['Add', 'Sub', 'Mul', 'Div', 'Add', 'Mul']);
    const last = x.dims[x.dims.length - 1]!;
    const dims = this.pick([
      [last],
      [last],
      [1, last],
      [],
      [1],
      [1, 1],
      [1, ...x.dims.slice(1)],
      x.dims.slice(1),
      [last, 1],
      [x.dims[0]!, 1],
      [1, 1, 1, last],
    ]);
    const values = this.numbers(size(dims), op === 'Div' || this.chance(0.5));
    const c = this.constant(dims, values);
    const rank = Math.max(dims.length, x.dims.length);
    const at = (list: readonly number[], i: number) => list[i - rank + list.length] ?? 1;
    const made = Array.from({ length: rank }, (_, i) => Math.max(at(dims, i), at(x.dims, i)));
    const swap = this.chance(0.25) && op !== 'Div';
    return this.node(op, swap ? [c, x.name] : [x.name, c], made);
  }

  private activation(x: Value): Value {
    const { dims } = x;
    const last = dims[dims.length - 1]!;
    const alpha = (...values: number[]): Record<string, Attribute> =>
      this.chance(0.4) ? {} : { alpha: { float: this.pick(values) } };
    const make = (op: string, attributes: Record<string, Attribute> = {}, ...more: string[]) =>
      this.node(op, [x.name, ...more], dims, attributes);
    const choices: (() => Value)[] = [
      () => make('Relu'),
      () => make('Relu'),
      () => make('Sigmoid'),
      () => make('Tanh'),
      () => make('LeakyRelu', alpha(0.2, 0, -0.5, 1, 3)),
      () => make('Elu', alpha(0.5, 2, 1)),
      () => make('Selu', this.chance(0.3) ? { alpha: { float: 1.5 } } : {}),
      () => make('Softplus'),
      () => make('Softsign'),
      () => make('Abs'),
      () => make('Neg'),
      () => make('Erf'),
      () => make('Sign'),
      () => make('ThresholdedRelu', this.opset >= 10 ? alpha(0, 0.5, 1) : {}),
      () =>
        make(
          'HardSigmoid',
          this.chance(0.4) ? {} : { alpha: { float: this.pick([1 / 6, 0.5, -0.25]) }, beta: { float: this.pick([0.5, 0, 0.3]) } },
        ),
      () => make('PRelu', {}, this.constant(...this.slope(dims, last))),
      () => this.clip(x),
      () => this.clip(x),
      ...(this.opset >= 12 ? [() => make('Celu', alpha(0.5, 2))] : []),
      ...(this.opset >= 14 ? [() => make('HardSwish')] : []),
      ...(this.opset >= 18 ? [() => make('Mish')] : []),
      ...(this.opset >= 20 ? [() => make('Gelu', this.chance(0.5) ? { approximate: this.pick(['tanh', 'none']) } : {})] : []),
    ];
    return this.pick(choices)();
  }

  private slope(dims: readonly number[], last: number): [number[], number[]] {
    const shape = this.pick([[1], [last], [], [...dims.slice(1)]]);
    return [shape, this.numbers(size(shape)).map((v) => (this.chance(0.7) ? Math.abs(v) : v))];
  }

  private clip(x: Value): Value {
    const bounds = this.pick([
      [0, 6],
      [0, 100],
      [-1, 1],
      [-3, 3],
      [0.25, 2],
      [0, 1e-3],
      [-2, 50],
      [0, 0.5],
      [-1e4, 1e4],
    ] as const);
    const [low, high] = [this.chance(0.8) ? bounds[0] : undefined, this.chance(0.8) ? bounds[1] : undefined];
    if (this.opset < 11) {
      const attributes: Record<string, Attribute> = {};
      if (low !== undefined) attributes['min'] = { float: low };
      if (high !== undefined) attributes['max'] = { float: high };
      return this.node('Clip', [x.name], x.dims, attributes);
    }
    const bound = (v: number | undefined) => (v === undefined ? '' : this.constant([], [v]));
    return this.node(
      'Clip',
      high === undefined ? (low === undefined ? [x.name] : [x.name, bound(low)]) : [x.name, bound(low), bound(high)],
      x.dims,
    );
  }

  /** Functions of several operators. */
  private composed(x: Value): Value {
    const { dims } = x;
    const unary = (op: string, v: Value, attributes: Record<string, Attribute> = {}) => this.node(op, [v.name], dims, attributes);
    const binary = (op: string, a: Value | number, b: Value | number) =>
      this.node(
        op,
        [a, b].map((v) => (typeof v === 'number' ? this.scalar(v) : v.name)),
        dims,
      );
    const threshold = this.pick([0, 0, 1e-3, -1e-3, 0.5, -1, 2, 30]);
    const compare = this.pick(this.opset >= 12 ? ['Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual'] : ['Greater', 'Less']);
    const choices: (() => Value)[] = [
      () => binary('Max', x, threshold),
      () => binary('Min', x, threshold),
      () => binary('Max', binary('Min', x, threshold + 1.5), threshold - 1),
      () => this.node('Where', [binary(compare, x, threshold).name, x.name, this.scalar(this.pick([0, 1, threshold]))], dims),
      () => this.node('Where', [binary(compare, x, threshold).name, x.name, binary('Mul', x, this.number()).name], dims),
      () => unary('Cast', binary(compare, x, threshold), { to: 1 }),
      () =>
        this.node('Where', [binary(compare, x, threshold).name, this.scalar(this.number()), this.scalar(this.number())], dims),
      () => unary('Cast', unary('Not', binary(compare, x, threshold)), { to: 1 }),
      () =>
        unary('Cast', binary(this.pick(['And', 'Or', 'Xor']), binary('Greater', x, threshold), binary('Less', x, 1)), { to: 1 }),
      () => this.node('Where', [binary(compare, x, threshold).name, unary('Tanh', x).name, x.name], dims),
      () => binary('Mul', binary('Mul', x, 0.5), binary('Add', unary('Erf', binary('Div', x, Math.SQRT2)), 1)),
      () => binary('Mul', x, unary('Sigmoid', x)),
      () => binary('Mul', x, unary('Sigmoid', binary('Mul', x, this.pick([1, 1.702, 2])))),
      () => binary('Mul', x, unary('Tanh', unary('Softplus', x))),
      () => unary('Log', binary('Add', unary('Exp', x), 1)),
      () => binary('Div', x, binary('Add', unary('Abs', x), 1)),
      () => binary('Div', 1, binary('Add', unary('Exp', unary('Neg', x)), 1)),
      () => binary('Mul', x, unary('HardSigmoid', x, { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })),
      () => binary('Div', binary('Mul', x, this.clip(binary('Add', x, 3))), 6),
      () => binary('Div', binary('Max', binary('Min', binary('Add', x, 3), 6), 0), 6),
      () => binary('Sub', binary('Mul', unary('Sigmoid', binary('Mul', x, 2)), 2), 1),
      () => binary('Add', unary('Relu', x), binary('Mul', unary('Relu', unary('Neg', x)), this.number())),
      () => binary('Add', binary('Max', x, 0), binary('Min', binary('Mul', binary('Sub', unary('Exp', x), 1), 0.7), 0)),
      () => binary('Mul', x, binary('Min', unary('Sigmoid', x), 0.9)),
      () => binary('Pow', x, this.pick([1, 2, 3])),
      () => unary('Sqrt', binary('Add', binary('Mul', x, x), 1)),
      () => this.clip(unary('Exp', x)),
      () => this.clip(unary('Tanh', x)),
    ];
    return this.pick(choices)();
  }

  private norm(x: Value): Value {
    const { dims } = x;
    const last = dims[dims.length - 1]!;
    const axis = this.chance(0.75) ? -1 : this.pick([1, dims.length - 1]);
    const epsilon = this.pick([1e-5, 1e-3]);
    const roll = this.random.uniform();
    if (roll < 0.4 && dims.length >= 2) {
      const channels = dims[1]!;
      const inputs = [false, false, false, true].map((positive) => this.constant([channels], this.numbers(channels, positive)));
      return this.node('BatchNormalization', [x.name, ...inputs], dims, this.chance(0.6) ? { epsilon: { float: epsilon } } : {});
    }
    if (roll < 0.7 && this.opset >= 17) {
      const shape = axis < 0 ? [last] : dims.slice(axis);
      const inputs = [this.constant(shape, this.numbers(size(shape)))];
      if (this.chance(0.7)) inputs.push(this.constant(shape, this.numbers(size(shape))));
      return this.node('LayerNormalization', [x.name, ...inputs], dims, { axis, epsilon: { float: epsilon } });
    }
    // Written out, over the last axis.
    const kept = [...dims.slice(0, -1), 1];
    const mean = (v: Value) =>
      this.opset < 18
        ? this.node('ReduceMean', [v.name], kept, { axes: [-1] })
        : this.node('ReduceMean', [v.name, this.whole([-1])], kept);
    const centred = this.node('Sub', [x.name, mean(x).name], dims);
    const squared = this.chance(0.5)
      ? this.node('Mul', [centred.name, centred.name], dims)
      : this.node('Pow', [centred.name, this.scalar(2)], dims);
    const root = this.node('Sqrt', [this.node('Add', [mean(squared).name, this.scalar(epsilon)], kept).name], kept);
    const normed = this.node('Div', [centred.name, root.name], dims);
    if (this.chance(0.3)) return normed;
    const scaled = this.node('Mul', [normed.name, this.constant([last], this.numbers(last))], dims);
    return this.node('Add', [scaled.name, this.constant([last], this.numbers(last))], dims);
  }

  private softmax(x: Value): Value {
    const rank = x.dims.length;
    const axes = [-1, rank - 1, 1, 0].slice(0, this.chance(0.85) ? 3 : 4);
    return this.node(
      this.pick(['Softmax', 'Softmax', 'LogSoftmax']),
      [x.name],
      x.dims,
      this.chance(0.3) ? {} : { axis: this.pick(axes) },
    );
  }

  private layout(x: Value): Value {
    const { dims } = x;
    const [rows, ...inner] = dims as [number, ...number[]];
    const width = size(inner);
    const last = dims.length - 1;
    const choices: (() => Value)[] = [
      () => this.node('Identity', [x.name], dims),
      () => this.node('Dropout', [x.name], dims),
      () => this.node('Cast', [x.name], dims, { to: this.pick([1, 1, 1, 11, 7]) }),
      () => this.node('Flatten', [x.name], [rows, width], this.chance(0.5) ? {} : { axis: this.pick([1, 1, 0]) }),
      () => this.reshape(x, [rows, width]),
      () => this.reshape(x, width % 2 === 0 ? [rows, 2, width / 2] : [rows, width, 1]),
      () => this.reshape(x, [rows, 1, width]),
      () => this.reshape(x, width % 2 === 0 ? [rows * 2, width / 2] : [rows, width]),
      () => this.unsqueeze(x, this.pick([1, last + 1, 0, -1])),
      () => this.squeeze(x),
      () => {
        const perm = dims.map((_, i) => i);
        const [a, b] = dims.length > 2 ? [1, 2] : [0, last];
        [perm[a], perm[b]] = [b, a];
        const turned = this.node(
          'Transpose',
          [x.name],
          perm.map((i) => dims[i]!),
          { perm },
        );
        return dims.length > 2 || this.chance(0.3) ? turned : this.node('Transpose', [turned.name], dims, { perm });
      },
      () => {
        const axis = this.pick([last, last, -1]);
        const n = dims[last]!;
        const indices = Array.from(
          { length: this.pick([1, 2, n]) },
          () => Math.floor(this.random.uniform() * n) - (this.chance(0.2) ? n : 0),
        );
        return this.node('Gather', [x.name, this.whole(indices)], [...dims.slice(0, -1), indices.length], { axis });
      },
      () => {
        const n = dims[last]!;
        const indices = Array.from({ length: this.pick([1, 2]) }, () => Math.floor(this.random.uniform() * n));
        return this.node(
          'ArrayFeatureExtractor',
          [x.name, this.whole(indices)],
          [...dims.slice(0, -1), indices.length],
          {},
          'ai.onnx.ml',
        );
      },
      () => this.slice(x),
      () => this.split(x),
      () => this.concat(x),
      () => this.dynamic(x),
      () => this.shaped(x),
    ];
    return this.pick(choices)();
  }

  private reshape(x: Value, dims: readonly number[]): Value {
    const hidden = this.random.uniform();
    const rest = this.pick([0, dims.length - 1]);
    const shape = dims.map((n, i) => (hidden < 0.6 && i === rest ? -1 : i === 0 && hidden >= 0.6 && hidden < 0.9 ? 0 : n));
    const zero = shape[0] === 0 && dims[0] !== x.dims[0];
    return this.node('Reshape', [x.name, this.whole(zero ? dims : shape)], dims);
  }

  private unsqueeze(x: Value, axis: number): Value {
    const rank = x.dims.length + 1;
    const at = axis < 0 ? axis + rank : axis;
    const dims = [...x.dims.slice(0, at), 1, ...x.dims.slice(at)];
    if (this.opset >= 13) return this.node('Unsqueeze', [x.name, this.whole([axis])], dims);
    return this.node('Unsqueeze', [x.name], dims, { axes: [this.opset < 11 ? at : axis] });
  }

  private squeeze(x: Value): Value {
    const axes = x.dims.flatMap((n, i) => (n === 1 && (i > 0 || this.chance(0.2)) ? [i] : []));
    if (axes.length === 0) return this.unsqueeze(x, x.dims.length);
    const gone = this.pick(axes);
    const dims = x.dims.filter((_, i) => i !== gone);
    if (this.opset >= 13) return this.node('Squeeze', [x.name, this.whole([gone])], dims);
    return this.node('Squeeze', [x.name], dims, { axes: [gone] });
  }

  private slice(x: Value): Value {
    const axis = x.dims.length - 1;
    const n = x.dims[axis]!;
    const start = Math.floor(this.random.uniform() * n);
    const step = this.opset >= 10 ? this.pick([1, 1, 2, -1]) : 1;
    const [from, to] = step > 0 ? [start, this.pick([n, 2 ** 31 - 1])] : [n - 1, -n - 1];
    const count = step > 0 ? Math.ceil((n - start) / step) : n;
    const dims = [...x.dims.slice(0, -1), count];
    if (this.opset < 10) return this.node('Slice', [x.name], dims, { starts: [from], ends: [to], axes: [axis] });
    const inputs = [from, to, axis, step].map((v) => this.whole([v]));
    return this.node('Slice', [x.name, ...inputs], dims);
  }

  private split(x: Value): Value {
    const axis = x.dims.length - 1;
    const n = x.dims[axis]!;
    if (n < 2) return x;
    const first = 1 + Math.floor(this.random.uniform() * (n - 1));
    const outputs = [this.fresh(), this.fresh()];
    const sizes = [first, n - first];
    if (this.opset >= 13) this.nodes.push({ op: 'Split', inputs: [x.name, this.whole(sizes)], outputs, attributes: { axis } });
    else this.nodes.push({ op: 'Split', inputs: [x.name], outputs, attributes: { axis, split: sizes } });
    const parts = outputs.map((name, i): Value => ({ name, dims: [...x.dims.slice(0, -1), sizes[i]!] }));
    if (this.chance(0.4)) return this.pick(parts);
    const [a, b] = this.chance(0.5) ? parts : [...parts].reverse();
    const right = this.chance(0.3) ? this.activation(b!) : b!;
    const left = this.chance(0.3) ? this.activation(a!) : a!;
    return this.node('Concat', [left.name, right.name], x.dims, { axis: this.pick([axis, -1]) });
  }

  /** Two heads side by side. */
  private concat(x: Value): Value {
    const axis = x.dims.length - 1;
    const heads = [this.linear(x), this.chance(0.6) ? this.linear(x) : x];
    const [a, b] = this.chance(0.4) ? heads.map((head) => this.node('Relu', [head.name], head.dims)) : heads;
    const dims = [...x.dims.slice(0, -1), a!.dims[a!.dims.length - 1]! + b!.dims[b!.dims.length - 1]!];
    return this.node('Concat', [a!.name, b!.name], dims, { axis });
  }

  /** x.view(x.size(0), -1) */
  private dynamic(x: Value): Value {
    const shape = this.node('Shape', [x.name], [x.dims.length]);
    const rows = this.node('Gather', [shape.name, this.whole([0], [])], [], { axis: 0 });
    const axes = this.opset >= 13 ? [this.whole([0])] : [];
    const line = this.node('Unsqueeze', [rows.name, ...axes], [1], this.opset >= 13 ? {} : { axes: [0] });
    const target = this.node('Concat', [line.name, this.whole([-1])], [2], { axis: 0 });
    return this.node('Reshape', [x.name, target.name], [x.dims[0]!, size(x.dims.slice(1))]);
  }

  /** A constant of the shape of x, added. */
  private shaped(x: Value): Value {
    const shape = this.node('Shape', [x.name], [x.dims.length]);
    const attributes: Record<string, Attribute> = this.chance(0.5)
      ? {}
      : { value: { name: '', dims: [1], values: [this.number()] } };
    const filled = this.node('ConstantOfShape', [shape.name], x.dims, attributes);
    return this.node(this.pick(['Add', 'Mul']), [x.name, filled.name], x.dims);
  }

  private residual(x: Value): Value {
    const width = x.dims[1]!;
    const rows = x.dims[0]!;
    const matrix = (v: Value, out: number, bias: boolean) =>
      this.node(
        'Gemm',
        [
          v.name,
          this.constant(
            [v.dims[1]!, out],
            this.numbers(v.dims[1]! * out).map((w) => w / 2),
          ),
          ...(bias ? [this.constant([out], this.numbers(out))] : []),
        ],
        [rows, out],
      );
    const out = this.chance(0.6) ? width : this.pick([2, 3, 5]);
    const hidden = this.activation(matrix(x, this.pick([2, 4]), true));
    let inside = matrix(hidden, out, this.chance(0.7));
    if (this.chance(0.2)) inside = this.activation(inside);
    const skip = out !== width || this.chance(0.3) ? matrix(x, out, this.chance(0.5)) : x;
    const op = this.pick(['Add', 'Add', 'Add', 'Sub', 'Mul']);
    const sides = this.chance(0.5) ? [inside, skip] : [skip, inside];
    return this.node(
      op,
      sides.map(({ name }) => name),
      [rows, out],
    );
  }
}

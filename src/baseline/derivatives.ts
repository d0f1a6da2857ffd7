// Training on input gradients g = d output / d x, as the textbook has it: differentiate the network, then differentiate what came
// out. The loss on g has the gradient, in the weights, of the tangent of the output along c = d (loss on g) / d g with c held fixed;
// and the tangent of a network is one more network beside it, with the weights in common:
//
//   y = f(z), z = x W + b      y' = f'(z) z', z' = x' W      for each layer, x' = c for the first
//
// Back through it: with u = d output / d y (which d y' is too) and v = u f'(z), the weights get x'^T v, and z gets u f''(z) z', which
// joins the ordinary backward pass on its way. See: Huge and Savine 2020, https://arxiv.org/abs/2005.02347

import { LayerKind } from '../../assembly/abi.js';
import type { NetworkPlan, TensorRole } from '../plan/network.js';
import type { Derivatives } from '../training/backend.js';
import { activateBackward, bend } from './activations.js';
import type { Dense } from './dense.js';
import { add, copy, type Allocate, type Layer, type Pass } from './layer.js';
import { blocked, type Values } from './products.js';

/** What is read of the backend. */
interface Backend {
  readonly sampleWeights: Values;
  setOutputGradient(gradient: ArrayLike<number>): void;
  backward(inputs: boolean, parameters: boolean): void;
  inputGradients(): Values;
}

/** d output / d y of each layer, and d output / d z of the dense ones, of one output; and d output / d x. */
interface Adjoint {
  readonly u: Values[];
  readonly v: Values[];
  readonly g: Values;
}

export class PlainDerivatives implements Derivatives {
  targets: Values;
  readonly stride: number;
  weights: Values;
  private wanted = false;
  private rows = 0;

  constructor(
    private readonly backend: Backend,
    private readonly plan: NetworkPlan,
    private readonly layers: readonly Layer[],
    private readonly pass: Pass,
    private readonly allocate: Allocate,
  ) {
    this.stride = plan.outputs * plan.inputs;
    this.targets = this.weights = allocate(0);
  }

  want(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.weights = this.allocate(this.stride);
    this.reserve(this.rows);
  }

  /** The window has that many rows. */
  reserve(rows: number): void {
    this.rows = rows;
    if (this.wanted) this.targets = this.allocate(rows * this.stride);
  }

  loss(first: number, weighted: boolean, divisor: number, learns: boolean): number {
    const { pass, plan } = this;
    const turned = this.layers.map(({ plan: { outputs } }) => new Float64Array(pass.rows * outputs));
    let sum = 0;
    for (let output = 0; output < plan.outputs; output++) {
      const adjoint = this.adjoint(output);
      const { loss, c } = this.differences(adjoint.g, first, output, weighted, divisor);
      sum += loss;
      if (learns) this.tangent(c, adjoint, turned, true);
    }
    if (learns) for (const [l, layer] of this.layers.entries()) layer.turned = turned[l];
    return sum / (pass.rows * this.stride);
  }

  hessianProduct(output: number): Values {
    const { pass, plan, stride } = this;
    const direction = this.allocate(pass.rows * plan.inputs);
    for (let i = 0; i < pass.rows; i++)
      for (let j = 0; j < plan.inputs; j++) direction[i * plan.inputs + j] = this.targets[i * stride + j]!;
    const turned = this.layers.map((layer) => new Float64Array(pass.rows * layer.plan.outputs));
    this.tangent(direction, this.adjoint(output), turned, false);
    for (const [l, layer] of this.layers.entries()) layer.turned = turned[l];
    this.backend.setOutputGradient(new Float64Array(pass.rows * plan.outputs));
    this.backend.backward(true, false);
    return this.backend.inputGradients();
  }

  /** Sum of squared differences between g and its targets, and its gradient in g divided by what the loss divides by. */
  private differences(g: Values, first: number, output: number, weighted: boolean, divisor: number) {
    const { stride, targets, weights } = this;
    const { inputs } = this.plan;
    const c = this.allocate(g.length);
    let loss = 0;
    for (let i = 0; i < this.pass.rows; i++) {
      const share = weighted ? this.backend.sampleWeights[first + i]! : 1;
      if (share === 0) continue; // absent
      for (let j = 0; j < inputs; j++) {
        const column = output * inputs + j;
        const difference = g[i * inputs + j]! - targets[(first + i) * stride + column]!;
        const weight = share * weights[column]!;
        loss += weight * difference * difference;
        c[i * inputs + j] = (2 * weight * difference) / (stride * divisor);
      }
    }
    return { loss, c };
  }

  private adjoint(output: number): Adjoint {
    const { layers, pass } = this;
    const u: Values[] = [];
    const v: Values[] = [];
    let dy = this.allocate(pass.rows * this.plan.outputs);
    for (let i = 0; i < pass.rows; i++) dy[i * this.plan.outputs + output] = 1;
    for (let l = layers.length - 1; l >= 0; l--) {
      const layer = layers[l]!;
      this.gather(l, dy, u);
      const { inputs, outputs, activation, rescale, partner } = layer.plan;
      const { kind, column } = layer.plan;
      const before =
        kind === LayerKind.ResidualEnd ? outputs : kind === LayerKind.Edge ? (layers[l - 1]?.plan.outputs ?? 0) : inputs;
      const dx = this.allocate(pass.rows * before);
      u[l] = dy;
      switch (layer.plan.kind) {
        case LayerKind.Dense: {
          const dz = this.allocate(dy.length);
          v[l] = dz;
          activateBackward(activation, undefined, dz, dy, (layer as Dense).z, layer.y, pass.rows, outputs);
          blocked.inputGradient(dx, dz, this.tensor(layer, 'weight'), pass.rows, inputs, outputs);
          break;
        }
        case LayerKind.Activation:
          activateBackward(activation, undefined, dx, dy, layer.x, layer.y, pass.rows, outputs);
          break;
        case LayerKind.Rescale: {
          const gain = this.tensor(layer, 'gain');
          for (let k = 0; k < dx.length; k++) dx[k] = dy[k]! * (gain[k % outputs]! / rescale!.scale[k % outputs]!);
          break;
        }
        case LayerKind.Edge:
          if (column > 0) copy(dx, dy, dx.length); // the columns of all edges of one reader; the first hands nothing to the layer before it
          break;
        case LayerKind.ResidualBegin: {
          const end = layers[partner]!;
          copy(dx, dy, dx.length);
          if (end.plan.projection)
            blocked.inputGradient(dx, u[partner]!, this.tensor(end, 'weight'), pass.rows, inputs, end.plan.outputs);
          else add(dx, u[partner]!, dx.length);
          break;
        }
        default: // ResidualEnd: the other kinds were refused
          copy(dx, dy, dx.length);
      }
      dy = dx;
    }
    this.gather(-1, dy, u);
    return { u, v, g: dy };
  }

  /** d output / d y of layer l (-1: of the inputs) gains what came back along the edges that leave it. */
  private gather(l: number, dy: Values, u: readonly Values[]): void {
    for (const [e, { plan }] of this.layers.entries())
      if (plan.kind === LayerKind.Edge && plan.partner === l) {
        const { inputs, outputs, column } = plan;
        for (let i = 0; i < this.pass.rows; i++)
          for (let j = 0; j < inputs; j++) dy[i * inputs + j] = dy[i * inputs + j]! + u[e]![i * outputs + column + j]!;
      }
  }

  /** The tangent network along c; `turned` gains what it makes of second derivatives, with `learns` the weights their part. */
  private tangent(c: Values, { u, v }: Adjoint, turned: readonly Float64Array[], learns: boolean): void {
    const { layers, pass } = this;
    const entering: Values[] = []; // x' of each layer
    let x = c;
    for (const [l, layer] of layers.entries()) {
      const { inputs, outputs, rescale, partner, column } = layer.plan;
      entering[l] = x;
      if (layer.plan.kind === LayerKind.ResidualBegin) continue;
      let y = this.allocate(pass.rows * outputs);
      switch (layer.plan.kind) {
        case LayerKind.Dense: {
          if (learns) blocked.weightGradient(this.gradient(layer, 'weight'), x, v[l]!, pass.rows, inputs, outputs);
          blocked.forward(y, x, this.tensor(layer, 'weight'), pass.rows, inputs, outputs);
          y = this.through(l, (layer as Dense).z, y, u[l]!, turned[l]!);
          break;
        }
        case LayerKind.Activation:
          y = this.through(l, layer.x, x, u[l]!, turned[l]!);
          break;
        case LayerKind.Rescale: {
          const gain = this.tensor(layer, 'gain');
          for (let k = 0; k < y.length; k++) {
            const j = k % outputs;
            y[k] = x[k]! * (gain[j]! / rescale!.scale[j]!);
            if (learns) this.gradient(layer, 'gain')[j]! += u[l]![k]! * (x[k]! / rescale!.scale[j]!);
          }
          break;
        }
        case LayerKind.Edge: {
          const source = partner < 0 ? c : entering[partner + 1]!;
          if (column > 0) copy(y, x, y.length);
          for (let i = 0; i < pass.rows; i++)
            for (let j = 0; j < inputs; j++) y[i * outputs + column + j] = source[i * inputs + j]!;
          break;
        }
        default: {
          // ResidualEnd
          const shortcut = entering[partner]!;
          copy(y, x, y.length);
          if (!layer.plan.projection) add(y, shortcut, y.length);
          else {
            if (learns) blocked.weightGradient(this.gradient(layer, 'weight'), shortcut, u[l]!, pass.rows, inputs, outputs);
            blocked.forward(y, shortcut, this.tensor(layer, 'weight'), pass.rows, inputs, outputs);
          }
        }
      }
      x = y;
    }
  }

  /** y' = f'(z) z'; turned += u f''(z) z'. */
  private through(l: number, z: Values, dz: Values, u: Values, turned: Float64Array): Values {
    const { plan, y } = this.layers[l]!;
    const bent = bend(plan.activation, u, z, y, dz.length);
    for (let k = 0; k < dz.length; k++) turned[k]! += bent[k]! * dz[k]!;
    const out = this.allocate(dz.length);
    activateBackward(plan.activation, undefined, out, dz, z, y, this.pass.rows, plan.outputs);
    return out;
  }

  private tensor(layer: Layer, role: TensorRole): Values {
    return this.pass.tensors[layer.plan.tensors[role]!]!;
  }

  private gradient(layer: Layer, role: TensorRole): Values {
    return this.pass.gradients[layer.plan.tensors[role]!]!;
  }
}

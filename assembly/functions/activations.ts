// Activations: one small class per rule, its value and its derivative side by side, by family in activations/; here the list of them by id. sweeps.ts
// runs them over matrices. NaN in, NaN out, for every rule. Softmax, log-softmax and PReLU are no rules of one number: they are in sweeps.ts.

import { Activation } from '../abi';
import { Sigmoid, Softsign, Tanh } from './activations/bounded';
import { Celu, Elu, Selu, Softplus } from './activations/exponential';
import { Gelu, GeluTanh, Mish, Silu } from './activations/gated';
import { HardSigmoid, HardSwish, Identity, LeakyRelu, Linear, Polynomial, Relu, Sign, Step } from './activations/pieces';
import { Rule } from './activations/rule';

/** What is done with a rule over some rows: it reads `source`, and `second` where it has two, and writes `at`. */
@unmanaged
export class Sweep {
  over<R extends Rule>(at: usize, source: usize, second: usize, rows: i32): void {}
}

/** Hands the sweep the rule of an id: the only list of the rules by id. An id that is none of them traps, in every build. */
export function sweepRule<S extends Sweep>(id: Activation, sweep: S, at: usize, source: usize, second: usize, rows: i32): void {
  switch (id) {
    case Activation.Identity:
      sweep.over<Identity>(at, source, second, rows);
      break;
    case Activation.Linear:
      sweep.over<Linear>(at, source, second, rows);
      break;
    case Activation.Sign:
      sweep.over<Sign>(at, source, second, rows);
      break;
    case Activation.Step:
      sweep.over<Step>(at, source, second, rows);
      break;
    case Activation.Sigmoid:
      sweep.over<Sigmoid>(at, source, second, rows);
      break;
    case Activation.Tanh:
      sweep.over<Tanh>(at, source, second, rows);
      break;
    case Activation.Relu:
      sweep.over<Relu>(at, source, second, rows);
      break;
    case Activation.LeakyRelu:
      sweep.over<LeakyRelu>(at, source, second, rows);
      break;
    case Activation.Elu:
      sweep.over<Elu>(at, source, second, rows);
      break;
    case Activation.Celu:
      sweep.over<Celu>(at, source, second, rows);
      break;
    case Activation.Selu:
      sweep.over<Selu>(at, source, second, rows);
      break;
    case Activation.Gelu:
      sweep.over<Gelu>(at, source, second, rows);
      break;
    case Activation.GeluTanh:
      sweep.over<GeluTanh>(at, source, second, rows);
      break;
    case Activation.Silu:
      sweep.over<Silu>(at, source, second, rows);
      break;
    case Activation.Softplus:
      sweep.over<Softplus>(at, source, second, rows);
      break;
    case Activation.Softsign:
      sweep.over<Softsign>(at, source, second, rows);
      break;
    case Activation.Mish:
      sweep.over<Mish>(at, source, second, rows);
      break;
    case Activation.HardSigmoid:
      sweep.over<HardSigmoid>(at, source, second, rows);
      break;
    case Activation.HardSwish:
      sweep.over<HardSwish>(at, source, second, rows);
      break;
    case Activation.Polynomial:
      sweep.over<Polynomial>(at, source, second, rows);
      break;
    default:
      unreachable();
  }
}

/** Whether the derivative reads z. Where it does not, it reads y alone, and y may overwrite z. */
export function needsInput(id: i32): bool {
  switch (id) {
    case Activation.Prelu:
    case Activation.Gelu:
    case Activation.GeluTanh:
    case Activation.Silu:
    case Activation.Mish:
    case Activation.HardSwish:
    case Activation.Polynomial:
      return true;
    default:
      return false;
  }
}

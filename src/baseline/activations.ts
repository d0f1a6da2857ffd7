// Activations, one number at a time: value and derivative side by side. Everywhere z is the weighted input z = x W + b of
// a unit and y = f(z) its activation; the derivative is with respect to z. Where a rule has a kink the derivative is that of
// the left side, as in PyTorch. NaN in, NaN out; infinities give the limits.
// Functions are those of Math, the fastest plain JavaScript has: engines may differ in the last bit of a double.

import { normalDistribution, sigmoid, softplus } from '../data/special.js';
import type { ActivationName, ResolvedActivation } from '../plan/activations.js';
import type { Values } from './products.js';

interface Rule {
  /** y = f(z); a and b are the rule's parameters (for PReLU a is the unit's learned slope), c a polynomial's coefficients. */
  readonly value: (z: number, a: number, b: number, c?: readonly number[]) => number;
  /** f'(z), given z and y. */
  readonly derivative: (z: number, y: number, a: number, b: number, c?: readonly number[]) => number;
  /** f''(z), 0 where there is none. */
  readonly second: (z: number, y: number, a: number, b: number, c?: readonly number[]) => number;
}

const zero = () => 0;
const square = [0, 0, 1];

const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);

/** The rules that work element by element: all but softmax and logSoftmax, whose outputs depend on the whole row. */
export const rules: Readonly<Record<Exclude<ActivationName, 'softmax' | 'logSoftmax'>, Rule>> = {
  identity: { value: (z) => z, derivative: () => 1, second: zero },
  /** a z + b */
  linear: { value: (z, a, b) => a * z + b, derivative: (_z, _y, a) => a, second: zero },
  /** -1, 0 or 1 */
  sign: { value: (z) => Math.sign(z), derivative: () => 0, second: zero },
  /** 1 from 0 up: the perceptron's threshold */
  step: { value: (z) => (z >= 0 ? 1 : z !== z ? z : 0), derivative: () => 0, second: zero },
  /** 1 / (1 + e^-z) */
  sigmoid: { value: sigmoid, derivative: (_z, y) => y * (1 - y), second: (_z, y) => y * (1 - y) * (1 - 2 * y) },
  tanh: { value: (z) => Math.tanh(z), derivative: (_z, y) => (1 - y) * (1 + y), second: (_z, y) => -2 * y * (1 - y) * (1 + y) },
  /** max(0, z) */
  relu: { value: (z) => Math.max(z, 0), derivative: (z) => (z > 0 ? 1 : 0), second: zero },
  leakyRelu: { value: (z, a) => (z >= 0 ? z : a * z), derivative: (z, _y, a) => (z > 0 ? 1 : a), second: zero },
  prelu: { value: (z, a) => (z >= 0 ? z : a * z), derivative: (z, _y, a) => (z > 0 ? 1 : a), second: zero },
  /** a (e^z - 1) below 0 */
  elu: {
    value: (z, a) => (z >= 0 ? z : a * Math.expm1(z)),
    derivative: (z, _y, a) => (z > 0 ? 1 : a * Math.exp(z)),
    second: (z, _y, a) => (z > 0 ? 0 : a * Math.exp(z)),
  },
  /** a (e^(z / a) - 1) below 0 */
  celu: {
    value: (z, a) => (z >= 0 ? z : a * Math.expm1(z / a)),
    derivative: (z, _y, a) => (z > 0 ? 1 : Math.exp(z / a)),
    second: (z, _y, a) => (z > 0 ? 0 : Math.exp(z / a) / a),
  },
  selu: {
    value: (z) => SELU_SCALE * (z >= 0 ? z : SELU_ALPHA * Math.expm1(z)),
    derivative: (z) => SELU_SCALE * (z > 0 ? 1 : SELU_ALPHA * Math.exp(z)),
    second: (z) => (z > 0 ? 0 : SELU_SCALE * SELU_ALPHA * Math.exp(z)),
  },
  /** z Phi(z), Phi the normal distribution function; its derivative is Phi(z) + z phi(z). */
  gelu: {
    value: (z) => (z < -40 ? -0 : z * normalDistribution(z)),
    derivative: (z) => {
      const c = clamp(z, 40); // beyond, 0 and 1 to the last bit
      return normalDistribution(c) + (c * Math.exp(-0.5 * c * c)) / Math.sqrt(2 * Math.PI);
    },
    second: (z) => {
      const c = clamp(z, 40);
      return ((2 - c * c) * Math.exp(-0.5 * c * c)) / Math.sqrt(2 * Math.PI);
    },
  },
  /** z (1 + tanh u) / 2 = z sigmoid(2 u), u = sqrt(2 / pi) (z + 0.044715 z^3) */
  geluTanh: {
    value: (z) => (z < -40 ? -0 : z * sigmoid(2 * ROOT_2_OVER_PI * (z + 0.044715 * z * z * z))),
    derivative: (z) => {
      const c = clamp(z, 40);
      const s = sigmoid(2 * ROOT_2_OVER_PI * (c + 0.044715 * c * c * c));
      return s + c * s * (1 - s) * 2 * ROOT_2_OVER_PI * (1 + 3 * 0.044715 * c * c);
    },
    second: (z) => {
      const c = clamp(z, 40);
      const s = sigmoid(2 * ROOT_2_OVER_PI * (c + 0.044715 * c * c * c));
      const slope = 2 * ROOT_2_OVER_PI * (1 + 3 * 0.044715 * c * c);
      const bend = 2 * ROOT_2_OVER_PI * 6 * 0.044715 * c;
      return s * (1 - s) * (2 * slope + c * bend + c * (1 - 2 * s) * slope * slope);
    },
  },
  /** z sigmoid(z) */
  silu: {
    value: (z) => (z < -800 ? -0 : z * sigmoid(z)),
    derivative: (z) => {
      const c = clamp(z, 800);
      const s = sigmoid(c);
      return s + c * s * (1 - s);
    },
    second: (z) => {
      const c = clamp(z, 800);
      const s = sigmoid(c);
      return s * (1 - s) * (2 + c * (1 - 2 * s));
    },
  },
  /** ln(1 + e^z) */
  softplus: { value: softplus, derivative: (z) => sigmoid(z), second: (z) => sigmoid(z) * sigmoid(-z) },
  /** z / (1 + |z|) */
  softsign: {
    value: (z) => (Math.abs(z) === Infinity ? Math.sign(z) : z / (1 + Math.abs(z))),
    derivative: (z) => 1 / ((1 + Math.abs(z)) * (1 + Math.abs(z))),
    second: (z) => (-2 * Math.sign(z)) / (1 + Math.abs(z)) ** 3,
  },
  /** z tanh(ln(1 + e^z)) */
  mish: {
    value: (z) => (z < -800 ? -0 : z * Math.tanh(softplus(z))),
    derivative: (z) => {
      const c = clamp(z, 800);
      const t = Math.tanh(softplus(c));
      return t + c * (1 - t) * (1 + t) * sigmoid(c);
    },
    second: (z) => {
      const c = clamp(z, 800);
      const t = Math.tanh(softplus(c));
      const s = sigmoid(c);
      return (1 - t) * (1 + t) * s * (2 + c * (1 - s - 2 * t * s));
    },
  },
  /** z / 6 + 1 / 2 between 0 and 1 */
  hardSigmoid: {
    value: (z) => Math.min(Math.max(z + 3, 0), 6) / 6,
    derivative: (z) => (z > -3 && z < 3 ? 1 / 6 : 0),
    second: zero,
  },
  /** z hardSigmoid(z); the derivative at -3 and 3 is PyTorch's */
  hardSwish: {
    value: (z) => (Math.min(Math.max(z + 3, 0), 6) / 6) * Math.max(z, -3),
    derivative: (z) => (z < -3 ? 0 : z >= 3 ? 1 : z / 3 + 1 / 2),
    second: (z) => (Math.abs(z) < 3 ? 1 / 3 : 0),
  },
  /** sum over k of c_k z^k */
  polynomial: {
    value: (z, _a, _b, c = square) => c.reduceRight((sum, own) => sum * z + own, 0),
    derivative: (z, _y, _a, _b, c = square) => c.reduceRight((sum, own, k) => (k < 1 ? sum : sum * z + k * own), 0),
    second: (z, _y, _a, _b, c = square) => c.reduceRight((sum, own, k) => (k < 2 ? sum : sum * z + k * (k - 1) * own), 0),
  },
};

/** The rule of an activation that works element by element, with the polynomial's coefficients in it. */
function ruleOf({ name, custom, coefficients }: ResolvedActivation): Rule {
  if (custom !== undefined) {
    const { value, derivative, second = zero } = custom;
    return { value: (z) => value(z), derivative: (z) => derivative(z), second: (z) => second(z) };
  }
  const rule = rules[name as keyof typeof rules];
  if (name !== 'polynomial') return rule;
  return {
    value: (z, a, b) => rule.value(z, a, b, coefficients),
    derivative: (z, y, a, b) => rule.derivative(z, y, a, b, coefficients),
    second: (z, y, a, b) => rule.second(z, y, a, b, coefficients),
  };
}

/** y[rows][width] = f(z[rows][width]). `slopes`: PReLU's, one or `width` of them. */
export function activate(
  f: ResolvedActivation,
  slopes: Values | undefined,
  y: Values,
  z: Values,
  rows: number,
  width: number,
): void {
  if (f.name === 'softmax' || f.name === 'logSoftmax') {
    if (f.name === 'softmax') softmax(y, z, rows, width);
    else logSoftmax(y, z, rows, width);
    return;
  }
  const { value } = ruleOf(f);
  if (slopes !== undefined && slopes.length > 1) {
    for (let i = 0; i < rows; i++) for (let j = 0; j < width; j++) y[i * width + j] = value(z[i * width + j]!, slopes[j]!, 0);
    return;
  }
  const a = slopes === undefined ? f.a : slopes[0]!;
  const { b } = f;
  const count = rows * width;
  for (let k = 0; k < count; k++) y[k] = value(z[k]!, a, b);
}

/** dz = dy f'(z), element by element, or by the row's Jacobian for softmax and logSoftmax. dz may be dy. */
export function activateBackward(
  f: ResolvedActivation,
  slopes: Values | undefined,
  dz: Values,
  dy: Values,
  z: Values,
  y: Values,
  rows: number,
  width: number,
): void {
  if (f.name === 'softmax' || f.name === 'logSoftmax') {
    if (f.name === 'softmax') softmaxBackward(dz, dy, y, rows, width);
    else logSoftmaxBackward(dz, dy, y, rows, width);
    return;
  }
  const { derivative } = ruleOf(f);
  if (slopes !== undefined && slopes.length > 1) {
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < width; j++) {
        const k = i * width + j;
        dz[k] = dy[k]! * derivative(z[k]!, y[k]!, slopes[j]!, 0);
      }
    return;
  }
  const a = slopes === undefined ? f.a : slopes[0]!;
  const { b } = f;
  const count = rows * width;
  for (let k = 0; k < count; k++) dz[k] = dy[k]! * derivative(z[k]!, y[k]!, a, b);
}

/** f''(z) times `factor`, element by element; activations of whole rows have none. */
export function bend(f: ResolvedActivation, factor: ArrayLike<number>, z: Values, y: Values, count: number): Float64Array {
  const { second } = ruleOf(f);
  const out = new Float64Array(count);
  for (let k = 0; k < count; k++) out[k] = factor[k]! * second(z[k]!, y[k]!, f.a, f.b);
  return out;
}

/** d loss / d slope of PReLU, added to `gradient`: the sum of dy z where z <= 0, over the batch or over each column of it. */
export function slopeGradient(gradient: Values, dy: Values, z: Values, rows: number, width: number): void {
  const shared = gradient.length === 1;
  for (let j = 0; j < width; j++) {
    let sum = 0;
    for (let k = j; k < rows * width; k += width) if (!(z[k]! > 0)) sum += dy[k]! * z[k]!;
    gradient[shared ? 0 : j] = gradient[shared ? 0 : j]! + sum;
  }
}

/** y_j = e^z_j / sum e^z, with the largest z taken off first, so that no exponential overflows. */
function softmax(y: Values, z: Values, rows: number, width: number): void {
  for (let i = 0; i < rows; i++) {
    const row = i * width;
    const largest = maximum(z, row, width);
    let sum = 0;
    for (let j = 0; j < width; j++) sum += Math.exp(z[row + j]! - largest);
    for (let j = 0; j < width; j++) y[row + j] = Math.exp(z[row + j]! - largest) / sum;
  }
}

/** dz_j = y_j (dy_j - sum dy y) */
function softmaxBackward(dz: Values, dy: Values, y: Values, rows: number, width: number): void {
  for (let i = 0; i < rows; i++) {
    const row = i * width;
    let dot = 0;
    for (let j = 0; j < width; j++) dot += dy[row + j]! * y[row + j]!;
    for (let j = 0; j < width; j++) dz[row + j] = y[row + j]! * (dy[row + j]! - dot);
  }
}

/** y_j = z_j - ln sum e^z */
function logSoftmax(y: Values, z: Values, rows: number, width: number): void {
  for (let i = 0; i < rows; i++) {
    const row = i * width;
    const largest = maximum(z, row, width);
    const log = Math.log(sumOfExponentials(z, row, width, largest));
    for (let j = 0; j < width; j++) y[row + j] = z[row + j]! - largest - log;
  }
}

/** dz_j = dy_j - e^y_j sum dy */
function logSoftmaxBackward(dz: Values, dy: Values, y: Values, rows: number, width: number): void {
  for (let i = 0; i < rows; i++) {
    const row = i * width;
    let sum = 0;
    for (let j = 0; j < width; j++) sum += dy[row + j]!;
    for (let j = 0; j < width; j++) dz[row + j] = dy[row + j]! - Math.exp(y[row + j]!) * sum;
  }
}

/** The largest of `width` numbers from `row` on; NaN if one is NaN. */
export function maximum(z: Values, row: number, width: number): number {
  let largest = z[row]!;
  for (let j = 1; j < width; j++) largest = Math.max(largest, z[row + j]!);
  return largest;
}

/** sum e^(z - largest) over a row. */
export function sumOfExponentials(z: Values, row: number, width: number, largest: number): number {
  let sum = 0;
  for (let j = 0; j < width; j++) sum += Math.exp(z[row + j]! - largest);
  return sum;
}

function clamp(z: number, limit: number): number {
  return Math.min(Math.max(z, -limit), limit);
}

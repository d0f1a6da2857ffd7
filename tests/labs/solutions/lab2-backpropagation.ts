// Lab 2, solved.

interface Parameters {
  W: number[][];
  b: number[];
}
interface Layer extends Parameters {
  activation: string;
}
interface Passes {
  zetas: number[][];
  alphas: number[][];
}
interface Backward {
  deltas: number[][];
  gradient: Parameters[];
}

export function activate(name: string, zeta: number): number {
  if (name === 'sigmoid') return 1 / (1 + Math.exp(-zeta));
  if (name === 'tanh') return Math.tanh(zeta);
  return name === 'relu' ? Math.max(0, zeta) : zeta;
}

export function derivative(name: string, zeta: number): number {
  const alpha = activate(name, zeta);
  switch (name) {
    case 'identity':
      return 1;
    case 'sigmoid':
      return alpha * (1 - alpha);
    case 'tanh':
      return 1 - alpha * alpha;
    default:
      return zeta > 0 ? 1 : 0;
  }
}

export function forward(layers: Layer[], x: number[]): Passes {
  const zetas: number[][] = [];
  const alphas: number[][] = [];
  let alpha = x;
  for (const { W, b, activation } of layers) {
    const zeta = b.map((bias, j) => alpha.reduce((sum, a, i) => sum + W[i]![j]! * a, bias));
    alpha = zeta.map((z) => activate(activation, z));
    zetas.push(zeta);
    alphas.push(alpha);
  }
  return { zetas, alphas };
}

export function backward(layers: Layer[], x: number[], t: number[]): Backward {
  const { zetas, alphas } = forward(layers, x);
  const deltas: number[][] = layers.map(() => []);
  const gradient: Parameters[] = layers.map(() => ({ W: [], b: [] }));
  const last = layers.length - 1;
  for (let l = last; l >= 0; l--) {
    const { activation, b } = layers[l]!;
    const error = b.map((_, i) => {
      if (l === last) return alphas[l]![i]! - t[i]!;
      let sum = 0;
      for (let j = 0; j < layers[l + 1]!.b.length; j++) {
        sum += layers[l + 1]!.W[i]![j]! * deltas[l + 1]![j]!;
      }
      return sum;
    });
    const delta = error.map((e, i) => e * derivative(activation, zetas[l]![i]!));
    const input = l === 0 ? x : alphas[l - 1]!;
    deltas[l] = delta;
    gradient[l] = { W: input.map((a) => delta.map((d) => a * d)), b: delta.map((d) => d) };
  }
  return { deltas, gradient };
}

export function step(layers: Layer[], x: number[], t: number[], learningRate: number): Layer[] {
  const { gradient } = backward(layers, x, t);
  return layers.map(({ W, b, activation }, l) => ({
    W: W.map((row, i) => row.map((w, j) => w - learningRate * gradient[l]!.W[i]![j]!)),
    b: b.map((w, j) => w - learningRate * gradient[l]!.b[j]!),
    activation,
  }));
}

export function sgd(layers: Layer[], X: number[][], T: number[][], learningRate: number): Layer[] {
  let now = layers;
  for (let i = 0; i < X.length; i++) {
    now = step(now, X[i]!, T[i]!, learningRate);
  }
  return now;
}

// Lab 5, solved.

interface Parameters {
  W: number[][];
  b: number[];
}
interface Layer extends Parameters {
  activation: string;
}
type Gradient = (layers: Layer[], X: number[][], T: number[][]) => Parameters[];
interface Training {
  orders: number[][];
  batchSize: number;
  learningRate: number;
  momentum: number;
  lambda: number;
  gradient: Gradient;
}

export function penalty(layers: Layer[], lambda: number, n: number): number {
  let sum = 0;
  for (const { W } of layers) {
    for (const row of W) {
      for (const w of row) sum += w * w;
    }
  }
  return (lambda / (2 * n)) * sum;
}

export function regularised(gradient: Parameters[], layers: Layer[], lambda: number, n: number): Parameters[] {
  return gradient.map(({ W, b }, l) => ({
    W: W.map((row, i) => row.map((g, j) => g + (lambda / n) * layers[l]!.W[i]![j]!)),
    b: b.map((g) => g),
  }));
}

export function train(layers: Layer[], X: number[][], T: number[][], settings: Training): Layer[] {
  const { orders, batchSize, learningRate, momentum, lambda, gradient } = settings;
  const n = X.length;
  let now = layers;
  let velocity: Parameters[] = layers.map(({ W, b }) => ({ W: W.map((row) => row.map(() => 0)), b: b.map(() => 0) }));
  for (const order of orders) {
    for (let start = 0; start < order.length; start += batchSize) {
      const batch = order.slice(start, start + batchSize);
      const rows = batch.map((i) => X[i]!);
      const targets = batch.map((i) => T[i]!);
      const g = regularised(gradient(now, rows, targets), now, lambda, n);
      velocity = velocity.map(({ W, b }, l) => ({
        W: W.map((row, i) => row.map((v, j) => momentum * v + g[l]!.W[i]![j]!)),
        b: b.map((v, j) => momentum * v + g[l]!.b[j]!),
      }));
      now = now.map(({ W, b, activation }, l) => ({
        W: W.map((row, i) => row.map((w, j) => w - learningRate * velocity[l]!.W[i]![j]!)),
        b: b.map((w, j) => w - learningRate * velocity[l]!.b[j]!),
        activation,
      }));
    }
  }
  return now;
}

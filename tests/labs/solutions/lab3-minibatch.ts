// Lab 3, solved.

interface Parameters {
  W: number[][];
  b: number[];
}
interface Layer extends Parameters {
  activation: string;
}
type Backward = (layers: Layer[], x: number[], t: number[]) => { deltas: number[][]; gradient: Parameters[] };
interface Epoch {
  order: number[];
  batchSize: number;
  learningRate: number;
  backward: Backward;
}

export function batches(order: number[], batchSize: number): number[][] {
  const all: number[][] = [];
  for (let start = 0; start < order.length; start += batchSize) {
    all.push(order.slice(start, start + batchSize));
  }
  return all;
}

export function gradient(layers: Layer[], X: number[][], T: number[][], backward: Backward): Parameters[] {
  const sum: Parameters[] = layers.map(({ W, b }) => ({ W: W.map((row) => row.map(() => 0)), b: b.map(() => 0) }));
  for (let r = 0; r < X.length; r++) {
    const one = backward(layers, X[r]!, T[r]!).gradient;
    for (let l = 0; l < sum.length; l++) {
      const { W, b } = sum[l]!;
      for (let i = 0; i < W.length; i++) for (let j = 0; j < b.length; j++) W[i]![j]! += one[l]!.W[i]![j]!;
      for (let j = 0; j < b.length; j++) b[j]! += one[l]!.b[j]!;
    }
  }
  const m = X.length;
  return sum.map(({ W, b }) => ({ W: W.map((row) => row.map((g) => g / m)), b: b.map((g) => g / m) }));
}

export function epoch(layers: Layer[], X: number[][], T: number[][], settings: Epoch): Layer[] {
  const { order, batchSize, learningRate, backward } = settings;
  let now = layers;
  for (const batch of batches(order, batchSize)) {
    const rows = batch.map((i) => X[i]!);
    const targets = batch.map((i) => T[i]!);
    const g = gradient(now, rows, targets, backward);
    now = now.map(({ W, b, activation }, l) => ({
      W: W.map((row, i) => row.map((w, j) => w - learningRate * g[l]!.W[i]![j]!)),
      b: b.map((w, j) => w - learningRate * g[l]!.b[j]!),
      activation,
    }));
  }
  return now;
}

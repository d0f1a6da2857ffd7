// Lab 4, solved.

interface Parameters {
  W: number[][];
  b: number[];
}
interface Layer extends Parameters {
  activation: string;
}
type Gradient = (layers: Layer[], X: number[][], T: number[][]) => Parameters[];
interface Rates {
  learningRate: number;
  momentum: number;
}
interface Training extends Rates {
  orders: number[][];
  batchSize: number;
  gradient: Gradient;
}

function zip(of: (a: number, b: number) => number, one: Parameters, other: Parameters): Parameters {
  return {
    W: one.W.map((row, i) => row.map((a, j) => of(a, other.W[i]![j]!))),
    b: one.b.map((a, j) => of(a, other.b[j]!)),
  };
}

export function still(layers: Layer[]): Parameters[] {
  return layers.map(({ W, b }) => ({ W: W.map((row) => row.map(() => 0)), b: b.map(() => 0) }));
}

export function momentumStep(layers: Layer[], velocity: Parameters[], gradient: Parameters[], rates: Rates) {
  const { learningRate, momentum } = rates;
  const next = velocity.map((old, l) => zip((v, g) => momentum * v + g, old, gradient[l]!));
  const moved = layers.map((layer, l) => ({
    ...zip((theta, v) => theta - learningRate * v, layer, next[l]!),
    activation: layer.activation,
  }));
  return { layers: moved, velocity: next };
}

export function train(layers: Layer[], X: number[][], T: number[][], settings: Training): Layer[] {
  const { orders, batchSize, learningRate, momentum, gradient } = settings;
  let now = layers;
  let velocity = still(layers);
  for (const order of orders) {
    for (let start = 0; start < order.length; start += batchSize) {
      const batch = order.slice(start, start + batchSize);
      const rows = batch.map((i) => X[i]!);
      const targets = batch.map((i) => T[i]!);
      const g = gradient(now, rows, targets);
      const step = momentumStep(now, velocity, g, { learningRate, momentum });
      now = step.layers;
      velocity = step.velocity;
    }
  }
  return now;
}

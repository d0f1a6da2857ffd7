// Lab 6, solved.

interface Option {
  spot: number;
  strike: number;
  rate: number;
  volatility: number;
  maturity: number;
}
interface Scaler {
  mean: number[];
  scale: number[];
}
interface Scalers {
  x: Scaler;
  y: { mean: number; scale: number };
}
interface Network {
  value: (x: number[]) => number;
  gradient: (x: number[]) => number[];
}
type Price = (row: number[]) => number;
interface Costs {
  rows: number;
  call: number;
  training: number;
  prediction: number;
}

export function monteCarlo({ spot, strike, rate, volatility, maturity }: Option, normals: number[]) {
  const drift = (rate - volatility ** 2 / 2) * maturity;
  const spread = volatility * Math.sqrt(maturity);
  const discount = Math.exp(-rate * maturity);
  const payoff = (z: number) => discount * Math.max(spot * Math.exp(drift + spread * z) - strike, 0);
  const values = normals.map((z) => (payoff(z) + payoff(-z)) / 2);
  const n = values.length;
  const price = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - price) ** 2, 0) / (n - 1);
  return { price, standardError: Math.sqrt(variance / n) };
}

export function fitScaler(X: number[][]): Scaler {
  const mean: number[] = [];
  const scale: number[] = [];
  for (let j = 0; j < X[0]!.length; j++) {
    const column = X.map((row) => row[j]!);
    const center = column.reduce((sum, x) => sum + x, 0) / column.length;
    const variance = column.reduce((sum, x) => sum + (x - center) ** 2, 0) / column.length;
    mean.push(center);
    scale.push(Math.sqrt(variance) || 1);
  }
  return { mean, scale };
}

export function price(network: Network, { x, y }: Scalers, row: number[]): number {
  const scaled = row.map((value, j) => (value - x.mean[j]!) / x.scale[j]!);
  return y.mean + y.scale * network.value(scaled);
}

export function delta(network: Network, { x, y }: Scalers, row: number[]): number {
  const inner = row.map((value, j) => (value - x.mean[j]!) / x.scale[j]!);
  return (y.scale * network.gradient(inner)[0]!) / x.scale[0]!;
}

export function errorsByRows(
  learn: (rows: number[][], prices: number[]) => Price,
  costly: Price,
  X: number[][],
  test: number[][],
  sizes: number[],
): number[] {
  return sizes.map((n) => {
    const rows = X.slice(0, n);
    const proxy = learn(rows, rows.map(costly));
    const off = test.map((row) => proxy(row) - costly(row));
    return Math.sqrt(off.reduce((sum, e) => sum + e * e, 0) / off.length);
  });
}

export function breakEven({ rows, call, training, prediction }: Costs): number {
  if (prediction >= call) return Infinity;
  return Math.ceil((rows * call + training) / (call - prediction));
}

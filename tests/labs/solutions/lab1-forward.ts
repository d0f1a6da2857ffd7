// Lab 1, solved.

interface Layer {
  W: number[][];
  b: number[];
  activation: string;
}
interface Passes {
  zetas: number[][];
  alphas: number[][];
}
interface BatchPasses {
  zetas: number[][][];
  alphas: number[][][];
}

export function activate(name: string, zeta: number): number {
  switch (name) {
    case 'identity':
      return zeta;
    case 'sigmoid':
      return 1 / (1 + Math.exp(-zeta));
    case 'tanh':
      return Math.tanh(zeta);
    case 'relu':
      return Math.max(0, zeta);
  }
  throw new Error('no activation is called ' + name);
}

export function forward(layers: Layer[], x: number[]): Passes {
  const zetas: number[][] = [];
  const alphas: number[][] = [];
  let inputs = x;
  for (const { W, b, activation } of layers) {
    const zeta: number[] = [];
    const alpha: number[] = [];
    for (let j = 0; j < b.length; j++) {
      let sum = 0;
      for (let i = 0; i < inputs.length; i++) {
        sum += W[i]![j]! * inputs[i]!;
      }
      zeta.push(sum + b[j]!);
      alpha.push(activate(activation, zeta[j]!));
    }
    zetas.push(zeta);
    alphas.push(alpha);
    inputs = alpha;
  }
  return { zetas, alphas };
}

export function product(A: number[][], B: number[][]): number[][] {
  const C: number[][] = [];
  for (let i = 0; i < A.length; i++) {
    const row: number[] = [];
    for (let j = 0; j < B[0]!.length; j++) {
      let sum = 0;
      for (let k = 0; k < B.length; k++) sum += A[i]![k]! * B[k]![j]!;
      row.push(sum);
    }
    C.push(row);
  }
  return C;
}

export function forwardBatch(layers: Layer[], X: number[][]): BatchPasses {
  const zetas: number[][][] = [];
  const alphas: number[][][] = [];
  let A = X;
  for (const { W, b, activation } of layers) {
    const Z = product(A, W).map((row) => row.map((value, j) => value + b[j]!));
    A = Z.map((row) => row.map((z) => activate(activation, z)));
    zetas.push(Z);
    alphas.push(A);
  }
  return { zetas, alphas };
}

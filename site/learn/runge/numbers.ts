// The polynomial through points of 1 / (1 + 25 x^2): one neuron on Chebyshev's polynomials as features, in float64, whose weights are solved
// for, not trained. Beside it a network trained on the same points.

import { dense, lbfgs, MLP } from 'feedforward';
import { MLP as PlainMLP } from 'feedforward/baseline';
import { grid } from '../kit/oneLayer';

export const f = (x: number): number => 1 / (1 + 25 * x * x);
export const points = grid(-1, 1, 2000);

export type Nodes = 'equal' | 'chebyshev';
export const nodesOf: Record<Nodes, (degree: number) => number[]> = {
  equal: (n) => grid(-1, 1, n),
  chebyshev: (n) => Array.from({ length: n + 1 }, (_, i) => Math.cos((Math.PI * (i + 0.5)) / (n + 1))),
};

/** T_0 to T_degree at x: features that span all polynomials, with far better numbers than powers. */
function features(x: number, degree: number): number[] {
  const T = [1, x];
  while (T.length <= degree) T.push(2 * x * T.at(-1)! - T.at(-2)!);
  return T.slice(0, degree + 1);
}

/** A w = b by elimination, the largest pivot first. */
function solved(A: readonly (readonly number[])[], b: readonly number[]): number[] {
  const rows = A.map((row, i) => [...row, b[i]!]);
  for (let k = 0; k < rows.length; k++) {
    let largest = k;
    for (let i = k + 1; i < rows.length; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[largest]![k]!)) largest = i;
    [rows[k], rows[largest]] = [rows[largest]!, rows[k]!];
    const pivot = rows[k]!;
    for (const row of rows.slice(k + 1)) {
      const share = row[k]! / pivot[k]!;
      for (let j = k; j < row.length; j++) row[j]! -= share * pivot[j]!;
    }
  }
  const w = new Array<number>(rows.length).fill(0);
  for (let k = rows.length - 1; k >= 0; k--) {
    const row = rows[k]!;
    w[k] = (row.at(-1)! - w.reduce((sum, v, j) => (j > k ? sum + v * row[j]! : sum), 0)) / row[k]!;
  }
  return w;
}

export interface Followed {
  readonly values: readonly number[];
  /** The largest distance from f. */
  readonly error: number;
}
const judged = (values: readonly number[]): Followed => ({
  values,
  error: values.reduce((most, v, i) => Math.max(most, Math.abs(v - f(points[i]!))), 0),
});

/** The polynomial of that degree through f at degree + 1 points. */
export function through(nodes: readonly number[]): Followed {
  const degree = nodes.length - 1;
  const neuron = new PlainMLP({ inputs: degree + 1, layers: [dense(1, { bias: false })] }, { precision: 'float64' });
  const weights = solved(
    nodes.map((x) => features(x, degree)),
    nodes.map(f),
  );
  neuron.parameters()[0]!.set(weights);
  return judged([...neuron.predict(points.map((x) => features(x, degree))).data]);
}

/** A network of as many tanh units as the polynomial has degrees, trained on the same points. */
export function network(nodes: readonly number[]): Followed {
  const layers = [dense(nodes.length - 1, { activation: 'tanh' }), dense(1)];
  const model = new MLP({ inputs: 1, layers, optimizer: lbfgs(), seed: 1 });
  model.fitSync(
    nodes.map((x) => [x]),
    nodes.map((x) => [f(x)]),
    { epochs: 300, reportMetrics: false },
  );
  return judged([...model.predict(points.map((x) => [x])).data]);
}

// One hidden layer whose activation is a polynomial, trained on a wave, beside the best polynomial of the same degree.

import { dense, lbfgs, MLP, polynomial } from 'feedforward';

/** Activations to choose from; the degree of those that are polynomials. */
export const activations = {
  square: { text: '1 + z + z²', degree: 2, layer: () => polynomial([1, 1, 1]) },
  cube: { text: 'z + z³', degree: 3, layer: () => polynomial([0, 1, 0, 1]) },
  tanh: { text: 'tanh z', degree: undefined, layer: () => 'tanh' as const },
};
export type Choice = keyof typeof activations;

export const points = Array.from({ length: 200 }, (_, i) => -1 + (i + 0.5) / 100);
const rows = points.map((x) => [x]);

export interface Fit {
  readonly values: readonly number[];
  /** Root mean square distance from the wave. */
  readonly error: number;
}

export const wave = (turns: number): number[] => points.map((x) => Math.sin(turns * x + 0.6));
const distance = (values: readonly number[], target: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, v, i) => sum + (v - target[i]!) ** 2, 0) / values.length);

/** The best of some starts. */
export function train(choice: Choice, units: number, turns: number, starts: readonly number[]): Fit {
  const target = wave(turns);
  const y = target.map((v) => [v]);
  const fits = starts.map((seed) => {
    const layers = [dense(units, { activation: activations[choice].layer() }), dense(1)];
    const model = new MLP({ inputs: 1, layers, optimizer: lbfgs(), seed });
    model.fitSync(rows, y, { epochs: 200, reportMetrics: false });
    const values = [...model.predict(rows).data];
    return { values, error: distance(values, target) };
  });
  return fits.reduce((best, fit) => (fit.error < best.error ? fit : best));
}

/** The polynomial of that degree that is nearest: least squares, by making the powers orthogonal on the points. */
export function bestPolynomial(degree: number, turns: number): Fit {
  const target = wave(turns);
  const inner = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  const basis: number[][] = [];
  for (let power = 0; power <= degree; power++) {
    let column = points.map((x) => x ** power);
    for (const other of basis) {
      const share = inner(column, other) / inner(other, other);
      column = column.map((v, i) => v - share * other[i]!);
    }
    basis.push(column);
  }
  const values = points.map((_, i) =>
    basis.reduce((sum, column) => sum + (inner(column, target) / inner(column, column)) * column[i]!, 0),
  );
  return { values, error: distance(values, target) };
}

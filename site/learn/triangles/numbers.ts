// A triangle out of three ReLUs: each turns the slope at its own corner.

import { grid, oneLayer, valuesAt } from '../kit/oneLayer';

export interface Triangle {
  /** Where the three corners stand, and how high the middle one is. */
  readonly left: number;
  readonly middle: number;
  readonly right: number;
  readonly height: number;
  /** How many of the units are there, from the left. */
  readonly units: number;
}

export const points = grid(-2, 2, 800);

/** Output weights: by how much the slope turns at each corner. */
export function turns({ left, middle, right, height, units }: Triangle): number[] {
  const [up, down] = [height / (middle - left), height / (right - middle)];
  return [up, -up - down, down].slice(0, units);
}

const network = (triangle: Triangle) => {
  const corners = [triangle.left, triangle.middle, triangle.right].slice(0, triangle.units);
  return oneLayer({
    activation: 'relu',
    weights: corners.map(() => 1),
    biases: corners.map((corner) => -corner),
    outputs: turns(triangle),
  });
};

/** The network, and what each unit adds. */
export function curves(triangle: Triangle): { whole: number[]; parts: number[][] } {
  const model = network(triangle);
  const outputs = turns(triangle);
  const { data } = model.activations(points.map((x) => [x]))[0]!.activations;
  return {
    whole: valuesAt(model, points),
    parts: outputs.map((w, unit) => points.map((_, i) => w * data[i * outputs.length + unit]!)),
  };
}

/** At the corners and half way between them. */
export function heights(triangle: Triangle): number[] {
  const { left, middle, right } = triangle;
  return valuesAt(network(triangle), [left, (left + middle) / 2, middle, (middle + right) / 2, right]);
}

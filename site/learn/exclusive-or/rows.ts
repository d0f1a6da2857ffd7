// The four rows of exclusive or, and the square that pictures show of them.

export const X = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
export const y = [[0], [1], [1], [0]];
export const range = [-0.5, 1.5] as const;

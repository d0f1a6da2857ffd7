// What a student starts lab 3 from.

export const skeleton = `// Lab 3: mini-batch gradient descent.      Check it:  npx feedforward lab 3 FILE
//
// A batch of m rows has the mean cost C = 1/m sum over its rows of C_x, with C_x = 1/2 sum over the outputs of (alpha - t)^2, and so
//
//     dC/dW = 1/m sum over the rows of dC_x/dW        dC/db = 1/m sum over the rows of dC_x/db
//     W = W - gamma dC/dW                             b = b - gamma dC/db
//
// An epoch goes through all rows once, in an order that changes from epoch to epoch, and makes a step for each batch. The last batch may be smaller
// than the others: m is the number of its own rows.
//
// A gradient has the shape of the network: a list of { W, b }, one for each layer. Do not change what you are given.
‹
interface Parameters { W: number[][]; b: number[] }
interface Layer extends Parameters { activation: string }
type Backward = (layers: Layer[], x: number[], t: number[]) => { deltas: number[][]; gradient: Parameters[] };
interface Epoch { order: number[]; batchSize: number; learningRate: number; backward: Backward }
›
/** Cuts an order of rows, such as [2, 0, 3, 1, 4], into batches: [[2, 0], [3, 1], [4]] for a batchSize of 2. */
export function batches(order‹: number[]›, batchSize‹: number›)‹: number[][]› {
  const all‹: number[][]› = [];
  // TODO
  return all;
}

/** The gradient of the mean cost of rows X with targets T. backward(layers, x, t) is that of lab 2: { deltas, gradient } of one row. */
export function gradient(layers‹: Layer[]›, X‹: number[][]›, T‹: number[][]›, backward‹: Backward›)‹: Parameters[]› {
  const sum‹: Parameters[]› = layers.map(({ W, b }) => ({ W: W.map((row) => row.map(() => 0)), b: b.map(() => 0) }));
  // TODO: add up, then divide
  return sum;
}

/** One epoch: a step for each batch of order. Returns new layers, which keep their activation. */
export function epoch(layers‹: Layer[]›, X‹: number[][]›, T‹: number[][]›, { order, batchSize, learningRate, backward }‹: Epoch›)‹: Layer[]› {
  let now = layers;
  for (const batch of batches(order, batchSize)) {
    // TODO: batch holds numbers of rows. Which rows of X and T are they?
  }
  return now;
}
`;

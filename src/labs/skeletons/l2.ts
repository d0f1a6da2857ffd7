// What a student starts lab 5 from.

export const skeleton = `// Lab 5: L2.      Check it:  npx feedforward lab 5 FILE
//
// A penalty keeps weights small. With C0 the mean cost of lab 3 and n the number of all rows (not of a batch),
//
//     C     = C0 + lambda / 2n  times the sum of the squares of all W, of every layer
//     dC/dW = dC0/dW + lambda / n W
//     dC/db = dC0/db                       biases are not penalised
//
// The gradient of the penalty is part of the gradient: the velocity of lab 4 takes it in with the rest.
// (The library's option l2 is lambda / n.)
//
// A gradient has the shape of the network: a list of { W, b }, one for each layer. Do not change what you are given.
‹
interface Parameters { W: number[][]; b: number[] }
interface Layer extends Parameters { activation: string }
type Gradient = (layers: Layer[], X: number[][], T: number[][]) => Parameters[];
interface Training { orders: number[][]; batchSize: number; learningRate: number; momentum: number; lambda: number; gradient: Gradient }
›
/** What L2 adds to the cost. */
export function penalty(layers‹: Layer[]›, lambda‹: number›, n‹: number›)‹: number› {
  let sum = 0;
  // TODO
  return sum;
}

/** The gradient of C from that of C0: a new list. */
export function regularised(gradient‹: Parameters[]›, layers‹: Layer[]›, lambda‹: number›, n‹: number›)‹: Parameters[]› {
  // TODO
  return gradient;
}

/**
 * The training of lab 4 (mini-batches, v = momentum v + dC/dtheta, theta = theta - learningRate v), with the penalty. orders has an order of the rows for
 * each epoch; gradient(layers, X, T) is that of lab 3, without penalty; n is the number of rows of X. Returns the layers at the end.
 */
export function train(layers‹: Layer[]›, X‹: number[][]›, T‹: number[][]›, { orders, batchSize, learningRate, momentum, lambda, gradient }‹: Training›)‹: Layer[]› {
  // TODO
  return layers;
}
`;

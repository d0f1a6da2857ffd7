// What a student starts lab 4 from.

export const skeleton = `// Lab 4: momentum.      Check it:  npx feedforward lab 4 FILE
//
// The heavy ball: a velocity v for every parameter theta, a W or a b,
//
//     v     = beta v + dC/dtheta
//     theta = theta - gamma v
//
// with momentum beta and learning rate gamma. v is 0 before the first step, and lives as long as the training does. Written out, a step goes along
// g(k) + beta g(k-1) + beta^2 g(k-2) + …: where gradients keep their direction it grows to 1 / (1 - beta) times theirs.
// (Other books write v = beta v - gamma g, theta = theta + v, or weigh the gradient by 1 - beta. The steps are related, the velocities differ.)
//
// A gradient and a velocity have the shape of the network: a list of { W, b }, one for each layer. Do not change what you are given.
‹
interface Parameters { W: number[][]; b: number[] }
interface Layer extends Parameters { activation: string }
type Gradient = (layers: Layer[], X: number[][], T: number[][]) => Parameters[];
interface Rates { learningRate: number; momentum: number }
interface Training extends Rates { orders: number[][]; batchSize: number; gradient: Gradient }
›
/** The velocity before the first step. */
export function still(layers‹: Layer[]›)‹: Parameters[]› {
  const velocity‹: Parameters[]› = [];
  // TODO
  return velocity;
}

/** One step: the new velocity, and the new layers (which keep their activation). */
export function momentumStep(layers‹: Layer[]›, velocity‹: Parameters[]›, gradient‹: Parameters[]›, { learningRate, momentum }‹: Rates›) {
  // TODO
  return { layers, velocity };
}

/**
 * A training by mini-batches. orders has an order of the rows for each epoch, such as [[2, 0, 1], [1, 2, 0]] for two; a batch is the next batchSize rows
 * of it, or what is left of them. gradient(layers, X, T) is that of lab 3: the mean over the rows it is given. Returns the layers at the end.
 */
export function train(layers‹: Layer[]›, X‹: number[][]›, T‹: number[][]›, { orders, batchSize, learningRate, momentum, gradient }‹: Training›)‹: Layer[]› {
  // TODO: where is the velocity made?
  return layers;
}
`;

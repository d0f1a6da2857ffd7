// What a student starts lab 2 from.

export const skeleton = `// Lab 2: backpropagation for stochastic gradient descent.      Check it:  npx feedforward lab 2 FILE
//
// The cost of one row with target t is C = 1/2 sum over the outputs of (alpha_j - t_j)^2. With delta_j = dC / d zeta_j, layers 1 to L:
//
//     BP1   delta^L_j = (alpha^L_j - t_j) f'(zeta^L_j)
//     BP2   delta^l_i = (sum over j of W^(l+1)_ij delta^(l+1)_j) f'(zeta^l_i)
//     BP3   dC / db^l_j  = delta^l_j
//     BP4   dC / dW^l_ij = alpha^(l-1)_i delta^l_j          where alpha^0 = x
//
// after Nielsen, Neural Networks and Deep Learning, chapter 2. W is [inputs, outputs], as in the lecture: the sum of BP2 runs over the units j of
// the next layer, along W[i][j]. (In books whose W is [outputs, inputs], BP2 has W transposed.)
//
// Layers are a list, the first one first: layer l of the equations is layers[l - 1]. Do not change what you are given.
‹
interface Parameters { W: number[][]; b: number[] }
interface Layer extends Parameters { activation: string }
interface Passes { zetas: number[][]; alphas: number[][] }
interface Backward { deltas: number[][]; gradient: Parameters[] }
›
/** f(zeta), from lab 1. */
export function activate(name‹: string›, zeta‹: number›)‹: number› {
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

/** f'(zeta), of the same four names. relu has slope 0 at 0. */
export function derivative(name‹: string›, zeta‹: number›)‹: number› {
  switch (name) {
    case 'identity':
      return 1;
    // TODO: the other three
  }
  throw new Error('no activation is called ' + name);
}

/** Net inputs and activations of every layer for one row, from lab 1: zetas[l][j], alphas[l][j]. */
export function forward(layers‹: Layer[]›, x‹: number[]›)‹: Passes› {
  const zetas‹: number[][]› = [];
  const alphas‹: number[][]› = [];
  let alpha = x;
  for (const { W, b, activation } of layers) {
    const zeta = b.map((bias, j) => alpha.reduce((sum, a, i) => sum + W[i][j] * a, bias));
    alpha = zeta.map((z) => activate(activation, z));
    zetas.push(zeta);
    alphas.push(alpha);
  }
  return { zetas, alphas };
}

/**
 * For one row x with target t: deltas[l][j], and the gradient, which has the shape of the network: gradient[l].W[i][j] is dC / dW_ij of
 * layers[l], gradient[l].b[j] is dC / db_j.
 */
export function backward(layers‹: Layer[]›, x‹: number[]›, t‹: number[]›)‹: Backward› {
  const { zetas, alphas } = forward(layers, x);
  const deltas‹: number[][]› = layers.map(() => []);
  const gradient‹: Parameters[]› = layers.map(() => ({ W: [], b: [] }));
  for (let l = layers.length - 1; l >= 0; l--) {
    // TODO: BP1 where l is the last layer, BP2 elsewhere; then BP3 and BP4
  }
  return { deltas, gradient };
}

/** One step of gradient descent: every W and b less learningRate times its gradient, in new layers (which keep their activation). */
export function step(layers‹: Layer[]›, x‹: number[]›, t‹: number[]›, learningRate‹: number›)‹: Layer[]› {
  const { gradient } = backward(layers, x, t);
  // TODO
  return layers;
}

/** Stochastic gradient descent: a step for each row of X and T, in the order they stand in. Returns the layers at the end. */
export function sgd(layers‹: Layer[]›, X‹: number[][]›, T‹: number[][]›, learningRate‹: number›)‹: Layer[]› {
  // TODO
  return layers;
}
`;

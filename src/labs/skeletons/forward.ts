// What a student starts lab 1 from. Types stand between the marks that skeleton.ts takes out.

export const skeleton = `// Lab 1: forward propagation.      Check it:  npx feedforward lab 1 FILE
//
// A layer turns the activations of the layer before (for the first one: the inputs x) into its own:
//
//     zeta_j  = b_j + sum over i of W_ij alpha_i        the net input of unit j
//     alpha_j = f(zeta_j)                               its activation
//
// W is [inputs, outputs], as in the lecture: W[i][j] leads from input i to unit j. For many rows at once, one example a row, this is one product of
// matrices: Z = A W + b, with b added to every row, and A = f(Z). (Books that put an example in a column write W transposed.)
//
// Layers are a list, the first one first. Do not change what you are given: make new lists.
‹
interface Layer { W: number[][]; b: number[]; activation: string }
interface Passes { zetas: number[][]; alphas: number[][] }
interface BatchPasses { zetas: number[][][]; alphas: number[][][] }
›
/** f(zeta) of one number. name: 'identity', 'sigmoid' (1 / (1 + e^-zeta)), 'tanh' or 'relu' (zeta, or 0 where that is negative). */
export function activate(name‹: string›, zeta‹: number›)‹: number› {
  switch (name) {
    case 'identity':
      return zeta;
    // TODO: the other three
  }
  throw new Error('no activation is called ' + name);
}

/** Net inputs and activations of every layer, for one row x: zetas[l][j] and alphas[l][j]. By loops. */
export function forward(layers‹: Layer[]›, x‹: number[]›)‹: Passes› {
  const zetas‹: number[][]› = [];
  const alphas‹: number[][]› = [];
  for (const { W, b, activation } of layers) {
    const zeta‹: number[]› = [];
    const alpha‹: number[]› = [];
    // TODO: a loop over the units j, and within it one over the inputs i. What are the inputs of the second layer?
    zetas.push(zeta);
    alphas.push(alpha);
  }
  return { zetas, alphas };
}

/** The product A B of two matrices, given as lists of rows. */
export function product(A‹: number[][]›, B‹: number[][]›)‹: number[][]› {
  const C‹: number[][]› = [];
  // TODO
  return C;
}

/** As forward, for many rows at once: zetas[l][row][j]. By product, not by forward. */
export function forwardBatch(layers‹: Layer[]›, X‹: number[][]›)‹: BatchPasses› {
  const zetas‹: number[][][]› = [];
  const alphas‹: number[][][]› = [];
  // TODO
  return { zetas, alphas };
}
`;

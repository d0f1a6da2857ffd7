// What a student starts lab 6 from.

export const skeleton = `// Lab 6: a network in place of a costly pricing function.      Check it:  npx feedforward lab 6 FILE
//
// A price by simulation is dear: thousands of paths for one number. A network that has learnt from some of them is cheap, and has a delta besides. How
// far is it off, how many rows does it need, and from how many prices on does it pay, in time and in energy?
//
// The share ends at  S_T = S e^((r - sigma^2 / 2) T + sigma root(T) z),  z standard normal; a call pays max(S_T - K, 0) at T, which is worth e^(-rT) times
// that today. Antithetic: every z comes with -z, and the value of the pair is the mean of the two.
//
// Networks learn better from scaled numbers:  x' = (x - mean) / scale,  column by column, and the same for the price y. A network f maps x' to y'.
//
// When all of it is right, the command runs your functions on a real proxy, and prints what it found.
‹
interface Option { spot: number; strike: number; rate: number; volatility: number; maturity: number }
interface Scaler { mean: number[]; scale: number[] }
interface Scalers { x: Scaler; y: { mean: number; scale: number } }
interface Network { value: (x: number[]) => number; gradient: (x: number[]) => number[] }
type Price = (row: number[]) => number;
interface Costs { rows: number; call: number; training: number; prediction: number }
›
/**
 * A European call by simulation, from given normal numbers, a pair (z, -z) for each. The standard error of a mean of n independent values is the root of
 * their variance (divided by n - 1) over n. Which values are independent here?
 */
export function monteCarlo({ spot, strike, rate, volatility, maturity }‹: Option›, normals‹: number[]›) {
  const price = 0;
  const standardError = 0;
  // TODO
  return { price, standardError };
}

/** Mean and standard deviation (divided by n) of each column of X: { mean: [...], scale: [...] }. The scale of a constant column is 1. */
export function fitScaler(X‹: number[][]›)‹: Scaler› {
  const mean‹: number[]› = [];
  const scale‹: number[]› = [];
  // TODO
  return { mean, scale };
}

/** The price of a row in its own units. scalers.x has a mean and a scale for each column, scalers.y one of each; network.value(x') is y'. */
export function price(network‹: Network›, scalers‹: Scalers›, row‹: number[]›)‹: number› {
  // TODO
  return network.value(row);
}

/** The derivative of that price in the spot, which is column 0, in its own units. network.gradient(x') has dy' / dx' for every column. */
export function delta(network‹: Network›, scalers‹: Scalers›, row‹: number[]›)‹: number› {
  // TODO
  return network.gradient(row)[0];
}

/**
 * Error against rows: for each n of sizes a proxy that has learnt from the first n rows of X and their prices; its root mean squared error on the test
 * rows. costly(row) is the price by the costly function; learn(rows, prices) gives a proxy, a function of a row.
 */
export function errorsByRows(
  learn‹: (rows: number[][], prices: number[]) => Price›,
  costly‹: Price›,
  X‹: number[][]›,
  test‹: number[][]›,
  sizes‹: number[]›,
)‹: number[]› {
  const errors‹: number[]› = [];
  // TODO
  return errors;
}

/**
 * From how many prices on the proxy has cost no more than the costly function would have; Infinity where it never pays. rows: prices it has learnt from;
 * call, prediction: what a price costs by the function and by the proxy; training: what learning costs. All in seconds, or all in joules.
 */
export function breakEven({ rows, call, training, prediction }‹: Costs›)‹: number› {
  // TODO
  return 0;
}
`;

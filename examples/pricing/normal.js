// The standard normal distribution: density, distribution function and its inverse.

/** e^(-x^2/2) / sqrt(2 pi) */
export const density = (x) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

// Hart's rational approximation, as West gives it for double precision, error below 1e-15.
// See: West 2005, Better approximations to cumulative normal functions, Wilmott Magazine.
const TOP = [
  220.206867912376, 221.213596169931, 112.079291497871, 33.912866078383, 6.37396220353165, 0.700383064443688, 0.0352624965998911,
];
const BOTTOM = [
  440.413735824752, 793.826512519948, 637.333633378831, 296.564248779674, 86.7807322029461, 16.064177579207, 1.75566716318264,
  0.0883883476483184,
];

/** The share of the distribution that lies below x. */
export function below(x) {
  const distance = Math.abs(x);
  let tail = 0;
  if (distance < 37) {
    const e = Math.exp(-0.5 * distance * distance);
    if (distance < 7.07106781186547) tail = (e * polynomial(TOP, distance)) / polynomial(BOTTOM, distance);
    else {
      let fraction = distance + 0.65;
      for (let n = 4; n >= 1; n--) fraction = distance + n / fraction;
      tail = e / fraction / 2.506628274631;
    }
  }
  return x > 0 ? 1 - tail : tail;
}

function polynomial(coefficients, x) {
  let value = 0;
  for (let n = coefficients.length - 1; n >= 0; n--) value = value * x + coefficients[n];
  return value;
}

// Elementary functions in float64 made of + - * / and sqrt alone, which IEEE 754 fixes to the last bit.
// Math.exp, log, cos and pow differ between engines in the last place; anything that reaches a weight
// (initial values, schedules, optimizer constants) comes through here instead, so the same seed gives the same
// bits on every engine. Accuracy is a few ulp, which is more than float32 weights can see.

const LN2_HIGH = 6.931471803691238e-1; // ln 2 in two pieces: k * LN2_HIGH is exact for |k| < 2^20
const LN2_LOW = 1.9082149292705877e-10;
const view = new DataView(new ArrayBuffer(8));

/** e^x. Error about 1 ulp; 0 below -745.2, Infinity above 709.8. */
export function exp(x: number): number {
  if (!(Math.abs(x) < 1e4)) return x !== x ? x : x < 0 ? 0 : Infinity;
  if (x > 709.79) return Infinity;
  if (x < -745.2) return 0;
  const k = Math.round(x / Math.LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1; // Taylor by Horner: |r| <= 0.35, so 16 terms reach 2^-56
  for (let n = 16; n >= 1; n--) sum = 1 + (r / n) * sum;
  const half = Math.trunc(k / 2); // two factors, so that subnormal results round once at the end
  return sum * powerOfTwo(half) * powerOfTwo(k - half);
}

/** Natural logarithm. Error about 1 ulp; NaN below 0, -Infinity at 0. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984; // 2^54: lift subnormals
    k = -54;
  }
  view.setFloat64(0, x);
  k += ((view.getUint32(0) >>> 20) & 0x7ff) - 1022;
  view.setUint32(0, (view.getUint32(0) & 0x800fffff) | 0x3fe00000);
  let m = view.getFloat64(0); // in [0.5, 1)
  if (m < Math.SQRT1_2) {
    m *= 2;
    k--;
  }
  // ln(1 + f) = f - (f^2/2 - s (f^2/2 + R(s^2))), s = f / (2 + f), |s| <= 0.172: f is exact and leads the sum.
  // See: fdlibm, e_log.c.
  const f = m - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  let sum = 0;
  for (let n = 23; n >= 3; n -= 2) sum = s2 * (2 / n + sum);
  const half = 0.5 * f * f;
  return k * LN2_HIGH - (half - (s * (half + sum) + k * LN2_LOW) - f);
}

/**
 * base^exponent for base > 0 (and 0^0 = 1, 0^positive = 0); whole exponents by repeated squaring, any base.
 * Error about |exponent| ulp for whole exponents, 2 + 2 |exponent ln base| ulp for others.
 */
export function pow(base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1;
  if (Number.isInteger(exponent) && Math.abs(exponent) <= 2 ** 31) {
    const product = wholePower(base, Math.abs(exponent));
    if (exponent > 0) return product;
    return Math.abs(product) === Infinity ? wholePower(1 / base, -exponent) : 1 / product; // the first may be subnormal
  }
  if (base === 0) return exponent > 0 ? 0 : Infinity;
  return exp(exponent * log(base));
}

function wholePower(base: number, n: number): number {
  let square = base;
  let product = 1;
  for (; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) product *= square;
    square *= square;
  }
  return product;
}

/** Cosine of 2 pi t. Error about 1e-16 absolute; exact at quarter turns. */
export function cosTurn(t: number): number {
  let r = t - Math.floor(t); // in [0, 1)
  if (r > 0.5) r = 1 - r; // cos is even
  if (r === 0.25) return 0;
  return r > 0.25 ? -cosSmall(0.5 - r) : cosSmall(r);
}

/** Sine of 2 pi t. Error about 4e-16 absolute: t - 1/4 is rounded. */
export function sinTurn(t: number): number {
  return cosTurn(t - 0.25);
}

/** cos(2 pi r) for r in [0, 0.25]: Taylor series of cos, or of sin near the quarter turn where cos cancels. */
function cosSmall(r: number): number {
  const nearQuarter = r > 0.125;
  const x = 2 * Math.PI * (nearQuarter ? 0.25 - r : r);
  const x2 = x * x;
  let sum = 1;
  if (nearQuarter) {
    for (let n = 18; n >= 2; n -= 2) sum = 1 - (x2 / (n * (n + 1))) * sum;
    return x * sum;
  }
  for (let n = 19; n >= 1; n -= 2) sum = 1 - (x2 / (n * (n + 1))) * sum;
  return sum;
}

function powerOfTwo(k: number): number {
  view.setUint32(0, (k + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

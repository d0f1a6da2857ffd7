// Special functions of one float64: the error function, the normal distribution, the logistic function and its integral. NaN in, NaN out;
// infinities give the limits. They are built on Math.exp and Math.log1p, so engines may differ in the last bit: nothing that reaches a
// weight of the WebAssembly core uses them (see elementary.ts for what may).

/** 1 / (1 + e^-z), without the exponential of a large positive number. */
export function sigmoid(z: number): number {
  if (z >= 0) return 1 / (1 + Math.exp(-z));
  const e = Math.exp(z);
  return e / (1 + e);
}

/** ln(1 + e^z), which is z to the last bit from about 37 up; no exponential overflows. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** Phi(z), the share of a standard normal distribution that lies below z, accurate in both tails. */
export function normalDistribution(z: number): number {
  return 0.5 * erfc(-z * Math.SQRT1_2);
}

// biome-ignore format: a table of coefficients
const erfTable = {
  centre: [[0.12837916709551256, -0.3250421072470015, -0.02848174957559851, -0.005770270296489442, -2.3763016656650163e-5],
    [1, 0.39791722395915535, 0.0650222499887673, 0.005081306281875766, 0.00013249473800432164, -3.960228278775368e-6]],
  nearOne: [[-0.0023621185607526594, 0.41485611868374833, -0.3722078760357013, 0.31834661990116175, -0.11089469428239668, 0.035478304325618236, -0.002166375594868791],
    [1, 0.10642088040084423, 0.540397917702171, 0.07182865441419627, 0.12617121980876164, 0.01363708391202905, 0.011984499846799107]],
  side: [[-0.009864944034847148, -0.6938585727071818, -10.558626225323291, -62.375332450326006, -162.39666946257347, -184.60509290671104, -81.2874355063066, -9.814329344169145],
    [1, 19.651271667439257, 137.65775414351904, 434.56587747522923, 645.3872717332679, 429.00814002756783, 108.63500554177944, 6.570249770319282, -0.0604244152148581]],
  tail: [[-0.0098649429247001, -0.799283237680523, -17.757954917754752, -160.63638485582192, -637.5664433683896, -1025.0951316110772, -483.5191916086514],
    [1, 30.33806074348246, 325.7925129965739, 1536.729586084437, 3199.8582195085955, 2553.0504064331644, 474.52854120695537, -22.44095244658582]],
} as const;
const ERF_1 = 0.8450629115104675; // erf(1), rounded to 24 bits

/**
 * 1 - erf(x), without the cancellation of that difference for large x. Error a few ulp. See: fdlibm, s_erf.c, whose rational functions these are.
 * With the exponential of elementary.ts in place of the engine's own it has the same bits everywhere.
 */
export function erfc(x: number, exponential: (x: number) => number = Math.exp): number {
  const distance = Math.abs(x);
  if (distance < 0.84375) {
    const x2 = x * x;
    return 1 - (x + x * ratio(erfTable.centre, x2));
  }
  if (distance < 1.25) {
    const p = ratio(erfTable.nearOne, distance - 1);
    return x >= 0 ? 1 - ERF_1 - p : 1 + (ERF_1 + p);
  }
  if (!(distance < 28)) return x !== x ? x : x > 0 ? 0 : 2;
  const p = ratio(distance < 1 / 0.35 ? erfTable.side : erfTable.tail, 1 / (x * x));
  // e^(-x^2) in two factors: the square of the leading 21 bits is exact.
  const lead = Math.round(distance * 65536) / 65536;
  const r = (exponential(-lead * lead - 0.5625) * exponential((lead - distance) * (lead + distance) + p)) / distance;
  return x > 0 ? r : 2 - r;
}

/** The error function, odd to the bit, near 0 without the cancellation of 1 - erfc(x). */
export function erf(x: number): number {
  return Math.abs(x) < 0.84375 ? x + x * ratio(erfTable.centre, x * x) : Math.sign(x) * (1 - erfc(Math.abs(x)));
}

/** The quotient of two polynomials, coefficients from the constant up. */
function ratio([top, bottom]: readonly [readonly number[], readonly number[]], x: number): number {
  let above = 0;
  for (let n = top.length - 1; n >= 0; n--) above = above * x + top[n]!;
  let below = 0;
  for (let n = bottom.length - 1; n >= 0; n--) below = below * x + bottom[n]!;
  return above / below;
}

/** The probability that a chi-square variable of `freedom` degrees exceeds x. See: Press et al., Numerical Recipes, 6.2. */
export function chiSquareAbove(x: number, freedom: number): number {
  return x <= 0 ? 1 : gammaAbove(freedom / 2, x / 2);
}

/** Q(a, x), the share of the gamma distribution of shape a above x: by its series up to a + 1, by its continued fraction from there. */
function gammaAbove(a: number, x: number): number {
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a];
    for (let n = 1; n < 10_000 && term > sum * 1e-16; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - sum * scale);
  }
  // Lentz's method.
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < 10_000; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b);
    c = b + numerator / c;
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return value * scale;
}

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Gamma(a) for a > 0 (Lanczos, g = 7, nine terms): 15 digits. */
function logGamma(a: number): number {
  if (a < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * a)) - logGamma(1 - a);
  const z = a - 1;
  const t = z + 7.5;
  const sum = lanczos.reduce((total, coefficient, i) => (i === 0 ? coefficient : total + coefficient / (z + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

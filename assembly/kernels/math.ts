// Elementary functions on four lanes: exp, expm1, log, log1p, tanh, sigmoid, erf, and the products that activations
// are made of (x times a sigmoid, and so on), each with its tails right. No tables, no branches, no data segment.
// All arithmetic rounds product and sum separately, so both binaries give the same bits. NaN stays NaN: pmin and pmax
// return their first argument when either is NaN, so the variable always comes first.
//
// Bounds are in units in the last place of the correctly rounded result, subnormals included, and hold for every float
// (checked over all 2^32; tests/core-math.test.ts sweeps some millions). The polynomials are minimax fits with
// float32 coefficients.
// See: Muller, Elementary Functions, 3rd ed., ch. 3 (fits) and 11 (argument reduction);
// https://www.netlib.org/fdlibm/ (s_expm1.c, s_log1p.c, s_erf.c); https://stackoverflow.com/a/39714493 (log1p by the
// exponent); https://stackoverflow.com/a/35148199 (erf through one exponential).

import { mulAdd, select } from './lanes';

const SIGN: i32 = 0x80000000;
const LOG2_E: f32 = 1.44269504;
// ln 2 in two pieces. The first has 15 bits, so n * LN2_HIGH is exact for |n| < 512, and so is x - n * LN2_HIGH.
const LN2_HIGH: f32 = 0.693145751953125;
const LN2_LOW: f32 = 1.428606765330187e-6;
// Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low mantissa bits; a bias on top makes them an exponent.
const ROUND: f32 = 12582912;
const ROUND_BIASED: f32 = ROUND + 127; // the low bits shifted left by 23 are the float 2^n, -127 < n < 128
const ROUND_TWICE: f32 = ROUND + 254; // half of them are 2^floor(n / 2): see lowPower

/** x where low <= x <= high, else the nearer bound. */
function clamp(x: v128, low: f32, high: f32): v128 {
  return f32x4.pmin(f32x4.pmax(x, f32x4.splat(low)), f32x4.splat(high));
}

/** -|x|. */
function negativeAbs(x: v128): v128 {
  return v128.or(x, i32x4.splat(SIGN));
}

/** y with the sign of x, for y >= 0. */
function withSign(y: v128, x: v128): v128 {
  return v128.or(y, v128.and(x, i32x4.splat(SIGN)));
}

/** e^r - 1 for r = high - low, |r| <= 0.36, |low| << |high| or both small: r + r^2 q(r), summed so that `high` rounds once. */
function expm1Near0(high: v128, low: v128): v128 {
  const r = f32x4.sub(high, low);
  let q = f32x4.splat(0.00138209877);
  q = mulAdd(q, r, f32x4.splat(0.00836867001));
  q = mulAdd(q, r, f32x4.splat(0.0416682623));
  q = mulAdd(q, r, f32x4.splat(0.166665211));
  q = mulAdd(q, r, f32x4.splat(0.49999994));
  return f32x4.add(high, f32x4.sub(f32x4.mul(f32x4.mul(r, r), q), low));
}

/** n = round(x / ln 2), still with `round` added: the bits hold n, the value minus `round` is n. */
function shiftedPower(x: v128, round: f32): v128 {
  return mulAdd(x, f32x4.splat(LOG2_E), f32x4.splat(round));
}

/** e^(x - n ln 2) - 1. */
function expm1Rest(x: v128, n: v128): v128 {
  return expm1Near0(f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH))), f32x4.mul(n, f32x4.splat(LN2_LOW)));
}

// 2^n as 2^floor(n/2) * 2^ceil(n/2), from shiftedPower(x, ROUND_TWICE): each factor is a normal float for |n| <= 250, and
// multiplying by the second one last rounds a subnormal result once.

function lowPower(shifted: v128): v128 {
  return i32x4.shl(i32x4.shr_u(shifted, 1), 23);
}

function highPower(shifted: v128): v128 {
  return i32x4.shl(i32x4.sub(shifted, i32x4.shr_u(shifted, 1)), 23);
}

/** 1 / highPower. */
function inverseHighPower(shifted: v128): v128 {
  return i32x4.shl(i32x4.sub(i32x4.splat(254), i32x4.sub(shifted, i32x4.shr_u(shifted, 1))), 23);
}

/** e^x. Error <= 0.89 ulp, gradual underflow; 0 below -103.98, Infinity above 88.72. */
export function exp(x: v128): v128 {
  const bounded = clamp(x, -120, 120);
  const shifted = shiftedPower(bounded, ROUND_TWICE);
  const fraction = expm1Rest(bounded, f32x4.sub(shifted, f32x4.splat(ROUND_TWICE)));
  const scaled = f32x4.mul(f32x4.add(fraction, f32x4.splat(1)), lowPower(shifted));
  return f32x4.mul(scaled, highPower(shifted));
}

/** e^x - 1. Error <= 1.6 ulp; -0 stays. */
export function expm1(x: v128): v128 {
  const bounded = clamp(x, -30, 89);
  const shifted = shiftedPower(bounded, ROUND_BIASED - 1); // half of 2^n, which is finite even for the largest n
  const fraction = expm1Rest(bounded, f32x4.sub(shifted, f32x4.splat(ROUND_BIASED - 1)));
  const half = i32x4.shl(shifted, 23);
  const y = mulAdd(half, fraction, f32x4.sub(half, f32x4.splat(0.5)));
  const tiny = f32x4.lt(f32x4.abs(x), f32x4.splat(5.9604645e-8)); // 2^-24: half a subnormal would not be exact
  return select(tiny, x, f32x4.add(y, y));
}

/** k ln 2 + log(1 + m), -0.25 <= m < 0.5. */
function logSum(k: v128, m: v128): v128 {
  let q = f32x4.splat(-0.0450756811);
  q = mulAdd(q, m, f32x4.splat(0.104648851));
  q = mulAdd(q, m, f32x4.splat(-0.131629914));
  q = mulAdd(q, m, f32x4.splat(0.144786566));
  q = mulAdd(q, m, f32x4.splat(-0.166471153));
  q = mulAdd(q, m, f32x4.splat(0.199908137));
  q = mulAdd(q, m, f32x4.splat(-0.250001013));
  q = mulAdd(q, m, f32x4.splat(0.333334506));
  const m2 = f32x4.mul(m, m);
  const curve = f32x4.sub(f32x4.mul(f32x4.mul(m2, m), q), f32x4.mul(m2, f32x4.splat(0.5)));
  const low = mulAdd(k, f32x4.splat(LN2_LOW), curve);
  return mulAdd(k, f32x4.splat(LN2_HIGH), f32x4.add(m, low));
}

/** The exponent k, as k << 23, that brings x * 2^-k into [0.75, 1.5). */
function exponentBits(x: v128): v128 {
  return v128.and(i32x4.sub(x, i32x4.splat(0x3f400000)), i32x4.splat(0xff800000));
}

function exponentOf(bits: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(bits), f32x4.splat(1.1920928955078125e-7)); // 2^-23
}

/** y where 0 < x < Infinity; -Infinity at 0, NaN below, Infinity and NaN as they came. */
function logLimits(y: v128, x: v128): v128 {
  const inner = select(f32x4.lt(x, f32x4.splat(Infinity)), y, x);
  const outer = select(f32x4.eq(x, f32x4.splat(0)), f32x4.splat(-Infinity), f32x4.splat(NaN));
  return select(f32x4.le(x, f32x4.splat(0)), outer, inner);
}

/** Natural logarithm. Error <= 0.91 ulp, subnormals included; -Infinity at 0, NaN below. */
export function log(x: v128): v128 {
  const subnormal = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const lifted = f32x4.mul(x, select(subnormal, f32x4.splat(8388608), f32x4.splat(1))); // times 2^23
  const bits = exponentBits(lifted);
  const k = f32x4.sub(exponentOf(bits), v128.and(subnormal, f32x4.splat(23)));
  const m = f32x4.sub(i32x4.sub(lifted, bits), f32x4.splat(1));
  return logLimits(logSum(k, m), x);
}

/** log(1 + x) for finite x > -1. */
function log1pInside(x: v128): v128 {
  const bits = exponentBits(f32x4.add(x, f32x4.splat(1)));
  // m = x 2^-k + (2^-k - 1), never through the rounded 1 + x. 4 * 2^-k stays a normal float for every k.
  const power = i32x4.sub(i32x4.splat(0x40800000), bits);
  const m = f32x4.add(i32x4.sub(x, bits), mulAdd(power, f32x4.splat(0.25), f32x4.splat(-1)));
  return logSum(exponentOf(bits), m);
}

/** log(1 + x). Error <= 0.92 ulp; -0 stays; -Infinity at -1, NaN below. */
export function log1p(x: v128): v128 {
  const y = log1pInside(x);
  const signed = select(f32x4.eq(x, f32x4.splat(0)), x, y);
  const inner = select(f32x4.lt(x, f32x4.splat(Infinity)), signed, x);
  const outer = select(f32x4.eq(x, f32x4.splat(-1)), f32x4.splat(-Infinity), f32x4.splat(NaN));
  return select(f32x4.le(x, f32x4.splat(-1)), outer, inner);
}

/** Hyperbolic tangent. Error <= 1.9 ulp; exactly +-1 from 9.02 on; -0 stays. */
export function tanh(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), f32x4.splat(10));
  const shifted = mulAdd(a, f32x4.splat(2 * LOG2_E), f32x4.splat(ROUND_BIASED));
  const fraction = expm1Rest(f32x4.add(a, a), f32x4.sub(shifted, f32x4.splat(ROUND_BIASED)));
  const power = i32x4.shl(shifted, 23);
  const product = f32x4.mul(power, fraction);
  const denominator = f32x4.add(product, f32x4.add(power, f32x4.splat(1))); // e^2a + 1
  const e = f32x4.add(product, f32x4.sub(power, f32x4.splat(1))); // e^2a - 1
  // tanh a = 1 - 2 / (e + 2), and near 0, where that cancels, e / (e + 2) = e / 2 - (e^2 / 2) / (e + 2).
  const half = f32x4.mul(e, f32x4.splat(0.5));
  const small = f32x4.lt(a, f32x4.splat(0.5));
  const correction = f32x4.div(select(small, f32x4.mul(half, e), f32x4.splat(2)), denominator);
  return withSign(f32x4.sub(select(small, half, f32x4.splat(1)), correction), x);
}

// sigmoid(x) = 1 / (1 + e^-x). With e^-x = low * high * (1 + fraction) the quotient is
// (1 / high) / (low * fraction + (low + 1 / high)): one rounding for the whole denominator, and no overflow before the end.

/** 1 / (1 + e^-x). Error <= 1.7 ulp, gradual underflow. */
export function sigmoid(x: v128): v128 {
  const exponent = clamp(f32x4.neg(x), -120, 120);
  const shifted = shiftedPower(exponent, ROUND_TWICE);
  const fraction = expm1Rest(exponent, f32x4.sub(shifted, f32x4.splat(ROUND_TWICE)));
  const low = lowPower(shifted);
  const inverse = inverseHighPower(shifted);
  // Where 1 / high is about 2^-24 of low their sum would round badly: there it joins the small summand.
  const early = v128.and(inverse, f32x4.lt(x, f32x4.splat(-8)));
  const late = f32x4.sub(inverse, early);
  return f32x4.div(inverse, f32x4.add(mulAdd(low, fraction, early), f32x4.add(low, late)));
}

/** x / (1 + e^-x) from the pieces of e^-x. */
function overOnePlus(x: v128, fraction: v128, shifted: v128): v128 {
  const low = lowPower(shifted);
  const inverse = inverseHighPower(shifted);
  return f32x4.mul(f32x4.div(x, mulAdd(low, fraction, f32x4.add(low, inverse))), inverse);
}

/** x sigmoid(x). Error <= 2.3 ulp; -0 at -Infinity. */
export function silu(x: v128): v128 {
  const above = f32x4.pmax(x, f32x4.splat(-120));
  const exponent = f32x4.neg(f32x4.pmin(above, f32x4.splat(120)));
  const shifted = shiftedPower(exponent, ROUND_TWICE);
  const fraction = expm1Rest(exponent, f32x4.sub(shifted, f32x4.splat(ROUND_TWICE)));
  return overOnePlus(above, fraction, shifted);
}

const GELU_C1: f64 = 1.5957691216057308; // 2 sqrt(2 / pi)
const GELU_C3: f64 = 0.07135481627260025; // 0.044715 times that

const ROUND_TWICE_WIDE: f64 = 6755399441055744 + 254; // the same trick in float64: 1.5 * 2^52

/** -2 sqrt(2/pi) (x + 0.044715 x^3) for two lanes in float64: in float32 its rounding would be 50 ulp in the tail. */
function geluExponent(x: v128): v128 {
  const cubic = f64x2.add(f64x2.mul(f64x2.mul(x, x), f64x2.splat(-GELU_C3)), f64x2.splat(-GELU_C1));
  return f64x2.mul(x, cubic);
}

function shiftedPowerWide(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, f64x2.splat(1.4426950408889634)), f64x2.splat(ROUND_TWICE_WIDE));
}

/** x - n ln 2, as two float32. */
function restWide(x: v128, shifted: v128): v128 {
  const n = f64x2.sub(shifted, f64x2.splat(ROUND_TWICE_WIDE));
  return f32x4.demote_f64x2_zero(f64x2.sub(x, f64x2.mul(n, f64x2.splat(0.6931471805599453))));
}

/** x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2. Error <= 2.5 ulp; -0 at -Infinity. */
export function geluTanh(x: v128): v128 {
  const above = f32x4.pmax(x, f32x4.splat(-12));
  const bounded = f32x4.pmin(above, f32x4.splat(12));
  const first = geluExponent(f64x2.promote_low_f32x4(bounded));
  const second = geluExponent(f64x2.promote_low_f32x4(i64x2.shuffle(bounded, bounded, 1, 0)));
  const firstShifted = shiftedPowerWide(first);
  const secondShifted = shiftedPowerWide(second);
  const rest = i64x2.shuffle(restWide(first, firstShifted), restWide(second, secondShifted), 0, 2);
  const shifted = i32x4.shuffle(firstShifted, secondShifted, 0, 2, 4, 6);
  return overOnePlus(above, expm1Near0(rest, f32x4.splat(0)), shifted);
}

/** x (1 + erf(x / sqrt 2)) / 2. Error <= 2.5 ulp. */
export function gelu(x: v128): v128 {
  // gelu(x) = max(x, 0) + g, g = gelu(-a), a = |x|; g = -a Q(a), Q the upper tail of the normal distribution,
  // Q(a) = e^(-a^2 / 2 + L(a)) / (2 + 2 a). L lies in [-0.23, 0] and joins the exponent, so that its error hardly counts.
  const c = f32x4.pmax(negativeAbs(x), f32x4.splat(-15)); // g underflows from 14.3 on
  const a = f32x4.neg(c);
  let numerator = f32x4.splat(-0.00386835635);
  numerator = mulAdd(numerator, a, f32x4.splat(-0.0144646997));
  numerator = mulAdd(numerator, a, f32x4.splat(-0.0209881626));
  numerator = mulAdd(numerator, a, f32x4.splat(0.0686945021));
  numerator = mulAdd(numerator, a, f32x4.splat(0.202115268));
  let denominator = f32x4.splat(0.017132422);
  denominator = mulAdd(denominator, a, f32x4.splat(0.139938489));
  denominator = mulAdd(denominator, a, f32x4.splat(0.598981857));
  denominator = mulAdd(denominator, a, f32x4.splat(1.44240081));
  denominator = mulAdd(denominator, a, f32x4.splat(1.91474867));
  denominator = mulAdd(denominator, a, f32x4.splat(1));
  const logarithm = f32x4.div(f32x4.mul(numerator, a), denominator);
  // c^2 = coarse^2 + (c - coarse)(c + coarse): the first is exact when coarse has 12 bits.
  const coarse = v128.and(c, i32x4.splat(0xfffff000));
  const high = f32x4.mul(f32x4.mul(coarse, coarse), f32x4.splat(-0.5));
  const rest = f32x4.mul(f32x4.mul(f32x4.sub(c, coarse), f32x4.add(c, coarse)), f32x4.splat(-0.5));
  const low = f32x4.add(rest, logarithm);
  const shifted = shiftedPower(f32x4.add(high, low), ROUND_TWICE);
  const n = f32x4.sub(shifted, f32x4.splat(ROUND_TWICE));
  const fraction = expm1Near0(
    f32x4.sub(high, f32x4.mul(n, f32x4.splat(LN2_HIGH))),
    f32x4.sub(f32x4.mul(n, f32x4.splat(LN2_LOW)), low),
  );
  const quotient = f32x4.div(f32x4.mul(c, f32x4.splat(0.5)), f32x4.sub(f32x4.splat(1), c));
  const scaled = f32x4.mul(quotient, lowPower(shifted));
  const g = f32x4.mul(mulAdd(scaled, fraction, scaled), highPower(shifted));
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), g);
}

/** The upper tail of the normal distribution over e^(-a^2 / 2), for 0 <= a <= 15. Relative error <= 5e-7. */
export function millsRatio(a: v128): v128 {
  let numerator = f32x4.splat(0.0041190139);
  numerator = mulAdd(numerator, a, f32x4.splat(0.0406670198));
  numerator = mulAdd(numerator, a, f32x4.splat(0.183358833));
  numerator = mulAdd(numerator, a, f32x4.splat(0.438498467));
  numerator = mulAdd(numerator, a, f32x4.splat(0.5));
  let denominator = f32x4.splat(0.0103247222);
  denominator = mulAdd(denominator, a, f32x4.splat(0.101943366));
  denominator = mulAdd(denominator, a, f32x4.splat(0.46979019));
  denominator = mulAdd(denominator, a, f32x4.splat(1.20307577));
  denominator = mulAdd(denominator, a, f32x4.splat(1.67488182));
  denominator = mulAdd(denominator, a, f32x4.splat(1));
  return f32x4.div(numerator, denominator);
}

/** log(1 + e^x). Error <= 1.6 ulp, gradual underflow. */
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.pmax(x, f32x4.splat(0)), log1pInside(exp(negativeAbs(x))));
}

/** x tanh(log(1 + e^x)). Error <= 3.3 ulp; -0 at -Infinity. */
export function mish(x: v128): v128 {
  const c = f32x4.pmax(negativeAbs(x), f32x4.splat(-120));
  const shifted = shiftedPower(c, ROUND_TWICE);
  const fraction = expm1Rest(c, f32x4.sub(shifted, f32x4.splat(ROUND_TWICE)));
  const scaled = f32x4.mul(f32x4.add(fraction, f32x4.splat(1)), lowPower(shifted));
  const high = highPower(shifted);
  const e = f32x4.mul(scaled, high); // e^-|x|
  // tanh(log(1 + e^x)) = 1 - 2 e^2 / (1 + 2 e + 2 e^2) for x >= 0, e (1 - (e + e^2) / (2 + 2 e + e^2)) for x < 0.
  const negative = f32x4.lt(x, f32x4.splat(0));
  const e2 = f32x4.mul(e, e);
  const numerator = f32x4.add(e2, select(negative, e, e2));
  const denominator = f32x4.add(numerator, f32x4.add(f32x4.add(e, f32x4.splat(1)), select(negative, f32x4.splat(1), e)));
  const factor = f32x4.sub(f32x4.splat(1), f32x4.div(numerator, denominator));
  // For x < 0 the result is x e factor; e's second power of two comes last, for the tail.
  const product = f32x4.mul(select(negative, f32x4.mul(c, scaled), x), factor);
  return f32x4.mul(product, select(negative, high, f32x4.splat(1)));
}

/** The error function. Error <= 1.3 ulp; exactly +-1 from 3.92 on; -0 stays. */
export function erf(x: v128): v128 {
  const a = f32x4.pmin(f32x4.abs(x), f32x4.splat(4));
  const square = f32x4.mul(a, a);
  let p = f32x4.splat(-0.000611841155);
  p = mulAdd(p, square, f32x4.splat(0.00501540489));
  p = mulAdd(p, square, f32x4.splat(-0.0267796423));
  p = mulAdd(p, square, f32x4.splat(0.112821057));
  p = mulAdd(p, square, f32x4.splat(-0.376125127));
  p = mulAdd(p, square, f32x4.splat(0.128379151));
  const inner = mulAdd(a, p, a);
  let q = f32x4.splat(0.000165563397); // 1 - e^q
  q = mulAdd(q, a, f32x4.splat(-0.00277039735));
  q = mulAdd(q, a, f32x4.splat(0.0212369841));
  q = mulAdd(q, a, f32x4.splat(-0.102071822));
  q = mulAdd(q, a, f32x4.splat(-0.639092803));
  q = mulAdd(q, a, f32x4.splat(-1.12665653));
  q = mulAdd(q, a, f32x4.splat(-0.000416508672));
  const outer = f32x4.sub(f32x4.splat(1), exp(q));
  return withSign(select(f32x4.lt(a, f32x4.splat(0.88)), inner, outer), x);
}
